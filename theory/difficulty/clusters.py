"""The difficulty of the curriculum's clusters: the share of all relative entropy in each.

The paper cuts the T time steps into N clusters of equal length, C_i = {t : (i-1) T/N < t <= i T/N},
and trains on them from C_N, the easiest, to C_1. The order is right by its second measure iff the
summed divergence falls with i; here as the share of the total, so that all schedules compare:

    S_i <= S_{i-1},    S_i = sum_{t in C_i} D_t / sum_t D_t,    i = 2 .. N.              (claimed)

D_t is from the closed form of ``theory.difficulty.divergence``. A cluster is coarser than a step:
for the image-like spectrum (lambda_i ~ i^-2, 64 directions, mean variance 1/4) D_t rises over its
first 16 or 33 steps, all within C_1 of 20, so that the statement for clusters holds where that for
steps fails. For data with a structure as coarse as the noise itself, N(3, 1) or N(0, 4), the
easiest cluster is not the last, and the curriculum trains in an order that is not that of D.

The share of the last clusters is tiny: of all change that noise makes to the law, the image-like
spectrum has 0.91 in the first 3 of 20 clusters under the linear schedule, 0.71 under the cosine
one. Void at i = 1, which nothing comes before. N(0, I), with nothing to share, is refused.
"""

from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from theory.difficulty.divergence import KIM, SCHEDULE, divergences
from theory.law import Law, Params, Value
from theory.parameter import integer, same_dimension, vector

Array = npt.NDArray[np.float64]


def cluster_shares(found: Array, clusters: int) -> Array:
    """S_1 .. S_N [clusters] from D_1 .. D_T [T], for clusters <= T and D not all 0."""
    steps = len(found)
    cluster = np.arange(steps) * clusters // steps  # [T]
    return np.bincount(cluster, found, clusters) / found.sum()


@final
class ClusterShare(Law):
    """S_i against S_{i-1}, which it is said not to exceed."""

    name = "difficulty.cluster_share"
    statement = "sum of KL(p_{t-1} || p_t) over cluster i <= that over cluster i-1"
    source = f"{KIM}, the order of its curriculum"
    unit = "1"
    parameters: ClassVar = {
        "variances": vector("variances of the data", above=0),
        "means": vector("means of the data"),
        "cluster": integer("cluster i"),
        "schedule": SCHEDULE,
        "clusters": integer("number of clusters N", default=20),
        "steps": integer("number of time steps", 2, default=1000),
    }
    example: ClassVar = {
        "variances": [4.0, 0.01],
        "means": [1.0, 0.0],
        "cluster": 2,
        "schedule": "linear",
    }

    def _read(self, params: Params) -> tuple[Array, int]:
        variances, means, cluster, schedule, clusters, steps = self.read(params)
        same_dimension(self.name, variances=variances, means=means)
        if not cluster <= clusters <= steps:
            raise self.refuse(
                f"cluster {cluster} of {clusters} over {steps} steps",
                "give cluster <= clusters <= steps",
            )
        found = divergences(schedule, steps, variances, means)
        if not found.any():
            raise self.refuse(
                "standard normal data, whose time steps are all alike",
                "give data with a mean, or with a variance other than 1",
            )
        return cluster_shares(found, clusters), cluster

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        shares, cluster = self._read(params)
        return Value(float(shares[cluster - 1]))

    def printed(self, params: Params) -> Value | None:
        """The share of the cluster before; None for the first."""
        shares, cluster = self._read(params)
        return Value(float(shares[cluster - 2])) if cluster > 1 else None

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``up_to``: the share of this cluster and all before it."""
        shares, cluster = self._read(params)
        return {"up_to": Value(float(shares[:cluster].sum()))}
