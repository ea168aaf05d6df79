"""How fast a loop forgets where it started: the theorem's factor, and the true one.

*Printed* (Bertrand et al. 2024, Theorem 1, for gamma = 0; Gillman et al. 2024, Theorem 4.3). With
kappa = 1 + epsilon L / alpha, and if lambda kappa < (1 + gamma) / (2 + gamma), the loop contracts
near theta* by at least

    rho(lambda) / (1 + gamma),
    rho = lambda (alpha + epsilon L) / (alpha - lambda (alpha + epsilon L))
        = lambda kappa / (1 - lambda kappa).

*Exact* (derived here). Write S = -Hessian E_data log p at theta*, S >= alpha, and F for the Fisher
information of p_theta*. The Jacobian of G at theta* is

    J = lambda / (1 + gamma) (S + lambda F)^-1 F,

with eigenvalues ``lambda f / ((1 + lambda f) (1 + gamma))``, f >= 0 those of S^-1/2 F S^-1/2.

Proof. Let H(theta', theta) be what G maximises over theta'. At theta = theta* the corrected model
is p_theta* itself, so that both terms of H are largest at theta' = theta*, the first by definition
and the second by Gibbs' inequality: theta* is a fixed point whatever lambda and gamma.
Differentiate ``d_1 H(G(theta), theta) = 0``: J = -(d_11 H)^-1 d_12 H. Here d_11 H = -S - lambda F,
as the mean of the Hessian of log p under p itself is -F; and d_12 H = lambda / (1 + gamma) F, as
p_theta* does not move with theta, and the derivative of ``E_{p_theta} grad log p_theta'`` is the
covariance of the scores. Last, S^1/2 J S^-1/2 is a function of the symmetric S^-1/2 F S^-1/2.  []

What follows:

1. *The loop is stable for every lambda.* The eigenvalues lie in [0, 1/(1 + gamma)), whatever the
   data, epsilon and L; nothing happens where lambda passes (1 + gamma) / ((2 + gamma) kappa). The
   printed factor is what a Neumann series of (S + lambda F)^-1 gives: it loses the sign of
   lambda F, which is curvature that helps.
2. *A sharp bound that is nowhere void*: f <= kappa, hence the factor is at most

       lambda kappa / ((1 + lambda kappa) (1 + gamma)) < 1/(1 + gamma).               (sharp_bound)

   For F - S is the difference of the means of an L-Lipschitz function under p_data and p_theta*,
   and so at most epsilon L in norm (Kantorovich), while S >= alpha.
3. *Exponential families* in natural parameters have a Hessian that does not depend on x: L = 0 and
   F = S, so that the factor is ``lambda / ((1 + lambda) (1 + gamma))`` for any data law, well
   specified or not, and in any other smooth parameterisation, where J changes by a similarity.
4. Correction speeds up by exactly 1 + gamma; printed / exact is (1 + lambda kappa) / (1 - lambda
   kappa), at f = kappa: right to first order in lambda.
5. lambda to infinity leaves 1 / (1 + gamma): without real data only the corrector contracts.

The statement is local, and of the population. What sampling does is in
``theory.loops.stationary_error``, and a start far away in ``theory.loops.gaussian_iteration``.
The theorem bounds the spectral norm of J; the asymptotic rate is its spectral radius, which is the
norm of J in the metric S.
"""

import math
from typing import ClassVar, final

from theory.law import Law, Params, Value
from theory.loops.correction import BERTRAND, GILLMAN, kept, strength
from theory.parameter import nonnegative, positive


def true_factor(lam: float, gamma: float, information: float = 1.0) -> float:
    """The factor of the loop along an eigenvector, f = information; 1 for exponential families."""
    return kept(gamma) * lam * information / (1 + lam * information)


def mismatch(alpha: float, lipschitz: float, epsilon: float) -> float:
    """kappa = 1 + epsilon L / alpha."""
    return 1 + epsilon * lipschitz / alpha


def printed_factor(lam: float, gamma: float, kappa: float = 1.0) -> float | None:
    """rho(lambda) / (1 + gamma); None from lambda kappa = 1 on, where rho has no meaning."""
    return kept(gamma) * lam * kappa / (1 - lam * kappa) if lam * kappa < 1 else None


def printed_threshold(gamma: float, kappa: float = 1.0) -> float:
    """The lambda from which on the theorem says nothing, (1 + gamma) / ((2 + gamma) kappa)."""
    return 1 / ((1 + kept(gamma)) * kappa)


def sharp_factor(lam: float, gamma: float, kappa: float = 1.0) -> float:
    """The bound that holds for every lambda."""
    return true_factor(lam, gamma, kappa)


LOOP = {
    "lambda": positive("synthetic samples for one real sample"),
    "gamma": strength("strength of correction", default=0.0),
}


@final
class Contraction(Law):
    """The factor by which one generation contracts; parameters lambda, gamma, alpha, information,
    lipschitz, epsilon."""

    name = "loops.contraction"
    statement = (
        "|J| <= rho(lambda) / (1 + gamma), rho = lambda kappa / (1 - lambda kappa), "
        "kappa = 1 + epsilon L / alpha"
    )
    source = f"{BERTRAND}, Theorem 1; {GILLMAN}, Theorem 4.3"
    unit = "1"
    trivial = 1.0
    parameters: ClassVar = {
        **LOOP,
        "alpha": positive("curvature of the data's log-likelihood at theta*", default=1.0),
        "information": positive("Fisher information of the model at theta*", default=1.0),
        "lipschitz": nonnegative("Lipschitz constant L of the Hessian in x", default=0.0),
        "epsilon": nonnegative("W1 distance epsilon of the best model and the data", default=0.0),
    }
    example: ClassVar = {"lambda": 0.25, "gamma": 1.0}

    def _read(self, params: Params) -> tuple[float, float, float, float]:
        """lambda, gamma, f and kappa."""
        lam, gamma, alpha, information, lipschitz, epsilon = self.read(params)
        if abs(information - alpha) > epsilon * lipschitz * (1 + 1e-12) + 1e-15 * alpha:
            raise self.refuse(
                f"information={information} and alpha={alpha}, further apart than "
                f"epsilon L = {epsilon * lipschitz:.6g}",
                "give constants that belong to one model, |information - alpha| <= epsilon L",
            )
        return lam, gamma, information / alpha, mismatch(alpha, lipschitz, epsilon)

    def exact(self, params: Params, generator: object = None) -> Value:
        lam, gamma, information, _ = self._read(params)
        return Value(true_factor(lam, gamma, information))

    def printed(self, params: Params) -> Value | None:
        lam, gamma, _, kappa = self._read(params)
        factor = printed_factor(lam, gamma, kappa)
        return None if factor is None else Value(factor)

    def sharper(self, params: Params, generator: object = None) -> dict[str, Value]:
        """``sharp_bound``; the lambda up to which the theorem speaks; the logarithm of the exact
        factor, below 0 where the loop is stable."""
        lam, gamma, information, kappa = self._read(params)
        values = {
            "sharp_bound": Value(sharp_factor(lam, gamma, kappa)),
            "printed_threshold": Value(printed_threshold(gamma, kappa), unit="lambda"),
        }
        factor = true_factor(lam, gamma, information)
        if factor > 0:
            values["log_factor"] = Value(math.log(factor), unit="nats a generation")
        return values
