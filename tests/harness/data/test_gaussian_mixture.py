"""A mixture as images: drawn from the law that it states, with the exact denoisers at hand."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, norm

from harness.cell import canonical, part, plain
from harness.data.gaussian_mixture import OUTSIDE, kernel, law, mass_outside, names, points_of
from harness.data.load import load
from harness.data.subset import clean_subset
from harness.problem import Problem
from theory.line_mixture import grid, masses, mean_squared

LINE: dict[str, Any] = {"weights": (0.2, 0.8), "means": (-0.6, 0.4), "deviation": (0.05, 0.09)}
PLANE: dict[str, Any] = {
    "weights": (0.5, 0.3, 0.2),
    "means": ((-0.5, 0.1), (0.5, 0), (0, 0.6)),
    "deviation": 0.06,
}


def cdf(x: np.ndarray) -> np.ndarray:
    return 0.2 * norm.cdf(x, -0.6, 0.05) + 0.8 * norm.cdf(x, 0.4, 0.09)


def test_both_parts_are_draws_of_the_law_and_independent() -> None:
    images = load("gaussian_mixture", **LINE)
    assert images.pixels.shape == (25000, 1, 1, 1)
    assert (images.train.count, images.held_out.count) == (20000, 5000)
    train, held_out = (points_of(each)[:, 0] for each in (images.train, images.held_out))
    for x in (train, held_out):
        assert kstest(x, cdf).pvalue > 1e-4
    assert abs(np.corrcoef(train[:5000], held_out)[0, 1]) < 4 / np.sqrt(5000)


def test_the_moments_in_the_plane_are_those_of_the_law() -> None:
    images = load("gaussian_mixture", **PLANE)
    assert images.shape == (1, 1, 2)
    x, mixture = points_of(images), law(**PLANE)
    n = len(x)
    assert (np.abs(x.mean(0) - mixture.mean) < 4 * x.std(0) / np.sqrt(n)).all()
    centred = x - mixture.mean
    for i, j in ((0, 0), (0, 1), (1, 1)):
        product = centred[:, i] * centred[:, j]
        assert abs(product.mean() - mixture.covariance[i, j]) < 4 * product.std() / np.sqrt(n)


SQUARE: dict[str, Any] = {
    "weights": (1 / 3,) * 3,
    "means": ((-0.5, 0.1), (0.5, 0), (0, 0.6)),
    "deviation": (0.06, 0.06, 0.02),
    "labelled": True,
}


def test_a_labelled_class_is_its_component_and_both_parts_are_drawn_by_themselves() -> None:
    images = load("gaussian_mixture", **SQUARE, count=9000, held_out=3000)
    assert images.classes == names(3) == ("mode 1", "mode 2", "mode 3")
    assert images.labels is not None
    given = [SQUARE[name] for name in ("weights", "means", "deviation")]
    x, mixture = points_of(images), law(*given)
    for k, (mean, variance) in enumerate(zip(mixture.means, mixture.covariances)):
        own = (x[images.labels == k] - mean) / variance**0.5
        assert len(own) == 4000
        for axis in range(2):
            assert kstest(own[:, axis], "norm").pvalue > 1e-4
        assert abs(np.corrcoef(own.T)[0, 1]) < 4 / np.sqrt(len(own))
    train, held_out = points_of(images.train)[:3000:3], points_of(images.held_out)[::3]
    assert abs(np.corrcoef(train[:, 0], held_out[:, 0])[0, 1]) < 4 / np.sqrt(1000)


def test_a_clean_subset_of_a_labelled_mixture_has_as_many_of_every_class() -> None:
    images = load("gaussian_mixture", **SQUARE, count=600, held_out=6).train
    for fraction, each in ((0.005, 1), (0.1, 20), (0.5, 100)):
        chosen = clean_subset(images, fraction, np.random.default_rng(0))
        assert images.labels is not None
        assert np.bincount(images.labels[chosen], minlength=3).tolist() == [each] * 3
    drawn = [clean_subset(images, 0.1, np.random.default_rng(k)) for k in range(2)]
    assert (drawn[0] != drawn[1]).any()


def test_without_labels_a_mixture_is_what_it_always_was() -> None:
    """Published cells rest on these images."""
    found = load("gaussian_mixture", count=50, held_out=10)
    assert found.labels is None
    assert found.content_hash == (
        "a1f1298bcd20cc228d9998d39e9a779f9132fc1846bf280adfc881482cf2a573"
    )
    same = load("gaussian_mixture", count=50, held_out=10, labelled=False)
    assert same.content_hash == found.content_hash


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"weights": (0.3, 0.3, 0.4)}, r"labelled mixture; got the weights \[0.3, 0.3, 0.4\]"),
        ({"count": 100}, "100 labelled images, train; got no whole number of rounds; .*of 3"),
        ({"held_out": 4}, "4 labelled images, held out"),
    ],
)
def test_labels_are_refused_where_components_cannot_take_turns(
    changes: dict[str, Any], answer: str
) -> None:
    with pytest.raises(Problem, match=answer):
        load("gaussian_mixture", **{**SQUARE, "count": 9, "held_out": 3, **changes})


@pytest.mark.parametrize("sigma", [0.05, 0.3, 1.0])
def test_the_denoiser_of_the_law_has_the_least_error_on_its_images(sigma: float) -> None:
    """Its mean squared error on held-out images against the integral E x0^2 - E D^2."""
    mixture, x = law(**LINE), points_of(load("gaussian_mixture", **LINE).held_out)
    noise = np.random.default_rng(0).standard_normal(x.shape)
    errors = (mixture.denoise(x + sigma * noise, sigma) - x) ** 2
    on = grid((mixture,), sigma)
    second = float(mixture.weights @ (mixture.means[:, 0] ** 2 + mixture.covariances))
    least = second - mean_squared(
        mixture.denoise(on.points[:, None], sigma)[:, 0], mixture, sigma, on
    )
    assert masses(mixture, sigma, on).sum() == pytest.approx(1)
    assert abs(errors.mean() - least) < 4 * errors.std() / np.sqrt(len(x))


@pytest.mark.parametrize("given", [LINE, PLANE], ids=["line", "plane"])
def test_the_kernel_denoiser_is_the_softmax_over_the_points(given: dict[str, Any]) -> None:
    x = points_of(load("gaussian_mixture", **given, count=50, held_out=1).train)
    y = np.random.default_rng(1).uniform(-1, 1, (30, x.shape[1]))
    for sigma in (0.02, 0.2, 2.0):
        exponent = -((y[:, None] - x) ** 2).sum(2) / (2 * sigma**2)
        weight = np.exp(exponent - exponent.max(1, keepdims=True))
        expected = weight @ x / weight.sum(1, keepdims=True)
        np.testing.assert_allclose(kernel(x).denoise(y, sigma), expected, atol=1e-12)


def test_two_laws_and_two_seeds_are_drawn_independently() -> None:
    """Or the imperfect images of another law would be those of this one, moved."""
    first = load("gaussian_mixture")
    for changes in ({"means": (-0.5, 0.49)}, {"deviation": 0.07}, {"seed": 1}):
        other = load("gaussian_mixture", **changes)
        x, y = (points_of(each)[:, 0] for each in (first, other))
        assert abs(np.corrcoef(x, y)[0, 1]) < 4 / np.sqrt(len(x)), changes


def test_lists_numbers_and_rows_of_json_are_the_same_law() -> None:
    asked = part("gaussian_mixture", **PLANE, count=50)
    assert isinstance(hash(asked), int)
    read = json.loads(canonical(plain(asked)))
    read.pop("name")
    direct = load("gaussian_mixture", **PLANE, count=50)
    assert load("gaussian_mixture", **read).content_hash == direct.content_hash
    one = load("gaussian_mixture", weights=[1], means=[0], deviation=[0.1], count=50)
    same = load("gaussian_mixture", weights=(1.0,), means=((0.0,),), deviation=0.1, count=50)
    assert one.content_hash == same.content_hash
    assert one.citation == same.citation


@given(st.floats(-0.9, 0.9), st.floats(0.01, 0.3))
@settings(max_examples=60, deadline=None)
def test_a_law_that_leaves_the_range_is_refused_and_no_other(mean: float, deviation: float) -> None:
    outside = norm.sf(1, mean, deviation) + norm.cdf(-1, mean, deviation)
    given: dict[str, Any] = {"weights": (1,), "means": (mean,), "deviation": deviation}
    assert mass_outside(law(**given)) == pytest.approx(outside, rel=1e-9, abs=1e-300)
    if outside > OUTSIDE:
        with pytest.raises(Problem, match=r"in \[-1, 1\]; got .* of it outside; use means"):
            load("gaussian_mixture", **given, count=10, held_out=10)
    else:
        assert load("gaussian_mixture", **given, count=10, held_out=10).count == 20


def test_the_mass_outside_is_weighted_and_adds_over_axes() -> None:
    mixture = law((0.25, 0.75), ((0.9, -0.9), (0, 0)), (0.1, 0.01))
    assert mass_outside(mixture) == pytest.approx(0.25 * 2 * norm.sf(1), rel=1e-9)
    exact = 0.25 * (1 - norm.cdf(1) ** 2)
    assert exact < mass_outside(mixture) < 1.2 * exact


def test_six_deviations_to_the_edge_are_just_enough() -> None:
    assert norm.sf(6) < OUTSIDE < norm.sf(5.99)
    assert load("gaussian_mixture", weights=(1,), means=(0.4,), deviation=0.1, count=10).count
    with pytest.raises(Problem, match="of it outside"):
        load("gaussian_mixture", weights=(1,), means=(0.402,), deviation=0.1, count=10)


def test_nothing_is_clipped() -> None:
    x = points_of(load("gaussian_mixture", weights=(1,), means=(0.0,), deviation=0.16))
    assert np.abs(x).max() < 1
    assert kstest(x[:, 0], "norm", (0, 0.16)).pvalue > 1e-4
    assert abs((x**4).mean() / 0.16**4 - 3) < 4 * math.sqrt(96 / len(x))


@pytest.mark.parametrize(
    ("params", "answer"),
    [
        ({"weights": (0.5, 0.4)}, "that make no law"),
        ({"weights": (1.5, -0.5)}, "that make no law"),
        ({"weights": (0.5, float("nan"))}, "that make no law"),
        ({"deviation": 0.0}, "that make no law"),
        ({"deviation": -0.1}, "that make no law"),
        ({"means": (0.0, float("inf"))}, "that make no law"),
        ({"deviation": (0.1, 0.1, 0.1)}, r"the shapes \(2,\), \(2, 1\) and \(3,\)"),
        ({"means": (0.0,)}, r"the shapes \(2,\), \(1, 1\) and \(\)"),
        ({"means": 0.0, "weights": 1}, r"the shapes \(\), \(\)"),
        ({"means": ((0, 0), (0,))}, "no arrays of numbers"),
        ({"weights": ("half", "half")}, "no arrays of numbers"),
        ({"deviation": float("inf")}, "that make no law"),
        ({"count": 0}, "count=0 of a mixture; got no number of images"),
        ({"held_out": 10.0}, "held_out=10.0 of a mixture"),
    ],
    ids=repr,
)
def test_what_makes_no_mixture_is_refused(params: dict[str, Any], answer: str) -> None:
    with pytest.raises(Problem, match=answer):
        load("gaussian_mixture", **params)
