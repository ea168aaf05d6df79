"""From which noise level on biased data help: the measured switch, the predicted one, the printed.

Two kernel estimates of the same density p at noise sigma (``theory.ambient.kernel_estimate``):

    e1 = E TV(p_sigma, estimate from n1 clean samples of p)
    e2 = E TV(p_sigma, estimate from the same n1 samples and n2 biased ones of q),

N = n1 + n2, w = n2 / N. The quantity is e2 / e1; biased data help where it is below 1. The data
sets are paired, the clean samples being shared, and the standard error is that of a ratio of
paired means, ``sd(e2_i - (e2/e1) e1_i) / (e1 sqrt(datasets))``.

*Printed* (Daras et al. 2025, section 4): an upper bound B1 of the clean error and B2 of the mixed
one; from B2 < B1 above some t_min the paper concludes that the biased data help from there on
(``theory.ambient.switching_bound``). That a bound crosses does not say that the errors do: the
verdict of the bounds is the sign of B1 - B2, to be held against the sign of e1 - e2. Where both
bounds are at least 1, the comparison is void. ``printed`` is B2 / B1 with the constants of the
proofs, whose bounds are bounds; ``order_ratio`` is the same with every constant one, as section 4
prints them.

*Sharper, derived here.* For sigma far above both spreads, expand the kernels about the mean of p:
the estimate differs from p_sigma by ``-A phi_sigma' + B phi_sigma'' + ...``, A the error of the
first moment and B half that of the second. For the clean estimate A ~ N(0, s^2 / n1) leads, so
that ``e1 = s / (pi sigma sqrt(n1))``. For the mixed one A has mean w dmu and variance
``(n1 s_p^2 + n2 s_q^2) / N^2``, B = w dM / 2, dmu and dM the differences of the first two moments
about the mean of p, and ``e2 = E g(A / sigma, B / sigma^2)`` with

    g(alpha, beta) = 1/2 int |alpha z + beta (z^2 - 1)| phi(z) dz
                   = 1/2 (|h(z-)| + |h(z+) - h(z-)| + |h(z+)|),     h(z) = -(alpha + beta z) phi(z)

the primitive, z-, z+ the two roots of alpha z + beta (z^2 - 1). Two regimes follow.

* *Means differ.* Both errors fall as 1/sigma: e2/e1 tends to a constant, about
  ``sqrt(pi/2) w |dmu| sqrt(n1) / s``. There is no switching point: biased data help at every large
  sigma or at none.
* *Means agree*, and moments first differ at order k >= 2 by m_k. The bias falls as
  ``w |m_k| / (k! sigma^k) c_k``, c_k = 1/2 int |He_k| phi, against ``s / (pi sigma sqrt(n1))``, so
  that

      sigma* = (pi w |m_k| c_k sqrt(n1) / (k! s))^(1 / (k-1)),

  ``pi phi(1) w |dVar| sqrt(n1) / s`` for k = 2: more clean data, a higher switch. It holds where
  sigma* is far above the spread, and leaves out the biased samples' own sampling error.

At sigma far below the spread the larger sample wins again, so that e2/e1 is not monotone.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.ambient.contraction import OMNI, SQRT_2PI, first_unmatched_moment, half_absolute_hermite
from theory.ambient.kernel_estimate import CHUNK, error_of, mean_of
from theory.ambient.switching_bound import Setting, explicit_bounds, order_bounds
from theory.law import Law, Params, Value
from theory.parameter import integer, line, positive
from theory.quadrature import Array, integrate


def paired_errors(
    setting: Setting, sigma: float, datasets: int, generator: np.random.Generator
) -> Array:
    """Total variation of the clean and of the mixed estimate on shared data sets [2, datasets]."""
    rows = max(1, CHUNK // (setting.n1 + setting.n2))
    parts = []
    for start in range(0, datasets, rows):
        size = min(rows, datasets - start)
        clean = setting.p.sample((size, setting.n1), generator)
        biased = setting.q.sample((size, setting.n2), generator)
        parts.append(error_of(setting.p, sigma, clean, biased))
    return np.concatenate(parts, axis=1)


_LAST: dict[tuple[Setting, float, int, str], Array] = {}


def errors_once(
    setting: Setting, sigma: float, datasets: int, generator: np.random.Generator
) -> Array:
    """:func:`paired_errors`, not computed again for a generator in the state of the last call."""
    key = (setting, sigma, datasets, repr(generator.bit_generator.state))
    if key not in _LAST:
        found = paired_errors(setting, sigma, datasets, generator)
        _LAST.clear()
        _LAST[key] = found
    return _LAST[key]


def ratio_of(clean: Array, mixed: Array) -> Value:
    """The ratio of the means of paired values [k], with the delta method's standard error."""
    ratio = float(mixed.mean() / clean.mean())
    if len(clean) < 2:
        return Value(ratio)
    residual = mixed - ratio * clean
    return Value(ratio, float(residual.std(ddof=1) / (abs(clean.mean()) * math.sqrt(len(clean)))))


def two_moments(alpha: Array, beta: float) -> Array:
    """``g(alpha, beta) = 1/2 int |alpha z + beta (z^2 - 1)| phi(z) dz`` for alpha [k]."""
    if beta == 0:
        return np.abs(alpha) / SQRT_2PI
    both = alpha + np.copysign(np.hypot(alpha, 2 * beta), alpha)  # without cancellation
    with np.errstate(over="ignore"):
        large = np.clip(-both / (2 * beta), -100, 100)  # where phi is 0
    first, second = (
        -(alpha + beta * z) * np.exp(-0.5 * z * z) / SQRT_2PI for z in (large, 2 * beta / both)
    )
    return 0.5 * (np.abs(first) + np.abs(first - second) + np.abs(second))


def large_noise_errors(setting: Setting, sigma: float) -> tuple[float, float]:
    """e1 and e2 for sigma far above both spreads, from the first two moments."""
    p, q, n1, n2 = setting.p, setting.q, setting.n1, setting.n2
    centre = p.mean
    shift = setting.share * q.moment(1, centre)
    beta = setting.share * (q.moment(2, centre) - p.variance) / (2 * sigma**2)
    spread = math.sqrt(n1 * p.variance + n2 * q.variance) / (n1 + n2)

    def integrand(t: Array) -> Array:
        return two_moments((shift + spread * t) / sigma, beta) * np.exp(-0.5 * t * t) / SQRT_2PI

    kink = -shift / spread if spread > 0 else 0.0
    edges = np.unique(np.concatenate([np.linspace(-10, 10, 21), np.clip([kink], -10, 10)]))
    mixed = integrate(integrand, edges, tolerance=1e-18)
    return math.sqrt(p.variance / n1) / (math.pi * sigma), mixed


def predicted_switch(setting: Setting) -> float | None:
    """sigma*, above which biased data help at large noise; None where no switch exists.

    None where the means differ (e2/e1 tends to a constant), and where no moment differs.
    """
    unmatched = first_unmatched_moment(setting.p, setting.q)
    if unmatched is None or unmatched.order == 1:
        return None
    k, difference = unmatched
    bias = setting.share * abs(difference) / math.factorial(k) * half_absolute_hermite(k)
    return (math.pi * bias * math.sqrt(setting.n1 / setting.p.variance)) ** (1 / (k - 1))


@final
class SwitchingPoint(Law):
    """e2 / e1 against B2 / B1; parameters p, q, n1, n2, sigma, datasets."""

    name = "ambient.switching_point"
    statement = (
        "n2 biased samples beside n1 clean ones help from the noise level on at which B2 < B1, "
        "B2 = b(lambda~, N, sigma) + (n2/N) TV(p, q) D / (2 sigma), B1 = b(lambda_1, n1, sigma)"
    )
    source = f"{OMNI}, section 4, Theorems 4.1 and 4.2 combined"
    unit = "1"
    tier = "tolerance"
    parameters: ClassVar = {
        "p": line("law of the clean data"),
        "q": line("law of the biased data"),
        "n1": integer("clean samples"),
        "n2": integer("biased samples"),
        "sigma": positive("noise sigma"),
        "datasets": integer("independent data sets", default=400),
    }
    example: ClassVar = {
        "p": "beta(2,2)",
        "q": "beta(4,4)",
        "n1": 100,
        "n2": 900,
        "sigma": 1.0,
        "datasets": 150,
    }

    def _read(self, params: Params) -> tuple[Setting, float, int]:
        values = self.read(params)
        if values[0].variance == 0:
            raise self.refuse(
                f"p={params['p']!r}, without spread, whose clean estimate has no error to compare "
                "with",
                "give one with a variance",
            )
        return Setting(*values[:4]), values[4], values[5]

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        setting, sigma, datasets = self._read(params)
        return ratio_of(*errors_once(setting, sigma, datasets, self.drawing(generator)))

    def printed(self, params: Params) -> Value | None:
        setting, sigma, _ = self._read(params)
        if (bounds := explicit_bounds(setting)) is None:
            return None
        clean, mixed = bounds.at(sigma)
        return Value(mixed / clean)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The ratio at large noise and the printed bounds; with a generator also e1 and e2."""
        setting, sigma, datasets = self._read(params)
        clean, mixed = large_noise_errors(setting, sigma)
        values = {"asymptotic_ratio": Value(mixed / clean)}
        explicit, order = explicit_bounds(setting), order_bounds(setting)
        if explicit is not None and order is not None:
            clean_bound, mixed_bound = explicit.at(sigma)
            clean_order, mixed_order = order.at(sigma)
            values["bound_clean"], values["bound_mixed"] = Value(clean_bound), Value(mixed_bound)
            values["order_ratio"] = Value(mixed_order / clean_order)
        if generator is not None:
            errors = errors_once(setting, sigma, datasets, generator)
            values["e1"], values["e2"] = mean_of(errors[0]), mean_of(errors[1])
        return values

    def void(self, params: Params) -> bool:
        setting, sigma, _ = self._read(params)
        bounds = explicit_bounds(setting)
        return bounds is None or min(bounds.at(sigma)) >= 1.0
