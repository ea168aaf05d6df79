"""Mixtures of Gaussians in any dimension: density, score, posterior mean, samples.

p(x) = sum_k w_k N(x; m_k, S_k) on R^d. With the responsibilities ``g_k(x) = w_k N(x; m_k, S_k) /
p(x)``,

    score      grad log p(x) = sum_k g_k(x) S_k^-1 (m_k - x)
    denoiser   E[X | a X + sigma Z = y] = sum_k g_k(y) (m_k + a S_k C_k^-1 (y - a m_k)),
               C_k = a^2 S_k + sigma^2 I, g_k those of the law of a X + sigma Z

the second by conditioning within each component. It agrees with Tweedie's formula, ``(y + sigma^2
grad log p_sigma(y)) / a``, which divides by a and so is of no use where a is small.

Numerics. Logarithms of sums are taken of differences from the largest term. For one variance v
the exponent ``-|x - m|^2 / (2 v)`` is one matrix product, ``(x.m - |m|^2/2) / v``, plus a term of
x alone; x and m are taken about the mean of the mixture first, because squares of uncentred
numbers cancel: at a distance D from the origin they lose log10(D^2 / v) digits. Full covariances
are whitened through one eigendecomposition each, ``S_k = U diag(l) U'``: d^2 a point, no inverse.
Points go in blocks that fit the cache, so that memory does not grow with n k.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

BLOCK = 1 << 18  # numbers in a block [rows, k]: 2 MB, so that it stays in the cache
LOG_2PI = math.log(2 * math.pi)


@final
@dataclass(frozen=True, eq=False)
class Mixture:
    """A mixture of k Gaussians on R^d.

    weights: [k], positive, summing to 1. means: [k, d]. covariances: a variance for all, [k]
    variances of isotropic components, or [k, d, d] positive semidefinite matrices. A law with a
    singular component has samples and can be noised; it has no density.
    """

    weights: Array
    means: Array
    covariances: Array

    def __post_init__(self) -> None:
        weights = np.atleast_1d(np.asarray(self.weights, float))
        means = np.asarray(self.means, float)
        covariances = np.asarray(self.covariances, float)
        k = len(weights)
        if means.ndim != 2 or len(means) != k or not k:
            raise ValueError(
                f"asked for a mixture of {k} components; got means of shape {means.shape}; "
                "give one mean [d] a component"
            )
        if (
            not (np.isfinite(weights).all() and (weights > 0).all())
            or abs(weights.sum() - 1) > 1e-9
        ):
            raise ValueError(
                f"asked for a mixture with weights {weights}; got some that are not positive or "
                "do not sum to 1; normalise them"
            )
        if covariances.ndim == 0:
            covariances = np.full(k, float(covariances))
        d = means.shape[1]
        if covariances.shape not in ((k,), (k, d, d)):
            raise ValueError(
                f"asked for a mixture of {k} components in {d} dimensions; got covariances of "
                f"shape {covariances.shape}; give a variance, [k] variances or [k, d, d] matrices"
            )
        if not (np.isfinite(means).all() and np.isfinite(covariances).all()):
            raise ValueError("asked for a mixture; got a number that is not finite; leave it out")
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "means", means)
        object.__setattr__(self, "covariances", covariances)
        least = float(self._values.min())
        if least < -1e-12 * float(np.abs(self._values).max()):
            raise ValueError(
                f"asked for a mixture; got a covariance with the eigenvalue {least:.6g}; "
                "give positive semidefinite ones"
            )

    @property
    def dimension(self) -> int:
        return int(self.means.shape[1])

    @property
    def full(self) -> bool:
        """Whether the components have matrices, rather than one variance each."""
        return self.covariances.ndim == 3

    @cached_property
    def _eigen(self) -> tuple[Array, Array]:
        """Eigenvalues [k, d] and vectors [k, d, d] of full covariances."""
        values, vectors = np.linalg.eigh(self.covariances)
        return values, vectors

    @property
    def _values(self) -> Array:
        return self._eigen[0] if self.full else self.covariances

    @cached_property
    def mean(self) -> Array:
        """E X [d]."""
        return self.weights @ self.means

    @cached_property
    def covariance(self) -> Array:
        """Cov X [d, d]."""
        offsets = self.means - self.mean  # [k, d]
        between = (offsets * self.weights[:, None]).T @ offsets
        if self.full:
            return between + np.tensordot(self.weights, self.covariances, 1)
        return between + float(self.weights @ self.covariances) * np.eye(self.dimension)

    def noised(self, sigma: float, scale: float = 1.0) -> "Mixture":
        """The law of ``scale X + sigma Z``, Z standard normal."""
        if not (math.isfinite(sigma) and sigma >= 0 and math.isfinite(scale)):
            raise ValueError(
                f"asked for noise {sigma} at scale {scale}; got no noise level; give sigma >= 0"
            )
        added = sigma**2 * np.eye(self.dimension) if self.full else sigma**2
        return Mixture(self.weights, scale * self.means, scale**2 * self.covariances + added)

    def _blocks(self, x: Array) -> Iterator[tuple[slice, Array, Array]]:
        """Blocks of points about the mean [b, d] with ``log w_k N(x; m_k, S_k)`` [b, k]."""
        x = np.asarray(x, float)
        if x.ndim != 2 or x.shape[1] != self.dimension:
            raise ValueError(
                f"asked for points in {self.dimension} dimensions; got an array of shape "
                f"{x.shape}; give [n, {self.dimension}]"
            )
        if not float(self._values.min()) > 0:
            raise ValueError(
                "asked for a density; got a component without spread in some direction; "
                "add noise first"
            )
        centred = self.means - self.mean  # [k, d]
        rows = max(16, BLOCK // max(len(self.weights), self.dimension))
        for start in range(0, len(x), rows):
            at = slice(start, min(start + rows, len(x)))
            block = x[at] - self.mean
            yield at, block, self._joint(block, centred)

    def _joint(self, x: Array, means: Array) -> Array:
        """``log w_k N(x; m_k, S_k)`` [b, k] of points and means about one centre."""
        d, log_weights = self.dimension, np.log(self.weights)
        if not self.full:
            v = self.covariances
            half = 0.5 * np.einsum("kd,kd->k", means, means)
            joint = x @ (means / v[:, None]).T  # [b, k]
            joint += log_weights - half / v - 0.5 * d * (LOG_2PI + np.log(v))
            squares = 0.5 * np.einsum("bd,bd->b", x, x)
            joint -= squares[:, None] / v if v.min() < v.max() else (squares / v[0])[:, None]
            return joint
        values, vectors = self._eigen
        joint = np.empty((len(x), len(means)))
        for k, (mean, value, vector) in enumerate(zip(means, values, vectors)):
            z = (x - mean) @ (vector / np.sqrt(value))  # [b, d]
            joint[:, k] = -0.5 * np.einsum("bd,bd->b", z, z)
        return joint + (log_weights - 0.5 * (d * LOG_2PI + np.log(values).sum(1)))

    def log_density(self, x: Array) -> Array:
        """log p(x) [n] in nats at points x [n, d]."""
        found = np.empty(len(x))
        for at, _, joint in self._blocks(x):
            largest = joint.max(axis=1)
            joint -= largest[:, None]
            found[at] = largest + np.log(np.exp(joint, out=joint).sum(axis=1))
        return found

    def responsibilities(self, x: Array) -> Array:
        """g_k(x) [n, k], the probability of each component given x [n, d]."""
        found = np.empty((len(x), len(self.weights)))
        for at, _, joint in self._blocks(x):
            found[at] = _normalised(joint)
        return found

    def score(self, x: Array) -> Array:
        """grad log p(x) [n, d] at points x [n, d]."""
        found = np.empty((len(x), self.dimension))
        centred = self.means - self.mean
        for at, block, joint in self._blocks(x):
            found[at] = self._average(_normalised(joint), block, centred)
        return found

    def _average(self, g: Array, x: Array, means: Array) -> Array:
        """``sum_k g_k S_k^-1 (m_k - x)`` [b, d]."""
        if not self.full:
            v = self.covariances
            if v.min() == v.max():
                return (g @ means - x) / v[0]
            precise = g / v  # [b, k]
            return precise @ means - precise.sum(axis=1, keepdims=True) * x
        found = np.zeros_like(x)
        for k, (value, vector) in enumerate(zip(*self._eigen)):
            found += g[:, k, None] * ((((means[k] - x) @ vector) / value) @ vector.T)
        return found

    def denoise(self, y: Array, sigma: float, scale: float = 1.0) -> Array:
        """E[X | scale X + sigma Z = y] [n, d] at y [n, d], for sigma > 0."""
        noised = self.noised(sigma, scale)
        y = np.asarray(y, float)
        found = np.empty((len(y), self.dimension))
        for at, _, joint in noised._blocks(y):
            found[at] = self._posterior(_normalised(joint), y[at], sigma, scale)
        return found

    def _posterior(self, g: Array, y: Array, sigma: float, scale: float) -> Array:
        """``sum_k g_k (m_k + a S_k C_k^-1 (y - a m_k))`` [b, d]."""
        if not self.full:
            gain = scale * self.covariances / (scale**2 * self.covariances + sigma**2)  # [k]
            offsets = self.means * (1 - scale * gain)[:, None]  # [k, d]
            return g @ offsets + (g @ gain)[:, None] * y
        found = g @ self.means
        for k, (value, vector) in enumerate(zip(*self._eigen)):
            gain = scale * value / (scale**2 * value + sigma**2)  # [d]
            found += g[:, k, None] * ((((y - scale * self.means[k]) @ vector) * gain) @ vector.T)
        return found

    def sample(self, n: int, generator: np.random.Generator) -> Array:
        """n independent draws [n, d]."""
        component = generator.choice(len(self.weights), size=n, p=self.weights)
        z = generator.standard_normal((n, self.dimension))
        if not self.full:
            return self.means[component] + np.sqrt(self.covariances[component])[:, None] * z
        values, vectors = self._eigen
        spread = vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]  # [k, d, d]
        return self.means[component] + np.einsum("nij,nj->ni", spread[component], z)


def _normalised(joint: Array) -> Array:
    """Rows of logarithms [b, k] as probabilities, in place."""
    joint -= joint.max(axis=1, keepdims=True)
    np.exp(joint, out=joint)
    joint /= joint.sum(axis=1, keepdims=True)
    return joint
