"""u - log(1 + u) keeps its digits where u is small."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.gaussian import excess
from theory.surplus import surplus

check = settings(max_examples=20, deadline=None, derandomize=True)


@check
@given(st.floats(-0.99, 50))
def test_the_surplus_has_its_digits(u):
    reference = np.longdouble(u) - np.log1p(np.longdouble(u))
    assert surplus(np.array(u)) == pytest.approx(float(reference), rel=1e-9, abs=1e-21)
    assert surplus(np.array(u * 1e-9)) == pytest.approx((u * 1e-9) ** 2 / 2, rel=1e-6)
    assert surplus(u) == pytest.approx(excess(np.array(1 + u)), rel=1e-7, abs=1e-15)
