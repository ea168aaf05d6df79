"""Which contrasts of a study share a variance: those of one quantity, and no others."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest

from harness.claims.contrast import Contrast
from harness.claims.curve import Curve
from harness.claims.fitted import (
    Crossing,
    Exponent,
    Floor,
    PowerLaw,
    Slope,
    Steeper,
    Vanishing,
)
from harness.claims.ordering import Ordering
from harness.claims.paired import PairedEffect
from harness.claims.ranking import Ranking
from harness.claims.reading import Reading
from harness.claims.switching import Switch
from harness.records.record import Record

SIZES = (10.0, 20.0, 40.0, 80.0, 160.0, 320.0)
SIGMAS = (0.1, 0.2, 0.4)
ARMS = ("clean", "gated", "all")


@pytest.fixture
def table(rows) -> list[Record]:
    """Every metric of three arms at six sizes; the third lacks the largest."""
    g = np.random.default_rng(0)
    metrics = ["loss", "score", *(f"excess/{s}" for s in SIGMAS)]
    metrics += [f"{name}/{c}" for name in ("seen", "error") for c in range(6)]
    made = []
    for a, arm in enumerate(ARMS):
        for n in SIZES[: 6 - (arm == "all")]:
            for m, metric in enumerate(metrics):
                value = 0.1 + (1 + a / 4) * n ** -(0.4 + 0.03 * m)
                made += rows(arm, value * np.exp(0.05 * g.normal(size=5)), metric, n=n)
    return made


def effect(scale: str = "difference", metric: str = "loss", arm: str = "gated") -> Curve:
    return Curve(metric, "n", arm, "clean", scale)  # type: ignore[arg-type]


def of(arm: str, metric: str = "loss") -> Curve:
    return Curve(metric, "n", arm)


DIFFERENT = {
    "exponent of a metric": Exponent(of("clean"), 0.2, 0.6),
    "exponent of another metric": Exponent(of("clean", "score"), 0.2, 0.6),
    "exponent above a floor": Exponent(of("clean"), 0.2, 0.6, "power_with_floor"),
    "exponent of fewer sizes": Exponent(of("all"), 0.2, 0.6),
    "exponent of a difference": Exponent(effect(), 0.2, 0.6),
    "exponent of a log ratio": Exponent(effect("log_ratio"), 0.2, 0.6),
    "exponents of metrics": Steeper(of("clean"), of("gated")),
    "exponents above floors": Steeper(of("clean"), of("gated"), form="power_with_floor"),
    "exponents of two metrics": Steeper(of("clean"), of("clean", "score")),
    "exponents over other sizes": Steeper(of("clean"), of("all")),
    "exponents of a metric and an effect": Steeper(of("clean"), effect()),
    "slope of a metric": Slope(of("clean"), "lower"),
    "slope of a difference and its ends": Slope(effect(), "lower", gain="lower"),
    "slope of a log ratio and its ends": Slope(effect("log_ratio"), "lower", gain="lower"),
    "slope of fewer sizes": Slope(effect("log_ratio", arm="all"), "lower"),
    "floor": Floor(of("clean")),
    "floor of another metric": Floor(of("clean", "score")),
    "floor of fewer sizes": Floor(of("all")),
    "floors of two metrics": Floor(of("gated"), of("gated", "score")),
    "gain": Vanishing(effect(), "lower", 0.01),
    "gain of a log ratio": Vanishing(effect("log_ratio"), "lower", 0.01),
    "correlation": Ranking("seen", "error", "n", "clean"),
    "difference of correlations": Ranking("seen", "error", "n", "gated", "clean"),
    "order of two arms": Ordering("loss", "score", "n", ("clean", "gated")),
    "order of three arms": Ordering("loss", "score", "n", ARMS),
    "level": Switch(tuple(f"excess/{s}" for s in SIGMAS), "n", "gated", "clean", 0.4, 0.6),
    "effect": PairedEffect((Reading("loss", "lower"),), "gated", "clean", ({"n": 10.0},)),
    "mean effect": PairedEffect(
        (Reading("loss", "lower"),), "gated", "clean", ({"n": 10.0}, {"n": 20.0}), "mean"
    ),
    "effect as a difference": Crossing(effect(), 10, 320, "lower"),
}  # fmt: skip

# What one rule needs of another: a claim that one curve is above another tests its floor, too.
TOLD_AGAIN = {("floor", "floors of two metrics")}


def contrasts(rule, table: list[Record]) -> Iterator[Contrast]:
    yield from rule.planned(table)
    if not isinstance(rule, Steeper) and rule != DIFFERENT["slope of fewer sizes"]:
        yield from rule.beside(table)  # but exponents and steps that other rules have, too


def test_different_quantities_share_no_variance(table) -> None:
    kinds = {name: {one.kind for one in contrasts(rule, table)} for name, rule in DIFFERENT.items()}
    assert all(kinds.values())
    shared = [
        (one, two)
        for (one, first), (two, second) in combinations(kinds.items(), 2)
        if first & second and (one, two) not in TOLD_AGAIN
    ]
    assert not shared


def test_contrasts_of_one_rule_are_of_different_quantities(table) -> None:
    """But the effect at two sizes, which is one metric at two conditions."""
    for name, rule in DIFFERENT.items():
        found = list(contrasts(rule, table))
        if not isinstance(rule, Crossing):
            assert len({one.kind for one in found}) == len(found), name


ALIKE = [
    (Exponent(of("clean"), 0.2, 0.6), PowerLaw((of("gated"),))),
    (Exponent(effect(), 0.2, 0.6), Exponent(effect(), 0.5, 1.5)),
    (Slope(effect(), "lower"), Slope(effect(), "higher")),
    (Floor(of("clean")), Floor(of("gated"))),
    (Crossing(effect(), 10, 320, "lower"), Crossing(effect(), 20, 160, "higher")),
    (Ranking("seen", "error", "n", "clean"), Ranking("seen", "error", "n", "gated")),
]  # fmt: skip


@pytest.mark.parametrize(("one", "two"), ALIKE)
def test_one_quantity_of_two_arms_or_at_two_conditions_shares_one(table, one, two) -> None:
    first, second = ({each.kind for each in rule.planned(table)} for rule in (one, two))
    assert first == second
