"""Flipped labels are another intervention than embedding noise: what they do to one class.

The paper's experiments flip labels; its theory adds noise to the embedding. Here the experiment is
put to the theory's own model. K balanced classes N(a e_j, I) in R^d, d >= K; of the n samples
labelled k each is one of another class, uniformly, with probability eta. The linear network of the
class generates N(muh, Sh), the moments of what carries its label. Write

    p = (1 - eta, eta/(K-1), ...),    B = diag p - p p',    b = sum p_j mu_j - mu_k.

*Population* (n infinite, derived here): mean mu_k + b, covariance I + a^2 B. B has the eigenvalue
eta/(K-1) K-2 times, beta = eta (1 - eta) K/(K-1) once, and 0, so that

    entropy gain  = 1/2 [(K-2) log(1 + a^2 eta/(K-1)) + log(1 + a^2 beta)] > 0,
    W2^2 to P     = a^2 eta^2 K/(K-1) + (K-2) (sqrt(1 + a^2 eta/(K-1)) - 1)^2
                    + (sqrt(1 + a^2 beta) - 1)^2 > 0.

The direction of Theorem 1 holds; that of Theorem 2 cannot, as the clean population has W2 = 0.

*Finite n.* The mean part of the gain W2^2(clean) - W2^2(eta) is exact,

    -|b|^2 - a^2 tr B / n < 0,       |b|^2 = a^2 eta^2 K/(K-1),   tr B = 1 - |p|^2.

Embedding noise shrinks the mean towards 0 and so lowers its variance, 2 kappa d/n; flips shift it
and raise its variance. They also inflate Sh along a few directions, by outliers: the variance part
E [f(Sh_clean) - f(Sh_eta)], f(S) = tr (S^1/2 - I)^2, is drawn, as is the entropy gain. The draws
share their noise, and are drawn given that some sample is flipped; if none is, nothing changes,
which has probability (1 - eta)^n.

What is at stake is the sign of the gain, so that nothing is ``printed``; void is eta beyond 7.5 %,
up to which the paper calls corruption slight. n <= d is an error: the entropy is minus infinity.
"""

import math
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt
from scipy import stats

from theory.law import Law, Params, Value
from theory.parameter import inside, integer, positive
from theory.slight_corruption.fitted_moments import CHUNK, fit_of
from theory.slight_corruption.linear_network import CORRUPTION

Array = npt.NDArray[np.float64]

SLIGHT = 0.075


@final
@dataclass(frozen=True)
class Flips:
    """K balanced classes a apart from the origin in R^d, labels flipped with probability eta."""

    classes: int
    separation: float
    eta: float
    d: int

    @property
    def shares(self) -> Array:
        """p [K]: of each class among the samples of one label, its own first."""
        others = self.classes - 1
        return np.array([1 - self.eta, *[self.eta / others] * others])

    @property
    def bias(self) -> float:
        """``|b|^2``."""
        return self.separation**2 * self.eta**2 * self.classes / (self.classes - 1)

    @property
    def inflation(self) -> Array:
        """Eigenvalues [K - 1] of a^2 B that are not 0."""
        k, eta = self.classes, self.eta
        once = eta * (1 - eta) * k / (k - 1)
        return self.separation**2 * np.array([once, *[eta / (k - 1)] * (k - 2)])

    def population_entropy_gain(self) -> float:
        """The entropy gain for n infinite, in nats."""
        return 0.5 * float(np.log1p(self.inflation).sum())

    def population_cost(self) -> float:
        """W2^2 of the class and what is generated for it, for n infinite."""
        grown = np.expm1(0.5 * np.log1p(self.inflation))
        return self.bias + float((grown**2).sum())

    def mean_part(self, n: int) -> float:
        """``-|b|^2 - a^2 tr B / n``, the mean part of the gain."""
        return -self.bias - float(self.inflation.sum()) / n

    def some(self, n: int) -> float:
        """The probability that one of n labels at least is flipped."""
        return -math.expm1(n * math.log1p(-self.eta))

    def covariances(
        self, n: int, draws: int, generator: np.random.Generator
    ) -> tuple[Array, Array]:
        """Clean and flipped Sh [draws, d, d] on one noise, given that some label is flipped."""
        none = 1 - self.some(n)
        uniform = none + (1 - none) * generator.random(draws)
        count = stats.binom.ppf(uniform, n, self.eta)  # [draws], 1 or more
        clean = generator.standard_normal((draws, n, self.d))
        flipped = np.arange(n) < count[:, None]  # [draws, n]
        other = generator.integers(1, self.classes, (draws, n))
        noisy = clean.copy()
        noisy[..., 0] -= self.separation * flipped
        at, sample = np.nonzero(flipped)
        noisy[at, sample, other[at, sample]] += self.separation
        return _covariance(clean), _covariance(noisy)

    def gains(self, n: int, draws: int, generator: np.random.Generator) -> tuple[Value, Value]:
        """The gain in W2^2 and in entropy from n samples, with their standard errors."""
        rows = max(1, CHUNK // (n * self.d))
        parts = []
        for start in range(0, draws, rows):
            pair = self.covariances(n, min(rows, draws - start), generator)
            clean, noisy = (np.linalg.eigvalsh(found) for found in pair)  # [rows, d]
            cost = ((np.sqrt(clean) - 1) ** 2 - (np.sqrt(noisy) - 1) ** 2).sum(1)
            entropy = 0.5 * np.log(noisy / clean).sum(1)
            parts.append(np.stack([cost, entropy]))
        found = self.some(n) * np.concatenate(parts, axis=1)  # [2, draws]
        errors = found.std(axis=1, ddof=1) / math.sqrt(draws)
        cost, entropy = found.mean(axis=1)
        return (
            Value(self.mean_part(n) + float(cost), float(errors[0])),
            Value(float(entropy), float(errors[1]), "nats"),
        )


def _covariance(x: Array) -> Array:
    """Biased covariances [k, d, d] of data sets [k, n, d]."""
    x = x - x.mean(axis=1, keepdims=True)
    return np.swapaxes(x, 1, 2) @ x / x.shape[1]


@final
class LabelFlips(Law):
    """W2^2(clean) - W2^2(flipped) of one class; parameters eta, classes, separation, d, n, draws.

    Sharper: the entropy gain on the same draws, both for an infinite n, W2^2 without flips, and the
    mean part of the gain.
    """

    name = "slight_corruption.label_flips"
    statement = "slight corruption of the labels lowers W2^2: E [W2^2(clean) - W2^2(flipped)] >= 0"
    source = f"{CORRUPTION}, Theorem 2 read for the label flips of section 3"
    unit = "data units squared"
    tier = "tolerance"
    parameters: ClassVar = {
        "eta": inside("share of flipped labels", 0, 1),
        "classes": integer("classes", least=2),
        "separation": positive("length of each class mean, along its own axis"),
        "d": integer("dimension of the data"),
        "n": integer("samples of a label", least=2),
        "draws": integer("independent data sets", least=2, default=4000),
    }
    example: ClassVar = {
        "eta": 0.075,
        "classes": 2,
        "separation": 1.0,
        "d": 2,
        "n": 10,
        "draws": 2000,
    }

    def _read(self, params: Params) -> tuple[Flips, int, int]:
        eta, classes, separation, d, n, draws = self.read(params)
        if classes > d:
            raise self.refuse(
                f"{classes} classes on the axes of {d} dimensions", "give classes <= d"
            )
        fit_of(self, d, n, separation)
        return Flips(classes, separation, eta, d), n, draws

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        flips, n, draws = self._read(params)
        return flips.gains(n, draws, self.drawing(generator))[0]

    def printed(self, params: Params) -> Value | None:
        self._read(params)
        return None

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        flips, n, draws = self._read(params)
        values = {
            "clean": Value(fit_of(self, flips.d, n, flips.separation).clean()),
            "mean_part": Value(flips.mean_part(n)),
            "population": Value(-flips.population_cost()),
            "population_entropy_gain": Value(flips.population_entropy_gain(), unit="nats"),
        }
        if generator is not None:
            values["entropy_gain"] = flips.gains(n, draws, generator)[1]
        return values

    def void(self, params: Params) -> bool:
        """Whether the corruption is not what the paper calls slight."""
        flips, *_ = self._read(params)
        return flips.eta > SLIGHT
