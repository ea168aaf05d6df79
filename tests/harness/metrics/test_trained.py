"""Trained extractors: which file they take, and how they come by one."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harness.cell import part
from harness.metrics import trained
from harness.metrics.trained import CIFAR10, DIGITS, PHOTOS
from harness.problem import Problem

QUICK = dataclasses.replace(DIGITS, steps=2, width=8)
X = np.zeros((3, 1, 8, 8), np.float32)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "patina" / "extractors"


def test_without_a_file_it_is_trained_once(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = QUICK.fit(X)
    shown = capsys.readouterr()
    assert "trained_digits: training its classifier, once" in shown.err
    assert "100%\n" in shown.err
    assert shown.out == ""
    (folder,) = cache.iterdir()  # and nothing half done beside it
    monkeypatch.setattr(trained, "train_classifier", lambda *_: pytest.fail("it is there"))
    again = QUICK.fit(X)
    assert again.hash == first.hash
    assert QUICK.fit(X, folder / "weights.safetensors").hash == first.hash
    assert capsys.readouterr().err == ""
    assert first(X).rows.shape == (3, 64)
    assert first(X).spatial.shape == (3, 7 * 4 * 4)
    assert first(X).logits.shape == (3, 10)


def test_the_key_names_the_recipe_the_code_and_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {trained._key(row.recipe((1, 8, 8))) for row in (DIGITS, PHOTOS, QUICK)}
    keys |= {trained._key(PHOTOS.recipe((3, 16, 16)))}
    monkeypatch.setattr(trained, "version", lambda name: f"another {name}")
    keys |= {trained._key(DIGITS.recipe((1, 8, 8)))}
    assert len(keys) == 5
    assert PHOTOS.recipe((3, 16, 16)).dataset == part("photos", side=16, channels=3)
    assert CIFAR10.recipe((3, 32, 32)).dataset == part("cifar10")


def test_an_interrupted_training_leaves_nothing(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*given: object) -> None:
        (Path(str(given[3])) / "weights.safetensors").write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr(trained, "train_classifier", interrupted)
    with pytest.raises(KeyboardInterrupt):
        QUICK.fit(X)
    assert list(cache.iterdir()) == []


def test_a_folder_that_is_not_whole_is_made_again_and_a_faster_process_wins(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = cache / trained._key(QUICK.recipe((1, 8, 8)))
    folder.mkdir(parents=True)
    first = QUICK.fit(X)
    content = (folder / "weights.safetensors").read_bytes()
    (folder / "weights.safetensors").unlink()

    def slow(*given: object) -> None:
        (Path(str(given[3])) / "weights.safetensors").write_bytes(b"late")
        (folder / "weights.safetensors").write_bytes(content)

    monkeypatch.setattr(trained, "train_classifier", slow)
    assert QUICK.fit(X).hash == first.hash
    assert [p.name for p in cache.iterdir()] == [folder.name]


def test_a_cache_that_cannot_be_written_says_so(cache: Path) -> None:
    cache.parent.parent.mkdir(exist_ok=True)
    cache.parent.write_text("a file in the place of a folder")
    with pytest.raises(Problem, match="XDG_CACHE_HOME"):
        QUICK.fit(X)


def test_a_broken_file_in_the_cache_says_what_to_delete(cache: Path) -> None:
    QUICK.fit(X)
    (path,) = cache.glob("*/weights.safetensors")
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(Problem, match=f"does not read.*delete the folder {path.parent}"):
        QUICK.fit(X)


def test_weights_of_another_network_are_refused(classifier_file: Callable[..., Path]) -> None:
    with pytest.raises(Problem, match="for digits; got a classifier of 'photos'"):
        DIGITS.fit(X, classifier_file("trained_photos"))
    with pytest.raises(Problem, match=r"images \(1, 8, 8\); got a classifier of \(1, 16, 16\)"):
        DIGITS.fit(X, classifier_file("trained_digits", drawn_for=(1, 16, 16)))
    with pytest.raises(Problem, match="no header of a classifier"):
        DIGITS.fit(X, classifier_file("trained_digits", dataset="digits"))
    mislabelled = classifier_file("trained_photos", shape=[1, 16, 16])
    with pytest.raises(Problem, match=r"'level2\.conv1\.weight' and 3 more missing"):
        PHOTOS.fit(np.zeros((2, 1, 16, 16), np.float32), mislabelled)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\xff" * 100, b"\x08" + b"\0" * 7 + b"{}"]
)
def test_a_file_that_is_none_names_itself(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    with pytest.raises(Problem, match=r"weights\.safetensors; got no such file"):
        DIGITS.fit(X, path)
    path.write_bytes(content)
    with pytest.raises(Problem, match=r"weights\.safetensors; got (a file that|no header)"):
        DIGITS.fit(X, path)


def test_references_of_other_shapes_say_what_to_give(classifier_file: Callable[..., Path]) -> None:
    with pytest.raises(Problem, match="give --size 8"):
        DIGITS.fit(np.zeros((2, 1, 16, 16), np.float32))
    with pytest.raises(Problem, match="3 channels; give grey images"):
        DIGITS.fit(np.zeros((2, 3, 8, 8), np.float32))
    with pytest.raises(Problem, match="1 channels; give colour images"):
        CIFAR10.fit(np.zeros((2, 1, 32, 32), np.float32))
    with pytest.raises(Problem, match="8 x 16 pixels; give --size 16"):
        PHOTOS.fit(np.zeros((2, 1, 8, 16), np.float32))
    with pytest.raises(Problem, match="side of photo patches"):
        PHOTOS.fit(np.zeros((2, 1, 24, 24), np.float32))


@pytest.mark.parametrize("shape", [None, [1, 8], [1.0, 8.0, 8.0], [0, 8, 8], [1, 8, 1 << 40]])
def test_a_state_without_a_shape_is_refused(shape, classifier_file: Callable[..., Path]) -> None:
    state = DIGITS.fit(X, classifier_file("trained_digits")).state()
    del state["shape"]
    changed = state if shape is None else {**state, "shape": np.array(shape)}
    with pytest.raises(Problem, match="state of trained_digits"):
        DIGITS.restore(changed)


def test_two_rows_with_one_network_are_two_extractors(classifier_file: Callable[..., Path]) -> None:
    state = DIGITS.fit(X, classifier_file("trained_digits")).state()
    assert PHOTOS.restore(state).hash != DIGITS.restore(state).hash
