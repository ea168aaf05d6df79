"""The ODE of Gaussian data in closed form, for every schedule.

Score ``s(x, t) = (sigma_t^2 I + alpha_t^2 Sigma)^{-1} (alpha_t mu - x)``. The probability-flow ODE
from x_T, with y_perp the part of y_T outside the range of Sigma, is solved by

    x_t  = alpha_t mu + (sigma_t / sigma_T) y_perp + sum_k psi_k c_k u_k,
           psi_k = sqrt((sigma_t^2 + lambda_k alpha_t^2) / (sigma_T^2 + lambda_k alpha_T^2))
    x^_0 = mu + sum_k xi_k c_k u_k,
           xi_k = alpha_t lambda_k / sqrt(N_t N_T),     N_t = sigma_t^2 + lambda_k alpha_t^2.

Proof. In z = x / alpha and r = sigma / alpha every schedule is dz/dr = -r grad log p_r(z), whose
component along u_k is dc/dr = r c / (lambda + r^2), so that c / sqrt(lambda + r^2) is constant;
lambda = 0 gives y_perp. And x^_0 = mu + sum_k alpha lambda / (sigma^2 + lambda alpha^2) (u_k . (x_t
- alpha mu)) u_k.  []

``exact`` is |x_t - alpha_t mu| by a solver (DOP853, relative tolerance 1e-12) that knows only the
score, ``printed`` the closed form. ``edm``: t is sigma. ``vp``: alpha_t = exp(-(b1 - b0) t^2/4 - b0
t/2), b0 = 0.1, b1 = 20, 0 < t <= 1 (Song et al. 2021). The statement is about the ODE alone; the
SDE from the same x_T has no single x_t.
"""

import math
from typing import ClassVar, NamedTuple, final

import numpy as np
from scipy.integrate import solve_ivp

from theory.law import Law, Params, Value
from theory.painters.teleport import WANG
from theory.parameter import Array, choice, covariance, positive, same_dimension, vector

BETA = (0.1, 20.0)
SCHEDULES = ("edm", "vp")


class Level(NamedTuple):
    """How much of the data and how much noise there is at a time."""

    alpha: float
    sigma: float


def level(schedule: str, t: float) -> Level:
    """alpha_t and sigma_t; t is sigma for edm, and in (0, 1] for vp."""
    if schedule == "edm":
        return Level(1.0, t)
    exponent = -(BETA[1] - BETA[0]) * t * t / 4 - BETA[0] * t / 2
    return Level(math.exp(exponent), math.sqrt(-math.expm1(2 * exponent)))


def psi(variance: Array, now: Level, start: Level) -> Array:
    """By how much the ODE multiplies y along features [k] between two levels."""
    above = now.sigma**2 + variance * now.alpha**2
    return np.sqrt(above / (start.sigma**2 + variance * start.alpha**2))


def xi(variance: Array, now: Level, start: Level) -> Array:
    """The endpoint foreseen along features [k], by y at the start."""
    here = now.sigma**2 + variance * now.alpha**2
    return now.alpha * variance / np.sqrt(here * (start.sigma**2 + variance * start.alpha**2))


def eigen(sigma: Array) -> tuple[Array, Array]:
    """Variances [d], not below 0, and features [d, d] of a covariance [d, d]."""
    values, vectors = np.linalg.eigh(sigma)
    small = values < 1e-14 * max(float(values[-1]), 0.0)
    return np.where(small, 0.0, values), vectors


def closed_form(x: Array, mean: Array, sigma: Array, now: Level, start: Level) -> Array:
    """x_t [d] from x_T [d]."""
    values, vectors = eigen(sigma)
    y = (x - start.alpha * mean) @ vectors
    return now.alpha * mean + vectors @ (psi(values, now, start) * y)


def endpoint(x: Array, mean: Array, sigma: Array, now: Level, start: Level) -> Array:
    """E[x_0 | x_t] [d] on the trajectory from x_T [d]."""
    values, vectors = eigen(sigma)
    y = (x - start.alpha * mean) @ vectors
    return mean + vectors @ (xi(values, now, start) * y)


def solved(x: Array, mean: Array, sigma: Array, schedule: str, t: float, start: float) -> Array:
    """x_t [d] from x_T [d] by a solver, from the score alone."""
    identity = np.eye(len(mean))

    def score(at: Level, z: Array) -> Array:
        total = at.sigma**2 * identity + at.alpha**2 * sigma
        return np.asarray(np.linalg.solve(total, at.alpha * mean - z), float)

    def edm(s: float, z: Array) -> Array:  # s = log sigma
        return -math.exp(2 * s) * score(Level(1.0, math.exp(s)), z)

    def vp(s: float, z: Array) -> Array:
        rate = BETA[0] + (BETA[1] - BETA[0]) * s
        return -0.5 * rate * (z + score(level("vp", s), z))

    span = (math.log(start), math.log(t)) if schedule == "edm" else (start, t)
    right = edm if schedule == "edm" else vp
    return solve_ivp(right, span, x, "DOP853", rtol=1e-12, atol=1e-13).y[:, -1]


def tweedie(x: Array, mean: Array, sigma: Array, now: Level) -> Array:
    """E[x_0 | x_t = x] [d], from the score: (x + sigma_t^2 s(x, t)) / alpha_t."""
    total = now.sigma**2 * np.eye(len(mean)) + now.alpha**2 * sigma
    return (x + now.sigma**2 * np.linalg.solve(total, now.alpha * mean - x)) / now.alpha


@final
class Trajectory(Law):
    """|x_t - alpha_t mu|; parameters mean, covariance, start, schedule, t_max, t."""

    name = "painters.trajectory"
    statement = "x_t = alpha_t mu + (sigma_t/sigma_T) y_perp + sum_k psi_k c_k u_k"
    source = f"{WANG}, the solution of the ODE for a Gaussian score"
    unit = "units of the data"
    parameters: ClassVar = {
        "mean": vector("mean of the data"),
        "covariance": covariance("covariance of the data", singular=True),
        "start": vector("x_T"),
        "schedule": choice("the schedule", SCHEDULES, default="edm"),
        "t_max": positive("time of the start (noise level, or at most 1 for vp)"),
        "t": positive("time (noise level for edm)"),
    }
    example: ClassVar = {
        "mean": [0.5, -1.0, 2.0],
        "covariance": [4.0, 0.5, 0.0],
        "start": [0.7, -0.2, 1.1],
        "schedule": "vp",
        "t_max": 1.0,
        "t": 0.5,
    }

    def _read(self, params: Params) -> tuple[Array, Array, Array, str, float, float]:
        mean, sigma, start, schedule, t_max, t = self.read(params)
        same_dimension(self.name, mean=mean, covariance=sigma, start=start)
        if t >= t_max or (schedule == "vp" and t_max > 1):
            raise self.refuse(f"t={t} and t_max={t_max}", "give t < t_max, at most 1 for vp")
        return mean, sigma, start, schedule, t_max, t

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        mean, sigma, start, schedule, t_max, t = self._read(params)
        found = solved(start, mean, sigma, schedule, t, t_max)
        return Value(float(np.linalg.norm(found - level(schedule, t).alpha * mean)))

    def printed(self, params: Params) -> Value | None:
        mean, sigma, start, schedule, t_max, t = self._read(params)
        now = level(schedule, t)
        found = closed_form(start, mean, sigma, now, level(schedule, t_max))
        return Value(float(np.linalg.norm(found - now.alpha * mean)))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """|x^_0 - mu|: ``endpoint`` by Tweedie's formula at the solver's x_t, and
        ``endpoint_printed`` by xi."""
        mean, sigma, start, schedule, t_max, t = self._read(params)
        now, first = level(schedule, t), level(schedule, t_max)
        seen = tweedie(solved(start, mean, sigma, schedule, t, t_max), mean, sigma, now)
        printed = endpoint(start, mean, sigma, now, first)
        return {
            "endpoint": Value(float(np.linalg.norm(seen - mean))),
            "endpoint_printed": Value(float(np.linalg.norm(printed - mean))),
        }

    def void(self, params: Params) -> bool:
        self._read(params)
        return False
