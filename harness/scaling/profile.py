r"""Intervals from the likelihood: where holding a parameter costs too much.

With S the least sum of rho and S(v) the least with one parameter held at v, the interval is

.. math::  \{v : 2 (S(v) - S) / c \le t^2\}, \qquad
           c = \frac{\sum \psi_i^2 / (n - p)}{\mathrm{E}\,\psi'}

with t the quantile of Student's law. c makes the drop chi-square whatever the law of the residuals
(Schrader and Hettmansperger 1980): the plain likelihood ratio is right only for residuals of the
density that rho stands for, and for Gaussian ones under a nearly absolute loss its 95 % interval
covers 88 %. :math:`\mathrm{E}\,\psi'`, the share of residuals within delta, is taken from a kernel
estimate of their density, without the p smallest, which an absolute loss sets to zero.

It takes points for independent; where runs have several points, trust the bootstrap.
"""

import numpy as np

from harness.scaling.descent import minimise
from harness.scaling.fit import Fit
from harness.scaling.huber import influence
from harness.scaling.points import Points

LEVEL = 0.95
WIDENINGS, ROUNDS = 10, 20
SHORT = 0.01  # of theta, the least first guess of a half-width; the widest is 3^9 of these
FLAT = 1e-12  # of the largest curvature: less is none
EXACT = 1e-10  # residuals below are rounding


def spread(residuals: np.ndarray, delta: float, parameters: int) -> float:
    """c of residuals ``[n]``; 0 where they are rounding."""
    from scipy.special import ndtr

    n = len(residuals)
    size = np.sort(np.abs(residuals))[min(parameters, n - 1) :]
    typical = 1.4826 * float(np.median(size))
    if typical < EXACT:
        return 0.0
    h = 1.06 * typical * len(size) ** -0.2
    within = float((ndtr((delta - size) / h) - ndtr((-delta - size) / h)).mean())
    return float((influence(residuals, delta) ** 2).sum() / max(1, n - parameters)) / within


def drop(fit: Fit, points: Points, which: int, value: float) -> float:
    """2 (S(v) - S) / c with one printed parameter held, its logarithm where it is a logged one."""
    printed = fit.printed
    printed[which] = value
    theta = fit.form.held(printed, fit.frame.at_origin())
    free = np.arange(len(theta)) != which
    features, wanted = _placed(fit, points)
    found = minimise(fit.form, features, wanted, theta[None], fit.delta, free[None])
    c = spread(fit.residuals, fit.delta, len(theta))
    return float(2 * (found.total[0] - fit.total) / c) if c else np.inf


def _placed(fit: Fit, points: Points) -> tuple[np.ndarray, np.ndarray]:
    """Features and ln losses in the frame in which each printed parameter is a coordinate."""
    frame = fit.frame.at_origin()
    return fit.form.features(points.x, frame), (np.log(points.y) - frame.level)[None]


def intervals(fit: Fit, points: Points) -> list[tuple[float | None, float | None]]:
    """For each printed parameter; None for an end that the points do not set.

    All ends are sought at once, by widening and then by regula falsi on the root of the drop, which
    is nearly a straight line.
    """
    from scipy.special import stdtrit

    n, p = len(fit.residuals), len(fit.theta)
    c = spread(fit.residuals, fit.delta, p)
    best = fit.form.held(fit.printed, fit.frame.at_origin())
    if c == 0:
        return [(float(v), float(v)) for v in fit.printed]
    limit = float(stdtrit(max(1, n - p), 0.5 + LEVEL / 2))
    features, wanted = _placed(fit, points)
    which = np.tile(np.arange(p), 2)
    sign = np.repeat([-1.0, 1.0], p)
    free = np.arange(p) != which[:, None]

    slope = fit.form.at(best[None], features).slope[0]
    covariance = np.linalg.pinv(slope @ slope.T) * (fit.residuals**2).sum() / max(1, n - p)
    curved, axes = np.linalg.eigh(slope @ slope.T)
    flat = axes / np.maximum(curved, FLAT * curved.max() + 1e-300) @ axes.T
    along = flat / np.diag(flat)[:, None]  # [p, p], how the others go when one does

    def root(rows: np.ndarray, offset: np.ndarray, start: np.ndarray) -> tuple:
        column, row = which[rows], np.arange(len(rows))
        value = best[column] + sign[rows] * offset
        stay = start.copy()
        # The others may have to go along: an exponent alone takes its term below the floor, where
        # no slope brings it back, and the end would seem to be set. Far away they may not.
        go = start + (value - start[row, column])[:, None] * along[column]
        stay[row, column] = go[row, column] = value
        both = np.concatenate([stay, go])
        found = minimise(fit.form, features, wanted, both, fit.delta, np.tile(free[rows], (2, 1)))
        total, theta = found.total.reshape(2, -1), found.theta.reshape(2, len(rows), p)
        least = np.argmin(total, 0)
        gap = np.maximum(total[least, row] - fit.total, 0)
        return np.sqrt(2 * gap / c) - limit, theta[least, row]

    offset = np.maximum(np.sqrt(np.maximum(np.diag(covariance), 0)), SHORT / limit)[which] * limit
    inside, inside_value = np.zeros(2 * p), np.full(2 * p, -limit)
    outside, outside_value = np.full(2 * p, np.nan), np.full(2 * p, np.nan)
    theta = np.tile(best, (2 * p, 1))
    rows = np.arange(2 * p)
    for _ in range(WIDENINGS):
        value, ended = root(rows, offset[rows], theta[rows])
        out = value > 0
        outside[rows[out]], outside_value[rows[out]] = offset[rows[out]], value[out]
        kept = rows[~out]
        inside[kept], inside_value[kept], theta[kept] = offset[kept], value[~out], ended[~out]
        offset[kept] *= 3
        rows = kept
        if not len(rows):
            break
    open_end = np.isnan(outside)
    rows = np.flatnonzero(~open_end)
    for _ in range(ROUNDS):
        rows = rows[np.abs(outside[rows] - inside[rows]) > 1e-3 * outside[rows]]
        if not len(rows):
            break
        share = inside_value[rows] / (inside_value[rows] - outside_value[rows])
        share = np.clip(share, 0.02, 0.98)
        middle = inside[rows] + share * (outside[rows] - inside[rows])
        value, ended = root(rows, middle, theta[rows])
        out = value > 0
        o, i = rows[out], rows[~out]
        outside[o], outside_value[o] = middle[out], value[out]
        inside[i], inside_value[i], theta[i] = middle[~out], value[~out], ended[~out]
        inside_value[o] *= 0.5  # the Illinois rule: the end that stays counts half
        outside_value[i] *= 0.5
    ended = np.tile(best, (2 * p, 1))
    ended[np.arange(2 * p), which] += sign * (inside + outside) / 2
    edge = fit.form.printed(ended, fit.frame.at_origin())[np.arange(2 * p), which]
    ends = [None if is_open else float(e) for e, is_open in zip(edge, open_end)]
    return list(zip(ends[:p], ends[p:]))
