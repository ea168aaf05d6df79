"""Whether a reading keeps its word about the damages that it sees."""

import dataclasses

import numpy as np
import pytest

from harness.claims import sensitivity
from harness.claims.sensitivity import MARGIN, Declared, Sensitivity, departures
from harness.metrics import METRICS
from harness.records.record import Record, measured
from harness.streams import numpy_generator
from harness.studies.metric_sensitivity import SILENT, STUDY

NAME = "fd_pixels"
SEEN, BLIND = ("noise", "blur"), ("copies",)


def rows(name: str, values: dict[tuple[str, float], list[float]]) -> list[Record]:
    """Records by kind and severity, one value a replicate."""
    return [
        measured(
            value, study="metric_sensitivity", cell_id=f"{kind} {severity}", metric=name,
            params={"dataset": "photos", "damage": kind, "severity": severity}, unit="1",
            tier="tolerance", replicate=k,
        )
        for (kind, severity), found in values.items()
        for k, value in enumerate(found)
    ]  # fmt: skip


def spread(mean: float, seed: int, n: int = 8) -> list[float]:
    return list(mean * (1 + 0.02 * numpy_generator("test", seed, "sensitivity").normal(size=n)))


GOOD = {
    ("none", 0.0): spread(1, 0),
    ("noise", 0.1): spread(1.5, 1),
    ("noise", 0.2): spread(3, 2),
    ("blur", 1.0): spread(2, 3),
    ("copies", 0.5): spread(0.7, 4),
    ("copies", 1.0): spread(0.2, 5),
}


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Declared, "of", lambda name: Declared(SEEN, BLIND, 0.0))


def decide(changes: dict[tuple[str, float], list[float]]):
    return Sensitivity(NAME, {"dataset": "photos"}).decide(rows(NAME, GOOD | changes), "here", None)


def test_as_stated_is_seen() -> None:
    found = decide({})
    assert (found.outcome, found.effect) == ("seen", 1.0)
    assert found.reason == "As stated: noise, blur, blind to copies."


NONE_LEFT = [float("nan")] * 8


@pytest.mark.parametrize(
    ("change", "outcome", "words"),
    [
        ({("noise", 0.2): spread(1.2, 9)}, "reversed", "noise (falls with severity)"),
        ({("noise", 0.1): spread(0.5, 9)}, "reversed", "noise (falls with severity)"),
        ({("blur", 1.0): spread(1.0, 9)}, "unresolved", "not resolved: blur"),
        ({("blur", 1.0): spread(0.5, 9)}, "reversed", "blur (falls with severity)"),
        ({("copies", 1.0): spread(MARGIN * 1.1, 9)}, "reversed", "against it: blind to copies"),
        ({("copies", 1.0): spread(MARGIN, 9)}, "unresolved", "not resolved: blind to copies"),
        ({("copies", 1.0): spread(MARGIN * 0.9, 9)}, "seen", "blind to copies"),
        ({("blur", 1.0): [2.0, float("nan")]}, "unresolved", "not resolved: blur"),
        ({("noise", 0.2): NONE_LEFT}, "unresolved", "not resolved: noise"),
        ({("noise", 0.1): NONE_LEFT, ("noise", 0.2): NONE_LEFT}, "unresolved", "noise"),
        ({("copies", 1.0): NONE_LEFT}, "unresolved", "not resolved: blind to copies"),
    ],
    ids=[
        "falls", "falls from the floor", "flat", "below the floor", "moved", "open", "within",
        "one replicate", "none at the greatest", "none at all", "none of the blind",
    ],
)  # fmt: skip
def test_what_is_not_as_stated(change, outcome, words) -> None:
    found = decide(change)
    assert found.outcome == outcome
    assert words in found.reason


def test_a_rise_is_paired_by_replicate() -> None:
    """A rise of a fiftieth of what the halves differ by is resolved where the halves are shared."""
    base = np.linspace(1, 2, 8)
    moved = list(base + 0.02 + 0.001 * np.arange(8))
    assert "blur" in decide({("none", 0.0): list(base), ("blur", 1.0): moved}).reason.split(";")[0]


def sizes(level: float, blind: float, right: float | None = 0.0) -> tuple[float, float]:
    """How often, in 400 studies of true departures that do not depend on severity, a damage is
    said to be seen or to fall, and blindness is said to hold or to be broken."""
    said = held = 0
    for seed in range(400):
        draw = numpy_generator("test", seed, "null")
        places = [("noise", 0.1), ("noise", 0.2), ("blur", 1.0)]
        values = {("none", 0.0): list(np.abs(1 + 0.1 * draw.normal(size=8)))}
        values |= {key: list(level * (1 + 0.1 * draw.normal(size=8))) for key in places}
        values[("copies", 1.0)] = list(blind * (1 + 0.1 * draw.normal(size=8)))
        good, _, rest = (
            Sensitivity(NAME, {}).decide(rows(NAME, values), "here", None).reason.partition(";")
        )
        said += "noise" in good or "blur" in good or "falls" in rest or "against" in rest
        held += "blind" in good
    return said / 400, held / 400


def test_no_more_false_words_than_the_level() -> None:
    """5 % each, of 400 studies, with 4 standard errors. At the margin itself both words about
    blindness are false."""
    bound = 0.05 + 4 * np.sqrt(0.05 * 0.95 / 400)
    assert sizes(1.0, 1.0)[0] < bound
    said, held = sizes(1.0, MARGIN)
    assert said < bound
    assert held < bound


def test_without_a_right_value_the_direction_is_free_and_paid_for(monkeypatch) -> None:
    monkeypatch.setattr(Declared, "of", lambda name: Declared(SEEN, (), None))
    assert sizes(1.0, 1.0)[0] < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 400)
    base = np.arange(8.0)
    for sign in (1, -1):
        values = {("none", 0.0): list(base)}
        values |= {("noise", s): list(base + sign * s * (2 + base / 9)) for s in (0.1, 0.2)}
        values |= {("blur", 1.0): list(base + sign * (1 + base / 9))}
        assert Sensitivity("s", {}).decide(rows("s", values), "here", None).outcome == "seen"


def test_a_metric_without_a_right_value_departs_from_its_undamaged_one() -> None:
    """Paired by replicate, and counted in the direction of the greatest severity."""
    given = {("none", 0.0): [3.0, 5.0], ("blur", 1.0): [4.0, 5.5], ("blur", 2.0): [2.0, 4.5]}
    found = departures(rows("s", given), None)
    assert found["blur"] == {1.0: {0: -1.0, 1: -0.5}, 2.0: {0: 1.0, 1: 0.5}}
    assert found["none"][0.0] == {0: 0.0, 1: 0.0}
    found = departures(rows("s", given), 4.5)
    assert found["blur"][2.0] == {0: 2.5, 1: 0.0}
    assert found["none"][0.0] == {0: 1.5, 1: 0.5}


def test_without_floor_or_statement_nothing_is_decided(monkeypatch) -> None:
    rule = Sensitivity(NAME, {"dataset": "photos"})
    assert "no undamaged" in rule.decide(rows(NAME, {("blur", 1.0): [1.0]}), "here", None).reason
    monkeypatch.setattr(Declared, "of", lambda name: Declared((), (), 0.0))
    assert "claims nothing" in rule.decide(rows(NAME, GOOD), "here", None).reason


def test_every_claim_of_the_study_speaks_of_a_metric_that_claims_something(monkeypatch) -> None:
    monkeypatch.undo()
    assert dataclasses.is_dataclass(sensitivity.Declared)
    for name, metric in ((name, METRICS[name]) for name in METRICS):
        silent = not metric.sees and not metric.blind
        claimed = any(
            claim.rule.metric.removesuffix("_trained_photos").startswith(name)
            for claim in STUDY.claims
        )
        if name in SILENT:
            assert silent
            assert not claimed
    for claim in STUDY.claims:
        found = Declared.of(claim.rule.metric)
        assert found.sees or found.blind
