"""The ambient loss and the plain loss on corrupted data have one population minimiser.

Setting. A corrupted (low-quality) sample w0 ~ q is annotated with the noise level sigma_n from
which on it may be used. Training sees ``x_n = w0 + sigma_n Z`` and ``x = x_n + sqrt(Delta) eta``,
Delta = sigma^2 - sigma_n^2 > 0, alpha = Delta / sigma^2. The ambient loss (Daras et al. 2025,
section 3, after Daras et al. 2024, Consistent Diffusion Meets Tweedie) is

    E |alpha h(x) + (1 - alpha) x - x_n|^2,                                             (ambient)

the plain loss on the same samples, used at sigma > sigma_n only (gated), is E |h(x) - w0|^2.

*Statement* (derived here). Both have the minimiser ``h(x) = E_q[w0 | x]``.

Proof. The ambient minimiser satisfies ``alpha h + (1 - alpha) x = E[x_n | x]``. By Tweedie's
formula for x as x_n under noise Delta, and as w0 under noise sigma^2, with one density q_sigma,

    E[x_n | x] = x + Delta grad log q_sigma(x),      E[w0 | x] = x + sigma^2 grad log q_sigma(x),

so that E[x_n | x] = x + alpha (E[w0 | x] - x), and h = E[w0 | x]. The plain minimiser is the
conditional mean by definition.

Three things follow. The bias of corrupted data, q in place of p, is the same for both losses at
every sigma: what removes it is the gate sigma > sigma_n and nothing in the loss. Where w0 is known,
as it is when the corruption is a blur and not a lack of data, the ambient loss only replaces a
known target by a noisier one, at the price in ``theory.ambient.variance_price``. And a comparison
of "ambient" with "all data as equal" confounds the gate with the loss; the plain gated loss is the
baseline that tells them apart.

Numerics. ``h = x + (E[x_n | x] - x) / alpha``: the division by alpha loses -log10(alpha) digits.

This module has q as a mixture of k normals of one standard deviation on the line, for which both
conditional means are finite sums (``theory.mixture``).
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.ambient.contraction import OMNI
from theory.law import Law, Params, Value
from theory.mixture import Array, Mixture
from theory.parameter import nonnegative, positive, real, vector, weights


def gap(law: str, sigma: float, sigma_n: float) -> float:
    """Delta = sigma^2 - sigma_n^2, without cancellation; a ValueError where it is not positive."""
    delta = (sigma - sigma_n) * (sigma + sigma_n)
    if not delta > 0:
        raise ValueError(
            f"asked for the law {law}; got sigma={sigma:g} and sigma_n={sigma_n:g}, no noise to "
            "add; give sigma above sigma_n"
        )
    return delta


def ambient_minimiser(noisy: Mixture, x: Array, sigma: float, sigma_n: float) -> Array:
    """The minimiser of the ambient loss at x [n, d]; ``noisy`` is the law of x_n, not of w0."""
    delta = gap("ambient.minimiser", sigma, sigma_n)
    mean = noisy.denoise(x, math.sqrt(delta))  # E[x_n | x]
    return np.asarray(x + (mean - x) / (delta / sigma**2))


def line_mixture(law: str, shares: Array, means: Array, deviation: float) -> Mixture:
    """The mixture on the line with these shares [k], means [k] and one standard deviation."""
    if len(shares) != len(means):
        raise ValueError(
            f"asked for the law {law}; got {len(shares)} weights and {len(means)} means; "
            "give one mean a weight"
        )
    return Mixture(shares, means[:, None], np.array(deviation**2))


MIXTURE = {
    "weights": weights("share of each component of the corrupted data"),
    "means": vector("mean of each component"),
    "deviation": nonnegative("standard deviation of each component"),
}
NOISES = {
    "sigma_n": positive("annotated noise level"),
    "sigma": positive("training noise level, above sigma_n"),
}


@final
class Minimiser(Law):
    """E_q[w0 | x] against the ambient minimiser; a mixture on the line, sigma_n, sigma, x."""

    name = "ambient.minimiser"
    statement = (
        "the minimiser of the ambient loss E|alpha h(x) + (1 - alpha) x - x_n|^2, "
        "alpha = 1 - sigma_n^2/sigma^2, is that of the plain loss, E[w0 | x]"
    )
    source = f"{OMNI}, section 3; proof here"
    unit = "units of the line"
    parameters: ClassVar = {**MIXTURE, **NOISES, "x": real("the noisy sample")}
    example: ClassVar = {
        "weights": [0.3, 0.7],
        "means": [-1.0, 0.5],
        "deviation": 0.2,
        "sigma_n": 0.2,
        "sigma": 0.4,
        "x": 0.1,
    }

    def _read(self, params: Params) -> tuple[Mixture, float, float, Array]:
        shares, means, deviation, sigma_n, sigma, x = self.read(params)
        gap(self.name, sigma, sigma_n)
        return line_mixture(self.name, shares, means, deviation), sigma_n, sigma, np.array([[x]])

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        q, _, sigma, x = self._read(params)
        return Value(float(q.denoise(x, sigma)[0, 0]))

    def printed(self, params: Params) -> Value | None:
        q, sigma_n, sigma, x = self._read(params)
        return Value(float(ambient_minimiser(q.noised(sigma_n), x, sigma, sigma_n)[0, 0]))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``noisy_mean``, E[x_n | x], what the loss without its factor alpha would regress to."""
        q, sigma_n, sigma, x = self._read(params)
        mean = q.noised(sigma_n).denoise(x, math.sqrt(gap(self.name, sigma, sigma_n)))
        return {"noisy_mean": Value(float(mean[0, 0]))}
