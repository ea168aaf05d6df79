"""Noise levels at which a sampler calls the network, from t_max down.

edm       t_i = (t_max^{1/7} + i/(n-1) (t_min^{1/7} - t_max^{1/7}))^7, i = 0 .. n-1
                                                        Karras et al. 2022, equation 5
uniform   equal steps, as in the theorems of Restart
"""

import math

import numpy as np

from theory.parameter import Array

RHO = 7.0
GRIDS = ("edm", "uniform")


def levels(grid: str, nodes: int, t_min: float, t_max: float) -> Array:
    """``nodes`` noise levels [nodes] from t_max to t_min, both in it; at least 2."""
    if nodes < 2 or not 0 <= t_min < t_max or not math.isfinite(t_max):
        raise ValueError(
            f"asked for {nodes} levels from {t_max} to {t_min}; got no grid; "
            "give at least 2 levels and 0 <= t_min < t_max"
        )
    share = np.arange(nodes) / (nodes - 1)
    if grid == "uniform":
        found = t_max + share * (t_min - t_max)
    elif grid == "edm":
        high, low = t_max ** (1 / RHO), t_min ** (1 / RHO)
        found = (high + share * (low - high)) ** RHO
    else:
        raise ValueError(
            f"asked for the grid {grid!r}; got no grid of that name; "
            f"the known ones are {', '.join(GRIDS)}"
        )
    found[0], found[-1] = t_max, t_min
    return found
