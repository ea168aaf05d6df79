"""The interpolation standard deviation of the exact sampler of a Gaussian mixture.

In more than one dimension the sampler without error is the probability flow

    dx/dt = -x - grad log p_t(x),     p_t the law of e^-t x_0 + sqrt(1 - e^-2t) Z,

from x = z at t = infinity to t = 0 (Song et al. 2021). For one component it is affine and
``theory.smooth.affine`` applies; for more, it is solved here, and the images along a line or an arc
of noises have the ISTD that is below the bound of one jump (``theory.smooth.interpolation``), with
L the length of the polygon of images. The flow is a diffeomorphism, so that no two noises share an
image, but between modes at distance D and of width s a line of noises crosses the watershed with a
slope of the order of s exp(D^2 / (8 s^2)).

*Start.* At the horizon T, z is mapped to ``m_T + C_T^1/2 z`` with the moments of p_T. For a
Gaussian this is the exact flow from infinity to T; for a mixture it errs by the third cumulant,
O(e^-3T), below 1e-15 at T = 12.

*Two modes in the plane* +-m e_1, of one isotropic variance, have independent coordinates: the flow
is the monotone map of ``theory.smooth.monotone`` in the first, and z -> s z in the second.
"""

from functools import lru_cache
from typing import Any, ClassVar, final

import numpy as np
from scipy import integrate

from theory.gaussian import root
from theory.law import Law, Params, Value
from theory.mixture import Mixture
from theory.parameter import points, positive, same_dimension, vector, weights
from theory.smooth.affine import affine_distances
from theory.smooth.interpolation import (
    INTERPOLATION,
    SAMPLING,
    Array,
    check,
    deviation,
    distances,
    one_jump,
    path,
)

HORIZON = 12.0


def probability_flow(data: Mixture, z: Array, tolerance: float = 1e-12) -> Array:
    """Images [n, d] of standard normal noises z [n, d] under the exact probability flow.

    data: a mixture whose components have a density. tolerance: relative, of each step.
    """

    def velocity(t: float, flat: Array) -> Array:
        x = flat.reshape(z.shape)
        r = np.exp(-t)
        return -(x + data.noised(np.sqrt(-np.expm1(-2 * t)), r).score(x)).ravel()

    r = np.exp(-HORIZON)
    noised = data.noised(np.sqrt(-np.expm1(-2 * HORIZON)), r)
    start = noised.mean + z @ root(noised.covariance)  # [n, d]
    solved = integrate.solve_ivp(
        velocity, (HORIZON, 0.0), start.ravel(), "DOP853", rtol=tolerance, atol=tolerance
    )
    if not solved.success:
        raise ArithmeticError(
            f"asked for the flow of a mixture; got a solver that stopped: {solved.message}; "
            "widen the components"
        )
    return solved.y[:, -1].reshape(z.shape)


@lru_cache(maxsize=16)
def _solved(weights: bytes, means: bytes, variances: bytes, noises: bytes, d: int) -> Array:
    """The distances [n] along the images of noises, kept for the next question about them."""
    shares, spread = np.frombuffer(weights), np.frombuffer(variances)
    data = Mixture(shares, np.frombuffer(means).reshape(-1, d), spread)
    return distances(probability_flow(data, np.frombuffer(noises).reshape(-1, d)))


@final
class FlowDeviation(Law):
    """ISTD of a mixture's flow; parameters means, weights, variance, start, end, and the path's."""

    name = "smooth.istd_flow"
    statement = "ISTD <= L sqrt((n - 1)/n) / sqrt(n - ddof), L the length of the path of images"
    source = "derived here: the sum of squares is at most the square of the sum"
    unit = "units of the data"
    parameters: ClassVar = {
        "means": points("means of the components"),
        "weights": weights("weights of the components"),
        "variance": positive("variance of each component, in every direction"),
        "start": vector("noise at the start of the path"),
        "end": vector("noise at its end"),
        "interpolation": INTERPOLATION,
        **SAMPLING,
    }
    example: ClassVar = {
        "means": [[1.0, 0.0], [-0.5, 0.8], [-0.5, -0.8]],
        "weights": [0.4, 0.3, 0.3],
        "variance": 0.25,
        "start": [1.0, 0.3],
        "end": [-0.8, 0.9],
    }

    def _read(self, params: Params) -> tuple[Any, ...]:
        means, shares, variance, start, end, interpolation, images, ddof = self.read(params)
        same_dimension(self.name, means=means, start=start, end=end)
        if len(means) != len(shares):
            raise self.refuse(f"{len(means)} means with {len(shares)} weights", "give one a mean")
        check(self.name, start, end, images, ddof)
        noises = path(interpolation, start, end, images)
        ends = start, end, interpolation, images
        return Mixture(shares, means, variance), noises, ends, ddof

    def _distances(self, params: Params) -> Array:
        data, noises, ends, _ = self._read(params)
        if len(data.means) == 1:
            common, rest = affine_distances(root(data.covariance), *ends)
            return common + rest
        parts = (data.weights, data.means, data.covariances, noises)
        return _solved(*(np.ascontiguousarray(part).tobytes() for part in parts), data.dimension)

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(deviation(self._distances(params), self._read(params)[-1]))

    def printed(self, params: Params) -> Value | None:
        lengths = self._distances(params)
        return Value(one_jump(float(lengths.sum()), len(lengths), self._read(params)[-1]))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The largest step, the ISTD by its bound, and that of the Gaussian of equal moments."""
        data, _, ends, ddof = self._read(params)
        lengths = self._distances(params)
        gaussian = deviation(affine_distances(root(data.covariance), *ends)[1], ddof)
        bound = one_jump(float(lengths.sum()), len(lengths), ddof)
        return {
            "largest_step": Value(float(lengths.max())),
            "fraction": Value(deviation(lengths, ddof) / bound, unit="1"),
            "gaussian": Value(gaussian),
        }

    def void(self, params: Params) -> bool:
        self._read(params)
        return False
