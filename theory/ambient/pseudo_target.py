"""The ambient loss is plain regression on an unbiased pseudo-target.

Notation as in ``theory.ambient.minimiser``: ``x = x_n + sqrt(Delta) eta``, alpha = Delta / sigma^2.
The released weight of the ambient loss is ``lambda_amb = sigma^4 / Delta^2 = alpha^-2``.

*Statement, derived here.* For every h,

    lambda_amb |alpha h + (1 - alpha) x - x_n|^2 = |h - y|^2,   y = x - (sigma^2 / sqrt(Delta)) eta,

and ``E[y | x] = E[w0 | x]``.

Proof. Divide by alpha inside the square: the left side is ``|h - (x_n - (1 - alpha) x) / alpha|^2``
and ``(x_n - (1 - alpha) x) / alpha = x + (x_n - x) / alpha = x - sqrt(Delta) eta sigma^2 / Delta``.
Its conditional mean is ``x + (E[x_n | x] - x) / alpha``, which is E[w0 | x] by the proof in
``theory.ambient.minimiser``. So y is w0 with noise of mean zero given x: the ambient loss with its
weight is the plain loss with a noisier target, nothing else, and an implementation needs y alone.

The weight is what makes it so. With no weight the loss is alpha^2 |h - y|^2, smaller by alpha^2
close to sigma_n: the same minimiser at each sigma, another compromise between noise levels.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.ambient.contraction import OMNI
from theory.ambient.minimiser import NOISES, gap
from theory.law import Law, Params, Value
from theory.mixture import Array
from theory.parameter import same_dimension, vector


def weight(sigma: float, sigma_n: float) -> float:
    """lambda_amb = sigma^4 / (sigma^2 - sigma_n^2)^2."""
    return float((sigma**2 / gap("ambient.pseudo_target", sigma, sigma_n)) ** 2)


def pseudo_target(x: Array, eta: Array, sigma: float, sigma_n: float) -> Array:
    """y [..., d], unbiased for w0 given x, from x [..., d] and the noise eta [..., d] in it."""
    return x - sigma**2 / math.sqrt(gap("ambient.pseudo_target", sigma, sigma_n)) * eta


@final
class PseudoTarget(Law):
    """The weighted ambient loss of one sample against |h - y|^2; h, x_n, eta, sigma_n, sigma."""

    name = "ambient.pseudo_target"
    statement = (
        "lambda_amb |alpha h + (1 - alpha) x - x_n|^2 = |h - y|^2, y = x - sigma^2 eta / "
        "sqrt(Delta), x = x_n + sqrt(Delta) eta, Delta = sigma^2 - sigma_n^2"
    )
    source = f"derived here for the loss of {OMNI}, section 3"
    unit = "squared units of the data"
    parameters: ClassVar = {
        "h": vector("output of the denoiser"),
        "x_n": vector("the sample under its annotated noise"),
        "eta": vector("the standard normal noise added on top"),
        **NOISES,
    }
    example: ClassVar = {
        "h": [0.3, -0.2],
        "x_n": [0.5, 0.1],
        "eta": [-0.7, 1.2],
        "sigma_n": 0.2,
        "sigma": 0.4,
    }

    def _read(self, params: Params) -> tuple[Array, Array, Array, float, float]:
        h, x_n, eta, sigma_n, sigma = self.read(params)
        same_dimension(self.name, h=h, x_n=x_n, eta=eta)
        return h, x_n, eta, sigma_n, sigma

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        h, x_n, eta, sigma_n, sigma = self._read(params)
        delta = gap(self.name, sigma, sigma_n)
        alpha, x = delta / sigma**2, x_n + math.sqrt(delta) * eta
        residual = alpha * h + (1 - alpha) * x - x_n  # [d]
        return Value(weight(sigma, sigma_n) * float(residual @ residual))

    def printed(self, params: Params) -> Value | None:
        h, x_n, eta, sigma_n, sigma = self._read(params)
        x = x_n + math.sqrt(gap(self.name, sigma, sigma_n)) * eta
        residual = h - pseudo_target(x, eta, sigma, sigma_n)
        return Value(float(residual @ residual))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``weight``, lambda_amb."""
        _, _, _, sigma_n, sigma = self._read(params)
        return {"weight": Value(weight(sigma, sigma_n), unit="1")}
