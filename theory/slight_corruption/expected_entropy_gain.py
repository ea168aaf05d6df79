"""The entropy gain of Theorem 1 when the moments are fitted from n samples, in expectation.

The gain ``1/2 log(1 + kappa muh' Sh^-1 muh)`` of ``theory.slight_corruption.entropy_gain`` depends
on the fit only through Hotelling's statistic, whose law is known: for n samples of N(mu, I)

    muh' Sh^-1 muh = A / B,   A ~ chi'^2_d(n |mu|^2),  B ~ chi^2_{n-d},  independent,

so that the expectation is a double integral, whatever d; no matrix is drawn. The printed lemma's
``1/2 sum log(1 + kappa |muh|^2 / lam_i)`` needs the eigenvalue density of a Wishart matrix
(``theory.slight_corruption.wishart``) and |muh|^2, independent of it; it too comes out exactly.

For gamma -> 0, n > d + 2,

    E gain = 1/2 gamma^2 (|mu|^2 + d/n) n/(n - d - 2) + O(gamma^4).

So at finite n the gain does grow with d, through the errors of the fitted mean and of the fitted
covariance, but it starts from a constant, has doubled at |mu| = 1 only where d is about n/3, and at
a fixed ratio d/n does not grow at all: this is not the Theta(gamma^2 d) of the theorem. n <= d is
an error, as the clean entropy is minus infinity there.
"""

from typing import ClassVar, final

import numpy as np

from theory.law import Law, Params, Value
from theory.parameter import integer, nonnegative
from theory.slight_corruption.entropy_gain import gain
from theory.slight_corruption.fitted_moments import Fit, fit_of
from theory.slight_corruption.linear_network import CORRUPTION, kappa


def expected_gain(fit: Fit, gamma: float) -> float:
    """``E 1/2 log(1 + kappa muh' Sh^-1 muh)`` in nats."""
    q, weights = fit.mahalanobis
    return 0.5 * float(weights @ np.log1p(kappa(gamma) * q))


def expected_printed_gain(fit: Fit, gamma: float) -> float:
    """``E 1/2 sum log(1 + kappa |muh|^2 / lam_i)`` in nats."""
    squares, over = fit.squares
    eigenvalues, density = fit.eigenvalues
    ratio = kappa(gamma) * np.divide.outer(squares, eigenvalues)
    return 0.5 * float(over @ np.log1p(ratio) @ density)


@final
class ExpectedEntropyGain(Law):
    """The expected entropy gain of a class fitted from n samples; parameters gamma, d, n, norm.

    Sharper: the gain of the population (n infinite), and the leading term for small gamma.
    """

    name = "slight_corruption.expected_entropy_gain"
    statement = "E [H(corrupted) - H(clean)] = E 1/2 sum log(1 + kappa |mu|^2 / lam_i)"
    source = f"{CORRUPTION}, Theorem 1 in the form of its proof, over the data"
    unit = "nats"
    parameters: ClassVar = {
        "gamma": nonnegative("corruption of the condition"),
        "d": integer("dimension of the data"),
        "n": integer("samples of the class", least=2),
        "norm": nonnegative("length |mu| of the class mean"),
    }
    example: ClassVar = {"gamma": 0.2, "d": 8, "n": 50, "norm": 1.0}

    def _read(self, params: Params) -> tuple[float, Fit]:
        gamma, d, n, norm = self.read(params)
        return gamma, fit_of(self, d, n, norm)

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        gamma, fit = self._read(params)
        return Value(expected_gain(fit, gamma))

    def printed(self, params: Params) -> Value | None:
        gamma, fit = self._read(params)
        return Value(expected_printed_gain(fit, gamma))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        gamma, fit = self._read(params)
        values = {"population": Value(gain(gamma, fit.norm**2))}
        if fit.n > fit.d + 2:
            inflated = fit.mean_square * fit.n / (fit.n - fit.d - 2)
            values["second_order"] = Value(0.5 * gamma**2 * inflated)
        return values
