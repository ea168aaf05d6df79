"""Teleporting with a covariance that knows only its leading features.

The closed form with rank r treats the features beyond as off the data: they shrink by sigma /
sigma_T instead of ``sqrt((lambda + sigma^2) / (lambda + sigma_T^2))``. On Gaussian data, with the
true ODE from sigma on, feature k > r therefore ends at ``x_0 - mu`` times

    q_k = (sigma / sigma_T) sqrt((lambda_k + sigma_T^2) / (lambda_k + sigma^2)) < 1,

so that its variance is q_k^2 lambda_k: a low-rank teleport makes images smoother, never rougher
(derived here). ``1 - q_k^2 = lambda_k / (lambda_k + sigma^2) (1 - sigma^2 / sigma_T^2)``, of order
lambda_k / sigma^2: what is left out costs little as long as the skip ends well above its standard
deviation, and everything when it goes down to 0.

``exact`` is the share of the data's variance, tr Sigma, that the samples have; ``printed`` is 1, as
the papers use leading features only and report no loss. ``error`` is the root mean square of x~_0 -
x_0 over a right start, ``sqrt(sum_{k>r} lambda_k (1 - q_k)^2)``.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.law import Law, Params, Value
from theory.painters.teleport import SIGMA_T, WANG
from theory.parameter import Array, integer, positive, vector


def lost(variances: Array, sigma: float, sigma_max: float) -> Array:
    """1 - q^2 of features [k] that the closed form leaves out."""
    return (
        variances
        / (variances + sigma**2)
        * ((sigma_max - sigma) * (sigma_max + sigma))
        / (sigma_max**2)
    )


@final
class Truncation(Law):
    """Share of the data's variance; parameters variances, rank, sigma, sigma_max."""

    name = "painters.truncation"
    statement = "the leading features suffice for the closed form"
    source = f"{WANG}, the image manifold and low-rank covariances"
    unit = "1"
    parameters: ClassVar = {
        "variances": vector("variances of the features", above=0.0),
        "rank": integer("leading features that the closed form knows", least=0),
        "sigma": positive("noise level that the teleport goes to"),
        "sigma_max": positive("noise level of the start", default=SIGMA_T),
    }
    example: ClassVar = {"variances": [4.0, 1.0, 0.25], "rank": 1, "sigma": 5.0}

    def _read(self, params: Params) -> tuple[Array, Array, float, float]:
        variances, rank, sigma, sigma_max = self.read(params)
        if rank > len(variances) or sigma >= sigma_max:
            got = f"rank={rank} of {len(variances)} features, sigma={sigma}, sigma_max={sigma_max}"
            raise self.refuse(got, "give a rank up to their number, and sigma below sigma_max")
        ordered = np.sort(variances)[::-1]
        return ordered, ordered[rank:], sigma, sigma_max

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        every, left_out, sigma, sigma_max = self._read(params)
        missing = float(left_out @ lost(left_out, sigma, sigma_max))
        return Value(1 - missing / float(every.sum()))

    def printed(self, params: Params) -> Value | None:
        self._read(params)
        return Value(1.0)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``error``; ``lost``, the missing share of variance."""
        every, left_out, sigma, sigma_max = self._read(params)
        gone = lost(left_out, sigma, sigma_max)
        short = gone / (1 + np.sqrt(1 - gone))  # 1 - q
        error = math.sqrt(float(left_out @ short**2))
        missing = float(left_out @ gone) / float(every.sum())
        return {"error": Value(error, unit="units of the data"), "lost": Value(missing)}

    def void(self, params: Params) -> bool:
        self._read(params)
        return False
