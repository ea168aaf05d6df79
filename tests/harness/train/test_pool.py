"""The pool against the rule of admission, image by image."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from harness.train.pool import Pool

LEVEL = st.sampled_from([0.0, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 3.0])


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
    low, high = table[:, 0].astype(float) * buffer, table[:, 1].astype(float)
    admissible = set(np.flatnonzero((sigma > low) | (sigma < high)))
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
