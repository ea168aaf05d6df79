r"""The least Huber sums of many fits of one form at once, by a damped Newton method.

All fits share their sizes and differ in their losses, their starts, and the parameters that are
held: the replicates of a bootstrap and the points of a profile are one call. The step solves

.. math::  (H + \lambda W) s = -g, \quad
           g = \sum_i \psi_i \nabla f_i, \quad
           H = \sum_i \psi'_i \nabla f_i \nabla f_i^T + \psi_i \nabla^2 f_i, \quad
           W = \sum_i \min(1, \delta / |r_i|) \nabla f_i \nabla f_i^T

with the true Hessian, since psi does not vanish at the optimum of a loss that is nearly absolute. W
is the curvature of the quadratic that lies above rho (iterative reweighting), so that a step is a
descent for lambda large enough; it is invariant to linear changes of theta. A step that does not
lower the sum is not taken. A step ends at the limits of the form, and a parameter that stands at
one and would go on is held for that step.

At delta = 1e-3 few residuals lie where rho is curved, and Newton steps from afar see no curvature.
So delta begins at the size of the residuals and falls by a factor as soon as a step at the present
one gains little (Madsen and Nielsen 1990), each fit at its own pace.
"""

from typing import Any, NamedTuple

import numpy as np

from harness.scaling.form import Form
from harness.scaling.huber import influence, loss

STEPS = 200
FALL = 0.2  # of delta
NEAR, DONE = 1e-2, 1e-13  # gain of a step, of the sum, that ends a stage and that ends a fit
ROUNDING = 1e-28  # sum of rho a point, below which a fit is exact
LONGEST = 3.0  # of a coordinate, in a step
ROOM = 5_000_000  # points times fits, at once: some 2 GB for five parameters
CALM, WILD = 1e-6, 1e10  # the least damping, and the most, beyond which nothing is gained


class Optimum(NamedTuple):
    """Where B fits ended."""

    theta: np.ndarray  # [B, p]
    total: np.ndarray  # [B], the sum of rho
    done: np.ndarray  # [B], whether a further step would gain nothing


def minimise(
    form: Form,
    features: Any,
    target: np.ndarray,
    start: np.ndarray,
    delta: float,
    free: np.ndarray | None = None,
) -> Optimum:
    """Fits of ln losses ``[B, n]`` or ``[1, n]`` from ``start [B, p]``, where ``free [B, p]``."""
    most = max(1, ROOM // target.shape[-1])
    if len(start) > most:
        parts = [slice(i, i + most) for i in range(0, len(start), most)]
        targets = [target if len(target) == 1 else target[part] for part in parts]
        left = np.ones(start.shape, bool) if free is None else np.broadcast_to(free, start.shape)
        ends = [
            minimise(form, features, y, start[part], delta, left[part])
            for y, part in zip(targets, parts)
        ]
        return Optimum(*map(np.concatenate, zip(*ends)))
    found = np.array(start, float)
    done = np.zeros(len(found), bool)
    every = np.broadcast_to(target, (len(found), target.shape[-1]))
    held = np.zeros(found.shape, bool) if free is None else ~np.broadcast_to(free, found.shape)
    low, high = form.limits(features)
    found = np.where(held, found, np.clip(found, low, high))
    r = form.level(found, features) - every
    index, theta, wanted = np.arange(len(found)), found.copy(), every
    width = np.maximum(delta, np.sort(np.abs(r), axis=1)[:, (3 * r.shape[1]) // 4])
    damping = np.full(len(found), 1e-2)
    for _ in range(STEPS):
        value = form.at(theta, features)
        r = value.f - wanted
        g, h, w = _model(value.slope, value.bend, r, width[:, None])
        _hold(held | ((theta <= low) & (g > 0)) | ((theta >= high) & (g < 0)), g, h, w)
        step = -_solved(h + damping[:, None, None] * w, g)
        step *= np.minimum(1, LONGEST / np.maximum(np.abs(step).max(1), LONGEST))[:, None]
        step = np.where(held, 0, np.clip(theta + step, low, high) - theta)
        here = loss(r, width[:, None]).sum(1)
        there = loss(form.level(theta + step, features) - wanted, width[:, None]).sum(1)
        # What the quadratic says: below rounding, the sums themselves cannot tell.
        hoped = -(g * step).sum(1) - 0.5 * ((h @ step[..., None])[..., 0] * step).sum(1)
        better = there < here
        theta[better] += step[better]
        gain = np.where(better, here - there, 0)
        small = (np.abs(hoped) <= DONE * here + ROUNDING * r.shape[1]) & (damping <= 1)
        stuck = small | (damping > WILD)
        next_stage = (width > delta) & (stuck | (better & (gain <= NEAR * here)))
        finished = (width <= delta) & stuck
        damping = np.where(better, np.maximum(damping * 0.1, CALM), damping * 6)
        damping[next_stage] = 1e-2
        width = np.where(next_stage, np.maximum(delta, width * FALL), width)
        if finished.any():
            found[index[finished]], done[index[finished]] = theta[finished], True
            left = ~finished
            index, theta, wanted, held = index[left], theta[left], wanted[left], held[left]
            width, damping = width[left], damping[left]
            if not len(index):
                break
    found[index] = theta
    return Optimum(found, loss(form.level(found, features) - every, delta).sum(1), done)


def _solved(matrix: np.ndarray, g: np.ndarray) -> np.ndarray:
    """``[B, p]``; where two parameters do the same to every point, the shorter step of theirs."""
    try:
        return np.asarray(np.linalg.solve(matrix, g[..., None])[..., 0])
    except np.linalg.LinAlgError:
        ridge = 1e-12 * np.abs(matrix).max((1, 2)) + 1e-30
        held = matrix + ridge[:, None, None] * np.eye(g.shape[1])
        return np.asarray(np.linalg.solve(held, g[..., None])[..., 0])


def _model(
    slope: np.ndarray, bend: Any, r: np.ndarray, width: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """g ``[B, p]``, H and W ``[B, p, p]``."""
    psi = influence(r, width)
    size = np.abs(r)
    inside = size <= width
    across = slope.transpose(0, 2, 1)
    g = (slope @ psi[..., None])[..., 0]
    h = (slope * inside[:, None]) @ across + bend(psi)
    w = (slope * np.where(inside, 1, width / np.maximum(size, width))[:, None]) @ across
    diagonal = np.arange(g.shape[1])
    w[:, diagonal, diagonal] *= 1 + 1e-9
    w[:, diagonal, diagonal] += 1e-30
    return g, h, w


def _hold(held: np.ndarray, g: np.ndarray, h: np.ndarray, w: np.ndarray) -> None:
    """Give the parameters ``[B, p]`` no slope and a unit of their own: no step moves them."""
    if held.any():
        either = held[:, :, None] | held[:, None, :]
        diagonal = np.arange(g.shape[1])
        g[held] = 0
        h[either] = 0
        w[either] = 0
        h[:, diagonal, diagonal] += held
