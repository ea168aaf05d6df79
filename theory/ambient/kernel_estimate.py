"""The error of the Gaussian kernel estimate from n samples: measured, and bounded three ways.

Setting: W_1..W_n from p, ``p^_sigma(x) = 1/n sum_i phi_sigma(x - W_i)``, the optimum of denoising
score matching on these samples (``theory.kernel_density``). The quantity is E TV(p_sigma,
p^_sigma), here the mean over independent data sets with its standard error.

*Printed* (Daras et al. 2025, Theorem 4.1, the line of its proof with explicit constants). For p
supported in [0, 1] and lambda-Lipschitz, with probability at least 1 - delta, for any grid size L,

    TV <= lambda / (2 L) + 1 / (2 L sigma^2 sqrt(2 pi e))
          + sqrt(log(2 L / delta) / (4 pi sigma^2 n)),

with L = n max(lambda, 1), delta = 0.05. The printed proof integrates over [0, 1] alone, while both
densities have mass outside; the statement survives in every case measured. For a density that is
not Lipschitz on the line, or not supported in [0, 1], it says nothing.

*Sharper, derived here*, without smoothness, support or grid:

    E TV <= 1/2 int sqrt(Var K_sigma(x - X) / n) dx                                (expectation)
    P(TV >= E TV + theta(D / sigma) sqrt(log(1 / delta) / (2 n))) <= delta         (quantile)

Proof of the first: E|p^ - p_sigma|(x) <= sqrt(Var p^(x)) by Jensen; integrate. The variance is
known, as a Gaussian squared is a Gaussian: ``E K_sigma(x - X)^2 = p_{sigma/sqrt 2}(x) / (2 sigma
sqrt pi)``, less p_sigma(x)^2. Proof of the second: to replace one sample moves p^ by at most
theta(D / sigma) / n in total variation, hence TV by no more; McDiarmid's inequality with these
differences. The bound on the 0.95 quantile adds the two with delta = 0.05.

Rates: 1/sqrt(n) always; for sigma far below the spread the expectation behaves as
``1/2 int sqrt(p) / sqrt(2 sigma n sqrt pi)``, for sigma far above it as ``s / (pi sigma sqrt n)``
for the exact mean, s the standard deviation of p (there p^ - p_sigma is the error of the sample
mean times -phi_sigma'; E|N(0, s^2/n)| = s sqrt(2/(pi n)) and 1/2 int |phi'| = phi(0)). The printed
term has (sigma^2 n)^-1/2 at every sigma, and a logarithm.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.ambient.contraction import OMNI, dobrushin
from theory.density import Density, Noised, diameter
from theory.kernel_density import Array, Lattice, half_absolute_integral
from theory.law import Law, Params, Value
from theory.parameter import integer, line, positive
from theory.quadrature import integrate

DELTA = 0.05
CHUNK = 1 << 21  # samples that are drawn at once
MEMORY = 1 << 22  # numbers that the bins of one batch of data sets may take
Terms = tuple[float, float, float]  # of a bound, in 1, 1/sigma and 1/sigma^2


def error_of(p: Density, sigma: float, *parts: Array) -> Array:
    """TV(p_sigma, kernel estimate) of each data set, with more and more parts of its samples.

    ``parts`` are samples [datasets, n_i]; row j of the result [parts, datasets] uses parts 0..j.
    """
    smooth = p.under_noise(sigma)
    span = smooth.edges(1.0)
    low = min(span[0], *(part.min() for part in parts))
    high = max(span[-1], *(part.max() for part in parts))
    lattice = Lattice.over(low, high, sigma)
    rows = max(1, MEMORY // lattice.numbers)
    return np.concatenate(
        [
            _error_on(lattice, smooth, [part[start : start + rows] for part in parts])
            for start in range(0, len(parts[0]), rows)
        ],
        axis=1,
    )


def _error_on(lattice: Lattice, smooth: Noised, parts: list[Array]) -> Array:
    sums = [lattice.coefficients(part) for part in parts]
    steps = lattice.cell ** np.arange(3.0)[:, None]  # [3, 1]
    error = np.zeros((len(parts), len(parts[0])))
    for block in range(lattice.blocks):
        exact = steps * smooth.derivatives(lattice.ends(block))  # [3, cells + 1]
        total, n = np.zeros(1), 0
        for j, part in enumerate(parts):
            total = total + lattice.estimate(sums[j], block)  # [datasets, 3, cells + 1]
            n += part.shape[1]
            error[j] += half_absolute_integral(exact - total / n, lattice.cell)
    return error


def kernel_errors(
    p: Density, n: int, sigma: float, datasets: int, generator: np.random.Generator
) -> Array:
    """TV(p_sigma, kernel estimate of n samples of p) on independent data sets, [datasets]."""
    errors = []
    for start in range(0, datasets, rows := max(1, CHUNK // n)):
        samples = p.sample((min(rows, datasets - start), n), generator)
        errors.append(error_of(p, sigma, samples)[0])
    return np.concatenate(errors)


def mean_of(values: Array) -> Value:
    """The mean [k] -> its value and standard error; without one for a single value."""
    if len(values) < 2:
        return Value(float(values.mean()))
    return Value(float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values))))


def explicit_terms(lipschitz: float, n: int, delta: float = DELTA) -> Terms:
    """The explicit line in the proof of Theorem 4.1, for a density on [0, 1]."""
    grid = n * max(lipschitz, 1.0)
    return (
        lipschitz / (2 * grid),
        math.sqrt(math.log(2 * grid / delta) / (4 * math.pi * n)),
        1 / (2 * grid * math.sqrt(2 * math.pi * math.e)),
    )


def order_terms(lipschitz: float, n: int, delta: float = DELTA) -> Terms:
    """Theorem 4.1 as printed up to constants (equation 4.2), every constant set to one."""
    logs = math.log(n) + math.log(max(1.0, lipschitz)) + math.log(2 / delta)
    return 1 / n, math.sqrt(logs / n), 1 / n


def value_of(terms: Terms, sigma: float) -> float:
    """``terms[0] + terms[1] / sigma + terms[2] / sigma^2``."""
    return sum(term / sigma**power for power, term in enumerate(terms))


def theorem_4_1_applies(p: Density) -> bool:
    """Supported in [0, 1] and Lipschitz on the line."""
    low, high = p.support
    return low >= 0 and high <= 1 and math.isfinite(p.lipschitz)


def expectation_bound(p: Density, n: int, sigma: float) -> float:
    """``1/2 int sqrt(Var K_sigma(x - X) / n) dx``, an upper bound of the mean error."""
    smooth = p.under_noise(sigma)
    integral = integrate(lambda x: np.sqrt(smooth.kernel_variance(x)), smooth.edges(2.0))
    return 0.5 * integral / math.sqrt(n)


def quantile_margin(p: Density, n: int, sigma: float, delta: float = DELTA) -> float:
    """What the 1 - delta quantile of the error exceeds its mean by, at most (McDiarmid)."""
    return dobrushin(diameter(p, p) / sigma) * math.sqrt(math.log(1 / delta) / (2 * n))


@final
class KernelEstimate(Law):
    """The mean total variation of the kernel estimate; parameters p, n, sigma, datasets."""

    name = "ambient.kernel_estimate"
    statement = (
        "TV(p_sigma, kernel estimate) <= lambda/(2L) + 1/(2L sigma^2 sqrt(2 pi e)) "
        "+ sqrt(log(2L/delta) / (4 pi sigma^2 n)), L = n max(lambda, 1), delta = 0.05"
    )
    source = f"{OMNI}, Theorem 4.1, explicit line of the proof"
    unit = "1"
    tier = "tolerance"
    trivial = 1.0
    parameters: ClassVar = {
        "p": line("law of the data"),
        "n": integer("number of samples"),
        "sigma": positive("noise sigma"),
        "datasets": integer("independent data sets", default=400),
    }
    example: ClassVar = {"p": "beta(2,5)", "n": 100, "sigma": 0.3, "datasets": 200}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        p, n, sigma, datasets = self.read(params)
        return mean_of(kernel_errors(p, n, sigma, datasets, self.drawing(generator)))

    def printed(self, params: Params) -> Value | None:
        p, n, sigma, _ = self.read(params)
        if not theorem_4_1_applies(p):
            return None
        return Value(value_of(explicit_terms(p.lipschitz, n), sigma))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``expectation`` bounds the mean, ``quantile_bound`` the 0.95 quantile.

        With a generator also ``quantile``, the 0.95 quantile over the data sets that it draws.
        """
        p, n, sigma, datasets = self.read(params)
        bound = expectation_bound(p, n, sigma)
        values = {
            "expectation": Value(bound),
            "quantile_bound": Value(bound + quantile_margin(p, n, sigma)),
            "large_noise": Value(math.sqrt(p.variance / n) / (math.pi * sigma)),
        }
        if generator is not None:
            errors = kernel_errors(p, n, sigma, datasets, generator)
            values["quantile"] = Value(float(np.quantile(errors, 1 - DELTA)))
        return values
