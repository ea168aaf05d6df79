"""A suite asks for every task equally often, and for its captions as evenly as can be."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.geneval.vocabulary import TASKS
from harness.problem import Problem
from harness.scenes.captions import captions, captions_of
from harness.scenes.suite import Suite, different


@given(st.integers(1, 60), st.integers(0, 3))
def test_tasks_have_equal_shares_and_captions_differ_by_one_at_most(images: int, n: int) -> None:
    suite = Suite(images, n)
    assert [prompt.tag for prompt in suite.prompts] == [t for t in TASKS for _ in range(images)]
    assert len(suite.prompts) == suite.count
    for task in TASKS:
        asked = Counter(p.prompt for p in suite.prompts if p.tag == task)
        known = captions_of(task)
        counts = [asked[caption] for caption in known]
        assert max(counts) - min(counts) <= 1
        assert sum(counts) == images


def test_another_number_chooses_other_captions_and_the_same_does_not() -> None:
    assert Suite(8).prompts == Suite(8).prompts
    assert Suite(8, 1).prompts != Suite(8).prompts


@pytest.mark.parametrize("images", [0, True, 2.0])
def test_a_suite_without_images_is_refused(images: object) -> None:
    with pytest.raises(Problem, match="1 or more"):
        Suite(images)  # type: ignore[arg-type]


@given(st.integers(1, 400), st.integers(0, 10))
def test_a_suite_has_distinct_captions_in_the_order_of_the_tasks(per_task: int, seed: int) -> None:
    found = different(per_task, np.random.default_rng(seed))
    assert len({prompt.prompt for prompt in found}) == len(found)
    counts = Counter(prompt.tag for prompt in found)
    assert counts == {task: min(per_task, len(captions_of(task))) for task in TASKS}
    place = {caption: number for number, caption in enumerate(captions())}
    numbers = [place[prompt.prompt] for prompt in found]
    assert numbers == sorted(numbers)


def test_a_suite_draws_every_caption_equally_often() -> None:
    generator = np.random.default_rng(0)
    counts = Counter(p.prompt for _ in range(600) for p in different(6, generator))
    colors = np.array([counts[caption] for caption in captions_of("colors")])
    assert colors.sum() == 3600
    assert np.abs(colors - 150).max() < 4 * np.sqrt(600 * 0.25 * 0.75)
    assert different(6, np.random.default_rng(1)) == different(6, np.random.default_rng(1))
    assert different(6, np.random.default_rng(1)) != different(6, np.random.default_rng(2))


def test_no_suite_is_refused() -> None:
    with pytest.raises(Problem, match="0 captions a task"):
        different(0, np.random.default_rng(0))
