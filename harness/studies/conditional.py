"""Class-conditional arms: what is told, what is perturbed, and at which guidance it is sampled.

Digits, told by their class, in two amounts of data, because the laws of Slight Corruption depend on
the images a class (``theory.slight_corruption``: the gain of embedding noise falls as 1/n); and
patches of photographs, told by the photograph that they were cut from, which many a patch of sky
or wall does not show: classes that overlap.

    few           about 20 digits a class, a residual MLP of width 128
    many          all 1,437 training images, about 144 a class, width 32
    photographs   5,160 patches of seven photographs, grey, 8 x 8 pixels, width 128
    textures      2,112 patches of brick, grass and gravel, the same

The embedding has 16 numbers and orthonormal rows of norm 1 (but for the DiT, whose words are
learned and have a norm of about 8), so that gamma is the size of the noise beside that of the
condition; one condition in ten is null. Every training is sampled in four ways, since how much
guidance an arm gets can decide the verdict by itself:

    0, 1             w = 0 and w = 1, the scales 1 and 2 of other papers, fixed as they fix it
    best             each replicate at the w of a grid that has the least Fréchet distance
    equal accuracy   each replicate at the w at which its samples are classified as asked in 90 of
                     100 cases, or as near to that as the grid goes

The last two are chosen on samples drawn for the choice alone (``harness.metrics.best_guidance``).
Beside the corrupted arms stand

    again            nothing is corrupted; another initialisation and other batches: the floor
    flipped, 50 %    every second label is wrong: the positive control
"""

from dataclasses import dataclass, replace
from typing import Any

from harness.cell import Cell, Part, Stage, factors, part
from harness.claims.claim import Claim
from harness.claims.contrast import Arm
from harness.claims.gate import Gate
from harness.claims.reading import Reading
from harness.metrics.best_guidance import GRID, GuidanceChoice
from harness.metrics.classifier import Classifier
from harness.metrics.measurement import Measurement
from harness.metrics.trained import CIFAR10, DIGITS, PHOTOS
from harness.metrics.trained_textures import TEXTURES
from harness.sample.sampling import Sampling
from harness.scale import Sizes
from harness.studies import frame
from harness.train.condition import Condition
from harness.train.relabelling import Relabelling
from harness.train.training import Training

SLIGHT = "Slight Corruption (Chen et al. 2024)"
LENGTH = 200_000  # images of a training
SAMPLES, CHOICE = 1000, 500  # reported of each replicate; drawn at each w for a choice
# At a scale whose numbers mean nothing: steps of the classifier, samples of either kind, and w;
# only clean arms are sampled at every guidance there.
HURRIED, FEWER, ENDS = 60, 100, (0.0, 1.0)
SPARSE = (0.0, 0.5, 1.0, 2.0)  # where each w costs a card minutes
CARD = ("airplane", "automobile", "bird", "cat", "deer", "dog")
PHOTOGRAPHS, TEXTURED = "photographs", "textures"
FIXED = (0.0, 1.0)
BEST, EQUAL = "best", "equal accuracy"
GUIDANCES = (*(f"{w:g}" for w in FIXED), BEST, EQUAL)
ACCURACY_AIM = 0.9

LOSS = Reading("denoising_loss", "lower", margin=0.02)
FRECHET = Reading("fd_random_conv", "lower", margin=0.1)


@dataclass(frozen=True)
class World:
    """What is drawn at a scale: data, classifier, and the network of each amount of data."""

    dataset: Part
    judge: str  # the extractor that is a classifier of the data
    recipe: Classifier
    few: float  # share of the training images that "few" sees
    networks: dict[str, Part]

    def named(self, metric: str) -> str:
        """A metric of the classifier's features or logits."""
        return f"{metric}_{self.judge}"


def world(sizes: Sizes, data: str = "few") -> World:
    """Digits, photographs or textures; on a card six classes of CIFAR-10, at 32 x 32 pixels."""
    if data == PHOTOGRAPHS:
        recipe = _hastened(PHOTOS.recipe((1, 8, 8)), sizes)
        photos = part("photos", side=8, channels=1, labelled=True)
        return World(photos, "trained_photos", recipe, 1.0, {data: part("mlp", width=128)})
    if data == TEXTURED:
        recipe = _hastened(TEXTURES.recipe((1, 8, 8)), sizes)
        patches = part("textures", side=8, channels=1, labelled=True)
        return World(patches, "trained_textures", recipe, 1.0, {data: part("mlp", width=128)})
    if sizes.device != "cpu":
        unet = part("unet", width=sizes.unet_width)
        recipe = CIFAR10.recipe((3, 32, 32))
        images = part("cifar10", classes=CARD)
        return World(images, "trained_cifar10", recipe, 0.1, {"few": unet, "many": unet})
    recipe = _hastened(DIGITS.recipe((1, 8, 8)), sizes)
    networks = {"few": part("mlp", width=128), "many": part("mlp", width=32)}
    return World(part("digits"), "trained_digits", recipe, 0.139, networks)


def _hastened(recipe: Classifier, sizes: Sizes) -> Classifier:
    """A classifier of few steps at a scale whose numbers mean nothing."""
    return replace(recipe, steps=HURRIED) if sizes.hurried else recipe


def readings(judge: str) -> tuple[str, ...]:
    """What every arm is read by; ``judge`` names the classifier."""
    judged = ("per_class_fd", "per_class_w2", "inception_score", "precision", "recall", "density",
              "coverage", "sample_entropy", "relative_mahalanobis", "class_accuracy")  # fmt: skip
    return (
        "fd_random_conv",
        *(f"{metric}_{judge}" for metric in judged),
        "nearest_neighbour_ratio",
        "denoising_loss",
    )


def conditional(
    sizes: Sizes,
    replicates: int,
    guidances: tuple[str, ...] = GUIDANCES,
    data: str = "few",
    network: Part | None = None,
    perturbation: Part | None = None,
    labels: dict[str, Any] | None = None,
    **training: Any,
) -> list[Cell]:
    """One arm, a cell for each guidance; ``labels`` are its further factors.

    network: another than that of ``data``; training: overrides of its parameters.
    """
    here = world(sizes, data)
    chosen = network or here.networks[data]
    asked = {
        "dataset": here.dataset,
        "pool": "clean" if data == "few" else "oracle",
        "clean_fraction": here.few,
        "network": chosen,
        "objective": part("denoising"),
        "images": min(LENGTH, sizes.images if chosen.name == "mlp" else sizes.unet_images),
        "batch": 128,
        "condition": Condition("label", 0.1, perturbation),
        **training,
    }
    train = Stage("train", Training(**asked))
    judge = Stage("classifier", here.recipe)
    extractors = ("random_conv", here.judge)
    measured = Measurement(readings(here.judge), extractors, sizes.held_out, unnamed=True)
    count, least = (FEWER, FEWER) if sizes.hurried else (SAMPLES, CHOICE)
    grid: tuple[float, ...] = ENDS if sizes.hurried else GRID
    if sizes.device != "cpu":
        grid = SPARSE
    named = labels or {}
    if sizes.hurried and named.get("arm") != "clean":
        guidances = ("1",)
    cells = []
    for guidance in guidances:
        stages: list[Stage] = [judge, train]
        sampling = Sampling(count)
        if guidance == BEST:
            stages.append(Stage("guide", GuidanceChoice(least, grid)))
        elif guidance == EQUAL:
            by = here.named("class_accuracy")
            choice = GuidanceChoice(least, grid, by, ACCURACY_AIM)
            stages.append(Stage("guide", choice))
        else:
            sampling = Sampling(count, guidance=float(guidance))
        stages += [Stage("sample", sampling), Stage("measure", measured)]
        told = {"data": data, "network": chosen.name, **named}
        cells.append(Cell(factors(guidance=guidance, **told), tuple(stages), replicates))
    return cells


def others(sizes: Sizes) -> list[dict[str, Any]]:
    """Other networks, with the basis that they work in: a U-Net, and a small transformer.

    None on a card, where a U-Net is the network of all arms.
    """
    if sizes.device != "cpu":
        return []
    dit = {"network": part("dit", width=64, depth=2), "basis": part("patch_pca", patch=2, keep=4)}
    return [{"network": part("unet", width=sizes.unet_width)}, dit]


def flipped(share: float, by: str = "flips", redrawn: bool = False, **given: Any) -> Relabelling:
    """A relabelling of a share of the images."""
    return Relabelling(part(by, **given), share, redrawn)


def percent(share: float) -> str:
    """A share as a level of a factor: 0.075 is "7.5 %"."""
    return f"{100 * share:g} %"


def judged(metric: str, direction: str, margin: float, scale: str = "log_ratio") -> Reading:
    """A reading by the classifier of the data."""
    return Reading(f"{metric}_trained", direction, margin, scale)  # type: ignore[arg-type]


BY_CLASS = judged("per_class_fd", "lower", 0.1)
WASSERSTEIN = judged("per_class_w2", "lower", 0.05)
SCORE = judged("inception_score", "higher", 0.02)
ENTROPY = judged("sample_entropy", "higher", 0.05, "difference")
RECALL = judged("recall", "higher", 0.02, "difference")
COVERAGE = judged("coverage", "higher", 0.02, "difference")
RIGHT = judged("class_accuracy", "higher", 0.02, "difference")
WRONG = judged("class_accuracy", "lower", 0.02, "difference")
QUALITY = (FRECHET, SCORE)
DIVERSITY = (ENTROPY, RECALL, COVERAGE)

HALF = {"arm": "flipped", "share": "50 %", "guidance": "1"}
GATE = Gate(
    {"arm": "clean", "guidance": "1"}, RIGHT.metric, 0.8, 1.0,
    beats=RIGHT, baseline=HALF,
)  # fmt: skip
# The classifier of photographs is right in 62 of 100 held-out patches.
PLACES = Gate({"arm": "clean", "guidance": "1"}, RIGHT.metric, 0.4, 1.0, RIGHT, HALF)


def felt(reading: Reading, arm: Arm, guidance: str = "1") -> Gate:
    """The gate of a claim that two arms are alike: as ``GATE``, and one of them is worse than clean
    on a reading, since two arms that do nothing are alike and show nothing."""
    hurt = {**({"arm": arm} if isinstance(arm, str) else arm), "guidance": guidance}
    return Gate({"arm": "clean", "guidance": guidance}, RIGHT.metric, 0.8, 1.0, reading, hurt)


def better(
    study: str,
    id: str,
    statement: str,
    source: str,
    arm: Arm,
    baseline: Arm,
    **given: Any,
) -> Claim:
    """A claim as in ``frame``, where the classifier sees the classes at all."""
    return frame.better(study, id, statement, source, arm, baseline, gate=GATE, **given)


def alike(
    study: str,
    id: str,
    statement: str,
    source: str,
    arm: Arm,
    baseline: Arm,
    gate: Gate,
    **given: Any,
) -> Claim:
    """A claim that two arms do not differ, where what they do is felt."""
    return frame.alike(study, id, statement, source, arm, baseline, gate=gate, **given)
