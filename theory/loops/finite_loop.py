r"""A loop of finite samples, generation by generation: mean and variance by maximum likelihood.

Generation 0 is N(m, v) fitted to n real samples of N(0, 1). Each further one is fitted to n real
samples, the same ones (*fixed*) or new ones (*fresh*), and to k = floor(lambda n) samples of the
last model. Of these each is replaced, with probability gamma / (1 + gamma), by a draw of the
corrector's law N(b, 1): b = 0 is the oracle of ``theory.loops.correction``. Write lambda for k / n
and

    r = n / (n + k),   w = 1 - r,   h = 1 / (1 + gamma),   g = 1 - h,   E2 = v + m^2.

*Exact.* The fit is linear in the moments of what it is fitted to, and what it is fitted to is
linear in the moments of the last model. So the means over all loops obey a closed recursion,

    E m'     = w (h E m + g b)
    E E2'    = r + w (h E E2 + g (1 + b^2))
    E m'^2   = r^2 / n + 2 r w h E[m xbar] + w^2 (E (h m + g b)^2 + E V / k),
    V        = h E2 + g (1 + b^2) - (h m + g b)^2                  variance of a corrected sample,
    E[m' xbar] = r / n + w h E[m xbar]    fixed; 0 in its place, in all of these, for fresh ones,

from E m = 0, E E2 = 1, E m^2 = E[m xbar] = 1 / n on. (derived here)

1. *Forgetting.* Of two loops on the same real samples that start from other models the means differ
   by E (m_t - m~_t) = a^t (m_0 - m~_0), a = w h = lambda / ((1 + lambda)(1 + gamma)): at every n
   exactly the factor of the population, ``theory.loops.contraction``. Correction divides it by
   (1 + gamma)^t, no less and no more. (``paths`` simulates both with the same draws.)
2. *The variance pays for the mean.* With b = 0, E E2 stays 1, so that E v_t = 1 - E m_t^2.
3. In the long run the error is that of ``theory.loops.stationary_error`` but for the variance,
   which is known there: V is 1 - h^2 E m^2 here and 1 + g h E m^2 there.
4. *A fixed set* without correction: n E m_t^2 rises from 1 to less than 3/2. *Fresh sets*: it falls
   from 1 to 1 / (1 + w), ``theory.loops.fresh_data``. Nothing happens where lambda passes 1/2.

*Printed.* For a fixed set and the oracle (Gillman et al. 2024, Theorem 4.3, in the mean square, as
in ``theory.loops.stationary_error``): E m_t^2 <= (s sum_{i <= t} q^i + q^t E m_0^2 ^(1/2))^2 with q
= rho(lambda) / (1 + gamma), rho = lambda / (1 - lambda), and s^2 the largest E |G^n - G|^2 of the t
generations; void from q = 1 on, which is lambda = (1 + gamma) / (2 + gamma). For fresh sets without
correction (Alemohammad et al. 2024): no worse than the fresh samples alone, 1 / n.
"""

import math
from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple, final

import numpy as np
import numpy.typing as npt

from theory.law import Law, Params, Value
from theory.loops.contraction import LOOP, printed_factor
from theory.loops.correction import GILLMAN, MAD, kept, replaced
from theory.loops.stationary_error import Loop, loop_of, mean_of
from theory.parameter import choice, integer, real

Array = npt.NDArray[np.float64]
REAL = ("fixed", "fresh")


class Moments(NamedTuple):
    """What one generation has over all loops."""

    error: float  # E m^2
    variance: float  # E v
    step: float  # E |G^n - G|^2 of this generation


def expected(loop: Loop, generations: int, bias: float = 0.0, fresh: bool = False) -> list[Moments]:
    """The moments of generations 0 to ``generations``."""
    n, k = loop.real, loop.synthetic
    r, w = n / (n + k), k / (n + k)
    h, g = kept(loop.gamma), replaced(loop.gamma)
    mean, second, square, shared = 0.0, 1.0, 1 / n, 0.0 if fresh else 1 / n
    found = [Moments(square, second - square, square)]
    for _ in range(generations):
        pulled = h * h * square + 2 * h * g * bias * mean + g * g * bias**2  # E (h m + g b)^2
        spread = h * second + g * (1 + bias**2)
        noise = r * r / n + w * w * (spread - pulled) / k
        square = noise + 2 * r * w * h * shared + w * w * pulled
        second = r + w * spread
        mean = w * (h * mean + g * bias)
        shared = 0.0 if fresh else r / n + w * h * shared
        found.append(Moments(square, second - square, noise))
    return found


def _sums(count: npt.NDArray[np.int64], rng: np.random.Generator) -> tuple[Array, Array]:
    """Sums and sums of squares [...] of so many standard normals each."""
    first = np.sqrt(count) * rng.standard_normal(count.shape)
    rest = 2 * rng.standard_gamma(np.maximum(count - 1, 0) / 2)
    return first, first**2 / np.maximum(count, 1) + rest


def paths(
    loop: Loop,
    generations: int,
    chains: int,
    rng: np.random.Generator,
    bias: float = 0.0,
    fresh: bool = False,
    starts: Sequence[tuple[float, float]] = (),
) -> Iterator[tuple[Array, Array]]:
    """Simulated means and variances [s, chains], generation 0 first.

    starts: mean and variance of the first models of s loops, which share every draw; without any
    there is one loop, from the fit to its real samples.
    """
    n, k = loop.real, loop.synthetic
    whole = np.full(chains, n)
    real = _sums(whole, rng)
    if starts:
        m, v = (np.tile(np.array(each, float)[:, None], (1, chains)) for each in zip(*starts))
    else:
        m = real[0][None] / n
        v = real[1][None] / n - m**2
    yield m, v
    for _ in range(generations):
        real = _sums(whole, rng) if fresh else real
        own = rng.binomial(k, kept(loop.gamma), chains)  # samples that the corrector leaves
        (z, zz), (y, yy) = _sums(own, rng), _sums(k - own, rng)
        s = np.sqrt(v)
        first = real[0] + own * m + s * z + (k - own) * bias + y
        second = real[1] + own * m**2 + 2 * m * s * z + v * zz
        second = second + (k - own) * bias**2 + 2 * bias * y + yy
        m = first / (n + k)
        v = second / (n + k) - m**2
        yield m, v


def forgetting(loop: Loop, generations: int) -> float:
    """a^t: what is left of a difference of two first means."""
    return loop.factor**generations


def promised(loop: Loop, generations: int) -> float | None:
    """(rho / (1 + gamma))^t, what the theorem prints for it; None where it says nothing."""
    factor = printed_factor(loop.ratio, loop.gamma)
    return None if factor is None or factor >= 1 else factor**generations


@final
class FiniteLoop(Law):
    """E m_t^2 of a loop of finite samples; parameters lambda, gamma, n, generations, real, bias,
    chains."""

    name = "loops.finite_loop"
    statement = (
        "E m_t^2 <= (s sum_{i <= t} q^i + q^t |m_0|)^2, q = rho(lambda) / (1 + gamma); with fresh "
        "data E m_t^2 <= 1 / n"
    )
    source = f"{GILLMAN}, Theorem 4.3; {MAD}, fresh data loop"
    unit = "variance of the data"
    parameters: ClassVar = {
        **LOOP,
        "n": integer("real samples", least=2),
        "generations": integer("generations t", least=0),
        "real": choice("the real samples of further generations", REAL, default="fixed"),
        "bias": real("mean b of the corrector's law, that of the data being 0", default=0.0),
        "chains": integer("simulated loops", least=2, default=2000),
    }
    example: ClassVar = {"lambda": 0.25, "gamma": 1.0, "n": 50, "generations": 5}

    def _read(self, params: Params) -> tuple[Loop, int, bool, float, int]:
        lam, gamma, n, generations, real, bias, chains = self.read(params)
        loop = loop_of(n, lam, gamma)
        if loop.synthetic == 0:
            raise self.refuse(
                f"lambda={lam} and n={n}, fewer than one synthetic sample",
                "give lambda n of 1 or more",
            )
        return loop, generations, real == "fresh", bias, chains

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        loop, generations, fresh, bias, _ = self._read(params)
        return Value(expected(loop, generations, bias, fresh)[-1].error)

    def printed(self, params: Params) -> Value | None:
        loop, generations, fresh, bias, _ = self._read(params)
        if fresh:
            return Value(1 / loop.real) if loop.gamma == 0 else None
        factor = printed_factor(loop.ratio, loop.gamma)
        if bias != 0 or factor is None or factor >= 1:
            return None
        found = expected(loop, generations)
        step = math.sqrt(max((each.step for each in found[1:]), default=0.0))
        total = step * sum(factor**i for i in range(generations + 1))
        return Value((total + factor**generations * math.sqrt(found[0].error)) ** 2)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The error of the real samples alone, the growth over it, the variance; what correction
        adds to the error, and what fresh data save of that of a fixed set; with a generator, error
        and variance simulated."""
        loop, generations, fresh, bias, chains = self._read(params)
        own = expected(loop, generations, bias, fresh)[-1]
        values = {
            "real_only": Value(1 / loop.real),
            "growth": Value(own.error * loop.real, unit="1"),
            "variance": Value(own.variance),
        }
        share = "share of the error"
        if loop.gamma > 0:
            plain = expected(loop._replace(gamma=0.0), generations, fresh=fresh)[-1]
            values["added_by_correction"] = Value(own.error / plain.error - 1, unit=share)
        if fresh:
            fixed = expected(loop, generations, bias)[-1]
            values["saved_by_fresh"] = Value(1 - own.error / fixed.error, unit=share)
        if generator is not None:
            for m, v in paths(loop, generations, chains, generator, bias, fresh):  # noqa: B007
                pass  # the last one counts
            values["simulated"] = mean_of(m[0] ** 2)
            values["variance_simulated"] = mean_of(v[0])
        return values
