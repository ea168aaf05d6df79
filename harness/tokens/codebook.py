"""Discrete tokens: the nearest of k patches, which k-means has found among the training patches.

A codebook of vector quantisation without an encoder before it: what it quantises are the patches
themselves, so the continuous tokens "before quantisation" are those of ``patches``, and tokens that
are continuous but hold no more than the codes do are ``patches`` of its decoded images. No model of
codes can be nearer to the images than their reconstruction is: ``error``, and any distance between
images and their reconstruction, are the ceiling of all that is trained on it.
"""

from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from harness.problem import Problem
from harness.tokens.form import Form
from harness.tokens.kmeans import lloyd, nearest, start
from harness.tokens.tokeniser import Tokeniser


@final
class Codebook(Tokeniser):
    """Tokens int64 [N, T] of patch x patch pixels.

    codes: k; steps: of k-means at most; limit: the training patches that it looks at, which are
    drawn at random where there are more.
    """

    def __init__(
        self, patch: int = 2, codes: int = 256, steps: int = 50, limit: int = 50_000
    ) -> None:
        super().__init__(patch)
        if codes < 2 or steps < 1 or limit < codes:
            fix = "give 2 codes or more, a step or more, and a patch or more for each code"
            raise Problem("a codebook", f"codes={codes}, steps={steps}, limit={limit}", fix)
        self.codes, self.steps, self.limit = codes, steps, limit

    def _form(self, length: int, numbers: int) -> Form:
        return Form(length, self.codes, discrete=True)

    def _learn(self, patches: NDArray[np.float64], generator: np.random.Generator) -> None:
        if len(patches) < self.codes:
            fix = "ask for fewer codes, or give more images"
            raise Problem(f"{self.codes} codes", f"{len(patches)} patches", fix)
        if len(patches) > self.limit:
            patches = patches[generator.choice(len(patches), self.limit, replace=False)]
        self._centres = lloyd(patches, start(patches, self.codes, generator), self.steps)

    def _tokens(self, patches: NDArray[np.float64]) -> NDArray[np.int64]:
        labels, _ = nearest(patches.reshape(-1, patches.shape[-1]), self._centres)
        return labels.reshape(patches.shape[:2])

    def _patches(self, tokens: NDArray[Any]) -> NDArray[np.float64]:
        return self._centres[tokens]

    def _learned(self) -> dict[str, NDArray[Any]]:
        return {"centres": self._centres}

    def _sizes(self, form: Form) -> dict[str, tuple[int, ...]]:
        assert self.shape is not None
        return {"centres": (self.codes, self.shape[0] * self.patch**2)}

    def _recall(self, state: dict[str, NDArray[Any]]) -> None:
        self._centres = state["centres"]
