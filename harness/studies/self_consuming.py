"""Self-consuming loops with and without correction: what is claimed of them.

The arms stand in ``harness.studies.self_consuming_cells``, what is claimed of the Gaussians in
``harness.studies.self_consuming_known``. A replicate is a whole trajectory. What
is held against each other are arms at the last generation, or a loop's last generation and an early
one or the first; never generations as if they were runs. A drift is what a loop has lost since its
first generation, which arms share: the effect of one arm against another at the last generation is
that of their drifts. The rules were fixed before any run, but for those of the biased corrector and
of whether loops settle, which a first run showed to be wrong: they are exploratory. Margins: a
quarter of the Fréchet distance between two generations of one loop, which start from other weights;
0.03 of coverage and accuracy. For gamma = 0 the condition of the theorem ends at lambda = 1/2.
"""

from typing import Any

from harness.claims.claim import Claim
from harness.claims.contrast import Arm, Where
from harness.claims.paired import Equivalence, PairedEffect
from harness.claims.reading import Quantifier, Reading
from harness.studies.self_consuming_cells import BEYOND, FULL, HEADLINE, RATIOS, STRENGTHS, cells
from harness.studies.self_consuming_known import BERTRAND, GILLMAN, HERE, KNOWN, MAD, NAME
from harness.studies.study import Study

FRECHET = Reading("fd_random_conv", "lower", margin=0.1)
DRIFT = Reading("fd_random_conv", "lower", margin=0.22)  # between two generations
COVERAGE = Reading("coverage_trained_digits", "higher", margin=0.03, scale="difference")
LOST = Reading("coverage_trained_digits", "lower", margin=0.03, scale="difference")
BY_CLASS = Reading("per_class_fd_trained_digits", "lower", margin=0.1)
ACCURACY = Reading("class_accuracy_trained_digits", "higher", margin=0.03, scale="difference")


def arm(name: str, gamma: float | str | None = None, until: str = "last") -> Arm:
    """An arm on digits."""
    made: dict[str, Any] = {"arm": name, "data": "digits", "until": until}
    return made if gamma is None else {**made, "gamma": gamma}


FIRST: Arm = {"data": "digits", "until": "first"}
AT: tuple[Where, ...] = ({"lambda": HEADLINE},)
EACH: tuple[Where, ...] = tuple({"lambda": ratio} for ratio in RATIOS)
NEAR: tuple[Where, ...] = tuple({"lambda": ratio} for ratio in RATIOS if ratio not in BEYOND)
FAR: tuple[Where, ...] = tuple({"lambda": ratio} for ratio in BEYOND)


def _trained(
    id: str,
    statement: str,
    source: str,
    better: Arm,
    worse: Arm,
    metrics: tuple[Reading, ...] = (FRECHET,),
    conditions: tuple[Where, ...] = AT,
    quantifier: Quantifier = "each",
    confirmatory: bool = True,
) -> Claim:
    """A claim about digits: one arm beats another."""
    rule = PairedEffect(metrics, better, worse, conditions, quantifier)
    return Claim(id, statement, source, NAME, rule, "here", confirmatory)


def _still(
    id: str,
    statement: str,
    metrics: tuple[Reading, ...],
    later: str,
    earlier: str,
    conditions: tuple[Where, ...] = FAR,
) -> Claim:
    """A claim that loops without correction do not move between two generations."""
    source = f"{HERE}; {BERTRAND}, Theorem 1, whose condition ends at 1/2"
    rule = Equivalence(metrics, arm("none", until=later), arm("none", until=earlier), conditions)
    return Claim(id, statement, source, NAME, rule, "here", confirmatory=False)


STUDY = Study(
    name=NAME,
    title="Self-consuming loops with and without correction",
    question="Does correction keep models that train on their own samples from drifting, and what "
    "does real data do without it?",
    cells=cells,
    cells_per_job=16,
    default=False,
    core_minutes=(("smoke", 0.4), ("cpu", 13.2)),
    claims=(
        *KNOWN,
        _trained(
            "oracle-lowers-the-drift",
            "Correction by an oracle (gamma = 1, lambda = 1) lowers the drift of the Fréchet "
            "distance over the generations; the first one is the same. (The oracle knows five "
            "times the images of the loop, those that the distance compares with; a biased "
            "corrector lowers it, too: correction-keeps-the-classes.)",
            f"{GILLMAN}, section 6",
            arm("oracle", HEADLINE),
            arm("none"),
        ),
        _trained(
            "centres-lower-the-drift",
            "Correction towards cluster centres of the loop's own images lowers it. (So does a "
            "biased one.)",
            f"{GILLMAN}, section 6, MNIST",
            arm("centres", HEADLINE),
            arm("none"),
        ),
        _trained(
            "oracle-lowers-the-drift-at-every-lambda",
            "Correction by an oracle lowers the drift of the Fréchet distance on the mean over "
            "lambda.",
            f"{GILLMAN}, section 6",
            arm("oracle", HEADLINE),
            arm("none"),
            conditions=EACH,
            quantifier="mean",
            confirmatory=False,
        ),
        _trained(
            "stronger-correction-lowers-it-more",
            "Correction by an oracle with gamma = 1 lowers the drift of the Fréchet distance more "
            "than with gamma = 0.1, on the mean over lambda.",
            f"{GILLMAN}, section 6",
            arm("oracle", HEADLINE),
            arm("oracle", STRENGTHS[0]),
            conditions=EACH,
            quantifier="mean",
            confirmatory=False,
        ),
        _trained(
            "full-correction-is-worse-than-half",
            "An oracle that replaces every sample (gamma infinite) leaves a higher Fréchet "
            "distance than one at gamma = 1, at every lambda. (Read off the first run.)",
            "derived here: what is replaced alone repeats few images",
            arm("oracle", HEADLINE),
            arm("oracle", FULL),
            conditions=EACH,
            confirmatory=False,
        ),
        _still(
            "stable-beyond-lambda",
            "From generation 2 to 4 the Fréchet distance of loops without correction, but with "
            "real data, changes by less than a quarter (a loop that contracts as the theory says "
            "would still change by 11 % at lambda = 1, by 23 % at 2, or by the square of that).",
            (DRIFT,),
            "last",
            "early",
        ),
        _still(
            "settled-beyond-lambda",
            "From generation 5 to 10 the Fréchet distance of loops without correction, but with "
            "real data, changes by less than a quarter, the coverage by less than 0.03: beyond the "
            "theorem's lambda (1 and 2) such loops are stable.",
            (DRIFT, COVERAGE),
            "late",
            "middle",
        ),
        _still(
            "settled-within-lambda",
            "At lambda = 0.25 and 0.5, up to which the theorem speaks, neither moves by more than "
            "that from generation 5 to 10.",
            (DRIFT, COVERAGE),
            "late",
            "middle",
            NEAR,
        ),
        _trained(
            "correction-keeps-the-classes",
            "Correction by an oracle keeps the classes where a biased one does not (gamma = 1, "
            "lambda = 1): accuracy is higher and the distance by class lower.",
            "the other half of the negative control",
            arm("oracle", HEADLINE),
            arm("biased", HEADLINE),
            (ACCURACY, BY_CLASS),
            confirmatory=False,
        ),
        _trained(
            "no-real-data-loses-coverage",
            "A loop without real data loses coverage: less than in its first generation.",
            f"{MAD}, fully synthetic loop; {BERTRAND}, section 3",
            arm("synthetic"),
            FIRST,
            (LOST,),
        ),
        _trained(
            "real-data-keep-coverage",
            "A loop with real images keeps more of its coverage than one without.",
            f"{BERTRAND}, section 5",
            arm("none"),
            arm("synthetic"),
            (COVERAGE,),
        ),
        _trained(
            "uncorrected-loops-lose-coverage",
            "Loops without correction lose coverage with real data, too (mean over lambda).",
            f"{MAD}, synthetic augmentation loop",
            arm("none"),
            FIRST,
            (LOST,),
            EACH,
            "mean",
            confirmatory=False,
        ),
        _trained(
            "bias-is-worse-than-none",
            "A biased correction (gamma = 1, lambda = 1) costs the classes: accuracy falls and the "
            "distance by class rises against none. (A distance over all cannot see it: the images "
            "are real ones, of another class.)",
            "a negative control; theory.loops.biased_corrector",
            arm("none"),
            arm("biased", HEADLINE),
            (ACCURACY, BY_CLASS),
            confirmatory=False,
        ),
        _trained(
            "fresh-data-help",
            "Fresh real images in each generation lower the Fréchet distance (mean over lambda = 1 "
            "and 2).",
            f"{MAD}, fresh data loop",
            arm("fresh"),
            arm("none"),
            conditions=FAR,
            quantifier="mean",
        ),
        _trained(
            "centres-alone-lose-coverage",
            "Samples replaced by cluster centres (gamma infinite) cost coverage against none.",
            "derived here: a centre is a mean of images",
            arm("centres", FULL),
            arm("none"),
            (LOST,),
            confirmatory=False,
        ),
    ),
)
