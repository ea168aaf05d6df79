"""The optimum of a linear network whose condition is perturbed: Lemma 2 as printed and corrected.

A class has the fitted mean muh and covariance Sh. At noise ``x_t = r x_0 + sigma eps`` the loss is

    L(W, V) = E |W x_t + V (c + gamma xi) - eps|^2
            = tr W (r^2 Sh + sigma^2 I) W' + |r W muh + V c|^2 + gamma^2 |V|_F^2
              - 2 sigma tr W + d,                                        r^2 + sigma^2 = 1.

*Lemma 1* (gamma = 0, equation 18) is right: W = sigma (sigma^2 I + r^2 Sh)^-1, b = V c = -r W muh.
*Lemma 2* (equation 23) has b = -r (1 - kappa) W muh and

    printed       W = sigma (sigma^2 I + r^2 Sh + r^2 kappa |muh|^2 I)^-1,
    corrected     W = sigma (sigma^2 I + r^2 (Sh + kappa muh muh'))^-1.

Proof of the correction. At a given b = V c the penalty gamma^2 |V|_F^2 is least for V = b c'/|c|^2,
so that V matters through b alone, with the penalty (gamma/|c|)^2 |b|^2; take |c| = 1. The loss is a
convex quadratic in (W, b). Its derivative in b vanishes at b = -r W muh / (1 + gamma^2) = -r (1 -
kappa) W muh, and that leaves ``|r W muh|^2 (1 - (1 - kappa)) = kappa r^2 |W muh|^2``, so that

    min_b L = tr W (sigma^2 I + r^2 (Sh + kappa muh muh')) W' - 2 sigma tr W + d,

with the minimiser above; the matrix is positive definite, hence it is the only one. muh muh' is
the outer product; the paper's proof, whose loss is this one, has the inner product times I. The two
agree for d = 1 and for muh = 0, and nowhere else with gamma > 0, t > 0. The printed network's
excess loss is

    L(W_p) - L(W) = tr (W_p - W) M (W_p - W)',     M = sigma^2 I + r^2 (Sh + kappa muh muh').

Only the second moment of xi enters: xi uniform on (-a, a) acts as gamma^2 = a^2/3, and an embedding
of another length as gamma/|c|. A network that can scale its embedding up therefore undoes the
corruption.
"""

from typing import ClassVar, NamedTuple, final

import numpy as np
import numpy.typing as npt
from scipy import linalg

from theory.law import Law, Params, Value
from theory.parameter import covariance, nonnegative, positive, same_dimension, vector
from theory.schedule import ornstein_uhlenbeck

Array = npt.NDArray[np.float64]

CORRUPTION = "Chen et al. 2024, Slight Corruption in Pre-training Data (arXiv 2405.20494)"


def kappa(gamma: float) -> float:
    """``gamma^2 / (1 + gamma^2)``, from 0 to 1."""
    return gamma**2 / (1 + gamma**2) if gamma <= 1 else 1 / (1 + gamma**-2)


def strength(share: float) -> float:
    """The gamma at which kappa is ``share``, in [0, 1)."""
    return float(np.sqrt(share / (1 - share)))


def corrupted_covariance(mu: Array, cov: Array, gamma: float) -> Array:
    """``Sh + kappa muh muh'`` [d, d]: the covariance that the optimum acts on."""
    return cov + kappa(gamma) * np.outer(mu, mu)


def printed_covariance(mu: Array, cov: Array, gamma: float) -> Array:
    """``Sh + kappa |muh|^2 I`` [d, d], in its place in Lemmas 2 and 4."""
    return cov + kappa(gamma) * float(mu @ mu) * np.eye(len(mu))


class Network(NamedTuple):
    """``eps_theta(x) = W x + b`` at one time: weight [d, d], bias [d]."""

    weight: Array
    bias: Array


def network(mu: Array, spread: Array, gamma: float, t: float) -> Network:
    """The network ``W = sigma (sigma^2 I + r^2 spread)^-1``, ``b = -r (1 - kappa) W mu``.

    mu: [d], the fitted mean; spread: [d, d], the covariance that it acts on; t > 0.
    """
    r, variance = ornstein_uhlenbeck(t)
    noised = variance * np.eye(len(mu)) + r**2 * spread
    weight = np.sqrt(variance) * linalg.inv(noised)
    return Network(weight, -r * (1 - kappa(gamma)) * weight @ mu)


def loss(found: Network, mu: Array, cov: Array, gamma: float, t: float) -> float:
    """L(W, V) with the V of least norm that gives the bias, |c| = 1."""
    r, variance = ornstein_uhlenbeck(t)
    weight, bias = found
    error = r * weight @ mu + bias
    fit = np.trace(weight @ (r**2 * cov + variance * np.eye(len(mu))) @ weight.T)
    penalty = (gamma * bias) @ (gamma * bias)
    return float(fit + error @ error + penalty - 2 * np.sqrt(variance) * np.trace(weight) + len(mu))


@final
class LinearNetwork(Law):
    """The least loss against that of Lemma 2's network; parameters gamma, mu, cov, t.

    ``printed/exact`` is at least 1. Sharper: how far the printed weight and bias are from the
    optimum, by their largest entry, and the excess loss; all three are exactly 0 for d = 1.
    """

    name = "slight_corruption.linear_network"
    statement = (
        "the loss is least at W = sigma (sigma^2 I + r^2 S + r^2 kappa |mu|^2 I)^-1, "
        "b = -(r/(1 + gamma^2)) W mu"
    )
    source = f"{CORRUPTION}, Lemma 2, equation 23"
    unit = "1"
    parameters: ClassVar = {
        "gamma": nonnegative("corruption of the condition"),
        "mu": vector("mean of the class's samples"),
        "cov": covariance("their biased covariance"),
        "t": positive("time of the noising"),
    }
    example: ClassVar = {"gamma": 0.7, "mu": [0.9, -0.6, 0.1], "cov": [0.4, 0.9, 1.3], "t": 0.3}

    def _networks(self, params: Params) -> tuple[Network, Network, tuple]:
        gamma, mu, cov, t = self.read(params)
        same_dimension(self.name, mu=mu, cov=cov)
        optimum = network(mu, corrupted_covariance(mu, cov, gamma), gamma, t)
        printed = network(mu, printed_covariance(mu, cov, gamma), gamma, t)
        return optimum, printed, (mu, cov, gamma, t)

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        optimum, _, at = self._networks(params)
        return Value(loss(optimum, *at))

    def printed(self, params: Params) -> Value | None:
        _, printed, at = self._networks(params)
        return Value(loss(printed, *at))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        optimum, printed, (mu, cov, gamma, t) = self._networks(params)
        r, variance = ornstein_uhlenbeck(t)
        off = printed.weight - optimum.weight
        noised = variance * np.eye(len(mu)) + r**2 * corrupted_covariance(mu, cov, gamma)
        return {
            "weight_error": Value(float(np.abs(off).max())),
            "bias_error": Value(float(np.abs(printed.bias - optimum.bias).max())),
            "excess_loss": Value(float(np.trace(off @ noised @ off.T))),
        }
