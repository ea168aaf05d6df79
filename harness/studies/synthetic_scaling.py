"""Classifiers trained on real images, on samples, and on both: how the error falls with number.

The claim of Scaling Laws of Synthetic Images (Fan et al. 2023) is that samples of a text-to-image
model scale worse than real images for supervised classifiers, since the model misses concepts; that
they help where real images are scarce, out of distribution, and beside real ones; and that guidance
changes the slope. Here a class-conditional model learns from half the training images (part A), and
classifiers of one network and one length, 600 updates, learn from

    real           n images of the other half (part B), which the generator has not seen
    seen           n images of part A: what the generator learned from
    synthetic      n samples, at guidance w = 0, 1 and 3 (the scales 1, 2 and 4)
    both           n images of part B and as many samples as the largest n
    both, seen     n images of part B and as many images of part A: what the samples stand for
    more           samples beyond the number of real images, to eight times as many
    samples        no classifier: what the samples themselves are like

``harness.metrics.supervised`` says how images are chosen, and how classifiers are tried: on
held-out images as they are, and after a blur of .8 pixels, noise of .4 and contrast of .4 (on 32 x
32 pixels a blur of 1, noise of .2 and contrast of .4), which no classifier has been trained on. The
factor ``count`` is n, of real images where there are any; ``share`` is n by the largest n, so that
a claim says the same at every scale; ``beside`` is what stands beside the n real images.

What is fixed before the run
    Sizes from 2 to 64 images a class, a factor of 32 (on a card 30 to 960). The headline is w =
    1. The reading of the claims is the error rate; margins: 1 point of error. An image counts once,
    samples beside real images too, so that 640 samples outweigh 20 images. Half of the images, the
    updates, the network and the corruptions were set from what a classifier of all real images
    needs, with no sample drawn. Not recovered from the paper: its exponents.
"""

from harness.cell import Cell, Part, Stage, factors, part
from harness.claims.fitted import Slope
from harness.claims.paired import Equivalence, PairedEffect
from harness.claims.ranking import Ranking
from harness.metrics.classifier import Classifier
from harness.metrics.measurement import Measurement
from harness.metrics.supervised import Supervised
from harness.sample.sampling import Sampling
from harness.scale import Sizes
from harness.studies.conditional import CARD, LENGTH, world
from harness.studies.study import Study
from harness.studies.synthetic_scaling_exponents import (
    ABSTRACT,
    CHANGED,
    ERROR,
    EXPONENT,
    GUIDANCES,
    GUIDED,
    LAWS_AND_FLOORS,
    MOST,
    NAME,
    OUTSIDE,
    SCARCE,
    arm,
    at,
    claim,
    gain,
)
from harness.train.condition import Condition
from harness.train.training import Training

SHARE = 0.5  # of the training images: what the generator sees
A_CLASS = (2, 4, 8, 16, 32, 64)  # images a class
MANY_A_CLASS = (30, 60, 120, 240, 480, 960)  # on a card
BEYOND = (2, 4, 8)  # times the largest number
RUNS = 6
UPDATES, BATCH, RATE, WIDTH = 600, 32, 6e-3, 16
CARD_UPDATES, CARD_BATCH, CARD_RATE, CARD_WIDTH = 2000, 64, 4e-3, 24
HURRIED = 30
SMALL = (
    ("blur", part("gaussian_blur", sigma=0.8)),
    ("noise", part("gaussian_noise", sigma=0.4)),
    ("contrast", part("contrast", factor=0.4)),
)
LARGE = (
    ("blur", part("gaussian_blur", sigma=1.0)),
    ("noise", part("gaussian_noise", sigma=0.2)),
    ("contrast", part("contrast", factor=0.4)),
)
LOOKED_AT = ("fd_random_conv", "nearest_neighbour_ratio")


def counts(sizes: Sizes) -> tuple[int, ...]:
    """Numbers of images, ascending."""
    if sizes.device != "cpu":
        return tuple(len(CARD) * each for each in MANY_A_CLASS)
    return tuple(10 * each for each in (A_CLASS[::5] if sizes.hurried else A_CLASS))


def recipe(sizes: Sizes, dataset: Part) -> Classifier:
    """The classifier of every arm."""
    if sizes.device != "cpu":
        return Classifier(dataset, CARD_UPDATES, CARD_BATCH, CARD_RATE, CARD_WIDTH)
    return Classifier(dataset, HURRIED if sizes.hurried else UPDATES, BATCH, RATE, WIDTH)


def training(sizes: Sizes) -> Training:
    """The generator: that of ``harness.studies.conditional``, on half of the images."""
    here = world(sizes)
    network = here.networks["few"]
    whole = sizes.images if network.name == "mlp" else sizes.unet_images
    return Training(
        dataset=here.dataset,
        pool="clean",
        clean_fraction=SHARE,
        network=network,
        objective=part("denoising"),
        images=min(LENGTH, whole),
        batch=128,
        condition=Condition("label", 0.1),
    )


def cells(sizes: Sizes) -> list[Cell]:
    """Real images and samples at each number; at each guidance, what the samples are like."""
    here, card = world(sizes), sizes.device != "cpu"
    at, runs = counts(sizes), sizes.replicates if card else min(RUNS, sizes.replicates)
    most = at[-1]
    beyond = () if card or sizes.hurried else tuple(most * times for times in BEYOND)
    drawn = max((most, *beyond))
    network, tests = recipe(sizes, here.dataset), LARGE if card else SMALL
    judge = Stage("classifier", here.recipe)

    def cell(arm: str, count: int, *before: Stage, guidance: str = "", **given: int) -> Cell:
        told: dict[str, str | int | float] = {"arm": arm, "count": count, "share": count / most}
        if guidance:
            told["guidance"] = guidance
        if arm.startswith("both"):
            told["beside"] = f"{most} {'samples' if guidance else 'seen'}"
        asked = Stage("supervised", Supervised.of(network, SHARE, **given, tests=tests))
        return Cell(factors(**told), (*before, asked), runs)

    grid = [cell("real", n, unseen=n) for n in at] + [cell("seen", n, seen=n) for n in at]
    grid += [cell("both, seen", n, unseen=n, seen=most) for n in at]
    looked = Measurement((*LOOKED_AT, f"class_accuracy_{here.judge}"), ("random_conv", here.judge),
                         sizes.held_out, unnamed=True)  # fmt: skip
    for w in GUIDANCES:
        sampling = Sampling(drawn, guidance=float(w))
        made = (judge, Stage("train", training(sizes)), Stage("sample", sampling))
        grid.append(Cell(factors(arm="samples", guidance=w),
                         (*made, Stage("measure", looked)), runs))  # fmt: skip
        grid += [cell("synthetic", n, *made, guidance=w, synthetic=n) for n in at]
        grid += [cell("more", n, *made, guidance=w, synthetic=n) for n in beyond]
        grid += [cell("both", n, *made, guidance=w, unseen=n, synthetic=most) for n in at]
    return grid


STUDY = Study(
    name=NAME,
    title="Classifiers of real images and of samples, by their number",
    question="Do samples of a model teach a classifier as much as real images, and where do they "
    "help?",
    cells=cells,
    cells_per_job=12,
    claims=(
        EXPONENT,
        claim(
            "samples-help-where-real-images-are-scarce",
            "Beside few real images, 1/32 and 1/16 of the largest number (2 and 4 a class at cpu), "
            "samples (w = 1) lower the error.",
            ABSTRACT,
            PairedEffect((ERROR,), arm("both"), "real", at(*SCARCE)),
        ),
        claim(
            "samples-help-no-longer-where-they-are-not",
            "Beside the largest number of real images (64 a class at cpu) samples (w = 1) change "
            "the error by less than a point.",
            f"{ABSTRACT}; read for many real images",
            Equivalence((ERROR,), arm("both"), "real", at(MOST)),
        ),
        claim(
            "gain-shrinks-with-real-images",
            "What samples (w = 1) save of the error shrinks as real images grow in number.",
            f"{ABSTRACT}; read as a trend",
            Slope(gain(), "higher"),
        ),
        GUIDED,
        claim(
            "samples-help-out-of-distribution",
            "Beside the largest number of real images samples (w = 1) lower the error out of "
            "distribution, over blur, noise and contrast.",
            ABSTRACT,
            PairedEffect((OUTSIDE,), arm("both"), "real", at(MOST)),
        ),
        claim(
            "recognised-classes-improve-faster",
            "Classes whose samples (w = 1) are recognised more often have an error that falls "
            "faster with the number of samples.",
            f"{ABSTRACT} (the model misses concepts)",
            Ranking("recognisability", "error", "count", arm("synthetic")),
        ),
        claim(
            "recognised-classes-improve-faster-than-with-real-images",
            "The same beyond what holds of real images: the correlation with the rate of samples "
            f"is above that with the rate of real images. {CHANGED}",
            "derived here: a class that is easy for anyone is recognised and learned fast",
            Ranking("recognisability", "error", "count", arm("synthetic"), "real"),
            confirmatory=False,
        ),
        *LAWS_AND_FLOORS,
        claim(
            "samples-alone-help-out-of-distribution",
            "A classifier of samples alone (w = 1) has a lower error out of distribution than one "
            "of as many real images, at the largest number.",
            f"{ABSTRACT}, read for samples alone",
            PairedEffect((OUTSIDE,), arm("synthetic"), "real", at(MOST)),
            confirmatory=False,
        ),
        claim(
            "more-samples-make-up-for-real-images",
            "A classifier of eight times as many samples (w = 1) has a lower error than one of "
            "the largest number of real images.",
            "derived here: samples can be drawn without end",
            PairedEffect(
                (ERROR,), arm("more", share=BEYOND[-1] * MOST), {"arm": "real", "share": MOST}
            ),
            confirmatory=False,
        ),
        claim(
            "samples-are-worth-less-than-what-they-are-of",
            "Beside few real images (1/32 and 1/16 of the largest number) the images that the "
            "generator learned from lower the error more than as many of its samples (w = 1).",
            "derived here: samples hold no more than what was learned from",
            PairedEffect((ERROR,), "both, seen", arm("both"), at(*SCARCE)),
            confirmatory=False,
        ),
        claim(
            "either-half-is-worth-the-same",
            "Real images of either half give the same error, to a point, at the largest number.",
            "a null to be expected: the halves are drawn at random",
            Equivalence((ERROR,), "seen", "real", at(MOST)),
            confirmatory=False,
        ),
    ),
    default=False,
    core_minutes=(("cpu", 8.4),),
)
