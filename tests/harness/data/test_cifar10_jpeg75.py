import numpy as np
import pytest

from harness.data.load import load
from harness.problem import Problem


@pytest.mark.devdata
def test_the_two_files_are_the_training_and_the_held_out_part() -> None:
    images = load("cifar10_jpeg75", limit=40)
    assert images.shape == (3, 32, 32)
    assert np.bincount(images.train.labels).tolist() == [4] * 10
    assert np.bincount(images.held_out.labels).tolist() == [4] * 10
    assert images.name == "cifar10_jpeg75"


@pytest.mark.devdata
def test_a_class_alone_is_decoded_and_the_limit_counts_it() -> None:
    cats = load("cifar10_jpeg75", limit=40, classes=("cat",))
    whole = load("cifar10_jpeg75", limit=400)
    assert cats.name == "cifar10_jpeg75 (cat)"
    assert cats.classes == whole.classes
    assert cats.classes[3] == "cat"
    np.testing.assert_array_equal(cats.labels, np.full(80, 3))
    assert (cats.train.count, cats.held_out.count) == (40, 40)
    np.testing.assert_array_equal(cats.pixels, whole.pixels[whole.labels == 3])  # a tenth of each
    with pytest.raises(Problem, match="the unknown name 'cats'; choose from airplane, automobile"):
        load("cifar10_jpeg75", classes="cats")


def test_without_the_files_or_with_others_it_says_what_to_set(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("PATINA_DATA", raising=False)
    with pytest.raises(Problem, match="set PATINA_DATA"):
        load("cifar10_jpeg75")
    monkeypatch.setenv("PATINA_DATA", str(tmp_path))
    with pytest.raises(Problem, match="no file"):
        load("cifar10_jpeg75")
    (tmp_path / "cifar10-jpeg75").mkdir()
    for name in ("train.npz", "test.npz"):
        (tmp_path / "cifar10-jpeg75" / name).write_bytes(b"other")
    with pytest.raises(Problem, match="copy the file again"):
        load("cifar10_jpeg75")
