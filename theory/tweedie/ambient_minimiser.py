"""The ambient objective has one minimiser, the clean denoiser; and what learning it this way costs.

Daras, Dimakis and Daskalakis (2024), ambient denoising score matching: at a level sigma >
sigma_n, with X_t = X_n + sqrt(Delta) eta, Delta = sigma^2 - sigma_n^2 and alpha = Delta / sigma^2,

    the unique minimiser of J(h) = E |alpha h(X_t) + (1 - alpha) X_t - X_n|^2
    is h*(x) = E[X_0 | X_t = x].                                                       (printed)

*Proof, with the excess.* By the orthogonality of conditional expectation, J(h) = E |alpha h(X_t) +
(1 - alpha) X_t - E[X_n|X_t]|^2 + E Var(X_n|X_t), and E[X_n|X_t] = alpha h* + (1 - alpha) X_t
(``theory.tweedie.double_tweedie``), so that

    J(h) - J(h*) = alpha^2 E |h(X_t) - h*(X_t)|^2,

which is 0 only where h = h* almost surely, hence everywhere if h is continuous. The law draws X_0,
X_n and X_t forward, as training does, and takes the mean difference of the two losses on the same
draws; the formula is by quadrature, and is ``printed`` because it is the statement with its size:
positive for every other h.

*An equivalent regression.* With y = X_t - (sigma^2 / sqrt(Delta)) eta, X_n = X_t - sqrt(Delta) eta
gives alpha h + (1 - alpha) X_t - X_n = alpha (h - y): the objective is alpha^2 E |h - y|^2, least
squares on a pseudo-target whose conditional mean is E[X_0|X_t].

*The price, derived here.* The pseudo-target has more variance than the clean target, in every
dimension by the same amount, whatever the law of X_0:

    E Var(y | X_t) = E Var(X_0 | X_t) + sigma^2 sigma_n^2 / Delta.

Proof: with I the Fisher information of X_t, Tweedie's formula of second order gives E Var(X_0|X_t)
= sigma^2 - sigma^4 I and E Var(X_n|X_t) = Delta - Delta^2 I; divide the latter by alpha^2. For a
normal X_0 of variance s^2 the ratio of the two variances is R = (1 + sigma_n^2 / s^2) / alpha
(``theory.ambient.variance_price``); for any other law of variance s^2 it is larger, since the
minimal error of the normal law is the largest (the best affine denoiser attains it). The ratio is
unbounded as sigma falls to sigma_n, and where the minimal error is small: clusters that are far
apart are denoised almost freely from clean data, not from noisy ones.

*Void* for sigma <= sigma_n.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.density import Density
from theory.law import Law, Params, Value
from theory.line_mixture import grid, mean_squared, mixture
from theory.mixture import Array
from theory.parameter import choice, integer, line, positive
from theory.tweedie.double_tweedie import TWEEDIE, noisy_denoiser_ve
from theory.tweedie.transition import denoise, minimal_error

DENOISERS = ("uncorrected", "identity", "linear")
CHUNK = 1 << 16


def wrong(kind: str, law: Density, x: Array, sigma_n: float, sigma: float) -> Array:
    """A denoiser other than E[X_0 | X_t], at x [n].

    uncorrected: E[X_n | X_t]; identity: X_t; linear: the best affine function of X_t.
    """
    if kind == "uncorrected":
        return noisy_denoiser_ve(mixture(law), x[:, None], sigma_n, sigma)[:, 0]
    if kind == "identity":
        return x
    return law.mean + law.variance / (law.variance + sigma**2) * (x - law.mean)


def excess_formula(kind: str, law: Density, sigma_n: float, sigma: float) -> float:
    """``alpha^2 E |h - h*|^2`` by quadrature, in squared units of the data."""
    own = mixture(law)
    on = grid((own,), sigma)
    gap = wrong(kind, law, on.points, sigma_n, sigma) - denoise(own, on.points, sigma)
    alpha = (sigma - sigma_n) * (sigma + sigma_n) / sigma**2
    return alpha**2 * mean_squared(gap, own, sigma, on)


def excess_losses(
    kind: str,
    law: Density,
    sigma_n: float,
    sigma: float,
    draws: int,
    generator: np.random.Generator,
) -> Array:
    """The ambient loss of h less that of E[X_0|X_t], on the same draws [draws]."""
    own = mixture(law)
    delta = (sigma - sigma_n) * (sigma + sigma_n)
    alpha = delta / sigma**2
    parts = []
    for start in range(0, draws, CHUNK):
        size = min(CHUNK, draws - start)
        noisy = law.sample((size,), generator) + sigma_n * generator.standard_normal(size)
        x = noisy + math.sqrt(delta) * generator.standard_normal(size)
        h, best = wrong(kind, law, x, sigma_n, sigma), denoise(own, x, sigma)
        parts.append(alpha * (h - best) * (alpha * (h + best) + 2 * (1 - alpha) * x - 2 * noisy))
    return np.concatenate(parts)


def target_variances(law: Density, sigma_n: float, sigma: float) -> tuple[float, float]:
    """E Var given X_t of the clean target and of the pseudo-target, in squared data units."""
    own = mixture(law)
    delta = (sigma - sigma_n) * (sigma + sigma_n)
    ambient = minimal_error(own.noised(sigma_n), math.sqrt(delta)) * (sigma**2 / delta) ** 2
    return minimal_error(own, sigma), ambient


@final
class AmbientMinimiser(Law):
    """The ambient loss of another denoiser above that of E[X_0|X_t]; parameters below."""

    name = "tweedie.ambient_minimiser"
    statement = (
        "E[X_0|X_t] is the unique minimiser of J(h) = E|alpha h(X_t) + (1 - alpha) X_t - X_n|^2, "
        "alpha = 1 - sigma_n^2/sigma^2: J(h) - min J = alpha^2 E|h - E[X_0|X_t]|^2"
    )
    source = f"{TWEEDIE}, ambient denoising score matching; the excess derived here"
    unit = "squared units of the data"
    tier = "tolerance"
    parameters: ClassVar = {
        "p": line("law of X_0, of normals and atoms"),
        "sigma_n": positive("noise of the data"),
        "sigma": positive("noise of X_t"),
        "denoiser": choice("the other denoiser h", DENOISERS),
        "draws": integer("forward draws", least=2, default=20_000),
    }
    example: ClassVar = {
        "p": "0.3*normal(-1,0.3)+0.7*normal(1,0.3)",
        "sigma_n": 0.4,
        "sigma": 0.7,
        "denoiser": "uncorrected",
        "draws": 20_000,
    }

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        p, sigma_n, sigma, denoiser, draws = self._read(params)
        found = excess_losses(denoiser, p, sigma_n, sigma, draws, self.drawing(generator))
        return Value(float(found.mean()), float(found.std(ddof=1) / math.sqrt(draws)))

    def printed(self, params: Params) -> Value | None:
        p, sigma_n, sigma, denoiser, _ = self._read(params)
        return Value(excess_formula(denoiser, p, sigma_n, sigma))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``least_loss``: min J = E Var(X_n|X_t)."""
        p, sigma_n, sigma, *_ = self._read(params)
        delta = (sigma - sigma_n) * (sigma + sigma_n)
        return {"least_loss": Value(minimal_error(mixture(p).noised(sigma_n), math.sqrt(delta)))}

    def _read(self, params: Params) -> tuple[Density, float, float, str, int]:
        values = self.read(params)
        if values[2] <= values[1]:
            raise self.refuse(
                f"sigma={values[2]} and sigma_n={values[1]}, where the objective has no noise to "
                "add",
                "give sigma > sigma_n",
            )
        return values


@final
class TargetVariance(Law):
    """Variance that the ambient target has beyond the clean one's; parameters p, sigma_n, sigma."""

    name = "tweedie.target_variance"
    statement = "E Var(y|X_t) - E Var(X_0|X_t) = sigma^2 sigma_n^2 / (sigma^2 - sigma_n^2)"
    source = "derived here, for the pseudo-target y of ambient denoising score matching"
    unit = "squared units of the data"
    parameters: ClassVar = {
        "p": line("law of X_0, of normals and atoms"),
        "sigma_n": positive("noise of the data"),
        "sigma": positive("noise of X_t"),
    }
    example: ClassVar = {
        "p": "0.3*normal(-1,0.3)+0.7*normal(1,0.3)",
        "sigma_n": 0.2,
        "sigma": 0.4,
    }

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        clean, ambient = target_variances(*self._read(params))
        return Value(ambient - clean)

    def printed(self, params: Params) -> Value | None:
        _, sigma_n, sigma = self._read(params)
        return Value(sigma**2 * sigma_n**2 / ((sigma - sigma_n) * (sigma + sigma_n)))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The ratio of the two variances, and what it is for a normal law of p's variance."""
        p, sigma_n, sigma = self._read(params)
        if p.variance == 0:
            return {}
        clean, ambient = target_variances(p, sigma_n, sigma)
        alpha = (sigma - sigma_n) * (sigma + sigma_n) / sigma**2
        return {
            "ratio": Value(ambient / clean, unit="1"),
            "gaussian_ratio": Value((1 + sigma_n**2 / p.variance) / alpha, unit="1"),
        }

    def _read(self, params: Params) -> tuple[Density, float, float]:
        p, sigma_n, sigma = self.read(params)
        if sigma <= sigma_n:
            raise self.refuse(
                f"sigma={sigma} and sigma_n={sigma_n}, where there is no ambient target",
                "give sigma > sigma_n",
            )
        return p, sigma_n, sigma
