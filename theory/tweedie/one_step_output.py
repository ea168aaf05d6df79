"""Sampling without consistency: stop at the noise of the data and output one denoising step.

A denoiser that is known only from sigma_n up yields samples of X_n; the released code of Daras,
Dimakis and Daskalakis (2024) then outputs E[X_0 | X_n], a single step. The law of that output is
not the data's.

*How far, derived here.* The pair (X_0, E[X_0|X_n]) is a coupling, so that

    W2(law of X_0, law of E[X_0|X_n]) <= sqrt(E Var(X_0 | X_n)),                         (printed)

and by the law of total variance the output lacks exactly E Var(X_0|X_n) of the data's variance.
For normal data with variances v_i along orthogonal directions, the output is normal with variances
v_i^2 / (v_i + sigma_n^2), and

    W2^2 = sum_i (sqrt(v_i) - v_i / sqrt(v_i + sigma_n^2))^2,
    E Var(X_0|X_n) = sum_i v_i sigma_n^2 / (v_i + sigma_n^2).

Directions with v_i << sigma_n^2 lose everything, W2^2 -> v_i: detail is what consistency is for.
For sigma_n^2 << v_i, W2^2 is about sigma_n^4 / (4 v_i), of higher order than the bound's sigma_n^2:
a single step does little harm where the noise is small.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.law import Law, Params, Value
from theory.mixture import Array
from theory.parameter import positive, vector


def output_distance_squared(variances: Array, sigma_n: float) -> float:
    """W2^2 of N(0, diag v) and its one-step output; variances [d], squared units of the data.

    sqrt(v) - v / sqrt(v + tau) = sqrt(v) tau / (sqrt(v + tau) (sqrt(v + tau) + sqrt(v))), which
    keeps its digits where tau is small.
    """
    tau = sigma_n**2
    total, own = np.sqrt(variances + tau), np.sqrt(variances)
    return float(((own * tau / (total * (total + own))) ** 2).sum())


def lost_variance(variances: Array, sigma_n: float) -> float:
    """E Var(X_0|X_n) for normal data of variances [d], in squared units of the data."""
    return float((variances * sigma_n**2 / (variances + sigma_n**2)).sum())


@final
class OneStepOutput(Law):
    """W2 between the data and the one-step output; parameters variances, sigma_n."""

    name = "tweedie.one_step_output"
    statement = "W2(X_0, E[X_0|X_n]) <= sqrt(E Var(X_0|X_n))"
    source = "derived here: the coupling of X_0 with E[X_0|X_n]"
    unit = "units of the data"
    parameters: ClassVar = {
        "variances": vector("variances of normal data along orthogonal directions", above=0),
        "sigma_n": positive("noise of the data"),
    }
    example: ClassVar = {"variances": [1.0, 0.25, 0.04], "sigma_n": 0.5}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(math.sqrt(output_distance_squared(*self.read(params))))

    def printed(self, params: Params) -> Value | None:
        return Value(math.sqrt(lost_variance(*self.read(params))))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The share of the data's variance that the output lacks."""
        variances, sigma_n = self.read(params)
        share = lost_variance(variances, sigma_n) / float(variances.sum())
        return {"lost_share": Value(share, unit="1")}

    def void(self, params: Params) -> bool:
        self.read(params)
        return False
