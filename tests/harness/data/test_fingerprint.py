"""A user's files are known by their bytes."""

from pathlib import Path

from harness.cell import part
from harness.data.fingerprint import _digest, fingerprint


def test_a_changed_image_is_another_dataset(tmp_path: Path) -> None:
    image = tmp_path / "a.png"
    image.write_bytes(b"one")
    dataset = part("folder", path=str(tmp_path))
    first = fingerprint(dataset)
    image.write_bytes(b"two")
    _digest.cache_clear()
    assert fingerprint(dataset) != first
    image.write_bytes(b"one")
    _digest.cache_clear()
    assert fingerprint(dataset) == first


def test_embedded_datasets_have_none() -> None:
    assert fingerprint(part("photos", side=8)) == fingerprint(None) == ""
