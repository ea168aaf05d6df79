"""A perfect denoiser under a coarse sampler: against simulation, closed forms, and its order."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.density import density
from theory.line_mixture import mixture
from theory.tweedie.coarse_sampler import (
    CoarseSampler,
    levels,
    move,
    residual_at,
    root_mean_square,
)
from theory.tweedie.transition import denoise

LAW = CoarseSampler()
PAIR = mixture(density("0.3*normal(-1,0.3)+0.7*normal(1,0.3)"))
AT = np.array([0.6])
check = settings(max_examples=15, deadline=None, derandomize=True)


@pytest.mark.parametrize("sampler", ["euler", "ancestral"])
@pytest.mark.parametrize("steps", [1, 4])
def test_the_recursion_is_the_sampler(sampler, steps):
    """Simulated step by step from one point, within 4 standard errors."""
    generator = np.random.default_rng(2)
    at = levels(1.0, 0.1, steps)
    y = np.full(200_000, AT[0])
    for a, b in pairwise(at):
        mean, width = move(PAIR, y, a, b, sampler)
        y = mean + width * generator.standard_normal(len(y))
    off = denoise(PAIR, y, 0.1) - denoise(PAIR, AT, 1.0)
    found = residual_at(PAIR, AT, 1.0, 0.1, steps, sampler)[0]
    assert abs(off.mean() - found) < 4 * off.std() / math.sqrt(len(off))


@pytest.mark.parametrize("sampler", ["euler", "ancestral"])
def test_the_residual_is_of_first_order(sampler):
    steps = np.array([16, 32, 64])
    found = [abs(residual_at(PAIR, AT, 1.0, 0.3, n, sampler)[0]) for n in steps]
    slope = np.polyfit(np.log(steps), np.log(found), 1)[0]
    print(f"slope {slope:.3f}, declared -1")
    assert slope == pytest.approx(-1, abs=0.05)


def test_more_steps_are_not_always_better():
    """Euler-Maruyama from 1 to 0.1 at x = 0.6: -0.019 in one step, -0.073 in 4, -0.022 in 16."""
    one, four, sixteen = (
        residual_at(PAIR, AT, 1.0, 0.1, steps, "euler")[0] for steps in (1, 4, 16)
    )
    assert max(abs(one), abs(sixteen)) < abs(four) / 3
    assert four == pytest.approx(-0.0732, abs=5e-5)


@pytest.mark.parametrize(("sampler", "order"), [("euler", 2), ("ancestral", 2), ("ddim", 1)])
def test_small_gaps_leave_almost_nothing_but_of_the_flow(sampler, order):
    """One step of a small gap: a residual of second order, of first order along the flow."""
    gaps = np.array([0.025, 0.05, 0.1])
    found = [root_mean_square(PAIR, 1.0, 1 - gap, 1, sampler) for gap in gaps]
    slope = np.polyfit(np.log(gaps), np.log(found), 1)[0]
    print(f"slope {slope:.3f}, declared {order}")
    assert slope == pytest.approx(order, abs=0.1)
    assert (found[-1] < 0.01) == (order == 2)


@pytest.mark.parametrize("sampler", ["euler", "ancestral"])
def test_normal_data_have_no_residual_at_any_number_of_steps(sampler):
    """Their denoiser is affine, and the mean of each step exact."""
    law = mixture(density("normal(0.5,0.8)"))
    x = np.array([0.6])
    y = x
    for a, b in pairwise(levels(1.0, 0.1, 3)):
        y, _ = move(law, y, a, b, sampler)
    assert denoise(law, y, 0.1) == pytest.approx(denoise(law, x, 1.0), abs=1e-14)
    assert residual_at(law, x, 1.0, 0.1, 3, sampler)[0] == 0.0


@check
@given(st.floats(0.3, 2), st.floats(0.1, 0.9), st.floats(-2, 2))
def test_the_flow_is_inconsistent_in_closed_form(sd, ratio, x):
    point = {"p": f"normal(0.3,{sd!r})", "sigma": 1.0, "lower": ratio, "sampler": "ddim", "at": x}
    limit = LAW.sharper({**point, "steps": 1})["flow_limit"].value
    # of first order in the steps, of second after extrapolation
    found = [LAW.exact({**point, "steps": n}).value for n in (64, 128)]
    assert 2 * found[1] - found[0] == pytest.approx(limit, rel=1e-3, abs=1e-6)
    assert limit * (x - 0.3) >= 0  # the flow's end is more extreme than the posterior's mean


def test_the_flow_does_not_become_consistent_with_more_steps():
    few, many = (root_mean_square(PAIR, 1.0, 0.1, steps, "ddim") for steps in (8, 64))
    assert many > 0.9 * few
    assert many > 10 * root_mean_square(PAIR, 1.0, 0.1, 32, "euler")


def test_the_mean_of_a_step_is_the_posterior_mean_and_its_noise_is_not():
    """Euler and ancestral sampling share the mean; Var(X_b|X_a) lies between for normal data."""
    law, x, a, b = mixture(density("normal(0,0.5)")), np.array([0.7]), 1.0, 0.4
    (mean, euler), (same, ancestral) = (move(law, x, a, b, s) for s in ("euler", "ancestral"))
    v, after = 0.25, 0.25 + b * b
    assert mean == pytest.approx(x * after / (v + a * a), rel=1e-14)
    assert mean == pytest.approx(same, rel=0)
    exact = after * (a * a - b * b) / (v + a * a)
    assert ancestral**2 < exact < euler**2
    posterior = v * a * a / (v + a * a)
    share = 1 - (b / a) ** 2
    assert exact == pytest.approx((a * a - b * b) * ((b / a) ** 2 + share * posterior / a**2))


@check
@given(st.floats(0.2, 5), st.floats(-2, 2), st.sampled_from(["euler", "ancestral", "ddim"]))
def test_units_and_origin_do_not_matter(scale, shift, sampler):
    text = (
        f"0.3*normal({shift - scale!r},{0.5 * scale!r})"
        f"+0.7*normal({shift + scale!r},{0.5 * scale!r})"
    )
    one = mixture(density("0.3*normal(-1,0.5)+0.7*normal(1,0.5)"))
    first = residual_at(one, np.array([0.4]), 1.0, 0.4, 2, sampler)[0]
    moved = np.array([shift + 0.4 * scale])
    second = residual_at(mixture(density(text)), moved, scale, 0.4 * scale, 2, sampler)[0]
    assert second == pytest.approx(scale * first, rel=1e-9)


def test_a_level_that_does_not_fall_is_refused():
    with pytest.raises(ValueError, match="give lower < sigma"):
        LAW.exact({**LAW.example, "lower": 1.0})


@pytest.mark.parametrize(
    ("lower", "match"), [(1e-12, r"got a grid of .* give"), (1e-5, r"pairs of points .* give")]
)
def test_levels_that_no_grid_spans_are_refused(lower, match):
    for sampler in ("euler", "ancestral"):
        with pytest.raises(ValueError, match=match):
            LAW.exact({**LAW.example, "lower": lower, "sampler": sampler})
