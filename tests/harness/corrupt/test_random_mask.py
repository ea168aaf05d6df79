import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.fft import dct, dctn

from harness.corrupt.random_mask import RandomMask
from harness.problem import Problem
from harness.streams import torch_generator


def stream(name: str = "mask") -> torch.Generator:
    return torch_generator("test", 0, name)


def ones(*shape: int) -> torch.Tensor:
    return torch.ones(shape)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(share=st.floats(0.01, 0.99), fill=st.floats(-1, 0.9375, width=32))
def test_the_share_is_that_of_a_binomial_in_every_pixel_and_over_all(share, fill) -> None:
    n = 4000
    dropped = (RandomMask(share, fill)(ones(n, 1, 4, 4), stream()) == fill).numpy()
    error = np.sqrt(share * (1 - share) / n)
    assert np.abs(dropped.mean(0) - share).max() < 5 * error  # 16 pixels of 25 shares
    assert abs(dropped.mean() - share) < 4 * error / 4


def test_pixels_and_images_are_dropped_independently() -> None:
    share, n = 0.3, 20_000
    dropped = (RandomMask(share)(ones(n, 1, 2, 2), stream()) == 0).double().numpy().reshape(n, 4)
    count = dropped.sum(1)
    assert abs(count.var() - 4 * share * (1 - share)) < 4 * 1.2 / np.sqrt(n)  # sd of (count - m)²
    pairs = np.corrcoef(dropped.T)[np.triu_indices(4, 1)]
    assert np.abs(pairs).max() < 4 / np.sqrt(n)
    following = np.corrcoef(count[:-1], count[1:])[0, 1]
    assert abs(following) < 4 / np.sqrt(n)


def test_channels_are_dropped_together_and_the_rest_is_kept_to_the_bit() -> None:
    x = torch.rand(50, 3, 8, 8, generator=stream("images")) * 1.5 - 0.5
    y = RandomMask(0.4, -0.75)(x, stream())
    dropped = y == -0.75
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped))
    assert torch.equal(y[~dropped], x[~dropped])
    assert 0.3 < float(dropped.float().mean()) < 0.5


def test_the_default_is_mid_grey_and_a_larger_share_drops_the_same_and_more() -> None:
    few, many = (RandomMask(share)(ones(9, 1, 8, 8), stream()) == 0 for share in (0.2, 0.5))
    assert bool((few <= many).all())
    assert int(few.sum()) < int(many.sum())


@pytest.mark.parametrize("fill", [0.0, 0.5])
def test_the_power_of_a_mode_has_the_stated_mean(fill) -> None:
    """Over 20,000 masks of one image: gain (1 - s)², the level in the mean, and the floor."""
    share, n, (height, width) = 0.3, 20_000, (4, 6)
    x = torch.rand(1, 1, height, width, generator=stream("images")) * 2 - 1
    y = RandomMask(share, fill)(x.repeat(n, 1, 1, 1), stream())
    power = dctn(y[:, 0].double().numpy(), norm="ortho", axes=(1, 2)) ** 2
    image = x[0, 0].double().numpy()
    rows, columns = (dct(np.eye(side), norm="ortho", axis=0) ** 2 for side in (height, width))
    mean = (1 - share) * dctn(image, norm="ortho")
    mean[0, 0] += share * fill * np.sqrt(height * width)
    floor = share * (1 - share) * rows @ (image - fill) ** 2 @ columns.T
    error = power.std(0, ddof=1) / np.sqrt(n)
    assert np.all(np.abs(power.mean(0) - mean**2 - floor) < 4 * error)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 1.5, float("nan")])
def test_what_is_no_share_is_refused(share) -> None:
    with pytest.raises(Problem, match="share of random_mask"):
        RandomMask(share)


@pytest.mark.parametrize("fill", [-1.1, 1.01, float("nan")])
def test_what_is_no_level_is_refused(fill) -> None:
    with pytest.raises(Problem, match="fill of random_mask"):
        RandomMask(0.5, fill)
