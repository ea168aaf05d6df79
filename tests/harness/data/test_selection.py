"""Parts of a dataset: chosen by name, with splits, regions and labels as they were."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.cell import Part, canonical, part, plain
from harness.data.images import Images
from harness.data.load import load
from harness.data.selection import selected
from harness.problem import Problem
from harness.table import Table

DIGITS = load("digits")
PHOTOS = load("photos")
Make = Callable[..., Images]


@settings(deadline=None)
@given(st.sets(st.sampled_from(DIGITS.classes), min_size=1))
def test_a_part_holds_the_images_of_its_classes_as_they_were(names: set[str]) -> None:
    chosen = selected(DIGITS, classes=names)
    assert DIGITS.labels is not None
    assert chosen.labels is not None
    inside = np.array([DIGITS.classes[label] in names for label in DIGITS.labels])
    for column in ("pixels", "test", "region", "labels"):
        np.testing.assert_array_equal(getattr(chosen, column), getattr(DIGITS, column)[inside])
    assert chosen.classes == DIGITS.classes
    assert {chosen.classes[label] for label in chosen.labels} == names
    assert chosen.train.count + chosen.held_out.count == chosen.count


@settings(deadline=None)
@given(st.sets(st.sampled_from(PHOTOS.sources), min_size=1))
def test_a_part_counts_its_sources_anew_and_keeps_its_regions(names: set[str]) -> None:
    chosen = selected(PHOTOS, sources=names)
    inside = np.array([PHOTOS.sources[source] in names for source in PHOTOS.source])
    for column in ("pixels", "test", "region"):
        np.testing.assert_array_equal(getattr(chosen, column), getattr(PHOTOS, column)[inside])
    assert chosen.sources == tuple(name for name in PHOTOS.sources if name in names)
    told = [chosen.sources[source] for source in chosen.source]
    assert told == [PHOTOS.sources[source] for source in PHOTOS.source[inside]]


def test_two_parts_share_no_image_and_make_the_whole() -> None:
    low, high = (load("digits", classes=tuple(names)) for names in ("01234", "56789"))
    assert low.classes == high.classes  # so that one stands beside the other, captions and all
    assert not set(low.region) & set(high.region)
    assert sorted([*low.region, *high.region]) == list(range(1797))
    both = [{x.tobytes() for x in each.pixels} for each in (low, high)]
    assert not both[0] & both[1]

    four = ("astronaut", "chelsea", "coffee", "motorcycle_left")
    here, there = (
        load("photos", sources=four),
        load("photos", sources=("rocket", "china", "flower")),
    )
    assert not set(here.region) & set(there.region)
    assert here.count + there.count == PHOTOS.count


def test_without_a_part_nothing_changes() -> None:
    assert selected(DIGITS) is DIGITS
    everything = load("digits", classes=DIGITS.classes)
    assert everything.content_hash == load("digits").content_hash
    assert canonical(plain(part("digits"))) == '{"name":"digits"}'


@pytest.mark.parametrize(
    "spelt",
    [("7", "1"), ["1", "7"], [7, 1], "1,7", "7, 1", {"1", "7"}],
    ids=["tuple", "list", "numbers", "line", "spaced", "set"],
)
def test_the_order_and_the_spelling_of_names_mean_nothing(spelt: Any) -> None:
    images = load("digits", classes=spelt)
    assert images.content_hash == load("digits", classes=("1", "7")).content_hash
    assert images.name == "digits (1, 7)"


def test_a_part_of_a_cell_survives_its_json() -> None:
    asked = part("photos", sources=("coffee", "chelsea"))
    assert hash(asked) == hash(Part("photos", (("sources", ("coffee", "chelsea")),)))
    read = json.loads(canonical(plain(asked)))
    assert (
        load(read.pop("name"), **read).content_hash == load("photos", **asked.kwargs()).content_hash
    )


def test_classes_and_sources_choose_together(make_images: Make) -> None:
    images = make_images()  # labels 0 1 2 0 1 2, sources 0 0 0 1 1 1
    chosen = selected(images, classes=("a", "c"), sources="there")
    np.testing.assert_array_equal(chosen.pixels, images.pixels[[3, 5]])
    np.testing.assert_array_equal(chosen.source, [0, 0])
    assert chosen.sources == ("there",)
    assert chosen.name == "tiny (a, c, there)"


def test_a_name_with_a_comma_and_a_name_that_stands_twice_are_found(make_images: Make) -> None:
    images = make_images(classes=("a, b", "b", "b"))
    np.testing.assert_array_equal(selected(images, classes="a, b").pixels, images.pixels[[0, 3]])
    np.testing.assert_array_equal(selected(images, classes="b").pixels, images.pixels[[1, 2, 4, 5]])


@pytest.mark.parametrize(
    ("params", "answer"),
    [
        ({"classes": ("a", "d")}, "the unknown name 'd'; choose from a, b, c"),
        ({"classes": 1}, "the unknown name '1'; choose from a, b, c"),
        ({"classes": True}, "the unknown name 'True'"),
        ({"classes": ()}, "no name; choose from a, b, c"),
        ({"classes": ""}, "the unknown name ''"),
        ({"classes": "a,b,a"}, "a name that stands there twice"),
        ({"sources": ("here", "nowhere")}, "unknown name 'nowhere'; choose from here, there"),
    ],
    ids=repr,
)
def test_a_wrong_name_names_the_known_ones(
    make_images: Make, params: dict[str, Any], answer: str
) -> None:
    with pytest.raises(Problem, match=f"of the dataset 'tiny'; got .*{answer}"):
        selected(make_images(), **params)


def test_a_set_without_classes_and_a_part_without_images_are_refused(make_images: Make) -> None:
    with pytest.raises(
        Problem, match="'photos'; got a dataset without classes; leave out classes="
    ):
        load("photos", classes=("cat",))
    images = make_images(labels=np.array([0, 0, 0, 1, 1, 1]))
    with pytest.raises(Problem, match=r"images of 'tiny \(c\)'; got none"):
        selected(images, classes="c")
    with pytest.raises(Problem, match=r"images of 'tiny \(a, there\)'; got none"):
        selected(images, classes="a", sources="there")


def test_a_users_own_files_have_parts_and_keep_their_split(tmp_path: Any) -> None:
    generator = np.random.default_rng(0)
    x = generator.integers(0, 256, (40, 4, 4), dtype=np.uint8)
    path = tmp_path / "mine.npz"
    np.savez(path, images=x, labels=np.arange(40) % 4, classes=np.array(["n", "e", "s", "w"]))
    whole, some = load("npz", path=path), load("npz", path=path, classes=("s", "e"))
    inside = np.arange(40) % 4 % 3 != 0
    np.testing.assert_array_equal(some.pixels, whole.pixels[inside])
    np.testing.assert_array_equal(some.test, whole.test[inside])


def test_a_dataset_that_reads_classes_itself_is_given_them(monkeypatch: Any) -> None:
    monkeypatch.setattr("harness.data.load.DATASETS", Table("dataset", {"own": f"{__name__}:own"}))
    assert load("own", classes="7,8").name == "digits"
    with pytest.raises(
        Problem, match=r"'source' of the dataset 'own'.*known ones are classes, sourc"
    ):
        load("own", source="digits")


def own(*, classes: str) -> Images:
    assert classes == "7,8"
    return DIGITS
