"""What moves with the length of a token model's training: every order, and how many tokens a step.

Beside the two orders of ``fluid_length``, at eight times the grid's length and with the same
replicates:

    random       causal in random order: against raster only which token comes when
    one by one   ``even`` drawn a token a step: against random only what is seen (and that it learns
                 from the hidden tokens of an image alone); against ``even`` only how many come at
                 once. MAR's table 1 has the three steps one after another
    masked       as MAR masks: with 16 tokens its late steps are never taught

Raster and ``even`` stand at three times the length, too: does the distance between them close? What
was known before the run, and why all is exploratory, is told in ``fluid_length``.
"""

from harness.cell import Cell
from harness.claims.claim import Claim
from harness.claims.curve import Curve
from harness.claims.fitted import Slope
from harness.scale import Sizes
from harness.studies.fluid_grid_cells import EVEN, MASKED, RANDOM, RASTER
from harness.studies.fluid_grid_orders import FRECHET, MAR
from harness.studies.fluid_length import BETWEEN, LENGTHS, LONG, SHORT, SINGLE, held, trained
from harness.studies.study import Study

NAME = "fluid_length_more"
ONCE = (RANDOM, SINGLE)  # at the longest alone


def cells(sizes: Sizes) -> list[Cell]:
    """Raster and even at three lengths, masked at two, the others at the longest."""
    lengths = (SHORT, LONG) if sizes.hurried else LENGTHS
    return [
        *(trained(sizes, order, length) for length in lengths for order in (RASTER, EVEN)),
        *(trained(sizes, MASKED, length) for length in (SHORT, LONG)),
        *(trained(sizes, order, LONG) for order in ONCE),
    ]


def _orders(id: str, statement: str, source: str, arm: str, baseline: str) -> Claim:
    told = f"After eight times the grid's length (continuous tokens, the smallest size) {statement}"
    return held(NAME, id, told, source, {"arm": arm}, {"arm": baseline}, {"length": LONG})


STUDY = Study(
    name=NAME,
    title="Small continuous token models trained longer: every order, tokens at once",
    question="What of the distance between masked and raster order does time close?",
    cells=cells,
    cells_per_job=2,
    core_minutes=(("cpu", 13.1),),
    claims=(
        Claim(
            "length-brings-even-nearer-to-raster",
            "The Fréchet distance of masked models that learn every share of hidden tokens alike, "
            f"as a multiple of that of raster ones, falls with the length ({SHORT:g}, {BETWEEN:g} "
            f"and {LONG:g} times the grid's; continuous tokens, the smallest size).",
            "derived here",
            NAME,
            Slope(
                Curve(FRECHET.metric, "length", {"arm": EVEN}, {"arm": RASTER}, "log_ratio"),
                "lower",
            ),
            "here",
            confirmatory=False,
        ),
        _orders(
            "order-effect-after-eight-lengths",
            "random causal models have a lower Fréchet distance than raster ones.",
            f"{MAR}, table 1",
            RANDOM,
            RASTER,
        ),
        _orders(
            "attention-effect-after-eight-lengths",
            "masked models that learn every share alike and draw one token a step have a lower "
            "Fréchet distance than random causal ones.",
            f"{MAR}, table 1: bidirectional attention, one token at once",
            SINGLE,
            RANDOM,
        ),
        _orders(
            "several-at-once-cost-likeness",
            "drawing one token a step gives a lower Fréchet distance than drawing 16 in 8 steps "
            "at cpu (64 in 16 on a card).",
            f"{MAR}, table 1: 3.43 for one at once against 3.50 for several",
            SINGLE,
            EVEN,
        ),
        _orders(
            "shares-effect-after-eight-lengths",
            "masked models that learn every share alike have a lower Fréchet distance than those "
            "that learn with seven in ten or more hidden.",
            "derived here",
            EVEN,
            MASKED,
        ),
        held(
            NAME,
            "masked-gains-from-length",
            "Eight times the length lowers the Fréchet distance of models that learn with seven in "
            "ten tokens or more hidden (continuous tokens, the smallest size).",
            "derived here",
            {"length": LONG},
            {"length": SHORT},
            {"arm": MASKED},
        ),
    ),
    default=False,
)
