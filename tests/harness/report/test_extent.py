"""How far the trainings of a study reach, and which statements are readings of a paper."""

from pathlib import Path
from typing import Any

import pytest

from harness.report.excerpts import extent
from harness.report.facts import READING, Facts
from harness.report.results import Results
from harness.studies import STUDIES


def stage(images: int, patch: int | None = None, **dataset: object) -> dict[str, Any]:
    tokens = {} if patch is None else {"tokeniser": {"name": "patches", "patch": patch}}
    name = "train" if patch is None else "train_tokens"
    return {"stage": name, "images": images, "dataset": dataset, **tokens}


def of(*stages: dict[str, Any]) -> Results:
    """The runs of a study without a record."""
    return Results("some_study", "smoke", [], [{"config": [one]} for one in stages], [], Path())


def test_images_and_tokens_are_a_range_over_all_trainings() -> None:
    found = of(
        stage(48000, side=8),
        stage(32000, 2, side=8),
        stage(208000, 4, size=24),
        {"stage": "measure", "images": 1},
    )
    facts = Facts()
    extent(facts, found)
    given = {key.partition(".trained.")[2]: fact["value"] for key, fact in facts.entries.items()}
    images = {"images.low": 32000, "images.high": 208000}
    assert given == {**images, "tokens.low": 16, "tokens.high": 36}


def test_a_study_without_trainings_has_no_range() -> None:
    facts = Facts()
    extent(facts, of({"stage": "measure", "images": 1}))
    assert facts.entries == {}


@pytest.mark.parametrize(
    ("claim", "reading"),
    [
        ("loop-unstable-beyond-lambda", True),  # "the condition": a theorem's, read as necessary
        ("cycle-there-and-back", True),  # asked of the paper
        ("flips-lower-w2", True),  # read for flipped labels
        ("loop-biased-corrector-harmless", True),  # a negative control
        ("noise-contracts", False),
        ("restart-theorem-3-sde", False),
        ("corrupted-optimum", False),
    ],
)
def test_a_reading_is_told_by_its_source(claim: str, reading: bool) -> None:
    (found,) = (one for study in STUDIES.values() for one in study.claims if one.id == claim)
    assert (READING.search(found.source) is not None) == reading
