"""Prompts: the published form, read strictly, and written as it was."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.geneval.prompt import Prompt, Wanted, read_prompts, write_prompts
from harness.geneval.vocabulary import COCO, POSITIONS, TASKS, Vocabulary
from harness.problem import Problem

GOOD = {
    "tag": "position",
    "include": [
        {"class": "cow", "count": 2, "color": "red"},
        {"class": "dog", "count": 1, "position": ["left of", 0]},
    ],
    "exclude": [{"class": "cow", "count": 3}],
    "prompt": "a photo of a dog left of two red cows",
}
LINE = (
    '{"tag": "position", "include": [{"class": "cow", "count": 2, "color": "red"}, '
    '{"class": "dog", "count": 1, "position": ["left of", 0]}], '
    '"exclude": [{"class": "cow", "count": 3}], "prompt": "a photo of a dog left of two red cows"}'
)


def with_first(**changes) -> dict:
    """GOOD with its first entry changed."""
    return {**GOOD, "include": [{**GOOD["include"][0], **changes}, GOOD["include"][1]]}


def with_position(position) -> dict:
    """GOOD with another position in its second entry."""
    second = {"class": "dog", "count": 1, "position": position}
    return {**GOOD, "include": [GOOD["include"][0], second]}


def test_a_prompt_is_read_as_it_stands_and_written_in_the_published_order() -> None:
    prompt = Prompt.read(dict(reversed(GOOD.items())), "here")
    assert prompt == Prompt(
        "position",
        (Wanted("cow", 2, "red"), Wanted("dog", position=("left of", 0))),
        "a photo of a dog left of two red cows",
        (Wanted("cow", 3),),
    )
    assert prompt.json == LINE
    assert hash(prompt) == hash(Prompt.read(prompt.config(), "there"))


@pytest.mark.parametrize(
    ("mapping", "named"),
    [
        ({k: v for k, v in GOOD.items() if k != "tag"}, "'tag'"),
        ({k: v for k, v in GOOD.items() if k != "include"}, "'include'"),
        ({k: v for k, v in GOOD.items() if k != "prompt"}, "'prompt'"),
        ({**GOOD, "colour": "red"}, "unknown key 'colour'"),
        ({**GOOD, "tag": "colour"}, "choose from single_object, two_object"),
        ({**GOOD, "tag": 3}, "a text"),
        ({**GOOD, "prompt": 3}, "a text"),
        ({**GOOD, "prompt": " "}, "not blank"),
        ({**GOOD, "prompt": None}, "a text"),
        ({**GOOD, "include": []}, "not empty"),
        ({**GOOD, "include": {}}, "a list"),
        ({**GOOD, "include": ["cow"]}, "an object at f:2, include 0"),
        ({**GOOD, "exclude": []}, "leave the key out"),
        ({**GOOD, "exclude": [{"class": "cow", "count": 3, "color": "red"}]}, "unknown key"),
        ({**GOOD, "exclude": [{"class": "cow", "count": 0}]}, "exclude 0"),
        ({**GOOD, "exclude": [{"class": "crow", "count": 3}]}, "choose from person, bicycle"),
        (with_first(colour="red"), "unknown key 'colour'"),
        (with_first(**{"class": "crow"}), "choose from person, bicycle"),
        (with_first(color="mauve"), "choose from red, orange"),
        (with_first(color=None), "a text"),
        (with_first(count=0), "a whole number >= 1"),
        (with_first(count=-1), "a whole number >= 1"),
        (with_first(count=True), "a whole number >= 1"),
        (with_first(count=1.0), "a whole number >= 1"),
        (with_first(count="1"), "a whole number >= 1"),
        (with_first(position=["left of", 0]), "an earlier entry"),
        (with_position(["left of", 1]), "an earlier entry"),
        (with_position(["left of", -1]), "an earlier entry"),
        (with_position(["left of", False]), "an earlier entry"),
        (with_position(["left of", 0.0]), "an earlier entry"),
        (with_position(["near", 0]), "choose from left of, right of, above, below"),
        (with_position([["left of"], 0]), "a known relation"),
        (with_position(["left of"]), "a relation and an index"),
        (with_position("left of"), "a relation and an index"),
        ([GOOD], "an object at f:2"),
    ],
)
def test_what_is_no_prompt_is_refused_with_its_place(mapping, named) -> None:
    with pytest.raises(Problem, match=named) as caught:
        Prompt.read(mapping, "f:2")
    assert "f:2" in str(caught.value)


@pytest.mark.parametrize(
    ("second", "named"),
    [
        ("", "an empty line"),
        ("{", "one JSON value"),
        ("3", "an object"),
        ("[" * 100_000, "without end"),
        (LINE.replace("count", "coutn"), "'count'"),
        (LINE.replace('"tag"', '"tag": "colors", "tag"'), "'tag' twice"),
        (LINE.replace(": 2", ": NaN"), "NaN"),
        (LINE.replace(": 2", ": 1e999"), "a number beyond any float"),
        (LINE.replace(": 2", ": " + "9" * 400 + ".0"), "a number beyond any float"),
        (LINE.replace("a photo", "\\ud83d"), "one half of a surrogate pair"),
        (LINE.replace(": ", ":  "), "f.jsonl:1 again"),
    ],
)
def test_an_error_names_the_file_and_the_line(second, named, tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text(f"{LINE}\n{second}\n{LINE.replace('photo', 'sketch')}\n")
    with pytest.raises(Problem, match=named) as caught:
        read_prompts(path)
    assert f"{path}:2" in str(caught.value)


def test_a_file_that_is_absent_empty_or_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    with pytest.raises(Problem, match="No such file"):
        read_prompts(path)
    path.write_bytes(b"")
    with pytest.raises(Problem, match="an empty file"):
        read_prompts(path)
    path.write_bytes(f"{LINE}\n".encode() + b"\xff\n")
    with pytest.raises(Problem, match=r"not UTF-8 at .*f\.jsonl:2"):
        read_prompts(path)


def test_the_metadata_of_one_image_folder_has_no_line_feed(tmp_path: Path) -> None:
    (tmp_path / "metadata.jsonl").write_text(LINE)
    (prompt,) = read_prompts(tmp_path / "metadata.jsonl")
    assert prompt.json == LINE


def test_another_world_has_other_words(tmp_path: Path) -> None:
    shapes = Vocabulary("shapes", ("cow", "dog", "square"), ("red", "mauve"))
    path = tmp_path / "f.jsonl"
    path.write_text(LINE.replace("red", "mauve"))
    assert read_prompts(path, shapes)[0].include[0].color == "mauve"
    assert read_prompts(path, None) == read_prompts(path, shapes)
    with pytest.raises(Problem, match="choose from"):
        read_prompts(path, COCO)
    path.write_text(LINE.replace("position", "shape"))
    with pytest.raises(Problem, match="unknown key 'shape'"):
        read_prompts(path, None)  # the form is checked all the same


def test_a_vocabulary_has_each_word_once() -> None:
    for classes, colors in ((("cow", "cow"), ("red",)), (("cow",), ()), ((), ("red",))):
        with pytest.raises(Problem, match="vocabulary 'farm'"):
            Vocabulary("farm", classes, colors)
    assert (len(COCO.classes), len(COCO.colors), len(TASKS)) == (80, 10, 6)


def asks(tag: str, *include: dict, exclude: tuple[dict, ...] = ()) -> dict:
    """A prompt of a task, each entry one cow where it does not say otherwise."""
    made = {"tag": tag, "include": [{"class": "cow", "count": 1, **one} for one in include]}
    if exclude:
        made["exclude"] = [{"class": "cow", **one} for one in exclude]
    return {**made, "prompt": "a photo"}


LEFT = {"class": "dog", "position": ["left of", 0]}
IMPOSSIBLE = {
    "as many as are excluded": (
        asks("counting", {"count": 2}, exclude=({"count": 2},)), "2 cow included and 2 excluded",
    ),
    "more than are excluded": (
        asks("counting", {}, {"count": 3}, exclude=({"count": 2},)), "3 cow included and 2 excl",
    ),
    "more than a detector names": (asks("counting", {"count": 101}), "a whole number <= 100"),
    "very many": (asks("counting", {"count": 10**22}), "a whole number <= 100"),
    "one class in two colours": (
        asks("color_attr", {"color": "red"}, {"color": "blue"}), "cow in red and in blue",
    ),
    "left of itself": (
        asks("position", {}, {"position": ["left of", 0]}), "cow left of cow",
    ),
    "no position": (asks("position", {}, {"class": "dog"}), "a position in the task 'position'"),
    "no colour": (asks("colors", {}), "a colour in the task 'colors' at f:2; got none"),
    "no colours": (asks("color_attr", {}, {"class": "dog"}), "a colour in the task 'color_attr'"),
    "one object of two": (asks("two_object", {}), "two objects in the task 'two_object'"),
}  # fmt: skip


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_no_image_can_fulfil_is_refused(name) -> None:
    mapping, words = IMPOSSIBLE[name]
    with pytest.raises(Problem, match=words) as caught:
        Prompt.read(mapping, "f:2")
    assert "f:2" in str(caught.value)


def test_what_an_image_can_just_fulfil_is_read() -> None:
    for mapping in (
        asks("counting", {"count": 2}, exclude=({"count": 3},)),
        asks("counting", {"count": 100}, exclude=({"count": 101},)),
        asks("counting", {"count": 2}, exclude=({"class": "dog", "count": 1},)),
        asks("color_attr", {"color": "red"}, {"color": "red"}, {"class": "dog", "color": "blue"}),
        asks("position", {}, LEFT, {"class": "cat", "position": ["above", 1]}),
        asks("two_object", {"count": 2}),
    ):
        assert Prompt.read(mapping, "here").config() == mapping


WANTED = st.builds(
    Wanted,
    st.sampled_from(COCO.classes[:10]),
    st.integers(1, 100),
    st.none() | st.sampled_from(COCO.colors),
    st.none(),
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    include=st.lists(WANTED, min_size=1, max_size=4, unique_by=lambda wanted: wanted.klass),
    relation=st.sampled_from(POSITIONS),
    exclude=st.lists(st.builds(Wanted, st.sampled_from(COCO.classes[30:]), st.integers(1, 9))),
    text=st.text(min_size=1).filter(str.strip),
    tag=st.sampled_from(TASKS),
)
def test_what_is_written_is_read(include, relation, exclude, text, tag) -> None:
    last = Wanted("cow", 1, "red", (relation, len(include) - 1))
    prompt = Prompt(tag, (*include, last), text, tuple(exclude))
    assert Prompt.read(json.loads(prompt.json), "here") == prompt


@pytest.mark.devdata
def test_the_published_file_is_read_and_written_back_byte_for_byte(tmp_path: Path) -> None:
    published = Path(os.environ["PATINA_DATA"]) / "geneval" / "evaluation_metadata.jsonl"
    prompts = read_prompts(published)
    assert len(prompts) == 553
    write_prompts(tmp_path / "copy", prompts)
    assert (tmp_path / "copy").read_bytes() == published.read_bytes()
