"""Data in a subspace: the score's error counts the latent dimension, until there is noise off it.

x = A z + tau xi in R^D with A [D, d] orthonormal, z ~ N(0, I_d), xi ~ N(0, I) off the subspace. M.
Chen et al. 2023 (tau = 0; the score of a network of the right form, early stopping at t_0):

    mean squared error of the score = O~(n^{-2/(d+5)} + D n^{-(d+3)/(d+5)}) / t_0,         (printed)

up to constants, logarithms and an arbitrarily small loss in the exponent, here one and none: a rate
in which D enters linearly, not in the exponent. Here, for an estimate that knows of neither A nor
d: the normal with the covariance of the n samples,

    s^(x) = -(r^2 C^ + (1 - r^2) I)^{-1} x,    C^ = 1/n sum x_i x_i',    r = exp(-t).

*Derived here.* For tau = 0 the error does not depend on D at all, at any n: C^ = A C^_z A', so that
s^ and s both are ``-(1 - r^2)^{-1} x`` off the subspace, and on it are those of the d-dimensional
problem. The same holds for a kernel estimate without truncation, whose kernels share their factor
off the subspace. To leading order in 1/n, with V = 1 on the subspace and W = 1 - r^2 + r^2 tau^2
off it, S = (1, .., 1, tau^2, .., tau^2), E (C^ - C)_ij^2 = S_i S_j (1 + delta_ij) / n gives

    error = r^4 / n sum_ij S_i S_j (1 + delta_ij) / (V_i^2 V_j),                           (leading)

``r^4 d (d + 1) / n`` for tau = 0, and beside it for tau > 0 terms with (D - d) d tau^2 and
(D - d)^2 tau^4: noise off the subspace brings the ambient dimension in, as (D - d) / n.

*Void* where the printed rate is no smaller than what s^ = 0 costs, E|s|^2 = d + (D - d) / W. The
exponents are those of a nonparametric class: on normal data the rate is 1/n, and no slope is to be
fitted to the bound.
"""

import math
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from theory.law import Law, Params, Value
from theory.parameter import integer, nonnegative, positive
from theory.rates.kernel_score import mean_error

Array = npt.NDArray[np.float64]

SUBSPACE = "M. Chen et al. 2023, Score approximation on low-dimensional data (arXiv 2302.07194)"
MEMORY = 1 << 20  # numbers in a chunk


def plug_in_errors(samples: Array, covariance: Array, t: float) -> Array:
    """``E_{p_t} |s^ - s|^2`` [k] for data sets [k, n, D] from N(0, covariance [D, D])."""
    decay, noise = math.exp(-2 * t), -math.expm1(-2 * t)
    unit = np.eye(len(covariance))
    found = samples.transpose(0, 2, 1) @ samples / samples.shape[1]  # [k, D, D]
    marginal = decay * covariance + noise * unit
    gap = np.linalg.inv(decay * found + noise * unit) - np.linalg.inv(marginal)
    return np.einsum("kij,jl,kil->k", gap, marginal, gap, optimize=True)


def latent_errors(
    latent: int,
    ambient: int,
    n: int,
    t: float,
    off: float,
    datasets: int,
    generator: np.random.Generator,
) -> tuple[Array, Array]:
    """The errors in R^D and, from the same z, in R^d, each [datasets]; off: tau.

    A is drawn anew for every chunk of data sets.
    """
    pairs = []
    rows = max(1, MEMORY // (n * ambient))
    for start in range(0, datasets, rows):
        size = min(rows, datasets - start)
        basis = np.linalg.qr(generator.standard_normal((ambient, ambient)))[0]
        inside, outside = basis[:, :latent], basis[:, latent:]
        z = generator.standard_normal((size, n, latent))
        x = z @ inside.T
        if off > 0:
            xi = generator.standard_normal((size, n, ambient - latent))
            x = x + off * xi @ outside.T
        covariance = inside @ inside.T + off**2 * outside @ outside.T
        pairs.append((plug_in_errors(x, covariance, t), plug_in_errors(z, np.eye(latent), t)))
    ambient_errors, own = (np.concatenate(parts) for parts in zip(*pairs))
    return ambient_errors, own


def leading_error(latent: int, ambient: int, n: int, t: float, off: float) -> float:
    """``r^4 / n sum_ij S_i S_j (1 + delta_ij) / (V_i^2 V_j)``; off: tau."""
    decay, noise = math.exp(-2 * t), -math.expm1(-2 * t)
    s = np.concatenate([np.ones(latent), np.full(ambient - latent, off**2)])
    v = decay * s + noise
    sums = (s / v**2).sum() * (s / v).sum() + (s**2 / v**3).sum()
    return float(decay**2 * sums / n)


def printed_rate(latent: int, ambient: int, n: int, t: float) -> float:
    """``(n^{-2/(d+5)} + D n^{-(d+3)/(d+5)}) / t``."""
    return (n ** (-2 / (latent + 5)) + ambient * n ** (-(latent + 3) / (latent + 5))) / t


@final
class LatentDimension(Law):
    """The score's error for data in a subspace, against the printed rate and the latent problem."""

    name = "rates.latent_dimension"
    statement = "E|s^ - s|^2 = O~(n^{-2/(d+5)} + D n^{-(d+3)/(d+5)}) / t_0 for x = A z"
    source = f"{SUBSPACE}, Theorem 2, constants and logarithms set to one"
    unit = "squared score"
    tier = "tolerance"
    parameters: ClassVar = {
        "latent": integer("latent dimension d"),
        "ambient": integer("ambient dimension D"),
        "n": integer("number of samples"),
        "t": positive("time, and that of early stopping"),
        "off": nonnegative("deviation tau of the noise off the subspace", default=0.0),
        "datasets": integer("independent data sets", 2, default=400),
    }
    example: ClassVar = {"latent": 2, "ambient": 16, "n": 400, "t": 0.2, "datasets": 50}

    def _read(self, params: Params) -> tuple[int, int, int, float, float, int]:
        latent, ambient, n, t, off, datasets = self.read(params)
        if latent > ambient:
            raise self.refuse(
                f"a latent dimension of {latent} in {ambient}", "give latent <= ambient"
            )
        return latent, ambient, n, t, off, datasets

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return mean_error(latent_errors(*self._read(params), self.drawing(generator))[0])

    def printed(self, params: Params) -> Value | None:
        """None with noise off the subspace, of which the theorem does not speak."""
        latent, ambient, n, t, off, _ = self._read(params)
        return None if off > 0 else Value(printed_rate(latent, ambient, n, t))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``leading`` in 1/n, ``zero``: of s^ = 0; with a generator what the draws say of D.

        ``latent``: the error in R^d alone, from the same z; ``by_latent``: the error by it, from
        pairs; ``latent_only``: 1, what that would be if d alone counted.
        """
        latent, ambient, n, t, off, datasets = self._read(params)
        values = {
            "leading": Value(leading_error(latent, ambient, n, t, off)),
            "zero": Value(self._zero(params)),
        }
        if generator is not None:
            found, own = latent_errors(latent, ambient, n, t, off, datasets, generator)
            values["latent"] = mean_error(own)
            ratio = float(found.mean() / own.mean())
            error = (found - ratio * own).std(ddof=1) / (own.mean() * math.sqrt(datasets))
            values["by_latent"] = Value(ratio, float(error), unit="1")
            values["latent_only"] = Value(1.0, unit="1")
        return values

    def _zero(self, params: Params) -> float:
        latent, ambient, _, t, off, _ = self._read(params)
        return latent + (ambient - latent) / (1 + math.exp(-2 * t) * (off**2 - 1))

    def void(self, params: Params) -> bool:
        """Where it is not claimed, or the rate is no smaller than the error of s^ = 0."""
        printed = self.printed(params)
        return printed is None or printed.value >= self._zero(params)
