"""Excess risk of denoisers on the line: quadrature, the split, and the law at large noise."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.data.gaussian_mixture import kernel, law
from harness.metrics.mixture_risk import Place, Setting, kernel_mean, place, split, squared
from harness.problem import Problem
from theory.ambient import switching_point
from theory.density import density
from theory.line_mixture import grid, masses
from theory.mixture import Mixture

P = law((0.5, 0.5), (-0.5, 0.5), 0.08)
MATCHED = law((0.5, 0.5), (-0.44, 0.44), 0.05)
SHIFTED = law((0.5, 0.5), (-0.35, 0.65), 0.05)
SKEWED = law((0.3, 0.7), (-0.6, 0.4), (0.05, 0.06))
V = 0.25 + 0.08**2


@pytest.mark.parametrize("sigma", [0.02, 0.3, 5.0])
def test_integrals_over_a_place_are_those_of_the_noised_law(sigma: float) -> None:
    at = place(SKEWED, sigma)
    assert at.mass.sum() == pytest.approx(1, abs=1e-11)
    mean = 0.3 * -0.6 + 0.7 * 0.4
    second = 0.3 * (0.36 + 0.05**2) + 0.7 * (0.16 + 0.06**2)
    assert at.mass @ at.points == pytest.approx(mean, abs=1e-11)
    assert squared(at.points, at) == pytest.approx(second + sigma**2, rel=1e-11)
    assert at.truth == pytest.approx(SKEWED.denoise(at.points[:, None], sigma)[:, 0])
    assert at.mass @ at.truth == pytest.approx(mean, abs=1e-11)  # E E[x0 | x] = E x0


def test_a_law_in_the_plane_is_refused() -> None:
    with pytest.raises(Problem, match=r"2 dimensions; got quadrature on the line"):
        place(law((1.0,), ((0, 0.1),), 0.1), 0.5)


@settings(max_examples=30, deadline=None)
@given(
    samples=st.lists(st.floats(-1, 1), min_size=1, max_size=40),
    sigma=st.floats(0.02, 20.0),
)
def test_the_optimum_is_the_posterior_mean_of_equal_masses(
    samples: list[float], sigma: float
) -> None:
    data, x = np.array(samples), np.linspace(-3, 3, 17)
    expected = kernel(data[:, None]).denoise(x[:, None], sigma)[:, 0]
    assert kernel_mean(x, data, sigma) == pytest.approx(expected, abs=1e-9)


def test_the_optimum_comes_in_blocks_that_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    data, x = np.linspace(-1, 1, 50), np.linspace(-2, 2, 33)
    whole = kernel_mean(x, data, 0.1)
    monkeypatch.setattr("harness.metrics.mixture_risk.BLOCK", 150)  # three points at once
    assert kernel_mean(x, data, 0.1) == pytest.approx(whole, rel=1e-12)


def test_the_quadrature_of_an_optimum_is_as_fine_as_stated() -> None:
    rng, sigma = np.random.default_rng(0), 0.02
    at, on = place(P, sigma), grid((P,), sigma, extra=0.005)
    fine = Place(
        on.points, masses(P, sigma, on), P.denoise(on.points[:, None], sigma)[:, 0]
    )  # six times as many points
    for _ in range(5):
        data = P.sample(100, rng)[:, 0]
        risks = [squared(kernel_mean(p.points, data, sigma) - p.truth, p) for p in (at, fine)]
        assert risks[0] == pytest.approx(risks[1], rel=1e-5)


@given(
    seed=st.integers(0, 99),
    copies=st.integers(1, 4),
    sets=st.integers(2, 6),
)
@settings(deadline=None)
def test_the_parts_add_up_to_the_risk_of_every_data_set(seed: int, copies: int, sets: int) -> None:
    rng = np.random.default_rng(seed)
    at = Place(np.arange(5.0), rng.dirichlet(np.ones(5)), rng.normal(size=5))
    values = rng.normal(size=(copies, sets, 5))
    parts = split(values, at)
    assert set(parts) == {"excess", "bias", "variance"} | ({"trainings"} if copies > 1 else set())
    whole = sum(parts[name] for name in parts if name != "excess")
    assert whole == pytest.approx(parts["excess"], abs=1e-12)
    by_hand = [
        np.mean([at.mass @ (values[c, j] - at.truth) ** 2 for c in range(copies)])
        for j in range(sets)
    ]
    assert parts["excess"] == pytest.approx(by_hand)


def test_one_data_set_has_no_split() -> None:
    at = Place(np.zeros(1), np.ones(1), np.zeros(1))
    assert set(split(np.ones((2, 1, 1)), at)) == {"excess"}


def test_the_parts_are_the_variances_of_numpy() -> None:
    rng = np.random.default_rng(3)
    at = Place(np.zeros(1), np.ones(1), np.array([0.7]))
    values = rng.normal(size=(3, 8, 1))
    parts = {name: part.mean() for name, part in split(values, at).items()}
    within = values[..., 0].var(axis=0, ddof=1).mean()
    between = values[..., 0].mean(axis=0).var(ddof=1)
    assert parts["trainings"] == pytest.approx(within)
    assert parts["variance"] == pytest.approx(between - within / 3)
    assert parts["bias"] == pytest.approx((values.mean() - 0.7) ** 2 - between / 8)


def test_the_parts_are_unbiased() -> None:
    """Bias 0.3, deviation 0.5 over data sets and 0.4 over copies, few of either, many times."""
    rng, times = np.random.default_rng(1), 4000
    at = Place(np.zeros(1), np.ones(1), np.array([1.0]))
    found = []
    for _ in range(times):
        own = rng.normal(0, 0.5, (1, 3, 1)) + rng.normal(0, 0.4, (2, 3, 1))
        found.append([part.mean() for part in split(1.3 + own, at).values()])
    mean, error = np.mean(found, axis=0), np.std(found, axis=0) / math.sqrt(times)
    expected = [0.09 + 0.25 + 0.16, 0.09, 0.25, 0.16]
    assert (np.abs(mean - expected) < 4 * error).all()


def test_the_admitted_law_has_the_shares_of_its_samples() -> None:
    mixed = Setting(P, MATCHED, 1, 3).law
    assert mixed.weights.tolist() == [0.125, 0.125, 0.375, 0.375]
    assert mixed.means[:, 0].tolist() == [-0.5, 0.5, -0.44, 0.44]
    assert mixed.covariances == pytest.approx([0.0064, 0.0064, 0.0025, 0.0025])
    assert Setting(P, MATCHED, 5, 0).law is P
    assert Setting(P, MATCHED, 0, 5).law.means[:, 0].tolist() == [-0.44, 0.44]


def test_clean_samples_err_by_the_error_of_their_mean_at_large_noise() -> None:
    """The mean risk of the optimum over data sets, sigma 40 times the spread."""
    rng, n, sets = np.random.default_rng(2), 20, 600
    setting, at = Setting(P, MATCHED, n, 9 * n), place(P, 20.0)
    assert setting.clean_risk == pytest.approx(V / n)
    clean, mixed = [], []
    for _ in range(sets):
        data = P.sample(n, rng)[:, 0]
        both = np.concatenate([data, MATCHED.sample(9 * n, rng)[:, 0]])
        clean.append(squared(kernel_mean(at.points, data, 20.0) - at.truth, at))
        mixed.append(squared(kernel_mean(at.points, both, 20.0) - at.truth, at))
    for found, expected in ((clean, V / n), (mixed, float(setting.risk(np.array(20.0))))):
        error = np.std(found) / math.sqrt(sets)
        assert abs(np.mean(found) - expected) < 4 * error + 0.01 * expected


@pytest.mark.parametrize("q", [MATCHED, SHIFTED, SKEWED])
def test_the_bias_of_the_law_is_that_of_the_population_to_second_order(q: Mixture) -> None:
    """Their difference, relative, falls as 1 / sigma^2."""
    setting, gaps = Setting(P, q, 1, 9), []
    for sigma in (5.0, 10.0, 20.0):
        at = place(P, sigma)
        exact = squared(setting.law.denoise(at.points[:, None], sigma)[:, 0] - at.truth, at)
        said = float(setting.risk(np.array(sigma))) - setting.sampling_risk
        gaps.append(said / exact - 1)
    assert np.abs(gaps) == pytest.approx([abs(gaps[0]) / 4**k for k in range(3)], rel=0.1)
    assert abs(gaps[2]) < 0.01


def test_the_moments_of_the_gap_are_about_the_clean_mean() -> None:
    mean, second = Setting(P, SHIFTED, 1, 9).gaps
    assert mean == pytest.approx(0.15)
    assert second == pytest.approx(0.25 + 0.05**2 + 0.15**2 - V)
    assert Setting(P, SHIFTED, 1, 9).level is None


def test_the_level_is_where_the_two_curves_cross_and_grows_as_the_root_of_the_samples() -> None:
    levels = []
    for n in (25, 100, 400):
        setting = Setting(P, MATCHED, n, 9 * n)
        assert setting.level is not None
        assert float(setting.risk(np.array(setting.level))) == pytest.approx(setting.clean_risk)
        assert float(setting.risk(np.array(1.01 * setting.level))) < setting.clean_risk
        levels.append(setting.level)
    assert levels == pytest.approx([levels[0], 2 * levels[0], 4 * levels[0]])


def test_imperfect_samples_that_are_far_too_wide_never_help() -> None:
    assert Setting(law((1.0,), (0,), 0.05), P, 10, 10).level == math.inf


def test_the_level_of_the_total_variation_is_three_quarters_of_it() -> None:
    """Up to the sampling error of the mixture, which the leading term leaves out there."""
    p = density("0.5*normal(-0.5,0.08) + 0.5*normal(0.5,0.08)")
    q = density("0.5*normal(-0.44,0.05) + 0.5*normal(0.44,0.05)")
    leading = switching_point.predicted_switch(switching_point.Setting(p, q, 100, 900))
    setting = Setting(P, MATCHED, 100, 900)
    assert leading is not None
    assert setting.level is not None
    kept = math.sqrt(1 - setting.sampling_risk / setting.clean_risk)
    ratio = math.pi * math.exp(-0.5) / math.sqrt(2 * math.pi)
    assert leading / (setting.level * kept) == pytest.approx(ratio, rel=1e-9)
    assert ratio == pytest.approx(0.76, abs=0.001)


def test_the_risk_over_squared_noise_adds_up_to_a_relative_entropy() -> None:
    """The surplus of the denoising loss of a wrong law, KL at the one end less KL at the other."""
    setting, sigmas = Setting(P, MATCHED, 1, 1), np.geomspace(0.02, 20, 200)
    curve = []
    for sigma in sigmas:
        at = place(P, sigma)
        wrong = setting.law.denoise(at.points[:, None], sigma)[:, 0]
        curve.append(squared(wrong - at.truth, at) / sigma**2)
    ends = []
    for sigma in (0.02, 20.0):
        at = place(P, sigma)
        x, laws = at.points[:, None], (P.noised(sigma), setting.law.noised(sigma))
        ends.append(at.mass @ (laws[0].log_density(x) - laws[1].log_density(x)))
    assert np.trapezoid(curve, np.log(sigmas)) == pytest.approx(ends[0] - ends[1], rel=1e-3)
