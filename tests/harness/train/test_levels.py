"""The law of the noise level: whole, truncated, and kept to its side of a threshold."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import kstest, norm, truncnorm

from harness.train.levels import Levels

LAW = Levels(-1.2, 1.2)
N = 20_000


def truncated(low: float, high: float, law: Levels = LAW, count: int = N) -> torch.Tensor:
    normal = torch.randn(count, generator=torch.Generator().manual_seed(4))
    return law.truncated(normal, torch.full((count,), low), torch.full((count,), high))


def distribution(sigma: np.ndarray, low: float, high: float) -> np.ndarray:
    """P(level <= sigma) under the law truncated to (0, high) and (low, inf), by its definition."""
    with np.errstate(divide="ignore"):
        z, z_low, z_high = ((np.log(each) + 1.2) / 1.2 for each in (sigma, low, high))
    below = np.minimum(norm.cdf(z), norm.cdf(z_high))
    above = np.maximum(norm.cdf(z) - norm.cdf(z_low), 0)
    return (below + above) / (norm.cdf(z_high) + norm.sf(z_low))


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 0.0), (0.3, 0.0), (0.5, 0.1), (math.inf, 0.2), (3.0, 0.02)]
)
def test_truncated_levels_have_the_stated_law(low: float, high: float) -> None:
    found = truncated(low, high).double().numpy()
    assert ((found > low) | (found < high)).all()
    assert kstest(found, lambda s: distribution(s, low, high)).pvalue > 1e-3


def test_without_a_truncation_the_draw_is_that_of_the_whole_law() -> None:
    normal = torch.randn(N, generator=torch.Generator().manual_seed(4))
    assert torch.allclose(truncated(0.0, 0.0), LAW.draw(normal), rtol=1e-5)


def test_a_far_tail_has_its_own_law() -> None:
    """sigma > 80 is 15 standard deviations away: a hundredth of a level's spread matters there."""
    law = Levels(-1.2, 0.37)
    z = (math.log(80) + 1.2) / 0.37
    found = (truncated(80.0, 0.0, law).double().log().numpy() + 1.2) / 0.37
    mean, variance = truncnorm.stats(z, math.inf)
    assert abs(found.mean() - mean) < 4 * math.sqrt(variance / N)
    assert found.min() > z


@pytest.mark.parametrize("sigma", [0.2, 0.3, 1.7])
def test_rounding_moves_no_level_to_the_threshold_or_across(sigma: float) -> None:
    """A law so narrow that every level rounds to the threshold itself."""
    edge = float(torch.tensor(sigma))
    law = Levels(math.log(edge), 1e-12)
    assert (truncated(edge, 0.0, law) > edge).all()
    assert (truncated(math.inf, edge, law) < edge).all()


def test_masses_are_those_of_the_law() -> None:
    upper, lower = LAW.masses(torch.tensor([0.0, 0.3, math.inf]), torch.tensor([0.0, 0.2, 5.0]))
    assert upper.tolist() == pytest.approx([1, norm.sf((math.log(0.3) + 1.2) / 1.2), 0])
    expected = [0, norm.cdf((math.log(0.2) + 1.2) / 1.2), norm.cdf((math.log(5) + 1.2) / 1.2)]
    assert lower.tolist() == pytest.approx(expected)
