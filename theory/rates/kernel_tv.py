"""The total variation of what a diffusion model makes from the kernel estimate's score.

The kernel estimate ``p^_t = 1/n sum_i N(x; X_i, t)`` is the law of a sample X_i under noise of
variance t, and its score is the optimum of denoising score matching on the samples. A sampler that
uses it from a large noise down to t, with the matching start, has the law p^_t itself as its output
(``theory.rates.path_identity``: the score is consistent). So, without truncation, the error of the
generated law at early stopping is that of a kernel density estimate. Zhang et al. 2024:

    E TV(p_t, output) = O~(n^{-1/2} t^{-d/4}),                                            (printed)

up to constants and logarithms, here one; d = 1. Void where it is 1 or more: for n t^{1/2} <= 1,
fewer than one sample a kernel width.

*Exact*: the mean over independent data sets of the total variation, each to 1e-8
(``theory.kernel_density``). *Sharper, derived here*: by Jensen, ``E|p^ - p| <= sqrt(Var p^)``
and ``Var p^(x) = (p_{t/2}(x) / (2 sqrt(pi t)) - p_t(x)^2) / n``, p_{t/2} the law under half the
variance,

    E TV <= 1/2 int sqrt(Var p^) dx                                                   (expectation)

which for p_0 = N(0, 1) and small t is ``(1/2) (4 pi t)^{-1/4} n^{-1/2} int sqrt(p) = 0.59 n^{-1/2}
t^{-1/4}``, ``int sqrt(p) = (8 pi)^{1/4}``: the printed rate without a logarithm. For t -> 0 at
fixed n the output is the samples themselves, and the total variation is 1.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.ambient.kernel_estimate import expectation_bound, kernel_errors
from theory.density import density
from theory.law import Law, Params, Value
from theory.parameter import integer, positive
from theory.rates.kernel_score import ZHANG, mean_error

NORMAL = "normal(0,1)"


@final
class KernelTV(Law):
    """E TV of the kernel estimate from n samples of N(0, 1) against n^{-1/2} t^{-1/4}."""

    name = "rates.kernel_tv"
    statement = "E TV(p_t, output) = O~(n^{-1/2} t^{-d/4}), d = 1"
    source = f"{ZHANG}, corollary on the generated law, constants and logarithms set to one"
    unit = "1"
    tier = "tolerance"
    trivial = 1.0
    parameters: ClassVar = {
        "n": integer("number of samples"),
        "t": positive("variance of the noise"),
        "datasets": integer("independent data sets", 2, default=400),
    }
    example: ClassVar = {"n": 100, "t": 0.1, "datasets": 50}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        n, t, datasets = self.read(params)
        drawing = self.drawing(generator)
        return mean_error(kernel_errors(density(NORMAL), n, math.sqrt(t), datasets, drawing))

    def printed(self, params: Params) -> Value | None:
        n, t, _ = self.read(params)
        return Value(n**-0.5 * t**-0.25)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``expectation``: an upper bound of the mean, with its constant."""
        n, t, _ = self.read(params)
        return {"expectation": Value(expectation_bound(density(NORMAL), n, math.sqrt(t)))}
