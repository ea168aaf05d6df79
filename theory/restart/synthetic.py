"""The toy experiment of the paper with the exact score: which errors its interval contracts.

Data in R^20: ``x = D A s``, s ~ 0.3 N(a, I) + 0.7 N(-a, I) in R^4, a = (3, 3, 3, 3), A [20, 4] with
entries N(0, 1), D diagonal so that every coordinate has variance 1; restarts on [1, 1.5]. Both
components have the covariance ``D A A' D`` of rank 4 and means +-m, m = D A a. In its four
eigenvectors the noised law is a mixture with one diagonal covariance Lambda + t^2, beside 16
coordinates of pure noise that no sampler gets wrong; only the four are simulated, with

    E[x_0 | x] = (Lambda x + t^2 h m) / (Lambda + t^2),
    h = tanh(m' (Lambda + t^2)^-1 x + log(0.3 / 0.7) / 2).

The law at t_max has the weight ``start`` in place of 0.3 at +m, and is right otherwise. From there
the ODE by Heun steps, then K restarts. ``exact`` is |share of points on the side of +m - 0.3| at
the end; ``taken_off`` the error of the weights at the start less that. ``printed`` is (1 -
lambda)^K times the error at the start: Theorem 4 in total variation, with the distance B = 2 |m| of
the means, which leaves out the spread about them; where the components overlap at t_max, the ODE
alone takes off some of the error.

*What the interval of the paper contracts.* |m| is near 4.2, tau = 1.12 and lambda near 2e-4: ten
restarts on [1, 1.5] take off a few parts in a hundred of an error of weights, by points in the tail
of a mode. What they do contract are errors within a mode, where all is Gaussian: along eigenvector
k by a_k^{K+1}, a_k^2 = (lambda_k + t_min^2) / (lambda_k + t_max^2)
(``theory.restart.contraction``). Weights need an interval as long as the distance of the modes.

As many points start from each component as it weighs, so that the standard error counts only
points that cross. A is drawn from the seed ``projection``, so that all points of a grid share it.
``void`` where the bound takes off less than 1e-3 of the error at the start.
"""

import math
from functools import lru_cache
from itertools import pairwise
from typing import ClassVar, NamedTuple, final

import numpy as np

from theory.law import Law, Params, Value
from theory.parameter import Array, inside, integer, positive
from theory.restart.bound import XU, overlap
from theory.restart.evaluations import step
from theory.restart.grid import levels

WEIGHT = 0.3
SOURCE_MEAN = np.full(4, 3.0)
DIMENSION = 20
CHUNK = 20_000  # particles at a time
NOTHING = 1e-3


class Toy(NamedTuple):
    """The data in the eigenvectors of Sigma: variances [4], the mean of a component [4]."""

    variances: Array
    mean: Array

    @property
    def distance(self) -> float:
        """|m|, half the distance of the two means."""
        return float(np.linalg.norm(self.mean))

    def denoise(self, x: Array, t: float) -> Array:
        """E[x_0 | x_t = x] [n, 4] at x [n, 4]."""
        width = self.variances + t * t
        h = np.tanh(x @ (self.mean / width) + 0.5 * math.log(WEIGHT / (1 - WEIGHT)))  # [n]
        return x * (self.variances / width) + h[:, None] * (self.mean * (t * t / width))


@lru_cache(maxsize=8)
def toy(projection: int) -> Toy:
    """The data of one drawn projection."""
    a = np.random.default_rng(projection).standard_normal((DIMENSION, 4))
    between = 4 * WEIGHT * (1 - WEIGHT) * np.outer(SOURCE_MEAN, SOURCE_MEAN)
    scale = np.sqrt(np.einsum("ij,jk,ik->i", a, np.eye(4) + between, a))
    a /= scale[:, None]
    _, size, v = np.linalg.svd(a, full_matrices=False)  # a = u diag(size) v
    return Toy(size**2, size * (v @ SOURCE_MEAN))


def final_points(
    data: Toy, restarts: int, t_min: float, t_max: float, steps: int, sign: float, n: int,
    generator: np.random.Generator,
) -> Array:  # fmt: skip
    """Points [n, 4] at t_min, from the component at ``sign`` m at t_max."""
    times = levels("edm", steps + 1, t_min, t_max)
    x = sign * data.mean + np.sqrt(data.variances + t_max**2) * generator.standard_normal((n, 4))
    tau = math.sqrt((t_max - t_min) * (t_max + t_min))
    for again in range(restarts + 1):
        if again:
            x = x + tau * generator.standard_normal((n, 4))
        for high, low in pairwise(times):
            x = step(x, float(high), float(low), data.denoise, second=True)
    return x


@final
class Synthetic(Law):
    """Error of the weights at t_min; parameters restarts, t_min, t_max, steps, start, projection,
    draws."""

    name = "restart.synthetic"
    statement = "restarts contract errors by (1 - lambda)^K, on the paper's toy data"
    source = f"{XU}, Theorem 4 and the synthetic experiment"
    unit = "1"
    tier = "tolerance"
    parameters: ClassVar = {
        "restarts": integer("restarts K", least=0),
        "t_min": positive("lower end of the interval", default=1.0),
        "t_max": positive("upper end of the interval", default=1.5),
        "steps": integer("Heun steps of a pass", default=12),
        "start": inside("weight at t_max of the component that has 0.3", 0, 1, default=0.5),
        "projection": integer("seed of the projection", least=0, default=0),
        "draws": integer("points, half of them or so from each mode", least=100, default=20_000),
    }
    example: ClassVar = {"restarts": 1, "t_max": 3.0, "draws": 2000}

    def _read(self, params: Params) -> tuple[int, float, float, int, float, Toy, int]:
        restarts, t_min, t_max, steps, start, projection, draws = self.read(params)
        if t_min >= t_max or start == WEIGHT:
            got = f"t_min={t_min}, t_max={t_max}, start={start}"
            raise self.refuse(got, f"give t_min below t_max, and a start other than {WEIGHT}")
        return restarts, t_min, t_max, steps, start, toy(projection), draws

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        restarts, t_min, t_max, steps, start, data, draws = self._read(params)
        generator = self.drawing(generator)
        metric = data.mean / (data.variances + t_min**2)
        share, square = 0.0, 0.0
        for weight, sign in ((start, 1.0), (1 - start, -1.0)):
            n, near = max(2, round(weight * draws)), 0
            for done in range(0, n, CHUNK):
                size = min(CHUNK, n - done)
                x = final_points(data, restarts, t_min, t_max, steps, sign, size, generator)
                near += int((x @ metric > 0).sum())
            share += weight * near / n
            square += weight**2 * near * (n - near) / n**3
        return Value(abs(share - WEIGHT), math.sqrt(square))

    def printed(self, params: Params) -> Value | None:
        restarts, t_min, t_max, _, start, data, _ = self._read(params)
        lam = overlap(2 * data.distance, t_min, t_max)
        return Value((1 - lam) ** restarts * abs(start - WEIGHT))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``lambda``, ``distance`` (|m|); with a generator ``taken_off``."""
        _, t_min, t_max, _, start, data, _ = self._read(params)
        values = {
            "lambda": Value(overlap(2 * data.distance, t_min, t_max)),
            "distance": Value(data.distance, unit="units of the data"),
        }
        if generator is not None:
            left = self.exact(params, generator)
            off = abs(start - WEIGHT) - left.value
            values["taken_off"] = Value(off, left.standard_error)
        return values

    def void(self, params: Params) -> bool:
        start = self._read(params)[4]
        printed = self.printed(params)
        assert printed is not None
        return printed.value > (1 - NOTHING) * abs(start - WEIGHT)
