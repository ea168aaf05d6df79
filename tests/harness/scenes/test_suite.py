"""A suite asks for every task equally often, and for its captions as evenly as can be."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.geneval.vocabulary import TASKS
from harness.problem import Problem
from harness.scenes.captions import captions_of
from harness.scenes.suite import Suite


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
