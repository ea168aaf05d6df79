import numpy as np
import ot
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.metrics import sliced
from harness.metrics.features import Features
from harness.metrics.sliced import MIND, SLICED_W2, Coupling, Sliced, draw_directions, transport
from harness.problem import Problem
from harness.streams import numpy_generator


def stream(seed: int = 0) -> np.random.Generator:
    return numpy_generator("test", seed, "directions")


def draw(n: int, d: int, seed: int) -> np.ndarray:
    return numpy_generator("test", seed, "sliced").normal(size=(n, d))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(n=st.integers(1, 30), m=st.integers(1, 30), seed=st.integers(0, 9))
def test_a_direction_is_w2_of_two_empirical_laws_of_any_sizes(n, m, seed) -> None:
    x, y = draw(n, 3, seed).T, 1.5 * draw(m, 3, seed + 50).T + 0.2  # [3, n], [3, m]
    coupling = Coupling.of(n, m)
    assert coupling.share.sum() == pytest.approx(1)
    assert len(coupling.share) == n + m - np.gcd(n, m)
    got, _, _ = transport(x, y, coupling)
    assert got == pytest.approx(ot.wasserstein_1d(x.T, y.T, p=2), rel=1e-10)
    assert got[0] == pytest.approx(ot.emd2_1d(x[0], y[0]), rel=1e-10)


@pytest.mark.parametrize("m", [40, 33])
def test_against_pot_along_the_same_directions(m) -> None:
    x, y = draw(40, 5, 1), 0.7 * draw(m, 5, 2) + 0.3
    directions = draw_directions(1000, 5, stream())
    expected = ot.sliced_wasserstein_distance(x, y, projections=directions.T, p=2)
    assert SLICED_W2(x, y, stream()).value == pytest.approx(expected, rel=1e-10)
    assert MIND(x, y, stream()).value == pytest.approx(3 * 5 * expected**2, rel=1e-10)
    assert SLICED_W2(x, y, stream()).n == 40


@pytest.mark.parametrize("d", [1, 2, 30])
def test_a_shift_gives_its_square_over_the_dimension(d) -> None:
    """S = |shift|² / d; one direction has variance |shift|⁴ 2 (d - 1) / (d² (d + 2))."""
    x = draw(20, d, 1)
    shift = 0.3 * np.ones(d)
    length = shift @ shift
    got = MIND(x + shift, x, stream())
    allowed = 4 * length * np.sqrt(2 * (d - 1) / (d**2 * (d + 2) * 1000)) + 1e-12
    assert abs(got.value / (3 * d) - length / d) < allowed
    assert abs(got.value - 3 * d * 0.3**2) < 3 * d * allowed
    root = SLICED_W2(x + shift, x, stream())
    assert root.value**2 == pytest.approx(got.value / (3 * d))
    assert root.standard_error == pytest.approx(got.standard_error / (6 * d * root.value))


def test_a_scale_gives_its_square_times_the_variance() -> None:
    """Sorted points stay sorted, so along each direction S is (1 - s)² of the mean square."""
    x = draw(50, 4, 1)
    directions = draw_directions(1000, 4, stream())
    expected = 0.4**2 * np.square(x @ directions.T).mean()
    assert SLICED_W2(0.6 * x, x, stream()).value ** 2 == pytest.approx(expected, rel=1e-12)


def test_two_gaussians() -> None:
    """N(0, 1) and N(mu, s²) in d features: S = |mu|² / d + (1 - s)², to sampling error and bias.

    The bias, about (1 + s²) 4 / n here, stands in the margin.
    """
    n, d, s = 4000, 6, 1.5
    x, y = draw(n, d, 1), s * draw(n, d, 2) + 0.4
    got = MIND(x, y, stream())
    expected = 3 * d * (0.4**2 + (1 - s) ** 2)
    assert abs(got.value - expected) < 4 * got.standard_error + 3 * d * (1 + s**2) * 4 / n


def test_directions_are_uniform_and_of_length_one() -> None:
    theta = draw_directions(4000, 3, stream())
    assert np.square(theta).sum(1) == pytest.approx(np.ones(4000))
    # theta_i is uniform on [-1, 1] for d = 3: variance 1/3, of squares 4/45.
    assert np.abs(theta.mean(0)).max() < 4 / np.sqrt(3 * 4000)
    assert np.abs(np.square(theta).mean(0) - 1 / 3).max() < 4 * np.sqrt(4 / 45 / 4000)


@pytest.mark.parametrize(("n", "m", "count"), [(150, 150, 100), (60, 140, 100), (400, 400, 4)])
def test_the_standard_error_is_the_spread_over_images_and_directions(n, m, count) -> None:
    """R repeats give a spread with the relative error 1 / sqrt(2 R); four are allowed.

    Skewed features of unlike scales. With four directions it is they that spread.
    """
    repeats, scales = 200, np.array([1.0, 0.4, 2.0])
    values, errors = [], []
    for seed in range(repeats):
        draws = numpy_generator("test", seed, "spread")
        x = draws.exponential(size=(n, 3)) * scales
        y = draws.exponential(size=(m, 3)) * scales[::-1] + 0.5
        got = Sliced("mind", count)(x, y, stream(seed))
        values.append(got.value)
        errors.append(got.standard_error)
    spread = np.std(values, ddof=1)
    assert abs(np.sqrt(np.mean(np.square(errors))) / spread - 1) < 4 / np.sqrt(2 * repeats)


def test_each_image_weighs_by_the_derivative_of_the_distance() -> None:
    """Adding a copy of x_i to n images moves S by the influence of x_i over n + 1, to first order.

    Against finite differences; the rest is of order 1 / n², and the trapezoids as fine.
    """
    n = 2000
    x, y = draw(n, 1, 1).T, 1.5 * draw(1500, 1, 2).T + 0.4
    square, along_x, along_y = transport(x, y, Coupling.of(n, 1500))
    assert abs(along_x.mean()) < 1e-12
    assert abs(along_y.mean()) < 1e-12
    for i in range(0, n, 100):
        more, _, _ = transport(np.append(x, x[:, i : i + 1], 1), y, Coupling.of(n + 1, 1500))
        assert abs((more - square)[0] * (n + 1) - along_x[i]) < 0.02
    for j in range(0, 1500, 100):
        more, _, _ = transport(x, np.append(y, y[:, j : j + 1], 1), Coupling.of(n, 1501))
        assert abs((more - square)[0] * 1501 - along_y[j]) < 0.02
    assert np.std(along_x) > 0.5


def test_order_pieces_and_places_do_not_show(monkeypatch) -> None:
    x, y = draw(50, 3, 1), draw(35, 3, 2) + 0.4
    whole = MIND(x, y, stream())
    monkeypatch.setattr(sliced, "HELD", 7 * 85)
    monkeypatch.setattr(sliced, "SORTED", 3 * 85)
    for again in (MIND(x[::-1], y, stream()), MIND(y, x, stream())):
        assert again[:2] == pytest.approx(whole[:2], rel=1e-11)


def test_features_far_from_the_origin_keep_their_digits() -> None:
    """On a grid of 1/256 a shift by 2**40 is exact; projections of the shifted lose 12 digits."""
    x, y = np.round(256 * draw(40, 3, 1)) / 256, np.round(256 * draw(30, 3, 2)) / 256 + 0.25
    near, far = MIND(x, y, stream()), MIND(x + 2.0**40, y + 2.0**40, stream())
    assert far[:2] == pytest.approx(near[:2], rel=1e-9)


def test_alike_sets_are_at_zero_and_constant_ones_at_their_shift() -> None:
    x = draw(30, 4, 1)
    for metric in (MIND, SLICED_W2):
        assert metric(x, x.copy(), stream())[:2] == (0.0, 0.0)
    got = SLICED_W2(np.full((5, 1), 3.0), np.full((4, 1), 1.0), stream())
    assert got[:2] == (2.0, 0.0)


def test_both_readings_share_one_pass_along_the_same_directions(monkeypatch) -> None:
    a, b = Features(draw(20, 2, 1)), Features(draw(25, 2, 2) + 0.2)
    first = MIND(a, b, stream())
    monkeypatch.setattr(sliced, "transport", None)  # another pass would fail
    assert SLICED_W2(a, b, stream()).value == pytest.approx(np.sqrt(first.value / 6))
    with pytest.raises(TypeError):
        MIND(a, b, stream(1))


def test_bad_requests_are_refused() -> None:
    good = draw(5, 2, 1)
    with pytest.raises(Problem, match="at least 2"):
        MIND(good, good[:1], stream())
    with pytest.raises(Problem, match="overflow"):
        SLICED_W2(good * 1e160, good, stream())
    with pytest.raises(Problem, match="choose from sliced_w2, mind"):
        Sliced("w1")
    with pytest.raises(Problem, match="give 2"):
        Sliced("mind", 1)
