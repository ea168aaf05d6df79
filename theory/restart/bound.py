"""The bounds of Theorems 3 and 4 as printed, and the constants that they are made of.

Assumptions: every process stays in a ball of diameter B over [t_min, t_max]; with
``f(x, t) = t s_theta(x, t)``, |f(x, t) - f(x, s)| <= L0 |t - s|, |f| <= L1, f is L2-Lipschitz in x,
and |f - t grad log p_t| <= eps; steps of length delta; K <= C / (L2 Delta). Then, with the total
variation TV between the two laws at t_max and ``lambda = 2 Q(B / (2 tau))``,

    ODE          W1 <= B TV + e^{L2 Delta} (delta (L2 L1 + L0) + eps) Delta        (Theorem 3)
    SDE          W1 <= B (1 - lambda e^{-U}) TV
                       + e^{2 L2 Delta} (eps + delta L0 + L2 (delta L1 + J)) Delta,
                 U = B L1 / t_min + L1^2 t_max^2 / t_min^2, J = sqrt(2 delta d t_max)
                                                                                   (Theorem 3)
    Restart(K)   W1 <= B (1 - lambda)^K TV
                       + e^{(K+1) L2 Delta} (K+1) (delta (L2 L1 + L0) + eps) Delta (Theorem 4)

lambda is the overlap of two normals of standard deviation tau at opposite ends of the ball (Lemma
7: TV(N(x, s^2), N(y, s^2)) = 1 - 2 Q(|x - y| / (2 s))), so that (1 - lambda) is the Dobrushin
coefficient of adding the noise (Lemma 1).

*The term of the score in the bound for the SDE lacks a factor 2.* Its drift is 2 f, so that a score
that is off by eps moves the drift by 2 eps, and the argument of Gronwall gives ``2 eps Delta e^{2
L2 Delta}``. That the factor is needed shows on wide data, s_theta exact but for a constant: at N(0,
s^2) the mean moves by 2 eps (s^2 + t_min^2)/s (atan(t_max/s) - atan(t_min/s)), which tends to 2 eps
Delta for s to infinity, while L2 tends to 0 and the printed term to eps Delta.
``theory.restart.biased_score`` puts the two beside each other. ``SCORE_FACTOR`` is the corrected
one.
"""

import math
from dataclasses import dataclass
from typing import final

from scipy import special

XU = "Xu et al. 2023, Restart Sampling (arXiv 2306.14878)"
PROCESSES = ("ode", "sde", "restart")
SCORE_FACTOR = {"ode": 1.0, "sde": 2.0, "restart": 1.0}
LARGEST = 700.0  # exponents beyond which a bound is infinite


@final
@dataclass(frozen=True)
class Constants:
    """What the theorems assume of data, network and steps; B, L0 to L2, eps, delta, d."""

    diameter: float
    l0: float
    l1: float
    l2: float
    score_error: float
    step: float = 0.0
    dimension: int = 1


def overlap(diameter: float, t_min: float, t_max: float) -> float:
    """lambda, the least overlap of two noised points of a ball of this diameter."""
    tau = math.sqrt((t_max - t_min) * (t_max + t_min))
    return 2 * float(special.ndtr(-diameter / (2 * tau)))


def sde_exponent(diameter: float, l1: float, t_min: float, t_max: float) -> float:
    """U, by which the bound for the SDE discounts lambda to lambda e^-U."""
    return diameter * l1 / t_min + (l1 * t_max / t_min) ** 2


def kept(process: str, restarts: int, c: Constants, t_min: float, t_max: float) -> float:
    """The share of the total variation at t_max that a bound lets survive."""
    if process == "ode":
        return 1.0
    lam = overlap(c.diameter, t_min, t_max)
    if process == "sde":
        return 1 - lam * math.exp(-sde_exponent(c.diameter, c.l1, t_min, t_max))
    return math.exp(restarts * math.log1p(-lam)) if lam < 1 else float(restarts == 0)


def added(process: str, restarts: int, c: Constants, t_min: float, t_max: float) -> float:
    """The additional error of a bound, in units of the data; infinite beyond e^700."""
    length = t_max - t_min
    if process == "sde":
        jitter = math.sqrt(2 * c.step * c.dimension * t_max)
        rate = c.score_error + c.step * c.l0 + c.l2 * (c.step * c.l1 + jitter)
        passes, exponent = 1, 2 * c.l2 * length
    else:
        rate = c.step * (c.l2 * c.l1 + c.l0) + c.score_error
        passes = restarts + 1 if process == "restart" else 1
        exponent = passes * c.l2 * length
    return math.inf if exponent > LARGEST else math.exp(exponent) * passes * rate * length


def bound(
    process: str, restarts: int, c: Constants, variation: float, t_min: float, t_max: float
) -> float:
    """The printed bound on W1 at t_min, given the total variation at t_max.

    process: one of PROCESSES; restarts counts for "restart" alone. Units of the data.
    """
    contracted = c.diameter * kept(process, restarts, c, t_min, t_max) * variation
    return contracted + added(process, restarts, c, t_min, t_max)
