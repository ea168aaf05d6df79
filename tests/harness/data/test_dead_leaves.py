"""Dead leaves against their law: uniform pixels, and the covariance that occlusion gives."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import kstest

from harness.data.dead_leaves import SMALLEST, DeadLeaves, radii

SIDE, COUNT = 8, 6000
IMAGES = DeadLeaves().draw(COUNT, SIDE, 3, np.random.default_rng(1)).astype(float)


def covariogram(h: float, low: float, high: float) -> float:
    """E area(D_r and D_r + h) for the density r^-3 on [low, high], up to its constant."""

    def lens(r: float) -> float:
        if h >= 2 * r:
            return 0.0
        return 2 * r**2 * np.arccos(h / (2 * r)) - h / 2 * np.sqrt(4 * r**2 - h**2)

    kink = [h / 2] if low < h / 2 < high else None
    return float(quad(lambda r: r**-3 * lens(r), low, high, points=kink)[0])


def one_leaf(h: float, side: int = SIDE) -> float:
    """The probability that one leaf shows at two pixels at a distance h."""
    g0, g = covariogram(0, SMALLEST, side), covariogram(h, SMALLEST, side)
    return g / (2 * g0 - g)


def test_the_closed_form_is_that_of_discs() -> None:
    """At distance 0 one leaf is certain; beyond the largest diameter it is impossible."""
    assert one_leaf(0) == pytest.approx(1)
    assert one_leaf(2 * SIDE + 1e-9) == 0
    grid = np.indices((400, 400)) / 100 - 1  # area of a lens of unit discs 0.7 apart, by counting
    inside = (grid**2).sum(0) <= 1
    other = (grid[0] - 0.7) ** 2 + grid[1] ** 2 <= 1
    lens = 2 * np.arccos(0.35) - 0.35 * np.sqrt(4 - 0.49)
    assert (inside & other).sum() / 1e4 == pytest.approx(lens, abs=0.02)


@pytest.mark.parametrize("offset", [(0, 1), (1, 0), (1, 1), (0, 3), (4, 3), (7, 0), (7, 7)])
def test_two_pixels_show_one_leaf_as_often_as_the_law_says(offset: tuple[int, int]) -> None:
    down, right = offset
    one = IMAGES[:, :, down:, right:]
    two = IMAGES[:, :, : SIDE - down, : SIDE - right]
    same = (one == two).all(axis=1).mean(axis=(1, 2))  # [N]
    error = same.std() / np.sqrt(COUNT)
    assert abs(same.mean() - one_leaf(np.hypot(*offset))) < 4 * error


def test_the_edge_of_an_image_has_the_law_of_its_middle() -> None:
    """A leaf's centre may lie outside by its radius: without that, edges show fewer leaves."""
    law = one_leaf(1.0)
    error = 4 * np.sqrt(law * (1 - law) / COUNT)
    for row, column in ((0, 0), (0, 6), (7, 0), (7, 6), (3, 3)):
        same = (IMAGES[:, :, row, column] == IMAGES[:, :, row, column + 1]).all(axis=1)
        assert abs(same.mean() - law) < error, (row, column)


@pytest.mark.parametrize(("row", "column"), [(0, 0), (4, 3), (7, 7)])
def test_a_pixel_is_uniform(row: int, column: int) -> None:
    for channel in range(3):
        x = IMAGES[:, channel, row, column]
        assert kstest(x, "uniform", (-1, 2)).pvalue > 1e-4
        assert abs((x**2).mean() - 1 / 3) < 4 * np.sqrt(4 / 45 / COUNT)


def test_the_covariance_is_a_third_of_that_probability_and_none_between_channels() -> None:
    x, y = IMAGES[:, :, 2, 2], IMAGES[:, :, 2, 5]
    for product, expected in (
        (x[:, 0] * y[:, 0], one_leaf(3.0) / 3),
        (x[:, 2] * y[:, 2], one_leaf(3.0) / 3),
        (x[:, 0] * x[:, 1], 0.0),
        (x[:, 1] * y[:, 2], 0.0),
    ):
        assert abs(product.mean() - expected) < 4 * product.std() / np.sqrt(COUNT)


@pytest.mark.parametrize("side", [4, 16, 32])
def test_radii_have_the_density_of_leaves_that_may_be_seen(side: int) -> None:
    def density(r: float) -> float:
        return r**-3 * (side - 1 + 2 * r) ** 2

    whole = quad(density, SMALLEST, side)[0]
    grid = np.linspace(SMALLEST, side, 400)
    below = np.array([quad(density, SMALLEST, r)[0] / whole for r in grid])
    drawn = radii((400000,), side, np.random.default_rng(0))
    assert SMALLEST <= drawn.min() <= drawn.max() <= side
    assert kstest(drawn, lambda r: np.interp(r, grid, below)).pvalue > 1e-4


def test_the_law_does_not_depend_on_the_side_beyond_the_largest_leaf() -> None:
    images = DeadLeaves().draw(400, 16, 1, np.random.default_rng(2))
    same = (images[:, 0, :, 1:] == images[:, 0, :, :-1]).mean(axis=(1, 2))
    assert abs(same.mean() - one_leaf(1.0, 16)) < 4 * same.std() / 20
