"""The level at which a falling reading passes a threshold."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.ambient.crossing import first_at_most

check = settings(max_examples=20, deadline=None, derandomize=True)


@check
@given(st.floats(0.01, 0.99), st.floats(-8, 8), st.floats(-3, 3))
def test_it_inverts_a_known_curve(threshold, log_width, log_scale):
    """1 / (1 + (sigma/w)^2) passes t at w sqrt(1/t - 1), wherever the search starts."""
    width = 10**log_width
    found = first_at_most(lambda s: 1 / (1 + (s / width) ** 2), threshold, width * 10**log_scale)
    assert found == pytest.approx(width * math.sqrt(1 / threshold - 1), rel=1e-11)


def test_no_noise_is_exactly_zero():
    assert first_at_most(lambda s: 0.3 - s, 0.3) == 0.0


def test_a_reading_that_never_passes_or_passes_at_once_has_no_level():
    with pytest.raises(ValueError, match="above it at noise"):
        first_at_most(lambda s: 1.0, 0.5)
    with pytest.raises(ValueError, match="above it without noise"):
        first_at_most(lambda s: float(s == 0), 0.5)
