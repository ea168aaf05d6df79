"""scenes: labels say what is shown, tasks share the pictures, and a tenth of each is held out."""

from collections import Counter

import numpy as np
import pytest

from harness.cell import part
from harness.data.load import load
from harness.geneval.rules import Rules, judge
from harness.geneval.vocabulary import TASKS
from harness.problem import Problem
from harness.run.bill import image_shape
from harness.scenes.captions import SCENES, captions, captions_of, prompt_of
from harness.scenes.detector import detect


@pytest.mark.parametrize(
    "params", [{"count": 1200}, {"count": 601, "size": 32, "layout": "free", "seed": 3}]
)
def test_every_picture_shows_its_caption(params: dict) -> None:
    images = load("scenes", **params)
    assert images.classes == captions()
    assert images.count == params["count"]
    assert images.shape == image_shape(part("scenes", **params)) == (3, *2 * (images.shape[1],))
    found = detect(images.pixels, [str(i) for i in range(images.count)])
    for label, seen in zip(images.labels, found, strict=True):
        assert judge(prompt_of(images.classes[label]), seen, Rules(), SCENES).correct


def test_tasks_have_equal_shares_in_both_parts() -> None:
    images = load("scenes", count=1200)
    for some, each in ((images.train, 180), (images.held_out, 20)):
        tags = Counter(prompt_of(captions()[label]).tag for label in some.labels)
        assert tags == dict.fromkeys(TASKS, each)


def test_held_out_is_every_tenth_picture_of_each_task_whatever_it_shows() -> None:
    for count in (600, 637):
        images = load("scenes", count=count)
        assert images.labels is not None
        tags = np.array([prompt_of(captions()[label]).tag for label in images.labels])
        for task in TASKS:
            own = np.flatnonzero(tags == task)
            assert np.flatnonzero(images.test[own]).tolist() == list(range(9, len(own), 10))
        seen = {x.tobytes() for x in images.train.pixels}
        assert not seen & {x.tobytes() for x in images.held_out.pixels}


def test_captions_are_uniform_within_a_task() -> None:
    labels = load("scenes", count=6000).labels
    counts = np.bincount(labels, minlength=len(captions()))
    for task in TASKS:
        own = counts[[captions().index(caption) for caption in captions_of(task)]]
        assert own.sum() == 1000
        expected = 1000 / len(own)
        chi = ((own - expected) ** 2 / expected).sum()
        freedom = len(own) - 1
        assert abs(chi - freedom) < 4 * np.sqrt(2 * freedom) + 4


def test_the_same_parameters_give_the_same_pictures_and_a_seed_gives_others() -> None:
    one = load("scenes", count=60)
    assert one.content_hash == load("scenes", count=60, size=24, layout="grid", seed=0).content_hash
    other = load("scenes", count=60, seed=1)
    assert not np.array_equal(one.labels, other.labels)
    assert not {x.tobytes() for x in one.pixels} & {x.tobytes() for x in other.pixels}


def test_too_few_pictures_and_wrong_worlds_are_refused() -> None:
    for count in (59, 0, -1, 60.0):
        with pytest.raises(Problem, match="at least 60, ten of each task"):
            load("scenes", count=count)
    with pytest.raises(Problem, match="scenes of size 20"):
        load("scenes", size=20)
    with pytest.raises(Problem, match="layout 'row'"):
        load("scenes", layout="row")
