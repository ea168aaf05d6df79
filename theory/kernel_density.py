"""Gaussian kernel estimates of many data sets at once, and their exact total variation.

The optimum of denoising score matching on samples W_1..W_n is the score of the kernel estimate

    p^_sigma(x) = 1/n sum_i phi_sigma(x - W_i)              (Daras et al. 2025, equation 4.1).

Its distance from a density p_sigma is an integral of ``|f|``, ``f = p_sigma - p^_sigma``, with one
kink for every crossing, over thousands of kernels per point and hundreds of data sets. Two steps
keep that both exact and fast.

*Kernels* (a fast Gauss transform with Hermite expansions, Greengard and Strain 1991). The line is
cut into bins of width sigma/2. Within a bin with centre c, ``d = (W - c) / sigma``, |d| <= 1/4,

    phi_sigma(x - W) = 1/sigma sum_k d^k / k! He_k(z) phi(z),          z = (x - c) / sigma,

so that a bin's samples enter through ``sum d^k / k!``, k < 15, alone. As |He_k| phi <= sqrt(k!),
what is left out is at most 4^-15 / sqrt(15!) = 1e-15 of a kernel's height. Kernels further than
9 sigma away count for less than 3e-18 and are left out. Derivatives of f cost nothing more: the
j-th one has He_{k+j} in place of He_k.

*Kinks.* On cells of width h = sigma/8, f is replaced by the quintic with the same f, f', f'' at
both ends. Its error is at most h^6 / 46080 max |f^(6)|, a relative 2e-9 (max |He_6 phi| = 6.0
against max phi = 0.4). The quintic is integrated exactly between its sign changes, found by
bisection between five points of each cell, so that ``1/2 int |f|`` has a relative error of about
1e-8, far below the sampling error of any mean.
"""

import math
from dataclasses import dataclass
from typing import final

import numpy as np

Array = np.ndarray
ORDERS = 15  # terms of the expansion within a bin
PER_BIN = 4  # cells in a bin: sigma/2 = 4 (sigma/8)
BLOCK = 16  # bins in a block
REACH = 18  # bins to each side that are heard: 9 sigma


def _hermite_functions(z: Array, count: int) -> Array:
    """He_k(z) phi(z) for k < count, as [count, ...]."""
    rows = [np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)]
    rows.append(z * rows[0])
    for k in range(1, count - 1):
        rows.append(z * rows[k] - k * rows[k - 1])
    return np.stack(rows[:count])


def _heard() -> Array:
    """f, h f', h^2 f'' at a block's cell ends from the coefficients of the bins around it.

    [bins * ORDERS, 3 * (cells + 1)] in units sigma = 1, h = 1/8, bins from REACH before the block
    to REACH after it.
    """
    ends = np.arange(BLOCK * PER_BIN + 1) / (2 * PER_BIN)  # x / sigma, from the first bin's edge
    centres = (np.arange(-REACH, BLOCK + REACH) + 0.5) / 2
    h = _hermite_functions(ends - centres[:, None], ORDERS + 2)  # [k, bins, ends]
    parts = [(-1 / (2 * PER_BIN)) ** j * h[j : j + ORDERS] for j in range(3)]
    return np.stack(parts, 2).transpose(1, 0, 2, 3).reshape(len(centres) * ORDERS, -1)


_HEARD = _heard()
# monomial coefficients [6] of the quintic on [0, 1] from (f0, f0', f0'', f1, f1', f1'')
_QUINTIC = np.linalg.inv(
    np.array(
        [
            [1, 0, 0, 0, 0, 0],
            [0, 1, 0, 0, 0, 0],
            [0, 0, 2, 0, 0, 0],
            [1, 1, 1, 1, 1, 1],
            [0, 1, 2, 3, 4, 5],
            [0, 0, 2, 6, 12, 20],
        ],
        float,
    )
)
_POINTS = np.linspace(0, 1, 5)
_VALUE = _POINTS[:, None] ** np.arange(6)  # [5, 6]
_PRIMITIVE = _POINTS[:, None] ** np.arange(1, 7) / np.arange(1, 7)  # [5, 6]


@final
@dataclass(frozen=True, eq=False)
class Lattice:
    """Bins of width sigma/2 from ``left``, in ``blocks`` of 16, that cover all that matters."""

    left: float
    sigma: float
    blocks: int

    @classmethod
    def over(cls, low: float, high: float, sigma: float) -> "Lattice":
        """The lattice that covers [low - 9 sigma, high + 9 sigma]."""
        left = low - 9 * sigma
        return cls(left, sigma, math.ceil((high + 9 * sigma - left) / (BLOCK * sigma / 2)))

    @property
    def cell(self) -> float:
        """The width of a cell, sigma / 8."""
        return self.sigma / (2 * PER_BIN)

    @property
    def numbers(self) -> int:
        """How many coefficients a data set has."""
        return (self.blocks * BLOCK + 2 * REACH) * ORDERS

    def ends(self, block: int) -> Array:
        """The cell ends of a block [cells + 1]."""
        return self.left + self.cell * (BLOCK * PER_BIN * block + np.arange(BLOCK * PER_BIN + 1))

    def coefficients(self, samples: Array) -> Array:
        """The sums of d^k / k! over each bin's samples [datasets, n], [datasets, bins, ORDERS].

        The bins are the lattice's own with REACH empty ones at both ends.
        """
        datasets, bins = len(samples), self.blocks * BLOCK + 2 * REACH
        place = (samples - self.left) / self.sigma  # in sigma
        bin_ = np.floor(2 * place).astype(np.int64)
        if bin_.min() < 0 or bin_.max() >= self.blocks * BLOCK:
            raise ValueError(
                f"asked for a kernel estimate of samples from {samples.min()} to {samples.max()}; "
                f"got a lattice from {self.left} that does not cover them; widen it"
            )
        d = (place - 0.5 * bin_ - 0.25).ravel()
        index = (bin_ + REACH + bins * np.arange(datasets)[:, None]).ravel()
        power, rows = np.ones(d.size), np.empty((ORDERS, datasets * bins))
        for k in range(ORDERS):
            rows[k] = np.bincount(index, power, datasets * bins)
            power *= d / (k + 1)
        return np.ascontiguousarray(rows.T).reshape(datasets, bins, ORDERS)

    def estimate(self, coefficients: Array, block: int) -> Array:
        """sum_i phi_sigma(x - W_i) at a block's cell ends, with two derivatives.

        [datasets, 3, cells + 1]: the sum, h times its first and h^2 times its second derivative, h
        the width of a cell.
        """
        near = coefficients[:, block * BLOCK : (block + 1) * BLOCK + 2 * REACH]
        heard = near.reshape(len(near), -1) @ _HEARD / self.sigma
        return heard.reshape(len(near), 3, -1)


def half_absolute_integral(f: Array, width: float) -> Array:
    """``1/2 int |f|`` [datasets] over cells of a width, from f, h f', h^2 f'' at their ends.

    ``f`` is [datasets, 3, cells + 1] with h the width of a cell.
    """
    ends = np.concatenate([f[:, :, :-1], f[:, :, 1:]], 1)  # [datasets, 6, cells]
    quintic = np.einsum("ij,djc->dci", _QUINTIC, ends)  # [datasets, cells, 6]
    value, primitive = quintic @ _VALUE.T, quintic @ _PRIMITIVE.T  # [datasets, cells, 5]
    total = np.abs(np.diff(primitive)).sum((1, 2))  # [datasets]
    flips = np.nonzero(value[..., :-1] * value[..., 1:] < 0)
    dataset, cell, point = flips
    curve = quintic[dataset, cell]  # [flips, 6]
    left, right, rising = _POINTS[point], _POINTS[point + 1], value[flips] < 0
    for _ in range(20):  # an error e in the crossing enters as its square
        middle = (left + right) / 2
        beyond = (_horner(curve, middle) > 0) == rising
        left, right = np.where(beyond, left, middle), np.where(beyond, middle, right)
    at = (left + right) / 2
    turn = at * _horner(curve / np.arange(1, 7), at)  # the primitive at the crossing
    before, after = primitive[flips], primitive[dataset, cell, point + 1]
    more = np.abs(turn - before) + np.abs(after - turn) - np.abs(after - before)
    return 0.5 * width * (total + np.bincount(dataset, more, len(f)))


def _horner(coefficients: Array, x: Array) -> Array:
    value = coefficients[:, -1]
    for k in range(coefficients.shape[1] - 2, -1, -1):
        value = value * x + coefficients[:, k]
    return value
