"""Distances between two laws on the line, exact to quadrature.

With ``d = p - q``, F and G the distribution functions and c_0 < c_1 < ... the points where a sign
changes, total variation and the first transport cost need no quadrature of a kink:

    TV(P, Q) = 1/2 int |p - q|     = 1/2 sum_i |(F - G)(c_{i+1}) - (F - G)(c_i)|,    signs of p - q
    W1(P, Q) = int |F - G|         =     sum_i |(I - J)(c_{i+1}) - (I - J)(c_i)|,    signs of F - G

where I and J are the integrals of F and G, known in closed form. An error e in a crossing enters
as e squared, so that these are exact to rounding, about 1e-14. Common atoms and atoms of one law
only are added as ``1/2 sum |P{a} - Q{a}|``.

    KL(P||Q) = int p log(p/q)               nats; log densities, so that nothing underflows
    VC(P, Q) = int (p - q)^2 / (p + q)      in [0, 2], Vincze (1981) and Le Cam (1986)
    W2(P, Q)^2 = int_0^1 (F^-1(u) - G^-1(u))^2 du

For W2 the unit interval is cut at the levels of both laws' own edges, so that no jump of a
quantile function lies inside a panel, and the upper half is integrated over 1 - u, so that tails
keep their precision. Quantiles are Newton steps on the log of the tail, kept in a bracket.

Vincze-Le Cam and the Bayes classifier. With ``c* = p / (p + q)``,

    E_Q[c*] = int p q / (p + q) = 1/2 - VC / 4,      2 TV^2 <= VC <= 2 TV.

Proof: (p + q)^2 - (p - q)^2 = 4 p q, divided by 4 (p + q) and integrated. The upper bound is
|p - q| <= p + q; the lower one is Cauchy-Schwarz on |p - q| / sqrt(p + q) times sqrt(p + q).
"""

import math
from collections.abc import Callable

import numpy as np

from theory.density import Line
from theory.quadrature import Array, integrate, sign_changes

_LEVELS = 0.5 * 16.0 ** -np.arange(15, -1, -1)  # from 4e-19, with nothing below


def _grid(p: Line, q: Line, step: float) -> Array:
    return np.union1d(p.edges(step), q.edges(step))


def _atoms_below(line: Line, x: Array) -> Array:
    return sum((m * (x >= a) for a, m in line.atoms.items()), np.zeros(x.shape))


def total_variation(p: Line, q: Line) -> float:
    """TV(P, Q) in [0, 1]."""
    grid = _grid(p, q, 1 / 8)
    cuts = sign_changes(lambda x: p.pdf(x) - q.pdf(x), grid)
    x = np.concatenate([grid[:1], cuts, grid[-1:]])
    gap = p.cdf(x) - _atoms_below(p, x) - q.cdf(x) + _atoms_below(q, x)
    points = p.atoms.keys() | q.atoms.keys()
    singular = math.fsum(abs(p.atoms.get(a, 0.0) - q.atoms.get(a, 0.0)) for a in sorted(points))
    return min(1.0, 0.5 * (float(np.abs(np.diff(gap)).sum()) + singular))


def wasserstein1(p: Line, q: Line) -> float:
    """W1(P, Q), in the units of the line."""
    grid = _grid(p, q, 1 / 8)
    cuts = sign_changes(lambda x: p.cdf(x) - q.cdf(x), grid)
    x = np.concatenate([grid[:1], cuts, grid[-1:]])
    gap = p.integrated_cdf(x) - q.integrated_cdf(x)
    return float(np.abs(np.diff(gap)).sum())


def kullback_leibler(p: Line, q: Line) -> float:
    """KL(P||Q) in nats; inf where Q does not dominate P.

    Of two densities that are both positive everywhere, the integral of p ln(p/q) - p + q, which is
    the same and not negative: between laws that nearly agree, p ln(p/q) cancels, and what rounding
    leaves of it is 1e-17 of nothing, more than 1e-9 of such a divergence.
    """
    atomic = 0.0
    for a, mass in sorted(p.atoms.items()):
        if a not in q.atoms:
            return math.inf
        atomic += mass * math.log(mass / q.atoms[a])
    edges = _grid(p, q, 2.0)

    def integrand(x: Array) -> Array:
        log_p, log_q = p.log_pdf(x), q.log_pdf(x)
        there = np.isfinite(log_p)
        lost = there & ~np.isfinite(log_q)
        if bool(np.any(lost & (x > edges[0]) & (x < edges[-1]))):
            return np.full(x.shape, math.inf)
        there &= ~lost  # a node that is rounded to the end of the support
        ratio = np.subtract(log_p, log_q, out=np.zeros(x.shape), where=there)
        if whole:
            near = np.exp(log_p) * (ratio + np.expm1(np.where(np.abs(ratio) < 1, -ratio, 0.0)))
            far = np.exp(log_p) * (ratio - 1) + np.exp(log_q)
            return np.where(there, np.where(np.abs(ratio) < 1, near, far), 0.0)
        return np.where(there, np.exp(log_p) * ratio, 0.0)

    whole = (
        not p.atoms
        and not q.atoms
        and bool(np.all(np.isfinite(p.log_pdf(edges)) & np.isfinite(q.log_pdf(edges))))
    )
    middles = (edges[1:] + edges[:-1]) / 2
    if not np.all(np.isfinite(integrand(middles))):
        return math.inf
    return max(0.0, atomic + integrate(integrand, edges))


def vincze_le_cam(p: Line, q: Line) -> float:
    """``int (p - q)^2 / (p + q)`` in [0, 2], for laws without atoms."""
    if p.atoms or q.atoms:
        raise ValueError(
            "asked for the Vincze-Le Cam distance of laws with atoms; got no densities; "
            "add noise first"
        )

    def integrand(x: Array) -> Array:
        log_p, log_q = p.log_pdf(x), q.log_pdf(x)
        there = np.isfinite(log_p) | np.isfinite(log_q)
        log_sum = np.logaddexp(log_p, log_q)
        half = np.tanh(0.5 * np.subtract(log_p, log_q, out=np.zeros(x.shape), where=there))
        return np.exp(log_sum) * half**2

    return integrate(integrand, _grid(p, q, 2.0))


def wasserstein2(p: Line, q: Line) -> float:
    """W2(P, Q), in the units of the line."""
    square = 0.0
    for upper in (False, True):
        levels = np.concatenate([_tail(line, line.edges(4.0), upper) for line in (p, q)])
        levels = np.concatenate([levels[(levels > _LEVELS[0]) & (levels < 0.5)], _LEVELS])
        square += _squared_gap(quantile(p, upper), quantile(q, upper), np.unique(levels))
    return math.sqrt(square)


def _squared_gap(x: Callable[[Array], Array], y: Callable[[Array], Array], levels: Array) -> float:
    """``int (x(u) - y(u))^2 du`` over the levels, integrated over log u."""

    def integrand(log_u: Array) -> Array:
        u = np.exp(log_u)
        return u * (x(u) - y(u)) ** 2

    return integrate(integrand, np.log(levels), tolerance=1e-20)


def _tail(line: Line, x: Array, upper: bool) -> Array:
    return line.sf(x) if upper else line.cdf(x)


def quantile(line: Line, upper: bool = False) -> Callable[[Array], Array]:
    """The function of levels u [k] that gives points x [k] with P(X <= x) = u.

    Where ``upper``, with P(X > x) = u. Levels beyond the law's outermost edges (mass below 1e-22)
    give those edges.
    """
    sign = -1.0 if upper else 1.0
    grid = line.edges(0.25)[:: int(sign)]  # so that the tail increases along it
    tail, slope = _tail(line, grid, upper), line.pdf(grid)

    def inverse(level: Array) -> Array:
        at = np.clip(np.searchsorted(tail, level), 1, len(grid) - 1)
        near, far = grid[at - 1], grid[at]  # the tail is smaller at near
        width = far - near
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            # cubic Hermite interpolation of x against the log of the tail
            rise = np.log(tail[at] / tail[at - 1])
            s = np.clip(np.log(level / tail[at - 1]) / rise, 0, 1)
            start = sign * rise * tail[at - 1] / (slope[at - 1] * width)
            end = sign * rise * tail[at] / (slope[at] * width)
            share = s * s * (3 - 2 * s) + s * (1 - s) * ((1 - s) * start - s * end)
        x = near + np.where((share >= 0) & (share <= 1), share, 0.5) * width
        todo = np.arange(len(x))
        for _ in range(100):
            y, goal = x[todo], level[todo]
            value = _tail(line, y, upper)
            small = value < goal
            near[todo] = np.where(small, y, near[todo])
            far[todo] = np.where(small, far[todo], y)
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                new = y + sign * value * np.log(goal / value) / line.pdf(y)  # Newton on the log
            inside = (sign * new >= sign * near[todo]) & (sign * new <= sign * far[todo])
            x[todo] = new = np.where(inside, new, (near[todo] + far[todo]) / 2)
            # the next error is about the square of this step, in units of the local scale
            todo = todo[(np.abs(new - y) > 1e-7 * np.abs(width[todo])) & (new != y)]
            if not len(todo):
                break
        return x

    return inverse
