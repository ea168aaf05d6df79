"""One step, two views: an Euler step of the flow is a DDIM step of the noise, on affine paths only.

The continuous-time views share one flow (``theory.principles.probability_flow``). Their samplers
take different steps along it. From x at time t to a time s < t:

    DDIM    alpha_s E[x_0|x] + sigma_s E[eps|x]          Song et al. 2021, arXiv 2010.02502 (exact)
    Euler   x + (s - t) u(x)                             flow matching's usual sampler    (printed)

*Statement.* As u = alpha' E[x_0|x] + sigma' E[eps|x] and x = alpha E[x_0|x] + sigma E[eps|x],
Euler's step is the same combination of E[x_0|x] and E[eps|x], with the tangents alpha + (s - t)
alpha' and sigma + (s - t) sigma' in place of alpha_s and sigma_s. Hence the two are equal for every
law and every x iff alpha and sigma are affine in t: on the linear path and, with sigma as the time,
for ve. On vp and ou they differ by (alpha_s - tangent) E[x_0|x] + (sigma_s - tangent) E[eps|x], of
second order in the step: an Euler step goes wrong even where E[x_0|x] and E[eps|x] do not change
along the flow at all, and DDIM does not.

``flow`` is the end of the exact flow, by an adaptive integrator (relative tolerance 1e-11), and
``ddim_error``, ``euler_error`` how far each step is from it.
"""

from typing import ClassVar, final

import numpy as np
from scipy import integrate

from theory.law import Law, Params, Value
from theory.line_mixture import mixture
from theory.mixture import Mixture
from theory.parameter import choice, line, positive, real
from theory.principles.conversion import PRINCIPLES, read_place
from theory.principles.prediction import PATHS, Point, path, predict


def ddim(law: Mixture, x: float, here: Point, there: Point) -> float:
    """One DDIM step from x on the line."""
    at = np.array([[x]])
    data, noise = (float(predict(law, at, kind, here)[0, 0]) for kind in ("data", "noise"))
    return there.alpha * data + there.sigma * noise


def euler(law: Mixture, x: float, here: Point, step: float) -> float:
    """One Euler step of the velocity from x on the line, by ``step`` in time."""
    return x + step * float(predict(law, np.array([[x]]), "velocity", here)[0, 0])


def flow(law: Mixture, x: float, name: str, start: float, end: float) -> float:
    """The end of the exact flow from x on the line."""
    solved = integrate.solve_ivp(
        lambda t, y: predict(law, y[:, None], "velocity", path(name, float(t)))[:, 0],
        (start, end),
        [x],
        method="DOP853",
        rtol=1e-11,
        atol=1e-13,
    )
    return float(solved.y[0, -1])


@final
class EulerStep(Law):
    """A DDIM step against an Euler step of the velocity; parameters below."""

    name = "principles.euler_step"
    statement = "x + (s - t) u(x) = alpha_s E[x_0|x] + sigma_s E[eps|x]"
    source = f"{PRINCIPLES}, one velocity field; the discrete statement derived here"
    unit = "units of x_t"
    parameters: ClassVar = {
        "path": choice("the path", PATHS),
        "start": positive("time t of x"),
        "end": positive("time s < t to which the step leads"),
        "p": line("law of x_0, of normals and atoms"),
        "at": real("the point x"),
    }
    example: ClassVar = {
        "path": "linear",
        "start": 0.8,
        "end": 0.6,
        "p": "0.3*normal(-1,0.3)+0.7*normal(1,0.3)",
        "at": 0.4,
    }

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        name, start, end, law, at = self._read(params)
        return Value(ddim(law, at, path(name, start), path(name, end)))

    def printed(self, params: Params) -> Value | None:
        name, start, end, law, at = self._read(params)
        return Value(euler(law, at, path(name, start), end - start))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The end of the exact flow, and how far from it each step leads."""
        name, start, end, law, at = self._read(params)
        exact = flow(law, at, name, start, end)
        here, there = path(name, start), path(name, end)
        return {
            "flow": Value(exact),
            "ddim_error": Value(abs(ddim(law, at, here, there) - exact)),
            "euler_error": Value(abs(euler(law, at, here, end - start) - exact)),
        }

    def _read(self, params: Params) -> tuple[str, float, float, Mixture, float]:
        name, start, end, p, at = self.read(params)
        if end >= start:
            raise self.refuse(f"start={start} and end={end}", "give end < start")
        for time in (start, end):
            read_place(self, (name, time))
        return name, start, end, mixture(p), at
