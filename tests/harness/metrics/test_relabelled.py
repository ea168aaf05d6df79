"""Relabelling as a damage: readings by class keep their word, and no whole set of samples sees it.

By the rule of the study ``metric_sensitivity``, whose own cells have samples without classes.
"""

import json
from pathlib import Path

import pytest

from harness.cell import Upstream, part
from harness.claims.sensitivity import Declared, Sensitivity
from harness.metrics.classifier import Classifier, train_classifier
from harness.metrics.damage import Damage, damage
from harness.metrics.measure import measure
from harness.metrics.measurement import Measurement
from harness.records.record import Record

DIGITS = part("digits")
SEVERITIES = {"none": (0.0,), "noise": (0.2,), "gaussian": (1.0,), "copies": (1.0,),
              "relabelled": (0.1, 0.3, 1.0)}  # fmt: skip
READINGS = (
    "per_class_fd_pixels",
    "per_class_w2_pixels",
    "class_accuracy_trained_digits",
    "fd_pixels",
)
DRAWS = 4


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    """Every reading under every damage."""
    root = tmp_path_factory.mktemp("relabelled")

    def quiet(share: float) -> None:
        """No progress."""

    recipe = Classifier(DIGITS, 80, 32, 8e-3, 8)
    train_classifier(recipe, 1, {}, root, "cpu", quiet)
    asked, found = Measurement(READINGS, ("pixels", "trained_digits")), []
    for kind, severities in SEVERITIES.items():
        for severity in severities:
            out = root / f"{kind} {severity}"
            out.mkdir()
            params = Damage(DIGITS, kind, severity, 320, told=True)
            upstream = {"classifier": Upstream(recipe, root), "damage": Upstream(params, out)}
            damage(params, DRAWS, {}, out, "cpu", quiet)
            measure(asked, DRAWS, upstream, out, "cpu", quiet)
            made = json.loads(Path(out / "measurements.json").read_text())
            told = {"damage": kind, "severity": severity}
            found += [Record(study="x", cell_id=out.name, params=told, **row) for row in made]
    return found


@pytest.mark.parametrize("name", READINGS[:3])
def test_a_reading_by_class_sees_what_it_says_it_sees(name: str, rows: list[Record]) -> None:
    verdict = Sensitivity(name).decide(rows, "here", None)  # type: ignore[arg-type]
    assert verdict.outcome == "seen", verdict.reason
    assert "relabelled" in verdict.reason
    declared = Declared.of(name)
    assert verdict.numbers["kinds"] == len(set(SEVERITIES) & {*declared.sees, *declared.blind})


def test_the_distance_of_the_whole_sets_is_the_same_to_the_bit(rows: list[Record]) -> None:
    values: dict[tuple[str, float], list[float | None]] = {}
    for row in rows:
        if row.metric == "fd_pixels":
            place = str(row.params["damage"]), float(row.params["severity"] or 0)
            values.setdefault(place, []).append(row.value)
    for severity in SEVERITIES["relabelled"]:
        assert values["relabelled", severity] == values["none", 0.0]
    assert values["noise", 0.2] != values["none", 0.0]


def test_accuracy_falls_by_the_share_that_changes_class(rows: list[Record]) -> None:
    """Of ten about equal classes nine in ten of those that go round; to 4 errors of a share."""
    accuracy = {
        (str(row.params["damage"]), row.params["severity"], row.replicate): row.value
        for row in rows
        if row.metric == "class_accuracy_trained_digits"
    }
    for severity in SEVERITIES["relabelled"]:
        for k in range(DRAWS):
            before, after = accuracy["none", 0.0, k], accuracy["relabelled", severity, k]
            assert before is not None
            assert after is not None
            chance = 0.1 * severity  # of the old class being the new one, or the guess the new one
            error = 4 * (0.25 / 320) ** 0.5 * severity**0.5
            assert abs(after - (before * (1 - severity) + chance)) < error + 0.02
