"""Translation by the DPM-Encoder: the law of its images, and the way back."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.cycle.encoder import decode, encode, gaussian
from theory.cycle.reconstruction import denoising_error, spaced
from theory.cycle.shared_code import correlation, stepwise_covariance
from theory.cycle.there_and_back import ThereAndBack, return_error
from theory.cycle.translation import Translation, small_eta, translated
from theory.schedule import alpha_bar

check = settings(max_examples=15, deadline=None, derandomize=True)
LAW, BACK = Translation(), ThereAndBack()
variances = st.floats(0.1, 10)


def by_encoder(x, source, target, abar, eta, draws, residual=True):
    code = encode(x, gaussian(source, abar), abar, eta, draws)
    return decode(code, gaussian(target, abar), abar, eta, residual)


@pytest.mark.parametrize("eta", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("residual", [True, False])
def test_covariances_by_monte_carlo(eta, residual):
    abar, n = spaced("linear", 20), 20_000
    draws = np.random.default_rng(17)
    x = draws.standard_normal((n, 1))
    y = by_encoder(x, 1.0, 4.0, abar, eta, draws, residual)
    exact = translated(1.0, 4.0, abar, eta, residual)
    for products, known in ((x * y, exact[0, 1]), (y * y, exact[1, 1])):
        assert abs(products.mean() - known) < 4 * products.std() / math.sqrt(n)
    assert exact[0, 0] == pytest.approx(1, rel=1e-12)


def test_ddpm_lands_in_the_domain_as_the_steps_shrink():
    steps = np.array([50, 100, 200, 400])
    errors = [4 - translated(1.0, 4.0, alpha_bar("cosine", n), 1.0, True)[1, 1] for n in steps]
    slope = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    print(f"slope {slope:.3f}, declared -1")
    assert slope == pytest.approx(-1, abs=0.1)


def test_at_eta_one_translation_and_a_drawn_code_share_their_limit():
    abar = alpha_bar("cosine", 4000)
    (xx, xy), (_, yy) = translated(1.0, 4.0, abar, 1.0, True)
    exact = correlation(1.0, 4.0, 1.0)
    assert xy / math.sqrt(xx * yy) == pytest.approx(exact, abs=1e-3)
    assert stepwise_covariance(1.0, 4.0, abar, 1.0) / 2 == pytest.approx(exact, abs=3e-3)


@pytest.mark.parametrize(("source", "target"), [(1.0, 4.0), (4.0, 1.0), (0.5, 0.6)])
def test_below_eta_one_it_misses_the_domain_however_small_the_steps(source, target):
    """The limit of small eta by quadrature, against the chain at eta = .01."""
    found = [
        translated(source, target, alpha_bar("cosine", n), 0.01, True)[1, 1] for n in (500, 2000)
    ]
    limit = small_eta(source, target)
    assert found[1] == pytest.approx(limit, rel=2e-3)
    assert abs(found[1] - limit) < abs(found[0] - limit)
    assert abs(limit - target) > 2 * abs(found[1] - limit)


def test_worked_limit():
    assert small_eta(1.0, 4.0) == pytest.approx(2.938, abs=5.1e-4)


@check
@given(variances, st.floats(0.05, 1), st.integers(2, 100))
def test_a_model_that_decodes_its_own_code_gives_the_image(variance, eta, steps):
    point = {"source": variance, "target": variance, "eta": eta, "steps": steps}
    assert LAW.exact(point).value == LAW.printed(point).value == variance
    assert LAW.sharper(point)["correlation"].value == pytest.approx(1, abs=1e-9)
    assert LAW.sharper(point)["small_eta"].value == pytest.approx(variance, rel=1e-12)
    found = translated(variance, variance, spaced("linear", steps), eta, True)
    assert found == pytest.approx(np.full((2, 2), variance), rel=1e-9)


@check
@given(variances, st.floats(0.05, 1))
def test_without_the_residual_an_image_is_its_own_denoised_one(variance, eta):
    point = {"source": variance, "target": variance, "eta": eta, "steps": 20}
    lost = denoising_error(float(spaced("linear", 20)[1]), variance, variance)
    found = LAW.exact({**point, "residual": "dropped"}).value
    assert found == pytest.approx(variance - lost, rel=1e-9)


@pytest.mark.parametrize("eta", [0.0, 60.0])
def test_impossible_noise_is_refused(eta):
    with pytest.raises(ValueError, match=r"eta="):
        LAW.exact({**LAW.example, "eta": eta})


def test_there_and_back_by_the_encoder():
    """x -> y -> x' with fresh noise each way; the steps' bias is O(1/T)."""
    abar, n = spaced("linear", 500), 8000
    draws = np.random.default_rng(19)
    x = draws.standard_normal((n, 1))
    y = by_encoder(x, 1.0, 4.0, abar, 1.0, draws)
    back = by_encoder(y, 4.0, 1.0, abar, 1.0, draws)
    squares = (back - x) ** 2
    exact = BACK.exact({"cov1": [1.0], "cov2": [4.0]}).value
    assert exact == pytest.approx(2 * (1 - (math.log(2) / 0.75) ** 2), rel=1e-12)
    assert abs(squares.mean() - exact) < 4 * squares.std() / math.sqrt(n) + 0.01


def test_there_and_back_by_conditioning():
    """x' drawn from the law of x given y, x and y of the coupling, in two dimensions."""
    s1, s2 = np.array([[1.0, 0.6], [0.6, 1.0]]), np.diag([4.0, 1.0])
    (a, u1), (b, u2) = np.linalg.eigh(s1), np.linalg.eigh(s2)
    means = (a[:, None] - b) / np.log(a[:, None] / b)
    cross = u1 @ (u1.T @ u2 * a[:, None] * b / means) @ u2.T
    rest = s1 - cross @ np.linalg.solve(s2, cross.T)
    assert return_error(s1, s2) == pytest.approx(2 * np.trace(rest), rel=1e-10)
    rng, n = np.random.default_rng(23), 40_000
    joint = np.block([[s1, cross], [cross.T, s2]])
    x, y = np.split(rng.multivariate_normal(np.zeros(4), joint, n), 2, axis=1)
    back = y @ np.linalg.solve(s2, cross.T) + rng.multivariate_normal(np.zeros(2), rest, n)
    squares = ((back - x) ** 2).sum(axis=1)
    assert abs(squares.mean() - return_error(s1, s2)) < 4 * squares.std() / math.sqrt(n)


@check
@given(variances, variances, st.floats(0.1, 10))
def test_the_way_back_is_lost_by_the_ratio_alone(first, second, scale):
    point = {"cov1": [first], "cov2": [second]}
    share = BACK.sharper(point)["share"].value
    scaled = {"cov1": [scale * first], "cov2": [scale * second]}
    turned = {"cov1": [second], "cov2": [first]}
    for other in (scaled, turned):
        assert BACK.sharper(other)["share"].value == pytest.approx(share, rel=1e-8, abs=1e-14)
    assert share == pytest.approx(1 - correlation(first, second, 1.0) ** 2, rel=1e-9, abs=1e-13)
    assert 0 <= share < 1


def test_equal_domains_come_back_exactly():
    point = {"cov1": [[1.0, 0.3], [0.3, 2.0]], "cov2": [[1.0, 0.3], [0.3, 2.0]]}
    assert BACK.exact(point).value == 0.0
    assert BACK.sharper(point)["without_noise"].value == 0.0


def test_distant_domains_lose_the_image():
    point = {"cov1": [1.0], "cov2": [1e40]}
    assert BACK.sharper(point)["share"].value == pytest.approx(1, abs=1e-9)


def test_a_small_difference_keeps_its_digits():
    e = 1e-8
    found = BACK.exact({"cov1": [1.0], "cov2": [1 + e]}).value
    assert found == pytest.approx(2 * 2 * (e / 2) ** 2 / 6, rel=1e-6)  # 1 - rho = u^2 / 6


def test_impossible_domains_are_refused():
    with pytest.raises(ValueError, match="dimension"):
        BACK.exact({"cov1": [1.0], "cov2": [1.0, 2.0]})
    with pytest.raises(ValueError, match="eigenvalue"):
        BACK.exact({"cov1": [0.0], "cov2": [1.0]})
