"""What a generation trains on: parts of a dataset, corrected samples beside them, and refusals."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.cell import part
from harness.data.images import Images
from harness.data.load import load
from harness.problem import Problem
from harness.streams import numpy_generator
from harness.train.condition import Condition
from harness.train.corrector import Known, correct
from harness.train.generation import division, material, synthetic
from harness.train.material import Material
from harness.train.self_consuming import Loop
from harness.train.training import Training

DIGITS = load("digits").train
PARTS, LABEL = 5, "digits()"


def training(**changes: Any) -> Training:
    given: dict[str, Any] = {
        "dataset": part("digits"),
        "pool": "oracle",
        "network": part("mlp", width=16, blocks=1),
        "objective": part("denoising"),
        "images": 256,
        "batch": 64,
        "condition": Condition("label"),
    }
    return Training(**{**given, **changes})


def samples(count: int = 700) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    drawn = 0.8 * rng.standard_normal((count, 1, 8, 8)).astype(np.float32)
    return drawn, rng.integers(10, size=count)


def made(number: int, loop: Loop | None, replicate: int = 0, count: int = 700) -> Material:
    drawn, labels = samples(count)
    return material(training(), DIGITS, replicate, PARTS, number, loop, drawn, labels)


def test_parts_are_disjoint_and_alike_in_number_and_classes() -> None:
    parts = division(DIGITS, PARTS, "digits", 0)
    assert len(parts) == PARTS
    whole = np.concatenate(parts)
    assert len(np.unique(whole)) == len(whole)
    counts = [np.bincount(DIGITS.labels[each]).tolist() for each in parts]
    assert counts == [(np.bincount(DIGITS.labels) // PARTS).tolist()] * PARTS
    again = division(DIGITS, PARTS, "digits", 0)
    assert all(np.array_equal(a, b) for a, b in zip(parts, again))
    others = division(DIGITS, PARTS, "digits", 1)
    assert not any(np.array_equal(a, b) for a, b in zip(parts, others))
    spread = [np.mean(each) for each in parts]  # no part is a stretch of the file
    assert np.ptp(spread) < 0.2 * DIGITS.count


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.floats(0.01, 8), st.integers(1, 5000))
def test_the_number_of_synthetic_images_is_that_of_the_law(ratio: float, real: int) -> None:
    if ratio * real < 1:
        with pytest.raises(Problem, match="larger lambda"):
            synthetic(ratio, real)
    else:
        assert synthetic(ratio, real) == int(ratio * real + 1e-9)
    assert synthetic(0.29, 100) == 29


@pytest.mark.parametrize("ratio", [0.25, 1.0, 2.0])
def test_real_images_stay_and_samples_come_after_them(ratio: float) -> None:
    first, second = made(0, None), made(3, Loop(ratio))
    n = len(first.pixels)
    assert n == 284
    real = division(DIGITS, PARTS, LABEL, 0)[0]
    assert np.array_equal(first.pixels, DIGITS.pixels[real])
    assert np.array_equal(second.pixels[:n], first.pixels)
    drawn, labels = samples()
    k = int(ratio * n)
    assert len(second.pixels) == n + k
    assert np.array_equal(second.pixels[n:], np.clip(drawn[:k], -1, 1))
    assert np.abs(drawn[:k]).max() > 1
    assert np.array_equal(second.labels, np.concatenate([DIGITS.labels[real], labels[:k]]))
    assert np.array_equal(second.told, second.labels)
    words = Condition("label").words(DIGITS).tokens(DIGITS.classes)
    assert np.array_equal(second.tokens, words[second.labels])
    assert second.clean.all()
    assert not second.levels.any()


def test_fresh_loops_see_a_part_a_generation_and_others_the_first_or_none() -> None:
    parts = division(DIGITS, PARTS, LABEL, 2)
    for number in range(1, PARTS):
        fresh = made(number, Loop(0.5, real="fresh"), replicate=2)
        assert np.array_equal(fresh.pixels[:284], DIGITS.pixels[parts[number]])
        alone = made(number, Loop(0.5, real="none"), replicate=2)
        assert np.array_equal(alone.pixels, fresh.pixels[284:])
        assert np.array_equal(alone.tokens, fresh.tokens[284:])
        fixed = made(number, Loop(0.5), replicate=2)
        assert np.array_equal(fixed.pixels[:284], DIGITS.pixels[parts[0]])
        assert np.array_equal(fixed.pixels[284:], fresh.pixels[284:])
    with pytest.raises(Problem, match=r"fresh images for generation 5; got 5 parts"):
        made(PARTS, Loop(0.5, real="fresh"))


@pytest.mark.parametrize("name", ["centres", "oracle", "biased"])
def test_samples_are_corrected_by_what_the_loop_knows(name: str) -> None:
    drawn, labels = samples()
    real = DIGITS.part(division(DIGITS, PARTS, LABEL, 1)[0])
    known = Known(real.pixels, real.labels, DIGITS.pixels, DIGITS.labels, DIGITS.classes)
    for gamma in (0.5, "full"):
        loop = Loop(1.0, gamma, part(name))
        generator = numpy_generator(LABEL, 1, "correct")
        clipped = np.clip(drawn[:284], -1, 1)
        expected = correct(part(name), loop.strength, clipped, labels[:284], known, generator)
        found = material(training(), DIGITS, 1, PARTS, 1, loop, drawn, labels)
        assert np.array_equal(found.pixels[284:], expected)
        again = material(training(), DIGITS, 1, PARTS, 4, loop, drawn, labels)
        assert np.array_equal(again.pixels, found.pixels)  # the centres stay where they are
        assert not np.array_equal(found.pixels[284:], clipped)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ratio": -1.0}, "lambda=-1.0"),
        ({"ratio": 0}, "give a number above 0"),
        ({"ratio": float("nan")}, "lambda=nan"),
        ({"ratio": "2"}, "give a number above 0"),
        ({"ratio": True}, "lambda=True"),
        ({"gamma": -0.1, "corrector": part("oracle")}, r"gamma=-0\.1.*or full"),
        ({"gamma": float("nan"), "corrector": part("oracle")}, "gamma=nan"),
        ({"gamma": float("inf"), "corrector": part("oracle")}, "or full"),
        ({"gamma": "much", "corrector": part("oracle")}, "gamma='much'"),
        ({"gamma": 1.0}, "name a corrector"),
        ({"corrector": part("oracle")}, "only there"),
        ({"gamma": 1.0, "corrector": part("orakel")}, "did you mean 'oracle'"),
        ({"gamma": 1.0, "corrector": "oracle"}, r"by 'oracle'; got no part.*part\(\"oracle\""),
        ({"real": "some"}, "fixed, fresh, none"),
    ],
)
def test_what_makes_no_loop_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Problem, match=message):
        Loop(**{"ratio": 1.0, **changes})


def test_too_few_samples_and_classes_are_refused() -> None:
    with pytest.raises(Problem, match=r"568 synthetic images; got 500 samples"):
        made(1, Loop(2.0), count=500)
    with pytest.raises(Problem, match=r"200 parts.*images of the class 0.*fewer parts"):
        division(DIGITS, 200, "digits", 0)
    photos = Images.unrelated("p", DIGITS.pixels, DIGITS.test, None, (), "none", "none")
    with pytest.raises(Problem, match=r"a loop on 'p'; got no classes"):
        material(training(), photos, 0, PARTS)
    few = DIGITS.part(DIGITS.labels != 9)
    with pytest.raises(Problem, match=r"parts of 'digits'; got 0 images of the class 9"):
        division(few, PARTS, LABEL, 0)
