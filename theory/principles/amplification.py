"""What an error in one parameterisation is in another: its size times |D_j / D_k|.

The parameterisations are equivalent (Lai et al. 2025) for the exact predictions. A network is not
exact. If it errs by e(x) in the prediction k, and the prediction j is converted from it, then j is
off by (D_j / D_k) e(x) at every x, and

    RMS error of j = |D_j / D_k| RMS error of k,                                       (printed)

by the theorem of ``theory.principles.prediction``: the conversion is affine in k with that slope,
and the exact predictions satisfy it too. With r = sigma / alpha and, for v, alpha^2 + sigma^2 = 1,
the factors of an error are

    from \\ to   data         noise        v           velocity (linear path)
    noise       r            1            1 / alpha   1 / alpha = 1 / (1 - t)
    data        1            1 / r        1 / sigma   1 / sigma = 1 / t
    v           sigma        alpha        1
    velocity    t            1 - t                    1

so that noise is a poor parameterisation of the data at high noise, and data of the noise and the
score at low noise. From v (on a variance-preserving path) and from the velocity (on the linear
path) no error of data or noise is ever larger than that of the prediction, ``source_error``.

The law takes the predictions of a second law q of x_0 for what a network learnt on data of law p:
``exact`` is the RMS under p_t of j_q - j_p, each from its own definition. What the law does not say
is that a network errs by the same in every parameterisation: an even size in one is a size in
another that varies with t by the factor, so that the choice of what to predict is a choice of
weights over t (``theory.principles.loss_weight``).
"""

from typing import ClassVar, final

import numpy as np

from theory.law import Law, Params, Value
from theory.line_mixture import mixture
from theory.mixture import Mixture
from theory.parameter import choice, line
from theory.principles.conversion import PLACE, PRINCIPLES, read_place
from theory.principles.field import root_mean_square
from theory.principles.prediction import KINDS, Point, determinant


def factor(source: str, target: str, at: Point) -> float:
    """|D_j / D_k|, in units of the target by those of the source."""
    return abs(determinant(target, at) / determinant(source, at))


@final
class Amplification(Law):
    """The error of a converted prediction, by that of its source; parameters below."""

    name = "principles.amplification"
    statement = "RMS error of j = |D_j / D_k| RMS error of k, from which j is converted"
    source = f"derived here, from the equivalence of parameterisations in {PRINCIPLES}"
    unit = "units of the target"
    parameters: ClassVar = PLACE | {
        "source": choice("the prediction that a network makes", KINDS),
        "target": choice("the prediction that is converted from it", KINDS),
        "p": line("law of x_0, of normals and atoms"),
        "q": line("law whose prediction the network makes instead"),
    }
    example: ClassVar = {
        "path": "vp",
        "time": 0.8,
        "source": "noise",
        "target": "data",
        "p": "0.3*normal(-1,0.3)+0.7*normal(1,0.3)",
        "q": "0.35*normal(-1,0.3)+0.65*normal(1,0.35)",
    }

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        at, _, target, p, q = self._read(params)
        return Value(root_mean_square(p, q, target, at))

    def printed(self, params: Params) -> Value | None:
        at, source, target, p, q = self._read(params)
        if determinant(source, at) == 0:
            return None
        return Value(factor(source, target, at) * root_mean_square(p, q, source, at))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The error of the source, and the factor."""
        at, source, target, p, q = self._read(params)
        values = {
            "source_error": Value(root_mean_square(p, q, source, at), unit="units of the source")
        }
        if determinant(source, at) != 0:
            values["amplification"] = Value(factor(source, target, at), unit="target / source")
        return values

    def _read(self, params: Params) -> tuple[Point, str, str, Mixture, Mixture]:
        name, time, source, target, p, q = self.read(params)
        at = read_place(self, (name, time))
        return at, source, target, mixture(p), mixture(q)
