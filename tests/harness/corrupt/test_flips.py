import numpy as np
import pytest

from harness.corrupt.flips import Flips
from harness.corrupt.swaps import Swaps


@pytest.mark.parametrize("row", [Flips(), Swaps()], ids=["flips", "swaps"])
def test_the_other_class_comes_from_the_prior_of_the_others(row: Flips | Swaps) -> None:
    law = row.law(("a", "b", "c"), np.array([0.5, 0.3, 0.2]))
    expected = [[0, 0.6, 0.4], [5 / 7, 0, 2 / 7], [0.625, 0.375, 0]]
    assert law == pytest.approx(np.array(expected), abs=1e-15)


def test_of_equal_classes_each_wrong_one_is_as_likely() -> None:
    law = Flips().law(tuple("0123456789"), np.full(10, 0.1))
    assert law == pytest.approx((1 - np.eye(10)) / 9, abs=1e-15)


def test_the_class_itself_is_left_out_before_the_prior_is_taken() -> None:
    """To draw from the prior and keep what is the same would corrupt only 1 - pi_a of a class."""
    law = Flips().law(("a", "b"), np.array([0.9, 0.1]))
    assert np.array_equal(law, [[0, 1], [1, 0]])
