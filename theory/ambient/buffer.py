"""Why annotated samples need a buffer, and what the buffer caps.

Notation as in ``theory.ambient.minimiser``. The weight ``lambda_amb = sigma^4 / (sigma^2 -
sigma_n^2)^2`` is infinite at the annotated level. A sample is therefore admitted from sigma = b
sigma_n on, b > 1, and b is set by a cap s_max: ``b^2 = 1 + 1 / (s_max - 1)``, s_max = 4 by default.

*The cap* (``BufferCap``). Printed (Daras et al. 2025, appendix, equation C.2): the buffer bounds
the weight, lambda_amb <= s_max. What this b bounds is the ratio ``sigma^2 / (sigma^2 - sigma_n^2) =
1 / alpha <= s_max``, for ``1 / alpha = b^2 / (b^2 - 1) = s_max`` at the buffer; the weight is its
square, so that lambda_amb <= s_max^2 and nothing less: 16 in place of 4. The buffer that caps the
weight at s_max has sqrt(s_max) in place of s_max in b. A comparison of "clip the weight at 4" with
"buffer of 4" is thus one of unequal caps. A buffer that is added, sigma > sigma_n + a, caps nothing
by itself: a = 0.05 at sigma_n = 2 admits weights up to 431.

*The need* (``BufferLoss``, derived here). On a Gaussian mode of standard deviation s the weighted
loss of a perfect denoiser is R(sigma) = (1 + sigma_n^2/s^2) / (1 - sigma_n^2/sigma^2)
(``theory.ambient.variance_price``); at the optimum the gradient of the loss has mean zero, and its
variance, for one sample, is proportional to the same R. With ln sigma ~ N(mean, deviation^2) in
training (Karras et al. 2022) and the samples admitted from (1 + g) sigma_n on,

    L(g) = E[R(sigma); sigma > (1 + g) sigma_n] = A ln(1 / ln(1 + g)) + C + O(g),
    A = (1 + sigma_n^2 / s^2) f(0) / 2,      f the normal density of v = ln(sigma / sigma_n).

Proof. ``R = (1 + sigma_n^2/s^2) r(v)``, r(v) = 1/(1 - exp(-2 v)) = 1/(2 v) + 1/2 + O(v): as f is
smooth at 0, ``f r - f(0)/(2 v)`` is bounded there; integrate from ln(1 + g), and let C collect
``(1 + sigma_n^2/s^2) (int_0^1 (f r - f(0)/(2 v)) dv + int_1^inf f r dv)``. So L has no limit:
without a buffer the expected loss is infinite, and what the levels between g^2 and g add, ``rest``,
does not vanish with g but tends to A ln(1/g). The divergence is a logarithm: on few draws it passes
for a finite number with a heavy tail, a share g f(0) of them being larger than 1/(2 g).
"""

import math
from collections.abc import Callable
from typing import ClassVar, final

import numpy as np
from scipy import stats

from theory.ambient.contraction import OMNI
from theory.law import Law, Params, Value
from theory.parameter import positive, real
from theory.quadrature import Array, integrate

PANELS = 1_000_000  # of the quadrature over ln sigma, at most


def buffer(cap: float) -> float:
    """b such that ``sigma^2 / (sigma^2 - sigma_n^2) <= cap`` from b sigma_n on; cap > 1."""
    return math.sqrt(cap / (cap - 1))


def largest_weight(b: float) -> float:
    """The largest lambda_amb from b sigma_n on, at its lower end; b > 1."""
    return float((b * b / ((b - 1) * (b + 1))) ** 2)


def expected_loss(
    spread: float, sigma_n: float, gap: float, upto: float, log_mean: float, log_deviation: float
) -> float:
    """E[R(sigma); (1 + gap) sigma_n < sigma < (1 + upto) sigma_n]; ``upto`` may be inf."""
    level, density = _density(sigma_n, log_mean, log_deviation)
    low = math.log1p(gap)
    high = max(0.0, -level * log_deviation) + 12 * log_deviation if upto == math.inf else (
        math.log1p(upto)
    )  # fmt: skip
    if high <= low:
        return 0.0

    def integrand(v: Array) -> Array:
        return density(v) / -np.expm1(-2 * v)

    _check_panels(high, log_deviation)
    steps = math.ceil(math.log2(high / low)) + 1
    fine = np.arange(low, high, log_deviation / 4)
    edges = np.unique(np.concatenate([np.geomspace(low, high, steps + 1), fine]))
    return _factor(spread, sigma_n) * integrate(integrand, edges)


def logarithm(
    spread: float, sigma_n: float, log_mean: float, log_deviation: float
) -> tuple[float, float]:
    """A and C of ``L = A ln(1 / ln(1 + g)) + C``."""
    level, density = _density(sigma_n, log_mean, log_deviation)
    start = float(density(np.zeros(1))[0])

    def regular(v: Array) -> Array:
        # 1/(1 - exp(-2 v)) - 1/(2 v) = 1/2 + v/6 + ..., and f(v) - f(0), each over its own v
        ratio = 0.5 + np.where(v < 1e-2, v / 6 - v**3 / 90, 0.0)
        large = np.where(v < 1e-2, 1.0, v)
        ratio = np.where(v < 1e-2, ratio, 1 / -np.expm1(-2 * large) - 0.5 / large)
        rise = np.expm1(-0.5 * v * (v + 2 * level * log_deviation) / log_deviation**2)
        return density(v) * ratio + start * rise / (2 * v)

    high = max(1.0, -level * log_deviation) + 12 * log_deviation
    _check_panels(high, log_deviation)
    near = np.linspace(0.0, 1.0, 2 + math.ceil(4 / log_deviation))
    far = np.linspace(1.0, high, 2 + math.ceil(4 * (high - 1) / log_deviation))
    constant = integrate(regular, near)
    constant += integrate(lambda v: density(v) / -np.expm1(-2 * v), far)
    factor = _factor(spread, sigma_n)
    return factor * start / 2, factor * constant


def _check_panels(high: float, log_deviation: float) -> None:
    """Refuse panels of a quarter deviation up to ``high`` that no memory holds."""
    panels = 4 * high / log_deviation
    if not panels <= PANELS:
        raise ValueError(
            f"asked for an expectation over ln sigma of deviation {log_deviation:g}; got "
            f"{panels:.3g} panels up to {high:.6g} above the annotated level, more than "
            f"{PANELS:.0e}; give a larger deviation of ln sigma"
        )


def _density(
    sigma_n: float, log_mean: float, log_deviation: float
) -> tuple[float, Callable[[Array], Array]]:
    """Where sigma_n lies, in deviations, and the density of v = ln(sigma / sigma_n)."""
    level = (math.log(sigma_n) - log_mean) / log_deviation
    return level, lambda v: stats.norm.pdf(level + v / log_deviation) / log_deviation


def _factor(spread: float, sigma_n: float) -> float:
    return 1 + (sigma_n / spread) ** 2


@final
class BufferCap(Law):
    """The largest weight that the buffer admits, against the printed cap; parameter cap."""

    name = "ambient.buffer_cap"
    statement = (
        "from sigma = b sigma_n on, b^2 = 1 + 1 / (s_max - 1), the weight of an annotated sample "
        "is at most s_max: lambda_amb <= s_max"
    )
    source = f"{OMNI}, appendix, equation C.2"
    unit = "1"
    parameters: ClassVar = {"cap": positive("s_max, above 1", default=4.0)}
    example: ClassVar = {"cap": 4.0}

    def _read(self, params: Params) -> float:
        (cap,) = self.read(params)
        if cap <= 1:
            raise self.refuse(f"cap={cap:g}, which no noise level reaches", "give one above 1")
        return float(cap)

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(largest_weight(buffer(self._read(params))))

    def printed(self, params: Params) -> Value | None:
        return Value(self._read(params))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``square``, the buffer b as it is set, and the one that caps the weight itself."""
        cap = self._read(params)
        return {
            "square": Value(cap**2),
            "buffer": Value(buffer(cap)),
            "weight_buffer": Value(buffer(math.sqrt(cap))),
        }


@final
class BufferLoss(Law):
    """Expected weighted loss beyond a gap against its logarithm; spread, sigma_n, gap, noise."""

    name = "ambient.buffer_loss"
    statement = (
        "the weighted loss of annotated samples from (1 + g) sigma_n on, expected over training "
        "noise, diverges as g falls: A ln(1 / ln(1 + g)) + C"
    )
    source = f"derived here for the loss of {OMNI}, section 3; noise of Karras et al. 2022"
    unit = "1"
    parameters: ClassVar = {
        "spread": positive("standard deviation s of the data"),
        "sigma_n": positive("annotated noise level"),
        "gap": positive("g, by how much of sigma_n the buffer lies above it"),
        "log_mean": real("mean of ln sigma in training", default=-1.2),
        "log_deviation": positive("standard deviation of ln sigma in training", default=1.2),
    }
    example: ClassVar = {"spread": 0.5, "sigma_n": 0.2, "gap": 0.01}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        spread, sigma_n, gap, log_mean, log_deviation = self.read(params)
        return Value(expected_loss(spread, sigma_n, gap, math.inf, log_mean, log_deviation))

    def printed(self, params: Params) -> Value | None:
        spread, sigma_n, gap, log_mean, log_deviation = self.read(params)
        slope, constant = logarithm(spread, sigma_n, log_mean, log_deviation)
        return Value(constant - slope * math.log(math.log1p(gap)))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``rest``, what the levels between g^2 and g add, for g < 1, and the slope A."""
        spread, sigma_n, gap, log_mean, log_deviation = self.read(params)
        slope, _ = logarithm(spread, sigma_n, log_mean, log_deviation)
        values = {"slope": Value(slope)}
        if gap < 1:
            rest = expected_loss(spread, sigma_n, gap**2, gap, log_mean, log_deviation)
            values["rest"] = Value(rest)
        return values
