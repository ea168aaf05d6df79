"""The score: the published means, with what they are means of."""

import random
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from harness.geneval.generator import published_prompts
from harness.geneval.interval import Clusters, wilson
from harness.geneval.prompt import Prompt
from harness.geneval.results import Result
from harness.geneval.rules import Judgement
from harness.geneval.score import score
from harness.geneval.vocabulary import TASKS
from harness.problem import Problem
from harness.streams import numpy_generator

COUNTS = dict(zip(TASKS, ((289, 320), (214, 396), (120, 320), (303, 376), (32, 400), (60, 364))))
PROMPTS = {task: [p for p in published_prompts() if p.tag == task] for task in TASKS}
STREAM = ("test", 0, "score")


def result(prompt: Prompt, index: int, correct: bool) -> Result:
    judgement = Judgement(correct, "" if correct else "expected cow>=1, found 0", {})
    return Result.of(f"{prompt.prompt}/{index}.png", prompt, judgement)


def images(task: str, *right: int, of: int = 4) -> list[Result]:
    """Prompts of a task in order, with so many right images each."""
    pairs = zip(PROMPTS[task], right)
    return [result(prompt, i, i < count) for prompt, count in pairs for i in range(of)]


def published() -> list[Result]:
    """Results with the counts of a published run: 544 prompts, 2,176 images."""
    made = []
    for task, (right, total) in COUNTS.items():
        share, rest = divmod(right, total // 4)
        counts = [share + (i < rest) for i in range(total // 4)]
        made += images(task, *counts)
    return made


def test_published_counts_give_the_published_score() -> None:
    got = score(published(), numpy_generator(*STREAM), 200)
    exact = sum(Fraction(*counts) for counts in COUNTS.values()) / 6
    assert got.overall == pytest.approx(float(exact), abs=1e-15)
    assert f"{got.overall:.6f}" == "0.478203"
    assert f"{got.correct_images:.2%}" == "46.78%"
    assert (got.images, got.prompts) == (2176, 544)
    assert [task.task for task in got.tasks] == list(TASKS)
    for task in got.tasks:
        right, total = COUNTS[task.task]
        assert (task.correct, task.images, task.prompts) == (right, total, total // 4)
        assert task.mean == right / total
        assert task.wilson == wilson(right, total)
        assert task.bootstrap.low < task.mean < task.bootstrap.high
        assert (task.least, task.most) == (4, 4)
    assert got.bootstrap.low < got.overall < got.bootstrap.high
    assert got.absent == got.notes == ()


def test_the_order_of_the_results_does_not_show() -> None:
    results = published()
    shuffled = results.copy()
    random.Random(1).shuffle(shuffled)
    first = score(results, numpy_generator(*STREAM), 200)
    assert score(shuffled, numpy_generator(*STREAM), 200) == first
    assert score(iter(results), numpy_generator(*STREAM), 200) == first
    assert score(results, numpy_generator("test", 1, "score"), 200) != first


def test_a_prompt_counts_if_any_of_its_images_is_right() -> None:
    got = score(images("colors", 0, 1, 4, 0, 0), numpy_generator(*STREAM))
    assert (got.correct_prompts, got.correct_images) == (2 / 5, 5 / 20)
    expected = Clusters(np.array([0, 1, 4, 0, 0]), np.full(5, 4))
    assert got.tasks[0].design_effect == pytest.approx(expected.design_effect())


def test_the_overall_score_weighs_tasks_and_not_images() -> None:
    results = images("colors", *[4] * 30) + images("counting", 0, 1)
    got = score(results, numpy_generator(*STREAM))
    assert got.overall == (1 + 1 / 8) / 2
    assert got.correct_images == 121 / 128
    assert [task.task for task in got.tasks] == ["counting", "colors"]  # the order of TASKS


def test_tasks_without_images_are_named_and_the_score_says_of_how_many_it_is() -> None:
    got = score(images("colors", 4, 0), numpy_generator(*STREAM))
    assert got.absent == ("single_object", "two_object", "counting", "position", "color_attr")
    note, _ = got.notes
    assert "over 1 of 6 tasks, without single_object, two_object, counting" in note


def test_unequal_numbers_of_images_are_allowed_and_told() -> None:
    results = images("colors", 1, 3)[:-1]
    got = score(results, numpy_generator(*STREAM))
    assert (got.tasks[0].least, got.tasks[0].most) == (3, 4)
    assert got.tasks[0].mean == 4 / 7  # over images, as published
    assert "colors: prompts have 3 to 4 images" in got.notes
    mixed = images("colors", 1, 1, of=2) + images("counting", 1, 1)
    assert "tasks differ in images a prompt: counting 4, colors 2" in score(
        mixed, numpy_generator(*STREAM)
    ).notes  # fmt: skip


def test_a_task_of_few_prompts_is_named_with_their_number() -> None:
    results = images("colors", *[2] * 9) + images("counting", *[2] * 10) + images("position", 1)
    note = score(results, numpy_generator(*STREAM)).notes[-1]
    assert note == (
        "the interval over prompts of colors rests on 9 prompts, of position rests on 1 prompt; "
        "more prompts narrow it, more images of the same ones do not"
    )


def test_prompts_are_told_apart_by_their_metadata() -> None:
    """As published: the same metadata in two folders is one prompt, another text is another."""
    one, other = images("colors", 2)[:4], images("colors", 2)[:4]
    again = [replace(r, filename=f"again/{r.filename}") for r in other]
    assert score(one + again, numpy_generator(*STREAM)).prompts == 1
    spaced = [replace(r, metadata=f"{r.metadata} ") for r in again]
    assert score(one + spaced, numpy_generator(*STREAM)).prompts == 2


def test_the_score_as_plain_data() -> None:
    got = score(images("colors", 1, 3), numpy_generator(*STREAM)).config()
    (task,) = got["tasks"]
    assert task["wilson"] == list(wilson(4, 8))
    assert isinstance(task["bootstrap"], list)
    assert isinstance(got["bootstrap"], list)
    assert got["notes"]
    assert got["overall"] == 0.5
    certain = score(images("colors", 4, 4), numpy_generator(*STREAM)).config()
    assert certain["tasks"][0]["design_effect"] is None


def test_no_results_or_an_unknown_task_are_refused() -> None:
    with pytest.raises(Problem, match="no results"):
        score([], numpy_generator(*STREAM))
    bad = replace(images("colors", 1)[0], tag="shape")
    with pytest.raises(Problem, match=r"0\.png.*'shape'.*choose from single_object"):
        score([bad], numpy_generator(*STREAM))
