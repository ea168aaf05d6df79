"""How flat a trajectory is: the share of it that two principal components explain.

EDM, Gaussian data, the sampler's noise levels sigma_0 > .. > sigma_{n-1}. Along feature k the
trajectory is ``c_k sqrt((lambda_k + sigma_i^2) / (lambda_k + sigma_T^2))``. For a typical start,
c_k^2 = lambda_k + sigma_T^2, the scalar products of the states, centred over the levels, are those
of the curves ``g_k(i) = sqrt(lambda_k + sigma_i^2)``:

    C = sum_k m_k (g_k - mean g_k)(g_k - mean g_k)',        m_k coordinates of variance lambda_k,

and the principal components of the trajectory explain the eigenvalues of C, by the trace. (One
start has c_k^2 in place of its mean; in many dimensions the two agree.)

*As stated*: trajectories are low-dimensional and resemble two-dimensional rotations; ``printed`` is
1 for two components.

*Derived here.* One feature and directions off the data, of which all trace the same curve sigma,
span exactly a plane: ``exact`` is 1 for r = 1, whatever sigma_T and the number of directions. With
more features it is below 1, by little: each g_k is sigma for sigma far above sqrt(lambda_k) and
flat far below, so that beside the common curve sigma only the bend of the curves at levels near
sqrt(lambda_k) remains. For a start at sigma_T far above every sqrt(lambda) the first component
alone, the noise going away, explains nearly all: the flatness is that of any trajectory that begins
as pure noise, and says little about images. ``without_first`` is the share of the second component
in what the first leaves.
"""

from typing import ClassVar, final

import numpy as np

from theory.law import Law, Params, Value
from theory.painters.teleport import SIGMA_T, WANG
from theory.parameter import Array, integer, positive, vector


def noise_levels(count: int, sigma_min: float, sigma_max: float) -> Array:
    """EDM's noise levels [count] (Karras et al. 2022, equation 5)."""
    high, low = sigma_max ** (1 / 7), sigma_min ** (1 / 7)
    return (high + np.arange(count) / (count - 1) * (low - high)) ** 7


def shares(variances: Array, multiplicities: Array, levels: Array) -> Array:
    """What the principal components of a typical trajectory explain, falling [min(n, k)]."""
    curves = np.sqrt(variances[:, None] + levels**2)  # [k, n]
    curves -= curves.mean(axis=1, keepdims=True)
    weighted = curves * np.sqrt(multiplicities)[:, None]
    size = np.linalg.svd(weighted, compute_uv=False) ** 2
    return size / size.sum()


@final
class Plane(Law):
    """Share of two principal components; parameters variances, multiplicities, off_data, sigma_max,
    sigma_min, levels."""

    name = "painters.plane"
    statement = "a trajectory is two-dimensional"
    source = f"{WANG}, trajectories are two-dimensional rotations"
    unit = "1"
    parameters: ClassVar = {
        "variances": vector("variances of the features", above=0.0),
        "multiplicities": vector("how many features have each, one number for all",
                                 default=[1.0], above=0.0),
        "off_data": integer("directions without variance", least=0, default=0),
        "sigma_max": positive("first noise level", default=SIGMA_T),
        "sigma_min": positive("last noise level", default=0.002),
        "levels": integer("noise levels", least=3, default=40),
    }  # fmt: skip
    example: ClassVar = {"variances": [4.0, 0.5], "off_data": 1}

    def _shares(self, params: Params) -> Array:
        variances, counts, off, high, low, levels = self.read(params)
        if low >= high:
            raise self.refuse(f"sigma_min={low} and sigma_max={high}", "give sigma_min below")
        if counts.size not in (1, variances.size):
            got = f"{counts.size} multiplicities for {variances.size} variances"
            raise self.refuse(got, "give one for each, or one for all")
        counts = np.broadcast_to(counts, variances.shape)
        if off:
            variances, counts = np.append(variances, 0.0), np.append(counts, float(off))
        return shares(variances, counts, noise_levels(levels, low, high))

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(float(self._shares(params)[:2].sum()))

    def printed(self, params: Params) -> Value | None:
        self.read(params)
        return Value(1.0)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``first``, the share of one component; ``without_first``."""
        found = self._shares(params)
        values = {"first": Value(float(found[0]))}
        if len(found) > 1:
            values["without_first"] = Value(float(found[1] / found[1:].sum()))
        return values

    def void(self, params: Params) -> bool:
        self._shares(params)
        return False
