"""The laws behind self-consuming loops: contraction, stationary error, collapse, correctors."""

from typing import Any

from harness.claims.bound import BoundHolds
from harness.claims.claim import Claim
from harness.claims.formula import Agreement
from harness.claims.shape import Monotone, Signed
from harness.records.record import Plain
from harness.studies.loops_cells import FULL, TOY_GENERATIONS, cells
from harness.studies.study import Study

BERTRAND = "Iterative retraining (Bertrand et al. 2024)"
GILLMAN = "Self-correcting loops (Gillman et al. 2024)"
MAD = "Go MAD (Alemohammad et al. 2024)"


def _claim(id: str, statement: str, source: str, rule: Any, confirmatory: bool = True) -> Claim:
    return Claim(
        id=id,
        statement=statement,
        source=source,
        study="loops_laws",
        rule=rule,
        regime="paper",
        confirmatory=confirmatory,
    )


BOTH = f"{BERTRAND}, Theorem 1; {GILLMAN}, Theorem 4.3"
LAST: dict[str, Plain] = {"law": "toy", "generations": TOY_GENERATIONS[-1]}

STUDY = Study(
    name="loops_laws",
    title="The laws behind self-consuming loops",
    question="How fast do loops on their own samples converge, where do they settle, what do "
    "correctors and fresh data do, and what happens beyond the theorem's condition?",
    cells=cells,
    cells_per_job=1000,
    core_minutes=(("cpu", 0.25),),
    claims=(
        _claim(
            "loop-contraction-bound",
            "Retraining on lambda synthetic samples a real one, corrected with strength gamma, "
            "contracts at least by rho(lambda) / (1 + gamma).",
            BOTH,
            BoundHolds("exact", "printed", "void", {"law": "contraction"}),
        ),
        _claim(
            "loop-contraction-bound-wrong-model",
            "The same where the model is wrong: a logistic family on Gaussian data, with its own "
            "constants alpha, L and epsilon.",
            BOTH,
            BoundHolds("exact", "printed", "void", {"law": "misspecified"}),
        ),
        _claim(
            "loop-unstable-beyond-lambda",
            "The loop is unstable beyond the theorem's lambda, (1 + gamma) / (2 + gamma): its "
            "condition read as a necessary one.",
            f"{BOTH}, the condition",
            Signed("log_factor", 1, {"law": "contraction", "regime": "beyond"}),
        ),
        _claim(
            "loop-stable-for-every-lambda",
            "Corrected statement: the loop is locally stable for every lambda, also where the "
            "model is wrong.",
            "derived here, theory.loops.contraction",
            Signed("log_factor", -1, {"law": "misspecified"}),
        ),
        _claim(
            "loop-sharp-bound",
            "Corrected statement: it contracts at least by lambda kappa / ((1 + lambda kappa) "
            "(1 + gamma)), which is below 1 for every lambda.",
            "derived here, theory.loops.contraction",
            BoundHolds("exact", "sharp_bound", where={"law": "misspecified"}),
        ),
        _claim(
            "loop-threshold-needs-no-coordinates",
            "The lambda up to which the theorem proves stability does not depend on how the scale "
            "of a Gaussian is written.",
            f"{BERTRAND}, Assumption 1",
            Agreement("natural_threshold", "printed_threshold", where={"law": "parameterisation"}),
        ),
        _claim(
            "loop-speed-up-by-correction",
            "Correction makes the loop contract faster by exactly 1 + gamma in each generation "
            "(Gaussian loop, error in the first two moments, any start).",
            f"{GILLMAN}, Theorem 4.3",
            Agreement(
                "speed_up",
                "promised_speed_up",
                where={"law": "gaussian_iteration", "coordinate": "moments"},
            ),
        ),
        _claim(
            "loop-speed-up-in-natural-parameters",
            "The same in the natural parameters, in which the theorem's assumptions hold, from the "
            "first generation on and from any start.",
            f"{GILLMAN}, Theorem 4.3, read without its proviso",
            Agreement(
                "speed_up",
                "promised_speed_up",
                where={"law": "gaussian_iteration", "coordinate": "natural"},
            ),
            confirmatory=False,
        ),
        _claim(
            "loop-path-near",
            "From a start sufficiently close the distance of theta_t from theta* is at most "
            "(rho(lambda) / (1 + gamma))^t times that of theta_0.",
            BOTH,
            BoundHolds(
                "exact",
                "printed",
                "void",
                {"law": "gaussian_iteration", "coordinate": "natural", "start": "near"},
            ),
        ),
        _claim(
            "loop-path-far",
            "The same from a start two standard deviations away and twice as wide.",
            f"{BOTH}, read without the proviso of a close start",
            BoundHolds(
                "exact",
                "printed",
                "void",
                {"law": "gaussian_iteration", "coordinate": "natural", "start": "far"},
            ),
            confirmatory=False,
        ),
        _claim(
            "loop-stationary-bound",
            "With n samples the loop settles within the theorem's geometric sum of the errors of "
            "single generations (in the mean square).",
            f"{BERTRAND}, Theorem 2; {GILLMAN}, Theorem 4.3",
            BoundHolds("exact", "printed", "void", {"law": "stationary_error"}),
        ),
        _claim(
            "loop-stationary-formula",
            "Derived here: the closed form of the stationary error is that of simulated loops.",
            "theory.loops.stationary_error",
            Agreement("simulated", "exact", where={"law": "stationary_error"}),
            confirmatory=False,
        ),
        _claim(
            "loop-uncorrected-loses",
            "Without correction a loop with any lambda > 0 ends worse than its real data alone.",
            "derived here, theory.loops.stationary_error",
            Signed("gain_on_real_only", -1, {"law": "stationary_error", "gamma": 0.0}),
        ),
        _claim(
            "loop-any-correction-pays",
            "With correction of any strength a loop ends better than its real data alone.",
            f"{GILLMAN}, section 4, a reading",
            Signed("gain_on_real_only", 1, {"law": "stationary_error", "corrected": "yes"}),
            confirmatory=False,
        ),
        _claim(
            "loop-full-correction-is-data",
            "Full correction acts as extra real data: the stationary error is 1 / (n + k).",
            f"{GILLMAN}, the limit of an infinite gamma",
            Agreement("exact", "extra_real", where={"law": "stationary_error", "gamma": FULL}),
        ),
        _claim(
            "loop-biased-corrector-harmless",
            "A biased corrector keeps the fixed point.",
            "a negative control; theory.loops.biased_corrector",
            Agreement("exact", "printed", "void", {"law": "biased_corrector"}),
        ),
        _claim(
            "loop-collapses",
            "Purely synthetic retraining collapses: E sigma_t -> 0 exponentially, with the "
            "unbiased variance, too.",
            f"{BERTRAND}, proposition on purely synthetic data",
            Signed("rate", -1, {"law": "collapse"}),
        ),
        _claim(
            "loop-variance-collapses",
            "So does the variance, E sigma_t^2 -> 0 (unbiased estimator, fair sampling).",
            f"{MAD}, fully synthetic loop, read without its sampling bias",
            Signed("log_mean_variance", -1, {"law": "collapse", "estimator": "unbiased"}),
        ),
        _claim(
            "loop-collapse-simulated",
            "Derived here: E log sigma_t falls by the digamma formula in simulated loops.",
            "theory.loops.collapse",
            Agreement("mean_log_simulated", "mean_log", where={"law": "collapse"}),
            confirmatory=False,
        ),
        _claim(
            "loop-sampling-bias-power",
            "A sampling bias xi takes the variance down as xi^t in the fully synthetic loop.",
            f"{MAD}, fully synthetic loop",
            Agreement("exact", "printed", "void", {"law": "sampling_bias"}),
        ),
        _claim(
            "loop-fresh-data-keep-variance",
            "The more fresh data a generation has, the more variance a loop with biased sampling "
            "keeps.",
            f"{MAD}, fresh data loop",
            Monotone("exact", "fresh", "rising", {"law": "sampling_bias", "sampling": "biased"}),
        ),
        _claim(
            "loop-fresh-data-below-alone",
            "The fresh data loop stays below the error of its fresh data alone.",
            f"{MAD}, fresh data loop",
            BoundHolds("exact", "printed", "void", {"law": "fresh_data"}),
        ),
        _claim(
            "loop-accumulation-bounded",
            "Where samples accumulate, the error stays below pi^2 / 6 times that of the real data.",
            "Gerstgrasser et al. 2024, Theorem 1, for a Gaussian mean",
            BoundHolds(
                "exact",
                "printed",
                "void",
                {"law": "synthetic_only", "regime": "accumulate", "gamma": 0.0},
            ),
        ),
        _claim(
            "loop-toy-order",
            "In the toy experiment W2 to the truth after 500 generations falls with gamma.",
            f"{GILLMAN}, toy experiment",
            Monotone("exact", "gamma", "falling", {**LAST, "corrector": "released"}),
        ),
        _claim(
            "loop-toy-corrector",
            "The toy experiment's released corrector acts as the idealised one: W2 is that of a "
            "loop on samples of pi_gamma p.",
            f"{GILLMAN}, toy experiment and its code",
            Agreement("exact", "idealised", where={**LAST, "corrector": "released"}),
        ),
        _claim(
            "loop-toy-drift",
            "Without any corrector the toy loop ends further from the truth than its real data.",
            f"{GILLMAN}, toy experiment, with the idealised gamma = 0",
            Signed("added", 1, {**LAST, "corrector": "ideal", "gamma": 0.0}),
        ),
    ),
)
