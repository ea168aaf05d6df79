"""The grammar: every caption says what its prompt asks for, and no two say the same."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.geneval.vocabulary import POSITIONS, TASKS
from harness.problem import Problem
from harness.scenes.captions import (
    RGB,
    SCENES,
    captions,
    captions_of,
    prompt_of,
)

SIZES = {
    "single_object": 3,
    "two_object": 6,
    "counting": 6,
    "colors": 24,
    "position": 24,
    "color_attr": 336,
}


def test_every_task_has_as_many_captions_as_its_choices_give() -> None:
    assert Counter(prompt_of(caption).tag for caption in captions()) == SIZES
    assert tuple(dict.fromkeys(prompt_of(caption).tag for caption in captions())) == TASKS
    assert captions() == tuple(each for task in TASKS for each in captions_of(task))
    assert len(set(captions())) == 399


@given(st.sampled_from(captions()))
def test_a_caption_can_be_read_back_from_its_prompt(caption: str) -> None:
    """The sentence is written again from the prompt alone, by rules of this test's own."""
    prompt = prompt_of(caption)
    assert prompt.prompt == caption

    def noun(index: int) -> str:
        wanted = prompt.include[index]
        text = f"{wanted.color or ''} {wanted.klass}".strip()
        return ("an " if text.startswith("orange") else "a ") + text

    match prompt.tag:
        case "counting":
            (wanted,), (banned,) = prompt.include, prompt.exclude
            assert caption == f"{ {2: 'two', 3: 'three'}[wanted.count] } {wanted.klass}s"
            assert (banned.klass, banned.count) == (wanted.klass, wanted.count + 1)
            assert banned.color is banned.position is None
        case "position":
            assert prompt.include[0].position is None
            relation, index = prompt.include[1].position or ("", -1)
            assert index == 0
            assert caption == f"{noun(1)} {relation} {noun(0)}"
        case "single_object" | "colors":
            assert caption == noun(0)
            assert (prompt.tag == "colors") == (prompt.include[0].color is not None)
        case _:
            assert caption == f"{noun(0)} and {noun(1)}"
    if prompt.tag != "counting":
        assert prompt.exclude == ()
        assert all(wanted.count == 1 for wanted in prompt.include)
    assert len({wanted.klass for wanted in prompt.include}) == len(prompt.include)
    colors = [wanted.color for wanted in prompt.include if wanted.color]
    assert len(set(colors)) == len(colors) == {"colors": 1, "color_attr": 2}.get(prompt.tag, 0)


def test_the_published_order_of_a_position_is_the_target_first() -> None:
    found = prompt_of("a circle left of a square").json
    assert found == (
        '{"tag": "position", "include": [{"class": "square", "count": 1}, {"class": "circle", '
        '"count": 1, "position": ["left of", 0]}], "prompt": "a circle left of a square"}'
    )
    assert prompt_of("three squares").json == (
        '{"tag": "counting", "include": [{"class": "square", "count": 3}], '
        '"exclude": [{"class": "square", "count": 4}], "prompt": "three squares"}'
    )


@pytest.mark.parametrize(
    "caption",
    [
        "a circle and a circle",
        "a red circle and a red square",
        "four circles",
        "a orange circle",
        "circle",
        "A circle",
        "a circle ",
        "a purple circle",
        "a circle beside a square",
        "",
    ],
)
def test_another_sentence_is_refused_with_the_grammar(caption: str) -> None:
    with pytest.raises(Problem, match=r"a SHAPE left of.*circle, square, triangle and red, orange"):
        prompt_of(caption)


def test_directions_of_colours_are_as_far_apart_as_stated() -> None:
    rgb = np.array(list(RGB.values()))
    assert (rgb.max(1) == 1).all()
    assert rgb.min() == 0
    unit = rgb / np.linalg.norm(rgb, axis=1, keepdims=True)
    angles = np.degrees(np.arccos(np.clip(unit @ unit.T, -1, 1)))[np.triu_indices(8, 1)]
    assert angles.min() == pytest.approx(np.degrees(np.arctan(0.4)))
    assert angles.min() > 21.8
    assert SCENES.colors == tuple(RGB)


def test_an_unknown_task_is_refused_and_every_relation_is_asked() -> None:
    with pytest.raises(Problem, match=r"'colours'.*choose from single_object"):
        captions_of("colours")
    assert {relation for _, relation, _ in map(_split, captions_of("position"))} == set(POSITIONS)


def _split(caption: str) -> tuple[str, str, str]:
    """One object, the relation, and the other object."""
    words = caption.split()
    return words[1], " ".join(words[2:-2]), words[-1]
