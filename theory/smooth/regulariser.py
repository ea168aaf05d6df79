"""The step-wise regulariser on Gaussian data: where it is zero, and what it has to do with ISTD.

Guo et al. 2024 add to the loss, at each time step with ``x_t = alpha x_0 + sigma eps``, alpha^2 =
abar, sigma^2 = 1 - abar, and J = d x0hat / d eps the Jacobian of the denoised image,

    L_reg = E (sigma |J'u| - a)^2,    u uniform on the unit sphere, a a running mean of sigma |J'u|,

so that "the proportion between the variations of an arbitrary input latent and that of the output
image is a constant". At rest the running mean is the mean, and L_reg = sigma^2 Var |J'u|, the
least over all a.

**Gaussian data** N(m, S) and the exact denoiser (derived here). ``x0hat = m + alpha S C^-1 (x_t -
alpha m)``, C = alpha^2 S + sigma^2 I, so that J = alpha sigma S C^-1: symmetric, the same at every
x_t, with the eigenvalues j_i = alpha sigma l_i / (alpha^2 l_i + sigma^2) for those l_i of S.

1. *Zero if and only if S = c I*, at any one noise level. Proof: |J'u| is one number on the sphere
   if and only if the j_i are equal, and j grows with l. So for data that are not isotropic **the
   exact denoiser pays**: what the two terms of the loss ask for differs
   (``theory.smooth.trade_off``).
2. *It does not measure the ISTD on a line*: that is 0 for every S, as the sampler is affine
   (``theory.smooth.affine``), while L_reg > 0. On an arc between noises of one length both vanish
   together: ISTD = 0 between all of them if and only if S^1/2 is a multiple of the identity.
3. *Nearly isotropic data.* For j_i^2 = q (1 + e_i), sum e_i = 0, |J'u|^2 has the variance ``2 q^2
   sum e_i^2 / (d (d + 2))`` on the sphere, so that L_reg = sigma^2 q sum e_i^2 / (2 d (d + 2)) to
   second order: it falls as 1/d at a given spread of e, since |J'u| concentrates, whatever S. *A
   low value in many dimensions says little about isotropy.*
4. At both ends of the schedule it vanishes: as abar -> 0, J -> 0; as abar -> 1, J -> (sigma/alpha)
   I.

*The mean of a norm.* With q the mean of the j_i^2 and p_i = j_i^2 / q, from sqrt(Q) = (1 / 2
sqrt(pi)) int (1 - e^-tQ) t^-3/2 dt under a standard normal g in place of u, |g| being independent
of g/|g|,

    1 - E|J'u| / sqrt(q) = int (prod (1 + 2 t p_i)^-1/2 - (1 + 2t)^-d/2) t^-3/2 dt
                           / (2 sqrt(pi) E|g|)  =: gap,             Var |J'u| = q (2 gap - gap^2),

a difference that does not cancel, by the trapezoid rule in log t, which is exact to rounding here;
d = 3 is Carlson's R_G, d = 2 the complete elliptic integral E.
"""

import math
from typing import Any, ClassVar, final

import numpy as np
from scipy import special

from theory.law import Law, Params, Value
from theory.parameter import covariance, inside
from theory.smooth.affine import affine_distances
from theory.smooth.interpolation import SMOOTH, Array, deviation

STEP = 0.25


def _mesh(p: Array) -> Array:
    """Points t [m] for integrals of powers of 1 + 2 t p_i, evenly in log t."""
    low = math.log(max(float(p.min()), 1e-280))
    return np.exp(np.arange(-45.0, 50.0 - min(low, 0.0), STEP))


def _mean_length(d: int) -> float:
    """E|g| of a standard normal in d dimensions."""
    return math.sqrt(2) * math.exp(special.gammaln((d + 1) / 2) - special.gammaln(d / 2))


def norm_gap(squares: Array) -> float:
    """``1 - E|diag(j) u| / sqrt(mean j^2)`` for u uniform on the sphere, from j^2 [d], each > 0.

    Exactly 0 where all are equal.
    """
    d, p = len(squares), squares / squares.mean()
    if not np.ptp(squares) > 4 * np.finfo(float).eps * float(squares.max()):
        return 0.0
    t = _mesh(p)[:, None]  # [m, 1]
    near = np.maximum(p, 0.5)  # where 1 + 2 t p over 1 + 2 t is near 1
    ratios = np.log1p(2 * t * (near - 1) / (1 + 2 * t))
    spread = -0.5 * (ratios + np.log1p(2 * t * p) - np.log1p(2 * t * near)).sum(axis=1)
    t = t[:, 0]
    values = (1 + 2 * t) ** (-d / 2) * np.expm1(spread) / np.sqrt(t)
    return STEP * float(values.sum()) / (2 * math.sqrt(math.pi) * _mean_length(d))


def norm_slopes(squares: Array) -> Array:
    """``E[u_i^2 / |diag(j) u|]`` [d] for u uniform on the sphere, from j^2 [d], each > 0."""
    t = _mesh(squares / squares.mean())[:, None] / squares.mean()  # [m, 1]
    terms = 1 + 2 * t * squares  # [m, d]
    values = np.sqrt(t) * np.exp(-0.5 * np.log(terms).sum(axis=1, keepdims=True)) / terms
    return STEP * values.sum(axis=0) / (math.sqrt(math.pi) * _mean_length(len(squares)))


def norm_variance(squares: Array) -> float:
    """Var |diag(j) u| for u uniform on the sphere, from j^2 [d], each > 0."""
    gap = norm_gap(squares)
    return float(squares.mean()) * gap * (2 - gap)


def denoiser_slopes(variances: Array, abar: float) -> Array:
    """Eigenvalues of d x0hat / d eps [d] of the exact denoiser, for data variances [d]."""
    return math.sqrt(abar * (1 - abar)) * variances / (abar * variances + 1 - abar)


@final
class Regulariser(Law):
    """L_reg of the exact denoiser of N(m, S); parameters covariance, abar."""

    name = "smooth.regulariser"
    statement = "the proportion of the change of the image to that of the noise can be one constant"
    source = f"{SMOOTH}, the step-wise variation regularisation, for the exact denoiser: L_reg = 0"
    unit = "squared units of the data"
    parameters: ClassVar = {
        "covariance": covariance("covariance S of the data"),
        "abar": inside("share of the data's variance that is left", 0.0, 1.0),
    }
    example: ClassVar = {"covariance": [4.0, 1.0, 0.25], "abar": 0.5}

    def _read(self, params: Params) -> tuple[Array, float]:
        matrix, abar = self.read(params)
        diagonal = np.diag(np.diag(matrix))
        exact = np.array_equal(matrix, diagonal)
        return np.sort(np.diag(matrix) if exact else np.linalg.eigvalsh(matrix)), abar

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        variances, abar = self._read(params)
        return Value((1 - abar) * norm_variance(denoiser_slopes(variances, abar) ** 2))

    def printed(self, params: Params) -> Value | None:
        self._read(params)
        return Value(0.0)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The running mean at rest, L_reg to second order in the spread, and two ISTDs.

        The ISTDs are those of the exact sampler, 11 images between unit noises along the widest and
        the narrowest direction, on a line and on an arc.
        """
        variances, abar = self._read(params)
        squares = denoiser_slopes(variances, abar) ** 2
        q, d = float(squares.mean()), len(squares)
        uneven = float(((squares - q) ** 2).sum()) / q
        values: dict[str, Any] = {
            "mean": Value(math.sqrt((1 - abar) * q) * (1 - norm_gap(squares)), unit="data units"),
            "second_order": Value((1 - abar) * uneven / (2 * d * (d + 2))),
        }
        if d > 1:
            sampler = np.diag(np.sqrt(variances[[0, -1]]))
            for name in ("lerp", "slerp"):
                rest = affine_distances(sampler, np.eye(2)[0], np.eye(2)[1], name)[1]
                values[f"istd_{name}"] = Value(deviation(rest), unit="units of the data")
        return values

    def void(self, params: Params) -> bool:
        self._read(params)
        return False
