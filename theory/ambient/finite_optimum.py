"""With finitely many samples the two losses part: a fixed noise for each image costs accuracy.

Notation as in ``theory.ambient.minimiser``; n corrupted samples w_1..w_n of q. The losses have one
population minimiser, and their minimisers over all functions, on the samples alone, are posterior
means under empirical laws (a kernel regression each, as eq. 4.1 of Daras et al. 2025 says of the
score):

    plain    h(x) = sum_i w_i phi_sigma(x - w_i) / sum_i phi_sigma(x - w_i)
    fixed    h(x) = x + (m(x) - x) / alpha,    m the same with x_i = w_i + sigma_n Z_i in place of
             w_i and sqrt(Delta) in place of sigma: one draw Z_i an image, kept for all epochs
    fresh    the ambient minimiser where Z_i is drawn anew at every visit

*Statements, derived here.* (i) fresh = plain, exactly and at every n: the law that the ambient loss
then averages over has w0 distributed as the empirical law of w, and the theorem of the population
(``theory.ambient.minimiser``) applies to that law as to any other. (ii) fixed is another estimate
of the same E_q[w0 | x]: it sees x_i alone, so that it cannot give back any w_i, and pays in
variance. Both errors fall as 1/n; at fixed sigma the ratio of their mean squared errors, over x ~
q_sigma, tends to the ratio of

    V = int E[(u - m(x))^2 k(x - u)^2] / q_sigma(x) dx    of    (u, k) = (w, phi_sigma)

to ``V / alpha^2`` of (x_n, phi_sqrt(Delta)), by the delta method for a ratio of means. As
``phi_b^2 = phi_{b/sqrt 2} / (2 b sqrt pi)``, the inner mean is a moment of the posterior of u under
the noise b/sqrt 2, closed for a mixture; one quadrature remains (``limit``). Its integrand reaches
far beyond the data where the kernel is narrow, over a width of sqrt(2) v / b for a normal of
variance v: there no sample is near at any usual n, and the limit is reached late.

*Printed.* That the losses are interchangeable, which is so for their population minimisers, would
have the ratio 1 (the authors' released tools call the change of loss optional).
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.ambient.contraction import OMNI
from theory.ambient.kernel_estimate import mean_of
from theory.ambient.minimiser import MIXTURE, NOISES, ambient_minimiser, gap, line_mixture
from theory.ambient.switching_point import ratio_of
from theory.law import Law, Params, Value
from theory.mixture import Array, Mixture
from theory.parameter import integer
from theory.quadrature import integrate

NARROWEST = 1e-4  # kernel, in standard deviations of a component: below, log densities cancel
POINTS = 32  # places x ~ q_sigma at which each data set is judged


def kernel_mean(x: Array, data: Array, width: float) -> Array:
    """Posterior means [m] at x [m] of the empirical law of data [n] under noise ``width``."""
    exponent = -0.5 * ((x[:, None] - data) / width) ** 2  # [m, n]
    exponent -= exponent.max(axis=1, keepdims=True)
    mass = np.exp(exponent, out=exponent)
    return np.asarray((mass @ data) / mass.sum(axis=1))


def squared_errors(
    q: Mixture,
    n: int,
    sigma_n: float,
    sigma: float,
    datasets: int,
    generator: np.random.Generator,
    fresh: bool = False,
) -> Array:
    """Mean squared errors of plain and fixed [2, datasets]; of fresh as well [3, datasets].

    Every data set is judged at its own ``POINTS`` draws of q_sigma, shared by the estimates.
    """
    delta = gap("ambient.finite_optimum", sigma, sigma_n)
    alpha, noised = delta / sigma**2, q.noised(sigma)
    found = np.empty((3 if fresh else 2, datasets))
    for j in range(datasets):
        data = q.sample(n, generator)[:, 0]
        fixed = data + sigma_n * generator.standard_normal(n)
        x = noised.sample(POINTS, generator)
        truth, at = q.denoise(x, sigma)[:, 0], x[:, 0]
        estimates = [
            kernel_mean(at, data, sigma),
            at + (kernel_mean(at, fixed, math.sqrt(delta)) - at) / alpha,
        ]
        if fresh:
            seen = Mixture(np.full(n, 1 / n), data[:, None], np.array(sigma_n**2))
            estimates.append(ambient_minimiser(seen, x, sigma, sigma_n)[:, 0])
        found[:, j] = [np.mean((estimate - truth) ** 2) for estimate in estimates]
    return found


def limit_ratio(q: Mixture, sigma_n: float, sigma: float) -> float:
    """The limit for large n of the ratio of mean squared errors, fixed to plain."""
    delta = gap("ambient.finite_optimum", sigma, sigma_n)
    fixed = _kernel_variance(q.noised(sigma_n), math.sqrt(delta))
    return fixed / _kernel_variance(q, sigma) / (delta / sigma**2) ** 2


def _kernel_variance(law: Mixture, width: float) -> float:
    """``int E[(u - m(x))^2 phi_width(x - u)^2] / p(x) dx``, p the density of u under noise."""
    means, v = law.means[:, 0], law.covariances
    if width < NARROWEST * math.sqrt(float(v.max())):
        raise ValueError(
            f"asked for the limit of many samples under a kernel of width {width:g}; got a "
            f"component of deviation {math.sqrt(float(v.max())):g}, more than "
            f"{1 / NARROWEST:.0e} times as wide; give more noise or a smaller deviation"
        )
    noised, sharp = law.noised(width), law.noised(width / math.sqrt(2))
    gain = v / (v + width**2 / 2)  # [k], of the posterior of u under noise width / sqrt 2

    def integrand(x: Array) -> Array:
        column = x[:, None]
        g = sharp.responsibilities(column)  # [m, k]
        offset = means + gain * (column - means) - law.denoise(column, width)  # [m, k]
        square = (g * (offset**2 + gain * width**2 / 2)).sum(1)
        log_ratio = sharp.log_density(column) - noised.log_density(column)
        return np.asarray(square * np.exp(log_ratio))

    # sharp / noised falls as exp(-x^2 / (2 r^2)), 1/r^2 = 1/(v + width^2/2) - 1/(v + width^2)
    reach = 12 * np.sqrt((v + width**2) * (v + width**2 / 2) * 2 / width**2)
    scales = np.concatenate([reach, 12 * np.sqrt(v + width**2)])
    steps = np.linspace(-1, 1, 65)
    edges = np.concatenate([m + r * steps for m, r in zip(np.tile(means, 2), scales)])
    size = width**2 * float(reach.max()) / 24  # of the integral, as order of magnitude
    found = integrate(integrand, np.unique(edges), max(1e-15, 1e-13 * size))
    return found / (2 * width * math.sqrt(math.pi))


@final
class FiniteOptimum(Law):
    """Ratio of squared errors, fixed noise to plain; a mixture, n, sigma_n, sigma, datasets."""

    name = "ambient.finite_optimum"
    statement = (
        "from n samples the optimum of the ambient loss, with one fixed noise a sample, is as good "
        "as that of the plain loss: the ratio of their mean squared errors is 1"
    )
    source = f"{OMNI}, section 3, read for finitely many samples; ratio and limit derived here"
    unit = "1"
    tier = "tolerance"
    parameters: ClassVar = {
        **MIXTURE,
        "n": integer("corrupted samples", least=2),
        **NOISES,
        "datasets": integer("independent data sets", least=2, default=400),
    }
    example: ClassVar = {
        "weights": [0.3, 0.7],
        "means": [-1.0, 0.5],
        "deviation": 0.2,
        "n": 100,
        "sigma_n": 0.2,
        "sigma": 0.3,
        "datasets": 100,
    }

    def _read(self, params: Params) -> tuple[Mixture, int, float, float, int]:
        shares, means, deviation, n, sigma_n, sigma, datasets = self.read(params)
        gap(self.name, sigma, sigma_n)
        q = line_mixture(self.name, shares, means, deviation)
        if float(q.covariance[0, 0]) == 0:
            raise self.refuse("a law without spread, which every estimate knows", "spread it out")
        return q, n, sigma_n, sigma, datasets

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return ratio_of(*squared_errors(*self._read(params), self.drawing(generator)))

    def printed(self, params: Params) -> Value | None:
        self._read(params)
        return Value(1.0)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The ratio's ``limit``; with a generator both errors, and ``fresh``, fresh to plain."""
        q, n, sigma_n, sigma, datasets = self._read(params)
        values = {"limit": Value(limit_ratio(q, sigma_n, sigma))}
        if generator is not None:
            errors = squared_errors(q, n, sigma_n, sigma, datasets, generator, fresh=True)
            unit = "squared units of the line"
            values["plain"] = mean_of(errors[0])._replace(unit=unit)
            values["fixed"] = mean_of(errors[1])._replace(unit=unit)
            values["fresh"] = Value(ratio_of(errors[0], errors[2]).value)
        return values
