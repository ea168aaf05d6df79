"""u - log(1 + u): the relative entropy of two variances, from the gap between them.

Two normals of one mean and variances v1, v2 have ``KL(N(m, v1) || N(m, v2)) = 1/2 (u - log(1 +
u))`` with u = v1/v2 - 1, and the same sum over the eigenvalues of two covariances. Where a
derivation gives the gap u itself, as a step of noise or an error of a sampler does, it must not be
rounded into a ratio first: at u = 1e-6 the ratio keeps ten digits of the gap, and at 1e-12 four.
``theory.gaussian.excess`` is the same function of the ratio.
"""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def surplus(gap: npt.ArrayLike) -> Array:
    """``u - log(1 + u)`` >= 0 for gaps u > -1, with its digits near u = 0."""
    u = np.asarray(gap, float)
    near = np.abs(u) < 1e-2
    small = np.where(near, u, 0.0)
    series = np.zeros_like(small)
    for k in range(11, 1, -1):  # u^2 (1/2 - u/3 + u^2/4 - ...)
        series = 1 / k - small * series
    large = np.where(near, 1.0, u)
    return np.where(near, small**2 * series, large - np.log1p(large))
