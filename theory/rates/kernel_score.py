"""The score of a kernel estimate: its rate in n, in the noise, and in the dimension.

Zhang et al. 2024: from n samples of a sub-Gaussian p_0 on R^d, the noised law p_t = p_0 * N(0, t I)
has the kernel estimate ``p^_t = 1/n sum_i N(x; X_i, t I)``, and with denominators truncated from
below the estimated score has

    E int p_t |s^ - s|^2 = O~(n^-1 t^{-(d+2)/2} (t^{d/2} v 1)),                            (printed)

up to constants and logarithms of n; here both are one. t is the variance of the noise, p_0 = N(0,
I), so that s = -x / (1 + t), and ``s^ = grad p^ / max(p^, rho)`` with one of two floors: rho = 1/n,
or rho = (2 pi t)^{-d/2} / n, the height of one sample's kernel, which alone is free of units (with
1/n and a large t, or d > 1, all of p may lie below the floor). Returning s^ = 0 costs d / (1 + t):
a bound that is no smaller says nothing (void).

*The linearised error, derived here.* Where p^ is close to p, ``s^ - s = (grad p^ - s p^) / p`` to
first order, a mean of n independent terms ``K(x - X) ((X - x)/t - s(x)) / p(x)`` with mean 0. Its
squared length, integrated over p, is for p_0 = N(0, I) a Gaussian integral:

    E int |grad p^ - s p^|^2 / p = d (1 + t)^{d-1} / (n t^{d+1}).                       (linearised)

Proof: ``K^2 = (4 pi t)^{-d/2} N(x - X; 0, t/2)``; given x, the X so weighted have mean x / (1 +
t/2) and variance (t/2)/(1 + t/2), so that the square of the bracket averages ``d/(t(2+t)) +
|x|^2/((1+t)^2 (2+t)^2)``. The weights are ``N(x; 0, 1 + t/2) / N(x; 0, 1 + t)``, which is
``(b/a)^{d/2} exp(-|x|^2 / (2c))``, a = 1 + t/2, b = 1 + t, c = ab/(b - a) = (1+t)(2+t)/t.
Collecting, the powers of 2 and pi cancel.

At small t that is t^{-(d+1)}, not t^{-(d+2)/2}: a factor t^{-d/2} more, the volume over which
N(0, 1 + t/2) and N(0, 1 + t) are comparable. There is no contradiction: most of that volume is far
out, where fewer than one sample is within a kernel's width; the floor replaces the linearised
error there by a bias, and leaves of the volume about ``(log n)^{d/2}``: the logarithms that O~ does
not count. So measured slopes are not the printed ones: in n above -1, in t off -(d+2)/2.
"""

import math
from collections.abc import Callable
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from theory.kernel_density import Lattice
from theory.law import Law, Params, Value
from theory.parameter import choice, integer, positive

Array = npt.NDArray[np.float64]

ZHANG = "Zhang et al. 2024, Minimax optimality of score-based diffusion models (arXiv 2402.15602)"
FLOOR = choice("least denominator: 1/n, or a kernel's height/n", ("count", "kernel"), "count")
POINTS = 64  # places at which each data set's score is tried, for d > 1
MEMORY = 1 << 20  # numbers in a chunk


def floor_of(kind: str, n: int, t: float, dimension: int) -> float:
    """rho, what the denominator is at least."""
    return (1.0 if kind == "count" else (2 * math.pi * t) ** (-dimension / 2)) / n


def printed_rate(n: int, t: float, dimension: int) -> float:
    """``n^-1 t^{-(d+2)/2} max(t^{d/2}, 1)``."""
    return t ** (-(dimension + 2) / 2) * max(t ** (dimension / 2), 1.0) / n


def linearised_error(n: int, t: float, dimension: int) -> float:
    """``d (1 + t)^{d-1} / (n t^{d+1})``."""
    return dimension * (1 + t) ** (dimension - 1) / (n * t ** (dimension + 1))


def score_errors(
    n: int, t: float, dimension: int, rho: float, datasets: int, generator: np.random.Generator
) -> Array:
    """``int p_t |s^ - s|^2`` of each data set [datasets]; for d > 1 at ``POINTS`` draws of p_t.

    rho: the floor of the denominator.
    """
    row = n if dimension == 1 else n * POINTS * dimension
    rows = max(1, MEMORY // row)
    one = _on_the_line if dimension == 1 else _at_draws
    return np.concatenate(
        [
            one(n, t, dimension, rho, min(rows, datasets - start), generator)
            for start in range(0, datasets, rows)
        ]
    )


def _on_the_line(
    n: int, t: float, dimension: int, rho: float, datasets: int, generator: np.random.Generator
) -> Array:
    """By the trapezoid rule in steps of sqrt(t) / 8, which the floor's kinks leave at 1e-3."""
    samples, sigma = generator.standard_normal((datasets, n)), math.sqrt(t)
    reach = 9 * math.sqrt(1 + t) - 9 * sigma
    low, high = min(-reach, float(samples.min())), max(reach, float(samples.max()))
    lattice = Lattice.over(low, high, sigma)
    sums, total = lattice.coefficients(samples), np.zeros(datasets)
    for block in range(lattice.blocks):
        x = lattice.ends(block)[:-1]  # [cells]
        density, slope = np.moveaxis(lattice.estimate(sums, block)[:, :2, :-1] / n, 1, 0)
        estimate = slope / lattice.cell / np.maximum(density, rho)  # [datasets, cells]
        weight = np.exp(-0.5 * x * x / (1 + t)) / math.sqrt(2 * math.pi * (1 + t))
        total += ((estimate + x / (1 + t)) ** 2 * weight).sum(axis=1) * lattice.cell
    return total


def _at_draws(
    n: int, t: float, dimension: int, rho: float, datasets: int, generator: np.random.Generator
) -> Array:
    """As a mean over fresh draws of p_t."""
    samples = generator.standard_normal((datasets, n, dimension))
    x = math.sqrt(1 + t) * generator.standard_normal((datasets, POINTS, dimension))
    squares = (x**2).sum(2)[:, :, None] + (samples**2).sum(2)[:, None, :]
    squares -= 2 * x @ samples.transpose(0, 2, 1)  # [datasets, POINTS, n]
    kernel = np.exp(-0.5 * squares / t) * (2 * math.pi * t) ** (-dimension / 2) / n
    density = kernel.sum(2)[:, :, None]  # [datasets, POINTS, 1]
    slope = (kernel @ samples - density * x) / t
    gap = slope / np.maximum(density, rho) + x / (1 + t)
    return (gap**2).sum(2).mean(1)


def mean_error(values: Array) -> Value:
    """The mean of values [k] with its standard error."""
    return Value(float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values))))


@final
class KernelScore(Law):
    """The squared error of the kernel estimate's score against the printed rate."""

    name = "rates.kernel_score"
    statement = "E int p_t |s^ - s|^2 = O~(n^-1 t^{-(d+2)/2} (t^{d/2} v 1))"
    source = f"{ZHANG}, main theorem, constants and logarithms set to one"
    unit = "squared score"
    tier = "tolerance"
    parameters: ClassVar = {
        "n": integer("number of samples", 2),
        "t": positive("variance of the noise"),
        "dimension": integer("dimension d", default=1),
        "floor": FLOOR,
        "datasets": integer("independent data sets", 2, default=400),
    }
    example: ClassVar = {"n": 200, "t": 0.25, "datasets": 50}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        n, t, dimension, floor, datasets = self.read(params)
        rho = floor_of(floor, n, t, dimension)
        return mean_error(score_errors(n, t, dimension, rho, datasets, self.drawing(generator)))

    def printed(self, params: Params) -> Value | None:
        n, t, dimension, _, _ = self.read(params)
        return Value(printed_rate(n, t, dimension))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``linearised``: the error to first order, without a floor; ``zero``: that of s^ = 0."""
        n, t, dimension, _, _ = self.read(params)
        return {
            "linearised": Value(linearised_error(n, t, dimension)),
            "zero": Value(dimension / (1 + t)),
        }

    def void(self, params: Params) -> bool:
        """Where the rate is no smaller than the error of s^ = 0."""
        n, t, dimension, _, _ = self.read(params)
        return printed_rate(n, t, dimension) >= dimension / (1 + t)


@final
class KernelScoreSlope(Law):
    """The slope of log error in log n or in log t, between two points, against the rate's."""

    name = "rates.kernel_score_slope"
    statement = "the error falls as n^-1, and as t^{-(d+2)/2} for t <= 1"
    source = f"{ZHANG}, main theorem, without its logarithms"
    unit = "1"
    tier = "tolerance"
    parameters: ClassVar = {
        "n": integer("number of samples", 2),
        "n_end": integer("number of samples at the other end", 2),
        "t": positive("variance of the noise"),
        "t_end": positive("variance of the noise at the other end"),
        "dimension": integer("dimension d", default=1),
        "floor": FLOOR,
        "datasets": integer("independent data sets", 2, default=400),
    }
    example: ClassVar = {"n": 50, "n_end": 400, "t": 0.25, "t_end": 0.25, "datasets": 20}

    def _ends(self, params: Params) -> tuple[tuple[int, float], tuple[int, float], float]:
        """n and t at both ends, and the logarithm of the ratio that is changed."""
        n, n_end, t, t_end, _, _, _ = self.read(params)
        if (n == n_end) == (t == t_end):
            raise self.refuse(
                f"n={n} and {n_end}, t={t} and {t_end}", "change one of them and keep the other"
            )
        change = math.log(n_end / n) + math.log(t_end / t)  # one of which is 0
        return (n, t), (n_end, t_end), change

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        *ends, change = self._ends(params)
        dimension, floor, datasets = self.read(params)[4:]
        drawing = self.drawing(generator)
        first, last = (
            mean_error(
                score_errors(n, t, dimension, floor_of(floor, n, t, dimension), datasets, drawing)
            )
            for n, t in ends
        )
        parts = [(mean.standard_error or 0.0) / mean.value for mean in (first, last)]
        return Value(math.log(last.value / first.value) / change, math.hypot(*parts) / abs(change))

    def _slope(self, params: Params, rate: Callable[[int, float, int], float]) -> Value:
        first, last, change = self._ends(params)
        dimension = self.read(params)[4]
        ratio = rate(*last, dimension) / rate(*first, dimension)
        return Value(math.log(ratio) / change)

    def printed(self, params: Params) -> Value | None:
        return self._slope(params, printed_rate)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``linearised``: the slope of the error to first order."""
        return {"linearised": self._slope(params, linearised_error)}
