"""Self-consuming loops: digits trained on digits that models have drawn, and Gaussians beside them.

    none       real images, the same in all generations, and lambda times as many samples
    again      the same, by other streams after the first generation: the floor (A/A)
    fresh      real images of their own in each generation
    synthetic  no real images after generation 0
    centres    as none, with samples moved to the cluster centres of their class
    oracle     to the nearest real image of their class, of all that there are
    biased     to the centres of another class: the negative control

*Digits.* A class-conditional residual MLP of width 128 trains from the start in each generation, on
284 real images, 27 to 29 a class (a fifth of the training images, as Gillman et al. take of MNIST;
fresh loops have another fifth in each generation), and on lambda times as many samples of the
generation before. A thousand samples of each generation are measured, at guidance 0. A network of
this size is a rough model after 320 steps, on purpose: one that copies its real images would have
nothing to lose. The classifier behind accuracy and coverage has seen every training image.

*Gaussians.* The same loops for the mean and the variance of N(0, 1) from 100 samples, where every
quantity is known (``harness.train.gaussian_loop``); ``biased`` pulls to N(1, 1).

The first cell is generation 0 alone, ``until=first``. Loops without correction go on to generation
10, ``until=late``, and stand there with an early and a middle end, too: a loop that contracts by
lambda / (1 + lambda) a generation is still on its way at generation 4. Headline contrasts, those of
lambda = 1 and gamma = 1, have 8 replicates.

The distances compare with all training images, and the oracle draws on these: at gamma of infinity
its images *are* some of those. What it does to a distance is in part so by construction.
"""

from dataclasses import replace
from typing import Any

from harness.cell import Cell, Stage, factors, part
from harness.metrics.loop_again import Again
from harness.metrics.measurement import Measurement
from harness.metrics.trained import DIGITS
from harness.metrics.trajectory import chain
from harness.sample.sampling import Sampling
from harness.scale import Sizes
from harness.train.condition import Condition
from harness.train.gaussian_loop import GaussianLoop
from harness.train.self_consuming import FULL, Loop
from harness.train.training import Training

RATIOS = (0.25, 0.5, 1.0, 2.0)  # lambda
STRENGTHS: tuple[float | str, ...] = (0.1, 1.0, FULL)  # gamma
HEADLINE = 1.0  # lambda of the headline contrasts, and gamma
ASIDE = (0.5, 2.0)  # other lambda of the biased corrector, at the headline's gamma
BEYOND = (1.0, 2.0)  # lambda where the theorem says nothing
GENERATIONS, EARLY, MIDDLE, LATE = 4, 2, 5, 10
SHORT = (2, 1, 3, 4)  # the same at a scale whose numbers mean nothing
PARTS = GENERATIONS + 1
LENGTH, BATCH = 40_960, 128  # images of a training
SAMPLES, FEWER = 1000, 480  # of a generation; at such a scale
HURRIED = 60  # steps of the classifier at such a scale
REAL, BIAS = 100, 1.0  # of the Gaussians
READINGS = (
    "fd_random_conv",
    "coverage_trained_digits",
    "class_accuracy_trained_digits",
    "per_class_fd_trained_digits",
    "denoising_loss",
)
CORRECTED = {
    "centres": part("centres", count=4),
    "oracle": part("oracle"),
    "biased": part("biased", count=4),
}
SEEN = {"fresh": "fresh", "synthetic": "none"}  # the real images of an arm, where not fixed


def cells(sizes: Sizes) -> list[Cell]:
    """The loops of digits, then those of Gaussians."""
    return [*_digits(sizes), *_gaussians(sizes)]


def _digits(sizes: Sizes) -> list[Cell]:
    """The first generation, every arm at the last one, and those without correction at others."""
    many, other = sizes.replicates, min(3, sizes.replicates_other)
    ratios = (HEADLINE,) if sizes.hurried else RATIOS
    strengths = (HEADLINE,) if sizes.hurried else STRENGTHS
    grid = [_loop(sizes, "none", many, until="first")]
    for ratio in ratios:
        count = many if ratio == HEADLINE else other
        for until in ("early", "middle", "late"):
            grid.append(_loop(sizes, "none", count, ratio, until=until))
        if ratio in BEYOND:
            grid.append(_loop(sizes, "fresh", other, ratio))
        grid.append(_loop(sizes, "none", count, ratio))
        for arm in ("centres", "oracle"):
            grid += [
                _loop(sizes, arm, count if gamma == HEADLINE else other, ratio, gamma)
                for gamma in strengths
            ]
    grid += [_loop(sizes, "biased", other, HEADLINE, gamma) for gamma in strengths]
    grid += [_loop(sizes, "biased", other, ratio, HEADLINE) for ratio in ratios if ratio in ASIDE]
    grid.append(_again(_loop(sizes, "none", other, HEADLINE)))
    return [*grid, _loop(sizes, "synthetic", other, HEADLINE)]


def _loop(
    sizes: Sizes,
    arm: str,
    replicates: int,
    ratio: float = 0.0,
    gamma: float | str = 0.0,
    until: str = "last",
) -> Cell:
    """One loop of digits, or without a ratio its first generation."""
    ends = SHORT if sizes.hurried else (GENERATIONS, EARLY, MIDDLE, LATE)
    generations = dict(zip(("last", "early", "middle", "late", "first"), (*ends, 0)))[until]
    recipe = DIGITS.recipe((1, 8, 8))
    length = min(LENGTH, sizes.images)
    training = Training(
        dataset=part("digits"),
        pool="oracle",
        network=part("mlp", width=128, blocks=1),
        objective=part("denoising"),
        images=length,
        batch=BATCH,
        rate=5e-3,
        warmup=length // 20,
        constant=length // 4,
        condition=Condition("label", dropout=0.0),
    )
    stages = chain(
        generations,
        training,
        Sampling(FEWER if sizes.hurried else SAMPLES, part("heun", steps=12)),
        Measurement(READINGS, ("random_conv", "trained_digits"), sizes.held_out),
        PARTS,
        Loop(ratio, gamma, CORRECTED.get(arm), SEEN.get(arm, "fixed")) if ratio else None,
    )
    labels: dict[str, Any] = {"arm": arm, "data": "digits", "network": "mlp", "until": until}
    labels |= {"generations": generations}
    labels |= {"lambda": ratio} if ratio else {}
    labels |= {"gamma": gamma} if gamma else {}
    judge = replace(recipe, steps=HURRIED) if sizes.hurried else recipe
    return Cell(factors(**labels), (Stage("classifier", judge), *stages), replicates)


def _again(loop: Cell) -> Cell:
    """A loop of digits once more, by other streams after generation 0."""
    judge, first, *_, last, _ = loop.stages
    stages = (judge, first, Stage("again", Again(last.params)))
    return Cell(factors(**{**loop.labels(), "arm": "again"}), stages, loop.replicates)


def _gaussians(sizes: Sizes) -> list[Cell]:
    """The loops whose every moment is known."""
    grid: list[tuple[str, dict[str, Any]]] = [("none", {}), ("fresh", {"real": "fresh"})]
    for arm, bias in (("oracle", 0.0), ("biased", BIAS)):
        grid += [(arm, {"gamma": gamma, "bias": bias}) for gamma in STRENGTHS]
    found = []
    for ratio in RATIOS:
        for arm, given in grid:
            asked = GaussianLoop(REAL, GENERATIONS, ratio, chains=sizes.law_draws, **given)
            labels: dict[str, Any] = {"arm": arm, "data": "Gaussian", "lambda": ratio}
            labels |= {"until": "last", "generations": GENERATIONS}
            labels |= {"gamma": given["gamma"]} if "gamma" in given else {}
            found.append(Cell(factors(**labels), (Stage("gaussian_loop", asked),), 1))
    return found
