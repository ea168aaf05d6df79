"""What two models share by a code: the coupling of their images, against optimal transport.

*Statement* (Wu and De la Torre 2023): a common latent space emerges from two models trained
independently on related domains, so that one code gives related images x and y. The strongest form
says that the code couples the two laws as optimal transport does, ``E|x - y|^2 = W2^2`` (for the
sampler without noise, Khrulkov et al. 2023 show it between one Gaussian and its noise).

**Exact coupling** (derived here) of N(m1, S1) and N(m2, S2) with exact scores, in the limit of
small steps from pure noise. The samplers run ``dx = (x + (1 + eta^2) score) ds + eta sqrt(2) dW``
in reverse time s, with one x_T and one W for both. With r = e^-2t the noised covariances are V_i =
I + (S_i - I) r, and the cross covariance C of x and y obeys

    dC/dr = (C - (1 + eta^2)/2 (V_1^-1 C + C V_2^-1) + eta^2 I) / r,      C = I at r = 0.

In the eigenbases S_i = U_i diag(l_i) U_i', ``U_1' C U_2`` has entries that decouple, each that of
two numbers a = l_1i, b = l_2j times W_ij, W = U_1'U_2. For numbers the integrating factor
``r^-eta^2 (V_1 V_2)^((1 + eta^2)/2)`` gives, with the ratio w = r / (1 - r) for variable, C =
sqrt(ab) rho and

    rho = eta^2 int_0^inf w^(eta^2 - 1) (1 + 2 w cosh u + w^2)^(-(1 + eta^2)/2) dw
        = 2F1(1/2, eta^2/2; 1 + eta^2/2; -sinh^2 u)
        = E (1 + sinh^2(u) B)^-1/2,           u = log(a/b) / 2,   B ~ Beta(eta^2/2, 1),

the correlation, which depends on the ratio of the variances and on eta alone, not on the schedule:

    eta = 0          rho = 1             C = sqrt(ab), the geometric mean G
    eta = 1          rho = u / sinh u    C = G^2 / L, L = (a - b) / log(a/b) the logarithmic mean
    eta -> infinity  rho -> 1 / cosh u   C = the harmonic mean

    E|x - y|^2 = |m1 - m2|^2 + sum_ij W_ij^2 ((sqrt a - sqrt b)^2 + 2 sqrt(ab) (1 - rho)).

1. *Without noise, the coupling is the map S2^1/2 S1^-1/2*. It is optimal if and only if S1^1/2
   S2^1/2 is symmetric, that is S1 and S2 commute: tr(S1^1/2 S2^1/2) is at most the nuclear norm,
   which is the optimum, with equality for positive semidefinite matrices alone. So composing two
   optimal maps through the noise is not an optimal map.
2. *With noise it is no map*: for a != b, rho < 1, y given x is random, and the cost is above W2^2
   in one dimension as well. Sharing falls with eta, as B grows in law with it. Proof that it is
   strict: 1 + sinh^2 u B > 1. Equality for all eta if and only if S1 = S2: means do not matter.
3. *Yet much is shared*: rho >= 1 / cosh u = 2 sqrt(ab) / (a + b) > 0, so that the cost is always
   below that of independent images, |m1 - m2|^2 + tr S1 + tr S2.

``1 - rho = (eta^2/2) int_0^inf exp(-eta^2 s/2) (1 - (1 + sinh^2(u) e^-s)^-1/2) ds``, B being e^-s,
is integrated by Gauss and Legendre's rule on short panels, all terms positive: library routines for
2F1 fail at large eta or u, and a difference from 1 would lose what is lost.

For eta = 1 this is also the law of an image and its translation by the DPM-Encoder, whose codes
then have in the limit the law that the sampler draws; for eta != 1 they have not
(``theory.cycle.translation``).
"""

from typing import Any, ClassVar, final

import numpy as np

from theory.cycle.encoder import WU, Array, direction, noise_scale
from theory.gaussian import wasserstein2_squared
from theory.law import Law, Params, Value
from theory.parameter import covariance, nonnegative, same_dimension, vector

PANELS, NODES = 64, 16  # of the quadrature of 1 - rho
REACH = 45.0  # decays e^-REACH beyond the last panel


def lost_correlation(u: Array, eta: float) -> Array:
    """1 - rho for half the logarithms u of ratios of two variances, an array of any shape."""
    u = np.minimum(np.abs(np.asarray(u, float)), 350.0)
    b, z = eta**2 / 2, np.sinh(u)[..., None] ** 2
    if b == 0:  # without noise, or with so little that its square is none
        return np.zeros_like(u)
    last = np.minimum(REACH / b, REACH + np.log(np.maximum(z, 1.0)))  # in s, for each u
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    s = last * ((np.arange(PANELS)[:, None] + (nodes + 1) / 2) / PANELS).ravel()
    lost = -np.expm1(-0.5 * np.log1p(z * np.exp(-s)))  # [.., PANELS * NODES]
    found = (np.tile(weights, PANELS) * b * np.exp(-b * s) * lost).sum(axis=-1)
    return found * last[..., 0] / (2 * PANELS)


def correlation(first: float, second: float, eta: float) -> float:
    """rho of the images of two models of variances ``first`` and ``second`` that share a code."""
    return 1 - float(lost_correlation(np.array(np.log(first / second) / 2), eta))


def spectra(s1: Array, s2: Array) -> tuple[Array, Array, Array]:
    """Variances a along rows and b along columns, the overlaps W_ij^2 of the axes, all [d, d]."""
    (a, u1), (b, u2) = np.linalg.eigh(s1), np.linalg.eigh(s2)
    shape = np.ones((len(a), len(b)))
    return a[:, None] * shape, b * shape, (u1.T @ u2) ** 2


def shared_cost(m1: Array, s1: Array, m2: Array, s2: Array, eta: float) -> float:
    """E|x - y|^2 of the images that two Gaussian models give one code.

    Exactly |m1 - m2|^2 where the covariances are equal.
    """
    shift = float(((np.asarray(m1, float) - m2) ** 2).sum())
    if np.array_equal(s1, s2):
        return shift
    a, b, overlap = spectra(s1, s2)
    gap = (np.sqrt(a) - np.sqrt(b)) ** 2
    if eta > 0:
        gap = gap + 2 * np.sqrt(a * b) * lost_correlation(np.log(a / b) / 2, eta)
    return shift + float((overlap * gap).sum())


def stepwise_covariance(first: float, second: float, abar: Array, eta: float) -> float:
    """The cross covariance of two samplers of finite steps, abar [T + 1], that share a code."""
    sigma, along = noise_scale(abar, eta), direction(abar, eta)
    shared = 1.0
    for t in range(len(abar) - 1, 0, -1):
        shared = gain(first, abar, along, t) * gain(second, abar, along, t) * shared
        shared += sigma[t - 1] ** 2
    return float(shared)


def gain(variance: float, abar: Array, along: Array, t: int) -> float:
    """The factor of x_t in the mean of step t of the sampler of N(0, variance)."""
    noised = abar[t] * variance + 1 - abar[t]
    signal = np.sqrt(abar[t - 1] * abar[t]) * variance
    return float((signal + along[t - 1] * np.sqrt(1 - abar[t])) / noised)


@final
class SharedCode(Law):
    """E|x - y|^2 of two models' images of one code; parameters mean1, cov1, mean2, cov2, eta."""

    name = "cycle.shared_code"
    statement = (
        "one code gives two models' images as optimal transport pairs them: E|x - y|^2 = W2^2"
    )
    source = f"{WU}, a common latent space emerges; optimality after Khrulkov et al. 2023"
    unit = "squared units of the data"
    parameters: ClassVar = {
        "mean1": vector("mean of the first model's data"),
        "cov1": covariance("their covariance"),
        "mean2": vector("mean of the second model's data"),
        "cov2": covariance("their covariance"),
        "eta": nonnegative("noise of the sampler, 0 without, 1 for DDPM", default=1.0),
    }
    example: ClassVar = {
        "mean1": [0.0, 0.0],
        "cov1": [[1.0, 0.6], [0.6, 1.0]],
        "mean2": [1.0, 0.0],
        "cov2": [4.0, 1.0],
    }

    def _read(self, params: Params) -> tuple[Any, ...]:
        m1, s1, m2, s2, eta = self.read(params)
        same_dimension(self.name, mean1=m1, cov1=s1, mean2=m2, cov2=s2)
        return m1, s1, m2, s2, eta

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(shared_cost(*self._read(params)))

    def printed(self, params: Params) -> Value | None:
        m1, s1, m2, s2, _ = self._read(params)
        if np.array_equal(s1, s2):
            return Value(shared_cost(m1, s1, m2, s2, 0.0))
        return Value(wasserstein2_squared(m1, s1, m2, s2))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The cost without noise, of independent images, and the share of the most that could be
        shared: tr C over the nuclear norm, 1 for optimal transport, 0 for independent images."""
        m1, s1, m2, s2, eta = self._read(params)
        total = float(np.trace(s1) + np.trace(s2) + ((m1 - m2) ** 2).sum())
        most = total - self.printed(params).value  # type: ignore[union-attr]
        return {
            "without_noise": Value(shared_cost(m1, s1, m2, s2, 0.0)),
            "independent": Value(total),
            "shared": Value((total - shared_cost(m1, s1, m2, s2, eta)) / most, unit="1"),
        }

    def void(self, params: Params) -> bool:
        self._read(params)
        return False
