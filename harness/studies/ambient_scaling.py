"""How what imperfect images give grows with their number, with clean ones, networks and training.

Two designs, since one law can be tested on the line alone.

**On the line** (``gmm_bridge``, the pair ``matched``). Clean-only against all as equals, nine
imperfect samples for each clean one, at seven numbers n1 of clean samples over a factor of 64; a
trained MLP, and the optimum of the same samples. The excess risk is exact at every noise level, so
the level sigma* from which on all as equals beat clean-only can be read. What is predicted, and
whence:

    sigma* ~ w |dv| / sqrt(v / n1 - (n1 v + n2 v_q) / N^2)  ~  sqrt(n1)

for the excess risk of the optimum at noise far above the spread (derived in
``harness.metrics.mixture_risk``; for the total variation in ``theory.ambient.switching_law``, after
Daras et al. 2025, section 4, whose printed bounds cross at a level proportional to n1 instead).
Near the spread (sigma* of .5 at n1 = 25) sigma* is smaller than that, so that the exponent over all
sizes is above 1/2; the law is therefore held to n1 >= 100, and the whole range stands beside it as
exploratory. The runs at 25, 100 and 400 are those of ``gmm_bridge``.

**On photographs** (blur of .8 px, 8 x 8, the MLP). Gated against clean-only. Here sigma* cannot be
read: above a noise of 1.5 the arms of ``ambient_blur`` differ by less than .5 % of an error that is
nearly all noise, and at lower noise all as equals win below a level too, which no law describes.
What is tested is the nearest quantity, the gain in the held-out loss, integrated over noise levels,
and where it vanishes. Four axes through one point (an eighth clean, imperfect images as many as 45
% of all, the scale's width and length):

    clean_share        1/64 to 1/2 of the images clean, the number of imperfect ones held fixed
    imperfect_share    2.8 % to 85 % of the images as imperfect ones, the clean ones held fixed
    width              of the network, 1/8 to 1.5 times the scale's (.01 to .9 million weights)
    length             of the training, 1/8 to 2 times the scale's

The law of averages behind all of them: variance falls as 1/n while the bias of an admitted image
stays, so that the gain falls with clean images, rises with imperfect ones, and is gone where clean
ones suffice.

What is fixed before the run
    Margins as in ``ambient_blur``: 2 % of the loss. What was known: ``clean_fraction`` (published
    before) has a gated loss of 3 % above clean-only at 1 and 5 % clean, below it by 2 to 3 % at 10
    and 30 %, by 1 % at 50 %, with fewer imperfect images the more are clean and 3 replicates;
    ``gmm_bridge`` has the signs at three n1. Sizes: five and a decade on every axis, for the fits.
"""

from typing import Any

from harness.cell import Cell, Stage, factors, part
from harness.claims.claim import Claim
from harness.claims.contrast import Arm
from harness.claims.curve import Curve
from harness.claims.fitted import PowerLaw, Slope, Steeper, Vanishing
from harness.claims.paired import Equivalence
from harness.claims.switching import Switch
from harness.claims.vanishing import Side
from harness.claims.verdict import Regime
from harness.metrics.excess_risk import NAMES, Excess
from harness.scale import Sizes
from harness.studies import gmm_bridge
from harness.studies.arms import trained
from harness.studies.frame import LOSS, OMNI, better
from harness.studies.study import Study
from harness.train.pooling import Pooling

NAME = "ambient_scaling"
BLUR = part("gaussian_blur", sigma=0.8)
COUNTS = (25, 50, 100, 200, 400, 800, 1600)
FAR = 100  # clean samples from which on sigma* is twice the spread or more
CLEAN_SHARES = tuple(2.0**-power for power in range(6, 0, -1))
IMPERFECT = 0.45  # images as imperfect ones, of all
SHARE = 1 / 8  # clean, of all, on the other axes
IMPERFECT_SHARES = (IMPERFECT / 16, IMPERFECT / 8, IMPERFECT / 4, IMPERFECT / 2, IMPERFECT, 0.85)
WIDTHS = (0.125, 0.25, 0.5, 1.0, 1.5)
LENGTHS = (0.125, 0.25, 0.5, 1.0, 2.0)
RUNS, WIDTH = 6, 240  # at most; of the MLP
LINE, IMAGES = "line", "images"
CHANGED, ADDED = "(Rule changed after the first run.)", "(Added after the first run.)"
VANISHES: tuple[tuple[str, str, Side, str], ...] = (
    ("clean-images", "clean_share", "larger", "the most clean images"),
    ("few-imperfect-images", "imperfect_share", "smaller", "the fewest imperfect images"),
    ("network", "width", "larger", "the widest network"),
    ("training", "length", "larger", "the longest training"),
)


def on_the_line(sizes: Sizes) -> list[Cell]:
    """Clean and all as equals, trained and as the optimum, at each number of clean samples."""
    counts = COUNTS[:3:2] if sizes.hurried else COUNTS
    return [
        Cell(
            factors(arm=arm, data=LINE, network="mlp" if of == "network" else of, n1=n1),
            (
                Stage(
                    "excess",
                    Excess(
                        gmm_bridge.training(sizes, arm, n1, "matched"),
                        of=of,
                        datasets=gmm_bridge.DATASETS,
                        copies=2 if n1 == gmm_bridge.MAIN and of == "network" else 1,
                        level=gmm_bridge.level(n1),
                    ),
                ),
            ),
            2 * sizes.replicates,
        )
        for of in ("network", "optimum")
        for n1 in counts
        for arm in ("clean", "all")
    ]


def on_photographs(sizes: Sizes) -> list[Cell]:
    """Clean and gated along each axis; each point once, whatever axes it lies on."""
    card = sizes.device != "cpu"
    net = "unet" if card else "mlp"
    runs = sizes.replicates_other if card else min(RUNS, sizes.replicates)
    whole, width = sizes.unet_images if card else sizes.images, sizes.unet_width if card else WIDTH
    found: dict[tuple[Any, ...], Cell] = {}

    def add(
        clean: float = SHARE, imperfect: float = IMPERFECT, wide: float = 1.0, length: float = 1.0
    ) -> None:
        shown = {"data": IMAGES, "clean_share": clean, "width": wide, "length": length}
        given: dict[str, Any] = {
            "clean_fraction": clean,
            "network": part(net, width=round(wide * width)),
            "images": max(round(length * whole), 256),
        }
        key: tuple[Any, ...] = ("clean", clean, wide, length)
        if key not in found:
            found[key] = trained("clean", sizes, runs, net, labels=shown, **given)
        key = ("gated", clean, wide, length, imperfect)
        if key not in found:
            shown["imperfect_share"] = imperfect
            given["pooling"] = Pooling(multiplicity=round(imperfect / clean, 6))
            found[key] = trained("gated", sizes, runs, net, BLUR, shown, **given)

    ends = sizes.hurried
    for clean in CLEAN_SHARES[::3] if ends else CLEAN_SHARES:
        add(clean=clean)
    if not card:
        for imperfect in IMPERFECT_SHARES[1::3] if ends else IMPERFECT_SHARES:
            add(imperfect=imperfect)
        for wide in WIDTHS[::3] if ends else WIDTHS:
            add(wide=wide)
        for length in LENGTHS[::3] if ends else LENGTHS:
            add(length=length)
    return list(found.values())


def cells(sizes: Sizes) -> list[Cell]:
    """The line, and the photographs; on a card a U-Net along the first axis."""
    return on_the_line(sizes) + on_photographs(sizes)


ALL: Arm = {"arm": "all"}


def point(**free: Any) -> dict[str, Any]:
    """The point that all axes share, less the factors that vary."""
    at = {
        "data": IMAGES,
        "clean_share": SHARE,
        "imperfect_share": IMPERFECT,
        "width": 1.0,
        "length": 1.0,
    }
    return {name: level for name, level in {**at, **free}.items() if level is not None}


def effect(along: str, metric: str = LOSS.metric) -> Curve:
    """What gated does to clean-only along an axis, as a log-ratio."""
    return Curve(metric, along, "gated", "clean", "log_ratio", point(**{along: None}))


def curve(arm: str) -> Curve:
    """The loss of an arm by clean images."""
    where = point(clean_share=None)
    if arm == "clean":
        del where["imperfect_share"]
    return Curve(LOSS.metric, "clean_share", arm, where=where)


def claim(
    id: str, statement: str, source: str, rule: Any, confirmatory: bool = True,
    regime: Regime = "here",
) -> Claim:  # fmt: skip
    return Claim(id, statement, source, NAME, rule, regime, confirmatory)


def switch(network: str, least: float = FAR) -> Switch:
    """The exponent of sigma* in n1 is 1/2, within .1."""
    metrics = tuple(f"excess/{sigma}" for sigma in NAMES)
    return Switch(metrics, "n1", ALL, "clean", 0.4, 0.6, least, {"data": LINE, "network": network})


ROOT = "the noise level above which all samples as equals beat the clean ones grows as the square "
ROOT += "root of their number (exponent .4 to .6)"
LAW = f"{OMNI}, section 4: a level exists; its growth derived here (harness.metrics.mixture_risk, "
LAW += "theory.ambient.switching_law)"

STUDY = Study(
    name=NAME,
    title="Gain of imperfect images by numbers of images, network and training",
    question="Where does the gain of imperfect images vanish, and does its place follow a law?",
    cells=cells,
    claims=(
        claim(
            "level-grows-as-root-optimum",
            f"On the line, from {FAR} clean samples on, {ROOT}: the optimum of the samples.",
            LAW,
            switch("optimum"),
            regime="paper",
        ),
        claim(
            "level-grows-as-root-mlp",
            f"On the line, from {FAR} clean samples on, {ROOT}: a trained MLP.",
            LAW,
            switch("mlp"),
        ),
        claim(
            "level-grows-as-root-everywhere",
            f"Over all numbers from {COUNTS[0]} on, {ROOT}: a trained MLP.",
            LAW,
            switch("mlp", 0),
            confirmatory=False,
        ),
        claim(
            "gain-shrinks-with-clean-images",
            "The gain of gated over clean-only in the held-out loss shrinks as clean images grow "
            f"from 1/64 to 1/2 of all, the number of imperfect ones held fixed. {CHANGED}",
            f"{OMNI}, section 4 and table 8, which has no clean-only arm",
            Slope(effect("clean_share"), "higher", gain="lower"),
            confirmatory=False,
        ),
        claim(
            "gain-is-gone-at-half",
            "With half of the images clean the held-out loss of gated is within 2 % of that of "
            "clean-only.",
            f"{OMNI}, section 4, read for many clean images",
            Equivalence((LOSS,), "gated", "clean", (point(clean_share=0.5),)),
        ),
        better(
            NAME,
            "gain-where-clean-images-are-few",
            "With 1/64 of the images clean gated has a lower held-out loss than clean-only.",
            f"{OMNI}, section 4, read for few clean images",
            "gated",
            "clean",
            (point(clean_share=CLEAN_SHARES[0]),),
            metrics=(LOSS,),
            gate=None,
        ),
        claim(
            "gain-grows-with-imperfect-images",
            "The gain in the held-out loss grows with the number of imperfect images.",
            "derived here: variance falls with their number",
            Slope(effect("imperfect_share"), "lower"),
        ),
        claim(
            "gain-grows-with-network",
            f"The gain in the held-out loss grows with the width of the network. {CHANGED}",
            "derived here: a larger network overfits few clean images more",
            Slope(effect("width"), "lower", gain="lower"),
            confirmatory=False,
        ),
        claim(
            "gain-grows-with-training",
            f"The gain in the held-out loss grows with the length of the training. {CHANGED}",
            "derived here: a longer training overfits few clean images more",
            Slope(effect("length"), "lower", gain="lower"),
            confirmatory=False,
        ),
        *(
            claim(
                f"gain-vanishes-with-{name}",
                f"The gain in the held-out loss is above 2 % somewhere, below with {end}. {ADDED}",
                "derived here: the place stands in the verdict",
                Vanishing(effect(along), "lower", LOSS.margin, toward),
                confirmatory=False,
            )
            for name, along, toward, end in VANISHES
        ),
        claim(
            "loss-is-a-power-law-of-clean-images",
            "The held-out loss of clean-only and that of gated are power laws of the number of "
            "clean images, with or without a floor.",
            "Hestness et al. 2017, for supervised losses",
            PowerLaw((curve("clean"), curve("gated"))),
            confirmatory=False,
        ),
        claim(
            "clean-only-is-steeper",
            "The held-out loss falls with clean images at a larger exponent in clean-only than in "
            f"gated, which has other images to learn from. {CHANGED}",
            "derived here",
            Steeper(curve("clean"), curve("gated")),
            confirmatory=False,
        ),
    ),
    default=False,
    core_minutes=(("cpu", 39.8),),
)
