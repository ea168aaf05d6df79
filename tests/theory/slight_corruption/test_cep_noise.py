"""CEP-U and CEP-G: standard deviations, the two readings of the notation, drawn perturbations."""

import math

import numpy as np
import pytest

from theory.slight_corruption.cep_noise import CEPNoise, perturbation

LAW = CEPNoise()


@pytest.mark.parametrize(
    ("d", "gaussian", "uniform"),
    [(512, 0.0441942, 0.0255155), (768, 0.0360844, 0.0208333), (1152, 0.0294628, 0.0170103)],
)
def test_worked_standard_deviations(d, gaussian, uniform):
    for kind, value in (("gaussian", gaussian), ("uniform", uniform)):
        point = {"kind": kind, "gamma": 1.0, "d": d}
        assert LAW.exact(point).value == pytest.approx(value, abs=5.1e-8)
    point = {"kind": "uniform", "d": d}
    assert LAW.exact(point) == LAW.printed(point)  # gamma is usually 1


def test_what_the_paper_says_it_used_is_the_standard_deviation():
    """ "Approximately 0.04", at d = 512, and 0.03 = 1/sqrt(1300) to two digits."""
    point = {"kind": "gaussian", "gamma": 1.0, "d": 512}
    assert LAW.exact(point).value == pytest.approx(0.044194, abs=5.1e-7)
    assert round(LAW.exact(point).value, 2) == 0.04
    theory = LAW.sharper(point)["theory"].value
    assert theory == pytest.approx(0.027735, abs=5.1e-7)
    assert round(theory, 2) == 0.03
    assert round(LAW.printed(point).value, 2) == 0.21


@pytest.mark.parametrize("kind", ["uniform", "gaussian"])
@pytest.mark.parametrize("gamma", [0.1, 1.0, 5.0])
def test_drawn_perturbations_have_these_moments(kind, gamma):
    d, draws = 64, 4000
    delta = perturbation(kind, gamma, (draws, d), np.random.default_rng(0))
    point = {"kind": kind, "gamma": gamma, "d": d, "norm": 2.0}
    exact, sharper = LAW.exact(point).value, LAW.sharper(point)
    error = (delta**2).std() / math.sqrt(delta.size)
    assert abs((delta**2).mean() - exact**2) < 4 * error
    lengths = (delta**2).sum(1)
    assert abs(lengths.mean() - sharper["mean_square_length"].value) < 4 * d**0.5 * error * 8
    assert sharper["mean_square_length"].value == pytest.approx(d * exact**2, rel=1e-12)
    assert sharper["relative_gamma"].value == pytest.approx(exact / 2, rel=1e-12)
    if kind == "uniform":
        assert np.abs(delta).max() <= gamma / math.sqrt(d)
        assert np.abs(delta).max() > 0.999 * gamma / math.sqrt(d)


def test_only_the_reading_as_a_deviation_keeps_its_length_over_dimensions():
    lengths = [
        LAW.sharper({"kind": "gaussian", "gamma": 2.0, "d": d})["mean_square_length"].value
        for d in (1, 512, 4096)
    ]
    assert lengths == [4.0, 4.0, 4.0]
    literal = [
        d * LAW.printed({"kind": "gaussian", "gamma": 2.0, "d": d}).value ** 2 for d in (1, 512)
    ]
    assert literal == pytest.approx([2.0, 2.0 * math.sqrt(512)])


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="one of uniform, gaussian"):
        LAW.exact({"kind": "laplace", "d": 512})
