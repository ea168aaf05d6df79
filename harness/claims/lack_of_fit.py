r"""Whether the points of an effect reject a power law (rules of ``harness.claims.fitted``).

An effect has m sizes and k runs, each at all sizes, which share images and noise: the deviations of
a run at two sizes may be correlated. Near the fitted law :math:`A n^{-\alpha}` its two parameters
move the means along :math:`n^{-\alpha}` and :math:`n^{-\alpha} \ln n`. What is left are directions
:math:`n^{-\alpha} (\ln n)^j`, j = 2, 3, ..., made orthogonal to these in units of the standard
errors, along which the mean of the runs is 0 where the law holds. With u_r the q coordinates of run
r, S their covariance over runs and bar their mean (Hotelling 1931, Ann. Math. Stat. 2:360)

.. math::  T^2 = k\,\bar u^T S^{-1} \bar u, \qquad \frac{k - q}{q (k - 1)}\,T^2 \sim F(q, k - q).

:math:`T^2` is the chi-square of the distance from the law in standard errors, on q degrees of
freedom, whatever the correlation of the sizes; F says what chance does to it with so few runs. All
q = m - 2 directions need many runs: q is at most (k - 1) / 2, those of slow bends first, and 1 for
up to 4 runs, where the test is Student's of a bend. Of one run there is no test.

Assumed: runs that are independent and normal, and a law that is linear in its parameters over their
errors. A law is rejected below p = .05, the level of every test: one that holds loses its word in 1
of 20 cases. Simulated, 3,000 studies of a law 1/n at six sizes over a factor of 40, with noise of a
tenth and of a third of the effect at the smallest size, independent over sizes, correlated by .5,
or falling with them: a law that holds is rejected in 4.6 to 6.2 % of studies of 4 runs, in 4.7 to
5.4 % of 8, in 4.5 to 5.7 % of 16, and in 4.3 to 4.8 % of 128.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from harness.claims.contrast import EQUAL
from harness.claims.curve import Curve, Values, effect_law, weights
from harness.claims.power import LEVEL

FREE = 2  # parameters of the law


@final
@dataclass(frozen=True)
class LackOfFit:
    """chi_square on df degrees of freedom and its p by F; farthest: the size whose mean lies
    farthest off the law, and by how many of its standard errors."""

    chi_square: float
    df: int
    p: float
    farthest: tuple[float, float]
    runs: int

    @property
    def rejected(self) -> bool:
        return self.p < LEVEL

    @property
    def numbers(self) -> Mapping[str, float | int | str | None]:
        """As plain data; null where nothing varies and the law is missed."""
        chi = self.chi_square if np.isfinite(self.chi_square) else None
        return {"fit_chi_square": chi, "fit_df": self.df, "fit_p": self.p}

    @property
    def words(self) -> str:
        p = "p < 0.0001" if self.p < 1e-4 else f"p = {self.p:.2g}"
        size, off = self.farthest
        return (
            f"chi-square {self.chi_square:.3g} on {self.df} df, {p} of {self.runs} runs, "
            f"farthest at {size:g} by {off:+.2g} standard errors"
        )


def lack_of_fit(values: Values) -> LackOfFit | None:
    """How far the mean effects lie off the law fitted to them; null of one run, and where there is
    no law or no size to spare."""
    k, m = values.y.shape
    if k < 2 or m <= FREE:
        return None
    means, weight = values.y.mean(0), weights(values)
    (alpha,), (scale,) = effect_law(means[None], values.sizes, weight)
    if not np.isfinite(alpha):
        return None
    shape = values.sizes**-alpha
    off = np.sqrt(k * weight) * (means - scale * shape)
    at = int(np.abs(off).argmax())
    q = min(m - FREE, max(1, (k - 1) // 2))
    z = np.log(values.sizes) - np.log(values.sizes).mean()
    bends = (shape * np.sqrt(weight))[:, None] * z[:, None] ** np.arange(FREE + q)  # [m, 2 + q]
    directions = np.linalg.qr(bends)[0][:, FREE:]
    u = values.y * np.sqrt(weight) @ directions  # [k, q]
    chi, p = _hotelling(u, EQUAL * float(np.abs(means * np.sqrt(weight)).max()))
    return LackOfFit(chi, q, p, (float(values.sizes[at]), float(off[at])), k)


def _hotelling(u: np.ndarray, least: float) -> tuple[float, float]:
    """T² and p of a mean of 0 of ``[k, q]``; where nothing varies, of a mean below ``least``."""
    from scipy.special import fdtrc

    k, q = u.shape
    mean = u.mean(0)
    spread = u - mean
    if np.abs(spread).max() <= least:
        return (0.0, 1.0) if np.abs(mean).max() <= least else (np.inf, 0.0)
    inverse = np.linalg.pinv(spread.T @ spread / (k - 1), hermitian=True)
    chi = float(k * mean @ inverse @ mean)
    return chi, float(fdtrc(q, k - q, (k - q) / (q * (k - 1)) * chi))


def rejection(curve: Curve, values: Values) -> str | None:
    """Why an exponent is one of no law that the effects follow; null where it is not."""
    found = lack_of_fit(values)
    if found is None or not found.rejected:
        return None
    return f"a power law is rejected for {curve.name}: {found.words}"
