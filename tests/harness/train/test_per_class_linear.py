"""Linear networks by stochastic gradients: at the corrected optimum, and not at the printed one."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from harness.cell import part
from harness.data.load import load
from harness.problem import Problem
from harness.train.condition import Condition
from harness.train.material import gather
from harness.train.per_class_linear import (
    LEVELS,
    PerClassLinear,
    descend,
    fit,
    told_points,
    true_law,
)
from harness.train.relabelling import Relabelling
from harness.train.training import Training
from theory.slight_corruption.linear_network import (
    corrupted_covariance,
    network,
    printed_covariance,
)

X = np.array([1, -0.5, 0.25]) + np.random.default_rng(0).standard_normal((12, 3))
SIGMA = math.sqrt(math.expm1(0.6))  # t = 0.3
MEANS = ((0.125, 0.0), (0.0, 0.125), (-0.125, 0.0))
LAW: dict[str, Any] = {
    "weights": (1 / 3,) * 3,
    "means": MEANS,
    "deviation": 0.125,
    "count": 600,
    "held_out": 3,
    "labelled": True,
}


def training(**changes: Any) -> Training:
    """60 of 600 images, 20 a class, told their label."""
    given: dict[str, Any] = {
        "dataset": part("gaussian_mixture", **LAW),
        "pool": "clean",
        "network": part("mlp", width=8, blocks=1),
        "objective": part("denoising"),
        "images": 256,
        "clean_fraction": 0.1,
        "condition": Condition("label"),
    }
    return Training(**{**given, **changes})


def streams(count: int, seed: int = 0) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(100 * seed + k) for k in range(count)]


@pytest.fixture(scope="module")
def copies() -> np.ndarray:
    """Theta [64, 2, 1, d + 2, d] of 64 trainings on one data set: a class, and 7 points of it."""
    points = [[X, X[:7]]] * 64
    found = descend(points, streams(64), 0.7, 1200, 32, 0.05, sigmas=(SIGMA,))
    return found.double().numpy()


def split(theta: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """W [copies, d, d] and V c [copies, d] of class k at its clean code."""
    own = theta[:, k, 0]
    return np.swapaxes(own[:, :3], 1, 2), own[:, 3 + k]


def test_the_mean_over_trainings_is_the_corrected_optimum_and_not_the_printed_one(
    copies: np.ndarray,
) -> None:
    """Each of the 12 numbers within 4 standard errors; the printed weight is off by many."""
    for k, x in enumerate((X, X[:7])):
        mu, cov = x.mean(0), np.cov(x.T, bias=True)
        for found, name in zip(split(copies, k), ("weight", "bias")):
            error = found.std(0, ddof=1) / math.sqrt(64)
            corrected = getattr(network(mu, corrupted_covariance(mu, cov, 0.7), 0.7, 0.3), name)
            assert (np.abs(found.mean(0) - corrected) < 4 * error).all()
            printed = getattr(network(mu, printed_covariance(mu, cov, 0.7), 0.7, 0.3), name)
            assert (np.abs(found.mean(0) - printed) / error).max() > 20


def test_the_error_of_a_training_is_that_of_least_squares_on_as_many_samples(
    copies: np.ndarray,
) -> None:
    """Per number sqrt(v / (lambda n)): residuals of variance v < 1, features above lambda."""
    weight, _ = split(copies, 0)
    least = np.linalg.eigvalsh(math.exp(-0.6) * np.cov(X.T, bias=True))[0] + -math.expm1(-0.6)
    assert weight.std(0, ddof=1).max() < 1.2 / math.sqrt(least * 0.75 * 1200 * 32)


def test_the_codes_of_other_classes_are_forgotten(copies: np.ndarray) -> None:
    other = copies[:, 0, 0, 4]  # of class 0, the column of class 1
    assert np.abs(other.mean(0)).max() < 4 * other.std(0, ddof=1).max() / math.sqrt(64)
    assert other.std() > 0


def test_without_noise_the_bias_undoes_the_mean() -> None:
    found = descend([[X]], streams(1), 0.0, 1500, 32, 0.05, sigmas=(0.5, 2.0)).double().numpy()
    mu, cov = X.mean(0), np.cov(X.T, bias=True)
    for level, sigma in enumerate((0.5, 2.0)):
        expected = network(mu, cov, 0.0, math.log1p(sigma**2) / 2)
        np.testing.assert_allclose(found[0, 0, level, :3].T, expected.weight, atol=0.04)
        np.testing.assert_allclose(found[0, 0, level, 3], expected.bias, atol=0.04)


def test_the_first_step_is_down_the_gradient_of_the_mean_squared_error() -> None:
    """From 0 the loss of a batch is |eps|^2: by hand on one sample, whose draws are made here."""
    found = descend([[X[:1]]], streams(1), 0.7, 1, 1, 0.05, sigmas=(SIGMA,))[0, 0, 0]
    (g,) = streams(1)
    torch.rand((1, 1, 1, 1), generator=g)
    normal = torch.randn((1, 1, 1, 1, 4), generator=g).flatten().double()
    eps, xi = normal[:3], normal[3:]
    r, s = math.exp(-0.3), math.sqrt(-math.expm1(-0.6))
    features = torch.cat([r * torch.tensor(X[0]) + s * eps, 1 + 0.7 * xi])
    torch.testing.assert_close(
        found.double(), 2 * 0.05 * torch.outer(features, eps), rtol=1e-5, atol=1e-6
    )


def test_two_strengths_see_the_same_images_and_noise() -> None:
    """Or their difference would be that of the draws: it vanishes with the strength."""
    clean, faint = (descend([[X, X[:5]]], streams(1), noise, 40, 8, 0.05) for noise in (0.0, 1e-6))
    assert float((clean - faint).abs().max()) < 1e-5
    other = descend([[X, X[:5]]], streams(1, seed=1), 0.0, 40, 8, 0.05)
    assert float((clean - other).abs().max()) > 1e-2


def test_a_replicate_in_a_stack_is_what_it_is_alone() -> None:
    points = [[X, X[:6]], [X[:9], X[3:]], [X, X]]
    together = descend(points, streams(3), 0.5, 45, 16, 0.05, sigmas=(0.5, 2.0))
    for k, own in enumerate(points):
        alone = descend([own], [streams(3)[k]], 0.5, 45, 16, 0.05, sigmas=(0.5, 2.0))
        torch.testing.assert_close(together[k], alone[0], rtol=1e-4, atol=1e-5)


def test_every_image_of_its_own_class_is_drawn_and_no_other() -> None:
    """Of points at 0, 1, .. the mean is seen at infinite noise: b = -m there, W = 1."""
    points = [np.arange(n, dtype=float)[:, None] for n in (1, 2, 5)]
    found = descend([points], streams(1), 0.0, 2000, 64, 0.02, sigmas=(3.0,)).double().numpy()[0]
    r, s = 1 / math.sqrt(10), 3 / math.sqrt(10)
    for k, x in enumerate(points):
        weight = s / (s**2 + r**2 * x.var())
        assert found[k, 0, 0, 0] == pytest.approx(weight, abs=0.01)
        assert -found[k, 0, 1 + k, 0] / found[k, 0, 0, 0] / r == pytest.approx(x.mean(), abs=0.04)


def test_points_are_in_deviations_by_the_class_that_is_told() -> None:
    flipped = training(relabelling=Relabelling(part("flips"), 0.2))
    images = load("gaussian_mixture", **LAW).train
    for asked in (training(), flipped):
        found = told_points(asked, 2)
        for k in range(2):
            made = gather(asked, images, k)
            assert made.told is not None
            for c in range(3):
                own = made.pixels[made.told == c].reshape(-1, 2).astype(float) * 8
                np.testing.assert_array_equal(found[k][c], own)
            assert sum(map(len, found[k])) == 60
    assert [len(x) for x in told_points(training(), 1)[0]] == [20, 20, 20]
    moved = np.concatenate(told_points(flipped, 1)[0])
    assert not np.array_equal(moved, np.concatenate(told_points(training(), 1)[0]))
    np.testing.assert_allclose(true_law(training().dataset).means, np.array(MEANS) * 8)


def test_the_stage_leaves_weight_and_code_of_each_replicate_class_and_level(tmp_path: Path) -> None:
    asked, shares = PerClassLinear(training(), 0.3, steps=30, batch=8), []
    fit(asked, 2, {}, tmp_path, "cpu", shares.append)
    kept = load_file(tmp_path / "linear.safetensors")
    assert kept["weight"].shape == (2, 3, len(LEVELS), 2, 2)
    assert kept["code"].shape == (2, 3, len(LEVELS), 2, 3)
    assert shares[-1] == 1
    (again := tmp_path / "again").mkdir()
    fit(asked, 2, {}, again, "cpu", lambda _: None)
    assert (again / "linear.safetensors").read_bytes() == (
        tmp_path / "linear.safetensors"
    ).read_bytes()
    (other := tmp_path / "other").mkdir()
    fit(PerClassLinear(training(copy=1), 0.3, 30, 8), 2, {}, other, "cpu", lambda _: None)
    assert not np.array_equal(load_file(other / "linear.safetensors")["weight"], kept["weight"])


def without(*names: str, **changes: Any) -> Any:
    return part("gaussian_mixture", **{k: v for k, v in LAW.items() if k not in names}, **changes)


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"training": training(dataset=part("digits"))}, "no labelled mixture"),
        ({"training": training(dataset=without("labelled"))}, "no labelled mixture"),
        ({"training": training(dataset=without("means"))}, "not stated; give its weights"),
        (
            {"training": training(dataset=without("deviation", deviation=(0.1, 0.1, 0.1)))},
            r"deviation=\(0.1, 0.1, 0.1\); give one",
        ),
        ({"training": training(condition=None)}, "condition=None; tell the class"),
        ({"training": training(pool="oracle")}, "the pool 'oracle'"),
        (
            {"training": training(relabelling=Relabelling(part("flips"), 0.2, redrawn=True))},
            "redrawn=True.*; use the pool 'clean', relabelled once",
        ),
        ({"noise": -0.1}, "noise=-0.1 on a class's code; got no deviation"),
        ({"noise": math.inf}, "noise=inf"),
        ({"noise": math.nan}, "noise=nan"),
        ({"steps": 0}, "steps=0; got none"),
        ({"batch": 1.5}, "batch=1.5"),
        ({"rate": 0.0}, "rate=0.0; got no step"),
        ({"rate": math.nan}, "rate=nan"),
    ],
)
def test_what_has_no_meaning_is_refused(changes: dict[str, Any], answer: str) -> None:
    with pytest.raises(Problem, match=answer):
        PerClassLinear(**{"training": training(), **changes})


def test_a_class_of_which_no_image_is_told_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def emptied(*given: Any) -> Any:
        made = gather(*given)
        return replace(made, told=np.where(made.told == 1, 0, made.told))

    monkeypatch.setattr("harness.train.material.gather", emptied)
    with pytest.raises(Problem, match=r"the class '.+' learns; got no image; take more images"):
        told_points(training(), 1)
