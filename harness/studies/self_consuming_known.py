"""Self-consuming loops of Gaussians, where every moment is known: what is claimed of them.

The loops are those of ``harness.train.gaussian_loop``: the mean and the variance of N(0, 1), fitted
by maximum likelihood to real samples and to lambda times as many of the generation before. Their
rows hold the exact values, the recursion of the error and the bounds that the papers print, each
beside simulated chains.
"""

from typing import Any

from harness.claims.bound import BoundHolds
from harness.claims.claim import Claim
from harness.claims.contrast import Where
from harness.claims.formula import Agreement
from harness.claims.shape import Signed
from harness.studies.self_consuming_cells import STRENGTHS

NAME = "self_consuming"
BERTRAND = "Iterative retraining (Bertrand et al. 2024)"
GILLMAN = "Self-correcting loops (Gillman et al. 2024)"
MAD = "Go MAD (Alemohammad et al. 2024)"
HERE = "derived here, theory.loops.finite_loop"

GAUSSIAN: Where = {"data": "Gaussian"}


def _known(id: str, statement: str, source: str, rule: Any, confirmatory: bool = True) -> Claim:
    """A claim about Gaussians."""
    return Claim(id, statement, source, NAME, rule, "paper", confirmatory)


KNOWN: tuple[Claim, ...] = (
    _known(
        "finite-loop-forgets-by-the-factor",
        "Loops on finite samples, fitted by maximum likelihood, forget their first model by "
        "exactly lambda / ((1 + lambda)(1 + gamma)) a generation.",
        HERE,
        Agreement("gap_exact", "gap", where=GAUSSIAN),
    ),
    _known(
        "finite-loop-within-the-bound",
        "Loops on finite samples without correction forget their first model at least by "
        "rho(lambda) a generation.",
        f"{BERTRAND}, Theorem 1",
        BoundHolds("gap_exact", "gap_printed", "gap_void", {**GAUSSIAN, "arm": "none"}),
    ),
    *(
        _known(
            f"finite-loop-within-the-bound-at-gamma-{gamma:g}",
            f"Loops on finite samples with correction by an oracle (gamma = {gamma:g}) forget "
            "their first model at least by rho(lambda) / (1 + gamma) a generation.",
            f"{GILLMAN}, Theorem 4.3",
            BoundHolds(
                "gap_exact",
                "gap_printed",
                "gap_void",
                {**GAUSSIAN, "arm": "oracle", "gamma": gamma},
            ),
        )
        for gamma in STRENGTHS
        if isinstance(gamma, float)
    ),
    _known(
        "finite-loop-speed-up",
        "Correction stabilises a loop as (1 + gamma)^-t: in the loop of Gaussians, whose "
        "corrector is the idealised one of the theorem, a mixture with the truth.",
        f"{GILLMAN}, section 4: exponentially more stable",
        Agreement("speed_up_promised", "speed_up", where=GAUSSIAN),
    ),
    _known(
        "finite-loop-stays-beyond-lambda",
        "With real data and no correction the error stays below 3/2 of that of the real "
        "samples, also beyond the theorem's lambda.",
        HERE,
        BoundHolds("error_exact", "error_at_most", where={**GAUSSIAN, "arm": "none"}),
    ),
    _known(
        "finite-loop-recursion",
        "Derived here: the recursion of the error is that of simulated loops.",
        HERE,
        Agreement("error_exact", "error", where=GAUSSIAN),
        confirmatory=False,
    ),
    _known(
        "finite-loop-oracle-helps",
        "Correction of any strength by an oracle lowers the error of the loop.",
        f"{GILLMAN}, Theorem 4.3",
        Signed("error_added", -1, {**GAUSSIAN, "arm": "oracle"}),
    ),
    _known(
        "finite-loop-bias-harms",
        "A corrector that is biased by one deviation is worse than none for 100 samples, at "
        "any strength (for 50 samples, a weak one is better).",
        "a negative control; theory.loops.biased_corrector",
        Signed("error_added", 1, {**GAUSSIAN, "arm": "biased"}),
    ),
    _known(
        "finite-loop-fresh-helps",
        "Fresh real samples in each generation lower the error of the loop.",
        f"{MAD}, fresh data loop",
        Signed("error_saved", 1, {**GAUSSIAN, "arm": "fresh"}),
    ),
)
