"""What the regulariser costs: the denoising loss of the model that it leads to.

The total loss is L_base + w L_reg, L_base the mean squared error of the predicted noise a pixel.
Guo et al. 2024 report a Frechet distance (FID) that w = 1 leaves as it is and w = 10 raises. For
data N(0, S), variances l_i, and linear denoisers x0hat = A x_t in the eigenbasis of S, the optimum
is exact (derived here). With ``v_i = alpha^2 l_i + sigma^2`` and the Wiener gains a_i* = alpha l_i
/ v_i,

    L_base - min = (alpha^2 / sigma^2) (1/d) sum v_i (a_i - a_i*)^2,
    L_reg        = sigma^4 Var |A u|       (J = sigma A; the running mean at rest),

since ``eps - epshat = (alpha / sigma) (x0hat - x_0)`` and E (x_0 - a x_t)^2 is quadratic in a with
the curvature v_i. Hence:

1. *The optimum moves for every w > 0 unless S = c I.* Proof: at A = A* the gradient of L_base is 0,
   and by Euler's theorem ``A.grad L_reg = 2 L_reg``, above 0 unless the gains are equal. So no
   weight is free: the excess loss is positive, of order w^2.
2. *The excess rises with w, and L_reg falls.* Proof: add the inequalities of two optima at two
   weights (exchange).
3. *It is at most that of the collapsed denoiser* A = c I, L_reg = 0, which it tends to as w grows:
   c = alpha tr(S) / sum v_i, ``limit = (alpha^2 / sigma^2)(1/d) sum v_i (a_i* - c)^2``. Proof:
   L_base + w L_reg at the optimum is no more than at c I, the best of those without L_reg. Such a
   denoiser treats all directions alike: the model of isotropic data.

The stationary point is that of the loss with the running mean held fixed in the gradient, as it is
trained: at rest the derivative in a is zero, so that both gradients agree.
"""

import math
from functools import lru_cache
from typing import ClassVar, final

import numpy as np
from scipy import optimize

from theory.law import Law, Params, Value
from theory.parameter import inside, nonnegative, vector
from theory.smooth.interpolation import SMOOTH, Array
from theory.smooth.regulariser import norm_gap, norm_slopes, norm_variance


def wiener(variances: Array, abar: float) -> tuple[Array, Array]:
    """Gains a_i* [d] of the best denoiser, and the variances v_i [d] of x_t."""
    noised = abar * variances + 1 - abar
    return math.sqrt(abar) * variances / noised, noised


def excess_loss(shift: Array, variances: Array, abar: float) -> float:
    """L_base above its least value at gains a* + shift [d], a squared error a pixel."""
    _, noised = wiener(variances, abar)
    return abar / (1 - abar) * float((noised * shift**2).mean())


def regulariser(gains: Array, abar: float) -> float:
    """L_reg at gains [d], the running mean at rest."""
    return (1 - abar) ** 2 * norm_variance(gains**2)


def gradient(shift: Array, variances: Array, abar: float, weight: float) -> Array:
    """Gradient of L_base + weight L_reg in the gains a* + shift [d], each above 0."""
    best, noised = wiener(variances, abar)
    gains, d = best + shift, len(shift)
    squares = gains**2
    mean = math.sqrt(squares.mean()) * (1 - norm_gap(squares))
    spread = 2 * gains * (1 / d - mean * norm_slopes(squares))
    return 2 * abar / (1 - abar) * noised * shift / d + weight * (1 - abar) ** 2 * spread


@lru_cache(maxsize=64)
def _optimum(variances: tuple[float, ...], abar: float, weight: float) -> Array:
    data = np.array(variances)
    best, _ = wiener(data, abar)
    scale = weight * regulariser(best, abar)

    def loss(x: Array) -> tuple[float, Array]:
        """The total loss, and its gradient in x = shift / best."""
        shift = best * x
        total = excess_loss(shift, data, abar) + weight * regulariser(best + shift, abar)
        return total / scale, best * gradient(shift, data, abar, weight) / scale

    near = optimize.minimize(
        loss, np.zeros_like(best), jac=True, method="L-BFGS-B",
        bounds=[(best.min() / a - 1, best.max() / a - 1) for a in best],
        options={"ftol": 1e-16, "gtol": 1e-13, "maxiter": 5000},
    )  # fmt: skip
    found = optimize.root(lambda x: loss(x)[1], near.x, tol=1e-15)
    if np.abs(loss(found.x)[1]).max() > 1e-9:
        raise ArithmeticError(
            f"asked for the optimum at the weight {weight}; got a solver that stopped: "
            f"{' '.join(found.message.split())}; take a smaller weight"
        )
    return best * found.x


def optimum(variances: Array, abar: float, weight: float) -> Array:
    """What the regulariser shifts the gains a* of the best linear denoiser by [d].

    Raises
    ------
    ArithmeticError
        Where the solver does not find a stationary point.
    """
    if weight == 0 or not np.ptp(variances) > 0:
        return np.zeros(len(variances))
    return _optimum(tuple(variances.tolist()), abar, weight)


@final
class TradeOff(Law):
    """Excess denoising loss at a weight of the regulariser; parameters variances, abar, weight."""

    name = "smooth.trade_off"
    statement = "the regulariser leaves the best denoiser as it is: no excess of L_base"
    source = f"{SMOOTH}, the loss L_base + lambda L_reg, for Gaussian data"
    unit = "squared error a pixel of unit noise"
    parameters: ClassVar = {
        "variances": vector("variances of the data along its principal axes", above=0.0),
        "abar": inside("share of the data's variance that is left", 0.0, 1.0),
        "weight": nonnegative("weight of the regulariser"),
    }
    example: ClassVar = {"variances": [4.0, 1.0, 0.25], "abar": 0.5, "weight": 1.0}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        variances, abar, weight = self.read(params)
        return Value(excess_loss(optimum(variances, abar, weight), variances, abar))

    def printed(self, params: Params) -> Value | None:
        self.read(params)
        return Value(0.0)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """L_reg there and without it, and the excess that no weight surpasses."""
        variances, abar, weight = self.read(params)
        best, noised = wiener(variances, abar)
        collapsed = noised @ best / noised.sum() - best if np.ptp(variances) > 0 else 0 * best
        unit = "squared units of the data"
        return {
            "limit": Value(excess_loss(collapsed, variances, abar)),
            "regulariser": Value(
                regulariser(best + optimum(variances, abar, weight), abar), unit=unit
            ),
            "regulariser_without": Value(regulariser(best, abar), unit=unit),
        }

    def void(self, params: Params) -> bool:
        self.read(params)
        return False
