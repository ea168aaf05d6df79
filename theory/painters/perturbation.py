"""What a perturbation on the way does to the image.

Along a Gaussian feature the ODE is linear, and a small change of x_t by delta changes x_0 by

    delta sqrt(lambda / (sigma_t^2 + lambda alpha_t^2))                                  (printed)

and, off the range of the covariance, by nothing. *The paper's claim*, that early perturbations
change more than late ones, depends on what is held fixed (derived here):

* VP, one absolute size: the factor is ``sqrt(lambda / (1 + (lambda - 1) alpha_t^2))``, which rises
  with t for lambda > 1 and *falls* for lambda < 1: early perturbations matter more along features
  with more variance than the noise that ends the process, less along all the others, the details.
* EDM, one absolute size: ``sqrt(lambda / (lambda + sigma^2))`` falls with sigma for every feature:
  late ones matter more.
* A perturbation in proportion to the noise, size sigma_t: ``relative``, rises with t always.

*Beyond Gaussians (derived here).* On the line the ODE keeps ranks, F_t(x_t) = F_0(x_0), so that for
every law

    d x_0 / d x_t = p_t(x_t) / p_0(x_0),     p_t the density of alpha_t x_0 + sigma_t eps,

which for a normal law is the printed factor, and between two modes, where p_0 is small, can be a
thousand times larger: a small early push decides the mode. ``exact`` is that factor at one rank.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.density import Density
from theory.law import Law, Params, Value
from theory.painters.half_way import at_rank
from theory.painters.teleport import WANG
from theory.painters.trajectory import SCHEDULES, level
from theory.parameter import choice, inside, line, positive


@final
class Perturbation(Law):
    """d x_0 / d x_t; parameters p, rank, schedule, t."""

    name = "painters.perturbation"
    statement = (
        "a perturbation of x_t moves x_0 by sqrt(lambda / (sigma_t^2 + lambda alpha_t^2)) times it"
    )
    source = f"{WANG}, early perturbations change more than late ones"
    unit = "1"
    parameters: ClassVar = {
        "p": line("law of the feature"),
        "rank": inside("rank of the trajectory, P(X <= x_0)", 0, 1, default=0.8413447460685429),
        "schedule": choice("the schedule", SCHEDULES, default="edm"),
        "t": positive("time of the perturbation (noise level for edm)"),
    }
    example: ClassVar = {"p": "normal(0,2)", "schedule": "edm", "t": 1.0}

    def _read(self, params: Params) -> tuple[Density, float, str, float]:
        p, rank, schedule, t = self.read(params)
        if p.atoms:
            raise self.refuse(f"the atoms of {p}", "give them a small width")
        if schedule == "vp" and t > 1:
            raise self.refuse(f"t={t}", "give a time of at most 1 for vp")
        return p, rank, schedule, t

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        p, rank, schedule, t = self._read(params)
        now = level(schedule, t)
        sigma = now.sigma / now.alpha
        here = p.under_noise(sigma).log_pdf(np.array([at_rank(p, rank, sigma)]))
        end = p.log_pdf(np.array([at_rank(p, rank, 0.0)]))
        return Value(math.exp(float((here - end)[0])) / now.alpha)

    def printed(self, params: Params) -> Value | None:
        p, _, schedule, t = self._read(params)
        now = level(schedule, t)
        return Value(math.sqrt(p.variance / (now.sigma**2 + p.variance * now.alpha**2)))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``relative``: what a perturbation of the size of the noise, sigma_t, moves x_0 by."""
        _, _, schedule, t = self._read(params)
        moved = self.exact(params).value * level(schedule, t).sigma
        return {"relative": Value(moved, unit="units of the data")}

    def void(self, params: Params) -> bool:
        self._read(params)
        return False
