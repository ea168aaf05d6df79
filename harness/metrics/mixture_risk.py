r"""What a denoiser loses where the laws are known: excess risk, its split, and its large-noise law.

Clean images follow p, imperfect ones q, mixtures on the line. A denoiser D is judged by

.. math::  R(\sigma) = E_{x \sim p_\sigma} (D(x) - D_p(x))^2, \qquad D_p(x) = E[x_0 | x_\sigma = x],

by quadrature, so without noise of its own; :math:`\int R / \sigma^2 \, d\ln\sigma` is the denoising
loss less its floor, in nats (``harness.metrics.denoising_loss``). Of n1 clean and n2 imperfect
samples that are admitted at sigma, w = n2 / (n1 + n2), three denoisers can be made:

    population   D_b of the admitted law b = (1 - w) p + w q: what infinitely many samples teach
    optimum      the posterior mean K of the samples themselves: the least training loss there is
                 (the score of the kernel estimate of Daras et al. 2025, equation 4.1)
    network      what a training of some length makes of the same samples

**Split.** For the denoisers D_jc of data sets j = 1..J in copies c = 1..C (other initial weights
and batches on the same data), with the means D_j over copies and D over all, the contributions of a
data set, each a mean over x,

    trainings  u_j = sum_c (D_jc - D_j)^2 / (C - 1)
    variance   J/(J - 1) (D_j - D)^2 - u_j / C
    bias       (D_j - D_p)^2 - J/(J - 1) (D_j - D)^2

add up to the excess risk mean_c (D_jc - D_p)^2 of that data set, exactly; their means over data
sets are unbiased for the variance over copies and over data sets, and for the squared bias of the
mean denoiser: the first is that of an analysis of variance, the last takes from (D - D_p)^2 what D
varies. Their spread over data sets gives standard errors. An estimate can fall below 0. The bias of
the optimum tends to that of the population, R of D_b, as the samples grow.

**Large noise** (derived here; the analogue for the total variation of kernel estimates stands in
``theory.ambient.switching_point``). At x = m + sigma z, m and v the mean and variance of p, the
posterior mean is ``m + v z / sigma + O(1 / sigma^2)``: it asks for two moments alone. A denoiser
with the moments of an estimate errs by the error of the mean, and by that of the variance over
sigma. With n1 clean samples, and with all N = n1 + n2 as equals,

    R_clean = v / n1,
    R_all   = (w dm)^2 + (w dv)^2 / sigma^2 + (n1 v + n2 v_q) / N^2,

dm and dv what the mean of q and its second moment about m have in excess. Where dm = 0 the second
falls below the first at

    level = w |dv| / sqrt(v / n1 - (n1 v + n2 v_q) / N^2),

which grows as sqrt(n1): 1 / (pi phi(1)) = 1.32 times the level of the total variation, for large
n2. Where dm is not 0 both curves end flat: the imperfect samples help at every large sigma, or at
none.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from harness.problem import Problem
from theory.mixture import Mixture

Array = NDArray[np.float64]

FAINT = 1e-14  # of the largest mass of a point: below, a point is left out
BLOCK = 1 << 21  # numbers that a block of a kernel mean may take


class Place(NamedTuple):
    """Where denoisers are compared at one noise level: points, their masses, and D_p there [G]."""

    points: Array
    mass: Array
    truth: Array


def place(p: Mixture, sigma: float) -> Place:
    """The points for a clean law on the line; a ``Problem`` for one in more dimensions.

    Integrals of the optimum, which has steps that p has not, are off by 1e-5 of their value at
    sigma = 0.02 beside components of deviation 0.08, and by less at more noise.
    """
    from theory.line_mixture import grid, masses  # brings in scipy, which a plan does without

    if p.dimension != 1:
        asked = f"an excess risk in {p.dimension} dimensions"
        raise Problem(asked, "quadrature on the line alone", "give means that are numbers")
    on = grid((p,), sigma)
    mass = masses(p, sigma, on)
    kept = mass > FAINT * mass.max()
    points = on.points[kept]
    return Place(points, mass[kept], p.denoise(points[:, None], sigma)[:, 0])


def kernel_mean(points: Array, samples: Array, sigma: float) -> Array:
    """The optimum: posterior means [G] of equal masses at samples [n] under noise sigma."""
    found = np.empty(len(points))
    rows = max(1, BLOCK // len(samples))
    for start in range(0, len(points), rows):
        x = points[start : start + rows]
        # -(x - s)^2 / 2 less -x^2 / 2, which no weight depends on
        exponent = np.subtract(x[:, None] * samples, 0.5 * samples**2) / sigma**2
        exponent -= exponent.max(axis=1, keepdims=True)
        weight = np.exp(exponent, out=exponent)
        found[start : start + rows] = (weight @ samples) / weight.sum(axis=1)
    return found


def squared(difference: Array, at: Place) -> Array:
    """The mean over x ~ p_sigma of the square of functions [..., G]."""
    return np.asarray(difference**2 @ at.mass)


def split(values: Array, at: Place) -> dict[str, Array]:
    """Excess risk, bias, variance and trainings of denoisers [C, J, G], as contributions [J].

    Without ``trainings`` for C = 1, where they count as variance; the excess alone for J = 1.
    """
    copies, sets = values.shape[:2]
    found = {"excess": squared(values - at.truth, at).mean(axis=0)}
    if sets < 2:
        return found
    own = values.mean(axis=0)  # [J, G]
    spread = sets / (sets - 1) * squared(own - own.mean(axis=0), at)
    found["bias"] = squared(own - at.truth, at) - spread
    found["variance"] = spread
    if copies > 1:
        found["trainings"] = squared(values - own, at).sum(axis=0) / (copies - 1)
        found["variance"] = spread - found["trainings"] / copies
    return found


@final
@dataclass(frozen=True, eq=False)
class Setting:
    """n1 clean samples of p and n2 imperfect ones of q, laws on the line."""

    p: Mixture
    q: Mixture
    n1: int
    n2: int

    @property
    def share(self) -> float:
        """w, of the imperfect samples."""
        return self.n2 / (self.n1 + self.n2)

    @property
    def law(self) -> Mixture:
        """b, the law of a sample."""
        if self.n2 == 0:
            return self.p
        weights = [(1 - self.share) * self.p.weights, self.share * self.q.weights]
        means = [self.p.means, self.q.means]
        variances = [self.p.covariances, self.q.covariances]
        kept = slice(None) if self.n1 else slice(1, None)
        return Mixture(*(np.concatenate(each[kept]) for each in (weights, means, variances)))

    @property
    def gaps(self) -> tuple[float, float]:
        """dm and dv: the mean, and the second moment about p's mean, of q less those of p."""
        mean = float(self.q.mean[0] - self.p.mean[0])
        variance = float(self.q.covariance[0, 0] - self.p.covariance[0, 0])
        return mean, variance + mean**2

    @property
    def clean_risk(self) -> float:
        """R_clean at large noise."""
        return float(self.p.covariance[0, 0]) / self.n1

    @property
    def sampling_risk(self) -> float:
        """The part of R_all at large noise that is no bias."""
        variances = [float(law.covariance[0, 0]) for law in (self.p, self.q)]
        return (self.n1 * variances[0] + self.n2 * variances[1]) / (self.n1 + self.n2) ** 2

    def risk(self, sigma: Array) -> Array:
        """R_all at large noise [n], at levels [n]."""
        mean, second = (self.share * gap for gap in self.gaps)
        return mean**2 + (second / sigma) ** 2 + self.sampling_risk

    @property
    def level(self) -> float | None:
        """Above which all as equals have the smaller risk at large noise; None for unequal means.

        Infinite where the imperfect samples are so wide that they never help.
        """
        mean, second = self.gaps
        if abs(mean) > 1e-12:
            return None
        gain = self.clean_risk - self.sampling_risk
        return self.share * abs(second) / math.sqrt(gain) if gain > 0 else math.inf
