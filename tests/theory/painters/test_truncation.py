"""What a teleport of low rank leaves out, feature by feature."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.painters.trajectory import Level, psi
from theory.painters.truncation import Truncation, lost

check = settings(max_examples=20, deadline=None, derandomize=True)
LAW = Truncation()
spectra = st.lists(st.floats(1e-3, 50), min_size=2, max_size=6)


@check
@given(spectra, st.floats(0.1, 40))
def test_by_the_closed_form_of_each_feature(variances, sigma):
    lam, top = np.array(variances), Level(1.0, 80.0)
    end, here = Level(1.0, 0.0), Level(1.0, sigma)
    right = psi(lam, end, top)
    cut = (sigma / 80.0) * psi(lam, end, here)  # treated as off the data, then the true ODE
    assert lost(lam, sigma, 80.0) == pytest.approx(1 - (cut / right) ** 2, rel=1e-6, abs=1e-12)
    for rank in range(len(lam) + 1):
        point = {"variances": variances, "rank": rank, "sigma": sigma}
        ordered = np.sort(lam)[::-1]
        kept = np.where(np.arange(len(lam)) < rank, 1.0, sigma / 80 / psi(ordered, here, top))
        assert LAW.exact(point).value == pytest.approx(
            float(ordered @ kept**2) / ordered.sum(), rel=1e-9
        )
        beside = LAW.sharper(point)
        error = np.sqrt(float(ordered @ (1 - kept) ** 2))
        assert beside["error"].value == pytest.approx(error, rel=1e-6, abs=1e-9)
        assert beside["lost"].value == pytest.approx(1 - LAW.exact(point).value, abs=1e-14)


@check
@given(spectra, st.floats(0.1, 20), st.floats(1.1, 3))
def test_less_is_lost_higher_up_and_with_more_features(variances, sigma, ratio):
    point = {"variances": variances, "rank": 1, "sigma": sigma}
    share = LAW.exact(point).value
    assert 0 < share <= 1
    assert LAW.exact({**point, "sigma": ratio * sigma}).value >= share
    assert LAW.exact({**point, "rank": 2}).value >= share
    assert LAW.exact({**point, "rank": len(variances)}).value == 1.0


def test_limits():
    point = {"variances": [4.0, 1.0], "rank": 1, "sigma": 1e-6}
    assert LAW.exact(point).value == pytest.approx(0.8, rel=1e-9)  # all of the second feature
    beside = LAW.sharper({**point, "sigma": 40.0})
    expected = 1.0 / (1 + 40.0**2) * (1 - 0.25) / 5.0
    assert beside["lost"].value == pytest.approx(expected, rel=1e-12)
    for changes in ({"rank": 3}, {"sigma": 80.0}):
        with pytest.raises(ValueError, match="features"):
            LAW.exact({**point, **changes})
