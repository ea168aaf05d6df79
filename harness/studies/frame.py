"""What the ablations of imperfect images share: readings, margins, the gate, the words of a claim.

Fixed before any run. An arm is read in four ways, since one misleads: the held-out denoising loss,
a Fréchet distance, and the high-frequency power of the samples with their spectrum. Margins: 2 % of
the loss, 10 % of a Fréchet or spectrum distance, 5 % of the high-frequency power. The gate, where
a claim names it: the ceiling, which sees every image clean, has 0.9 to 1.1 of the data's
high-frequency power and beats clean-only on the loss; else no verdict counts. A condition is a
level of the factor ``corruption``.
"""

from typing import Any

from harness.cell import Cell, Part
from harness.claims.claim import Claim
from harness.claims.contrast import Arm, Where
from harness.claims.gate import Gate
from harness.claims.paired import Equivalence, PairedEffect
from harness.claims.reading import Quantifier, Reading
from harness.scale import Sizes
from harness.studies.arms import trained

OMNI = "Ambient Diffusion Omni (Daras et al. 2025)"
TWEEDIE = "Consistent Diffusion Meets Tweedie (Daras et al. 2024)"

LOSS = Reading("denoising_loss", "lower", margin=0.02)
FRECHET = Reading("fd_random_conv", "lower", margin=0.1)
SHARPNESS = Reading("high_frequency_error", "lower", margin=0.05, scale="difference")
SPECTRUM = Reading("spectrum_distance", "lower", margin=0.1)
RATIO = Reading("high_frequency_ratio", "higher", margin=0.05)
CO_PRIMARY = (LOSS, FRECHET, SHARPNESS, SPECTRUM)
DULL = Reading("high_frequency_ratio", "lower", margin=0.05)  # for a claim that blur leaks
TWO_SIDED = (LOSS, FRECHET, RATIO, SPECTRUM)  # for an equivalence, with a ratio that has a scale

GATE = Gate("oracle", "high_frequency_ratio", 0.9, 1.1, beats=LOSS, baseline="clean")


def arms(
    sizes: Sizes,
    corruptions: dict[str, Part],
    replicates: dict[str, int],
    net: str = "mlp",
    **training: Any,
) -> list[Cell]:
    """Some arms at each of some named corruptions; ``replicates`` says which, and how often."""
    return [
        trained(
            name,
            sizes,
            count,
            net,
            corruption=corruption,
            labels={"corruption": label},
            **training,
        )
        for label, corruption in corruptions.items()
        for name, count in replicates.items()
    ]


MLP: tuple[Where, ...] = ({"network": "mlp"},)  # the conditions of a study with other networks


def at(*labels: str, factor: str = "corruption", **others: str) -> tuple[Where, ...]:
    """Conditions: some levels of a factor."""
    return tuple({factor: label, **others} for label in labels)


def better(
    study: str,
    id: str,
    statement: str,
    source: str,
    arm: Arm,
    baseline: Arm,
    conditions: tuple[Where, ...] = ({},),
    quantifier: Quantifier = "each",
    metrics: tuple[Reading, ...] = CO_PRIMARY,
    confirmatory: bool = True,
    gate: Gate | None = GATE,
) -> Claim:
    """A claim that one arm beats another."""
    rule = PairedEffect(metrics, arm, baseline, conditions, quantifier, gate)
    return Claim(id, statement, source, study, rule, "here", confirmatory)


def alike(
    study: str,
    id: str,
    statement: str,
    source: str,
    arm: Arm,
    baseline: Arm,
    conditions: tuple[Where, ...] = ({},),
    confirmatory: bool = True,
    gate: Gate | None = GATE,
    metrics: tuple[Reading, ...] = TWO_SIDED,
) -> Claim:
    """A claim that two arms do not differ by more than the margins."""
    rule = Equivalence(metrics, arm, baseline, conditions, gate)
    return Claim(id, statement, source, study, rule, "here", confirmatory)
