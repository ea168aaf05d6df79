"""Labels that are wrong: flips of a share eta, at fixed, at best and at matched guidance.

The claim of Slight Corruption (Chen et al. 2024) is that a few wrong labels in the data (up to
7.5 %) make conditional diffusion models better: FID, Inception Score and diversity, at guidance
scales that the paper fixes. Here the same is asked at a fixed guidance, at the best one of each arm
and where the arms obey their condition equally often. ``harness.studies.conditional`` says what
is shared.

    flipped    to another class by the class prior, fixed in the data; nested in eta
    confused   within {3, 5, 8, 9}, {1, 4, 7} and {0, 2, 6} only
    redrawn    flipped anew at every visit, the same share
    again      nothing is corrupted; another initialisation and other batches

Flips by the prior have every share at every guidance (10 and 15 % not at equal accuracy); those
within groups and those redrawn have every share at w = 1, with three replicates but for the shares
that a claim was first made for, which have w = 0, too.

What is fixed before the run
    Slight is eta of 2.5, 5 and 7.5 %. The headline is the MLP on few images, w = 1 (the paper's
    scale 2), where the paper's model has its Table 1. Margins: 10 % of a Fréchet distance, 2 % of
    an Inception Score or a loss, 2 points of a share, 0.05 nats of entropy. A marginal Fréchet
    distance cannot see that classes are exchanged, so the distance by class stands beside it.
"""

from harness.cell import Cell
from harness.scale import Sizes
from harness.studies import frame
from harness.studies.conditional import (
    BEST,
    BY_CLASS,
    DIVERSITY,
    ENTROPY,
    EQUAL,
    FRECHET,
    GUIDANCES,
    LOSS,
    PHOTOGRAPHS,
    PLACES,
    QUALITY,
    RIGHT,
    SLIGHT,
    TEXTURED,
    WASSERSTEIN,
    WRONG,
    alike,
    better,
    conditional,
    felt,
    flipped,
    others,
    percent,
)
from harness.studies.frame import at
from harness.studies.study import Study
from harness.train.relabelling import Relabelling

STUDY_NAME = "condition_flips"
SLIGHTLY = (0.025, 0.05, 0.075)
SEVERE = (0.1, 0.15, 0.2, 0.5)
SHARES = (*SLIGHTLY, *SEVERE[:-1])
CONFUSED = ((3, 5, 8, 9), (1, 4, 7), (0, 2, 6))
SHORT: tuple[str, ...] = ("0", "1", BEST)
PLAIN, ONE = SHORT[:2], SHORT[1:2]


def cells(sizes: Sizes) -> list[Cell]:
    """Few images at every share and guidance; then other flips, other data, other networks."""
    many, other, few = sizes.replicates, sizes.replicates_other, min(3, sizes.replicates_other)
    grid = conditional(sizes, many, labels={"arm": "clean"})
    grid += conditional(sizes, other, labels={"arm": "again"}, copy=1)

    def corrupted(
        count: int, arm: str, by: Relabelling, guidances: tuple[str, ...] = SHORT, **given: object
    ) -> list[Cell]:
        labels = {"arm": arm, "share": percent(by.share)}
        return conditional(sizes, count, guidances, labels=labels, relabelling=by, **given)  # type: ignore[arg-type]

    # A scale whose numbers mean nothing has every arm, and not every share.
    slightly, severe = (SLIGHTLY[-1:], SEVERE[-2:]) if sizes.hurried else (SLIGHTLY, SEVERE)
    for share in slightly:
        grid += corrupted(many, "flipped", flipped(share), GUIDANCES)
    for share in severe:
        drawn = SHORT if share in (0.1, 0.15) else GUIDANCES
        grid += corrupted(other, "flipped", flipped(share), drawn)
    for share in (0.2,) if sizes.hurried else SHARES:
        by = flipped(share, "confusions", groups=CONFUSED)
        count, drawn = (other, PLAIN) if share in (0.075, 0.2) else (few, ONE)
        grid += corrupted(count, "confused", by, drawn)
    for share in (0.075,) if sizes.hurried else SHARES:
        count, drawn = (other, PLAIN) if share == 0.075 else (few, ONE)
        grid += corrupted(count, "redrawn", flipped(share, redrawn=True), drawn)
    for data in ("many", PHOTOGRAPHS) if sizes.device == "cpu" else ("many",):
        grid += conditional(sizes, other, PLAIN, data=data, labels={"arm": "clean"})
        grid += conditional(sizes, other, ("1",), data=data, labels={"arm": "again"}, copy=1)
    for share in (0.075, 0.5):
        grid += corrupted(other, "flipped", flipped(share), PLAIN, data="many")
    if sizes.device == "cpu":
        for share in (0.075, 0.5):
            grid += corrupted(other, "flipped", flipped(share), PLAIN, data=PHOTOGRAPHS)
        grid += conditional(sizes, other, ("1",), data=TEXTURED, labels={"arm": "clean"})
        grid += conditional(sizes, other, ("1",), data=TEXTURED, labels={"arm": "again"}, copy=1)
        for share in (0.075, 0.5):
            grid += corrupted(other, "flipped", flipped(share), ("1",), data=TEXTURED)
    for net in others(sizes):
        grid += conditional(sizes, few, ("1",), labels={"arm": "clean"}, **net)
        grid += corrupted(few, "flipped", flipped(0.075), ("1",), **net)
    return grid


FEW = {"data": "few", "network": "mlp"}
FLIPPED = {"arm": "flipped", "share": "7.5 %"}
FEW_WRONG = tuple(percent(share) for share in SLIGHTLY)


def _at(guidance: str, *shares: str) -> tuple[dict[str, str], ...]:
    """Conditions: shares of flips at one guidance."""
    return at(*shares, factor="share", guidance=guidance, **FEW)  # type: ignore[return-value]


STUDY = Study(
    name=STUDY_NAME,
    title="Wrong labels: flips at fixed, best and matched guidance",
    question="Do a few wrong labels make a class-conditional model better, and at which guidance?",
    cells=cells,
    cells_per_job=8,  # cells of one training are neighbours
    claims=(
        better(
            STUDY_NAME,
            "slight-flips-help-at-fixed-guidance",
            "Up to 7.5 % of wrong labels improve the Fréchet distance and the Inception Score at "
            "guidance 1 (scale 2).",
            f"{SLIGHT}, section 3.2 and figure 1 (FID 14.23 against 14.91, IS 98.07 against 96.64)",
            "flipped",
            "clean",
            metrics=QUALITY,
            conditions=_at("1", *FEW_WRONG),
        ),
        better(
            STUDY_NAME,
            "slight-flips-help-at-best-guidance",
            "The same, each model at its own best guidance.",
            f"{SLIGHT}, figures 2 and 3 (the lower envelope over guidance)",
            "flipped",
            "clean",
            metrics=QUALITY,
            conditions=_at(BEST, *FEW_WRONG),
        ),
        better(
            STUDY_NAME,
            "slight-flips-add-diversity",
            "Up to 7.5 % of wrong labels make the samples more diverse: entropy, recall and "
            "coverage rise at guidance 1.",
            f"{SLIGHT}, section 3.3 (entropy, top-1 % RMD and recall)",
            "flipped",
            "clean",
            metrics=DIVERSITY,
            conditions=_at("1", *FEW_WRONG),
        ),
        better(
            STUDY_NAME,
            "entropy-rises-with-flips",
            "The entropy of the samples is higher with 7.5, 20 and 50 % of wrong labels than "
            "without.",
            f"{SLIGHT}, theorem 1 and figure 5",
            "flipped",
            "clean",
            metrics=(ENTROPY,),
            conditions=_at("1", "7.5 %", "20 %", "50 %"),
        ),
        alike(
            STUDY_NAME,
            "flips-are-a-change-of-guidance",
            "Wrong labels, 7.5 %, cost accuracy at a fixed guidance; where each arm takes the "
            "guidance at which it is right in nine of ten cases, it is as accurate and as near to "
            "the data, over all and by class: their effect is one of guidance.",
            "derived here",
            "flipped",
            "clean",
            gate=felt(RIGHT, FLIPPED, "0"),
            metrics=(RIGHT, FRECHET, BY_CLASS),
            conditions=_at(EQUAL, "7.5 %"),
        ),
        better(
            STUDY_NAME,
            "flips-cost-the-classes",
            "Wrong labels make the classes worse: without guidance the distances by class rise and "
            "the asked class is drawn less often, at 7.5 %.",
            "derived here (theory.slight_corruption: literal flips worsen the W2 of a class)",
            "clean",
            "flipped",
            metrics=(BY_CLASS, WASSERSTEIN, RIGHT),
            conditions=_at("0", "7.5 %"),
        ),
        better(
            STUDY_NAME,
            "flips-cost-the-loss",
            "The held-out denoising loss under true labels is lower without wrong ones.",
            "derived here",
            "clean",
            "flipped",
            metrics=(LOSS,),
            conditions=_at("1", *FEW_WRONG),
        ),
        alike(
            STUDY_NAME,
            "redrawn-flips-are-fixed-flips",
            "Labels that are flipped anew at every visit act as those flipped once in the data. "
            "(The paper prints the two side by side, without an interval.)",
            f"derived here; {SLIGHT}, table 7 (8.13 against 8.44)",
            "redrawn",
            "flipped",
            gate=felt(LOSS, FLIPPED),
            metrics=(FRECHET, BY_CLASS, LOSS),
            conditions=_at("1", "7.5 %"),
            confirmatory=False,
        ),
        better(
            STUDY_NAME,
            "confusions-are-milder",
            "Flips among classes that are alike cost less than flips to any class, at 20 %.",
            f"{SLIGHT}, section 3.1 (asymmetric corruption)",
            "confused",
            "flipped",
            metrics=(BY_CLASS, LOSS),
            conditions=_at("1", "20 %"),
            confirmatory=False,
        ),
        better(
            STUDY_NAME,
            "confusions-are-milder-on-average",
            "The same, on the mean over all shares from 2.5 to 20 %.",
            f"{SLIGHT}, section 3.1 (asymmetric corruption)",
            "confused",
            "flipped",
            metrics=(BY_CLASS, LOSS),
            conditions=_at("1", *(percent(share) for share in SHARES)),
            quantifier="mean",
            confirmatory=False,
        ),
        better(
            STUDY_NAME,
            "redrawn-flips-cost-less",
            "Labels that are flipped anew at every visit cost less than as many that are flipped "
            "once in the data, on the mean over all shares from 2.5 to 20 %.",
            f"{SLIGHT}, table 7 (8.13 against 8.44)",
            "redrawn",
            "flipped",
            metrics=(FRECHET, BY_CLASS, LOSS),
            conditions=_at("1", *(percent(share) for share in SHARES)),
            quantifier="mean",
            confirmatory=False,
        ),
        better(
            STUDY_NAME,
            "slight-flips-help-with-many-images",
            "With 144 images a class and a network of width 32, 7.5 % of wrong labels improve the "
            "Fréchet distance and the Inception Score.",
            f"{SLIGHT}, section 3.2",
            "flipped",
            "clean",
            metrics=QUALITY,
            conditions=({"share": "7.5 %", "guidance": "1", "data": "many", "network": "mlp"},),
            confirmatory=False,
        ),
        frame.better(
            STUDY_NAME,
            "slight-flips-help-where-classes-overlap",
            "Told by the photograph that a patch was cut from, a model with 7.5 % of its labels "
            "wrong has a lower Fréchet distance, over all and by class, at guidance 1.",
            f"{SLIGHT}, section 3.2",
            "flipped",
            "clean",
            metrics=(FRECHET, BY_CLASS),
            conditions=({"share": "7.5 %", "guidance": "1", "data": PHOTOGRAPHS},),
            gate=PLACES,
            confirmatory=False,
        ),
        frame.better(
            STUDY_NAME,
            "half-wrong-is-seen",
            "Half of the labels wrong: the asked class is drawn less often, with guidance of 1 and "
            "without.",
            "the positive control",
            "flipped",
            "clean",
            metrics=(WRONG,),
            conditions=tuple(where for guidance in ("0", "1") for where in _at(guidance, "50 %")),
            gate=None,  # it is the gate of the others
            confirmatory=False,
        ),
    ),
    default=False,
)
