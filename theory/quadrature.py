"""Adaptive Gauss-Legendre quadrature and bracketed roots, both over whole arrays at once.

``integrate`` compares, on each panel, a rule of 10 nodes with the same rule on the panel's two
halves; panels where they agree are done, the others are halved again. On a panel with no
singularity within its own half width the rule of 10 nodes is exact to about 1e-15, so that for
analytic integrands the halving stops after one or two rounds, and towards a kink or a root-like
end it is geometric. A kink nearer to a panel's end than 0.0065 of its width has no node beyond it
and is not seen: put an edge at a kink that is known.
"""

from collections.abc import Callable

import numpy as np

Array = np.ndarray
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(10)


def panels(edges: Array) -> tuple[Array, Array]:
    """Left and right ends [k] of the panels between increasing edges [k + 1]."""
    keep = np.diff(edges) > 0
    return edges[:-1][keep], edges[1:][keep]


def nodes(left: Array, right: Array, count: int = 10) -> tuple[Array, Array]:
    """Gauss-Legendre nodes [k, count] and weights [k, count] of each panel."""
    x, w = (_NODES, _WEIGHTS) if count == 10 else np.polynomial.legendre.leggauss(count)
    half = (right - left)[:, None] / 2  # [k, 1]
    return left[:, None] + half * (1 + x), half * w


def integrate(
    function: Callable[[Array], Array], edges: Array, tolerance: float = 1e-15, rounds: int = 60
) -> float:
    """The integral of ``function`` [k] -> [k] from the first edge to the last.

    A panel is done when its two estimates differ by at most ``tolerance`` or 1e-12 of the
    integral's size. Raises ValueError where that is not reached after ``rounds`` halvings.
    """
    left, right = panels(edges)
    coarse = _on(function, left, right)  # [k]
    total, size = 0.0, 0.0
    for _ in range(rounds):
        middle = (left + right) / 2
        left, right = np.stack([left, middle], 1).ravel(), np.stack([middle, right], 1).ravel()
        fine = _on(function, left, right)  # [2 k]
        pairs = fine.reshape(-1, 2).sum(1)  # [k]
        size = max(size, float(np.abs(fine).sum()))
        open_ = np.abs(pairs - coarse) > max(tolerance, 1e-12 * size / max(len(coarse), 1))
        total += float(pairs[~open_].sum())
        if not open_.any():
            return total
        again = np.repeat(open_, 2)
        left, right, coarse = left[again], right[again], fine[again]
    raise ValueError(
        f"asked for an integral to {tolerance}; got {len(left)} panels still open after {rounds} "
        "halvings; the integrand has a singularity inside: put an edge there"
    )


def _on(function: Callable[[Array], Array], left: Array, right: Array) -> Array:
    x, w = nodes(left, right)
    return (function(x.ravel()).reshape(x.shape) * w).sum(1)


def sign_changes(function: Callable[[Array], Array], grid: Array, steps: int = 54) -> Array:
    """Points where ``function`` changes sign between the points of an increasing grid.

    Each is bisected ``steps`` times, to ``2^-steps`` of its cell. A zero on the grid takes the
    sign of what stands before it, so that it is counted once.
    """
    value = function(grid)
    filled = np.flatnonzero(value)
    x, sign = grid[filled], np.sign(value[filled])
    flips = np.flatnonzero(sign[1:] != sign[:-1])
    left, right, rising = x[flips], x[flips + 1], sign[flips + 1]
    for _ in range(steps if len(flips) else 0):
        middle = (left + right) / 2
        beyond = np.sign(function(middle)) == rising
        left, right = np.where(beyond, left, middle), np.where(beyond, middle, right)
    return (left + right) / 2
