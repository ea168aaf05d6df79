import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.fft import dct

from harness.corrupt.blocks import block_means, block_transfer, require_factor
from harness.problem import Problem
from harness.streams import numpy_generator


@settings(max_examples=60, deadline=None, derandomize=True)
@given(factor=st.integers(2, 9), side=st.integers(1, 25))
def test_the_means_are_those_of_slices_the_last_one_shorter(factor, side) -> None:
    x = numpy_generator("test", side, "blocks").normal(size=side)
    expected = [x[start : start + factor].mean() for start in range(0, side, factor)]
    assert np.abs(block_means(factor, side) @ x - expected).max() < 1e-14 * factor


@settings(max_examples=40, deadline=None, derandomize=True)
@given(factor=st.integers(2, 7), blocks=st.integers(1, 9))
def test_a_mode_of_the_image_is_its_alias_on_the_blocks_times_its_factor(factor, blocks) -> None:
    side = factor * blocks
    mode = np.arange(side)

    def cosine(pixels: int) -> np.ndarray:
        return np.cos(np.pi * np.outer(2 * np.arange(pixels) + 1, mode) / (2 * pixels))

    expected = block_transfer(factor, side) * cosine(blocks)
    assert np.abs(block_means(factor, side) @ cosine(side) - expected).max() < 1e-12


def test_aliases_share_the_power_of_one_mode_of_the_blocks() -> None:
    """The squares of their factors have sum 1: repetition of a block is no stronger than it is."""
    transfer = block_transfer(4, 24)
    aliases = np.unique([[12 * m - 2, 12 * m + 2] for m in range(3)])
    aliases = aliases[(aliases >= 0) & (aliases < 24)]
    assert list(aliases) == [2, 10, 14, 22]
    assert np.square(transfer[aliases]).sum() == pytest.approx(1, abs=1e-12)
    assert np.all(transfer[[6, 12, 18]] == 0)
    assert transfer[5] == pytest.approx(np.cos(5 * np.pi / 48) * np.cos(5 * np.pi / 24), abs=1e-12)


def test_modes_that_no_block_shows_come_back_as_nothing() -> None:
    modes = dct(np.eye(12), norm="ortho", axis=0)  # rows are modes
    found = block_means(3, 12) @ modes.T
    assert np.abs(found[:, [4, 8]]).max() < 1e-12  # a whole period, or two, in a block
    assert np.abs(found[:, [1, 3, 5, 7, 11]]).max(0).min() > 0.02


@pytest.mark.parametrize("factor", [1, 0, -2, 2.0, 2.5, float("nan"), True, "2"])
def test_what_is_no_factor_is_refused(factor) -> None:
    with pytest.raises(Problem, match="factor of pixelate"):
        require_factor("pixelate", factor)
