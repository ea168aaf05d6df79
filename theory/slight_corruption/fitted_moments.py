"""The law of a class's fitted mean and covariance, and the expectations that the theorems need.

A class is N(mu, I) in R^d; from n of its samples the network learns the mean muh and the biased
covariance Sh. By Fisher and Cochran the two are independent, ``sqrt(n) muh ~ N(sqrt(n) mu, I)`` and
``n Sh ~ W_d(n - 1, I)``, and rotating the class changes nothing but the direction of mu. Hence

    |muh|^2 ~ chi'^2_d(n |mu|^2) / n,                  E |muh|^2 = |mu|^2 + d/n,
    E f(Sh) traced: theory.slight_corruption.wishart,  E tr Sh = d (n - 1)/n,
    1/(muh' Sh^-1 muh / |muh|^2) ~ chi^2_{n-d} / n,    independent of |muh|.

The last is a property of every Wishart matrix and makes Hotelling's T^2 an F. Sh has full rank for
n > d and not otherwise; ``E tr Sh^(-1/2)`` is finite for n > d + 1 (its density near 0 is that of
``x^((n-d-2)/2)``).

*A resolvent as a continued fraction (derived here).* The theorems need u' (Sh + s)^-1 u for a unit
vector u independent of Sh, at many s. Rotations that fix u bring W to B B', B lower bidiagonal with
``B_kk^2 ~ chi^2_{nu-k+1}``, ``B_{k+1,k}^2 ~ chi^2_{d-k}``, all independent (Dumitriu and Edelman
2002, J. Math. Phys. 43:5830), u becoming the first axis. Taking its inverse by blocks, g_k(s) the
corner of (W_k + s)^-1 for the block that starts at k,

    g_k = 1 / (s + B_kk^2 / (1 + B_{k+1,k}^2 g_{k+1})),       g_{d+1} = 0,

which costs d divisions a draw and a value of s, without a matrix, and has no cancellation.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from theory.law import Law
from theory.slight_corruption.wishart import Spectrum, spectrum

Array = npt.NDArray[np.float64]

LONGEST = 1e5  # mean length in standard deviations: beyond, densities lose their digits
MARGIN = 10.0  # standard deviations of a length, beyond which 1e-22 is left
PANELS, ORDER = 24, 16
CHUNK = 1 << 19  # numbers in a block of draws


def lengths(d: int, shift: float) -> tuple[Array, Array]:
    """Nodes x [m] and weights [m] of ``|Y|^2`` for Y ~ N(m, I) in R^d, |m| = shift.

    The weights sum to 1; expectations of functions that are smooth in |Y| are exact to rounding.
    Raises ValueError for a shift above 1e5.
    """
    if shift > LONGEST:
        raise ValueError(
            f"asked for the length of a normal vector of mean length {shift:g} deviations; "
            f"got one above {LONGEST:.0e}, where its density has lost its digits; give a shorter "
            "mean or fewer samples"
        )
    centre = math.hypot(shift, math.sqrt(d))
    low, high = max(0.0, centre - MARGIN), centre + MARGIN
    edges = np.linspace(low, high, PANELS + 1)
    if low == 0:
        edges = np.concatenate([[0.0], edges[1] * 2.0 ** np.arange(-24, 1), edges[2:]])
    z, w = np.polynomial.legendre.leggauss(ORDER)
    half = np.diff(edges)[:, None] / 2  # [panels, 1]
    y = (edges[:-1, None] + half * (1 + z)).ravel()  # [m]
    law = stats.chi2(d) if shift == 0 else stats.ncx2(d, shift**2)
    weights = law.pdf(y**2) * 2 * y * (half * w).ravel()
    kept = weights > 1e-22
    return y[kept] ** 2, weights[kept]


@final
@dataclass(frozen=True)
class Fit:
    """n samples of N(mu, I) in R^d, norm = |mu|; n > d, so that the covariance has full rank."""

    d: int
    n: int
    norm: float

    def __post_init__(self) -> None:
        if self.n <= self.d:
            raise ValueError(
                f"asked for the fit of a class in {self.d} dimensions; got n={self.n} samples, "
                "whose covariance is singular; give n > d"
            )

    @property
    def mean_square(self) -> float:
        """``E |muh|^2 = |mu|^2 + d/n``."""
        return self.norm**2 + self.d / self.n

    @cached_property
    def eigenvalues(self) -> Spectrum:
        """The mean density of the eigenvalues of Sh."""
        x, weights = spectrum(self.d, self.n - 1)
        kept = weights > 1e-60  # smaller ones near 0 count in a negative power
        return Spectrum(x[kept] / self.n, weights[kept])

    @cached_property
    def squares(self) -> tuple[Array, Array]:
        """Nodes and weights [m] of ``|muh|^2``."""
        x, weights = lengths(self.d, math.sqrt(self.n) * self.norm)
        return x / self.n, weights

    @cached_property
    def mahalanobis(self) -> tuple[Array, Array]:
        """Nodes and weights [m] of ``muh' Sh^-1 muh``."""
        q, over_q = self.squares
        x, over_x = lengths(self.n - self.d, 0.0)
        ratios = np.divide.outer(q, x / self.n).ravel()
        return ratios, np.multiply.outer(over_q, over_x).ravel()

    @cached_property
    def inverse_root(self) -> float:
        """``E tr Sh^(-1/2) / d``, above 1; infinite at n = d + 1."""
        if self.n == self.d + 1:
            return math.inf
        x, _ = found = self.eigenvalues
        return found.expect(x**-0.5) / self.d

    @cached_property
    def inverse_root_cubed(self) -> float:
        """``E tr Sh^(-3/2) / d``; infinite for n <= d + 3."""
        if self.n <= self.d + 3:
            return math.inf
        x, _ = found = self.eigenvalues
        return found.expect(x**-1.5) / self.d

    def entropy(self) -> float:
        """``E 1/2 log det(2 pi e Sh)`` in nats (Wishart's digammas)."""
        digammas = special.digamma((self.n - 1 - np.arange(self.d)) / 2).sum()
        return 0.5 * float(self.d * math.log(4 * math.pi * math.e / self.n) + digammas)

    def clean(self) -> float:
        """``E W2^2(N(mu, I), N(muh, Sh))``: the error of the network without corruption."""
        x, _ = found = self.eigenvalues
        return self.d / self.n + found.expect((np.sqrt(x) - 1) ** 2)


def fit_of(law: Law, d: int, n: int, norm: float, spare: int = 1) -> Fit:
    """The fit behind a law; a ValueError of the law for n < d + spare."""
    if n < d + spare:
        why = "singular" if n <= d else "too near to singular for a finite expectation"
        fix = "give n > d" if spare == 1 else f"give n > d + {spare - 1}"
        raise law.refuse(f"n={n} samples in d={d} dimensions, whose covariance is {why}", fix)
    return Fit(d, n, norm)


def resolvents(d: int, nu: int, s: Array, draws: int, generator: np.random.Generator) -> Array:
    """``u' (W + s)^-1 u`` [draws, k] at s [k] >= 0, W ~ W_d(nu, I), u a unit vector."""
    found = np.empty((draws, len(s)))
    rows = max(1, CHUNK // len(s))
    for start in range(0, draws, rows):
        block = found[start : start + rows]
        diagonal = generator.chisquare(nu - np.arange(d), (len(block), d))
        below = generator.chisquare(np.arange(d - 1, 0, -1), (len(block), d - 1))
        g = 1 / (s + diagonal[:, -1:])
        for k in range(d - 2, -1, -1):
            g = 1 / (s + diagonal[:, k, None] / (1 + below[:, k, None] * g))
        block[:] = g
    return found
