r"""The Huber loss of log residuals, and the likelihood that belongs to it.

What a fit minimises is the sum, not the mean, over points of

.. math::  \rho(r) = r^2 / 2 \text{ for } |r| \le \delta,\quad \delta (|r| - \delta / 2)
           \text{ beyond}, \qquad r = \ln L(x) - \ln y.

Source: Hoffmann et al., Training Compute-Optimal Large Language Models, 2022, equation 3 of its
section 3.3, with delta = 1e-3. Besiroglu et al., Chinchilla Scaling: A Replication Attempt, 2024,
found that the mean in the place of the sum made their optimiser stop before the optimum, since the
tolerances of optimisers are absolute, and that their intervals were far too narrow for the number
of points.

The density :math:`e^{-\rho(r)/s} / Z(s)` with

.. math::  Z(s) = \sqrt{2 \pi s}\,\mathrm{erf}(\delta / \sqrt{2 s}) + (2 s / \delta)
           e^{-\delta^2 / 2 s}

has its greatest likelihood, for every s, where the sum is least: the fit is the maximum-likelihood
fit of that family, Gaussian where delta is large and Laplace where it is small. AICc (Hurvich and
Tsai 1989) is 2 k - 2 ln L + 2 k (k + 1) / (n - k - 1) with k the parameters and s.
"""

import math

import numpy as np

DELTA = 1e-3
ROUNDING = 1e-9  # a residual below is rounding: no likelihood grows beyond it


def loss(r: np.ndarray, delta: np.ndarray | float) -> np.ndarray:
    """rho of residuals of any shape."""
    inner = np.minimum(np.abs(r), delta)
    return inner * (np.abs(r) - 0.5 * inner)


def influence(r: np.ndarray, delta: np.ndarray | float) -> np.ndarray:
    """The derivative of rho."""
    return np.clip(r, -delta, delta)


def log_likelihood(total: float, n: int, delta: float) -> float:
    """The greatest over s, in nats, at a sum of rho over n residuals."""
    from scipy.optimize import minimize_scalar

    total = max(total, n * float(loss(np.array(ROUNDING), delta)))

    def negative(log_s: float) -> float:
        s = math.exp(log_s)
        middle = math.sqrt(2 * math.pi * s) * math.erf(delta / math.sqrt(2 * s))
        return total / s + n * math.log(middle + 2 * s / delta * math.exp(-delta * delta / (2 * s)))

    # s is the variance for Gaussian residuals, delta times their mean size for Laplace ones.
    least = math.log(total / n)
    found = minimize_scalar(
        negative, bounds=(least - 3, least + 3), method="bounded", options={"xatol": 1e-10}
    )
    return -float(found.fun)


def aicc(total: float, n: int, parameters: int, delta: float) -> float | None:
    """AICc in nats times 2; None where there are too few points for its correction."""
    k = parameters + 1
    if n - k - 1 <= 0:
        return None
    return 2 * k - 2 * log_likelihood(total, n, delta) + 2 * k * (k + 1) / (n - k - 1)
