"""The reverse SDE in steps, on normal data: its output law in closed form, its order, its bias.

The exponential integrator of S. Chen et al. 2023 and Benton et al. 2024 freezes the score over a
step of length h from time t to t - h and solves what is left exactly,

    y' = e^h y + 2 (e^h - 1) s_t(y) + sqrt(e^{2h} - 1) z,       z ~ N(0, I).

For N(mu, diag(lambda)) and its exact score ``-(y - r_t mu) / V_t``, V_t = 1 + (lambda - 1) e^{-2t},
every direction is affine with slope ``a = e^h - 2 (e^h - 1) / V_t``. *Derived here*, for the law of
y as it misses that of p_t: eta in the mean, delta in the variance,

    eta'   = a eta,
    delta' = a^2 delta + 2 (e^h - 1)^2 (2 / V_t - 1).

Proof of the first: ``a (eta + r_t mu) + 2 (e^h - 1) r_t mu / V_t = a eta + e^h r_t mu``, and ``e^h
r_t = r_{t-h}``. Of the second: ``a^2 V_t + e^{2h} - 1`` less ``V_{t-h} = 1 + (V_t - 1) e^{2h}``,
expanded, in which V_t cancels.

So steps bias the variance alone, by 2 h^2 (2/V - 1) a step: upwards where V < 2, downwards above,
and O(h) in all: first order, with no square root of h. The start from N(0, I) has eta = -e^-T mu
and delta = -(lambda - 1) e^{-2T}. Nothing is subtracted from anything of its own size, so that
errors of 1e-10 keep their digits.
"""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def uniform_steps(horizon: float, steps: int) -> Array:
    """The times T = t_0 > .. > t_N = 0 [N + 1] of steps of one length."""
    return horizon * np.arange(steps, -1, -1) / steps


def decreasing_steps(horizon: float, kappa: float, stop: float) -> Array:
    """Times from T down to ``stop``, a step of at most ``kappa min(1, t')`` to each time t'.

    T > 1 > stop > 0. Steps of one length down to 1, of one ratio from there: Benton et al. 2024,
    the choice after Theorem 1.
    """
    long = int(np.ceil((horizon - 1) / kappa - 1e-9))
    short = int(np.ceil(np.log(1 / stop) / np.log1p(kappa) - 1e-9))
    first = 1 + (horizon - 1) * np.arange(long, -1, -1) / long
    return np.concatenate([first, stop ** (np.arange(1, short + 1) / short)])


def output_misses(variances: Array, means: Array, times: Array) -> tuple[Array, Array]:
    """eta and delta [d], [d] at the last of decreasing times, from a start N(0, I) at the first.

    variances, means [d] of the data; times [N + 1].
    """
    grown = np.expm1(times[:-1] - times[1:])[:, None]  # [N, 1]
    marginal = 1 + (variances - 1) * np.exp(-2 * times[:-1, None])  # [N, d]
    slope = 1 + grown - 2 * grown / marginal
    added = 2 * grown**2 * (2 / marginal - 1)
    # what is left at the end of a step's error: the product of the slopes after it, [N + 1, d]
    left = np.cumprod(np.vstack([np.ones_like(variances), slope[::-1]]), axis=0)[::-1]
    decay = np.exp(-times[0])
    eta = -left[0] * decay * means
    delta = -(left[0] ** 2) * (variances - 1) * decay**2 + (left[1:] ** 2 * added).sum(axis=0)
    return eta, delta
