"""Levels from a file: kept to the bit, for the images that they were made for and no others."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from harness.annotate.case import Case
from harness.annotate.file import File, content_hash, read_levels, write_levels
from harness.problem import Problem

LEVELS = np.float32([[0.1, 0], [np.inf, 0.25], [0, np.inf], [1e-7, 80]])


def images(seed: int = 0, count: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, 2, 3, 4)).astype(np.float32)


def case(imperfect: np.ndarray) -> Case:
    return Case(imperfect[:0], imperfect, np.random.default_rng(0))


def write_npz(path, levels: np.ndarray, made_for: np.ndarray) -> None:
    np.savez(path, levels=levels, images=content_hash(made_for))


WRITERS = {"levels.safetensors": write_levels, "levels.npz": write_npz}


@pytest.mark.parametrize("name", WRITERS)
def test_what_was_written_is_read(tmp_path, name) -> None:
    WRITERS[name](tmp_path / name, LEVELS, images())
    levels, made_for = read_levels(tmp_path / name)
    assert made_for == content_hash(images())
    found = File(str(tmp_path / name))(case(images()))
    assert found.dtype == levels.dtype == np.float32
    assert np.array_equal(found, LEVELS)
    assert np.array_equal(levels, LEVELS)


def test_equal_levels_are_equal_bytes(tmp_path) -> None:
    for name in "ab":
        write_levels(tmp_path / name, LEVELS.astype(np.float64), images())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("name", WRITERS)
def test_levels_of_another_dataset_stop_at_once_with_both_hashes_and_the_fix(
    tmp_path, name
) -> None:
    WRITERS[name](tmp_path / name, LEVELS, images(1))
    with pytest.raises(Problem, match="annotate these images, by the stage annotate") as found:
        File(str(tmp_path / name))(case(images(2)))
    for said in (content_hash(images(1)), content_hash(images(2)), str(tmp_path), name):
        assert said in str(found.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x[::-1],  # the same images in another order
        lambda x: np.roll(x, 1, axis=0),  # slipped by one
        lambda x: x[:3],
        lambda x: x.reshape(4, 2, 4, 3),  # the same bytes in another shape
        lambda x: np.nextafter(x, 2, dtype=np.float32),
    ],
    ids=["order", "slip", "fewer", "shape", "ulp"],
)
def test_images_that_changed_in_anything_are_others(tmp_path, change) -> None:
    write_levels(tmp_path / "levels.safetensors", LEVELS, images())
    with pytest.raises(Problem, match="annotate these images"):
        File(str(tmp_path))(case(change(images())))


@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=st.integers(0, 99), order=st.sampled_from("CF"), kind=st.sampled_from("<>"))
def test_the_hash_is_of_the_numbers_not_of_how_they_lie_in_memory(seed, order, kind) -> None:
    other = np.array(images(seed), dtype=f"{kind}f4", order=order)
    assert content_hash(other) == content_hash(images(seed))
    assert re.fullmatch("[0-9a-f]{64}", content_hash(other))


def test_the_hash_is_the_one_that_published_files_hold() -> None:
    found = content_hash(np.arange(4, dtype=np.float32).reshape(1, 1, 2, 2))
    assert found == "90788f3e171fc8d644e70b0f9e45e8785ab805629aa96e11dea37d842d3aa813"


def test_in_a_folder_the_file_of_these_images_is_taken(tmp_path) -> None:
    for replicate, ending in enumerate(("safetensors", "npz", "safetensors")):
        own = LEVELS[np.random.default_rng(replicate).permutation(4)]
        WRITERS[f"levels.{ending}"](
            tmp_path / f"levels-{replicate}.{ending}", own, images(replicate)
        )
    (tmp_path / "levels-notes.txt").write_text("not of levels")
    (tmp_path / "other.npz").write_text("not of levels")
    for replicate in range(3):
        own = LEVELS[np.random.default_rng(replicate).permutation(4)]
        assert np.array_equal(File(str(tmp_path))(case(images(replicate))), own)


@pytest.mark.parametrize("made", [True, False], ids=["empty folder", "no folder"])
def test_where_there_is_no_file_the_fix_says_what_to_give(tmp_path, made) -> None:
    folder = tmp_path / "none"
    if made:
        folder.mkdir()
    with pytest.raises(Problem, match=r"no such file; give a \.safetensors or an \.npz file"):
        File(str(folder))(case(images()))


WRONG = {
    "nan": np.float32([[0, 0], [0, np.nan], [0, 0], [0, 0]]),
    "below zero": np.float32([[0, 0], [-0.1, 0], [0, 0], [0, 0]]),
    "above the grid": np.float32([[0, 0], [80.1, 0], [0, 0], [0, 0]]),
    "one level": np.zeros((4, 1), np.float32),
    "three levels": np.zeros((4, 3), np.float32),
    "flat": np.zeros(8, np.float32),
    "whole numbers": np.zeros((4, 2), np.int64),
}


@pytest.mark.parametrize("levels", WRONG.values(), ids=WRONG)
def test_what_is_no_level_is_refused_on_both_ways(tmp_path, levels) -> None:
    path = tmp_path / "levels.safetensors"
    with pytest.raises(Problem, match="give numbers from 0 to 80") as found:
        write_levels(path, levels, images())
    assert str(path) in str(found.value)
    assert not path.exists()
    write_npz(tmp_path / "levels.npz", levels, images())
    with pytest.raises(Problem, match="give numbers from 0 to 80") as found:
        File(str(tmp_path))(case(images()))
    assert "levels.npz" in str(found.value)


def test_the_first_wrong_image_is_named(tmp_path) -> None:
    with pytest.raises(Problem, match=r"\[0.0, nan\] for image 1"):
        write_levels(tmp_path / "levels", WRONG["nan"], images())


@pytest.mark.parametrize("count", [3, 5])
def test_levels_are_one_pair_an_image(tmp_path, count) -> None:
    with pytest.raises(Problem, match=f"{count} pairs for 4 images; give a pair an image"):
        write_levels(tmp_path / "levels", np.zeros((count, 2), np.float32), images())
    write_npz(tmp_path / "levels.npz", np.zeros((count, 2), np.float32), images())
    with pytest.raises(Problem, match=f"{count} pairs for 4 images; give a pair an image"):
        File(str(tmp_path))(case(images()))


@pytest.mark.parametrize("missing", ["levels", "images"])
def test_a_file_without_an_entry_is_refused(tmp_path, missing) -> None:
    entries = {"levels": LEVELS, "images": np.array("0" * 64)}
    del entries[missing]
    np.savez(tmp_path / "levels.npz", **entries)
    with pytest.raises(Problem, match=f"no entry .*{missing}.*; keep levels"):
        read_levels(tmp_path / "levels.npz")
    save_file({"levels": LEVELS}, tmp_path / "levels.safetensors")
    with pytest.raises(Problem, match="no entry 'annotation'; keep levels"):
        read_levels(tmp_path / "levels.safetensors")


@pytest.mark.parametrize("name", ["levels.safetensors", "levels.npz", "levels"])
def test_what_is_no_such_file_is_refused(tmp_path, name) -> None:
    (tmp_path / name).write_bytes(b"no levels at all " * 9)
    with pytest.raises(Problem, match="without pickled objects") as found:
        File(str(tmp_path / name))(case(images()))
    assert str(tmp_path / name) in str(found.value)


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_that_is_cut_short_anywhere_is_refused(tmp_path, name) -> None:
    path = tmp_path / name
    WRITERS[name](path, LEVELS, images())
    whole = path.read_bytes()
    for kept in range(0, len(whole), 7):
        path.write_bytes(whole[:kept])
        with pytest.raises(Problem, match=re.escape(str(path))):
            read_levels(path)


def test_levels_of_no_images_are_levels(tmp_path) -> None:
    path = tmp_path / "levels.safetensors"
    write_levels(path, LEVELS[:0], images(count=0))
    assert File(str(path))(case(images(count=0))).shape == (0, 2)


class Bomb:
    """An object whose unpickling writes a file."""

    def __init__(self, path) -> None:
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_nothing_in_a_file_is_executed(tmp_path) -> None:
    mark = tmp_path / "mark"
    levels = np.empty((4, 2), object)
    levels[:] = Bomb(mark)
    np.savez(tmp_path / "levels.npz", levels=levels, images=content_hash(images()))
    with pytest.raises(Problem, match="without pickled objects"):
        File(str(tmp_path))(case(images()))
    assert not mark.exists()
