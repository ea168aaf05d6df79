"""The control that is not smooth: the exact sampler of two modes on the line.

Data 1/2 N(-m, s^2) + 1/2 N(m, s^2) with the distribution function F. On the line the probability
flow keeps the order of points, so that the map from standard normal noise to the data is the one
that is increasing and carries Phi to F,

    x(z) = F^-1(Phi(z)),     x'(z) = phi(z) / F'(x(z)),     x'(0) = s exp(m^2 / (2 s^2)).

It is a smooth function, and no other increasing one samples these data; yet its slope at the middle
grows as exp(m^2/2s^2), as the noises that land between the modes have almost no probability. The
ISTD between two noises on both sides of 0 grows with the separation and tends to that of one jump
(``theory.smooth.interpolation``),

    ISTD <= L sqrt((n - 1) / n) / sqrt(n - ddof),     L = x(z_n) - x(z_0),                  (bound)

L being the whole way as x increases in z. *An ISTD above 0 is
therefore a property of the data, not a fault of the model*: 0 on a line of noises would need an
affine map, which gives Gaussian data alone. m = 0 gives x = s z, for which it is exactly 0.

*Corollary* (derived here). A sampler whose ISTD is 0 between all noises is affine, so that its
samples are Gaussian, and at least the distance of F to the nearest Gaussian away from the data:
``W2^2 = Var(x) - b^2``, b = E[z x(z)] = E x'(z). *Proof.* The increasing map is the optimal
coupling of any two laws on the line, so that ``W2^2(F, N(a, c^2)) = E (x(z) - a - c z)^2``, least
for the projection of x(z) on 1 and z, which is c = b. And ``E x'(z) = int phi(Phi^-1(F(x))) dx``,
which the trapezoid rule integrates to rounding.

Numerics. x is found from ``log(F - 1/2)`` or, beyond the median of a mode, from ``log(1 - F)``,
each a difference of two tails of one sign, so that neither the gap between the modes nor the tails
cost digits.
"""

import math
from typing import Any, ClassVar, final

import numpy as np
from scipy import optimize, special

from theory.law import Law, Params, Value
from theory.parameter import nonnegative, positive, real
from theory.smooth.interpolation import SAMPLING, Array, check, deviation, one_jump

NODES = 10_000_000  # of the trapezoid rule, at most


def _image(z: float, mode: float, sd: float) -> float:
    """x(z) for z > 0 and two modes at -mode and mode."""

    def above_half(x: float) -> float:
        """2 F(x) - 1."""
        return float(special.ndtr((x - mode) / sd) - special.ndtr(-(x + mode) / sd))

    def beyond(x: float) -> float:
        """2 (1 - F(x))."""
        return float(special.ndtr((mode - x) / sd) + special.ndtr(-(x + mode) / sd))

    inner = float(special.erf(z / math.sqrt(2)))
    side, target = (
        (above_half, inner) if inner < 0.5 else (beyond, float(special.erfc(z / math.sqrt(2))))
    )
    low, high = max(0.0, sd * z - mode), sd * z + mode
    scale = math.log(target)

    def miss(x: float) -> float:
        value = side(x)
        return (math.log(value) if value > 0 else -800.0) - scale

    if miss(low) * miss(high) >= 0:  # the root is an end, to rounding
        return low if abs(miss(low)) < abs(miss(high)) else high
    return float(optimize.brentq(miss, low, high, xtol=1e-300, rtol=1e-15, maxiter=500))


def monotone_map(z: Array, mode: float, sd: float) -> Array:
    """The image x(z) [n] of noises z [n] on the line, for modes at -mode and mode of width sd."""
    z = np.asarray(z, float)
    if mode == 0:
        return sd * z
    return np.array([math.copysign(_image(abs(v), mode, sd), v) if v else 0.0 for v in z.tolist()])


def to_the_nearest_gaussian(mode: float, sd: float) -> float:
    """W2 of two modes on the line to the Gaussian nearest to them, in units of the data.

    Raises ValueError where modes this narrow need more than 1e7 nodes between them.
    """
    if mode == 0:
        return 0.0
    step = sd / 16
    nodes = 2 * (mode + 9 * sd) / step
    if not nodes <= NODES:
        raise ValueError(
            f"asked for the distance to the nearest Gaussian of modes {sd:g} wide at -+{mode:g}; "
            f"got a rule of {nodes:.3g} nodes, above {NODES:.0e}; give wider modes"
        )
    half = math.ceil((mode + 9 * sd) / step)
    x = -np.abs(step * np.arange(-half, half + 1))  # the law is symmetric, the lower tail exact
    below = (special.ndtr((x - mode) / sd) + special.ndtr((x + mode) / sd)) / 2
    z = special.ndtri(below)
    slope = step * float(np.exp(-0.5 * z * z).sum()) / math.sqrt(2 * math.pi)
    return math.sqrt(max(0.0, mode**2 + sd**2 - slope**2))


@final
class MonotoneDeviation(Law):
    """ISTD of two modes on the line; parameters mode, sd, start, end, images, ddof."""

    name = "smooth.istd_monotone"
    statement = "ISTD <= L sqrt((n - 1)/n) / sqrt(n - ddof), L the length of the path of images"
    source = "derived here: the sum of squares is at most the square of the sum"
    unit = "units of the data"
    parameters: ClassVar = {
        "mode": nonnegative("half the distance of the modes"),
        "sd": positive("standard deviation of each mode"),
        "start": real("noise at the start of the line"),
        "end": real("noise at its end"),
        **SAMPLING,
    }
    example: ClassVar = {"mode": 2.0, "sd": 0.3, "start": -1.2, "end": 0.9}

    def _read(self, params: Params) -> tuple[Any, ...]:
        mode, sd, start, end, images, ddof = self.read(params)
        check(self.name, np.array([start]), np.array([end]), images, ddof)
        return mode, sd, start, end, images, ddof

    def _distances(self, params: Params) -> Array:
        mode, sd, start, end, images, _ = self._read(params)
        if mode == 0:
            return np.full(images - 1, sd * abs(end - start) / (images - 1))
        return np.abs(np.diff(monotone_map(np.linspace(start, end, images), mode, sd)))

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(deviation(self._distances(params), self._read(params)[-1]))

    def printed(self, params: Params) -> Value | None:
        lengths = self._distances(params)
        return Value(one_jump(float(lengths.sum()), len(lengths), self._read(params)[-1]))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The largest step, ``log x'(0)``, the ISTD by its bound, and the cost of an ISTD of 0."""
        lengths = self._distances(params)
        mode, sd, *_, ddof = self._read(params)
        bound = one_jump(float(lengths.sum()), len(lengths), ddof)
        return {
            "largest_step": Value(float(lengths.max())),
            "log_slope": Value(math.log(sd) + (mode / sd) ** 2 / 2, unit="1"),
            "fraction": Value(deviation(lengths, ddof) / bound, unit="1"),
            "w2_to_gaussian": Value(to_the_nearest_gaussian(mode, sd)),
        }

    def void(self, params: Params) -> bool:
        self._read(params)
        return False
