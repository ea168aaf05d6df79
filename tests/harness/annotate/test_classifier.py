"""Levels by a trained classifier against those of Bayes's, on isotropic Gaussian images."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from harness.annotate import classifier
from harness.annotate.bayes import Bayes, total_variation
from harness.annotate.case import Case
from harness.annotate.classifier import Classifier
from harness.annotate.crossing import LEVELS
from harness.annotate.discriminator import FEATURES, Network
from harness.problem import Problem
from theory.ambient.spectral_annotator import probability_clean

V, NOISE = 0.01, 0.1
U = V + NOISE**2
SMALL = Classifier(per_image=False, steps=120, width=32)
TINY = Classifier(steps=2, width=4, draws=1)
LITTLE = replace(TINY, steps=30, width=8)  # enough to tell variances V and 30 V


def white(count: int, variance: float, seed: int) -> np.ndarray:
    z = np.random.default_rng(seed).standard_normal((count, 1, 8, 8))
    return (z * variance**0.5).astype(np.float32)


@pytest.fixture(autouse=True)
def few_draws(monkeypatch) -> None:
    """Of the noise: one an image behind a mean where there are a hundred, not two thousand."""
    monkeypatch.setattr(classifier, "JUDGED", 100)


def case(seed: int, imperfect: float = U, count: int = 1500) -> Case:
    generator = np.random.default_rng(seed)
    return Case(white(count, V, 100 + seed), white(count, imperfect, 200 + seed), generator)


@cache
def judged(rule: str, seed: int) -> tuple[float, dict[str, np.ndarray]]:
    """The one level, and the rows of each curve [value, standard error, n]."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classifier, "JUDGED", 2048)
        levels, rows = replace(SMALL, rule=rule).explained(case(seed))
    assert len(np.unique(levels[:, 0])) == 1
    names = [f"{name}/{level:g}" for name in CURVES for level in LEVELS]
    assert [row["metric"] for row in rows] == names
    numbers = [(row["value"], row["standard_error"], row["n"]) for row in rows]
    return float(levels[0, 0]), dict(zip(CURVES, np.array(numbers).reshape(2, 34, 3)))


CURVES = ("clean_probability", "total_variation")


@pytest.mark.parametrize(("rule", "within"), [("mean", 0.2), ("accuracy", 0.25)])
def test_the_level_is_about_that_of_bayes(rule, within) -> None:
    """The mean of ln level over three trainings, to a fifth or a quarter: over six it was low by
    0.09 (mean rule) and 0.05 (accuracy), with standard deviations of 0.06 and 0.10."""
    exact = Bayes(V, U, rule).level(64)
    found = [judged(rule, seed)[0] for seed in range(3)]
    assert abs(np.log(found).mean() - np.log(exact)) < within


def test_the_curves_are_near_those_of_bayes_and_show_no_more_variation() -> None:
    mean = np.array([probability_clean(np.full(64, V), np.full(64, U), s) for s in LEVELS])
    exact = np.array([total_variation(V + s**2, U + s**2, 64) for s in LEVELS])
    for seed in range(3):
        clean, variation = (judged("mean", seed)[1][name] for name in CURVES)
        assert np.abs(clean[:, 0] - mean).max() < 0.08
        assert (variation[:, 0] < exact + 4 * variation[:, 1]).all()
        assert (variation[:, 0] > exact - 0.15 - 4 * variation[:, 1]).all()
        assert (clean[:, 2] == 1500).all()
        assert (variation[:, 2] == 600).all()  # a fifth of either kind


def test_one_law_needs_no_noise() -> None:
    for rule in ("mean", "accuracy"):
        assert not replace(SMALL, rule=rule, steps=60, threshold=0.4)(case(5, V, 3000)).any()


def test_images_that_no_noise_hides_have_no_level() -> None:
    given = case(6, count=200)
    given = replace(given, imperfect=given.imperfect + 200)
    assert np.isinf(replace(SMALL, steps=60)(given)[:, 0]).all()


def test_single_images_are_ranked_by_how_far_they_look_from_clean() -> None:
    """Half of them are clean: c is then p / (p + q'), and these have far lower levels."""
    given = case(7, 4 * V, 1000)
    given.imperfect[::2] = white(500, V, 8)
    low, high = (replace(SMALL, per_image=True)(given)[k::2, 0] for k in (0, 1))
    assert np.median(low) < np.median(high)
    assert (low[:, None] < high[None, ::7]).mean() > 0.9


def test_only_what_an_author_sees_is_seen() -> None:
    """Without originals it works, and with any others it gives the same."""
    nothing = np.full((200, 1, 8, 8), np.nan, np.float32)
    alone = LITTLE(case(9, 30 * V, 100))
    assert alone.any()
    assert np.array_equal(LITTLE(replace(case(9, 30 * V, 100), originals=nothing)), alone)


def test_a_leak_takes_the_originals_for_clean_and_is_refused_without() -> None:
    """Here the clean subset has the law of the imperfect images, and the originals have not."""
    given = replace(case(10, V, 800), originals=white(1600, 4 * V, 11))
    assert not SMALL(given).any()
    leaking = replace(SMALL, data="leaking")
    assert leaking(replace(given, generator=np.random.default_rng(1)))[0, 0] > 0.2
    with pytest.raises(Problem, match="give the case its originals, or choose data='seen'"):
        leaking(case(10))


@pytest.mark.parametrize("kind", ["clean", "imperfect"])
def test_too_few_images_are_refused(monkeypatch, kind) -> None:
    enough, few = case(1, count=10), case(1, count=9)
    monkeypatch.setattr(classifier, "JUDGED", 10)
    assert TINY(enough).shape == (10, 2)
    with pytest.raises(Problem, match="9 of one; give at least 10 of each"):
        TINY(replace(enough, **{kind: getattr(few, kind)}))


def counted(made: Classifier) -> int:
    """Products of matrices that an annotation of 60 images takes."""
    given = replace(case(2, count=60), originals=white(120, V, 3))
    with FlopCounterMode(display=False) as counter:
        made(given)
    return counter.get_total_flops()


@pytest.mark.parametrize(
    ("rule", "per_image", "data"), [("mean", True, "leaking"), ("accuracy", False, "seen")]
)
def test_the_products_are_at_most_as_many_as_declared(monkeypatch, rule, per_image, data) -> None:
    """And at least half: of a training the first layers hand on no gradient, and images that are
    annotated share the features of the noise level."""
    monkeypatch.setattr(classifier, "JUDGED", 24)
    made = replace(TINY, rule=rule, per_image=per_image, data=data, steps=8, width=8, draws=4)
    assert 0.5 < counted(made) / made.flops((1, 8, 8), 60, 60) <= 1


def test_a_draw_costs_a_pass_of_each_image_at_each_level(monkeypatch) -> None:
    monkeypatch.setattr(classifier, "JUDGED", 1)
    one, two = (replace(TINY, width=8, draws=draws) for draws in (1, 2))
    whole = Network.flops(64, 8)
    assert two.flops((1, 8, 8), 60, 60) - one.flops((1, 8, 8), 60, 60) == 34 * 60 * whole
    noise = 2 * FEATURES * 2 * 8  # once for all images
    assert counted(two) - counted(one) == 34 * (60 * (whole - noise) + noise)


def test_all_that_is_drawn_comes_from_the_case() -> None:
    state = torch.get_rng_state()
    given = case(3, 30 * V, 100)
    found = [LITTLE(replace(given, generator=np.random.default_rng(s))) for s in (1, 1, 2)]
    assert np.array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])
    assert torch.equal(torch.get_rng_state(), state)
