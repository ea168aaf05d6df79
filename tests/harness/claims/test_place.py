"""The place of a verdict is that of the rows that its rule reads, and of no others."""

import numpy as np
import pytest

from harness.claims.bound import BoundHolds
from harness.claims.claim import Claim
from harness.claims.decide import decide_all
from harness.claims.paired import Equivalence, PairedEffect
from harness.claims.place import LONGEST, named, place
from harness.claims.reading import Reading
from harness.records.record import Record

LOSS = Reading("loss", "lower", margin=0.1)
OTHER = Reading("other", "lower", margin=0.1)


@pytest.fixture
def study(rows) -> tuple[list[Record], dict[str, str]]:
    """Photographs with a network, and an arm and a baseline of Gaussian images without one."""
    table, of = [], {}
    for data, arms, labels in (
        ("photos", ("clean", "gated", "spare"), {"network": "mlp"}),
        ("gaussian", ("found", "exact"), {"corruption": "noise"}),
    ):
        for arm in arms:
            own = [
                row
                for metric in ("loss", "other")
                for row in rows(arm, np.ones(3), metric=metric, **labels)
            ]
            table += own
            of |= {row.cell_id: "digits" if arm == "spare" else data for row in own}
    return table, of


@pytest.mark.parametrize("kind", [PairedEffect, Equivalence])
def test_only_arm_and_baseline_of_the_conditions_count(study, kind) -> None:
    table, of = study
    trained = kind((LOSS, OTHER), "gated", "clean", ({"network": "mlp"},))
    annotated = kind((LOSS,), "found", "exact", ({"corruption": "noise"},))
    assert place(trained, table, of) == "photos, mlp"
    assert place(annotated, table, of) == "gaussian"
    both = kind((LOSS,), "gated", "spare", ({"network": "mlp"},))
    assert place(both, table, of) == "digits and photos, mlp"
    assert place(kind((LOSS,), "clean", "exact"), table, of) == "gaussian and photos, mlp"


def test_a_rule_about_laws_reads_its_metrics_where_it_says(law) -> None:
    table = law("m_exact", [1.0, 1.0]) + law("m_bound", [2.0, 2.0]) + law("else", [1.0] * 3)
    of = {"0000": "a", "0001": "b", "0002": "c"}
    assert place(BoundHolds("m_exact", "m_bound"), table, of) == "a and b"
    assert place(BoundHolds("m_exact", "m_bound", where={"cell": 1}), table, of) == "b"


def test_without_datasets_of_cells_the_factor_says_it_and_beside_them_it_says_nothing(rows) -> None:
    table = rows("a", [1.0], dataset="photos") + rows("b", [1.0], dataset="photos")
    rule = PairedEffect((LOSS,), "a", "b")
    assert place(rule, table, {}) == "photos"
    assert place(rule, table, {row.cell_id: "photos (side 8)" for row in table}) == (
        "photos (side 8)"
    )


def test_the_verdict_and_its_sentence_carry_it(study) -> None:
    table, of = study
    rule = Equivalence((LOSS,), "found", "exact", ({"corruption": "noise"},))
    claim = Claim("c", "statement", "source", "s", rule, "here")
    found = decide_all([claim], table, scale="cpu", datasets=of)[0]
    assert found.place == "gaussian"
    assert found.reason.startswith("gaussian at cpu scale: ")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"name": "digits"}, "digits"),
        ({"channels": 1, "name": "photos", "side": 8}, "photos (channels 1, side 8)"),
        ({"name": "photos", "sources": ["cat", "rocket"]}, "photos (sources cat and rocket)"),
        ({"name": "m", "weights": [1] * LONGEST}, f"m (weights {' and '.join('1' * LONGEST)})"),
        ({"name": "m", "weights": [1] * (LONGEST + 1)}, f"m (weights {LONGEST + 1})"),
        ({"means": [[0.0] * 64], "name": "m", "weights": [1.0]}, "m (means 1×64, weights 1.0)"),
        ({"means": [[0.0], [1.0]], "name": "m"}, "m (means 2×1)"),
        ({"means": [], "name": "m"}, "m (means none)"),
    ],
)
def test_a_dataset_is_told_with_what_matters_and_long_lists_by_their_shape(given, text) -> None:
    assert named(given) == text
