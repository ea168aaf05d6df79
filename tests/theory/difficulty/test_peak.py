"""The hardest step, the first fall, the shares of the clusters."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from theory.difficulty.clusters import ClusterShare, cluster_shares
from theory.difficulty.divergence import divergences, noising
from theory.difficulty.first_fall import FirstFall, falling_variance
from theory.difficulty.peak import Peak

NUMBERS = np.arange(1, 65.0)
IMAGE = (16 * NUMBERS**-2 / (NUMBERS**-2).sum()).tolist()
ON_FIRST = np.eye(64)[0].tolist()
PEAK, SHARE, FIRST = Peak(), ClusterShare(), FirstFall()
check = settings(max_examples=20, deadline=None, derandomize=True)


@pytest.mark.parametrize(
    ("variances", "means", "schedule", "peak"),
    [
        (IMAGE, ON_FIRST, "linear", 16),
        (IMAGE, ON_FIRST, "cosine", 33),
        ([1.0], [3.0], "linear", 313),
        ([1.0], [3.0], "cosine", 999),
        ([4.0], [0.0], "linear", 318),
        ([4.0], [0.0], "cosine", 703),
        (IMAGE, ON_FIRST, "constant", 1),
        ([4.0], [0.0], "constant", 1),
    ],
)
def test_the_hardest_step(variances, means, schedule, peak):
    point = {"variances": variances, "means": means, "schedule": schedule}
    assert PEAK.exact(point).value == peak
    assert PEAK.printed(point).value == 1
    beside = PEAK.sharper(point)
    assert beside["rises"].value == peak - 1  # up to the peak, and never again
    assert beside["rises_after"].value == 0
    found = divergences(schedule, 1000, np.array(variances), np.array(means))
    signs = np.sign(found[None, :] - found[:, None])[np.triu_indices(1000, 1)]
    assert beside["kendall"].value == pytest.approx(signs.mean(), abs=1e-9)
    assert (beside["kendall"].value < -1 + 1e-12) == (peak == 1)


@pytest.mark.parametrize("variance", [0.003, 0.01, 0.03])
def test_a_fine_direction_peaks_where_the_noise_is_as_large(variance):
    left, added = noising("linear", 1000)
    excess = variance - added[0] ** 2 / (added[1] - added[0])
    expected = int(np.argmin(np.abs(1 - left[1:] - excess))) + 1
    found = PEAK.exact({"variances": [variance], "means": [0.0], "schedule": "linear"}).value
    assert found == pytest.approx(expected, abs=max(1, 0.04 * expected))


@pytest.mark.parametrize("law", [PEAK, SHARE])
def test_standard_normal_data_have_no_peak(law):
    point = {**law.example, "variances": [1.0, 1.0], "means": [0.0, 0.0]}
    with pytest.raises(ValueError, match="time steps are all alike"):
        law.exact(point)


def test_the_first_fall_is_that_of_a_direction_below_the_threshold():
    assert falling_variance("linear") == pytest.approx(5.0206e-4, rel=1e-5)
    assert falling_variance("cosine") == pytest.approx(3.5089e-4, rel=1e-5)
    assert falling_variance("constant") == math.inf
    assert FIRST.sharper({"variance": 2.0, "schedule": "constant"}) == {}
    with pytest.raises(ValueError, match="variance=1"):
        FIRST.exact({"variance": 1.0, "schedule": "linear"})


@check
@given(st.floats(-6, 2), st.sampled_from(["linear", "cosine"]))
def test_the_rule_decides_the_first_fall(exponent, schedule):
    point = {"variance": 10**exponent, "schedule": schedule}
    assume(point["variance"] != 1)
    rule, exact = FIRST.sharper(point)["rule"].value, FIRST.exact(point).value
    if abs(rule - 1) > 1e-6:
        assert (rule < 1) == (exact < FIRST.printed(point).value)


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_at_the_threshold_the_first_two_steps_are_alike(schedule):
    threshold = falling_variance(schedule)
    ratio = FIRST.exact({"variance": threshold, "schedule": schedule}).value
    assert ratio == pytest.approx(1, abs=1e-11)


@pytest.mark.parametrize(
    ("schedule", "first", "digits", "last"),
    [
        ("linear", (0.590, 0.229, 0.091), 5.1e-4, 7.2e-7),
        ("cosine", (0.308, 0.261, 0.145), 5.1e-4, 7.6e-4),
    ],
)
def test_shares_of_an_image_like_spectrum(schedule, first, digits, last):
    point = {"variances": IMAGE, "means": ON_FIRST, "schedule": schedule}
    shares = [SHARE.exact({**point, "cluster": i}).value for i in range(1, 21)]
    assert shares[:3] == pytest.approx(first, abs=digits)
    assert max(shares[-3:]) <= last
    assert all(np.diff(shares) < 0)
    assert math.fsum(shares) == pytest.approx(1, rel=1e-12)
    assert SHARE.sharper({**point, "cluster": 3})["up_to"].value == pytest.approx(sum(shares[:3]))
    assert SHARE.printed({**point, "cluster": 5}).value == shares[3]
    assert SHARE.printed({**point, "cluster": 1}) is None
    assert SHARE.void({**point, "cluster": 1})


def test_the_curriculum_of_separated_data_is_out_of_order():
    point = {"variances": [1.0], "means": [3.0], "schedule": "linear", "cluster": 6}
    assert SHARE.exact(point).value > SHARE.printed(point).value


@check
@given(st.integers(1, 60), st.integers(60, 200))
def test_clusters_share_out_every_step(clusters, steps):
    found = divergences("cosine", steps, np.array([0.1]), np.array([0.4]))
    shares = cluster_shares(found, clusters)
    assert shares.sum() == pytest.approx(1, rel=1e-12)
    edges = [math.ceil(i * steps / clusters) for i in range(clusters + 1)]
    by_hand = [found[a:b].sum() / found.sum() for a, b in pairwise(edges)]
    assert shares == pytest.approx(by_hand, rel=1e-12)


def test_a_cluster_that_is_not_there():
    for change in ({"cluster": 21}, {"clusters": 2000, "cluster": 3}):
        with pytest.raises(ValueError, match="clusters <= steps"):
            SHARE.exact({**SHARE.example, **change})
