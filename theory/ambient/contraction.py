"""How fast noise brings two laws together: the exact distances, the printed bound, the sharp ones.

Ambient Diffusion Omni (Daras et al. 2025), Theorem 4.2: for P, Q on a set of diameter D,

    TV(P_sigma, Q_sigma) <= TV(P, Q) D / (2 sigma).                                      (printed)

Its proof couples P and Q optimally and bounds the total variation of two shifted normals by
``|x - y| / (2 sigma)``. Four sharper statements follow, all derived here.

1. *Dobrushin.* ``TV(P_sigma, Q_sigma) <= theta(D / sigma) TV(P, Q)``, theta(r) = 2 Phi(r/2) - 1.
   Proof: under the optimal coupling the two points differ with probability TV(P, Q); given that
   they do, their noised laws are at total variation ``theta(|x - y| / sigma)``, which is exact
   for shifted normals and at most theta(D / sigma); total variation is convex in the pair. The
   constant is attained by two atoms D apart. As theta(r) <= min(1, r / sqrt(2 pi)), the printed
   1/2 can be 1/sqrt(2 pi) = 0.399, and the bound never exceeds TV(P, Q).
2. *Transport.* ``TV(P_sigma, Q_sigma) <= W1(P, Q) / (sigma sqrt(2 pi))``: the same argument under
   the coupling that attains W1, with theta(r) <= r / sqrt(2 pi). No diameter is needed.
3. *Relative entropy.* ``KL(P_sigma||Q_sigma) <= W2(P, Q)^2 / (2 sigma^2)``: KL is convex in the
   pair and ``(x - y)^2 / (2 sigma^2)`` between shifted normals; take the W2 coupling. And
   ``<= theta(D / sigma) KL(P||Q)``: the contraction coefficient of KL is at most that of total
   variation (Cohen et al. 1993; Polyanskiy and Wu 2017).
4. *No contraction of transport.* ``W_p(P_sigma, Q_sigma) <= W_p(P, Q)`` by adding the same noise
   to an optimal coupling, with equality at every sigma for a translation; W1 is unchanged for
   every ordered pair, F >= G, where it is the difference of the means, and W2 is never below
   ``hypot(difference of means, difference of noised standard deviations)`` (Gelbrich 1990).

*The rate* is set by the first moment that differs, not by D. Expanding ``phi_sigma(x - t)`` in t
about a common centre, if the moments below k agree and those of order k differ by m_k,

    TV(P_sigma, Q_sigma) = |m_k| / (k! sigma^k) * 1/2 int |He_k(z)| phi(z) dz + O(sigma^-(k+1)),

so that the log-log slope is -k, while the printed bound has -1 for every pair. The integral is a
finite sum, as ``He_k phi`` is the derivative of ``-He_{k-1} phi``: 2 phi(0) = 0.798 for k = 1,
4 phi(1) = 0.968 for k = 2.
"""

import math
from functools import lru_cache
from typing import ClassVar, NamedTuple, final

import numpy as np
from scipy import special

from theory.density import Density, diameter
from theory.distance import kullback_leibler, total_variation, wasserstein1, wasserstein2
from theory.law import Law, Params, Value
from theory.parameter import line, positive

OMNI = "Daras et al. 2025, Ambient Diffusion Omni (arXiv 2506.10038)"
SQRT_2PI = math.sqrt(2 * math.pi)


def dobrushin(r: float) -> float:
    """theta(r) = 2 Phi(r/2) - 1, the total variation of two unit normals r apart."""
    return float(special.erf(r / math.sqrt(8)))


@lru_cache(maxsize=256)
def without_noise(distance: str, p: Density, q: Density) -> float:
    """TV, KL (nats), W1 or W2 (units of the line) of the pair itself."""
    known = {
        "TV": total_variation,
        "KL": kullback_leibler,
        "W1": wasserstein1,
        "W2": wasserstein2,
    }
    return known[distance](p, q)


class Unmatched(NamedTuple):
    """The first moment in which two laws differ."""

    order: int
    difference: float  # of P's moment less Q's, in the units of the line to that order


def first_unmatched_moment(p: Density, q: Density, highest: int = 12) -> Unmatched | None:
    """The first order at which the moments differ; None where they agree up to ``highest``.

    Moments are taken about P's mean; below the first order that differs this changes nothing, nor
    does it change that difference. They agree when they differ by less than 1e-9 of the scale, so
    that parameters written with ten digits can match.
    """
    centre = p.mean
    scale = math.sqrt(max(p.moment(2, centre), q.moment(2, centre)))
    for order in range(1, highest + 1):
        difference = p.moment(order, centre) - q.moment(order, centre)
        if abs(difference) > 1e-9 * scale**order:
            return Unmatched(order, difference)
    return None


def half_absolute_hermite(order: int) -> float:
    """``1/2 int |He_k(z)| phi(z) dz`` for k >= 1, exact to rounding."""
    z = np.concatenate([[-np.inf], np.polynomial.hermite_e.hermeroots([0] * order + [1]), [np.inf]])
    at = np.where(np.isfinite(z), z, 0.0)
    lower = np.polynomial.hermite_e.hermeval(at, [0] * (order - 1) + [1])
    primitive = np.where(np.isfinite(z), lower * np.exp(-0.5 * at**2) / SQRT_2PI, 0.0)
    return 0.5 * float(np.abs(np.diff(primitive)).sum())


def large_noise_total_variation(p: Density, q: Density, sigma: float) -> float:
    """The leading term of TV(P_sigma, Q_sigma) for sigma far above both spreads."""
    unmatched = first_unmatched_moment(p, q)
    if unmatched is None:
        return 0.0
    k, difference = unmatched
    return abs(difference) / (math.factorial(k) * sigma**k) * half_absolute_hermite(k)


def theorem_4_2(initial: float, width: float, sigma: float) -> float | None:
    """The printed bound ``TV(P, Q) D / (2 sigma)``; None for an unbounded support."""
    return initial * width / (2 * sigma) if math.isfinite(width) else None


PAIR = {"p": line("law P"), "q": line("law Q"), "sigma": positive("noise sigma")}


@final
class ContractionTV(Law):
    """Total variation under noise against Theorem 4.2; parameters p, q, sigma."""

    name = "ambient.contraction_tv"
    statement = "TV(P_sigma, Q_sigma) <= TV(P, Q) D / (2 sigma)"
    source = f"{OMNI}, Theorem 4.2"
    unit = "1"
    trivial = 1.0
    parameters = PAIR
    example: ClassVar = {"p": "beta(2,5)", "q": "beta(5,2)", "sigma": 0.5}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        p, q, sigma = self.read(params)
        return Value(total_variation(p.noised(sigma), q.noised(sigma)))

    def printed(self, params: Params) -> Value | None:
        p, q, sigma = self.read(params)
        bound = theorem_4_2(without_noise("TV", p, q), diameter(p, q), sigma)
        return None if bound is None else Value(bound)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        p, q, sigma = self.read(params)
        theta = dobrushin(diameter(p, q) / sigma)
        return {
            "dobrushin": Value(theta * without_noise("TV", p, q)),
            "transport": Value(without_noise("W1", p, q) / (sigma * SQRT_2PI)),
            "large_noise": Value(large_noise_total_variation(p, q, sigma)),
        }


@final
class ContractionKL(Law):
    """Relative entropy KL(P_sigma||Q_sigma) under noise; parameters p, q, sigma.

    Trivial here is the inequality of data processing, KL(P||Q), which depends on the pair.
    """

    name = "ambient.contraction_kl"
    statement = "KL(P_sigma||Q_sigma) <= W2(P, Q)^2 / (2 sigma^2)"
    source = "derived here: KL is convex over the W2 coupling"
    unit = "nats"
    parameters = PAIR
    example: ClassVar = {"p": "beta(2,5)", "q": "beta(5,2)", "sigma": 0.5}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        p, q, sigma = self.read(params)
        return Value(kullback_leibler(p.noised(sigma), q.noised(sigma)))

    def printed(self, params: Params) -> Value | None:
        p, q, sigma = self.read(params)
        return Value(without_noise("W2", p, q) ** 2 / (2 * sigma**2))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        p, q, sigma = self.read(params)
        initial = without_noise("KL", p, q)
        theta = dobrushin(diameter(p, q) / sigma)
        return {"dobrushin": Value(theta * initial)} if math.isfinite(initial) else {}

    def void(self, params: Params) -> bool:
        p, q, sigma = self.read(params)
        return without_noise("W2", p, q) ** 2 / (2 * sigma**2) >= without_noise("KL", p, q)


@final
class ContractionW1(Law):
    """The first transport cost under noise, which need not shrink; parameters p, q, sigma."""

    name = "ambient.contraction_w1"
    statement = "W1(P_sigma, Q_sigma) <= W1(P, Q)"
    source = "derived here: the same noise on an optimal coupling"
    unit = "units of the line"
    parameters = PAIR
    example: ClassVar = {"p": "beta(2,2)", "q": "beta(8,8)", "sigma": 0.5}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        p, q, sigma = self.read(params)
        return Value(wasserstein1(p.noised(sigma), q.noised(sigma)))

    def printed(self, params: Params) -> Value | None:
        p, q, _ = self.read(params)
        return Value(without_noise("W1", p, q))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``at_least``: the difference of the means, which no noise removes."""
        p, q, _ = self.read(params)
        return {"at_least": Value(abs(p.mean - q.mean))}

    def void(self, params: Params) -> bool:
        self.read(params)
        return False


@final
class ContractionW2(Law):
    """The second transport distance under noise, which need not shrink; parameters p, q, sigma."""

    name = "ambient.contraction_w2"
    statement = "W2(P_sigma, Q_sigma) <= W2(P, Q)"
    source = "derived here: the same noise on an optimal coupling"
    unit = "units of the line"
    parameters = PAIR
    example: ClassVar = {"p": "beta(2,5)", "q": "beta(5,2)", "sigma": 0.5}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        p, q, sigma = self.read(params)
        return Value(wasserstein2(p.noised(sigma), q.noised(sigma)))

    def printed(self, params: Params) -> Value | None:
        p, q, _ = self.read(params)
        return Value(without_noise("W2", p, q))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``at_least``: what two normals of the same means and variances are apart."""
        p, q, sigma = self.read(params)
        widths = [math.sqrt(law.variance + sigma**2) for law in (p, q)]
        return {"at_least": Value(math.hypot(p.mean - q.mean, widths[0] - widths[1]))}

    def void(self, params: Params) -> bool:
        self.read(params)
        return False
