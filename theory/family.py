"""The families that a one-dimensional density is mixed from: Beta, Normal, Atom.

Each family knows itself exactly, without noise, and its own Gauss quadrature, ``E f(X) = sum_i
w_i f(x_i)``, exact for polynomials f of degree below twice the number of nodes: Gauss-Jacobi for a
Beta law, Gauss-Hermite for a normal one, a single node for an atom. Two things follow.

*Moments* are finite sums, without error beyond rounding.

*Noise* turns each family into a finite mixture of normals. A normal law stays normal, an atom
becomes normal. For a Beta law, ``p_sigma(x) = E phi_sigma(x - X)`` is the integral of a Gaussian
of width sigma over [0, 1], whose Chebyshev coefficients of order k decay as
``exp(-(2 k sigma)^2 / 2)`` (in the variable on [-1, 1] its width is 2 sigma). A rule of m nodes
integrates degree 2 m - 1, so that m = 2.2 / sigma gives ``exp(-38)``; 16 nodes more cover the
slower start of that decay where sigma is large.

Only bounded Beta densities are taken (a, b >= 1): an unbounded one would need values of 1 - x that
a 64-bit float near 1 cannot hold.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, final

import numpy as np
from scipy import special

Array = np.ndarray
SMALLEST_BETA_NOISE = 1e-3  # 2,216 nodes; below, a rule costs more than it tells


@lru_cache(maxsize=256)
def jacobi_rule(a: float, b: float, count: int) -> tuple[Array, Array]:
    """Gauss rule of Beta(a, b) on [0, 1]: nodes [count], weights [count] that sum to 1."""
    with np.errstate(all="ignore"):
        nodes, weights = special.roots_jacobi(count, b - 1, a - 1)
    if not (np.isfinite(nodes).all() and weights.sum() > 0 and np.isfinite(weights).all()):
        raise ValueError(
            f"asked for the Gauss rule of beta({a},{b}) with {count} nodes; got an overflow; "
            "give smaller a and b, or more noise"
        )
    return (1 + nodes) / 2, weights / weights.sum()


@lru_cache(maxsize=64)
def hermite_rule(count: int) -> tuple[Array, Array]:
    """Gauss rule of N(0, 1): nodes [count], weights [count] that sum to 1."""
    nodes, weights = special.roots_hermitenorm(count)
    return nodes, weights / weights.sum()


class Family(Protocol):
    """What a density is mixed from."""

    @property
    def support(self) -> tuple[float, float]:
        """The smallest closed interval of probability one."""
        ...

    @property
    def lipschitz(self) -> float:
        """The Lipschitz constant of the density on the whole line, inf where it has a jump."""
        ...

    def rule(self, count: int) -> tuple[Array, Array]:
        """A Gauss rule of at most ``count`` nodes: nodes [m], weights [m]."""
        ...

    def components(self, sigma: float) -> tuple[Array, Array, Array]:
        """The law under noise as normals: weights [m], means [m], standard deviations [m]."""
        ...

    def edges(self, sigma: float, step: float) -> Array:
        """Increasing points [k], about ``step`` of the local scale apart, over all the mass."""
        ...

    def log_pdf(self, x: Array) -> Array:
        """The log density of the continuous part, -inf outside the support."""
        ...

    def cdf(self, x: Array) -> Array:
        """P(X <= x)."""
        ...

    def sf(self, x: Array) -> Array:
        """P(X > x), accurate where it is small."""
        ...

    def integrated_cdf(self, x: Array) -> Array:
        """``E (x - X)_+``, the integral of the distribution function up to x."""
        ...

    def sample(self, count: int, generator: np.random.Generator) -> Array:
        """Independent draws [count]."""
        ...


@final
@dataclass(frozen=True)
class Beta:
    """Beta(a, b) on [0, 1] with a, b >= 1."""

    a: float
    b: float

    def __post_init__(self) -> None:
        if not (1 <= self.a < math.inf and 1 <= self.b < math.inf):
            raise ValueError(
                f"asked for {self}; got a parameter below 1, an unbounded density; "
                "give finite a >= 1 and b >= 1"
            )

    def __str__(self) -> str:
        return f"beta({self.a!r},{self.b!r})"

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, 1.0

    @property
    def lipschitz(self) -> float:
        """The largest |p'|: at an end of [0, 1], or where p'' = 0, a quadratic in x."""
        if min(self.a, self.b) < 2:
            return math.inf
        # p'' = p (((a-1)/x - (b-1)/(1-x))^2 - (a-1)/x^2 - (b-1)/(1-x)^2)
        a, b = self.a - 1, self.b - 1
        s = a + b
        inner = np.roots([s * (s - 1), -2 * a * (s - 1), a * (a - 1)])
        x = np.clip(np.concatenate([inner.real, [0.0, 1.0]]), 0, 1)
        slope = a * x ** max(a - 1, 0) * (1 - x) ** b - b * x**a * (1 - x) ** max(b - 1, 0)
        return float(np.abs(slope).max() / special.beta(self.a, self.b))

    def rule(self, count: int) -> tuple[Array, Array]:
        return jacobi_rule(self.a, self.b, count)

    def components(self, sigma: float) -> tuple[Array, Array, Array]:
        if sigma < SMALLEST_BETA_NOISE:
            raise ValueError(
                f"asked for {self} under noise {sigma}; got a noise below {SMALLEST_BETA_NOISE}, "
                "too narrow for the quadrature; give a larger one, or 0"
            )
        means, weights = self.rule(16 + math.ceil(2.2 / sigma))
        return weights, means, np.full_like(means, sigma)

    def edges(self, sigma: float, step: float) -> Array:
        if sigma > 0:
            return np.linspace(-10 * sigma, 1 + 10 * sigma, 1 + math.ceil((20 + 1 / sigma) / step))
        # powers of a half towards both ends, where x^(a-1) and (1-x)^(b-1) are not smooth
        halves = 0.5 ** np.arange(2, 54, min(1.0, step))
        middle = np.linspace(0.25, 0.75, 2 + math.ceil(math.sqrt(self.a + self.b) / step))
        return np.unique(np.concatenate([[0.0, 1.0], halves, middle, 1 - halves]))

    def log_pdf(self, x: Array) -> Array:
        inside = (x >= 0) & (x <= 1)
        t = np.where(inside, x, 0.5)
        value = special.xlogy(self.a - 1, t) + special.xlog1py(self.b - 1, -t)
        return np.where(inside, value - special.betaln(self.a, self.b), -np.inf)

    def cdf(self, x: Array) -> Array:
        return special.betainc(self.a, self.b, np.clip(x, 0, 1))

    def sf(self, x: Array) -> Array:
        return special.betaincc(self.a, self.b, np.clip(x, 0, 1))

    def integrated_cdf(self, x: Array) -> Array:
        """x F(x) - E[X; X <= x], where E[X; X <= x] = a/(a+b) I_x(a+1, b)."""
        t = np.clip(x, 0, 1)
        below = special.betainc(self.a + 1, self.b, t) * self.a / (self.a + self.b)
        return t * special.betainc(self.a, self.b, t) - below + np.maximum(x - 1, 0)

    def sample(self, count: int, generator: np.random.Generator) -> Array:
        return generator.beta(self.a, self.b, count)


@final
@dataclass(frozen=True)
class Normal:
    """N(mean, sd^2) with sd > 0."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.mean) and 0 < self.sd < math.inf):
            raise ValueError(
                f"asked for {self}; got a mean that is not finite or a standard deviation that "
                "is not positive; a law without spread is atoms(x)"
            )

    def __str__(self) -> str:
        return f"normal({self.mean!r},{self.sd!r})"

    @property
    def support(self) -> tuple[float, float]:
        return -math.inf, math.inf

    @property
    def lipschitz(self) -> float:
        return math.exp(-0.5) / (math.sqrt(2 * math.pi) * self.sd**2)

    def rule(self, count: int) -> tuple[Array, Array]:
        nodes, weights = hermite_rule(count)
        return self.mean + self.sd * nodes, weights

    def components(self, sigma: float) -> tuple[Array, Array, Array]:
        return np.ones(1), np.array([self.mean]), np.array([math.hypot(self.sd, sigma)])

    def edges(self, sigma: float, step: float) -> Array:
        span = 10 * math.hypot(self.sd, sigma)
        return self.mean + np.linspace(-span, span, 1 + math.ceil(20 / step))

    def log_pdf(self, x: Array) -> Array:
        z = (x - self.mean) / self.sd
        return -0.5 * z**2 - math.log(self.sd * math.sqrt(2 * math.pi))

    def cdf(self, x: Array) -> Array:
        return special.ndtr((x - self.mean) / self.sd)

    def sf(self, x: Array) -> Array:
        return special.ndtr((self.mean - x) / self.sd)

    def integrated_cdf(self, x: Array) -> Array:
        z = (x - self.mean) / self.sd
        density = np.exp(-0.5 * z**2) / math.sqrt(2 * math.pi)
        return self.sd * (z * special.ndtr(z) + density)

    def sample(self, count: int, generator: np.random.Generator) -> Array:
        return generator.normal(self.mean, self.sd, count)


@final
@dataclass(frozen=True)
class Atom:
    """All the mass at one point."""

    x: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.x):
            raise ValueError(f"asked for {self}; got no finite point; give a number")

    def __str__(self) -> str:
        return f"atoms({self.x!r})"

    @property
    def support(self) -> tuple[float, float]:
        return self.x, self.x

    @property
    def lipschitz(self) -> float:
        return math.inf

    def rule(self, count: int) -> tuple[Array, Array]:
        return np.array([self.x]), np.ones(1)

    def components(self, sigma: float) -> tuple[Array, Array, Array]:
        return np.ones(1), np.array([self.x]), np.array([sigma])

    def edges(self, sigma: float, step: float) -> Array:
        if sigma > 0:
            return self.x + 10 * sigma * np.linspace(-1, 1, 1 + math.ceil(20 / step))
        return np.array([np.nextafter(self.x, -np.inf), self.x])

    def log_pdf(self, x: Array) -> Array:
        return np.full(np.shape(x), -np.inf)

    def cdf(self, x: Array) -> Array:
        return np.where(x >= self.x, 1.0, 0.0)

    def sf(self, x: Array) -> Array:
        return np.where(x >= self.x, 0.0, 1.0)

    def integrated_cdf(self, x: Array) -> Array:
        return np.maximum(x - self.x, 0.0)

    def sample(self, count: int, generator: np.random.Generator) -> Array:
        return np.full(count, self.x)
