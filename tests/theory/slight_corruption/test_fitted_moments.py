"""The law of a fit: exact expectations against each other, drawn data and drawn matrices."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from theory.slight_corruption.fitted_moments import Fit, lengths, resolvents

check = settings(max_examples=20, deadline=None, derandomize=True)


@check
@given(st.integers(1, 300), st.floats(0, 100))
def test_lengths_have_the_moments_of_a_noncentral_chi_squared(d, shift):
    x, weights = lengths(d, shift)
    mean = d + shift**2
    assert weights.sum() == pytest.approx(1, rel=1e-12)
    assert weights @ x == pytest.approx(mean, rel=1e-12)
    assert weights @ x**2 == pytest.approx(mean**2 + 2 * d + 4 * shift**2, rel=1e-12)


@pytest.mark.parametrize(
    ("d", "n", "clean", "error"),
    [
        (1, 10, 0.1545088, 5.1e-8),
        (1, 50, 0.03017612, 5.1e-9),
        (8, 50, 0.530316, 4 * 0.00083),
        (16, 100, 0.857754, 4 * 0.00071),
        (16, 50, 1.757985, 4 * 0.0022),  # the mean of 8,000 data sets of standard deviation 0.198
    ],
)
def test_worked_clean_costs(d, n, clean, error):
    """E W2^2(P, Q) without corruption; those above the line are means over drawn data sets."""
    assert Fit(d, n, 1.0).clean() == pytest.approx(clean, abs=error)


def test_worked_clean_entropy():
    """20.953159 is the mean of 8,000 data sets; the variance of log det is a sum of trigammas."""
    deviation = 0.5 * math.sqrt(special.polygamma(1, (49 - np.arange(16)) / 2).sum())
    assert abs(Fit(16, 50, 1.0).entropy() - 20.953159) < 4 * deviation / math.sqrt(8000)


@pytest.mark.parametrize(("d", "n", "norm"), [(1, 3, 0.5), (3, 6, 2.0), (8, 50, 1.0)])
def test_expectations_are_those_of_drawn_data(d, n, norm):
    rng, sets = np.random.default_rng(11), 4000
    x = rng.standard_normal((sets, n, d))
    x[..., -1] += norm
    mean = x.mean(axis=1)
    centred = x - mean[:, None]
    cov = np.swapaxes(centred, 1, 2) @ centred / n
    values = np.linalg.eigvalsh(cov)
    mu = np.array([0.0] * (d - 1) + [norm])
    fit = Fit(d, n, norm)
    entropy = 0.5 * np.linalg.slogdet(2 * math.pi * math.e * cov)[1]
    hotelling = np.einsum("ki,ki->k", mean, np.linalg.solve(cov, mean[..., None])[..., 0])
    q, weights = fit.mahalanobis
    squares, over = fit.squares
    pairs = [
        ((mean**2).sum(1), fit.mean_square),
        (np.sqrt((mean**2).sum(1)), over @ np.sqrt(squares)),
        (((mean - mu) ** 2).sum(1) + ((np.sqrt(values) - 1) ** 2).sum(1), fit.clean()),
        (entropy, fit.entropy()),
        (np.log(hotelling), weights @ np.log(q)),
    ]
    if n > d + 3:  # with a finite variance
        pairs.append(((values**-0.5).sum(1) / d, fit.inverse_root))
    if n > d + 5:
        pairs.append(((values**-1.5).sum(1) / d, fit.inverse_root_cubed))
    for drawn, exact in pairs:
        assert abs(drawn.mean() - exact) < 4 * drawn.std() / math.sqrt(sets)


@pytest.mark.parametrize("n", [3, 10, 200])
def test_the_inverse_root_on_the_line(n):
    ratio = math.exp(special.gammaln((n - 2) / 2) - special.gammaln((n - 1) / 2))
    assert Fit(1, n, 0.0).inverse_root == pytest.approx(math.sqrt(n / 2) * ratio, rel=1e-11)


def test_inverse_roots_are_infinite_near_singularity():
    assert Fit(4, 5, 1.0).inverse_root == math.inf
    assert math.isfinite(Fit(4, 6, 1.0).inverse_root)
    assert Fit(4, 7, 1.0).inverse_root_cubed == math.inf
    ratio = math.exp(special.gammaln(2 - 1.5) - special.gammaln(2))  # chi^2_4, to the power -3/2
    assert Fit(1, 5, 0.0).inverse_root_cubed == pytest.approx((5 / 2) ** 1.5 * ratio, rel=1e-8)


@pytest.mark.parametrize(("d", "nu"), [(1, 3), (2, 5), (6, 20), (16, 99)])
def test_resolvents_are_those_of_the_matrix(d, nu):
    """The mean is that of the trace, exactly; the square is that of drawn matrices."""
    rng, draws, s = np.random.default_rng(7), 8000, np.array([0.0, 1.0, nu / 2])
    s = s[1:] if nu - d < 6 else s
    found = resolvents(d, nu, s, draws, rng)
    x, density = Fit(d, nu + 1, 0.0).eigenvalues
    for column, at in zip(found.T, s):
        mean = density @ (1 / (x * (nu + 1) + at)) / d
        assert abs(column.mean() - mean) < 4 * column.std() / math.sqrt(draws)
    z = rng.standard_normal((4000, nu, d))
    inverse = np.linalg.inv(np.swapaxes(z, 1, 2) @ z + s[-1] * np.eye(d))[:, 0, 0]
    for function in (np.square, np.log):
        a, b = function(found[:, -1]), function(inverse)
        error = math.hypot(a.std() / math.sqrt(len(a)), b.std() / math.sqrt(len(b)))
        assert abs(a.mean() - b.mean()) < 4 * error


def test_resolvents_do_not_depend_on_the_chunks(monkeypatch):
    s = np.array([0.5, 2.0])
    whole = resolvents(3, 9, s, 10, np.random.default_rng(0))
    assert whole.shape == (10, 2)
    monkeypatch.setattr("theory.slight_corruption.fitted_moments.CHUNK", 20)
    assert (resolvents(3, 9, s, 10, np.random.default_rng(0)) == whole).all()


def test_too_few_samples_are_refused():
    with pytest.raises(ValueError, match=r"3 dimensions.*n=3.*singular.*give n > d"):
        Fit(3, 3, 1.0)
