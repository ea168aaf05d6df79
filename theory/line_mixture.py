"""Mixtures of normals on the line, and integrals under them.

A density of normals and atoms (``theory.density``) under noise is a mixture of normals
(``theory.mixture``). What laws ask of it are integrals of functions that are analytic and fall as a
Gaussian, for which sums on an even grid converge geometrically in 1 / step, as exp(-2 pi d / step)
for a singularity at a distance d from the real line (Trefethen and Weideman 2014). A Gaussian has
none; the posterior mean of two components of variance C at a distance ``gap`` has poles at d = pi
C / gap. With the step a twelfth of the narrowest Gaussian and a sixth of the nearest pole the error
is below 1e-14 of the largest value.
"""

import math
from typing import NamedTuple

import numpy as np

from theory.density import Density
from theory.family import Atom, Normal
from theory.mixture import Array, Mixture

FINE = 12  # grid steps in the narrowest Gaussian
POLE = 6  # grid steps to the nearest pole, exp(-2 pi 6)
REACH = 9.0  # standard deviations on either side, exp(-40)
MOST = 10_000_000  # points of a grid


def mixture(law: Density) -> Mixture:
    """A density of normals and atoms as a mixture of k variances in one dimension.

    Raises ValueError where it has another family.
    """
    means, variances = [], []
    for family in law.families:
        if isinstance(family, Normal):
            means.append(family.mean)
            variances.append(family.sd**2)
        elif isinstance(family, Atom):
            means.append(family.x)
            variances.append(0.0)
        else:
            raise ValueError(
                f"asked for {law} as a mixture of normals; got {family} in it; "
                "give normal(mean,sd) and atoms(x,...)"
            )
    return Mixture(np.array(law.weights), np.array(means)[:, None], np.array(variances))


class Grid(NamedTuple):
    """Even points [n] that hold all the mass of some laws."""

    points: Array
    step: float


def grid(laws: tuple[Mixture, ...], sigma: float, extra: float = math.inf) -> Grid:
    """An even grid for laws on the line under noise sigma.

    extra: a width that the step must resolve too. Raises ValueError where that takes more than
    1e7 points.
    """
    low, high, narrowest = math.inf, -math.inf, extra
    for law in laws:
        means, deviations = law.means[:, 0], np.sqrt(law.covariances + sigma**2)
        low = min(low, float((means - REACH * deviations).min()))
        high = max(high, float((means + REACH * deviations).max()))
        narrowest = min(narrowest, float(deviations.min()), _pole(means, deviations) * FINE / POLE)
    return even(low, high, narrowest / FINE)


def even(low: float, high: float, step: float) -> Grid:
    """The even grid from low to high with this step or a little less, of 1e7 points at most."""
    count = (high - low) / step + 1
    if not count <= MOST:
        raise ValueError(
            f"asked for integrals on the line from {low:.6g} to {high:.6g} in steps of {step:.3g}; "
            f"got a grid of {count:.3g} points, above {MOST:.0e}; give noise levels and widths "
            "that are closer to one another"
        )
    count = math.ceil((high - low) / step) + 1
    return Grid(np.linspace(low, high, count), (high - low) / (count - 1))


def _pole(means: Array, deviations: Array) -> float:
    """How far from the line the poles of a posterior mean are, at the least."""
    gap = float(np.diff(np.sort(means), prepend=means.min()).max())
    return math.pi * float(deviations.min()) ** 2 / gap if gap > 0 else math.inf


def masses(law: Mixture, sigma: float, on: Grid) -> Array:
    """The mass [n] that the law under noise sigma gives to each point of a grid."""
    return np.exp(law.noised(sigma).log_density(on.points[:, None])) * on.step


def mean_squared(values: Array, law: Mixture, sigma: float, on: Grid) -> float:
    """E f^2 under the law with noise sigma, of a function with values [n] on a grid."""
    return float(masses(law, sigma, on) @ values**2)
