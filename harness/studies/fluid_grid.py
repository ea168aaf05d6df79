"""The grid of Fluid, with what it moved at once moved one by one.

Fluid (Fan et al. 2024) compares {continuous, discrete} tokens in {random, raster} order. Its random
order is bidirectional and its raster order causal, its continuous tokens come from another
tokeniser and go to another head; MAR (Li et al. 2024, table 1) has the orders apart but its causal
code was never released. Here (``fluid_grid_cells``) tokens are patches, or codes of these patches,
a random causal order stands between raster and masked, and a diffusion head on quantised patches
between continuous and discrete.

    order effect       raster causal -> random causal: only which token comes when
    attention effect   random causal -> masked: what is seen, several tokens at once, and how much
                       is hidden in training; -> even: without the last
    shares effect      masked -> even: only how much is hidden in training
    head effect        discrete -> quantised: the same content, cross-entropy or diffusion
    quantisation       quantised -> continuous: the same head, the content of codes or all

**Losses are no common currency.** The loss of each head has its own name and unit, and means of
another thing in another order (``harness.tokenwise.reading``); it ranks the sizes of an arm. That
it does not rank the arms is a claim of this study, for which alone orders are held against each
other by it.

What is fixed before the run
    Three replicates; margins: 10 % of a Frechet distance, 5 points of a GenEval score. Length,
    rate, batch, drawing and guidance are one for all arms of a kind of data. They were chosen with
    one replicate of one arm, continuous in raster order at the middle size, so that it learns: on
    images a Frechet distance of 3 after 40,000 of them, where an untrained one has 280; on scenes
    a GenEval score of .35 (144 of them; .10 after 96,000 in batches of 128). No two arms were
    compared before. The fits take five sizes over a factor of 25; on a card, of 67. On scenes there
    is the middle size alone at cpu.

    What a score means: the rules of GenEval let a picture hold more than was asked for, so that one
    full of things is right by chance in two of five; scores are to be read beside the Frechet
    distance of the same pictures. True scenes under other captions score .17 (95 %: .06 to .31 over
    103 prompts of ``patina geneval scenes --size 24 --layout grid --prompts-per-task 40
    --shuffled``), and so do continuous models in masked and in even order at cpu.
"""

from harness.claims.contrast import Where
from harness.claims.curve import Curve
from harness.claims.fitted import PowerLaw, Slope
from harness.claims.ordering import Ordering
from harness.claims.reading import Reading
from harness.studies.fluid_grid_cells import (
    CONTINUOUS,
    DISCRETE,
    FOURTH,
    GRID,
    IMAGES,
    LARGEST,
    MASKED,
    MIDDLE,
    OPERATIONS,
    QUANTISED,
    RASTER,
    SIZES,
    SMALLEST,
    SQUARED,
    TWO,
    UPDATES,
    cells,
)
from harness.studies.fluid_grid_orders import (
    FLUID,
    FRECHET,
    LOSSES,
    MAR,
    NAME,
    ORDERED,
    at,
    claim,
    effect,
    of,
    on,
)
from harness.studies.study import Study

ORDERS: tuple[Where, ...] = (*on(FOURTH, RASTER, MASKED), *on(LARGEST, RASTER, MASKED))
RANKED = tuple(
    Ordering(loss, FRECHET.metric, "parameters", tuple(of(arm, o) for o in (RASTER, MASKED)), at())
    for arm, loss in LOSSES.items()
)

STUDY = Study(
    name=NAME,
    title="Token models: continuous or discrete, in which order, at which size",
    question="What makes continuous tokens in random order better, and does the loss show it?",
    cells=cells,
    cells_per_job=7,
    core_minutes=(("cpu", 87.4), ("smoke", 0.3)),
    claims=(
        claim(
            "token-loss-is-a-power-law",
            "Within each arm (continuous or discrete, raster or masked) the held-out loss is a "
            "power law of the number of parameters, with or without a floor.",
            f"{FLUID}, abstract: all arms scale in validation loss",
            PowerLaw(
                tuple(
                    Curve(LOSSES[arm], "parameters", of(arm, o), where=at(order=o))
                    for arm, o in GRID
                )
            ),
        ),
        claim(
            "continuous-beats-discrete",
            "Continuous tokens have a lower Fréchet distance than discrete ones at the two largest "
            "sizes, in raster and in masked order.",
            f"{FLUID}, abstract; {MAR}, table 1",
            effect((FRECHET,), CONTINUOUS, DISCRETE, ORDERS),
        ),
        claim(
            "discrete-wins-at-smallest",
            "At the smallest size discrete tokens have a lower Fréchet distance than continuous "
            "ones, in raster and in masked order.",
            f"a reviewer of {FLUID} on its figure 6: no gain of continuous tokens at the smallest "
            "size",
            effect((FRECHET,), DISCRETE, CONTINUOUS, on(SMALLEST, RASTER, MASKED)),
        ),
        claim(
            "continuous-gains-with-size",
            "What continuous tokens gain over discrete ones in the Fréchet distance grows with the "
            "number of parameters, in masked order. (Rule changed after the first run.)",
            f"{FLUID}, figure 6, as its reviews have it",
            Slope(
                Curve(
                    FRECHET.metric,
                    "parameters",
                    CONTINUOUS,
                    DISCRETE,
                    "log_ratio",
                    at(order=MASKED),
                ),
                "lower",
                gain="lower",
            ),
            confirmatory=False,
        ),
        claim(
            "continuous-beats-discrete-at-equal-operations",
            "At the middle size continuous tokens have a lower Fréchet distance than discrete ones "
            "that were trained for as many operations, in raster and in masked order.",
            "derived here: at equal updates a diffusion head is given more",
            effect(
                (FRECHET,),
                {"arm": CONTINUOUS, "budget": UPDATES},
                {"arm": DISCRETE, "budget": OPERATIONS},
                tuple({"data": IMAGES, "size": MIDDLE, "order": o} for o in (RASTER, MASKED)),
            ),
        ),
        *ORDERED,
        claim(
            "squared-error-is-far-worse",
            "A head of squared error has a higher Fréchet distance than a diffusion head at every "
            "size, in masked order.",
            f"{MAR}: a Fréchet distance above 100 in place of 3.5",
            effect(
                (Reading(FRECHET.metric, "higher", margin=0.1),),
                SQUARED,
                CONTINUOUS,
                tuple(at(size=size, order=MASKED) for size in SIZES),
            ),
        ),
        claim(
            "quantisation-costs-likeness",
            "With the same diffusion head, continuous patches have a lower Fréchet distance than "
            "patches of quantised images, in masked order at two sizes.",
            f"{MAR}, tokenisers: diffusion loss on VQ-16 against KL-16, 7.82 and 3.50",
            effect((FRECHET,), CONTINUOUS, QUANTISED, tuple(at(size=s, order=MASKED) for s in TWO)),
        ),
        claim(
            "diffusion-head-beats-cross-entropy-on-codes",
            "On what a codebook leaves of an image, a diffusion head has a lower Fréchet distance "
            "than cross-entropy, in masked order at two sizes.",
            f"{MAR}, tokenisers: 7.82 against 8.79 on VQ-16",
            effect((FRECHET,), QUANTISED, DISCRETE, tuple(at(size=s, order=MASKED) for s in TWO)),
        ),
        claim(
            "loss-says-raster-samples-say-masked",
            "Masked models have the higher held-out loss and the lower Fréchet distance, the mean "
            "over five sizes, with continuous tokens.",
            f"a reviewer of {FLUID}: random order has the larger loss and the better images",
            effect(
                (Reading(LOSSES[CONTINUOUS], "higher", margin=0.02), FRECHET),
                {"order": MASKED},
                {"order": RASTER},
                tuple(at(size=size, arm=CONTINUOUS) for size in SIZES),
                "mean",
            ),
        ),
        claim(
            "loss-says-raster-samples-say-masked-codes",
            "Masked models have the higher held-out loss and the lower Fréchet distance, the mean "
            "over five sizes, with discrete tokens.",
            f"a reviewer of {FLUID}",
            effect(
                (Reading(LOSSES[DISCRETE], "higher", margin=0.02), FRECHET),
                {"order": MASKED},
                {"order": RASTER},
                tuple(at(size=size, arm=DISCRETE) for size in SIZES),
                "mean",
            ),
        ),
        claim(
            "loss-ranks-sizes-not-orders",
            "The held-out loss ranks the sizes of an arm as the Fréchet distance does, and orders "
            "pooled with sizes worse: continuous tokens.",
            f"{FLUID}, abstract: loss scales in all arms, quality does not follow it",
            RANKED[0],
        ),
        claim(
            "loss-ranks-sizes-not-orders-codes",
            "The held-out loss ranks the sizes of an arm as the Fréchet distance does, and orders "
            "pooled with sizes worse: discrete tokens.",
            f"{FLUID}, abstract",
            RANKED[1],
        ),
    ),
    default=False,
)
