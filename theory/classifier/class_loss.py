"""The denoising error of a normal class, and its averages over time.

A perfect model of x ~ N(mu, v I) on R^d predicts the noise eps in ``x_t = sqrt(abar) x +
sqrt(1 - abar) eps`` as ``eps^ = sqrt(1 - abar) (x_t - sqrt(abar) mu) / V``, V = abar v + 1 - abar.
At a point x the error is

    eps - eps^ = alpha eps - b,   alpha = abar v / V,   b = sqrt(abar (1 - abar)) (x - mu) / V,
    L(t) = E|eps - eps^|^2 = d alpha^2 + abar (1 - abar) |x - mu|^2 / V^2.

In the log signal-to-noise ratio ``lambda = log(abar / (1 - abar))``, S the logistic function,

    alpha = S(lambda + log v),      L = d alpha^2 + alpha (1 - alpha) |x - mu|^2 / v.

A weighting of the times turns it into ``d A(v) + B(v) |x - mu|^2``:

    uniform   the mean over the steps of a schedule: what the diffusion classifier uses
    single    one step
    ddpm      the weights of the bound of Ho et al. 2020 (eq. 12 with sigma_t^2 = beta_t),
              beta_t / (2 alpha_t (1 - abar_t)), alpha_t = 1 - beta_t, summed over the steps
    elbo      the weights of the bound in continuous time (Kingma et al. 2021), 1/2 d lambda

*ELBO weights give the likelihood, derived here.* Under ``1/2 d lambda`` v enters as a shift of
lambda. ``B = 1/(2v) int S (1 - S) d lambda = 1/(2v)``. A diverges, as it does for every v alike;
less that of unit variance it is ``1/2 int (S(lambda + log v)^2 - S(lambda)^2) d lambda = 1/2 log
v``. Together ``d A + B |x - mu|^2 = -log N(x; mu, v I) - (d/2) log(2 pi)``: in the difference of
classes the constant is gone. Both integrals are taken here by the trapezoidal rule, whose error for
a function analytic where |Im lambda| < pi is exp(-2 pi^2 / step), below rounding at a step of 1/4.

*No other weights do.* ``2 v B(v) = 2 int w(lambda) S'(lambda + log v) d lambda`` is 1 for every v
only for w = 1/2, since the Fourier transform of S', ``pi k / sinh(pi k)``, has no zero: under every
other weighting some pair of spreads is compared wrongly.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from theory.parameter import Parameter, choice
from theory.schedule import SCHEDULES, alpha_bar, beta

Array = npt.NDArray[np.float64]

LI = "Li et al. 2023, Diffusion Classifier (arXiv 2303.16203)"
WEIGHTINGS = ("uniform", "elbo", "ddpm", "single")
STEPS = 1000
STEP = 0.25  # of the trapezoidal rule, in nats of lambda


def _step(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < STEPS:
        raise ValueError(f"got {value!r}; give a whole number from 0 to {STEPS - 1}")
    return value


WEIGHTED: dict[str, Parameter] = {
    "weighting": choice("weights of the times", WEIGHTINGS, default="uniform"),
    "schedule": choice("noise schedule of 1000 steps", SCHEDULES, default="linear"),
    "step": Parameter(
        "the step of the weighting 'single'", "a whole number from 0 to 999", _step, 500
    ),
}


def loss(variance: float, abar: Array, squared_distance: float, dimension: int) -> Array:
    """L(t) at shares abar [t] of the data's variance; squared_distance: |x - mu|^2."""
    energy, slope = parts(np.array([variance]), abar)
    return dimension * energy[0] + slope[0] * squared_distance


def parts(variances: Array, abar: Array) -> tuple[Array, Array]:
    """``alpha^2`` and ``abar (1 - abar) / V^2`` [k, t] for variances [k] and shares abar [t]."""
    v = np.asarray(variances, float)[:, None]
    marginal = abar * v + 1 - abar
    return (abar * v / marginal) ** 2, abar * (1 - abar) / marginal**2


def coefficients(
    variances: Array, weighting: str, schedule: str = "linear", step: int = 500
) -> tuple[Array, Array]:
    """A and B [k] of the weighted error ``d A + B |x - mu|^2`` for variances [k].

    weighting: a word of ``WEIGHTINGS``. schedule, step: where the weighting has one. A of ``elbo``
    is relative to unit variance. B in inverse squared units of x.
    """
    variances = np.asarray(variances, float)
    if weighting == "elbo":
        reach = 40.0 + float(np.abs(np.log(variances)).max())
        count = 2 * math.ceil(reach / STEP) + 1
        grid = STEP * (np.arange(count) - count // 2)  # [t]
        shifted = special.expit(grid + np.log(variances)[:, None])  # [k, t]
        other = special.expit(-grid - np.log(variances)[:, None])
        energy = 0.5 * STEP * (shifted**2 - special.expit(grid) ** 2).sum(axis=1)
        return energy, 0.5 * STEP * (shifted * other).sum(axis=1) / variances
    left = alpha_bar(schedule, STEPS)[1:]
    if weighting == "single":
        energy, slope = parts(variances, left[[step]])
        return energy[:, 0], slope[:, 0]
    energy, slope = parts(variances, left)
    if weighting == "uniform":
        return energy.mean(axis=1), slope.mean(axis=1)
    added = beta(schedule, STEPS)
    weights = added / (2 * (1 - added) * (1 - left))
    return energy @ weights, slope @ weights
