"""The claims of a run: decided from records, each at the place of its own cells."""

from pathlib import Path
from typing import Any

import pytest

from harness.claims.claim import read_claims
from harness.run.verdicts import dataset_of, decide, listing, within

ROOT = Path(__file__).resolve().parents[3]
PUBLISHED = ROOT / "results" / "v1" / "cpu"


def test_a_cell_is_of_the_dataset_that_its_run_names_and_one_of_laws_of_none() -> None:
    found = dataset_of([PUBLISHED / "ambient_laws" / "runs.jsonl", Path("absent")])
    assert set(found.values()) == {""}
    found = dataset_of([PUBLISHED / "calibration" / "runs.jsonl"])
    assert set(found.values()) == {"digits"}


@pytest.fixture(scope="module")
def annotators(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The place of each verdict on annotators, by claim."""
    out = tmp_path_factory.mktemp("build") / "cpu" / "claims.jsonl"
    decide("cpu", [PUBLISHED / "annotators" / "records.jsonl"], out)
    return {line["id"]: line["verdict"]["place"] for line in read_claims(out)}


def test_each_verdict_on_annotators_names_its_own_images(annotators: dict[str, str]) -> None:
    gaussian = "gaussian_mixture (count 6000, deviation 0.1, means 1×64, weights 1.0)"
    for claim, place in annotators.items():
        finds = claim.endswith("finds-the-value-of-its-rule")
        assert place == (gaussian if finds else "photos (channels 1, side 8), mlp"), claim
    assert len(annotators) == 11


def claim(outcome: str, low90: float | None, margin: float, low: float = -0.2) -> dict[str, Any]:
    """A decided claim with a test beside the one that its verdict hangs on."""
    main = {"effect": -0.1, "low": low, "high": -0.05, "p_value": 0.01, "low90": low90}
    main |= {"high90": -0.06, "metric": "loss"}
    other = {**main, "effect": -9.0, "low90": -9.5, "high90": -8.5}
    verdict = {"outcome": outcome, "word": "mechanism seen", "unit": "log ratio", "reason": "r"}
    verdict |= {name: main[name] for name in ("effect", "low", "high", "p_value")}
    rule = {"metrics": [{"metric": "loss", "margin": margin}]}
    told = {"id": "c", "statement": "s", "source": "p", "rule": rule}
    return {**told, "verdict": {**verdict, "conditions": [other, main]}}


@pytest.mark.parametrize(
    ("outcome", "low90", "margin", "small"),
    [
        ("seen", -0.15, 0.16, True),
        ("reversed", -0.15, 0.16, True),
        ("seen", -0.15, 0.14, False),
        ("seen", -0.15, 0.0, False),
        ("seen", None, 0.16, False),
        ("equivalent", -0.15, 0.16, False),  # the word says so
    ],
)
def test_a_resolved_effect_that_is_too_small_to_matter_is_told_as_such(
    outcome: str, low90: float | None, margin: float, small: bool
) -> None:
    given = claim(outcome, low90, margin)
    assert within(given) == small
    head = "c: MECHANISM SEEN  -0.1 [-0.2, -0.05] log ratio"
    assert listing([given]).splitlines()[0] == head + (", within the margin" if small else "")
