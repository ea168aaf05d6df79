"""From nats to total variation: Pinsker's inequality, and where it says nothing.

Every rate in total variation that rests on Girsanov's theorem ends with

    TV(p, q) <= sqrt(KL(p || q) / 2),                                                   (Pinsker)

with the relative entropy in nats. It is sharp for nearly equal laws in the sense that the constant
1/2 cannot be smaller, and void from 2 nats on, where the right side is 1. There, and from 1.6 nats
on, the inequality of Bretagnolle and Huber (1979) is the smaller one, and it is never void:

    TV(p, q) <= sqrt(1 - exp(-KL(p || q))).                                              (sharper)

Proof of the second: ``1 - TV^2 >= (int sqrt(p q))^2`` by Cauchy-Schwarz on ``int min(p, q) int
max(p, q)``, and ``int sqrt(p q) = E_p exp(-1/2 log(p/q)) >= exp(-KL/2)`` by Jensen.

For two normals of one variance and means Delta deviations apart, TV = 2 Phi(Delta/2) - 1 and KL =
Delta^2/2: Pinsker's bound is Delta/2, and the ratio tends to sqrt(2 pi)/2 = 1.2533 for small Delta.
So a rate derived through Pinsker loses a quarter in the best case for shifts, and no exponent.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.density import Density
from theory.distance import kullback_leibler, total_variation
from theory.law import Law, Params, Value
from theory.parameter import line
from theory.rates.path_identity import CHEN


@final
class Pinsker(Law):
    """TV(p, q) against sqrt(KL / 2)."""

    name = "rates.pinsker"
    statement = "TV(p, q) <= sqrt(KL(p||q) / 2)"
    source = f"{CHEN}, section 5, Pinsker's inequality"
    unit = "1"
    trivial = 1.0
    parameters: ClassVar = {"p": line("law p"), "q": line("law q")}
    example: ClassVar = {"p": "normal(0,1)", "q": "normal(0.5,1.2)"}

    def _divergence(self, params: Params) -> tuple[Density, Density, float]:
        p, q = self.read(params)
        return p, q, kullback_leibler(p, q)

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        p, q, _ = self._divergence(params)
        return Value(total_variation(p, q))

    def printed(self, params: Params) -> Value | None:
        """None where the relative entropy is infinite."""
        divergence = self._divergence(params)[2]
        return Value(math.sqrt(divergence / 2)) if math.isfinite(divergence) else None

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``bretagnolle_huber``: sqrt(1 - exp(-KL)); ``divergence``: KL itself, where finite."""
        divergence = self._divergence(params)[2]
        values = {"bretagnolle_huber": Value(math.sqrt(-math.expm1(-divergence)))}
        if math.isfinite(divergence):
            values["divergence"] = Value(divergence, unit="nats")
        return values
