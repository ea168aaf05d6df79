"""A perfect denoiser under a coarse sampler: its consistency residual is not 0.

The exact denoiser is consistent: E[h(X_s, s) | X_sigma = x] = h(x, sigma) along the reverse process
(the tower property; Daras, Dimakis and Daskalakis 2024). Training replaces that process by a few
steps of a sampler. ``exact`` is the residual that is then left,

    E[h(Y, s) | Y_0 = x] - h(x, sigma),   Y the end of ``steps`` steps from x,

for the denoiser of the law p itself; ``printed``, the theory's, is 0. ``root_mean_square`` is its
size over X_sigma. Any h that a consistency loss with this sampler trains to a residual of 0 is
therefore wrong by about that much.

*Samplers*, from a level a to the next lower b, with h = h(y, a):

    euler      y + (a^2 - b^2) (h - y) / a^2 + sqrt(a^2 - b^2) xi       Euler-Maruyama in sigma^2
    ancestral  y + (1 - b^2 / a^2) (h - y) + b sqrt(1 - b^2 / a^2) xi   Ho et al. 2020
    ddim       h + (b / a) (y - h)                                      the flow, without noise

The first two share their mean, which is that of X_b given X_a exactly; their noise differs, Euler's
being the larger. The variance of X_b given X_a is (a^2 - b^2) ((b/a)^2 + (1 - (b/a)^2) Var(X_0|X_a)
/ a^2): ancestral sampling leaves out the second term, the uncertainty of the prediction, and Euler
puts 1 in place of Var(X_0|X_a) / a^2. For one normal law h is affine and only means matter: the
residual of both is 0 at any number of steps, so that normal data cannot show it. On mixtures both
are of first order: the residual falls as 1 / steps once steps are small.

*The flow is not the reverse process.* ``ddim`` follows the probability-flow ordinary differential
equation, whose trajectories have the right marginals and not the right conditional laws: its
residual does not vanish with the steps. For N(m, v) in the limit of many steps it is, exactly,

    (x - m) v (1 / sqrt((v + s^2) (v + sigma^2)) - 1 / (v + sigma^2)).              (``flow_limit``)

Levels are spaced evenly in log sigma. The expectation is by backward recursion of the transition
kernel on an even grid, which resolves the narrowest step and the narrowest component.
"""

import math
from itertools import pairwise
from typing import ClassVar, Literal, final

import numpy as np

from theory.law import Law, Params, Value
from theory.line_mixture import FINE, REACH, Grid, even, grid, mean_squared, mixture
from theory.mixture import Array, Mixture
from theory.parameter import choice, integer, line, positive, real
from theory.quadrature import integrate
from theory.tweedie.double_tweedie import TWEEDIE
from theory.tweedie.transition import denoise

SAMPLERS = ("euler", "ancestral", "ddim")
Sampler = Literal["euler", "ancestral", "ddim"]
MOST_PAIRS = 2e9  # of points and their images in one step: some tens of seconds
LEAST_STEPS = 1.5  # grid steps in the narrowest transition: exp(-44) of aliasing


def levels(sigma: float, lower: float, steps: int) -> Array:
    """steps + 1 noise levels from sigma down to ``lower``, evenly in log sigma."""
    found = np.geomspace(sigma, lower, steps + 1)
    found[0], found[-1] = sigma, lower
    return found


def move(law: Mixture, x: Array, a: float, b: float, sampler: Sampler) -> tuple[Array, float]:
    """Mean [n] and standard deviation of one step from points x [n] at level a to level b."""
    h = denoise(law, x, a)
    if sampler == "ddim":
        return h + (b / a) * (x - h), 0.0
    share = (1 - b / a) * (1 + b / a)  # 1 - b^2 / a^2
    return x + share * (h - x), (a if sampler == "euler" else b) * math.sqrt(share)


def _grid(law: Mixture, at: Array, sampler: Sampler, given: Array) -> Grid:
    """A grid for every level, which also holds the points given and one step's noise about them."""
    if sampler == "ddim":
        return grid((law,), float(at[-1]))
    widths = [move(law, given[:1], a, b, sampler)[1] for a, b in pairwise(at)]
    step = grid((law,), float(at[-1]), min(widths) * FINE / LEAST_STEPS).step
    wide = grid((law,), float(at[0])).points
    reach = REACH * max(widths)
    low, high = min(wide[0], given.min() - reach), max(wide[-1], given.max() + reach)
    on = even(low, high, step)
    pairs = 2.0 * reach / on.step * len(on.points)
    if pairs > MOST_PAIRS:
        raise ValueError(
            f"asked for a sampler from noise {at[0]:g} down to {at[-1]:g}; got {pairs:.3g} pairs "
            f"of points in one step, above {MOST_PAIRS:.0e}; give a higher last level or more steps"
        )
    return on


def residual_at(
    law: Mixture, x: Array, sigma: float, lower: float, steps: int, sampler: Sampler
) -> Array:
    """The residual [n] of the exact denoiser at X_sigma = x [n]."""
    at = levels(sigma, lower, steps)
    if len(law.weights) == 1 and sampler != "ddim":
        return np.zeros(len(x))  # h is affine, and the mean of every step is exact
    if sampler == "ddim":
        y = x
        for a, b in pairwise(at):
            y, _ = move(law, y, a, b, sampler)
        return denoise(law, y, lower) - denoise(law, x, sigma)
    on = _grid(law, at, sampler, x)
    values = denoise(law, on.points, lower)
    for k in range(steps - 1, -1, -1):
        start = x if k == 0 else on.points
        mean, width = move(law, start, at[k], at[k + 1], sampler)
        values = _smoothed(values, on, mean, width)
    return values - denoise(law, x, sigma)


def _smoothed(values: Array, on: Grid, mean: Array, width: float) -> Array:
    """E f(mean + width xi) [m] of a function with values [n] on a grid, at means [m]."""
    found = np.empty(len(mean))
    half = math.ceil(REACH * width / on.step)
    offsets = np.arange(-half, half + 1)
    n = len(on.points)
    rows = max(1, (1 << 19) // len(offsets))
    for start in range(0, len(mean), rows):
        block = mean[start : start + rows]
        centre = np.rint((block - on.points[0]) / on.step).astype(int)
        index = np.clip(centre[:, None] + offsets, 0, n - 1)  # [b, 2 half + 1]
        weight = np.exp(-0.5 * ((on.points[index] - block[:, None]) / width) ** 2)
        found[start : start + rows] = (weight * values[index]).sum(axis=1) / weight.sum(axis=1)
    return found


def root_mean_square(
    law: Mixture, sigma: float, lower: float, steps: int, sampler: Sampler
) -> float:
    """The residual's root mean square over X_sigma, in units of the data."""
    on = grid((law,), sigma)
    if sampler != "ddim":
        # the residual is smooth on the scale of the first step's noise, as seen from x
        mean, width = move(law, on.points, sigma, float(levels(sigma, lower, steps)[1]), sampler)
        slope = float(np.abs(np.diff(mean)).max()) / on.step
        on = grid((law,), sigma, width / slope)
        found = residual_at(law, on.points, sigma, lower, steps, sampler)
        return math.sqrt(mean_squared(found, law, sigma, on))
    noised = law.noised(sigma)

    def integrand(x: Array) -> Array:
        own = residual_at(law, x, sigma, lower, steps, sampler)
        return own**2 * np.exp(noised.log_density(x[:, None]))

    # adaptive, since the flow carries x to steep functions of x
    edges = np.linspace(on.points[0], on.points[-1], 41)
    return math.sqrt(integrate(integrand, edges, tolerance=1e-13))


@final
class CoarseSampler(Law):
    """The consistency residual of a perfect denoiser under a sampler; parameters below."""

    name = "tweedie.coarse_sampler"
    statement = "E[h(X_s, s) | X_sigma = x] = h(x, sigma) for the exact denoiser h"
    source = f"{TWEEDIE}, consistency; the residual of a discretised sampler derived here"
    unit = "units of the data"
    parameters: ClassVar = {
        "p": line("law of X_0, of normals and atoms"),
        "sigma": positive("level at which trajectories start"),
        "lower": positive("level at which they end"),
        "steps": integer("steps of the sampler"),
        "sampler": choice("the sampler", SAMPLERS, default="euler"),
        "at": real("the point x"),
    }
    example: ClassVar = {
        "p": "0.3*normal(-1,0.3)+0.7*normal(1,0.3)",
        "sigma": 1.0,
        "lower": 0.1,
        "steps": 4,
        "sampler": "euler",
        "at": 0.6,
    }

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        law, sigma, lower, steps, sampler, at = self._read(params)
        return Value(float(residual_at(law, np.array([at]), sigma, lower, steps, sampler)[0]))

    def printed(self, params: Params) -> Value | None:
        self._read(params)
        return Value(0.0)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The root mean square; for the flow of one normal law also its limit of many steps."""
        law, sigma, lower, steps, sampler, at = self._read(params)
        found = root_mean_square(law, sigma, lower, steps, sampler)
        values = {"root_mean_square": Value(found)}
        if sampler == "ddim" and len(law.weights) == 1:
            v, m = float(law.covariances[0]), float(law.means[0, 0])
            after, before = v + lower**2, v + sigma**2
            limit = (at - m) * v * (1 / math.sqrt(after * before) - 1 / before)
            values["flow_limit"] = Value(limit)
        return values

    def _read(self, params: Params) -> tuple[Mixture, float, float, int, Sampler, float]:
        p, sigma, lower, steps, sampler, at = self.read(params)
        if lower >= sigma:
            raise self.refuse(f"lower={lower} at sigma={sigma}", "give lower < sigma")
        return mixture(p), sigma, lower, steps, sampler, at
