"""The reverse process of a known law on the line: what it does to points, and to functions.

For X_sigma = X_0 + sigma Z, the reverse process from sigma to a lower level s, driven by the exact
denoiser of the law of X_0, has the law of X_s given X_sigma (Anderson 1982): by Bayes

    p(y | x) = p_s(y) N(x; y, sigma^2 - s^2) / p_sigma(x),

and for a mixture of normals, given the component k, X_s is normal with mean m_k + (C_s / C_sigma)
(x - m_k) and variance C_s (sigma^2 - s^2) / C_sigma, C_s = v_k + s^2. The first form takes a
function on a grid to its conditional expectation, the second draws.
"""

import numpy as np

from theory.line_mixture import Grid, grid, masses
from theory.mixture import Array, Mixture


def denoise(law: Mixture, x: Array, sigma: float) -> Array:
    """E[X_0 | X_sigma = x] [n] at points x [n] on the line."""
    return law.denoise(x[:, None], sigma)[:, 0]


def minimal_error(law: Mixture, sigma: float) -> float:
    """E Var(X_0 | X_sigma), the error of the best denoiser, in squared units of the data.

    Var(X_0 | x) = sum_k g_k (v_k sigma^2 / C_k + (mean of k - mean)^2), a sum of positive terms.
    """
    on = grid((law,), sigma)
    noised = law.noised(sigma)
    g = noised.responsibilities(on.points[:, None])  # [n, k]
    total = noised.covariances
    gain = law.covariances / total
    centres = law.means[:, 0] * (1 - gain) + gain * on.points[:, None]  # [n, k]
    within = law.covariances * sigma**2 / total
    spread = centres - (g * centres).sum(axis=1, keepdims=True)
    return float(masses(law, sigma, on) @ (g * (within + spread**2)).sum(axis=1))


def expected(values: Array, on: Grid, law: Mixture, sigma: float, lower: float, x: Array) -> Array:
    """E[f(X_lower) | X_sigma = x] [m] at x [m] under the reverse process of ``law``.

    values: f [n] on a grid that holds X_lower and resolves sqrt(sigma^2 - lower^2).
    """
    variance = (sigma - lower) * (sigma + lower)
    log_density = law.noised(lower).log_density(on.points[:, None])
    found = np.empty(len(x))
    rows = max(1, (1 << 19) // len(on.points))
    for start in range(0, len(x), rows):
        gap = x[start : start + rows, None] - on.points  # [b, n]
        log_weight = log_density - gap**2 / (2 * variance)
        weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
        found[start : start + rows] = (weight @ values) / weight.sum(axis=1)
    return found


def draw(
    law: Mixture, x: Array, sigma: float, lower: float, generator: np.random.Generator
) -> Array:
    """X_lower given X_sigma = x [n] under the reverse process of ``law``: one draw each [n]."""
    g = law.noised(sigma).responsibilities(x[:, None])
    edges = np.cumsum(g, axis=1)
    uniform = generator.random(len(x)) * edges[:, -1]
    component = (uniform[:, None] > edges[:, :-1]).sum(axis=1)
    mean = law.means[component, 0]
    before = law.covariances[component] + sigma**2
    after = law.covariances[component] + lower**2
    deviation = np.sqrt(after * (sigma - lower) * (sigma + lower) / before)
    return mean + after / before * (x - mean) + deviation * generator.standard_normal(len(x))
