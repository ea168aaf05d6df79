"""Translating an image and back: the DPM-Encoder is no cycle.

x is encoded by model 1 and decoded by model 2 to y; y is encoded by model 2 and decoded by model 1
to x'. The name recalls the cycle consistency of CycleGAN (Zhu et al. 2017), x' = x, which nothing
here trains for. And the encoder draws: the second code is a fresh one of y, not the one that y was
made of.

**Exact law** (derived here) for Gaussians, exact scores, eta = 1 and small steps. (x, y) has the
coupling of ``theory.cycle.shared_code`` with cross covariance C; given y, x' is drawn from the same
coupling read from y, independently of x. So Cov(x, x') = C S2^-1 C', and

    E|x - x'|^2 = 2 tr(S1 - C S2^-1 C') = 2 sum_ij W_ij^2 a (1 - rho^2(a, b)),    rho = u / sinh u,

a = l_1i, b = l_2j, u = log(a/b)/2, as C has the entries W_ij sqrt(ab) rho. In one dimension ``2 a
(1 - rho^2)``: x' is as far from x as an image that correlates with it by rho^2.

1. *0 if and only if S1 = S2*: then y = x + m2 - m1 and any code of y is one of x.
2. *At most 2 tr S1*, an independent image, which it tends to as the ratio of the variances does to
   0 or infinity.
3. *Each way alone is invertible*: what is exact is decode(encode(x)) by one model. With the first
   code kept, x comes back; DDIM inversion, which has no second draw, comes back up to its Euler
   error (``theory.cycle.ddim_inversion``): 0 in this limit.
"""

from typing import Any, ClassVar, final

import numpy as np

from theory.cycle.encoder import WU, Array
from theory.cycle.shared_code import lost_correlation, spectra
from theory.law import Law, Params, Value
from theory.parameter import covariance, same_dimension


def return_error(s1: Array, s2: Array) -> float:
    """E|x - x'|^2 for covariances [d, d]; exactly 0 where they are equal."""
    if np.array_equal(s1, s2):
        return 0.0
    a, b, overlap = spectra(s1, s2)
    lost = lost_correlation(np.log(a / b) / 2, 1.0)
    return 2 * float((overlap * a * lost * (2 - lost)).sum())


@final
class ThereAndBack(Law):
    """E|x - x'|^2 of an image and its way there and back; parameters cov1, cov2."""

    name = "cycle.there_and_back"
    statement = "translating an image to the other domain and back gives it again: x' = x"
    source = f"cycle consistency (Zhu et al. 2017), asked of {WU}"
    unit = "squared units of the data"
    parameters: ClassVar = {
        "cov1": covariance("covariance of the first model's data"),
        "cov2": covariance("covariance of the second model's data"),
    }
    example: ClassVar = {"cov1": [1.0, 1.0], "cov2": [4.0, 1.0]}

    def _read(self, params: Params) -> tuple[Any, ...]:
        s1, s2 = self.read(params)
        same_dimension(self.name, cov1=s1, cov2=s2)
        return s1, s2

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(return_error(*self._read(params)))

    def printed(self, params: Params) -> Value | None:
        self._read(params)
        return Value(0.0)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The error of an independent image, the share of it, and that of the inverted ODE."""
        s1, s2 = self._read(params)
        independent = 2 * float(np.trace(s1))
        return {
            "independent": Value(independent),
            "share": Value(return_error(s1, s2) / independent, unit="1"),
            "without_noise": Value(0.0),
        }

    def void(self, params: Params) -> bool:
        self._read(params)
        return False
