r"""Continuous tokens: patches, standardised by the training data.

.. math::  z = (x - m) V / s

x a patch of d = C p^2 numbers, m the mean of the training patches over images and places. Without
whitening V = 1 and s is the deviation of each number. With it V has the principal components of the
patches in its columns, ordered by variance, and s is the deviation along each: the training tokens
have the covariance 1. Neighbouring pixels are nearly equal, so that nine tenths of the variance of
a patch lie in one direction; whitening gives all directions the same weight in a loss.

A direction in which the data hardly varies is not blown up to that weight: s is at least ``floor``
times the root mean square of all deviations. Whatever the floor, decoding is the exact inverse, but
for the final clip to [-1, 1].
"""

from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from harness.problem import Problem
from harness.tokens.form import Form
from harness.tokens.tokeniser import Tokeniser


@final
class Patches(Tokeniser):
    """Tokens float32 [N, T, d] of patch x patch pixels; whiten, floor: as above."""

    def __init__(self, patch: int = 2, whiten: bool = False, floor: float = 0.01) -> None:
        super().__init__(patch)
        if not 0 < floor < 1:
            fix = "give a share of the mean deviation between 0 and 1"
            raise Problem("patches as tokens", f"floor={floor}", fix)
        self.whiten, self.floor = whiten, floor

    def _form(self, length: int, numbers: int) -> Form:
        return Form(length, numbers)

    def _learn(self, patches: NDArray[np.float64], generator: np.random.Generator) -> None:
        self._mean = patches.mean(0)
        off = patches - self._mean
        self._turn = np.eye(len(self._mean))
        variance = np.square(off).mean(0)
        if self.whiten:
            values, vectors = np.linalg.eigh(off.T @ off / len(off))
            variance, turn = values[::-1].clip(min=0), vectors[:, ::-1]
            # The sign of a component is free; take its largest entry as positive everywhere.
            largest = np.abs(turn).argmax(0)
            self._turn = turn * np.sign(turn[largest, np.arange(len(largest))])
        overall = float(np.sqrt(variance.mean()))
        if overall == 0:
            raise Problem("standardised patches", "patches that are all alike", "give more images")
        self._scale = np.maximum(np.sqrt(variance), self.floor * overall)

    def _tokens(self, patches: NDArray[np.float64]) -> NDArray[np.float32]:
        return ((patches - self._mean) @ self._turn / self._scale).astype(np.float32)

    def _patches(self, tokens: NDArray[Any]) -> NDArray[np.float64]:
        return (tokens * self._scale) @ self._turn.T + self._mean

    def _learned(self) -> dict[str, NDArray[Any]]:
        return {"mean": self._mean, "turn": self._turn, "scale": self._scale}

    def _sizes(self, form: Form) -> dict[str, tuple[int, ...]]:
        d = form.size
        return {"mean": (d,), "turn": (d, d), "scale": (d,)}

    def _recall(self, state: dict[str, NDArray[Any]]) -> None:
        self._mean, self._turn, self._scale = state["mean"], state["turn"], state["scale"]
