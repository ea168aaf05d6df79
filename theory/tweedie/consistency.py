"""Consistency on mixtures: which wrong denoisers it sees, and which it does not.

The theorem (``theory.tweedie.continuation``; Daras, Dimakis and Daskalakis 2024): exact above
sigma_n and consistent at every pair of levels implies exact at every level. Here the data have the
law p, and the denoiser is spliced from the exact denoisers of two laws,

    h(x, sigma) = E_a[X_0 | X_sigma = x] for sigma >= sigma_n,   E_b[..] for sigma < sigma_n.

``exact`` is its denoising loss at the level ``lower``, E |h(X_lower) - X_0|^2 under p; ``printed``,
the theorem's, is the least one, E Var(X_0 | X_lower), where the assumptions hold, and void
elsewhere. The difference of the two is the square of ``error``, the root mean square of h -
E_p[X_0|X_lower]. ``residual`` is the root mean square over X_sigma under p of E[h(X_lower, lower) |
X_sigma] - h(X_sigma, sigma).

*The residual, derived here.* The reverse process that h drives is the posterior of a down to
sigma_n and that of b below. By the tower property, E_b[h_b(X_lower) | X_n] = h_b(X_n, sigma_n) and
E_a[h_a(X_n, sigma_n) | X_sigma] = h_a(X_sigma), so that

    residual(x) = E_a[h_b(X_n, sigma_n) - h_a(X_n, sigma_n) | X_sigma = x]

for lower < sigma_n <= sigma, whatever ``lower`` is, and 0 for two levels on one side of sigma_n. Up
to a factor p_sigma it is a convolution with a Gaussian, which is injective: it vanishes for all x
iff h_b = h_a at sigma_n, iff b = a. Hence, with the anchor a = p, the residual across sigma_n is 0
iff h is exact. Without the anchor (a = b, another law than p) it is 0 and h is wrong; so is it with
the anchor where only pairs of levels below sigma_n are compared. For normal laws of one mean,

    residual(x) = (x - m) tau_n (v_b - v_a) / ((v_a + tau) (v_b + tau_n)).

*Failure.* The residual is seen through the noise of the data: what b has beside p at the angular
frequency w enters it with the factor exp(-w^2 tau_n / 2), while the error below keeps it with
exp(-w^2 lower^2 / 2). To learn structure of size l from data of noise sigma_n > l takes a residual
resolved to exp(-2 pi^2 sigma_n^2 / l^2): exactness is of the population, not of any data set.

``consistency_alone`` is the least loss wherever the residual is 0: what one would conclude without
the anchor.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.law import Law, Params, Value
from theory.line_mixture import grid, mean_squared, mixture
from theory.mixture import Array, Mixture
from theory.parameter import line, positive
from theory.tweedie.double_tweedie import TWEEDIE
from theory.tweedie.transition import denoise, expected, minimal_error


def error(p: Mixture, own: Mixture, lower: float) -> float:
    """Root mean square under p of ``own``'s denoiser less p's, at the level ``lower``."""
    on = grid((p,), lower)
    gap = denoise(own, on.points, lower) - denoise(p, on.points, lower)
    return math.sqrt(mean_squared(gap, p, lower, on))


def residual_at(x: Array, above: Mixture, below: Mixture, sigma_n: float, sigma: float) -> Array:
    """The consistency residual [n] at X_sigma = x [n], across sigma_n <= sigma."""
    if sigma == sigma_n:
        return denoise(below, x, sigma_n) - denoise(above, x, sigma_n)
    on = grid((above, below), sigma_n, math.sqrt((sigma - sigma_n) * (sigma + sigma_n)))
    gap = denoise(below, on.points, sigma_n) - denoise(above, on.points, sigma_n)
    return expected(gap, on, above, sigma, sigma_n, x)


def residual(
    p: Mixture, above: Mixture, below: Mixture, sigma_n: float, sigma: float, lower: float
) -> float:
    """Its root mean square under p_sigma, between ``sigma`` and ``lower``; 0 on one side."""
    if sigma < sigma_n or lower >= sigma_n:
        return 0.0
    on = grid((p,), sigma)
    return math.sqrt(
        mean_squared(residual_at(on.points, above, below, sigma_n, sigma), p, sigma, on)
    )


@final
class Consistency(Law):
    """The loss below sigma_n of a spliced denoiser, and its residual; parameters below."""

    name = "tweedie.consistency"
    statement = (
        "h exact for sigma >= sigma_n and h(x, sigma) = E[h(X_s, s) | X_sigma = x] for all s < "
        "sigma imply h(x, s) = E[X_0 | X_s = x] at every level s"
    )
    source = f"{TWEEDIE}, exactness below the noise of the data"
    unit = "squared units of the data"
    parameters: ClassVar = {
        "p": line("law of X_0, of normals and atoms"),
        "above": line("law whose denoiser h is from sigma_n up"),
        "below": line("law whose denoiser h is below sigma_n"),
        "sigma_n": positive("noise of the data"),
        "sigma": positive("level at which the residual is taken"),
        "lower": positive("level to which trajectories run"),
    }
    example: ClassVar = {
        "p": "0.3*normal(-1,0.3)+0.7*normal(1,0.3)",
        "above": "0.3*normal(-1,0.3)+0.7*normal(1,0.3)",
        "below": "0.3*normal(-1,0.3)+0.7*normal(1,0.3)",
        "sigma_n": 0.5,
        "sigma": 0.7,
        "lower": 0.2,
    }

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        p, above, below, sigma_n, _, lower = self._read(params)
        own = above if lower >= sigma_n else below
        return Value(minimal_error(p, lower) + error(p, own, lower) ** 2)

    def printed(self, params: Params) -> Value | None:
        p, above, below, sigma_n, sigma, lower = self._read(params)
        straddles = lower < sigma_n <= sigma
        consistent = straddles and residual(p, above, below, sigma_n, sigma, lower) == 0
        anchored = self._anchored(params)
        return Value(minimal_error(p, lower)) if anchored and consistent else None

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The error, the residual and the error of the anchor, in units of the data; and the least
        loss where consistency alone would promise it."""
        p, above, below, sigma_n, sigma, lower = self._read(params)
        unit, found = "units of the data", residual(p, above, below, sigma_n, sigma, lower)
        values = {
            "error": Value(error(p, above if lower >= sigma_n else below, lower), unit=unit),
            "residual": Value(found, unit=unit),
            "anchor_error": Value(error(p, above, sigma_n), unit=unit),
        }
        if found == 0:
            values["consistency_alone"] = Value(minimal_error(p, lower))
        return values

    def _anchored(self, params: Params) -> bool:
        p, above, *_ = self.read(params)
        return bool(p == above)

    def _read(self, params: Params) -> tuple[Mixture, Mixture, Mixture, float, float, float]:
        *lines, sigma_n, sigma, lower = self.read(params)
        if lower >= sigma:
            raise self.refuse(f"lower={lower} at sigma={sigma}", "give lower < sigma")
        p, above, below = (mixture(one) for one in lines)
        return p, above, below, sigma_n, sigma, lower
