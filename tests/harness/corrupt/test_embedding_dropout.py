"""Dropout of the embedded condition: how many coordinates, and what is made of the others."""

from math import sqrt

import pytest
import torch

from harness.corrupt.embedding_dropout import EmbeddingDropout
from harness.streams import torch_generator


@pytest.mark.parametrize("rate", [0.1, 0.25, 0.9])
def test_coordinates_are_dropped_at_the_rate_and_the_others_enlarged(rate: float) -> None:
    n = 40_000
    factors = EmbeddingDropout(rate).draw((n // 4, 2, 2), torch_generator("test", 0, "dropout"))
    dropped = factors == 0
    assert abs(float(dropped.float().mean()) - rate) < 4 * sqrt(rate * (1 - rate) / n)
    assert torch.allclose(factors[~dropped], torch.tensor(1 / (1 - rate)))
    # Each coordinate of each word by itself: two of one image are both dropped at rate^2.
    for one, other in ((dropped[:, 0, 0], dropped[:, 0, 1]), (dropped[:, 0, 0], dropped[:, 1, 0])):
        both = float((one & other).float().mean())
        assert abs(both - rate**2) < 4 * sqrt(rate**2 * (1 - rate**2) / (n // 4))


def test_dropout_is_unbiased_and_its_noise_grows_with_the_embedding() -> None:
    n, rate = 20_000, 0.2
    row = EmbeddingDropout(rate)
    c = torch.tensor([[3.0, -1.0, 0.5]]).double()
    drawn = row.draw((n, 1, 3), torch_generator("test", 1, "dropout")).double()
    found = row(c, drawn, lambda: c)[:, 0]
    error = c[0].abs() * sqrt(rate / (1 - rate) / n)
    assert ((found.mean(0) - c[0]).abs() < 4 * error).all()
    square = (found - c).square().sum(1)
    expected = float(c.square().sum()) * rate / (1 - rate)
    assert abs(float(square.mean()) - expected) < 4 * float(square.std()) / sqrt(n)
    assert float(row.squared(c, c)) == pytest.approx(expected)
    assert float(row.squared(2 * c, c)) == pytest.approx(4 * expected)
