"""Double Tweedie: the denoiser of the clean data from the denoiser of the noisy data.

Daras, Dimakis and Daskalakis (2024), the lemmas that connect conditional expectations, for
sigma > sigma_n and Delta = sigma^2 - sigma_n^2.

*Variance exploding*, X_n = X_0 + sigma_n Z, X_t = X_n + sqrt(Delta) Z':

    E[X_0 | X_t] = (sigma^2 / Delta) E[X_n | X_t] - (sigma_n^2 / Delta) X_t.             (printed)

*Variance preserving*, X_n = sqrt(1 - sigma_n^2) X_0 + sigma_n Z and X_t = s X_n + n Z' with
s^2 = (1 - sigma^2) / (1 - sigma_n^2) and n^2 = sigma^2 - s^2 sigma_n^2:

    s E[X_n | X_t] = X_t + (n^2 / sigma^2) (sqrt(1 - sigma^2) E[X_0 | X_t] - X_t),        (printed)

which, because n^2 = Delta / (1 - sigma_n^2), is

    E[X_0 | X_t] = (sigma^2 sqrt(1 - sigma_n^2) E[X_n | X_t] - sigma_n^2 sqrt(1 - sigma^2) X_t)
                   / Delta.

*Proof.* Tweedie's formula for X_t = a Y + b Z', Z' independent of Y, is E[a Y | X_t] = X_t + b^2
grad log p_t(X_t). It holds with (Y, a, b) = (X_0, sqrt(1 - sigma^2), sigma) and with (X_n, s, n),
the score being that of the same X_t; eliminate it. Variance exploding is a = s = 1 and b = sigma,
sqrt(Delta). No assumption on the law of X_0 but a first moment.

*The two are one.* With x' = x / sqrt(1 - sigma^2) and the levels sigma / sqrt(1 - sigma^2), the
second lemma becomes the first (``theory.tweedie.ve_equivalent``).

*The price, derived here.* The lemma is linear in the learned E[X_n | X_t]: an error delta there is
an error ``sigma^2 / Delta`` delta in E[X_0 | X_t] (``sigma^2 sqrt(1 - sigma_n^2) / Delta`` where
variance is preserved), unbounded as sigma falls to sigma_n. *Void* for sigma <= sigma_n, where X_t
is no noisier than the data.

*Control.* ``without_correction`` takes the denoiser of the noisy data for that of the clean ones,
E[X_n | X_t] / sqrt(1 - sigma_n^2); it is off by ``sigma_n^2 (X_t - E[X_0 | X_t]) / sigma^2`` for
variance exploding, at every sigma.

The two sides are calculated apart: both conditional expectations of a mixture come from
conditioning within its components (``theory.mixture``), neither from the other.
"""

import math
from typing import Any, ClassVar, final

import numpy as np

from theory.law import Law, Params, Value
from theory.mixture import Array, Mixture
from theory.parameter import inside, points, positive, same_dimension, vector, weights

TWEEDIE = "Daras, Dimakis, Daskalakis 2024 (arXiv 2404.10177)"


def clean_from_noisy_ve(noisy: Array, x: Array, sigma_n: float, sigma: float) -> Array:
    """E[X_0 | X_t = x] from E[X_n | X_t = x], variance exploding; arrays of one shape."""
    delta = (sigma - sigma_n) * (sigma + sigma_n)
    return (sigma**2 * noisy - sigma_n**2 * x) / delta


def clean_from_noisy_vp(noisy: Array, x: Array, sigma_n: float, sigma: float) -> Array:
    """E[X_0 | X_t = x] from E[X_n | X_t = x], variance preserving; arrays of one shape."""
    delta = (sigma - sigma_n) * (sigma + sigma_n)
    kept_n, kept = math.sqrt(1 - sigma_n**2), math.sqrt(1 - sigma**2)
    return (sigma**2 * kept_n * noisy - sigma_n**2 * kept * x) / delta


def noisy_denoiser_ve(law: Mixture, x: Array, sigma_n: float, sigma: float) -> Array:
    """E[X_n | X_t = x] [n, d] for x [n, d], sigma > sigma_n, variance exploding."""
    return law.noised(sigma_n).denoise(x, math.sqrt((sigma - sigma_n) * (sigma + sigma_n)))


def noisy_denoiser_vp(law: Mixture, x: Array, sigma_n: float, sigma: float) -> Array:
    """E[X_n | X_t = x] [n, d] for x [n, d], sigma > sigma_n, variance preserving."""
    middle = law.noised(sigma_n, math.sqrt(1 - sigma_n**2))
    left = 1 - sigma_n**2
    added = math.sqrt((sigma - sigma_n) * (sigma + sigma_n) / left)
    return middle.denoise(x, added, scale=math.sqrt((1 - sigma**2) / left))


MIXTURE = {
    "weights": weights("weights of the components of X_0"),
    "means": points("their means"),
    "variances": vector("their variances, the same in every direction", above=0),
    "at": vector("the point x at which X_t is seen"),
}
EXAMPLE = {
    "weights": [0.3, 0.5, 0.2],
    "means": [[-1.0, 0.5], [1.0, 0.0], [0.5, -2.0]],
    "variances": [0.04, 0.25, 0.1],
    "at": [0.4, -0.3],
}


def read_mixture(law: Law, values: tuple[Any, ...]) -> tuple[Mixture, Array]:
    """The mixture and the point [1, d] of the first four parameters, checked together."""
    share, means, variances, at = values
    if not len(share) == len(means) == len(variances):
        raise law.refuse(
            f"{len(share)} weights, {len(means)} means and {len(variances)} variances",
            "give one of each a component",
        )
    same_dimension(law.name, means=means, at=at)
    return Mixture(share, means, variances), at[None, :]


@final
class DoubleTweedieVE(Law):
    """The first coordinate of E[X_0 | X_t = x], variance exploding, against the lemma."""

    name = "tweedie.double_tweedie_ve"
    statement = "E[X_0|X_t] = (sigma^2 E[X_n|X_t] - sigma_n^2 X_t) / (sigma^2 - sigma_n^2)"
    source = f"{TWEEDIE}, double application of Tweedie's formula, variance exploding"
    unit = "units of the data"
    parameters: ClassVar = MIXTURE | {
        "sigma_n": positive("noise of the data"),
        "sigma": positive("noise of X_t"),
    }
    example: ClassVar = EXAMPLE | {"sigma_n": 0.4, "sigma": 0.7}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        *rest, _, sigma = self.read(params)
        law, x = read_mixture(self, tuple(rest))
        return Value(float(law.denoise(x, sigma)[0, 0]))

    def printed(self, params: Params) -> Value | None:
        *rest, sigma_n, sigma = self.read(params)
        law, x = read_mixture(self, tuple(rest))
        if sigma <= sigma_n:
            return None
        noisy = noisy_denoiser_ve(law, x, sigma_n, sigma)
        return Value(float(clean_from_noisy_ve(noisy, x, sigma_n, sigma)[0, 0]))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The amplification of an error, and the noisy data's denoiser without correction."""
        *rest, sigma_n, sigma = self.read(params)
        law, x = read_mixture(self, tuple(rest))
        if sigma <= sigma_n:
            return {}
        delta = (sigma - sigma_n) * (sigma + sigma_n)
        return {
            "amplification": Value(sigma**2 / delta, unit="1"),
            "without_correction": Value(float(noisy_denoiser_ve(law, x, sigma_n, sigma)[0, 0])),
        }


@final
class DoubleTweedieVP(Law):
    """The first coordinate of E[X_0 | X_t = x], variance preserving, against the lemma."""

    name = "tweedie.double_tweedie_vp"
    statement = (
        "s E[X_n|X_t] = X_t + (n^2/sigma^2) (sqrt(1 - sigma^2) E[X_0|X_t] - X_t), "
        "s^2 = (1 - sigma^2)/(1 - sigma_n^2), n^2 = sigma^2 - s^2 sigma_n^2"
    )
    source = f"{TWEEDIE}, double application of Tweedie's formula, variance preserving"
    unit = "units of the data"
    parameters: ClassVar = MIXTURE | {
        "sigma_n": inside("noise of the data", 0, 1),
        "sigma": inside("noise of X_t", 0, 1),
    }
    example: ClassVar = EXAMPLE | {"sigma_n": 0.4, "sigma": 0.7}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        *rest, _, sigma = self.read(params)
        law, x = read_mixture(self, tuple(rest))
        return Value(float(law.denoise(x, sigma, math.sqrt(1 - sigma**2))[0, 0]))

    def printed(self, params: Params) -> Value | None:
        *rest, sigma_n, sigma = self.read(params)
        law, x = read_mixture(self, tuple(rest))
        if sigma <= sigma_n:
            return None
        noisy = noisy_denoiser_vp(law, x, sigma_n, sigma)
        return Value(float(clean_from_noisy_vp(noisy, x, sigma_n, sigma)[0, 0]))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The amplification of an error, and the noisy data's denoiser without correction."""
        *rest, sigma_n, sigma = self.read(params)
        law, x = read_mixture(self, tuple(rest))
        if sigma <= sigma_n:
            return {}
        delta = (sigma - sigma_n) * (sigma + sigma_n)
        noisy = float(noisy_denoiser_vp(law, x, sigma_n, sigma)[0, 0])
        return {
            "amplification": Value(sigma**2 * math.sqrt(1 - sigma_n**2) / delta, unit="1"),
            "without_correction": Value(noisy / math.sqrt(1 - sigma_n**2)),
        }
