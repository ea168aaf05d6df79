import numpy as np
import pytest

from harness.corrupt.edits import Edits
from harness.geneval.rules import judge
from harness.geneval.vocabulary import TASKS
from harness.problem import Problem
from harness.scenes.captions import SCENES, captions, captions_of, prompt_of
from harness.scenes.world import World, arrange
from harness.streams import numpy_generator

ALL = captions()
LAW = Edits().law(ALL, np.full(len(ALL), 1 / len(ALL)))
NUMBER = {caption: number for number, caption in enumerate(ALL)}


def edits(caption: str) -> dict[str, float]:
    row = LAW[NUMBER[caption]]
    return {ALL[b]: float(row[b]) for b in np.flatnonzero(row)}


def one_word_apart(one: str, other: str) -> bool:
    """Whether two captions differ in one word, articles aside; "and" is no relation."""
    a, b = (f" {each} ".replace(" an ", " a ").split() for each in (one, other))
    if len(a) != len(b) or ("and" in a) != ("and" in b):
        return False
    return sum(x != y for x, y in zip(a, b)) == 1


def test_an_edit_is_one_word_in_the_same_kind_of_sentence() -> None:
    for a in range(0, len(ALL), 3):
        found = [one_word_apart(ALL[a], other) for other in ALL]
        assert np.array_equal(LAW[a] > 0, found), ALL[a]


@pytest.mark.parametrize(
    ("task", "count"), list(zip(TASKS, (2, 2, 3, 9, 3, 14))), ids=lambda each: str(each)
)
def test_every_caption_has_the_edits_of_its_task_and_keeps_the_task(task: str, count: int) -> None:
    for caption in captions_of(task):
        found = edits(caption)
        assert len(found) == count
        assert {prompt_of(each).tag for each in found} == {task}


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("a circle", {"a square": 1 / 2, "a triangle": 1 / 2}),
        (
            "a circle and a square",
            {"a triangle and a square": 1 / 2, "a circle and a triangle": 1 / 2},
        ),
        (
            "two circles",
            {"three circles": 1 / 2, "two squares": 1 / 4, "two triangles": 1 / 4},
        ),
        (
            "a circle above a square",
            {
                "a circle below a square": 1 / 2,
                "a circle above a triangle": 1 / 4,
                "a triangle above a square": 1 / 4,
            },
        ),
    ],
)
def test_kinds_are_as_likely_and_so_are_the_edits_of_a_kind(
    caption: str, expected: dict[str, float]
) -> None:
    assert edits(caption) == pytest.approx(expected, abs=1e-15)


def test_half_of_the_edits_of_a_coloured_thing_are_of_its_colour() -> None:
    for caption, colours in (("an orange circle", 7), ("a red circle and a blue square", 12)):
        shares = sorted(edits(caption).values(), reverse=True)
        assert shares[:2] == pytest.approx([1 / 4, 1 / 4], abs=1e-15)
        assert shares[2:] == pytest.approx([1 / 2 / colours] * colours, abs=1e-15)


@pytest.mark.parametrize("layout", ["grid", "free"])
def test_an_edited_caption_is_wrong_of_every_picture(layout: str) -> None:
    """By the rules of GenEval, on what the pictures show in truth; and an edit undoes itself."""
    world = World(24 if layout == "grid" else 32, layout)
    generator = numpy_generator("test", 0, "scenes")
    chosen = [caption for task in TASKS for caption in captions_of(task)[::7]] * 3
    scenes = arrange([prompt_of(each) for each in chosen], world, generator)
    for caption, scene in zip(chosen, scenes):
        truth = scene.truth(caption, world)
        assert judge(prompt_of(caption), truth, vocabulary=SCENES).correct
        for edited in edits(caption):
            assert not judge(prompt_of(edited), truth, vocabulary=SCENES).correct, edited
            assert caption in edits(edited)


def test_edits_lead_to_classes_alone() -> None:
    some = ("a circle", "a square", "two circles", "two squares", "three circles")
    law = Edits().law(some, np.full(5, 0.2))
    expected = [
        [0, 1, 0, 0, 0],
        [1, 0, 0, 0, 0],
        [0, 0, 0, 0.5, 0.5],
        [0, 0, 1, 0, 0],
        [0, 0, 1, 0, 0],
    ]
    assert np.array_equal(law, expected)


def test_a_caption_with_images_and_without_an_edit_is_refused_by_name() -> None:
    some = ("a circle", "a square", "a red circle")
    with pytest.raises(Problem, match=r"the caption 'a red circle'.*none among the classes"):
        Edits().law(some, np.full(3, 1 / 3))
    assert not Edits().law(some, np.array([0.5, 0.5, 0]))[2].any()


@pytest.mark.parametrize("classes", [tuple("0123"), (*ALL, "a dog")], ids=["digits", "dog"])
def test_what_is_no_caption_of_the_world_is_refused_by_name(classes: tuple[str, ...]) -> None:
    with pytest.raises(
        Problem, match=f"the class '{'a dog' if len(classes) > 4 else '0'}'.*scenes"
    ):
        Edits().law(classes, np.full(len(classes), 1 / len(classes)))
