r"""What the rounding of losses, as they were written, leaves open in a parameter.

A loss that was written in units of u is known to u / 2 and no better: as an error spread evenly
over that, it has the standard deviation :math:`u / \sqrt{12}`. Through the linear part of the fit,

.. math::  \Delta\theta = G\,\varepsilon, \qquad G = (J J^T)^{+} J, \qquad J = \nabla \ln L,

it moves a parameter by a standard deviation below which no interval is honest: points that lie on a
law to their last digit have residuals of rounding alone, and resampled they would say that the law
is known exactly.
"""

from decimal import Decimal

import numpy as np

from harness.scaling.fit import Fit
from harness.scaling.huber import ROUNDING
from harness.scaling.points import Points


def unit(y: np.ndarray) -> float:
    """The finest decimal place that any of the numbers ``[n]`` needs."""
    places = [Decimal(repr(float(v))).normalize().as_tuple().exponent for v in np.unique(y)]
    return float(10.0 ** min(int(place) for place in places))


def deviations(fit: Fit, points: Points) -> np.ndarray:
    """Of each printed parameter ``[p]``, its logarithm where it is a logged one."""
    frame = fit.frame.at_origin()
    best = fit.form.held(fit.printed, frame)
    slope = fit.form.at(best[None], fit.form.features(points.x, frame)).slope[0]
    each = np.maximum(unit(points.y) / np.sqrt(12) / points.y, ROUNDING)
    moved = np.linalg.pinv(slope @ slope.T) @ slope * each
    aside = best + np.sqrt((moved**2).sum(1))
    return np.abs(fit.form.printed(aside, frame) - fit.form.printed(best, frame))
