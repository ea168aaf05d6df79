"""A learned classifier's error is exponentiated: how far the soft optimum moves.

CTRL (Zhao et al. 2025) tilts by the classifier that it learned. With log p^(y|x) = log p(y|x) +
e(x) the optimum is ``pi^ ~ pi exp(gamma e)`` instead of pi: the error enters as a factor exp(gamma
e) of the density, and a constant error does nothing. What matters is its oscillation
``delta = sup e - inf e``.

*Derived here.* For every pi and every e of oscillation delta

    TV(pi, pi^) <= tanh(gamma delta / 4) <= gamma delta / 4,

and the first is attained. Proof. Scale f = exp(gamma (e - inf e)) so that it lies in [1, K],
K = exp(gamma delta), and let M = E_pi f. ``TV = E (f - M)_+ / M``. A convex function on [1, K] lies
below its chord, so ``E (f - M)_+ <= (K - M)(M - 1)/(K - 1)``; divide by M; the largest value over M
is at M = sqrt(K), ``(sqrt(K) - 1)/(sqrt(K) + 1) = tanh(gamma delta / 4)``. Equality for two values
of e and M = sqrt(K).

*Two-valued error,* delta too high on a set A with pi(A) = a, for instance on one of several modes:
the odds of A are multiplied by exp(gamma delta), and

    TV = pi^(A) - pi(A) = a (1 - a)(K - 1) / (a K + 1 - a)                              (exact)
    KL(pi || pi^) = log(a K + 1 - a) - gamma delta a.

A classifier that is wrong by a factor of 3 can move 27 % of the mass at gamma = 1 (tanh(log 3 / 4)
= 0.268) and all but 0.8 % at gamma = 10. *Void:* the linear bound gamma delta / 4 says nothing from
gamma delta = 4 on.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.ctrl.guided_law import CTRL
from theory.law import Law, Params, Value
from theory.parameter import inside, nonnegative, positive


def moved(exponent: float, share: float) -> float:
    """The mass that moves when the odds of a set of a share in (0, 1) gain exp(exponent)."""
    down = math.exp(-exponent)
    return -share * (1 - share) * math.expm1(-exponent) / (share + (1 - share) * down)


@final
class RewardError(Law):
    """Total variation of the soft optimum with and without an error of the reward."""

    name = "ctrl.reward_error"
    statement = (
        "TV(pi, pi^) <= gamma delta / 4 for a log-classifier in error by an oscillation of delta; "
        "here delta on a set of mass a, 0 off it"
    )
    source = f"derived here, for the soft-optimal law of {CTRL}"
    unit = "1"
    trivial = 1.0
    parameters: ClassVar = {
        "gamma": positive("power of the classifier"),
        "error": nonnegative("error delta of the log-classifier on the set, nats"),
        "share": inside("mass a of the set under the soft-optimal law", 0, 1),
    }
    example: ClassVar = {"gamma": 1.0, "error": 1.0, "share": 0.3}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        gamma, error, share = self.read(params)
        return Value(moved(gamma * error, share))

    def printed(self, params: Params) -> Value | None:
        gamma, error, _ = self.read(params)
        return Value(gamma * error / 4)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``attained``: the bound that some set attains; ``divergence``: KL(pi || pi^)."""
        gamma, error, share = self.read(params)
        exponent = gamma * error
        scale = float(np.logaddexp(math.log(share) + exponent, math.log1p(-share)))
        return {
            "attained": Value(math.tanh(exponent / 4)),
            "divergence": Value(max(0.0, scale - exponent * share), unit="nats"),
        }
