"""At which rate noise brings two laws together: minus the order of the first unmatched moment.

*Printed* (Daras et al. 2025, Theorem 4.2): TV(P_sigma, Q_sigma) <= TV(P, Q) D / (2 sigma), a bound
that falls as 1/sigma for every pair.

*What holds, derived in* ``theory.ambient.contraction``: where all moments below the k-th agree and
the k-th differ, TV falls as sigma^-k. So 1/sigma is the rate of laws of different means; a blur
that keeps the mean and takes variance away is lost at 1/sigma^2, a change of skewness at 1/sigma^3.
This is why corrupted data of the first kind (a shift of colour) may be of use at no noise, and of
the second at moderate noise.

*The local slope* is ``d log TV / d log sigma``, here without finite differences. Let c_i be the
points where d = p_sigma - q_sigma changes sign, c_0 and c_m the ends. TV = 1/2 sum_i s_i int d over
the intervals, s_i = +-1, and d vanishes at the c_i, so that moving them changes nothing. The noised
densities satisfy the heat equation, d/dsigma p_sigma = sigma p_sigma'', so that

    dTV/dsigma = sigma/2 sum_i s_i (d'(c_{i+1}) - d'(c_i)),        d' = 0 at both ends.

The slope tends to -k with a relative error of order spread / sigma, or its square where the next
cumulant too agrees.

*Far above both spreads* the densities agree in all but 1 / sigma^k, and d is what rounding leaves
of them. Where that could cost more than 1e-9 of d the slope is refused: -k is the answer there.
"""

from typing import ClassVar, final

import numpy as np

from theory.ambient.contraction import OMNI, PAIR, first_unmatched_moment
from theory.density import Density
from theory.distance import total_variation
from theory.law import Law, Params, Value
from theory.quadrature import Array, sign_changes

ROUNDING = 1e-9  # of p - q, relative to its largest value


def local_slope(p: Density, q: Density, sigma: float) -> float:
    """``d log TV(P_sigma, Q_sigma) / d log sigma`` at sigma > 0, for laws that differ.

    Raises ValueError where the noised densities agree to nearly all their digits.
    """
    noised, other = p.under_noise(sigma), q.under_noise(sigma)

    def density(x: Array) -> Array:
        return noised.pdf(x) - other.pdf(x)

    grid = np.union1d(noised.edges(1 / 8), other.edges(1 / 8))
    largest = float(np.abs(density(grid)).max())
    if np.finfo(float).eps * float(noised.pdf(grid).max()) > ROUNDING * largest:
        raise ValueError(
            f"asked for the slope of the distance of {p} and {q} at noise {sigma:g}; got densities "
            f"that differ by {largest:.3g} at most, too little for a slope to nine digits; give "
            "less noise: far above both spreads the slope is minus the order of the first moment "
            "that differs"
        )
    cuts = sign_changes(density, grid)
    slopes = np.concatenate(
        [[0.0], noised.derivatives(cuts)[1] - other.derivatives(cuts)[1], [0.0]]
    )
    middles = np.concatenate([grid[:1], cuts, grid[-1:]])
    signs = np.sign(density((middles[1:] + middles[:-1]) / 2))
    rate = sigma / 2 * float(signs @ np.diff(slopes))
    return sigma * rate / total_variation(noised, other)


@final
class NoiseSlope(Law):
    """The local slope of TV in noise against that of the bound, -1; parameters p, q, sigma."""

    name = "ambient.noise_slope"
    statement = "total variation falls with noise as the bound does, as 1/sigma"
    source = f"{OMNI}, Theorem 4.2, read as a rate"
    unit = "1"
    parameters = PAIR
    example: ClassVar = {"p": "beta(2,2)", "q": "beta(8,8)", "sigma": 3.2}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        p, q, sigma = self.read(params)
        if p == q:
            raise self.refuse(f"p = q = {params['p']!r}, at no distance", "give two laws")
        return Value(local_slope(p, q, sigma))

    def printed(self, params: Params) -> Value | None:
        self.read(params)
        return Value(-1.0)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``first_moment``, minus the order of the first moment in which the laws differ."""
        p, q, _ = self.read(params)
        unmatched = first_unmatched_moment(p, q)
        return {} if unmatched is None else {"first_moment": Value(-float(unmatched.order))}
