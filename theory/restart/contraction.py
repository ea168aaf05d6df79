"""How ODE, SDE and Restart contract an error that they were given, on Gaussian data.

Data N(0, s^2), the exact score, continuous time; the law at t_max is off by a shift e of its mean.
With ``a = sqrt((s^2 + t_min^2) / (s^2 + t_max^2))``, v^2 = s^2 + t^2, the shift at t_min is

    ODE  a e        SDE  a^2 e        Restart(K)  a^{K+1} e,

the variance is right throughout, and so W1 is that shift and TV = 2 Phi(shift / (2 v_min)) - 1.
Proof. The ODE is dx/dt = t x / v^2, so that x / v is constant: a pass multiplies x by a. The SDE,
whose drift is twice that, has d(mean)/dt = 2 t mean / v^2, so that mean / v^2 is constant. Noise
leaves means, and takes the variance from v_min^2 to v_max^2, whence a pass takes it back.  []

In total variation the ODE, being invertible, contracts nothing, the SDE by a, Restart(K) by a^K
(of the standardised shift). One restart is the SDE, whatever s and the interval; only from K = 2
on does Restart contract more. A wrong variance contracts by the squares of these factors.

*Printed* (Lemma 1, Theorem 4): TV after K restarts is at most (1 - lambda)^K TV, lambda from the
diameter B of a ball that holds everything (``theory.restart.bound``). Gaussians are in no ball.
``reach`` counts the standard deviations of p_{t_max} that a ball is taken to hold, for want of a
bound: at 4 of them, s = 1 on [0.05, 1], lambda is 1.5e-8 and promises next to nothing. As the
assumption fails, ``printed`` is a proxy; ``void`` where it is 1 - lambda = 1 to 1e-6, that is
where no number of restarts that anyone runs would take off a part in ten thousand.

*One restart and the SDE, for any data (derived here).* Write a law by its density relative to the
right one, as a vector of L2(p_t). Adding noise is the operator N, E[f(x_min) | x_max]; the SDE is
the reversal in time of adding noise, so that it is the adjoint N*; the ODE is a measure-preserving
bijection G, unitary. Restart(K) is G (N G)^K, up to the order of factors. Hence, in the
chi-squared divergence, the ODE contracts nothing, the SDE by rho^2 at worst, rho the maximal
correlation of x_min and x_max, one restart by rho^2 at worst, with the same rho, since N and N*
share their singular values, and K restarts by at most rho^{2K}. So "one restart contracts more
than the SDE" is an artefact of the bounds, 1 - lambda against 1 - lambda e^{-U}, in the worst case
of every data law and not of Gaussians alone (where rho = a).

*Sharper, without a ball (derived here).* If p_{t_min} satisfies a logarithmic Sobolev inequality
with constant C, KL <= C/2 FI, then each restart takes KL to at most KL C / (C + tau^2). Proof:
along the heat flow from p_{t_min}, at time h, d/dh KL = -FI/2, while the noised law has the
constant C + h (it is a convolution with a Gaussian of constant h), so that d/dh log KL <= -1/(C +
h); then integrate to tau^2; the ODE leaves KL. With Pinsker's inequality,

    TV <= sqrt(KL_{t_max} / 2) (C / (C + tau^2))^{K/2}.

For Gaussian data C = v_min^2 and the factor is a^K, exactly; the bound is KL-tight, and within
sqrt(pi/2) = 1.25 of the total variation of a small shift (``log_sobolev``).
"""

import math
from typing import ClassVar, final

import numpy as np
from scipy import special

from theory.law import Law, Params, Value
from theory.parameter import integer, nonnegative, positive
from theory.restart.bound import XU, overlap

NOTHING = 1e-6  # a lambda below which restarts take off nothing that anyone sees


def widths(spread: float, t_min: float, t_max: float) -> tuple[float, float]:
    """v_min and v_max, the standard deviations of p_{t_min} and p_{t_max}."""
    return math.hypot(spread, t_min), math.hypot(spread, t_max)


def pass_factor(spread: float, t_min: float, t_max: float) -> float:
    """a, by which one pass of the ODE multiplies an error; in (0, 1)."""
    low, high = widths(spread, t_min, t_max)
    return low / high


def shrinkage(spread: float, t_min: float, t_max: float) -> float:
    """1 - a, with its digits where a is near 1."""
    low, high = widths(spread, t_min, t_max)
    return (t_max - t_min) * (t_max + t_min) / (high * (high + low))


def factor(process: str, restarts: int, a: float) -> float:
    """By how much a process multiplies a shift between t_max and t_min."""
    return a ** {"ode": 1, "sde": 2, "restart": restarts + 1}[process]


def shifted_total_variation(standardised: float) -> float:
    """TV of two unit normals so far apart, 2 Phi(r/2) - 1."""
    return float(special.erf(standardised / math.sqrt(8)))


@final
class Contraction(Law):
    """Total variation at t_min after K restarts; parameters spread, t_min, t_max, restarts, shift,
    reach."""

    name = "restart.contraction"
    statement = "TV after K restarts <= (1 - lambda)^K TV, lambda = 2 Q(B / (2 tau))"
    source = f"{XU}, Lemma 1 and Theorem 4"
    unit = "1"
    parameters: ClassVar = {
        "spread": positive("standard deviation s of the data"),
        "t_min": positive("lower end of the interval"),
        "t_max": positive("upper end of the interval"),
        "restarts": integer("restarts K", default=1),
        "shift": positive("error of the mean at t_max", default=1.0),
        "reach": nonnegative("standard deviations that the ball holds", default=4.0),
    }
    example: ClassVar = {
        "spread": 1.0,
        "t_min": 1.0,
        "t_max": 4.0,
        "restarts": 3,
        "shift": 1.0,
        "reach": 4.0,
    }

    def _read(self, params: Params) -> tuple[float, float, float, int, float, float]:
        spread, t_min, t_max, restarts, shift, reach = self.read(params)
        if t_min >= t_max:
            raise self.refuse(f"t_min={t_min} and t_max={t_max}", "give t_min below t_max")
        return spread, t_min, t_max, restarts, shift, reach

    def _survivors(self, params: Params) -> tuple[float, dict[str, float]]:
        """a, and the total variation that each process leaves."""
        spread, t_min, t_max, restarts, shift, _ = self._read(params)
        a = pass_factor(spread, t_min, t_max)
        low, _high = widths(spread, t_min, t_max)
        left = {
            process: shifted_total_variation(shift * factor(process, restarts, a) / low)
            for process in ("ode", "sde", "restart")
        }
        return a, left

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(self._survivors(params)[1]["restart"])

    def _lambda(self, params: Params) -> float:
        spread, t_min, t_max, _, _, reach = self._read(params)
        return overlap(2 * reach * math.hypot(spread, t_max), t_min, t_max)

    def printed(self, params: Params) -> Value | None:
        restarts = self._read(params)[3]
        initial = self._survivors(params)[1]["ode"]
        lam = self._lambda(params)
        return Value(initial * (1 - lam) ** restarts)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The three processes in TV (``ode``, ``sde``) and in W1; the logarithmic gains between
        them; ``log_sobolev``, the bound that needs no ball."""
        spread, _, t_max, restarts, shift, _ = self._read(params)
        a, left = self._survivors(params)
        standardised = shift / math.hypot(spread, t_max)
        return {
            "ode": Value(left["ode"]),
            "sde": Value(left["sde"]),
            "log_sobolev": Value(standardised / 2 * a**restarts),
            "lambda": Value(self._lambda(params)),
            "gain_over_sde": Value(math.log(left["sde"] / left["restart"]), unit="nats"),
            "gain_over_ode": Value(math.log(left["ode"] / left["restart"]), unit="nats"),
            "sde_gain_over_ode": Value(math.log(left["ode"] / left["sde"]), unit="nats"),
            "w1_ode": Value(shift * factor("ode", restarts, a), unit="units of the data"),
            "w1_sde": Value(shift * factor("sde", restarts, a), unit="units of the data"),
            "w1_restart": Value(shift * factor("restart", restarts, a), unit="units of the data"),
        }

    def void(self, params: Params) -> bool:
        return self._lambda(params) < NOTHING
