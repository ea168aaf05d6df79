"""How often Restart calls the network: the sampler of Algorithms 1 and 2, and the formula.

The main grid has N noise levels (``theory.restart.grid``, edm, 80 to 0.002) and then 0; each step
is Heun's, two calls, the last one to 0 Euler's, one call. Restart j = (N_j, K_j, t_min_j, t_max_j):
when the main run has reached the noise level nearest to t_min_j, K_j times noise of standard
deviation sqrt(t_max^2 - t_min^2) is added and N_j levels, edm, lead down again by N_j - 1 Heun
steps. Hence

    NFE = 2 N - 1 + sum_j 2 K_j (N_j - 1).

With Euler steps in the main run (Stable Diffusion) it is N + sum_j 2 K_j (N_j - 1): there each of N
steps is one call. ``exact`` runs the sampler on N(0, 1) and counts. Two restarts whose t_min round
to one noise level would be one; that is refused.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import ClassVar, NamedTuple, final

import numpy as np

from theory.law import Law, Params, Value
from theory.parameter import Array, choice, integer, points
from theory.restart.bound import XU
from theory.restart.grid import levels

SIGMA_MAX, SIGMA_MIN = 80.0, 0.002
Denoiser = Callable[[Array, float], Array]


class Restart(NamedTuple):
    """One restart interval: noise levels in it, repeats, and its ends."""

    nodes: int
    repeats: int
    t_min: float
    t_max: float


def step(x: Array, t: float, u: float, denoise: Denoiser, second: bool) -> Array:
    """One step of the ODE from t to u < t: Heun's where ``second``, else Euler's."""
    slope = (x - denoise(x, t)) / t
    there = x + (u - t) * slope
    if not second:
        return there
    return x + (u - t) / 2 * (slope + (there - denoise(there, u)) / u)


def run(
    x: Array,
    denoise: Denoiser,
    nodes: int,
    restarts: Sequence[Restart],
    generator: np.random.Generator,
    main: str = "heun",
    noise: float = 1.0,
) -> Array:
    """Samples [n, d] from x [n, d] at noise 80.

    denoise(x [n, d], t) -> E[x_0 | x_t = x] [n, d]. main: heun or euler. noise: S_noise, by which
    the added noise is multiplied. Raises ValueError where two intervals share a noise level.
    """
    times = levels("edm", nodes, SIGMA_MIN, SIGMA_MAX)
    at: dict[int, Restart] = {}
    for interval in restarts:
        nearest = int(np.abs(times - interval.t_min).argmin())
        if nearest in at or interval.t_max <= times[nearest]:
            raise ValueError(
                f"asked for restarts down to {interval.t_min}; got a grid of {nodes} levels whose "
                f"nearest, {times[nearest]:.4g}, is another restart's or above t_max; "
                "give more levels"
            )
        at[nearest] = interval
    for i, (t, u) in enumerate(zip(times, [*times[1:], 0.0]), 1):
        x = step(x, t, u, denoise, second=main == "heun" and u > 0)
        if (again := at.get(i)) is not None:
            tau = math.sqrt(again.t_max**2 - u**2)
            for _ in range(again.repeats):
                x = x + noise * tau * generator.standard_normal(x.shape)
                inner = levels("edm", again.nodes, u, again.t_max)
                for high, low in pairwise(inner):
                    x = step(x, high, low, denoise, second=True)
    return x


def formula(nodes: int, restarts: Sequence[Restart], main: str = "heun") -> int:
    """NFE as printed."""
    base = 2 * nodes - 1 if main == "heun" else nodes
    return base + sum(2 * interval.repeats * (interval.nodes - 1) for interval in restarts)


@final
class Evaluations(Law):
    """Calls of the network; parameters steps, restarts, main."""

    name = "restart.evaluations"
    statement = "NFE = 2 N - 1 + sum_j 2 K_j (N_j - 1)"
    source = f"{XU}, Algorithms 1 and 2, appendix B"
    unit = "calls"
    parameters: ClassVar = {
        "steps": integer("noise levels N of the main run", least=2),
        "restarts": points("intervals (N_j, K_j, t_min, t_max)"),
        "main": choice("steps of the main run", ("heun", "euler"), default="heun"),
    }
    example: ClassVar = {"steps": 18, "restarts": [[3, 20, 0.06, 0.3]]}

    def _read(self, params: Params) -> tuple[int, list[Restart], str]:
        steps, rows, main = self.read(params)
        found = []
        for row in rows:
            whole = len(row) == 4 and row[0] == int(row[0]) >= 2 and row[1] == int(row[1]) >= 1
            if not whole or not 0 < row[2] < row[3]:
                fix = "give (levels of 2 or more, repeats of 1 or more, t_min, t_max above it)"
                raise self.refuse(f"the interval {row.tolist()}", fix)
            found.append(Restart(int(row[0]), int(row[1]), float(row[2]), float(row[3])))
        return steps, found, main

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        steps, restarts, main = self._read(params)
        calls = 0

        def denoise(x: Array, t: float) -> Array:
            nonlocal calls
            calls += 1
            return x / (1 + t * t)

        start = np.full((1, 1), SIGMA_MAX)
        run(start, denoise, steps, restarts, np.random.default_rng(0), main)
        return Value(float(calls))

    def printed(self, params: Params) -> Value | None:
        return Value(float(formula(*self._read(params))))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``in_restarts``, the share of the calls that restarts make."""
        steps, restarts, main = self._read(params)
        share = 1 - formula(steps, [], main) / formula(steps, restarts, main)
        return {"in_restarts": Value(share, unit="1")}

    def void(self, params: Params) -> bool:
        """Never: it is a count."""
        self._read(params)
        return False
