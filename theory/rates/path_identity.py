"""Girsanov's bound is an equality where the estimated score is the score of some forward process.

Run the forward process from p_0 and from q_0, with laws p_t, q_t and scores s_p, s_q. Then

    d/dt KL(p_t || q_t) = -E_{p_t} |s_p - s_q|^2,
    KL(p_0 || q_0) = KL(p_T || q_T) + int_0^T E_{p_t} |s_p - s_q|^2 dt.                  (identity)

Proof. The Fokker-Planck equation is ``d/dt p = div(p (x + s_p))``. In ``d/dt int p log(p/q)`` the
terms of the drift x cancel, and by parts ``-int p (s_p . (s_p - s_q)) + int p (s_q . (s_p - s_q))``
remains, which is -E|s_p - s_q|^2.

*As printed.* For the reverse SDE from pi with any estimate s of the score, Girsanov's theorem and
data processing give (S. Chen et al. 2023, section 5; the rates of the overview rest on it)

    KL(p_0 || output) <= KL(p_T || pi) + int_0^T E_{p_t} |s_p - s|^2 dt.

If s is the score s_q of the forward process from some q_0 (a *consistent* score) and pi = q_T, the
output is q_0, and the right side is KL(p_0 || q_0): nothing is lost. What Girsanov loses, it loses
to inconsistent estimates (``theory.rates.constant_error``), or to a start that is not q_T.

*Calculation.* With s = e^{2t} - 1 the noised law is that of X + sqrt(s) Z up to the scale r, which
relative entropies do not see, and the integral is ``1/2 int_0^S E |s_p - s_q|^2 ds`` with the
scores of X + sqrt(s) Z. It is taken over log(s + v), v the smallest variance of a component, in
which the integrand is smooth, by Gauss-Legendre rules of 24 and 48 nodes, which must agree; over x
by the trapezoid rule in steps of 1/16 of the smallest deviation, which for mixtures of normals
converges exponentially.
"""

import math
from functools import lru_cache
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from theory.density import Density, Noised
from theory.distance import kullback_leibler, total_variation
from theory.family import Normal
from theory.law import Law, Params, Value
from theory.parameter import line, positive
from theory.surplus import surplus

Array = npt.NDArray[np.float64]

OVERVIEW = "M. Chen et al. 2024, An Overview of Diffusion Models (arXiv 2404.07771)"
CHEN = "S. Chen et al. 2023, Sampling is as easy as learning the score (arXiv 2209.11215)"


def deviations(law: Density) -> list[float]:
    """The deviations of a mixture of normals; a ValueError for other densities."""
    found = [family.sd for family in law.families if isinstance(family, Normal)]
    if len(found) < len(law.families):
        raise ValueError(
            f"asked for the score of {law} at every noise; got a density that is no mixture of "
            "normals; write normal(mean,sd) or a sum such as 0.5*normal(-1,0.5) + 0.5*normal(1,2)"
        )
    return found


def score(law: Noised, x: Array) -> Array:
    """d/dx log p [n] of a noised density at x [n]."""
    z = (x[:, None] - law.means) / law.deviations  # [n, m]
    exponent = np.log(law.weights / law.deviations) - 0.5 * z * z
    share = np.exp(exponent - exponent.max(axis=1, keepdims=True))
    pull = -(share * z / law.deviations).sum(axis=1)
    return pull / share.sum(axis=1)


def _points(p: Noised, q: Noised) -> Array:
    """Evenly spaced points [n] over both laws, 16 to their smallest deviation."""
    low = min(float((law.means - 12 * law.deviations).min()) for law in (p, q))
    high = max(float((law.means + 12 * law.deviations).max()) for law in (p, q))
    step = float(min(p.deviations.min(), q.deviations.min())) / 16
    return np.linspace(low, high, math.ceil((high - low) / step) + 1)


def score_distance(p: Noised, q: Noised) -> float:
    """E_p |s_p - s_q|^2 for mixtures of normals."""
    x = _points(p, q)
    gap = score(p, x) - score(q, x)
    return float((p.pdf(x) * gap**2).sum() * (x[1] - x[0]))


@lru_cache(maxsize=64)
def score_error(p: Density, q: Density, horizon: float) -> float:
    """``int_0^T E_{p_t} |s_p - s_q|^2 dt`` in nats, for mixtures of normals; T > 0."""
    least = min(*deviations(p), *deviations(q)) ** 2
    start, end = math.log(least), math.log(math.expm1(2 * horizon) + least)

    def rule(nodes: int) -> float:
        x, w = np.polynomial.legendre.leggauss(nodes)
        total = 0.0
        for u, weight in zip((start + end + (end - start) * x) / 2, w * (end - start) / 2):
            sigma = math.sqrt(math.exp(u) - least)
            distance = score_distance(p.under_noise(sigma), q.under_noise(sigma))
            total += float(weight) * math.exp(u) * distance / 2
        return total

    coarse, fine = rule(24), rule(48)
    if abs(coarse - fine) > 1e-8 * fine:
        raise ValueError(
            f"asked for the score error of {p} and {q} up to T={horizon}; got {coarse} and "
            f"{fine} from two rules; give laws of more equal scales"
        )
    return fine


def final_divergence(p: Density, q: Density, horizon: float) -> float:
    """KL(p_T || q_T) in nats, with its digits where it is small; mixtures of normals, T > 0."""
    sigma = math.sqrt(math.expm1(2 * horizon))
    laws = p.under_noise(sigma), q.under_noise(sigma)
    x = _points(*laws)
    log_p, log_q = (law.log_pdf(x) for law in laws)
    u, density = log_p - log_q, np.exp(log_p)
    near = np.abs(u) < 1
    # p (u - 1) + q, whose integral is the same and which is nowhere negative
    parts = np.where(
        near,
        density * surplus(np.expm1(-np.where(near, u, 0.0))),
        density * (u - 1) + np.exp(log_q),
    )
    return float(parts.sum() * (x[1] - x[0]))


@final
class PathIdentity(Law):
    """KL(p_0 || q_0) against the entropy at T and the accumulated error of the score."""

    name = "rates.path_identity"
    statement = "KL(p_0||q_0) = KL(p_T||q_T) + int_0^T E_{p_t}|s_p - s_q|^2 dt"
    source = f"{CHEN}, section 5, Girsanov's theorem, as an equality; {OVERVIEW}"
    unit = "nats"
    parameters: ClassVar = {
        "p": line("law of the data, a mixture of normals"),
        "q": line("law whose forward scores are used, a mixture of normals"),
        "horizon": positive("time T"),
    }
    example: ClassVar = {"p": "normal(1,0.7)", "q": "normal(1.3,0.9)", "horizon": 0.5}

    def _read(self, params: Params) -> tuple[Density, Density, float]:
        p, q, horizon = self.read(params)
        for law in (p, q):
            deviations(law)
        return p, q, horizon

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        p, q, _ = self._read(params)
        return Value(kullback_leibler(p, q))

    def printed(self, params: Params) -> Value | None:
        """The right side, by quadrature over time and space."""
        p, q, horizon = self._read(params)
        return Value(final_divergence(p, q, horizon) + score_error(p, q, horizon))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``score_error`` and ``at_end``, the parts; ``total_variation`` of p_0 and q_0."""
        p, q, horizon = self._read(params)
        return {
            "score_error": Value(score_error(p, q, horizon)),
            "at_end": Value(final_divergence(p, q, horizon)),
            "total_variation": Value(total_variation(p, q), unit="1"),
        }
