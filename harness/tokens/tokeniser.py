"""A tokeniser: what turns images into tokens and tokens into images again.

It is fitted on training images alone. What it learns is a few arrays (``state``), which lie beside
the weights of the model that was trained on its tokens. Images are float32 [N, C, H, W] in [-1, 1].
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.problem import Problem
from harness.tokens.cut import paste, patches_of
from harness.tokens.form import LOST, Form


class Tokeniser(ABC):
    """A tokeniser of square patches of so many pixels; shape: (C, H, W) of images, once fitted."""

    shape: tuple[int, int, int] | None = None

    def __init__(self, patch: int) -> None:
        self.patch = patch

    @property
    def form(self) -> Form:
        """Of its tokens; a :class:`Problem` before it is fitted."""
        channels, height, width = self._fitted()
        numbers = channels * self.patch**2
        return self._form((height // self.patch) * (width // self.patch), numbers)

    def fit(self, images: NDArray[Any], generator: np.random.Generator) -> None:
        """Learn from training images; draws nothing but from the generator."""
        patches = patches_of(images, self.patch)
        self._learn(patches.reshape(-1, patches.shape[-1]), generator)
        self.shape = images.shape[1:]

    def encode(self, images: NDArray[Any]) -> NDArray[Any]:
        """Tokens of images: float32 [N, T, d], or codes int64 [N, T]."""
        shape = self._fitted()
        if images.shape[1:] != shape:
            got = f"an array {list(images.shape)}"
            raise Problem(f"images [N, {', '.join(map(str, shape))}]", got, "fit it on such images")
        return self._tokens(patches_of(images, self.patch))

    def decode(self, tokens: NDArray[Any]) -> NDArray[np.float32]:
        """Images of tokens, clipped to [-1, 1]; NaN where a diverged model drew them, NaN or
        ``LOST``."""
        shape, lost = self._fitted(), tokens == LOST
        if self.form.discrete:
            tokens = np.where(lost, 0, tokens)
        self.form.check(tokens)
        patches = self._patches(tokens)
        if self.form.discrete:
            patches[lost] = np.nan
        images = paste(patches, shape, self.patch)
        return images.clip(-1, 1).astype(np.float32)

    def error(self, images: NDArray[Any]) -> float:
        """The mean squared error, a pixel, of images that are encoded and decoded."""
        return float(np.square(self.decode(self.encode(images)) - images, dtype=np.float64).mean())

    def state(self) -> dict[str, NDArray[Any]]:
        """What it has learned, as arrays by name."""
        return {"shape": np.array(self._fitted()), **self._learned()}

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Be as the one, of the same parameters, that gave this state."""
        shape = tuple(int(side) for side in state.get("shape", ()))
        if len(shape) != 3:
            raise Problem("the state of a tokeniser", f"only {sorted(state)}", "fit it anew")
        self.shape = (shape[0], shape[1], shape[2])
        due = self._sizes(self.form)
        got = {name: state[name].shape for name in due if name in state}
        if got != due:
            self.shape = None
            fix = "give the parameters that it was fitted with"
            raise Problem(f"a tokeniser's state {due}", str(got), fix)
        self._recall(state)

    def _fitted(self) -> tuple[int, int, int]:
        if self.shape is None:
            raise Problem("tokens", "a tokeniser that has seen no images", "fit or restore it")
        return self.shape

    @abstractmethod
    def _form(self, length: int, numbers: int) -> Form:
        """Of T = length patches of so many numbers."""

    @abstractmethod
    def _learn(self, patches: NDArray[np.float64], generator: np.random.Generator) -> None:
        """From training patches [n, C p p]."""

    @abstractmethod
    def _tokens(self, patches: NDArray[np.float64]) -> NDArray[Any]:
        """Of patches [N, T, C p p]."""

    @abstractmethod
    def _patches(self, tokens: NDArray[Any]) -> NDArray[np.float64]:
        """Patches [N, T, C p p] of tokens."""

    @abstractmethod
    def _learned(self) -> dict[str, NDArray[Any]]:
        """Its arrays by name."""

    @abstractmethod
    def _sizes(self, form: Form) -> dict[str, tuple[int, ...]]:
        """The shapes of its arrays."""

    @abstractmethod
    def _recall(self, state: dict[str, NDArray[Any]]) -> None:
        """Take its arrays."""
