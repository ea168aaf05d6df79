"""Digits that a conversion costs in float32 and float16.

The conversion j = c_x x + c_k k (``theory.principles.prediction``) is exact in the reals. In
floating point with rounding unit u (2^-24 for float32, 2^-11 for float16), x, k, c_x and c_k are
rounded when they are stored, each product once more and the sum once, so that (Higham 2002,
sections 2.2 and 3.1)

    |computed - j| <= g_4 (|c_x x| + |c_k k|),    g_4 = 4 u / (1 - 4 u).                 (printed)

The two terms cancel where j is smaller than they are: the condition number

    kappa = RMS(|c_x x| + |c_k k|) / RMS(j)

says that log10 kappa decimal digits are lost (``digits_lost``). Three regimes:

    data from noise, high noise     kappa ~ 2 sigma / (alpha |x_0|)
    noise from data, low noise      kappa ~ 2 alpha |x_0| / sigma
    data or noise from v, where     kappa <= (|alpha x| + |sigma v|) / |x_0| and the like: of order
    variance is preserved           one at every noise level

so that a conversion loses digits where it amplifies errors (``theory.principles.amplification``):
rounding is one such error.

``exact`` is the RMS over draws of x_t of the error of the conversion, carried out in the precision
with the operands rounded to it, by the RMS of j; ``printed`` is the bound in the RMS under the same
law. *Void* where it is 1 or more: no digit need be left. Underflow is not in the bound.
"""

import math
from typing import Any, ClassVar, NamedTuple, final

import numpy as np

from theory.law import Law, Params, Value
from theory.line_mixture import mixture
from theory.mixture import Array, Mixture
from theory.parameter import choice, integer, line
from theory.principles.conversion import PLACE, read_place
from theory.principles.field import grid_of, log_density
from theory.principles.prediction import KINDS, Point, coefficients, determinant, predict

PRECISIONS: dict[str, tuple[Any, float]] = {
    "float32": (np.float32, 2.0**-24),
    "float16": (np.float16, 2.0**-11),
}


class Terms(NamedTuple):
    """A conversion j = c_x x + c_k k at points [n]."""

    x: Array
    value: Array
    of_x: float
    of_value: float

    @property
    def target(self) -> Array:
        """j [n] in float64."""
        return self.of_x * self.x + self.of_value * self.value

    def rounded(self, precision: str) -> Array:
        """j [n] with operands and operations in a precision, as float64."""
        kind, _ = PRECISIONS[precision]
        with np.errstate(over="ignore", invalid="ignore"):
            of_x, of_value = kind(self.of_x), kind(self.of_value)
            found = of_x * self.x.astype(kind) + of_value * self.value.astype(kind)
        return found.astype(float)


def terms(law: Mixture, x: Array, source: str, target: str, at: Point) -> Terms:
    """The two terms of a conversion at x [n] on the line."""
    of_x, of_value = coefficients(source, target, at)
    return Terms(x, predict(law, x[:, None], source, at)[:, 0], of_x, of_value)


def condition(law: Mixture, source: str, target: str, at: Point) -> float:
    """RMS(|c_x x| + |c_k k|) / RMS(j) under p_t; the kinks leave an error of about 1e-4."""
    on = grid_of((law,), at)
    mass = np.exp(log_density(law, on.points, at)) * on.step
    found = terms(law, on.points, source, target, at)
    size = np.abs(found.of_x * found.x) + np.abs(found.of_value * found.value)
    return math.sqrt(float(mass @ size**2) / float(mass @ found.target**2))


@final
class Precision(Law):
    """The relative rounding error of a conversion in low precision; parameters below."""

    name = "principles.precision"
    statement = "|computed - j| <= 4u/(1 - 4u) (|c_x x| + |c_k k|) for j = c_x x + c_k k"
    source = "derived here, after Higham 2002, Accuracy and Stability of Numerical Algorithms, 3.1"
    unit = "1"
    tier = "tolerance"
    trivial = 1.0
    parameters: ClassVar = PLACE | {
        "source": choice("the prediction that is stored", KINDS),
        "target": choice("the prediction that is computed", KINDS),
        "p": line("law of x_0, of normals and atoms"),
        "precision": choice("the floating point", tuple(PRECISIONS)),
        "draws": integer("draws of x_t", least=2, default=20_000),
    }
    example: ClassVar = {
        "path": "ve",
        "time": 80.0,
        "source": "noise",
        "target": "data",
        "p": "0.3*normal(-1,0.3)+0.7*normal(1,0.3)",
        "precision": "float32",
        "draws": 20_000,
    }

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        at, law, source, target, precision, draws = self._read(params)
        generator = self.drawing(generator)
        x = at.alpha * law.sample(draws, generator) + at.sigma * generator.standard_normal(
            (draws, 1)
        )
        found = terms(law, x[:, 0], source, target, at)
        computed = found.rounded(precision)
        if not np.isfinite(computed).all():
            raise self.refuse(
                f"an overflow of {precision} at time={params['time']}",
                "give a time further from the end of the path, or float32",
            )
        squares = (computed - found.target) ** 2
        size = float((found.target**2).mean())
        value = math.sqrt(float(squares.mean()) / size)
        if value == 0:
            return Value(0.0, 0.0)
        # delta method for the root of a ratio of means
        residual = squares / (value**2 * size) - found.target**2 / size
        return Value(value, float(value * residual.std(ddof=1) / (2 * math.sqrt(draws))))

    def printed(self, params: Params) -> Value | None:
        at, law, source, target, precision, _ = self._read(params)
        unit = PRECISIONS[precision][1]
        return Value(4 * unit / (1 - 4 * unit) * condition(law, source, target, at))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """log10 of the condition number."""
        at, law, source, target, _, _ = self._read(params)
        lost = math.log10(condition(law, source, target, at))
        return {"digits_lost": Value(lost, unit="decimal digits")}

    def _read(self, params: Params) -> tuple[Point, Mixture, str, str, str, int]:
        name, time, source, target, p, precision, draws = self.read(params)
        at = read_place(self, (name, time))
        if determinant(source, at) == 0:
            raise self.refuse(
                f"a source {source!r} that says nothing at time={time}", "give another time"
            )
        return at, mixture(p), source, target, precision, draws
