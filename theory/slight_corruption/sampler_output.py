"""What the sampler makes of the linear optimum at a finite horizon: Lemmas 3 and 4.

The probability flow of the Ornstein-Uhlenbeck process, run backwards from z_0 ~ N(0, I) at time T,

    dz/dtau = z + s(z, T - tau),    s = -eps_theta / sigma,

with the networks of ``theory.slight_corruption.linear_network`` has the affine score ``s(z, t) =
-(sigma^2 I + r^2 S)^-1 (z - r m)``. In the eigenbasis of S, value lam, let ``v(t) = 1 + (lam - 1)
exp(-2 t)``. Then ``z = r m + sqrt(v) w`` solves it for any constant w: r' = r along the backward
time, and ``d sqrt(v)/dtau = (v - 1)/sqrt(v) = sqrt(v) (1 - 1/v)``. From t = T to t = 0, coordinate
by coordinate,

    z_T = m + sqrt(lam / v(T)) (z_0 - exp(-T) m),
    E z_T = e m,  e = 1 - sqrt(lam) exp(-T) / sqrt(v(T)),      Var z_T = lam / v(T).

This is Lemma 3 (equation 29 and its proof) with m = muh, S = Sh, at any T and any spectrum: the
printed "1 >= lam_1" is not needed. As T grows the output tends to N(m, S).

*Lemma 4* (equation 32), corrupted conditions: m = muh/(1 + gamma^2), as the clean condition meets
the shrunk bias, and ``S = Sh + kappa |muh|^2 I`` as printed, ``S = Sh + kappa muh muh'`` corrected,
since the output inherits the matrix of Lemma 2. For large T the printed total variance is too large
by kappa |muh|^2 (d - 1). What the corruption does to the output is thus one added direction, along
the class's own mean, and a mean drawn towards 0.
"""

import math
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from theory.gaussian import wasserstein2_squared
from theory.law import Law, Params, Value
from theory.parameter import covariance, nonnegative, positive, same_dimension, vector
from theory.slight_corruption.linear_network import (
    CORRUPTION,
    corrupted_covariance,
    kappa,
    printed_covariance,
)

Array = npt.NDArray[np.float64]


def output(mean: Array, spread: Array, horizon: float) -> tuple[Array, Array]:
    """Mean [d] and covariance [d, d] of z_T for the score of N(mean, spread), horizon T > 0."""
    values, vectors = np.linalg.eigh(spread)
    left = math.exp(-horizon)
    noised = values * left**2 - math.expm1(-2 * horizon)  # v(T) [d]
    e = 1 - np.sqrt(values / noised) * left
    return vectors @ (e * (vectors.T @ mean)), (vectors * (values / noised)) @ vectors.T


def flow(z0: Array, mean: Array, spread: Array, horizon: float) -> Array:
    """z_T [.., d] from z_0 [.., d]: the sampler's map in closed form."""
    values, vectors = np.linalg.eigh(spread)
    left = math.exp(-horizon)
    gain = np.sqrt(values / (values * left**2 - math.expm1(-2 * horizon)))
    return mean + ((z0 - left * mean) @ vectors * gain) @ vectors.T


@final
class SamplerOutput(Law):
    """Total variance of what is generated for a class; parameters gamma, mu, cov, horizon.

    Sharper: its entropy and that of Lemma 4, how far its mean is from mu, W2^2 to the class as
    fitted, and the total variance for an infinite horizon.
    """

    name = "slight_corruption.sampler_output"
    statement = (
        "the output has variances lam/(1 + (lam - 1) exp(-2 T)) along the eigenvectors of "
        "S + kappa |mu|^2 I"
    )
    source = f"{CORRUPTION}, Lemmas 3 and 4 at the horizon T of their proofs"
    unit = "data units squared"
    parameters: ClassVar = {
        "gamma": nonnegative("corruption of the condition"),
        "mu": vector("mean of the class's samples"),
        "cov": covariance("their biased covariance"),
        "horizon": positive("time T at which the sampler starts"),
    }
    example: ClassVar = {
        "gamma": 0.7,
        "mu": [0.9, -0.6, 0.1],
        "cov": [0.4, 0.9, 1.3],
        "horizon": 3.0,
    }

    def _outputs(self, params: Params) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        gamma, mu, cov, horizon = self.read(params)
        same_dimension(self.name, mu=mu, cov=cov)
        mean = (1 - kappa(gamma)) * mu
        return (
            output(mean, corrupted_covariance(mu, cov, gamma), horizon),
            output(mean, printed_covariance(mu, cov, gamma), horizon),
        )

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        (_, spread), _ = self._outputs(params)
        return Value(float(np.trace(spread)))

    def printed(self, params: Params) -> Value | None:
        _, (_, spread) = self._outputs(params)
        return Value(float(np.trace(spread)))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        gamma, mu, cov, _ = self.read(params)
        (mean, spread), (_, printed) = self._outputs(params)
        return {
            "entropy": Value(entropy(spread), unit="nats"),
            "printed_entropy": Value(entropy(printed), unit="nats"),
            "mean_shift": Value(float(np.linalg.norm(mean - mu)), unit="data units"),
            "to_the_fit": Value(wasserstein2_squared(mean, spread, mu, cov)),
            "long_horizon": Value(float(np.trace(corrupted_covariance(mu, cov, gamma)))),
        }


def entropy(spread: Array) -> float:
    """``1/2 log det(2 pi e S)`` in nats of a Gaussian with covariance S [d, d]."""
    return 0.5 * float(np.linalg.slogdet(2 * math.pi * math.e * spread)[1])
