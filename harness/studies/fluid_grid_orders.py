"""What ``fluid_grid`` claims of orders, and how its claims are written.

    order effect       raster causal -> random causal: only which token comes when
    attention effect   random causal -> masked: what is seen, several at once, and how much is
                       hidden in training; -> even: without the last
    shares effect      masked -> even: only how much is hidden in training

MAR hides seven tokens in ten or more in training and asks for the last ones with nearly all known.
With 16 or 36 tokens that leaves what sampling ends with unlearned. The first run, which had masked
models of this kind alone, found them far behind causal ones and further behind the larger they
were; the arm ``even`` and its claims were added then, as exploratory ones. What eight times the
length of this training changes is asked in ``fluid_length`` and ``fluid_length_more``.
"""

from typing import Any

from harness.claims.claim import Claim
from harness.claims.contrast import Arm, Where
from harness.claims.paired import PairedEffect
from harness.claims.reading import Quantifier, Reading
from harness.studies.fluid_grid_cells import (
    CONTINUOUS,
    DISCRETE,
    EVEN,
    FOURTH,
    IMAGES,
    LARGEST,
    MASKED,
    MIDDLE,
    RANDOM,
    RASTER,
    SCENES,
    TWO,
    UPDATES,
)
from harness.tokenwise.loss import loss_of

NAME = "fluid_grid"
FLUID = "Fluid (Fan et al. 2024)"
MAR = "MAR (Li et al. 2024)"
FRECHET = Reading("fd_random_conv", "lower", margin=0.1)
GENEVAL = Reading("geneval", "higher", margin=0.05, scale="difference")
PAIRS = Reading("geneval/two_object", "higher", margin=0.05, scale="difference")
PLACES = Reading("geneval/position", "higher", margin=0.05, scale="difference")
LOSSES = {CONTINUOUS: loss_of("diffusion"), DISCRETE: loss_of("cross_entropy")}


def at(data: str = IMAGES, **more: Any) -> Where:
    """Equal updates on one kind of data."""
    return {"data": data, "budget": UPDATES, **more}


def on(size: int, *orders: str) -> tuple[Where, ...]:
    """Images at a size, in each order."""
    return tuple(at(size=size, order=order) for order in orders)


def of(arm: str, order: str) -> Arm:
    return {"arm": arm, "order": order}


def claim(id: str, statement: str, source: str, rule: Any, confirmatory: bool = True) -> Claim:
    return Claim(id, statement, source, NAME, rule, "here", confirmatory)


def effect(
    metrics: tuple[Reading, ...],
    arm: Arm,
    baseline: Arm,
    conditions: tuple[Where, ...],
    quantifier: Quantifier = "each",
) -> PairedEffect:
    return PairedEffect(metrics, arm, baseline, conditions, quantifier)


BOTH: tuple[Where, ...] = tuple(at(SCENES, size=MIDDLE, arm=arm) for arm in (CONTINUOUS, DISCRETE))
SCENED: tuple[Where, ...] = tuple(
    at(SCENES, size=MIDDLE, order=order) for order in (RASTER, RANDOM, MASKED)
)
APART: tuple[Where, ...] = tuple(at(size=s, arm=a) for s in TWO for a in (CONTINUOUS, DISCRETE))


def _apart(id: str, statement: str, arm: str, baseline: str, metric: Reading = FRECHET) -> Claim:
    """A claim of ``even``, on images at two sizes or on scenes, the mean over both tokens."""
    conditions = APART if metric == FRECHET else BOTH
    rule = effect((metric,), {"order": arm}, {"order": baseline}, conditions, "mean")
    return claim(id, f"{statement} (Added after the first run.)", "derived here", rule, False)


ORDERED: tuple[Claim, ...] = (
    claim(
        "masked-beats-raster-on-alignment",
        "Masked models have a higher GenEval score than raster ones, with continuous and with "
        "discrete tokens. (Masked as MAR masks, which leaves late steps of few tokens untaught: "
        "see shares-effect-on-likeness.)",
        f"{FLUID}, abstract: random order is far better on GenEval",
        effect((GENEVAL,), {"order": MASKED}, {"order": RASTER}, BOTH),
    ),
    claim(
        "order-effect-on-alignment",
        "Its part that is due to order: random causal models have a higher GenEval score than "
        "raster causal ones, the mean over continuous and discrete tokens.",
        f"{MAR}, table 1, which has both orders",
        effect((GENEVAL,), {"order": RANDOM}, {"order": RASTER}, BOTH, "mean"),
    ),
    claim(
        "attention-effect-on-alignment",
        "Its part that is due to attention: masked models have a higher GenEval score than "
        "random causal ones, the mean over continuous and discrete tokens. (As MAR masks, so that "
        "how much is hidden in training moves, too: see even-attention-effect-on-alignment.)",
        f"{MAR}, table 1, which has both attentions",
        effect((GENEVAL,), {"order": MASKED}, {"order": RANDOM}, BOTH, "mean"),
    ),
    claim(
        "masked-beats-raster-on-binding",
        "Masked models are right more often than raster ones where two objects, and where a "
        "place, are asked for, the mean over continuous and discrete tokens.",
        f"{FLUID}, abstract, read for tasks that need a whole image",
        effect((PAIRS, PLACES), {"order": MASKED}, {"order": RASTER}, BOTH, "mean"),
        confirmatory=False,
    ),
    claim(
        "masked-beats-raster-on-likeness",
        "Masked models have a lower Fréchet distance than raster ones at the two largest "
        "sizes, with continuous and with discrete tokens. (Masked as MAR masks: see "
        "shares-effect-on-likeness.)",
        f"{MAR}, table 1",
        effect(
            (FRECHET,),
            {"order": MASKED},
            {"order": RASTER},
            tuple(at(size=s, arm=a) for s in (FOURTH, LARGEST) for a in (CONTINUOUS, DISCRETE)),
        ),
    ),
    claim(
        "order-effect-on-likeness",
        "Random causal models have a lower Fréchet distance than raster causal ones, the mean "
        "over two sizes and both kinds of tokens.",
        f"{MAR}, table 1",
        effect(
            (FRECHET,),
            {"order": RANDOM},
            {"order": RASTER},
            tuple(at(size=s, arm=a) for s in TWO for a in (CONTINUOUS, DISCRETE)),
            "mean",
        ),
        confirmatory=False,
    ),
    claim(
        "attention-effect-on-likeness",
        "Masked models have a lower Fréchet distance than random causal ones, the mean over "
        "two sizes and both kinds of tokens. (As MAR masks, so that how much is hidden in training "
        "moves, too: see even-attention-effect-on-likeness, and attention-effect-after-eight-"
        "lengths for attention alone.)",
        f"{MAR}, table 1",
        effect(
            (FRECHET,),
            {"order": MASKED},
            {"order": RANDOM},
            tuple(at(size=s, arm=a) for s in TWO for a in (CONTINUOUS, DISCRETE)),
            "mean",
        ),
        confirmatory=False,
    ),
    claim(
        "discrete-wins-on-scenes",
        "On scenes, at the one size there, discrete tokens have a higher GenEval score and a lower "
        "Fréchet distance than continuous ones, the mean over raster, random and masked order. "
        "(Added after the first run.)",
        f"derived here, against {FLUID}, abstract: continuous tokens are far better",
        effect((GENEVAL, FRECHET), {"arm": DISCRETE}, {"arm": CONTINUOUS}, SCENED, "mean"),
        confirmatory=False,
    ),
    _apart(
        "shares-effect-on-likeness",
        "Masked models that learn every share of hidden tokens alike have a lower Fréchet distance "
        "than those that learn with seven in ten or more hidden.",
        EVEN,
        MASKED,
    ),
    _apart(
        "shares-effect-on-alignment",
        "Masked models that learn every share of hidden tokens alike have a higher GenEval score "
        "than those that learn with seven in ten or more hidden.",
        EVEN,
        MASKED,
        GENEVAL,
    ),
    _apart(
        "even-attention-effect-on-likeness",
        "Masked models that learn every share of hidden tokens alike have a lower Fréchet distance "
        "than random causal ones.",
        EVEN,
        RANDOM,
    ),
    _apart(
        "even-attention-effect-on-alignment",
        "Masked models that learn every share of hidden tokens alike have a higher GenEval score "
        "than random causal ones.",
        EVEN,
        RANDOM,
        GENEVAL,
    ),
    _apart(
        "even-beats-raster-on-likeness",
        "Masked models that learn every share of hidden tokens alike have a lower Fréchet distance "
        "than raster ones.",
        EVEN,
        RASTER,
    ),
    _apart(
        "even-beats-raster-on-alignment",
        "Masked models that learn every share of hidden tokens alike have a higher GenEval score "
        "than raster ones.",
        EVEN,
        RASTER,
        GENEVAL,
    ),
)
