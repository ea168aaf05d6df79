"""The mean density of the eigenvalues of a real Wishart matrix, exactly, for any dimension.

W ~ W_d(nu, I), nu >= d: the scatter matrix of nu standard normal vectors in R^d. The expectation
of a sum over its eigenvalues, ``E sum_i f(x_i) = int f rho``, has no closed form for a root such as
f(x) = x^(-1/2), and Monte Carlo gives it three digits. Both theorems of the paper need it: the
entropy and the transport cost of a class depend on the eigenvalues of its fitted covariance, n
times which is Wishart with nu = n - 1.

The joint density of the eigenvalues is proportional to ``prod w(x_i) prod_{i<j} |x_i - x_j|``,
``w(x) = x^((nu-d-1)/2) e^(-x/2)``. By de Bruijn (1955, J. Indian Math. Soc. 19:133), for functions
phi_j = w p_j, p_j a polynomial of degree j, and eps(x, y) = sgn(x - y) / 2,

    int prod g(x_i) w(x_i) |Delta(x)| dx  is proportional to  Pf A[g],
    A[g]_jk = <g phi_j, eps g phi_k>,  bordered by int g phi_j where d is odd.

With g = 1 + s f, the derivative of ``log Pf = 1/2 log det`` at s = 0 is ``1/2 tr(A^-1 A')``, and as
A is skew both halves of A' give the same, so that

    rho(x) = sum_jk (A^-1)_kj phi_j(x) (eps phi_k)(x)  [+ sum_j (A^-1)_dj phi_j(x), d odd].

Numerics. The phi_j are orthonormal Laguerre functions, by their recurrence with a running scale,
since the first ones underflow where the last ones live. In s = sqrt(x), where square roots and
half-integer powers at 0 are analytic, ``eps`` is a cumulative integral on Gauss-Legendre panels. A
singular value leaves [sqrt(nu) - sqrt(d) - u, sqrt(nu) + sqrt(d) + u] with probability at most 2
exp(-u^2/2) (Davidson and Szarek 2001), which sets the ends. The first moments, d nu and d nu (nu +
d + 1), come out to 1e-12; for d = 1 the density is that of chi^2.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]

ORDER = 16  # nodes a panel
MARGIN = 9.5  # of the singular values, beyond which less than 1e-19 is left


class Spectrum(NamedTuple):
    """Nodes x [m] and weights [m] such that ``E sum_i f(x_i) = sum weights f(x)``."""

    x: Array
    weights: Array

    def expect(self, values: Array) -> float:
        """``E sum_i f(x_i)`` of the values f(x) [m] at the nodes."""
        return float(self.weights @ values)


@lru_cache(maxsize=64)
def spectrum(d: int, nu: int) -> Spectrum:
    """The mean density of the d eigenvalues of W_d(nu, I), as nodes and weights; nu >= d >= 1.

    The weights sum to d. An f with x^-p at 0 needs p < (nu - d + 1)/2 for its expectation to be
    finite, and the panels that are graded towards 0 give it digits.
    """
    if not nu >= d >= 1:
        raise ValueError(
            f"asked for the spectrum of a Wishart matrix of {nu} vectors in {d} dimensions; got "
            "fewer vectors than dimensions, a singular one; give nu >= d"
        )
    s, ds = _nodes(d, nu)  # [panels, order]
    x, dx = s.ravel() ** 2, (2 * s * ds).ravel()  # [m]
    phi = _laguerre(d, nu - d - 1, x)  # [d, m]
    eps = _cumulative(phi.reshape(d, *s.shape) * 2 * s, s).reshape(d, -1)  # [d, m]
    whole = phi @ dx  # [d]
    eps -= whole[:, None] / 2
    skew = (phi * dx) @ eps.T  # [d, d]
    skew = (skew - skew.T) / 2
    if d % 2:
        skew = np.block([[skew, whole[:, None]], [-whole[None, :], np.zeros((1, 1))]])
    inverse = np.linalg.inv(skew)
    inverse = (inverse - inverse.T) / 2
    density = np.einsum("jm,jm->m", phi, inverse[:d, :d].T @ eps)
    if d % 2:
        density += inverse[d, :d] @ phi
    return Spectrum(x, density * dx)


def _nodes(d: int, nu: int) -> tuple[Array, Array]:
    """Nodes and weights [panels, order] of the singular values, graded where they reach 0."""
    low, high = np.sqrt(nu) - np.sqrt(d) - MARGIN, np.sqrt(nu) + np.sqrt(d) + MARGIN
    count = max(24, d)
    edges = np.linspace(max(low, 0.0), high, count + 1)
    if low <= 0:
        edges = np.concatenate([[0.0], edges[1] * 2.0 ** np.arange(-24, 1), edges[2:]])
    z, w = np.polynomial.legendre.leggauss(ORDER)
    half = np.diff(edges)[:, None] / 2  # [panels, 1]
    return edges[:-1, None] + half * (1 + z), half * w


def _laguerre(d: int, alpha: int, x: Array) -> Array:
    """phi_j(x) [d, m]: polynomials of degree j < d times ``x^(alpha/2) e^(-x/2)``.

    They are orthonormal for alpha >= 0; for alpha = -1 those of order 0, over sqrt(x).
    """
    order = max(alpha, 0)
    log_scale = 0.5 * (alpha * np.log(x) - x - special.gammaln(order + 1))  # [m]
    before, now = np.zeros_like(x), np.ones_like(x)
    found = np.empty((d, len(x)))
    for j in range(d):
        with np.errstate(under="ignore"):
            found[j] = now * np.exp(log_scale)
        after = (2 * j + 1 + order - x) * now - np.sqrt(j * (j + order)) * before
        before, now = now, after / np.sqrt((j + 1) * (j + 1 + order))
        size = np.maximum(np.maximum(np.abs(now), np.abs(before)), 1e-300)
        before, now, log_scale = before / size, now / size, log_scale + np.log(size)
    return found


def _cumulative(values: Array, s: Array) -> Array:
    """Integrals from the first edge to each node [.., panels, order] of values at the nodes."""
    z, w = np.polynomial.legendre.leggauss(ORDER)
    vander = np.polynomial.legendre.legvander(z, ORDER)  # [order, order + 1]
    k = np.arange(1, ORDER)
    primitive = np.empty((ORDER, ORDER))
    primitive[:, 0] = z + 1
    primitive[:, 1:] = (vander[:, 2:] - vander[:, :-2]) / (2 * k + 1)
    within = primitive @ np.linalg.inv(vander[:, :-1])  # from -1 to each node
    half = (s[:, -1] - s[:, 0]) / (z[-1] - z[0])  # [panels]
    scaled = values * half[:, None]
    totals = scaled @ w  # [.., panels]
    before = np.cumsum(totals, axis=-1) - totals
    return before[..., None] + scaled @ within.T
