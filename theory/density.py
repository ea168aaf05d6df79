"""Densities on the line on which every quantity of a law is exact, with and without noise.

A density is a finite mixture of Beta(a, b) on [0, 1], N(mean, sd^2) and atoms, written as a short
string, so that the parameters of a law are plain JSON:

    beta(2,5)      normal(0,1)      atoms(0)      atoms(0,1)      0.9*beta(2,2) + 0.1*normal(3,0.2)

``atoms(x1,...,xk)`` puts mass 1/k on each point. A term without a weight weighs 1; the weights
must sum to 1.

Noise. ``P_sigma = P * N(0, sigma^2)`` is returned as a finite mixture of normals
(:class:`Noised`): exactly so for normals and atoms, through Gauss-Jacobi quadrature for Beta laws
(``theory.family``). The density, its logarithm, distribution function, survival function and
integrated distribution function are then finite sums of normal ones, with an absolute error of
about 1e-15 and no cancellation in the tails.
"""

import math
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol, final

import numpy as np
from scipy import special

from theory.family import Array, Atom, Beta, Family, Normal

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_TERM = re.compile(rf"\s*(?:({_NUMBER})\s*\*)?\s*([a-z]+)\s*\(([^()]*)\)\s*")
_GRAMMAR = "write beta(a,b), normal(mean,sd) or atoms(x,...), or a sum such as 0.9*... + 0.1*..."


class Line(Protocol):
    """A law on the line that distances are taken between: a density, noised or not."""

    @property
    def atoms(self) -> dict[float, float]:
        """Points of positive mass, with their mass."""
        ...

    def edges(self, step: float) -> Array:
        """Increasing points over all the mass, ``step`` of the local scale apart."""
        ...

    def pdf(self, x: Array) -> Array:
        """The density of the continuous part."""
        ...

    def log_pdf(self, x: Array) -> Array:
        """Its logarithm, without underflow."""
        ...

    def cdf(self, x: Array) -> Array:
        """P(X <= x)."""
        ...

    def sf(self, x: Array) -> Array:
        """P(X > x)."""
        ...

    def integrated_cdf(self, x: Array) -> Array:
        """``E (x - X)_+``."""
        ...


@final
@dataclass(frozen=True, eq=False)
class Noised:
    """A density under Gaussian noise, as a mixture of normals."""

    weights: Array
    means: Array
    deviations: Array
    families: tuple[Family, ...]
    sigma: float

    @property
    def atoms(self) -> dict[float, float]:
        return {}

    def edges(self, step: float) -> Array:
        return np.unique(np.concatenate([f.edges(self.sigma, step) for f in self.families]))

    def _standard(self, x: Array) -> Array:
        return (np.asarray(x)[..., None] - self.means) / self.deviations  # [..., m]

    def pdf(self, x: Array) -> Array:
        z = self._standard(x)
        return np.exp(-0.5 * z * z) @ (self.weights / self.deviations) / math.sqrt(2 * math.pi)

    def log_pdf(self, x: Array) -> Array:
        z = self._standard(x)
        exponent = -0.5 * z * z
        largest = exponent.max(axis=-1)
        total = np.exp(exponent - largest[..., None]) @ (self.weights / self.deviations)
        return largest + np.log(total / math.sqrt(2 * math.pi))

    def derivatives(self, x: Array) -> Array:
        """p, p' and p'' of the noised density p at x [k], as [3, k]."""
        z = self._standard(x)
        bell = np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
        s = self.deviations
        orders = (np.ones_like(z), -z, z * z - 1)
        return np.stack([(bell * h) @ (self.weights / s**k) for k, h in enumerate(orders, 1)])

    def kernel_variance(self, x: Array) -> Array:
        """The variance over X of ``phi_sigma(x - X)``, a kernel at a draw of the law itself.

        A component N(m, s^2) of the law contributes its variance about its own mean g, ``g^2 (e^r -
        1)`` with r >= 0 free of cancellation (both sides are Gaussian integrals), and (g - p)^2.
        """
        z = self._standard(x)
        s2 = self.deviations**2
        own = np.maximum(s2 - self.sigma**2, 0.0)  # the component's variance without noise
        g = np.exp(-0.5 * z * z) / np.sqrt(2 * math.pi * s2)
        r = 0.5 * np.log1p(own**2 / (self.sigma**2 * (s2 + own))) + z * z * own / (s2 + own)
        between = g - (g @ self.weights)[..., None]
        return (g * g * np.expm1(r) + between**2) @ self.weights

    def cdf(self, x: Array) -> Array:
        return special.ndtr(self._standard(x)) @ self.weights

    def sf(self, x: Array) -> Array:
        return special.ndtr(-self._standard(x)) @ self.weights

    def integrated_cdf(self, x: Array) -> Array:
        z = self._standard(x)
        bell = np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
        return (z * special.ndtr(z) + bell) @ (self.weights * self.deviations)


@final
@dataclass(frozen=True)
class Density:
    """A finite mixture of families; hashable, and read back from its own text."""

    weights: tuple[float, ...]
    families: tuple[Family, ...]

    def __str__(self) -> str:
        if len(self.families) == 1:
            return str(self.families[0])
        return " + ".join(f"{w!r}*{f}" for w, f in zip(self.weights, self.families))

    @cached_property
    def atoms(self) -> dict[float, float]:
        masses: dict[float, float] = {}
        for w, f in zip(self.weights, self.families):
            if isinstance(f, Atom):
                masses[f.x] = masses.get(f.x, 0.0) + w
        return masses

    @property
    def support(self) -> tuple[float, float]:
        """The smallest closed interval of probability one."""
        ends = [f.support for f in self.families]
        return min(a for a, _ in ends), max(b for _, b in ends)

    @property
    def lipschitz(self) -> float:
        """Lipschitz constant of the density on the line: exact for one family, else a bound."""
        return sum(w * f.lipschitz for w, f in zip(self.weights, self.families))

    def moment(self, order: int, about: float = 0.0) -> float:
        """``E (X - about)^order``, exact to rounding."""
        total = 0.0
        for w, f in zip(self.weights, self.families):
            x, v = f.rule(order // 2 + 1)
            total += w * float(v @ (x - about) ** order)
        return total

    @property
    def mean(self) -> float:
        return self.moment(1)

    @property
    def variance(self) -> float:
        return self.moment(2, self.mean)

    def noised(self, sigma: float) -> "Noised | Density":
        """The law of X + sigma Z, Z standard normal; the density itself at sigma = 0."""
        return self if sigma == 0 else self.under_noise(sigma)

    def under_noise(self, sigma: float) -> Noised:
        """The law of X + sigma Z for sigma > 0, as a mixture of normals."""
        if not 0 < sigma < math.inf:
            raise ValueError(
                f"asked for {self} under noise {sigma!r}; got a noise that is not positive and "
                "finite; give sigma > 0"
            )
        parts = [f.components(sigma) for f in self.families]
        weights = np.concatenate([w * part[0] for w, part in zip(self.weights, parts)])
        means = np.concatenate([part[1] for part in parts])
        deviations = np.concatenate([part[2] for part in parts])
        return Noised(weights, means, deviations, self.families, sigma)

    def sample(self, shape: tuple[int, ...], generator: np.random.Generator) -> Array:
        """Independent draws of that shape."""
        count = math.prod(shape)
        if len(self.families) == 1:
            return self.families[0].sample(count, generator).reshape(shape)
        which = generator.choice(len(self.families), count, p=self.weights)
        x = np.empty(count)
        for i, f in enumerate(self.families):
            mine = which == i
            x[mine] = f.sample(int(mine.sum()), generator)
        return x.reshape(shape)

    def edges(self, step: float) -> Array:
        return np.unique(np.concatenate([f.edges(0.0, step) for f in self.families]))

    def log_pdf(self, x: Array) -> Array:
        x = np.asarray(x, float)
        terms = [math.log(w) + f.log_pdf(x) for w, f in zip(self.weights, self.families)]
        return np.logaddexp.reduce(terms)

    def pdf(self, x: Array) -> Array:
        return np.exp(self.log_pdf(x))

    def cdf(self, x: Array) -> Array:
        x = np.asarray(x, float)
        return sum((w * f.cdf(x) for w, f in zip(self.weights, self.families)), np.zeros(x.shape))

    def sf(self, x: Array) -> Array:
        x = np.asarray(x, float)
        return sum((w * f.sf(x) for w, f in zip(self.weights, self.families)), np.zeros(x.shape))

    def integrated_cdf(self, x: Array) -> Array:
        x = np.asarray(x, float)
        terms = (w * f.integrated_cdf(x) for w, f in zip(self.weights, self.families))
        return sum(terms, np.zeros(x.shape))


def diameter(p: Density, q: Density) -> float:
    """The diameter of the union of the two supports, inf where one is unbounded."""
    (a, b), (c, d) = p.support, q.support
    return max(b, d) - min(a, c)


@lru_cache(maxsize=1024)
def density(text: str) -> Density:
    """The density that a string such as ``"beta(2,5)"`` names.

    Raises
    ------
    ValueError
        Where the text does not follow the grammar of this module, or names no density.
    """
    weights: list[float] = []
    families: list[Family] = []
    for term in re.split(r"(?<=\))\s*\+", text):
        match = _TERM.fullmatch(term)
        if match is None:
            raise ValueError(f"asked for the density {text!r}; got {term!r} in it; {_GRAMMAR}")
        weight = float(match[1] or 1)
        try:
            numbers = [float(number) for number in match[3].split(",")]
            new = _family(match[2], numbers)
        except ValueError as error:
            raise ValueError(
                f"asked for the density {text!r}; got {term.strip()!r} in it ({error}); {_GRAMMAR}"
            ) from error
        families += new
        weights += [weight / len(new)] * len(new)
    if not (min(weights) > 0 and math.isclose(math.fsum(weights), 1.0, rel_tol=1e-9)):
        raise ValueError(
            f"asked for the density {text!r}; got weights {weights}; "
            "give positive weights that sum to 1"
        )
    return Density(tuple(weights), tuple(families))


def _family(name: str, numbers: list[float]) -> list[Family]:
    if name == "atoms":
        return [Atom(x) for x in numbers]
    if name in ("beta", "normal") and len(numbers) == 2:
        return [Beta(*numbers) if name == "beta" else Normal(*numbers)]
    raise ValueError(f"no family {name} with {len(numbers)} parameters")
