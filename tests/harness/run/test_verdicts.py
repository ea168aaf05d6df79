"""The claims of a run: decided from records, each at the place of its own cells."""

from pathlib import Path

import pytest

from harness.claims.claim import read_claims
from harness.run.verdicts import dataset_of, decide

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
