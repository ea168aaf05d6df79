"""How much entropy corrupted conditions add to a class: Theorem 1, exactly.

With the outputs of ``theory.slight_corruption.sampler_output`` at a long horizon, N(muh, Sh)
without corruption and N((1 - kappa) muh, S) with it, the entropy gain is 1/2 log(det S / det Sh):

    printed lemma, S = Sh + kappa |muh|^2 I:   1/2 sum_i log(1 + kappa |muh|^2 / lam_i)
    corrected,     S = Sh + kappa muh muh':    1/2 log(1 + kappa muh' Sh^-1 muh)

the second by the matrix determinant lemma. *The printed one is an upper bound*, with equality for
d = 1 or gamma muh = 0 alone: ``prod (1 + x_i) >= 1 + sum x_i`` for x_i >= 0, and ``|muh|^2 sum 1/
lam_i >= muh' Sh^-1 muh``. In both the gain is positive for muh != 0 and gamma > 0, so that the
direction of the theorem stands.

*Its order does not.* Theorem 1 says Theta(gamma^2 d) for |mu| constant. From ``x/(1 + x) <= log(1 +
x) <= x``,

    1/2 kappa q / (1 + kappa q) <= gain <= 1/2 kappa q <= 1/2 gamma^2 q,      q = muh' Sh^-1 muh,

so that the order is that of kappa q. With Sh near I, q is near |muh|^2: a constant. The theorem's
d comes from the printed lemma's d equal eigenvalues, and would need |mu|^2 = Theta(d). And as
kappa <= 1 the gain stays below 1/2 log(1 + q) however large gamma is, so that gamma^2 holds for
gamma << 1 only. (``O(gamma^2)`` of the remainder in the paper's proof should be O(gamma^4).)

*Exponents.* With Sh = I and m = |mu|^2 the gain is ``1/2 log(1 + kappa m)``. Between d and 2 d its
exponent in d is 0 against the printed 1. Its exponent in gamma is

    d log gain / d log gamma = 2 (1 - kappa) x / ((1 + x) log(1 + x)),       x = kappa m,

2 for gamma -> 0 and 0 for gamma -> infinity.
"""

import math
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt
from scipy import linalg

from theory.law import Law, Params, Value
from theory.parameter import (
    choice,
    covariance,
    integer,
    nonnegative,
    positive,
    same_dimension,
    vector,
)
from theory.slight_corruption.linear_network import CORRUPTION, kappa

Array = npt.NDArray[np.float64]


def mahalanobis(mu: Array, cov: Array) -> float:
    """``mu' cov^-1 mu`` of a mean [d] and a positive definite covariance [d, d]."""
    return float(mu @ linalg.solve(cov, mu, assume_a="pos"))


def gain(gamma: float, q: float) -> float:
    """``1/2 log(1 + kappa q)`` nats: the entropy gain at q = muh' Sh^-1 muh."""
    return 0.5 * math.log1p(kappa(gamma) * q)


def printed_gain(gamma: float, square: float, eigenvalues: Array) -> float:
    """``1/2 sum log(1 + kappa square / lam_i)`` nats, square = |muh|^2, eigenvalues [d]."""
    return 0.5 * float(np.log1p(kappa(gamma) * square / eigenvalues).sum())


@final
class EntropyGain(Law):
    """H of the corrupted output less H of the clean one; parameters gamma, mu, cov.

    Sharper: ``second_order`` is 1/2 gamma^2 mu' cov^-1 mu, an upper bound; the ceilings are the
    limits for gamma -> infinity of the true gain and of the printed one.
    """

    name = "slight_corruption.entropy_gain"
    statement = "H(corrupted) - H(clean) = 1/2 sum log(1 + kappa |mu|^2 / lam_i)"
    source = f"{CORRUPTION}, Theorem 1 in the form of its proof, appendix A.4.1"
    unit = "nats"
    parameters: ClassVar = {
        "gamma": nonnegative("corruption of the condition"),
        "mu": vector("mean of the class's samples"),
        "cov": covariance("their biased covariance"),
    }
    example: ClassVar = {"gamma": 0.2, "mu": [1.0, 0.0, 0.0], "cov": [1.0, 1.0, 1.0]}

    def _read(self, params: Params) -> tuple[float, Array, Array]:
        gamma, mu, cov = self.read(params)
        same_dimension(self.name, mu=mu, cov=cov)
        return gamma, mu, cov

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        gamma, mu, cov = self._read(params)
        return Value(gain(gamma, mahalanobis(mu, cov)))

    def printed(self, params: Params) -> Value | None:
        gamma, mu, cov = self._read(params)
        eigenvalues = np.asarray(np.linalg.eigvalsh(cov), float)
        return Value(printed_gain(gamma, float(mu @ mu), eigenvalues))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        gamma, mu, cov = self._read(params)
        q = mahalanobis(mu, cov)
        ceiling = 0.5 * np.log1p(float(mu @ mu) / np.linalg.eigvalsh(cov)).sum()
        return {
            "second_order": Value(0.5 * gamma**2 * q),
            "ceiling": Value(0.5 * math.log1p(q)),
            "printed_ceiling": Value(float(ceiling)),
        }


@final
class EntropyOrder(Law):
    """The exponent of the entropy gain in d or in gamma; parameters along, gamma, d, norm.

    The fitted covariance is I. Along the dimension the exponent is that between d and 2 d. Sharper:
    the gain itself, and that of the printed lemma.
    """

    name = "slight_corruption.entropy_order"
    statement = "H(corrupted) - H(clean) = Theta(gamma^2 d) for |mu| constant"
    source = f"{CORRUPTION}, Theorem 1, equation 6"
    unit = "1"
    parameters: ClassVar = {
        "along": choice("what grows", ("gamma", "dimension")),
        "gamma": positive("corruption of the condition"),
        "d": integer("dimension of the data"),
        "norm": positive("length |mu| of the class mean"),
    }
    example: ClassVar = {"along": "gamma", "gamma": 0.1, "d": 64, "norm": 1.0}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        along, gamma, d, norm = self.read(params)
        if along == "dimension":
            return Value(math.log2(self._gain(gamma, 2 * d, norm) / self._gain(gamma, d, norm)))
        x = kappa(gamma) * norm**2
        return Value(2 * (1 - kappa(gamma)) * x / ((1 + x) * math.log1p(x)))

    def _gain(self, gamma: float, d: int, norm: float) -> float:
        """The gain for mu = norm e_1 and covariance I in R^d."""
        first = np.zeros(d)
        first[0] = norm
        return gain(gamma, float((first / np.ones(d)) @ first))

    def printed(self, params: Params) -> Value | None:
        along, *_ = self.read(params)
        return Value(1.0 if along == "dimension" else 2.0)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        _, gamma, d, norm = self.read(params)
        return {
            "gain": Value(self._gain(gamma, d, norm), unit="nats"),
            "printed_gain": Value(printed_gain(gamma, norm**2, np.ones(d)), unit="nats"),
        }
