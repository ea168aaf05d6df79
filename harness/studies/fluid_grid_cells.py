"""The cells of ``fluid_grid``: token models by what a token is, its order, and their size.

    continuous   patches, each drawn by a diffusion head
    discrete     the codes of a k-means codebook of the patches, cross-entropy
    quantised    patches of images that went through that codebook, a diffusion head: tokens that
                 are continuous and hold what the codes do. Against ``continuous`` they differ in
                 the data alone, against ``discrete`` in the head alone
    squared      patches, squared error: the head that knows the mean alone

    raster       row by row, each token given those before it
    random       another permutation for each image, each token given those before it
    masked       the same, several at once, each given all that is known; seven in ten tokens or
                 more are hidden in training, as in MAR
    even         the same, and in training each share of hidden tokens comes as often as any other,
                 as each number of known ones does in random causal order

At each size all arms have as many parameters, within 8 %, by their widths: a codebook has tables
that a diffusion head has not. Both count all weights; the depth is one for all.

    images   photographs at cpu, 8 x 8 pixels as 16 tokens; CIFAR-10 on a card, 64 tokens; told the
             class, drawn without guidance
    scenes   36 tokens of 4 x 4 pixels, 64 on a card; told the caption, drawn at guidance 1. A
             caption is heard after thousands of steps, whatever the size: hence small batches, a
             rate that does not fall, and few cells: the two heads in three orders at the middle
             size; on a card the grid at three sizes

Both budgets have the same data and batches: by ``updates`` every arm sees as many images, by
``operations`` the discrete arms see as many more as make their counted operations equal to those of
a diffusion head.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.cell import Cell, Part, Stage, factors, part
from harness.metrics.geneval import GenEval
from harness.metrics.measurement import Measurement
from harness.scale import Sizes
from harness.scenes.suite import Suite
from harness.tokenwise.loss import TokenLoss
from harness.tokenwise.sampling import TokenSampling
from harness.tokenwise.training import TokenTraining
from harness.train.condition import Condition

IMAGES, SCENES = "images", "scenes"
UPDATES, OPERATIONS = "updates", "operations"
CONTINUOUS, DISCRETE, QUANTISED, SQUARED = "continuous", "discrete", "quantised", "squared"
RASTER, RANDOM, MASKED, EVEN = "raster", "random", "masked", "even"
GRID = tuple((arm, order) for arm in (CONTINUOUS, DISCRETE) for order in (RASTER, MASKED))
EACH = tuple(
    (arm, order) for arm in (CONTINUOUS, DISCRETE) for order in (RASTER, RANDOM, MASKED, EVEN)
)
RUNS = 3
SMALLEST, SECOND, MIDDLE, FOURTH, LARGEST = SIZES = (1, 2, 3, 4, 5)
TWO = (SECOND, FOURTH)  # of the arms that tell apart what moved
# Times as many images as make the operations of a discrete arm those of a continuous one, at the
# middle size on images.
MORE = {"cpu": 1.456, "cuda": 1.196}
SOLVER_STEPS, GUIDANCE = 16, 1.0
EVENLY = {"least": 0.001, "spread": 10.0}  # a normal law so wide is flat where it is cut

Widths = dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class World:
    """What is trained at a scale on one kind of data; widths by head, one a size."""

    dataset: Part
    condition: str
    patch: int
    codes: int
    steps: int  # of masked drawing
    images: int
    batch: int
    rate: float
    constant: int  # images at the full rate
    network: dict[str, int]
    parameters: tuple[int, ...]
    widths: Widths


SLOW = 1e-3  # the rate of the models of millions
ALWAYS = 1_000_000  # images at the full rate: to the end
SMALL = (20_000, 45_000, 100_000, 220_000, 500_000)
LARGE = (300_000, 1_000_000, 3_000_000, 8_000_000, 20_000_000)
SMALL_NET, LARGE_NET = {"depth": 2, "heads": 2}, {"depth": 6, "heads": 4}
PHOTOS: Widths = {
    "diffusion": (22, 34, 50, 76, 114),
    "cross_entropy": (20, 32, 54, 84, 132),
    "squared": (28, 42, 64, 94, 142),
}
SMALL_SCENES: Widths = {
    "diffusion": (20, 30, 48, 74, 112),
    "cross_entropy": (18, 32, 52, 84, 132),
    "squared": (24, 40, 60, 92, 140),
}
CARD: Widths = {
    "diffusion": (56, 104, 184, 304, 480),
    "cross_entropy": (56, 112, 192, 328, 520),
    "squared": (64, 112, 200, 328, 528),
}


def world(sizes: Sizes, data: str) -> World:
    """What is trained on images, or on scenes."""
    card, images = sizes.device != "cpu", 256 if sizes.hurried else None
    codes = 32 if sizes.hurried else 512 if card else 256
    if card and data == IMAGES:
        dataset = part(sizes.dataset["name"], **_without_name(sizes.dataset))
        net = (LARGE_NET, LARGE, CARD)
        return World(dataset, "label", 4, codes, 16, 88_000, 64, SLOW, 40_000, *net)
    if card:
        dataset = part("scenes", **sizes.scenes)
        net = (LARGE_NET, LARGE, CARD)
        return World(dataset, "caption", 4, codes, 16, 136_000, 32, SLOW, ALWAYS, *net)
    if data == IMAGES:
        photos = part("photos", side=8, channels=1, labelled=True)
        net = (SMALL_NET, SMALL, PHOTOS)
        return World(photos, "label", 2, codes, 8, images or 32_000, 64, 2e-3, 40_000, *net)
    count = sizes.scenes["count"] if sizes.hurried else 12_000
    dataset = part("scenes", **{**sizes.scenes, "count": count})
    net = (SMALL_NET, SMALL, SMALL_SCENES)
    return World(dataset, "caption", 4, codes, 12, images or 208_000, 32, 4e-3, ALWAYS, *net)


def _without_name(dataset: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in dataset.items() if key != "name"}


def cell(sizes: Sizes, data: str, arm: str, order: str, size: int, budget: str = UPDATES) -> Cell:
    """One arm in one order at one size."""
    here, runs = world(sizes, data), min(RUNS, sizes.replicates)
    codebook = part("codebook", patch=here.patch, codes=here.codes, steps=20, limit=20_000)
    patches = part("patches", patch=here.patch)
    head = {DISCRETE: "cross_entropy", SQUARED: "squared"}.get(arm, "diffusion")
    width = here.widths[head][size - 1]
    longer = MORE[sizes.device] if budget == OPERATIONS else 1.0
    drawn: dict[str, Any] = {"steps": here.steps} if order in (MASKED, EVEN) else {}
    drawn |= EVENLY if order == EVEN else {}
    training = TokenTraining(
        dataset=here.dataset,
        tokeniser=codebook if arm == DISCRETE else patches,
        order=part(MASKED if order == EVEN else order, **drawn),
        network=part("transformer", width=width, **here.network),
        head=part(head, hidden=width, draws=2) if head == "diffusion" else part(head),
        images=round(longer * here.images),
        condition=Condition(here.condition, 0.1),
        source=codebook if arm == QUANTISED else None,
        batch=here.batch,
        rate=here.rate,
        constant=here.constant,
    )
    if data == SCENES:
        suite = Suite(sizes.scene_samples)
        sampling = TokenSampling(suite.count, GUIDANCE, steps=SOLVER_STEPS, batch=1200, suite=suite)
        scored: tuple[Stage, ...] = (Stage("geneval", GenEval(suite)),)
    else:
        count = 100 if sizes.hurried else 1000
        sampling = TokenSampling(count, steps=SOLVER_STEPS, batch=1250)
        scored = ()
    stages = (
        Stage("train_tokens", training),
        Stage("sample_tokens", sampling),
        Stage("token_loss", TokenLoss(sizes.held_out or 512)),
        *scored,
        Stage("measure", Measurement(("fd_random_conv",), ("random_conv",))),
    )
    named = factors(
        data=data, arm=arm, order=order, size=size, parameters=here.parameters[size - 1],
        budget=budget,
    )  # fmt: skip
    return Cell(named, stages, runs)


def cells(sizes: Sizes) -> list[Cell]:
    """The grid on images at five sizes, then on scenes; what tells its factors apart, at two."""
    if sizes.hurried:
        every = [*GRID, (CONTINUOUS, RANDOM), (DISCRETE, RANDOM), (QUANTISED, MASKED),
                 (SQUARED, MASKED), (CONTINUOUS, EVEN), (DISCRETE, EVEN)]  # fmt: skip
        plain = [cell(sizes, IMAGES, arm, order, SMALLEST) for arm, order in every]
        return plain + [
            cell(sizes, SCENES, arm, MASKED, SMALLEST) for arm in (CONTINUOUS, DISCRETE)
        ]
    found: list[Cell] = []
    for size in SIZES:
        found += [cell(sizes, IMAGES, arm, order, size) for arm, order in _arms(size in TWO)]
    found += [
        cell(sizes, IMAGES, DISCRETE, order, MIDDLE, OPERATIONS) for order in (RASTER, MASKED)
    ]
    if sizes.device == "cpu":
        return found + [cell(sizes, SCENES, arm, order, MIDDLE) for arm, order in EACH]
    for size in (SMALLEST, MIDDLE, LARGEST):
        arms = _arms(True) if size == MIDDLE else GRID
        found += [cell(sizes, SCENES, arm, order, size) for arm, order in arms]
    return found


def _arms(apart: bool) -> Sequence[tuple[str, str]]:
    """Arms and orders of a size; apart: with those that tell apart what moved."""
    more = [(a, order) for a in (CONTINUOUS, DISCRETE) for order in (RANDOM, EVEN)]
    more.append((QUANTISED, MASKED))
    return [*GRID, (SQUARED, MASKED), *(more if apart else [])]
