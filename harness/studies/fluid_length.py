"""Orders of token models, trained eight times as long as in the grid.

``fluid_grid`` trains on images for 500 updates, and its length was chosen so that raster order
learns. Masked models learn from a part of the tokens of each image, and other parts of it each
time: what they lack may be time alone. MAR (Li et al. 2024) trains for 400 epochs of ImageNet. Here
the smallest model of the grid (20,000 parameters at cpu), with continuous tokens, is trained eight
times as long (4,000 updates at cpu; the rate falls after 40,000 images, as everywhere), in raster
order and in ``even``, the masked order that learns every share of hidden tokens
(``fluid_grid_cells``). Those of one length are the trainings of the grid.

What was known before the run: verdicts of ``fluid_grid`` at the first length, and single trainings
of another seed at four and eight times it (raster 2.1 to 1.1 at four times, ``even`` 8.3 to 5.7 and
4.4). So every claim here is exploratory. Three replicates, a margin of 10 % of a Fréchet distance.
"""

from dataclasses import replace
from typing import Any

from harness.cell import Cell, factors, part
from harness.claims.claim import Claim
from harness.claims.contrast import Where
from harness.claims.paired import PairedEffect
from harness.scale import Sizes
from harness.studies.fluid_grid_cells import (
    CONTINUOUS,
    EVEN,
    EVENLY,
    IMAGES,
    RASTER,
    SMALLEST,
    cell,
)
from harness.studies.fluid_grid_orders import FLUID, FRECHET, MAR
from harness.studies.study import Study

SHORT, BETWEEN, LONG = LENGTHS = (1.0, 3.0, 8.0)  # times the grid's
SINGLE = "one by one"  # ``even``, drawn a token a step
TOKENS = {"cpu": 16, "cuda": 64}  # of an image


def trained(sizes: Sizes, order: str, length: float) -> Cell:
    """The smallest continuous model of the grid in one order, trained ``length`` times as long."""
    made = cell(sizes, IMAGES, CONTINUOUS, EVEN if order == SINGLE else order, SMALLEST)
    train, *others = made.stages
    asked: dict[str, Any] = {"images": round(length * train.params.images)}
    if order == SINGLE:
        asked["order"] = part("masked", steps=TOKENS[sizes.device], **EVENLY)
    stages = (replace(train, params=replace(train.params, **asked)), *others)
    return replace(made, factors=factors(arm=order, length=length), stages=stages)


def cells(sizes: Sizes) -> list[Cell]:
    """Raster and even, at the grid's length and at eight times that."""
    return [trained(sizes, order, length) for length in (SHORT, LONG) for order in (RASTER, EVEN)]


def held(
    study: str,
    id: str,
    statement: str,
    source: str,
    arm: dict[str, Any],
    baseline: dict[str, Any],
    where: Where,
) -> Claim:
    """A claim that one arm has a lower Fréchet distance than another."""
    rule = PairedEffect((FRECHET,), arm, baseline, (where,))
    return Claim(id, statement, source, study, rule, "here", confirmatory=False)


NAME = "fluid_length"

STUDY = Study(
    name=NAME,
    title="Small continuous token models trained longer: raster and masked order",
    question="Does masked order overtake raster order when it is given more time?",
    cells=cells,
    cells_per_job=2,
    core_minutes=(("cpu", 4.9), ("smoke", 0.1)),
    claims=(
        held(
            NAME,
            "even-beats-raster-after-eight-lengths",
            "After eight times the grid's length masked models that learn every share of hidden "
            "tokens alike have a lower Fréchet distance than raster ones (continuous tokens, the "
            "smallest size).",
            f"{MAR}, table 1; {FLUID}, abstract",
            {"arm": EVEN},
            {"arm": RASTER},
            {"length": LONG},
        ),
        held(
            NAME,
            "even-gains-from-length",
            "Eight times the length lowers the Fréchet distance of masked models that learn every "
            "share of hidden tokens alike (continuous tokens, the smallest size).",
            "derived here",
            {"length": LONG},
            {"length": SHORT},
            {"arm": EVEN},
        ),
        held(
            NAME,
            "raster-gains-from-length",
            "Eight times the length lowers the Fréchet distance of raster models (continuous "
            "tokens, the smallest size).",
            "derived here",
            {"length": LONG},
            {"length": SHORT},
            {"arm": RASTER},
        ),
    ),
)
