"""Noise schedules: how much of the data is left, and how much noise there is, at each time.

Variance preserving, ``x_t = sqrt(abar_t) x_0 + sqrt(1 - abar_t) eps``, in T discrete steps:

    linear   beta_t from 1e-4 to 0.02 evenly, abar_t = prod (1 - beta_s)       Ho et al. 2020
    cosine   abar_t = f(t)/f(0), f(t) = cos^2(pi/2 (t/T + 0.008) / 1.008),
             beta_t = 1 - abar_t / abar_{t-1} at most 0.999                    Nichol, Dhariwal 2021

Continuous, the Ornstein-Uhlenbeck process dx = -x dt + sqrt(2) dW: ``x_t = r x_0 + sqrt(1 - r^2)
eps`` with r = exp(-t).
"""

import math

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

SCHEDULES = ("linear", "cosine")


def beta(schedule: str, steps: int = 1000) -> Array:
    """beta_1 .. beta_T [steps], the variance that each step adds."""
    if schedule == "linear":
        return np.linspace(1e-4, 0.02, steps)
    if schedule == "cosine":
        angles = math.pi / 2 * (np.arange(steps + 1) / steps + 0.008) / 1.008
        left = np.cos(angles) ** 2
        return np.minimum(1 - left[1:] / left[:-1], 0.999)
    raise ValueError(
        f"asked for the schedule {schedule!r}; got no schedule of that name; "
        f"the known ones are {', '.join(SCHEDULES)}"
    )


def alpha_bar(schedule: str, steps: int = 1000) -> Array:
    """abar_0 = 1, abar_1 .. abar_T [steps + 1], the share of the data's variance that is left."""
    return np.concatenate([[1.0], np.cumprod(1 - beta(schedule, steps))])


def ornstein_uhlenbeck(t: float) -> tuple[float, float]:
    """r = exp(-t) and the variance 1 - r^2 of the noise, at time t >= 0."""
    return math.exp(-t), -math.expm1(-2 * t)
