"""The same noise for every class: what pairing saves, and where it costs.

The diffusion classifier (Li et al. 2023) estimates the difference of two classes' errors from draws
of (t, eps), the same for both. For classes N(mu_0, v I), N(mu_1, v I) on R^d and a point x, with
alpha and b_c of ``theory.classifier.class_loss``, one draw of one class is ``|alpha eps - b_c|^2``,
so that given t its mean is ``d alpha^2 + |b_c|^2``, its variance ``2 d alpha^4 + 4 alpha^2
|b_c|^2``, and the covariance of two classes at shared eps ``2 d alpha^4 + 4 alpha^2 b_0 . b_1``.
With E and Var over a uniform t

    paired        E 4 alpha^2 |b_0 - b_1|^2 + Var(|b_0|^2 - |b_1|^2)                     (exact)
    independent   sum_c E(2 d alpha^4 + 4 alpha^2 |b_c|^2) + Var(d alpha^2 + |b_c|^2)    (printed)
    shared times  sum_c E(2 d alpha^4 + 4 alpha^2 |b_c|^2), + Var(|b_0|^2 - |b_1|^2)

The released code steps through t instead of drawing it; then the Var terms are gone and what is
left is ``grid_paired`` and ``grid_independent``.

*Pairing need not help, derived here.* Shared eps lowers the variance iff ``E alpha^2 (d alpha^2 + 2
b_0 . b_1) > 0``. As ``b_0 . b_1`` has the sign of (x - mu_0).(x - mu_1), it always helps where x is
not between the classes, outside the ball that has the segment of the means as a diameter; inside,
it hurts once the classes are far enough apart: midway between two means 2 h apart iff ``2 h^2
E(alpha^2 g) > d E(alpha^4)``, g = abar (1 - abar) / V^2. There the two errors move against each
other: the noise that makes x look like the one class makes it look unlike the other. On a grid of
times the loss is at most a factor of 2 (``|b_0 - b_1|^2 <= 2 |b_0|^2 + 2 |b_1|^2``). Shared times
help or hurt by the covariance of ``d alpha^2 + |b_c|^2`` over t, and the two together can hurt too.
"""

from typing import ClassVar, NamedTuple, final

import numpy as np
import numpy.typing as npt

from theory.classifier.class_loss import LI, STEPS, parts
from theory.law import Law, Params, Value
from theory.parameter import choice, positive, same_dimension, vector
from theory.schedule import SCHEDULES, alpha_bar

Array = npt.NDArray[np.float64]


class Variances(NamedTuple):
    """Of one draw of the difference of two classes' errors, and the mean of that difference."""

    mean: float
    paired: float
    independent: float
    shared_times: float
    grid_paired: float
    grid_independent: float


def variances(
    squared_0: float, squared_1: float, inner: float, variance: float, dimension: int, schedule: str
) -> Variances:
    """The variances for ``|x - mu_0|^2``, ``|x - mu_1|^2`` and ``(x - mu_0).(x - mu_1)``."""
    energy, slope = (
        part[0] for part in parts(np.array([variance]), alpha_bar(schedule, STEPS)[1:])
    )  # alpha^2 and g [t]
    noise = [
        float((2 * dimension * energy**2 + 4 * energy * slope * squared).mean())
        for squared in (squared_0, squared_1)
    ]
    between = [
        float((dimension * energy + slope * squared).var()) for squared in (squared_0, squared_1)
    ]
    moved = float((slope * (squared_0 - squared_1)).var())
    paired = float((4 * energy * slope).mean()) * (squared_0 + squared_1 - 2 * inner)
    return Variances(
        mean=float(slope.mean()) * (squared_0 - squared_1),
        paired=paired + moved,
        independent=sum(noise) + sum(between),
        shared_times=sum(noise) + moved,
        grid_paired=paired,
        grid_independent=sum(noise),
    )


def draws(
    x: Array,
    means: tuple[Array, Array],
    variance: float,
    schedule: str,
    n: int,
    generator: np.random.Generator,
) -> tuple[Array, Array]:
    """n draws of class 0's error less class 1's, at one point x [d]: paired [n], independent [n].

    The paired draws share the times and the noise, the independent ones nothing.
    """
    left = alpha_bar(schedule, STEPS)[1:]

    def error(mean: Array, abar: Array, noise: Array) -> Array:
        """|eps - eps^|^2 [n] from the model's own prediction, at shares abar [n, 1]."""
        noisy = np.sqrt(abar) * x + np.sqrt(1 - abar) * noise  # [n, d]
        marginal = abar * variance + 1 - abar
        predicted = np.sqrt(1 - abar) * (noisy - np.sqrt(abar) * mean) / marginal
        return ((noise - predicted) ** 2).sum(axis=1)

    def drawn() -> tuple[Array, Array]:
        return left[generator.integers(STEPS, size=n)][:, None], generator.standard_normal(
            (n, len(x))
        )

    first, second = drawn(), drawn()
    error_0 = error(means[0], *first)
    return error_0 - error(means[1], *first), error_0 - error(means[1], *second)


@final
class Pairing(Law):
    """The variance of one paired draw of a difference, against that of an independent one."""

    name = "classifier.pairing"
    statement = "the same noise and times for every class lower the variance of their difference"
    source = f"{LI}, the shared set of (t, eps)"
    unit = "1"
    parameters: ClassVar = {
        "x": vector("point"),
        "mean_0": vector("mean of class 0"),
        "mean_1": vector("mean of class 1"),
        "variance": positive("variance of the classes"),
        "schedule": choice("noise schedule of 1000 steps", SCHEDULES, default="linear"),
    }
    example: ClassVar = {"x": [0.3], "mean_0": [1.0], "mean_1": [-1.0], "variance": 1.0}

    def _found(self, params: Params) -> Variances:
        x, first, second, variance, schedule = self.read(params)
        d = same_dimension(self.name, x=x, mean_0=first, mean_1=second)
        if (first == second).all():
            raise self.refuse("two classes that are one", "move one of the means")
        a, b = x - first, x - second
        return variances(float(a @ a), float(b @ b), float(a @ b), variance, d, schedule)

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(self._found(params).paired)

    def printed(self, params: Params) -> Value | None:
        return Value(self._found(params).independent)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The variance with ``shared_times`` alone; both where t is stepped through; the mean."""
        found = self._found(params)
        return {
            "shared_times": Value(found.shared_times),
            "grid_paired": Value(found.grid_paired),
            "grid_independent": Value(found.grid_independent),
            "mean": Value(found.mean),
        }
