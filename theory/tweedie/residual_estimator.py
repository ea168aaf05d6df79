"""Estimating the squared consistency residual: the product of two trajectories, or a mean of K.

Write r(x) = E[h(X_s, s) | X_sigma = x] - h(x, sigma) for the consistency residual
(``theory.tweedie.consistency``), and V(x) = Var(h(X_s, s) | X_sigma = x) over the trajectories.

*Product* (Daras, Dimakis and Daskalakis 2024, the consistency loss; Daras et al. 2023): from two
independent trajectories X1, X2 that start at the same x,

    E (h(X1) - h(x)) (h(X2) - h(x)) = r(x)^2,                                            (printed)

by independence: unbiased.

*Average* (Daras, Cherapanamjeri and Daskalakis 2024, "How Much is a Noisy Image Worth?", released
code): the square of the mean of K predictions less h(x). It is taken for the same quantity, but

    E (mean_K h(X_k) - h(x))^2 = r(x)^2 + V(x) / K                              (``with_bias``)

as the K predictions are independent with mean h(x) + r(x) and variance V(x). For an exact denoiser,
whose residual is 0, the bias is what remains, and by the law of total variance it is a difference
of minimal errors (``theory.tweedie.transition.minimal_error``, M):

    E V / K = (M(sigma) - M(s)) / K.

So the loss does not vanish at the right answer: it rewards denoisers whose predictions vary less
along a trajectory, that is flatter ones, the more so the longer the step and the smaller K.

``exact`` draws trajectories without discretisation, each from the posterior that the spliced
denoiser's reverse process has (``theory.tweedie.transition.draw``).
"""

import math
from typing import ClassVar, NamedTuple, final

import numpy as np

from theory.density import Density
from theory.law import Law, Params, Value
from theory.line_mixture import grid, masses, mixture
from theory.mixture import Array, Mixture
from theory.parameter import integer, line, positive
from theory.tweedie.double_tweedie import TWEEDIE
from theory.tweedie.transition import denoise, draw, expected

CHUNK = 1 << 16


class Setting(NamedTuple):
    """A spliced denoiser (``theory.tweedie.consistency``) between two levels, for data of law p."""

    p: Mixture
    above: Mixture
    below: Mixture
    sigma_n: float
    sigma: float
    lower: float

    def own(self, level: float) -> Mixture:
        """The law whose denoiser h is at a level."""
        return self.above if level >= self.sigma_n else self.below

    @property
    def straddles(self) -> bool:
        return self.lower < self.sigma_n <= self.sigma

    def step(self, x: Array, generator: np.random.Generator) -> Array:
        """One trajectory from each X_sigma = x [n] down to ``lower`` [n]."""
        level = self.sigma
        if self.straddles and self.sigma > self.sigma_n:
            x, level = draw(self.above, x, self.sigma, self.sigma_n, generator), self.sigma_n
        return draw(self.own(self.lower), x, level, self.lower, generator)


def moments(setting: Setting, x: Array) -> tuple[Array, Array]:
    """r(x) and V(x) [n] at X_sigma = x [n], by quadrature."""
    start = denoise(setting.own(setting.sigma), x, setting.sigma)
    last = setting.own(setting.lower)
    level = setting.sigma_n if setting.straddles else setting.sigma
    width = math.sqrt((level - setting.lower) * (level + setting.lower))
    on = grid((setting.above, setting.below), setting.lower, width)
    ends = denoise(last, on.points, setting.lower)
    if not (setting.straddles and setting.sigma > setting.sigma_n):
        mean = denoise(last, x, level)  # by the tower property
        square = expected(ends**2, on, last, level, setting.lower, x)
        return mean - start, np.maximum(square - mean**2, 0.0)
    sigma, sigma_n = setting.sigma, setting.sigma_n
    middle = grid(
        (setting.above, setting.below), sigma_n, math.sqrt((sigma - sigma_n) * (sigma + sigma_n))
    )
    inner = expected(ends**2, on, last, sigma_n, setting.lower, middle.points)
    at_middle = denoise(last, middle.points, sigma_n)
    gap = at_middle - denoise(setting.above, middle.points, sigma_n)
    residual = expected(gap, middle, setting.above, sigma, sigma_n, x)
    square = expected(inner, middle, setting.above, sigma, sigma_n, x)
    mean = start + residual
    return residual, np.maximum(square - mean**2, 0.0)


def population(setting: Setting) -> tuple[float, float]:
    """E r^2 and E V over X_sigma under p, in squared units of the data."""
    on = grid((setting.p,), setting.sigma)
    residual, variance = moments(setting, on.points)
    mass = masses(setting.p, setting.sigma, on)
    return float(mass @ residual**2), float(mass @ variance)


def deviations(
    setting: Setting, p: Density, count: int, draws: int, generator: np.random.Generator
) -> Array:
    """``h(X_k) - h(x)`` [draws, count]: ``count`` trajectories from each of ``draws`` points."""
    parts = []
    for start in range(0, draws, CHUNK):
        size = min(CHUNK, draws - start)
        x = p.sample((size,), generator) + setting.sigma * generator.standard_normal(size)
        first = denoise(setting.own(setting.sigma), x, setting.sigma)
        last = setting.own(setting.lower)
        ends = [
            denoise(last, setting.step(x, generator), setting.lower) - first for _ in range(count)
        ]
        parts.append(np.stack(ends, axis=1))
    return np.concatenate(parts)


SPLICED = {
    "p": line("law of X_0, of normals and atoms"),
    "above": line("law whose denoiser h is from sigma_n up"),
    "below": line("law whose denoiser h is below sigma_n"),
    "sigma_n": positive("noise of the data"),
    "sigma": positive("level at which trajectories start"),
    "lower": positive("level at which they end"),
    "draws": integer("starting points", least=2, default=20_000),
}
EXAMPLE = {
    "p": "0.3*normal(-1,0.3)+0.7*normal(1,0.3)",
    "above": "0.3*normal(-1,0.3)+0.7*normal(1,0.3)",
    "below": "normal(0.4,1)",
    "sigma_n": 0.7,
    "sigma": 1.0,
    "lower": 0.5,
    "draws": 20_000,
}


def _setting(law: Law, params: Params) -> tuple[Setting, Density, int, int]:
    """The setting, the law of the data, the draws, and K where there is one."""
    p, above, below, sigma_n, sigma, lower, draws, *count = law.read(params)
    if lower >= sigma:
        raise law.refuse(f"lower={lower} at sigma={sigma}", "give lower < sigma")
    own, up, down = (mixture(one) for one in (p, above, below))
    spliced = Setting(own, up if above != p else own, down, sigma_n, sigma, lower)
    if below == above:  # one object, so that a residual of 0 is exactly 0
        spliced = spliced._replace(below=spliced.above)
    return spliced, p, draws, count[0] if count else 1


def _measured(values: Array) -> Value:
    return Value(float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values))))


@final
class ProductEstimator(Law):
    """The product of two trajectories' deviations against the squared residual."""

    name = "tweedie.product_estimator"
    statement = "E (h(X1) - h(x)) (h(X2) - h(x)) = (E[h(X_s)|x] - h(x))^2, X1, X2 independent"
    source = f"{TWEEDIE}, consistency loss; Daras et al. 2023 (arXiv 2302.09057)"
    unit = "squared units of the data"
    tier = "tolerance"
    parameters: ClassVar = SPLICED
    example: ClassVar = EXAMPLE

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        setting, p, draws, _ = _setting(self, params)
        found = deviations(setting, p, 2, draws, self.drawing(generator))
        return _measured(found[:, 0] * found[:, 1])

    def printed(self, params: Params) -> Value | None:
        return Value(population(_setting(self, params)[0])[0])

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``trajectory_variance``: E V, the variance of h along one trajectory."""
        return {"trajectory_variance": Value(population(_setting(self, params)[0])[1])}


@final
class AverageEstimator(Law):
    """The squared mean of K deviations, taken for the squared residual; biased by E V / K."""

    name = "tweedie.average_estimator"
    statement = "E (mean of K h(X_k) - h(x))^2 = (E[h(X_s)|x] - h(x))^2"
    source = (
        "Daras, Cherapanamjeri, Daskalakis 2024, How Much is a Noisy Image Worth?, released code; "
        "the bias derived here"
    )
    unit = "squared units of the data"
    tier = "tolerance"
    parameters: ClassVar = SPLICED | {"count": integer("trajectories K that are averaged")}
    example: ClassVar = EXAMPLE | {"count": 4}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        setting, p, draws, count = _setting(self, params)
        found = deviations(setting, p, count, draws, self.drawing(generator))
        return _measured(found.mean(axis=1) ** 2)

    def printed(self, params: Params) -> Value | None:
        return Value(population(_setting(self, params)[0])[0])

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``with_bias``: the squared residual and E V / K; ``bias``: the latter alone."""
        setting, _, _, count = _setting(self, params)
        squared, variance = population(setting)
        return {"with_bias": Value(squared + variance / count), "bias": Value(variance / count)}
