"""The level that a classifier would give blurred images, for a spectrum |f|^-a, without training.

Images are modelled as Gaussian fields, independent in the cosine modes (i, j) of each colour, with
power proportional to (i^2 + j^2)^(-a/2), none at (0, 0), and a given variance a pixel; a blur
multiplies them by the squared response of its kernel. The kernel is the discrete one, ``exp(-k^2 /
(2 width^2))`` on whole pixels k, normalised: at width 0.4 its response at the highest frequency is
0.84, where the continuous Gaussian has exp(-pi^2 width^2 / 2) = 0.45.

*Rule* (Daras et al. 2025, section 3.1): blurred images are used from the smallest sigma on from
which the optimal classifier's mean probability of clean over blurred images stays above 1/2 -
epsilon. ``theory.ambient.spectral_annotator`` gives that probability in closed form.

*Printed* (section 4): this is the first sigma at which TV(p_sigma, q_sigma) <= epsilon. Total
variation between two centred Gaussians has a closed form too (derived here). With L = log p/q,

    TV = P_q(L < 0) - P_p(L < 0) = 1/pi int_0^inf Im(psi_p(w) - psi_q(w)) / w dw

by Gil-Pelaez (1951), psi the characteristic functions of L under q and p,

    psi_q(w) = prod_k (1 - a_k)^(i w/2) (1 - i w a_k)^(-1/2),   a_k = (S_p - S_q) / (S_p + sigma^2),
    psi_p(w) = prod_k (1 - a_k)^(i w/2) (1 - i w c_k)^(-1/2),   c_k = a_k / (1 - a_k),

since E_p e^(i w L) = E_q e^((1 + i w) L). Each is integrated by Gauss-Legendre panels of 16 nodes
until its modulus is below 1e-18; with hundreds of modes that is near w = 10 / sqrt(sum a_k^2).
Where a blur leaves nothing of a mode, a_k is 1 to rounding: the overlap int sqrt(p q), which is at
least 1 - TV and 2 E_q[c*], is then all but 0, and neither is integrated where it is below 1e-16.
The same panels with 1/sinh(pi w) in place of 1/(pi w) give E_q[c*] - 1/2
(``theory.ambient.spectral_annotator``).

*What follows* (``theory.ambient.threshold_rule``): the rule's level lies between the levels at
which TV is sqrt(2 epsilon) and 2 epsilon. With many modes, none of which decides alone, L is
nearly normal with variance d^2 and mean -+d^2/2, d^2 = 1/2 sum a_k^2, as for two normals d apart:
to leading order E_q[c*] = 1/2 - d^2/8 and TV = d / sqrt(2 pi). The rule stops near d^2 = 8 epsilon,
where TV is 2 sqrt(epsilon / pi): at epsilon = 0.05 a quarter, 0.26 without the approximation, five
times epsilon whatever the spectrum. As a_k falls like 1/sigma^2, the printed level is sqrt(5) times
the rule's, or somewhat more where sigma^2 is not yet far above the powers.

*Void of* what the spectrum does not hold: phases, edges, quantisation; a corruption that the clean
data share (JPEG of JPEG).
"""

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import ClassVar, final

import numpy as np

from theory.ambient.contraction import OMNI
from theory.ambient.crossing import first_at_most
from theory.law import Law, Params, Value
from theory.mixture import Array
from theory.parameter import inside, integer, positive

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
NOTHING = 1e-16  # an overlap of two laws that is none to rounding


def power_law(side: int, exponent: float, variance: float) -> Array:
    """Powers [side, side] of the cosine modes, ``(i^2 + j^2)^(-exponent/2)``, none at (0, 0)."""
    f = np.hypot.outer(np.arange(side), np.arange(side))
    f[0, 0] = np.inf
    spectrum = f**-exponent
    return np.asarray(spectrum * (variance * side**2 / spectrum.sum()))


def blur_gain(width: float, side: int) -> Array:
    """Squared responses [side, side] of the discrete Gaussian kernel on the cosine modes."""
    k = np.arange(-math.ceil(9 * width), math.ceil(9 * width) + 1)
    kernel = np.exp(-0.5 * (k / width) ** 2)
    response = np.cos(np.pi * np.outer(np.arange(side), k) / side) @ (kernel / kernel.sum())
    return np.outer(response, response) ** 2


def total_variation(clean: Array, corrupted: Array, sigma: float) -> float:
    """TV in [0, 1] of centred Gaussians with these variances [modes] under noise sigma.

    For ten differing modes or more, of which none vanishes under either law: the integral's
    length grows as exp(80 / modes).
    """
    p, q = np.ravel(clean), np.ravel(corrupted)
    differs = p != q
    if not differs.any():
        return 0.0
    p, q = p[differs] + sigma**2, q[differs] + sigma**2
    if len(p) < 10 or min(p.min(), q.min()) <= 0:
        raise ValueError(
            f"asked for the total variation of {len(p)} modes at noise {sigma:g}; got fewer than "
            "10 that differ, or one without variance; give more modes or noise"
        )
    if _overlap(p, q) < NOTHING:
        return 1.0
    logs = _log_ratio(p, q)
    below = [
        _inverted(*_distinct(a), logs, lambda w: 1 / (math.pi * w))
        for a in ((p - q) / p, (p - q) / q)
    ]
    return min(1.0, max(0.0, below[1] - below[0]))


def mean_probability(clean: Array, corrupted: Array, sigma: float) -> float:
    """E_q[c*] of the same, as ``spectral_annotator.probability_clean``, by distinct modes."""
    p, q = np.ravel(clean), np.ravel(corrupted)
    differs = p != q
    p, q = p[differs] + sigma**2, q[differs] + sigma**2
    if not len(p):
        return 0.5
    if _overlap(p, q) < NOTHING:
        return 0.0
    return max(0.0, 0.5 + _inverted(*_distinct((p - q) / p), _log_ratio(p, q), _logistic))


def _overlap(p: Array, q: Array) -> float:
    """``int sqrt(p q)`` of centred Gaussians with these variances [modes], not both 0 in any."""
    with np.errstate(divide="ignore"):  # a mode that one of them lacks: no overlap
        return math.exp(0.25 * float(np.log(4 * (p / (p + q)) * (q / (p + q))).sum()))


def _log_ratio(p: Array, q: Array) -> float:
    """``sum log(q / p)`` [modes], to rounding both where q is close to p and where it is far."""
    close = q > p / 2
    near = np.log1p((q[close] - p[close]) / p[close]).sum()
    return float(near + np.log(q[~close] / p[~close]).sum())


def _distinct(a: Array) -> tuple[Array, Array]:
    """The distinct values, with how often each occurs."""
    values, count = np.unique(a, return_counts=True)
    return values, count.astype(float)


def _logistic(w: Array) -> Array:
    """1 / sinh(pi w), without overflow."""
    return -2 * np.exp(-math.pi * w) / np.expm1(-2 * math.pi * w)


def _inverted(a: Array, count: Array, logs: float, kernel: Callable[[Array], Array]) -> float:
    """``int Im psi(w) kernel(w) dw``, psi = e^(i w logs/2) prod (1 - i w a_k)^(-count_k / 2)."""
    total = 0.0
    for w, weight in _panels(a, count, logs):
        turned = np.outer(w, a)  # [16, modes]
        modulus = np.exp(-0.25 * (np.log1p(turned**2) @ count))
        phase = 0.5 * (w * logs + np.arctan(turned) @ count)
        total += float(weight @ (modulus * np.sin(phase) * kernel(w)))
    return total


def _panels(a: Array, count: Array, logs: float) -> Iterator[tuple[Array, Array]]:
    """Nodes and weights [16]: no wider than the nearest singularity or 4 radians of phase."""
    widest = float(np.abs(a).max())

    def speed(w: float) -> float:
        return 0.5 * abs(logs + float((a / (1 + (w * a) ** 2)) @ count))

    start = 0.0
    while 0.25 * float(np.log1p((start * a) ** 2) @ count) < 42:
        width = math.hypot(start, min(1.0, 1 / widest))  # 1: the pole of 1 / sinh(pi w)
        width = min(width, 4 / max(speed(start), speed(start + width), 1e-300))
        yield start + width * (1 + _NODES) / 2, width * _WEIGHTS / 2
        start += width


def _falling_from(clean: Array, corrupted: Array) -> float:
    """A noise of the size at which the modes that differ most are lost."""
    return math.sqrt(float(np.abs(clean - corrupted).max())) or 1.0


def accepted_level(clean: Array, corrupted: Array, epsilon: float) -> float:
    """The smallest noise from which on E_q[c*] >= 1/2 - epsilon; 0 where none is needed."""
    return first_at_most(
        lambda sigma: 0.5 - mean_probability(clean, corrupted, sigma),
        epsilon,
        _falling_from(clean, corrupted),
    )


def distance_level(clean: Array, corrupted: Array, distance: float) -> float:
    """The smallest noise from which on TV <= distance; 0 where none is needed."""
    return first_at_most(
        lambda sigma: total_variation(clean, corrupted, sigma),
        distance,
        _falling_from(clean, corrupted),
    )


@lru_cache(maxsize=64)
def _levels(
    exponent: float, width: float, epsilon: float, side: int, colours: int, variance: float
) -> tuple[float, float, float]:
    """The rule's level, TV there, and the level at which TV is epsilon."""
    clean = power_law(side, exponent, variance)
    corrupted = clean * blur_gain(width, side)
    p, q = (np.tile(spectrum.ravel(), colours) for spectrum in (clean, corrupted))
    level = accepted_level(p, q, epsilon)
    return level, total_variation(p, q, level), distance_level(p, q, epsilon)


@final
class AnnotationLevel(Law):
    """The rule's level for a blurred power law; exponent, width, epsilon, side, colours."""

    name = "ambient.annotation_level"
    statement = (
        "blurred images are accepted, E_q[c*] > 1/2 - epsilon, from the first noise level on at "
        "which TV(p_sigma, q_sigma) <= epsilon"
    )
    source = f"{OMNI}, sections 3.1 and 4; on a Gaussian field with a power-law spectrum"
    unit = "units of a pixel"
    parameters: ClassVar = {
        "exponent": positive("a of the spectrum |f|^-a"),
        "width": positive("width of the blur in pixels"),
        "epsilon": inside("how far below 1/2 the threshold lies", 0.0, 0.5, default=0.05),
        "side": integer("pixels along the image", least=6, default=32),
        "colours": integer("colours, alike and independent", default=3),
        "variance": positive("variance of a pixel", default=0.25),
    }
    example: ClassVar = {"exponent": 2.4, "width": 0.6, "side": 8}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(_levels(*self.read(params))[0])

    def printed(self, params: Params) -> Value | None:
        return Value(_levels(*self.read(params))[2])

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """TV at the rule's level."""
        return {"tv": Value(_levels(*self.read(params))[1], unit="1")}
