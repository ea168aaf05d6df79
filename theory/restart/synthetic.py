"""The toy experiment of the paper with the exact score: which errors its interval contracts.

Data in R^20: ``x = D A s``, s ~ 0.3 N(a, I) + 0.7 N(-a, I) in R^4, a = (3, 3, 3, 3), A [20, 4] with
entries N(0, 1), D diagonal so that every coordinate has variance 1; restarts on [1, 1.5]. Both
components have the covariance ``D A A' D`` of rank 4 and means +-m, m = D A a. In its four
eigenvectors the noised law is a mixture with one diagonal covariance Lambda + t^2, beside 16
coordinates of pure noise that no sampler gets wrong; only the four are simulated, with

    E[x_0 | x] = (Lambda x + t^2 h m) / (Lambda + t^2),
    h = tanh(m' (Lambda + t^2)^-1 x + log(0.3 / 0.7) / 2).

The law at t_max is wrong in two ways: the component at +m has the weight ``start`` in place of
0.3, and all points are shifted by ``shift`` along m. From there the ODE by Heun steps, K restarts.

* *Weights.* ``exact`` is |share of points nearer to +m - 0.3| at the end, by counting; ``printed``
  is (1 - lambda)^K times the error at the start, Theorem 4 with B = 2 |m| in total variation, on
  the means, which leaves out the spread about them. |m| is near 4.2, tau = 1.12, lambda near 2e-4:
  the bound promises that the paper's interval contracts next to nothing of an error of weights,
  and ``taken_off``, the error at the start less that at the end, measures it.
* *Within a mode* (derived here, for modes that do not overlap) everything is Gaussian, and the
  shift's component m_k along eigenvector k is multiplied by a_k^{K+1}, a_k^2 = (lambda_k + t_min^2)
  / (lambda_k + t_max^2): ``shift_predicted`` beside ``shift_left``, both along m from the nearer
  mean. This is what restarts contract there.

A is drawn from the seed ``projection``, so that all points of a grid share it. ``void`` where the
bound takes off less than 1e-3 of the error at the start.
"""

import math
from functools import lru_cache
from itertools import pairwise
from typing import ClassVar, NamedTuple, final

import numpy as np

from theory.law import Law, Params, Value
from theory.parameter import Array, inside, integer, positive, real
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
    u, size, v = np.linalg.svd(a, full_matrices=False)  # a = u diag(size) v
    return Toy(size**2, size * (v @ SOURCE_MEAN))


def final_points(
    data: Toy, restarts: int, t_min: float, t_max: float, steps: int, start: float, shift: float,
    n: int, generator: np.random.Generator,
) -> Array:  # fmt: skip
    """Points [n, 4] at t_min, of the sampler from the wrong law at t_max."""
    times = levels("edm", steps + 1, t_min, t_max)
    sign = np.where(generator.random(n) < start, 1.0, -1.0)
    x = sign[:, None] * data.mean + shift * data.mean / data.distance
    x = x + np.sqrt(data.variances + t_max**2) * generator.standard_normal((n, 4))
    tau = math.sqrt((t_max - t_min) * (t_max + t_min))
    for again in range(restarts + 1):
        if again:
            x = x + tau * generator.standard_normal((n, 4))
        for high, low in pairwise(times):
            x = step(x, float(high), float(low), data.denoise, second=True)
    return x


@final
class Synthetic(Law):
    """Error of the weights at t_min; parameters restarts, t_min, t_max, steps, start, shift,
    projection, draws."""

    name = "restart.synthetic"
    statement = "restarts contract errors by (1 - lambda)^K, on the paper's toy data"
    source = f"{XU}, Theorem 4 and the synthetic experiment"
    unit = "1"
    tier = "tolerance"
    parameters: ClassVar = {
        "restarts": integer("restarts K", least=0),
        "t_min": positive("lower end of the interval", default=1.0),
        "t_max": positive("upper end of the interval", default=1.5),
        "steps": integer("Heun steps of a pass", default=6),
        "start": inside("weight at t_max of the component that has 0.3", 0, 1, default=0.5),
        "shift": real("shift at t_max along the means", default=0.5),
        "projection": integer("seed of the projection", least=0, default=0),
        "draws": integer("points", least=100, default=20_000),
    }
    example: ClassVar = {"restarts": 2, "t_max": 6.0, "draws": 2000}

    def _read(self, params: Params) -> tuple[int, float, float, int, float, float, Toy, int]:
        restarts, t_min, t_max, steps, start, shift, projection, draws = self.read(params)
        if t_min >= t_max or start == WEIGHT:
            got = f"t_min={t_min}, t_max={t_max}, start={start}"
            raise self.refuse(got, f"give t_min below t_max, and a start other than {WEIGHT}")
        return restarts, t_min, t_max, steps, start, shift, toy(projection), draws

    def _sides(self, params: Params, generator: np.random.Generator) -> tuple[Value, Value]:
        """The share of points nearer to +m, and their mean offset from the nearer mean along m."""
        restarts, t_min, t_max, steps, start, shift, data, draws = self._read(params)
        near, offset, square = 0, 0.0, 0.0
        metric = data.mean / (data.variances + t_min**2)
        for done in range(0, draws, CHUNK):
            n = min(CHUNK, draws - done)
            x = final_points(data, restarts, t_min, t_max, steps, start, shift, n, generator)
            sign = np.sign(x @ metric)
            along = (x @ data.mean) / data.distance - sign * data.distance
            near += int((sign > 0).sum())
            offset += float(along.sum())
            square += float(along @ along)
        share, mean = near / draws, offset / draws
        spread = math.sqrt(max(square / draws - mean**2, 0.0))
        width = math.sqrt(share * (1 - share) / draws)
        return Value(share, width), Value(mean, spread / math.sqrt(draws))

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        share, error = self._sides(params, self.drawing(generator))[0][:2]
        return Value(abs(share - WEIGHT), error)

    def printed(self, params: Params) -> Value | None:
        restarts, t_min, t_max, _, start, _, data, _ = self._read(params)
        lam = overlap(2 * data.distance, t_min, t_max)
        return Value((1 - lam) ** restarts * abs(start - WEIGHT))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``lambda``, ``distance`` (|m|), ``shift_predicted``; with a generator ``taken_off`` and
        ``shift_left``."""
        restarts, t_min, t_max, _, start, shift, data, _ = self._read(params)
        units = "units of the data"
        factors = np.sqrt((data.variances + t_min**2) / (data.variances + t_max**2))
        kept = float(data.mean**2 @ factors ** (restarts + 1)) / data.distance**2
        values = {
            "lambda": Value(overlap(2 * data.distance, t_min, t_max)),
            "distance": Value(data.distance, unit=units),
            "shift_predicted": Value(shift * kept, unit=units),
        }
        if generator is not None:
            share, left = self._sides(params, generator)
            off = abs(start - WEIGHT) - abs(share.value - WEIGHT)
            values["taken_off"] = Value(off, share.standard_error)
            values["shift_left"] = left._replace(unit=units)
        return values

    def void(self, params: Params) -> bool:
        start = self._read(params)[4]
        printed = self.printed(params)
        assert printed is not None
        return printed.value > (1 - NOTHING) * abs(start - WEIGHT)
