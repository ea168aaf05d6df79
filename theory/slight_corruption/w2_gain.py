"""How much nearer to its class corrupted conditions bring the output: Theorem 2, exactly.

Class N(mu, I) in R^d, fit (muh, Sh) from n samples, long horizon. The gain is

    G(gamma) = E [W2^2(P, Q) - W2^2(P, Q_gamma)],   P = N(mu, I), Q = N(muh, Sh),
    Q_gamma = N((1 - kappa) muh, S),   S = Sh + kappa muh muh'  (printed lemma: + kappa |muh|^2 I),

a mean part plus a variance part. As ``W2^2(N(m, S), N(mu, I)) = |m - mu|^2 + tr (S^1/2 - I)^2``,

    mean part       d/n - (d/n)(1 - kappa)^2 - kappa^2 |mu|^2
    variance part   E [2 tr(S^1/2 - Sh^1/2) - tr(S - Sh)].

The mean part is a shrinkage as of James and Stein: 2 kappa d/n to first order, whatever mu.

*The variance part without matrices (derived here).* With ``sqrt(x) = (2/pi) int_0^inf x/(x + t^2)
dt``, ``det(Sh + t^2 + kappa muh muh') = det(Sh + t^2) (1 + kappa muh' (Sh + t^2)^-1 muh)`` and
one integration by parts in t,

    tr((Sh + kappa muh muh')^1/2 - Sh^1/2) = (1/pi) int_0^inf log(1 + x(t)) dt,
    x(t) = kappa muh' (Sh + t^2)^-1 muh.

Its term of first order in kappa is ``kappa/2 muh' Sh^-1/2 muh``, whose expectation is exact
(``theory.slight_corruption.fitted_moments``), so that with s = E tr Sh^-1/2 / d

    G = c1 kappa - kappa^2 E|muh|^2 - C(kappa),      c1 = 2 d/n + E|muh|^2 (s - 1),
    C(kappa) = (2/pi) E int_0^inf (x - log(1 + x)) dt >= 0.                                  (*)

Three consequences.

1. *G is strictly concave in kappa*, 0 at 0, with the slope c1 > 0 (s > 1 by Jensen). A little
   corruption always helps; there is one best gamma, and at most one at which the gain is 0 again.
2. *Bounds.* ``0 <= x - log(1 + x) <= x^2/2``; ``(u' R u)^2 <= u' R^2 u`` for a unit vector u; and
   ``int dt/(lam + t^2)^2 = pi/(4 lam^3/2)``, so that with s3 = E tr Sh^-3/2 / d

       c1 kappa - kappa^2 (E|muh|^2 + s3 E|muh|^4 / 4) <= G <= c1 kappa - kappa^2 E|muh|^2.

   The gain is negative once kappa > c1/E|muh|^2. As c1 = O(d/n), "slight" is a condition.
3. *Large n*, d and m = |mu|^2 fixed: ``G = c1 gamma^2 - (m + m^2/4) gamma^4``.

Only C is drawn here: x(t) for all t from one draw of the continued fraction of ``resolvents``, the
same draws at every gamma. The integral is one of an analytic function under t = (1 + z)/(1 - z),
Gauss-Legendre in z. For n <= d + 2 the drawn part would have an infinite variance (for n = d + 1 c1
and C are infinite, though G is not), and log(1 + x) is drawn in place of x - log(1 + x). For d = 1
both lemmas agree, and G is an integral over the laws of muh and Sh, without draws; in any dimension
so is the gain that the printed lemma would give.

*Printed* (Theorem 2, with the constants that end its proof), for gamma = O(1/sqrt n):

    G >= 2 d gamma^2/n + gamma^2 (sqrt(n/(n-1)) - 1)(d^2/n + d |mu|^2) - o(gamma^4 d).

``printed`` is it without its last term; void is gamma > 1/sqrt(n), the constant of the O taken as
one. ``theory.slight_corruption.w2_slope`` compares the slopes.
"""

import math
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from theory.law import Law, Params, Value
from theory.parameter import integer, nonnegative
from theory.slight_corruption.fitted_moments import Fit, fit_of, resolvents
from theory.slight_corruption.linear_network import CORRUPTION, kappa

Array = npt.NDArray[np.float64]

POINTS = 40  # of the integral over t


def first_slope(fit: Fit) -> float:
    """c1, the derivative of the gain in gamma^2 at 0; infinite for n = d + 1."""
    return 2 * fit.d / fit.n + fit.mean_square * (fit.inverse_root - 1)


def mean_part(fit: Fit, k: float) -> float:
    """``d/n - (d/n)(1 - k)^2 - k^2 |mu|^2`` at k = kappa."""
    return fit.d / fit.n * k * (2 - k) - k**2 * fit.norm**2


def printed_bound(fit: Fit, gamma: float) -> float:
    """The printed lower bound without its o(gamma^4 d)."""
    d, n = fit.d, fit.n
    excess = math.expm1(-0.5 * math.log1p(-1 / n))  # sqrt(n/(n-1)) - 1
    return gamma**2 * (2 * d / n + excess * (d**2 / n + d * fit.norm**2))


def at_most(fit: Fit, k: float) -> float:
    """``c1 k - k^2 E|muh|^2``, above the gain."""
    return first_slope(fit) * k - k**2 * fit.mean_square


def curvature_bound(fit: Fit) -> float:
    """``E|muh|^2 + E|muh|^4 E tr Sh^(-3/2) / (4 d)``; infinite for n <= d + 3."""
    fourth = fit.mean_square**2 + (2 * fit.d + 4 * fit.n * fit.norm**2) / fit.n**2
    return fit.mean_square + fourth * fit.inverse_root_cubed / 4


def lemma_gain(fit: Fit, k: float) -> float:
    """The gain of the printed lemma at k = kappa, exactly; for d = 1 the true one."""
    q, over = fit.squares
    x, density = fit.eigenvalues
    added = k * q[:, None]  # [q, 1]
    roots = 2 * added / (np.sqrt(x + added) + np.sqrt(x))  # 2 (sqrt(x + a) - sqrt(x)), [q, x]
    return mean_part(fit, k) + float(over @ roots @ density) - k * fit.d * fit.mean_square


def lemma_slope(fit: Fit, k: float) -> float:
    """The derivative in kappa of ``lemma_gain``."""
    q, over = fit.squares
    x, density = fit.eigenvalues
    roots = q[:, None] / np.sqrt(x + k * q[:, None])  # [q, x]
    mean = 2 * fit.d / fit.n * (1 - k) - 2 * k * fit.norm**2
    return mean + float(over @ roots @ density) - fit.d * fit.mean_square


@final
@dataclass(frozen=True, eq=False)
class Draws:
    """Common draws behind the gain at every kappa.

    loads: ``muh' (Sh + t^2)^-1 muh`` [draws, points]; weights: of the integral over t [points].
    """

    fit: Fit
    loads: Array
    weights: Array

    @classmethod
    def of(cls, fit: Fit, draws: int, generator: np.random.Generator) -> "Draws":
        """Independent fits, two at least, each reduced to its resolvent at the nodes."""
        z, w = np.polynomial.legendre.leggauss(POINTS)
        t = (1 + z) / (1 - z)
        squares = generator.noncentral_chisquare(fit.d, fit.n * fit.norm**2, draws)
        loads = squares[:, None] * resolvents(fit.d, fit.n - 1, fit.n * t**2, draws, generator)
        return cls(fit, loads, 2 * w / (1 - z) ** 2)

    @property
    def linear(self) -> float:
        """s where the linear term is taken exactly, 0 where it is drawn with the rest."""
        return self.fit.inverse_root if self.fit.n > self.fit.d + 2 else 0.0

    def _expect(self, values: Array) -> Value:
        """``(2/pi) E int values dt`` of values [draws, points], with its standard error."""
        drawn = values @ self.weights * (2 / math.pi)
        return Value(float(drawn.mean()), float(drawn.std(ddof=1)) / math.sqrt(len(drawn)))

    def variance_part(self, k: float) -> Value:
        """``E [2 tr(S^1/2 - Sh^1/2) - tr(S - Sh)]`` with its standard error."""
        x = k * self.loads
        drawn = self._expect(np.log1p(x) - x if self.linear else np.log1p(x))
        exact = k * self.fit.mean_square * (self.linear - 1)
        return Value(exact + drawn.value, drawn.standard_error)

    def gain(self, k: float) -> Value:
        """G at k = kappa with its standard error."""
        part = self.variance_part(k)
        return Value(mean_part(self.fit, k) + part.value, part.standard_error)

    def slope(self, k: float) -> Value:
        """dG/dkappa with its standard error."""
        rate = self.loads / (1 + k * self.loads)
        drawn = self._expect(rate - self.loads if self.linear else rate)
        d, n, m = self.fit.d, self.fit.n, self.fit.norm**2
        exact = 2 * d / n * (1 - k) - 2 * k * m + self.fit.mean_square * (self.linear - 1)
        return Value(exact + drawn.value, drawn.standard_error)

    def curvature(self, k: float) -> float:
        """d^2G/dkappa^2, below 0."""
        drawn = self._expect((self.loads / (1 + k * self.loads)) ** 2)
        return -2 * self.fit.mean_square - drawn.value


def _beside(fit: Fit, gamma: float) -> dict[str, Value]:
    """What both laws show beside the gain."""
    k, m = kappa(gamma), fit.norm**2
    values = {"clean": Value(fit.clean()), "mean_part": Value(mean_part(fit, k))}
    if math.isfinite(slope := first_slope(fit)):
        values["at_most"] = Value(at_most(fit, k))
        values["second_order"] = Value(slope * gamma**2 - (m + m**2 / 4) * gamma**4)
    if math.isfinite(bend := curvature_bound(fit)):
        values["at_least"] = Value(slope * k - k**2 * bend)
    return values


STATEMENT = (
    "E [W2^2(P, Q) - W2^2(P, Q_gamma)] >= 2 d gamma^2/n "
    "+ gamma^2 (sqrt(n/(n-1)) - 1)(d^2/n + d |mu|^2) - o(gamma^4 d)"
)
SOURCE = f"{CORRUPTION}, Theorem 2 with the constants of its proof, appendix A.4.2"
UNIT = "data units squared"
FIT = {
    "n": integer("samples of the class", least=2),
    "norm": nonnegative("length |mu| of the class mean"),
}


@final
class W2GainLine(Law):
    """The gain on the line, by quadrature; parameters gamma, n, norm."""

    name = "slight_corruption.w2_gain_line"
    statement = f"d = 1: {STATEMENT}"
    source = SOURCE
    unit = UNIT
    parameters: ClassVar = {"gamma": nonnegative("corruption of the condition"), **FIT}
    example: ClassVar = {"gamma": 0.1, "n": 50, "norm": 1.0}

    def _read(self, params: Params) -> tuple[float, Fit]:
        gamma, n, norm = self.read(params)
        return gamma, Fit(1, n, norm)

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        gamma, fit = self._read(params)
        return Value(lemma_gain(fit, kappa(gamma)))

    def printed(self, params: Params) -> Value | None:
        gamma, fit = self._read(params)
        return Value(printed_bound(fit, gamma))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        gamma, fit = self._read(params)
        k = kappa(gamma)
        part = lemma_gain(fit, k) - mean_part(fit, k)
        return {**_beside(fit, gamma), "variance_part": Value(part)}

    def void(self, params: Params) -> bool:
        gamma, fit = self._read(params)
        return gamma > 1 / math.sqrt(fit.n)


@final
class W2Gain(Law):
    """The gain in any dimension, the curvature drawn; parameters gamma, d, n, norm, draws.

    Sharper: ``printed_lemma`` is the gain with the printed covariance, exactly.
    """

    name = "slight_corruption.w2_gain"
    statement = STATEMENT
    source = SOURCE
    unit = UNIT
    tier = "tolerance"
    parameters: ClassVar = {
        "gamma": nonnegative("corruption of the condition"),
        "d": integer("dimension of the data"),
        **FIT,
        "draws": integer("independent fits", least=2, default=20000),
    }
    example: ClassVar = {"gamma": 0.1, "d": 8, "n": 50, "norm": 1.0, "draws": 1000}

    def _read(self, params: Params) -> tuple[float, Fit, int]:
        gamma, d, n, norm, draws = self.read(params)
        return gamma, fit_of(self, d, n, norm), draws

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        gamma, fit, draws = self._read(params)
        return Draws.of(fit, draws, self.drawing(generator)).gain(kappa(gamma))

    def printed(self, params: Params) -> Value | None:
        gamma, fit, _ = self._read(params)
        return Value(printed_bound(fit, gamma))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        gamma, fit, draws = self._read(params)
        k = kappa(gamma)
        values = {**_beside(fit, gamma), "printed_lemma": Value(lemma_gain(fit, k))}
        if generator is not None:
            values["variance_part"] = Draws.of(fit, draws, generator).variance_part(k)
        return values

    def void(self, params: Params) -> bool:
        gamma, fit, _ = self._read(params)
        return gamma > 1 / math.sqrt(fit.n)
