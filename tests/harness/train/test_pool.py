"""The pool against the rule of admission, image by image."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare, kstest, norm

from harness.problem import Problem
from harness.train.levels import Levels
from harness.train.pool import Pool

LEVEL = st.sampled_from([0.0, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 3.0, np.inf])
LAW = Levels(-1.2, 1.2)
N = 20_000


def numbers(count: int = N) -> tuple[torch.Tensor, torch.Tensor]:
    g = torch.Generator().manual_seed(2)
    return torch.randn(count, generator=g), torch.rand(count, generator=g)


def admits(table: np.ndarray, sigma: np.ndarray, buffer: float = 1.0) -> np.ndarray:
    """Which of n images are admissible at each of B levels, by the rule itself: bool [B, n]."""
    low, high = table.astype(float).T
    return (sigma[:, None] > buffer * low) | (sigma[:, None] < high)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    levels=st.lists(st.tuples(LEVEL, LEVEL), min_size=1, max_size=12),
    sigma=st.floats(0.01, 5.0),
    buffer=st.sampled_from([1.0, 1.1547]),
)
def test_drawn_are_the_admissible_images_and_all_of_them(
    levels: list[tuple[float, float]], sigma: float, buffer: float
) -> None:
    table = np.array(levels, np.float32)
    admissible = set(np.flatnonzero(admits(table, np.array([sigma]), buffer)[0]))
    pool = Pool(table, buffer)
    uniform = torch.linspace(0, 1 - 1e-9, 200, dtype=torch.float64)
    repeated = torch.full((200,), sigma, dtype=torch.float64)
    if not admissible:
        with pytest.raises(ValueError, match="no image is admissible"):
            pool.draw(repeated, uniform)
    else:
        assert set(pool.draw(repeated, uniform).tolist()) == admissible


def test_draws_are_uniform_over_the_admissible_images() -> None:
    levels = np.float32([[0, 0], [0.5, 0], [0.5, 0.2], [0.9, 0], [0, 0]])
    n = 30_000
    g = torch.Generator().manual_seed(1)
    drawn = Pool(levels, 1.0).draw(torch.full((n,), 0.6), torch.rand(n, generator=g))
    counts = np.bincount(drawn.numpy(), minlength=5)
    assert counts[3] == 0
    assert chisquare(counts[[0, 1, 2, 4]]).pvalue > 1e-4


def test_a_clean_image_is_always_admissible() -> None:
    pool = Pool(np.zeros((3, 2), np.float32), 1.0)
    low, high = pool.count(torch.tensor([1e-6, 80.0]))
    assert low.tolist() == [3, 3]
    assert high.tolist() == [0, 0]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    levels=st.lists(st.tuples(LEVEL, LEVEL), min_size=1, max_size=8),
    buffer=st.sampled_from([1.0, 1.1547]),
    order=st.sampled_from(["level_first", "image_first"]),
)
def test_either_order_draws_what_is_admissible_or_says_that_nothing_is(
    levels: list[tuple[float, float]], buffer: float, order: str
) -> None:
    table = np.array(levels, np.float32)
    pool = Pool(table, buffer)
    if (table == (np.inf, 0)).all(1).all():
        with pytest.raises(Problem, match="keep clean images"):
            getattr(pool, order)(LAW, *numbers(1))
        return
    sigma, index = (each.numpy() for each in getattr(pool, order)(LAW, *numbers(300)))
    assert sigma.dtype == np.float32
    assert admits(table, sigma.astype(float), buffer)[np.arange(300), index].all()


MIXED = np.float32([[0, 0], [0.4, 0], [0.4, 0], [1.5, 0.1], [np.inf, 0.2], [np.inf, 0]])


def test_level_first_keeps_the_law_of_the_level_where_a_clean_image_is() -> None:
    normal, uniform = numbers()
    sigma, index = Pool(MIXED, 1.0).level_first(LAW, normal, uniform)
    assert torch.equal(sigma, LAW.draw(normal))
    # At each level the images that are admissible there are equally likely.
    share = admits(MIXED, sigma.double().numpy())
    expected = (share / share.sum(1, keepdims=True)).sum(0)
    counts = np.bincount(index.numpy(), minlength=len(MIXED))
    assert counts[-1] == 0
    assert chisquare(counts[:-1], expected[:-1]).pvalue > 1e-3


def test_level_first_truncates_the_law_to_where_any_image_is() -> None:
    """Noisy images alone, and images of low noise: nothing between 0.1 and 0.4."""
    pool = Pool(np.float32([[0.5, 0], [0.4, 0], [np.inf, 0.1]]), 1.0)
    sigma, _ = pool.level_first(LAW, *numbers())
    found = sigma.double().numpy()
    edges = norm.cdf((np.log([0.1, 0.4]) + 1.2) / 1.2)

    def distribution(s: np.ndarray) -> np.ndarray:
        below = norm.cdf((np.log(s) + 1.2) / 1.2)
        kept = np.minimum(below, edges[0]) + np.maximum(below - edges[1], 0)
        return kept / (edges[0] + 1 - edges[1])

    assert not ((found >= 0.1) & (found <= 0.4)).any()
    assert kstest(found, distribution).pvalue > 1e-3


def test_images_that_cover_every_level_between_them_leave_the_law_whole() -> None:
    normal, uniform = numbers()
    sigma, _ = Pool(np.float32([[0.1, 0], [np.inf, 0.3]]), 1.0).level_first(LAW, normal, uniform)
    assert torch.allclose(sigma, LAW.draw(normal), rtol=1e-5)


def test_image_first_has_the_stated_law_of_images_and_of_levels() -> None:
    buffer = 1.1547
    normal, uniform = numbers()
    sigma, index = Pool(MIXED, buffer).image_first(LAW, normal, uniform)
    counts = np.bincount(index.numpy(), minlength=len(MIXED))
    assert counts[-1] == 0
    assert chisquare(counts[:-1]).pvalue > 1e-3
    low, high = MIXED[:-1].astype(float).T * [[buffer], [1]]
    with np.errstate(divide="ignore"):
        upper = norm.cdf((np.log(low) + 1.2) / 1.2)  # mass of sigma < low
        lower = norm.cdf((np.log(high) + 1.2) / 1.2)

    def distribution(s: np.ndarray) -> np.ndarray:
        below = norm.cdf((np.log(s[:, None]) + 1.2) / 1.2)
        kept = np.minimum(below, lower) + np.maximum(below - upper, 0)
        return (kept / (lower + 1 - upper)).mean(1)

    assert kstest(sigma.double().numpy(), distribution).pvalue > 1e-3
    # A clean image has the level that it has in the other order: arms stay paired.
    assert torch.allclose(sigma[index == 0], LAW.draw(normal)[index == 0], rtol=1e-5)


def test_image_first_shifts_training_to_high_noise() -> None:
    table = np.float32([[0, 0]] + [[1.0, 0]] * 9)
    first, other = (
        getattr(Pool(table, 1.0), order)(LAW, *numbers())[0].log()
        for order in ("image_first", "level_first")
    )
    assert first.mean() - other.mean() > 1
