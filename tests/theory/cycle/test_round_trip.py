"""Decoding a code gives back the image for any network, up to rounding, if the residual is kept."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.cycle.encoder import Code, decode, direction, encode, gaussian, noise_scale, untrained
from theory.cycle.reconstruction import Reconstruction, denoising_error, spaced
from theory.cycle.round_trip import RoundTrip
from theory.schedule import alpha_bar, beta

TRIP, LOST = RoundTrip(), Reconstruction()
HALF_GREY = 1 / 255  # half a step of 8 bits on [-1, 1]
ETAS = (0.01, 0.1, 1.0)


def point(**change):
    return {"dimension": 4, "steps": 100, "eta": 0.1, **change}


@pytest.mark.parametrize("eta", ETAS)
def test_an_untrained_network_reconstructs(eta):
    assert TRIP.errors(point(eta=eta))[0].max() < 1e-10
    assert TRIP.exact(point(eta=eta)).value == TRIP.printed(point()).value == 1.0
    single = point(eta=eta, precision="float32", tolerance=HALF_GREY)
    assert 1e-6 < TRIP.errors(single)[0].max() < HALF_GREY
    assert TRIP.exact(single).value == 1.0
    assert TRIP.exact({**single, "tolerance": 1e-9}).value == 0.0


def test_single_precision_is_amplified_with_the_network():
    small = TRIP.errors(point(eta=1.0, precision="float32"))[0].max()
    large = TRIP.errors(point(dimension=16, eta=1.0, precision="float32"))[0].max()
    assert 1e-5 < small < large < 0.1
    assert TRIP.errors(point(dimension=16, eta=1.0))[0].max() < 1e-10


def test_the_largest_code_stands_beside():
    beside = [TRIP.sharper(point(eta=eta))["largest_code"].value for eta in ETAS]
    assert beside[0] > 100
    assert beside[0] / beside[1] == pytest.approx(10, rel=0.2)
    single = TRIP.sharper(point(eta=0.01, precision="float32"))["largest_code"].value
    assert single == beside[0]  # of the code itself, not of what holds it


@pytest.mark.parametrize("eta", ETAS)
def test_without_the_residual_it_does_not(eta):
    dropped = point(eta=eta, residual="dropped")
    assert TRIP.exact(dropped).value == 0.0
    assert TRIP.exact({**dropped, "tolerance": HALF_GREY}).value < 0.2


@settings(max_examples=10, deadline=None, derandomize=True)
@given(
    st.integers(1, 8), st.integers(2, 60), st.floats(0.02, 1), st.integers(0, 2**31), st.booleans()
)
def test_any_function_will_do(dimension, steps, eta, seed, cosine):
    """Here one that is neither continuous nor bounded by its input."""
    rng = np.random.default_rng(seed)
    abar = alpha_bar("cosine" if cosine else "linear", max(steps, 2))
    x0 = rng.standard_normal((3, dimension))

    def network(x, t):
        return np.sign(x) + 0.1 * np.floor(3 * x) + np.cos(17 * t)

    code = encode(x0, network, abar, eta, rng)
    allowed = 1e-11 / math.sqrt(abar[-1])  # the steps' gains multiply to no more, jumps aside
    same = np.abs(decode(code, network, abar, eta) - x0) < allowed
    assert same.mean() > 0.9  # a jump may fall between two roundings of one number


def test_codes_grow_as_the_noise_falls():
    """As 1 / eta while eta is small, towards the largest of the normal draws at eta = 1.

    The worked 1337, 115 and 6.0 are the largest codes of one untrained network, whose weights and
    draws have no seed on record: they cannot be drawn again, and another network's largest codes
    are others. Every network here has them within a factor of 4, and in the same proportion.
    """
    abar = alpha_bar("linear", 100)
    for seed in range(4):
        largest = []
        for eta in ETAS:
            draws = np.random.default_rng(seed)
            network = untrained(4, np.random.default_rng(100 + seed))
            code = encode(draws.standard_normal((64, 4)), network, abar, eta, draws)
            largest.append(np.abs(code.noises).max())
        for found, worked in zip(largest, (1337, 115, 6.0)):
            assert worked / 4 < found < worked * 4
        assert largest[0] / largest[1] == pytest.approx(1337 / 115, rel=0.2)


def test_the_lost_residual_has_one_law_at_every_eta():
    """Worked errors of .035, .029 and .0156, largest of a few images, at eta = .01, .1 and 1."""
    abar, n = alpha_bar("linear", 100), 800
    network = untrained(4, np.random.default_rng(1))
    squares = []
    for eta in ETAS:
        draws = np.random.default_rng(2)
        x0 = draws.standard_normal((n, 4))
        code = encode(x0, network, abar, eta, draws)
        lost = decode(code, network, abar, eta, residual=False) - x0
        assert np.abs(lost + code.residual).max() < 1e-9
        squares.append((lost**2).mean(axis=1))
        assert 0.0156 < np.abs(lost).max() < 0.1
        assert np.median(np.abs(lost).max(axis=1)) < 0.035
    for one in squares:
        for other in squares:
            error = math.sqrt((one.var() + other.var()) / n)
            assert abs(one.mean() - other.mean()) <= 4 * error


@pytest.mark.parametrize(("variance", "model"), [(1.0, 1.0), (4.0, 0.3), (0.1, 2.0)])
@pytest.mark.parametrize("eta", [0.1, 1.0])
def test_the_lost_residual_by_monte_carlo(variance, model, eta):
    abar, n = spaced("linear", 10), 20_000
    draws = np.random.default_rng(5)
    x0 = math.sqrt(variance) * draws.standard_normal((n, 1))
    network = gaussian(model, abar)
    lost = decode(encode(x0, network, abar, eta, draws), network, abar, eta, residual=False) - x0
    exact = LOST.exact(
        {"steps": 10, "variance": variance, "model": model, "residual": "dropped"}
    ).value
    squares = lost[:, 0] ** 2
    assert abs(squares.mean() - exact**2) < 4 * squares.std() / math.sqrt(n)


def test_kept_it_is_exactly_zero_and_dropped_the_least_is_the_exact_score():
    for model in (0.2, 1.0, 5.0):
        values = {"variance": 1.0, "model": model, "steps": 50}
        assert LOST.exact({**values, "residual": "kept"}).value == 0.0
        dropped = {**values, "residual": "dropped"}
        least = LOST.sharper(dropped)["least_without"].value
        assert LOST.exact(dropped).value >= least
        assert (LOST.exact(dropped).value == least) == (model == 1.0)
    assert LOST.exact({"variance": 1.0, "model": 1.0, "residual": "dropped"}).value == (
        pytest.approx(0.01, rel=1e-11)  # sqrt(beta_1)
    )


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.floats(0.01, 0.99), st.floats(0.05, 20), st.floats(0.05, 20), st.floats(0.1, 10))
def test_denoising_error_by_its_definition(abar, variance, model, scale):
    gain = math.sqrt(abar) * model / (abar * model + 1 - abar)
    direct = variance * (1 - math.sqrt(abar) * gain) ** 2 + gain**2 * (1 - abar)
    assert denoising_error(abar, variance, model) == pytest.approx(direct, rel=1e-9)
    assert denoising_error(abar, variance, model) >= denoising_error(abar, variance, variance)


def test_at_eta_one_the_step_is_that_of_ddpm():
    """The weights of x_0 and x_t, and the variance, of q(x_{t-1} | x_t, x_0) (Ho et al. 2020)."""
    abar, betas = alpha_bar("linear", 100), beta("linear", 100)
    before, after = abar[:-1], abar[1:]
    w0 = np.sqrt(before) * betas / (1 - after)
    wt = np.sqrt(1 - betas) * (1 - before) / (1 - after)
    along = direction(abar, 1.0)  # of e_t = (x_t - sqrt(abar_t) x_0) / sqrt(1 - abar_t)
    assert along / np.sqrt(1 - after) == pytest.approx(wt, rel=1e-9, abs=1e-12)
    ours = np.sqrt(before) - along * np.sqrt(after / (1 - after))
    assert ours == pytest.approx(w0, rel=1e-7)
    tilde = betas * (1 - before) / (1 - after)
    assert noise_scale(abar, 1.0) ** 2 == pytest.approx(tilde, rel=1e-9, abs=1e-15)


def test_the_encoders_path_has_the_forward_marginals():
    """x_1 given x_0 is N(sqrt(abar_1) x_0, 1 - abar_1) at every eta: read off the residual."""
    abar, n = alpha_bar("cosine", 20), 20_000
    for eta in (0.1, 1.0):
        draws = np.random.default_rng(7)
        # a model that predicts no noise has x0hat = x_1 / sqrt(abar_1)
        code = encode(np.full((n, 1), 2.0), lambda x, t: 0 * x, abar, eta, draws)
        x1 = (2.0 - code.residual[:, 0]) * math.sqrt(abar[1])
        z = (x1 - math.sqrt(abar[1]) * 2.0) / math.sqrt(1 - abar[1])
        assert abs(z.mean()) < 4 / math.sqrt(n)
        assert abs(z.var() - 1) < 4 * math.sqrt(2 / n)


def test_single_precision_is_what_it_says():
    code = Code(np.array([[1 / 3]]), np.array([[[1 / 3]]]), np.array([[1 / 3]]))
    single = code.stored("float32")
    assert single.last[0, 0] == float(np.float32(1 / 3)) != 1 / 3
    assert code.stored("float64").residual[0, 0] == 1 / 3


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"eta": 0.0}, "eta="),
        ({"eta": 30.0}, "more noise"),
        ({"steps": 1}, "steps="),
        ({"precision": "float16"}, "float64, float32"),
        ({"residual": "lost"}, "kept, dropped"),
        ({"steps": 1001}, "at most 1000"),
    ],
)
def test_impossible_trips_are_refused(change, match):
    with pytest.raises(ValueError, match=match):
        TRIP.exact(point(**change))


def test_without_noise_there_is_no_code():
    abar = alpha_bar("linear", 10)
    with pytest.raises(ValueError, match="eta above 0"):
        encode(np.zeros((1, 1)), gaussian(1.0, abar), abar, 0.0, np.random.default_rng(0))
