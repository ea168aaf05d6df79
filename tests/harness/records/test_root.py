"""The root hash: one number for the published results of a scale."""

import hashlib
from pathlib import Path

import pytest

from harness.records.root import root_hash

SCALE = "smoke"


@pytest.fixture
def results(tmp_path: Path) -> Path:
    for name, text in (("a", "one"), ("b", "two")):
        put(tmp_path, name, text)
    return tmp_path


def put(results: Path, study: str, text: str, scale: str = SCALE) -> None:
    path = results / "v1" / scale / study / "MANIFEST.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_it_is_the_hash_of_the_sorted_hashes(results: Path) -> None:
    hashes = sorted(hashlib.sha256(text).hexdigest() for text in (b"one", b"two"))
    assert root_hash(results, SCALE) == hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def test_names_and_other_scales_do_not_matter_and_contents_do(results: Path) -> None:
    before = root_hash(results, SCALE)
    (results / "v1" / SCALE / "a").rename(results / "v1" / SCALE / "z")
    put(results, "a", "three", scale="cpu")
    assert root_hash(results, SCALE) == before
    put(results, "b", "two.")
    changed = root_hash(results, SCALE)
    assert changed != before
    put(results, "c", "three")
    assert root_hash(results, SCALE) not in (before, changed)


def test_without_a_reference_there_is_none(tmp_path: Path) -> None:
    assert root_hash(tmp_path, SCALE) is None
