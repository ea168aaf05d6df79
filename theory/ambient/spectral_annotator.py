"""From which noise level on a Bayes classifier confuses corrupted data with clean: Gaussian modes.

Model: in some orthonormal basis the coefficients of clean data are independent N(0, S_p[k]), those
of corrupted data independent N(0, S_q[k]). Under noise sigma the variances are S + sigma^2. With
``a_k = (S_p[k] - S_q[k]) / (S_p[k] + sigma^2)`` the log likelihood ratio, clean to corrupted, is

    log p/q (x) = 1/2 sum_k (log(1 - a_k) + a_k x_k^2 / (S_q[k] + sigma^2)).

The rule of Ambient Diffusion Omni (Daras et al. 2025, section 3.1), on population level: use
corrupted samples from the smallest sigma on from which E_q[c*] > tau stays, c* = p / (p + q) the
Bayes classifier's probability of clean, tau = 0.45 in the paper.

*What the rule measures* (derived here; ``theory.distance``): ``E_q[c*] = 1/2 - VC/4`` with the
Vincze-Le Cam distance, 2 TV^2 <= VC <= 2 TV. So the rule with tau = 1/2 - eps is VC < 4 eps, and
TV < 2 eps implies acceptance implies TV < sqrt(2 eps): not the first sigma with TV <= eps, as the
paper says. VC is an f-divergence and more noise is a further channel, so by data processing E_q[c*]
never falls as sigma grows: the set of accepted sigma is a half line, its end the only crossing.

*Evaluation* without sampling. Under q, ``L = log p/q`` has the characteristic function

    psi(w) = prod_k (1 - a_k)^(i w / 2) (1 - i w a_k)^(-1/2),

and E_q[c*] = E sigmoid(L) = P(Lambda <= L), Lambda logistic, whose characteristic function is
``pi w / sinh(pi w)``. Gil-Pelaez inversion (1951) of Lambda - L at 0 gives

    E_q[c*] = 1/2 + int_0^inf Im psi(w) / sinh(pi w) dw,

an integral of a smooth function that falls as exp(-pi w) at least, taken by Gauss-Legendre panels
of 16 nodes, no wider than its distance to the nearest singularity (i / max |a_k| and i) or than 4
radians of its phase: the absolute error is below 1e-12 (2e-15 measured against quadrature of the
densities for one mode). Where ``1/2 int sqrt(p q)``, which bounds E_q[c*], is below that, it is 0.

*One sample* x0 seen under noise, ``x = x0 + sigma z``, has the log ratio above, quadratic in z; its
own probability E_z[c*] is a mean over draws of z, which all noise levels share, so that it is one
smooth curve in sigma per sample; it need not be monotone, and its last crossing is taken.
"""

import math
from collections.abc import Iterator

import numpy as np

Array = np.ndarray
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)


def _spectra(clean: Array, corrupted: Array) -> tuple[Array, Array]:
    p, q = np.asarray(clean, float).ravel(), np.asarray(corrupted, float).ravel()
    if p.shape != q.shape or not len(p):
        raise ValueError(
            f"asked for two power spectra; got shapes {np.shape(clean)} and {np.shape(corrupted)}; "
            "give one positive number of modes in both"
        )
    for name, spectrum in (("clean", p), ("corrupted", q)):
        if not (np.isfinite(spectrum).all() and (spectrum >= 0).all()):
            raise ValueError(
                f"asked for the {name} power spectrum; got values that are negative or not finite; "
                "give mean squares of coefficients"
            )
    return p, q


def _threshold(tau: float) -> float:
    if not 0 < tau < 0.5:
        raise ValueError(
            f"asked for the threshold tau = {tau}; got one outside (0, 1/2), which no pair or "
            "every pair passes; give for example 0.45"
        )
    return tau


def probability_clean(clean: Array, corrupted: Array, sigma: float) -> float:
    """E_q[c*]: the mean Bayes probability of clean, over corrupted data under noise sigma.

    Parameters
    ----------
    clean, corrupted : arrays of one shape
        Power spectra, mean squares of each coefficient, in the units of the data squared.
    sigma : float
        Noise, at least 0. At 0, a mode that only one of the laws has separates them: 0.

    Returns
    -------
    float
        In [0, 1/2], with an absolute error below 1e-12. Equal spectra give 1/2.
    """
    a = _contrasts(clean, corrupted, sigma)
    if a is None or _ceiling(a) < 1e-13:
        return 0.0
    if not len(a):
        return 0.5
    logs, total = float(np.log1p(-a).sum()), 0.0
    for w, weight in _panels(a, logs):
        turned = np.outer(w, a)  # [16, modes]
        envelope = np.exp(-0.25 * np.log1p(turned**2).sum(1))
        phase = 0.5 * (w * logs + np.arctan(turned).sum(1))
        total += float(weight @ (envelope * np.sin(phase) / np.sinh(math.pi * w)))
    return min(0.5, max(0.0, 0.5 + total))


def _contrasts(clean: Array, corrupted: Array, sigma: float) -> Array | None:
    """a_k of the modes that differ; None where the two laws are singular to each other."""
    p, q = _spectra(clean, corrupted)
    v, w = p + sigma**2, q + sigma**2
    if np.any((v == 0) != (w == 0)):
        return None
    differs = p != q
    a = (p - q)[differs] / v[differs]
    return None if np.any(a >= 1) else a  # 1 where sigma is lost beside S_p in rounding


def _ceiling(a: Array) -> float:
    """1/2 int sqrt(p q), at least E_q[c*] = int p q / (p + q) as p + q >= 2 sqrt(p q)."""
    return 0.5 * math.exp(float((0.25 * np.log1p(-a) - 0.5 * np.log1p(-a / 2)).sum()))


def _panels(a: Array, logs: float) -> Iterator[tuple[Array, Array]]:
    """Nodes and weights [16] of panels from 0 to where the integrand is below 1e-18."""
    widest = float(np.abs(a).max())

    def speed(w: float) -> float:
        return 0.5 * abs(logs + float((a / (1 + (w * a) ** 2)).sum()))

    start = 0.0
    while 0.25 * float(np.log1p((start * a) ** 2).sum()) + math.pi * start < 42:
        width = min(1.0, math.hypot(start, 1 / widest))
        width = min(width, 4 / max(speed(start), speed(start + width), 1e-300))
        yield start + width * (1 + _NODES) / 2, width * _WEIGHTS / 2
        start += width


def sigma_min(
    clean: Array,
    corrupted: Array,
    tau: float = 0.45,
    search: tuple[float, float] = (1e-3, 1e3),
    tolerance: float = 1e-6,
) -> float:
    """The smallest noise from which on E_q[c*] > tau, for the whole corrupted law.

    Parameters
    ----------
    clean, corrupted : arrays of one shape
        Power spectra, as in :func:`probability_clean`.
    tau : float
        Threshold in (0, 1/2).
    search : (float, float)
        The noise levels to search between.
    tolerance : float
        Relative error of the result, from bisection in log sigma.

    Returns
    -------
    float
        0 where corrupted data are accepted without noise; the lower end of the search where they
        are accepted there and not at 0; inf where they are not accepted at its upper end.
    """
    low, high = search
    if not 0 < low < high < math.inf:
        raise ValueError(f"asked to search {search}; got no interval; give 0 < low < high")
    _threshold(tau)

    def accepts(sigma: float) -> bool:
        a = _contrasts(clean, corrupted, sigma)
        if a is None or _ceiling(a) <= tau:
            return False
        return probability_clean(clean, corrupted, sigma) > tau

    if accepts(0.0):
        return 0.0
    if not accepts(high):
        return math.inf
    if accepts(low):
        return low
    while high > low * (1 + tolerance):
        middle = math.sqrt(low * high)
        low, high = (low, middle) if accepts(middle) else (middle, high)
    return high


def log_likelihood_ratios(
    coefficients: Array, clean: Array, corrupted: Array, sigma: float
) -> Array:
    """log p/q [n] in nats of coefficients [n, modes] that carry noise sigma already."""
    p, q = _spectra(clean, corrupted)
    x = np.asarray(coefficients, float).reshape(-1, len(p))  # [n, modes]
    v, w = p + sigma**2, q + sigma**2
    if not (v.min() > 0 and w.min() > 0):
        raise ValueError(
            f"asked for log likelihood ratios at noise {sigma}; got a mode without power, where "
            "there is no density; give a larger noise"
        )
    return 0.5 * float(np.log(w / v).sum()) + 0.5 * (x**2 @ (1 / w - 1 / v))


def sample_probabilities(
    coefficients: Array,
    clean: Array,
    corrupted: Array,
    sigmas: Array,
    generator: np.random.Generator,
    draws: int = 4,
) -> Array:
    """E_z[c*(x0 + sigma z)] [n, levels] of each sample x0, a mean over shared draws of z.

    Parameters
    ----------
    coefficients : array [n, modes]
        Coefficients of the samples without noise, in the basis of the spectra.
    clean, corrupted : arrays [modes]
        Power spectra.
    sigmas : array [levels]
        Positive noise levels.
    generator : numpy Generator
        Draws z [n, modes], ``draws`` times; its standard error is at most 1/2 / sqrt(draws).
    """
    p, q = _spectra(clean, corrupted)
    x = np.asarray(coefficients, float).reshape(-1, len(p))  # [n, modes]
    s = np.asarray(sigmas, float)
    if s.ndim != 1 or not len(s) or not (s > 0).all():
        raise ValueError(
            f"asked for noise levels {sigmas}; got one that is not positive, or none; "
            "give a list of positive ones"
        )
    v, w = p[:, None] + s**2, q[:, None] + s**2  # [modes, levels]
    slope = 1 / w - 1 / v
    fixed = 0.5 * np.log(w / v).sum(0) + 0.5 * (x**2 @ slope)  # [n, levels]
    total = np.zeros_like(fixed)
    for _ in range(draws):
        z = generator.standard_normal(x.shape)
        ratio = fixed + (x * z) @ slope * s + 0.5 * (z**2 @ slope) * s**2
        total += 0.5 * (1 + np.tanh(0.5 * ratio))
    return total / draws


def sample_sigma_min(
    coefficients: Array,
    clean: Array,
    corrupted: Array,
    sigmas: Array,
    generator: np.random.Generator,
    tau: float = 0.45,
    draws: int = 4,
) -> Array:
    """Each sample's smallest noise level from which on its probability of clean stays above tau.

    Arguments as in :func:`sample_probabilities`, with ``sigmas`` increasing. Returns [n]: a level
    of the grid, 0 for a sample accepted at every level, inf for one that is not at the last.
    """
    _threshold(tau)
    s = np.asarray(sigmas, float)
    if np.any(np.diff(s) <= 0):
        raise ValueError("asked for a crossing; got noise levels that do not increase; sort them")
    accepted = sample_probabilities(coefficients, clean, corrupted, s, generator, draws) > tau
    refused = np.where(accepted, 0, np.arange(1, len(s) + 1)).max(axis=1)  # levels below the last
    return np.concatenate([[0.0], s[1:], [math.inf]])[refused]
