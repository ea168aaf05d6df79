"""The whole path of a Gaussian loop: mean and variance, generation by generation.

Fit N(m, v) by maximum likelihood with infinitely many samples; the data have mean m* and variance
v*. A generation mixes the first two moments of the data and of the corrected model,

    m'   = [m* + lambda (m + gamma m*) / (1 + gamma)] / (1 + lambda)
    E2'  = [E2* + lambda (E2 + gamma E2*) / (1 + gamma)] / (1 + lambda),    E2 = v + m^2.

Both are affine with the one slope a = lambda / ((1 + lambda)(1 + gamma)): after t generations the
model has *the moments of the mixture* (1 - a^t) p* + a^t p_0,

    m_t - m* = a^t (m_0 - m*),   v_t - v* = a^t [(v_0 - v*) + (1 - a^t) (m_0 - m*)^2].    (exact)

So in the coordinates (m, E2) the error shrinks by exactly a in each generation from any start, and
correction shrinks it by another (1 + gamma)^t: "exponentially more stable".

*Printed* (Gillman et al. 2024, Theorem 4.3, without the sampling term): |theta_t - theta*| <= (rho
/ (1 + gamma))^t |theta_0 - theta*|, rho = lambda / (1 - lambda) (kappa = 1), "if theta_0 is
sufficiently close". Assumption 1 needs a Hessian that is Lipschitz in x; it holds, with L = 0, in
the natural parameters (m / v, -1 / (2v)) and fails in (m, E2), where the Hessian is quadratic in x:
there nothing is printed. How close is sufficient is a matter of the coordinates too: in the natural
ones the error is not linear, v_t first follows the spread between the two means, and from a start
with a large variance, whose natural parameters are all small, the first generations gain less than
a, and the printed bound, read without its proviso, fails wherever rho / (1 + gamma) is small. It
must hold from every start near enough, as a < rho / (1 + gamma) strictly.
"""

import math
from typing import ClassVar, NamedTuple, final

from theory.law import Law, Params, Value
from theory.loops.contraction import LOOP, printed_factor, true_factor
from theory.loops.correction import BERTRAND, GILLMAN
from theory.parameter import choice, integer, positive, real

COORDINATES = ("moments", "natural")


class Model(NamedTuple):
    """A Gaussian on the line."""

    mean: float
    variance: float


def after(start: Model, target: Model, factor: float, generations: int) -> Model:
    """The model after some generations of a loop with the slope ``factor``."""
    left = factor**generations
    gap = start.mean - target.mean
    variance = (1 - left) * target.variance + left * start.variance + left * (1 - left) * gap**2
    return Model(target.mean + left * gap, variance)


def error(start: Model, target: Model, factor: float, generations: int, coordinates: str) -> float:
    """The Euclidean distance of the coordinates from those of the target, without cancellation."""
    left = factor**generations
    gap = start.mean - target.mean
    if coordinates == "moments":
        second = start.variance - target.variance + gap * (start.mean + target.mean)
        return left * math.hypot(gap, second)
    excess = left * (start.variance - target.variance + (1 - left) * gap**2)
    variance = after(start, target, factor, generations).variance
    scale = variance * target.variance
    first = (left * gap * target.variance - target.mean * excess) / scale
    return math.hypot(first, excess / (2 * scale))


@final
class GaussianIteration(Law):
    """The distance of theta_t from theta* in a Gaussian loop; parameters lambda, gamma, mean,
    variance, generations, coordinates, target_mean, target_variance."""

    name = "loops.gaussian_iteration"
    statement = "|theta_t - theta*| <= (rho(lambda) / (1 + gamma))^t |theta_0 - theta*|"
    source = f"{BERTRAND}, Theorem 1; {GILLMAN}, Theorem 4.3"
    unit = "units of the coordinates"
    parameters: ClassVar = {
        **LOOP,
        "mean": real("mean of the first model"),
        "variance": positive("variance of the first model"),
        "generations": integer("generations t"),
        "coordinates": choice("what theta is", COORDINATES, default="natural"),
        "target_mean": real("mean of the data", default=0.0),
        "target_variance": positive("variance of the data", default=1.0),
    }
    example: ClassVar = {
        "lambda": 0.25,
        "gamma": 1.0,
        "mean": 0.1,
        "variance": 1.1,
        "generations": 3,
    }

    def _read(self, params: Params) -> tuple[float, float, Model, Model, int, str]:
        lam, gamma, mean, variance, generations, coordinates, at, spread = self.read(params)
        start, target = Model(mean, variance), Model(at, spread)
        if start == target:
            raise self.refuse(f"mean={mean} and variance={variance}, those of the data",
                              "start elsewhere")  # fmt: skip
        return lam, gamma, start, target, generations, coordinates

    def exact(self, params: Params, generator: object = None) -> Value:
        lam, gamma, start, target, generations, coordinates = self._read(params)
        return Value(error(start, target, true_factor(lam, gamma), generations, coordinates))

    def printed(self, params: Params) -> Value | None:
        lam, gamma, start, target, generations, coordinates = self._read(params)
        factor = printed_factor(lam, gamma)
        if coordinates != "natural" or factor is None:
            return None
        return Value(factor**generations * error(start, target, 1.0, 0, coordinates))

    def sharper(self, params: Params, generator: object = None) -> dict[str, Value]:
        """Mean, variance and W2 to the data at generation t; what this generation gained; what
        correction gained in t generations, and what the theorem says that it gains."""
        lam, gamma, start, target, generations, coordinates = self._read(params)
        factor = true_factor(lam, gamma)
        model = after(start, target, factor, generations)
        left = error(start, target, factor, generations, coordinates)
        excess = factor**generations * (
            start.variance - target.variance
            + (1 - factor**generations) * (start.mean - target.mean) ** 2
        )  # fmt: skip
        wider = excess / (math.sqrt(model.variance) + math.sqrt(target.variance))
        values = {
            "mean": Value(model.mean, unit="units of the line"),
            "variance": Value(model.variance, unit="squared units of the line"),
            "w2": Value(math.hypot(model.mean - target.mean, wider), unit="units of the line"),
        }
        if left > 0:
            before = error(start, target, factor, generations - 1, coordinates)
            plain = error(start, target, true_factor(lam, 0.0), generations, coordinates)
            values["last_factor"] = Value(left / before, unit="1")
            values["speed_up"] = Value(plain / left, unit="1")
            values["promised_speed_up"] = Value((1 + gamma) ** generations, unit="1")
        return values

    def void(self, params: Params) -> bool:
        lam, gamma, *_ = self._read(params)
        factor = printed_factor(lam, gamma)
        return self.printed(params) is None or factor is None or factor >= 1
