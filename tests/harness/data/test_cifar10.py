import hashlib
import io
import os
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.data import cifar10 as module
from harness.data.cifar10 import BATCHES, SHA256, URL, cache_folder, cifar10, read_archive
from harness.problem import Problem

Write = Callable[[Any], bytes]
EACH = 5
LEVELS = np.random.default_rng(0).integers(0, 256, (6 * EACH, 3072), np.uint8)
LABELS = [int(label) for label in np.random.default_rng(1).integers(0, 10, 6 * EACH)]
CLASSES = [b"airplane", b"automobile", b"bird", b"cat", b"deer", b"f", b"g", b"h", b"i", b"j"]


def members(write: Write, **changes: bytes | None) -> dict[str, bytes]:
    """The archive's members in its layout, as Python 2 pickled them; None leaves one out."""
    content: dict[str, bytes | None] = {"readme.html": b"<html>"}
    for i, name in enumerate(BATCHES):
        part = slice(i * EACH, (i + 1) * EACH)
        content[name] = write(
            {b"batch_label": b"some", b"labels": LABELS[part], b"data": LEVELS[part]}
        )
    content["batches.meta"] = write({b"num_cases_per_batch": EACH, b"label_names": CLASSES})
    content |= changes
    return {name: data for name, data in content.items() if data is not None}


def pack(folder: Path, content: dict[str, bytes]) -> tuple[Path, str]:
    """An archive of these members, and its sha256."""
    path = folder / "cifar-10-python.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, data in content.items():
            entry = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_archive_in_the_official_layout_reads_whole(
    tmp_path: Path, python2_pickle: Write
) -> None:
    path, sha256 = pack(tmp_path, members(python2_pickle))
    images = read_archive(path, sha256, EACH)
    expected = LEVELS.reshape(-1, 3, 32, 32) / 127.5 - 1
    np.testing.assert_allclose(images.pixels, expected, atol=2**-23)
    np.testing.assert_array_equal(images.labels, LABELS)
    np.testing.assert_array_equal(np.flatnonzero(images.test), np.arange(5 * EACH, 6 * EACH))
    assert images.classes[:2] == ("airplane", "automobile")
    assert images.name == "cifar10"
    assert [each.name for each in tmp_path.iterdir()] == [path.name]  # nothing is unpacked


def test_a_wrong_checksum_is_refused_unread(tmp_path: Path, python2_pickle: Write) -> None:
    path, sha256 = pack(tmp_path, members(python2_pickle))
    with pytest.raises(Problem, match=f"with the sha256 {SHA256}; got .* bytes with {sha256}"):
        cifar10(path=path)


def test_an_archive_cut_anywhere_is_refused(tmp_path: Path, python2_pickle: Write) -> None:
    path, _ = pack(tmp_path, members(python2_pickle))
    whole = path.read_bytes()
    for length in (0, 1, 5, 100, len(whole) // 2, len(whole) - 2000):
        path.write_bytes(whole[:length])
        sha256 = hashlib.sha256(whole[:length]).hexdigest()
        with pytest.raises(Problem, match=r"the archive .*(do not unpack|no such member)"):
            read_archive(path, sha256, EACH)
        with pytest.raises(Problem, match=f"{length} bytes with .*it is truncated or another"):
            read_archive(path, SHA256, EACH)


def hostile(witness: str) -> bytes:
    class Call:
        def __reduce__(self) -> Any:
            return os.mkdir, (witness,)

    return pickle.dumps({"data": Call()}, 2)


def test_a_hostile_batch_is_refused_before_it_runs(tmp_path: Path, python2_pickle: Write) -> None:
    witness = tmp_path / "ran"
    content = members(python2_pickle, data_batch_3=hostile(str(witness)))
    path, sha256 = pack(tmp_path, content)
    with pytest.raises(Problem, match=r"data_batch_3 of .*calls for .*mkdir"):
        read_archive(path, sha256, EACH)
    assert not witness.exists()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("data_batch_2", None, "data_batch_2 in the archive .*; got no such member"),
        ("batches.meta", None, "batches.meta in the archive .*; got no such member"),
        ("batches.meta", {b"label_names": []}, "the class names of .*; got none"),
        ("test_batch", {b"labels": LABELS[:EACH]}, "test_batch of .*; got no array of 8-bit"),
        (
            "test_batch",
            {b"labels": LABELS[:EACH], b"data": LEVELS[: EACH - 1]},
            r"test_batch .*as \[5, 3072\]; got the shape \(4, 3072\)",
        ),
        (
            "data_batch_1",
            {b"labels": LABELS[: EACH - 1], b"data": LEVELS[:EACH]},
            "data_batch_1 .*labels that do not match 5 images",
        ),
        (
            "data_batch_1",
            {b"labels": [b"cat"] * EACH, b"data": LEVELS[:EACH]},
            "data_batch_1 .*labels that do not match",
        ),
        (
            "data_batch_1",
            {b"labels": [10] * EACH, b"data": LEVELS[:EACH]},
            "label of 'cifar10' among 10 names; got the label 10",
        ),
    ],
)
def test_a_batch_that_is_not_as_it_should_be_is_named(
    tmp_path: Path, python2_pickle: Write, name: str, value: Any, message: str
) -> None:
    changed = None if value is None else python2_pickle(value)
    path, sha256 = pack(tmp_path, members(python2_pickle, **{name: changed}))
    with pytest.raises(Problem, match=message):
        read_archive(path, sha256, EACH)


def test_a_link_in_the_place_of_a_batch_is_not_followed(
    tmp_path: Path, python2_pickle: Write
) -> None:
    content = members(python2_pickle, test_batch=None)
    path, _ = pack(tmp_path, content)
    with tarfile.open(path, "w:gz") as tar:
        for name, data in content.items():
            entry = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
        link = tarfile.TarInfo("cifar-10-batches-py/test_batch")
        link.type, link.linkname = tarfile.SYMTYPE, "data_batch_1"
        tar.addfile(link)
    with pytest.raises(Problem, match=r"test_batch in the archive .*; got no such member"):
        read_archive(path, hashlib.sha256(path.read_bytes()).hexdigest(), EACH)


def test_without_an_archive_the_problem_says_both_ways(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"no file .*; give path=\.\.\., or download=True to fetch"):
        cifar10(cache=tmp_path)
    with pytest.raises(Problem, match=r"no file .*nowhere"):
        cifar10(path=tmp_path / "nowhere", download=True)


def test_a_download_goes_to_the_cache_and_what_lies_there_is_not_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, python2_pickle: Write
) -> None:
    asked = []

    def fetch(url: str, target: Path, sha256: str) -> Path:
        asked.append((url, target, sha256))
        pack(target.parent, members(python2_pickle))
        return target

    monkeypatch.setattr(module, "fetch", fetch)
    for _ in range(2):  # the archive that this fetches is another one, and stays as it is
        with pytest.raises(Problem, match="delete it and fetch it again"):
            cifar10(cache=tmp_path, download=True)
    assert asked == [(URL, tmp_path / "cifar-10-python.tar.gz", SHA256)]
    assert (tmp_path / "cifar-10-python.tar.gz").exists()


def test_the_cache_is_that_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "patina"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "patina"
    assert cache_folder(tmp_path / "mine") == tmp_path / "mine"
