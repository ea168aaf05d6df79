"""CEP against its closed forms, and against what the theory says of a linear network."""

import math

import numpy as np
import pytest
import torch

from harness.corrupt.cep import CepGaussian, CepUniform
from harness.nets.dct import dct_matrix
from harness.streams import torch_generator
from theory.slight_corruption.cep_noise import deviation
from theory.slight_corruption.linear_network import (
    corrupted_covariance,
    network,
    printed_covariance,
)

N = 4000
ROWS = {"uniform": CepUniform, "gaussian": CepGaussian}
both = pytest.mark.parametrize("kind", list(ROWS))


def delta(kind: str, gamma: float, d: int, n: int = N, number: int = 0) -> np.ndarray:
    """n draws [n, d]."""
    generator = torch_generator("test", number, "cep")
    found = ROWS[kind](gamma).draw((n, 1, d), generator)  # type: ignore[abstract]
    return found[:, 0].double().numpy()


@both
@pytest.mark.parametrize(("gamma", "d"), [(1.0, 16), (0.1, 11), (10.0, 512), (1.0, 768)])
def test_a_coordinate_has_the_stated_deviation(kind: str, gamma: float, d: int) -> None:
    """Its variance is known to v sqrt((k - 1)/n) from n numbers, k their fourth moment over v^2."""
    found = delta(kind, gamma, d, 60_000 // d)
    variance = deviation(kind, gamma, d) ** 2
    fourth = {"uniform": 9 / 5, "gaussian": 3.0}[kind]
    assert abs((found**2).mean() - variance) < 4 * variance * math.sqrt((fourth - 1) / found.size)
    assert abs((found**4).mean() / variance**2 - fourth) < 4 * math.sqrt(96 / found.size)
    assert abs((found**3).mean()) < 4 * variance**1.5 * math.sqrt(15 / found.size)


def test_deviations_of_the_papers_dimensions() -> None:
    """0.0442 and 0.0255 for d = 512, as the paper's embeddings have it."""
    assert deviation("gaussian", 1.0, 512) == pytest.approx(0.0441942, abs=1e-7)
    assert deviation("uniform", 1.0, 512) == pytest.approx(0.0255155, abs=1e-7)
    for kind in ROWS:
        found = delta(kind, 1.0, 512, 100)
        error = 4 / math.sqrt(2 * found.size)
        assert found.std() == pytest.approx(deviation(kind, 1.0, 512), rel=error)


@both
@pytest.mark.parametrize("d", [4, 16, 300])
def test_the_square_of_delta_is_gamma_squared_whatever_the_dimension(kind: str, d: int) -> None:
    """gamma^2 under CEP-G, a third of it under CEP-U."""
    square = (delta(kind, 0.7, d) ** 2).sum(1)
    expected = 0.49 * {"uniform": 1 / 3, "gaussian": 1.0}[kind]
    assert abs(square.mean() - expected) < 4 * square.std() / math.sqrt(N)


def test_cep_u_at_gamma_has_the_second_moments_of_cep_g_at_gamma_over_root_3() -> None:
    c = torch.zeros(2, 5, 1, 16)
    uniform, gaussian = (
        row.squared(c, c) for row in (CepUniform(0.9), CepGaussian(0.9 / math.sqrt(3)))
    )
    assert torch.allclose(uniform, gaussian, rtol=1e-6)
    found = [delta("uniform", 0.9, 16), delta("gaussian", 0.9 / math.sqrt(3), 16, number=1)]
    moments = [each.T @ each / N for each in found]  # [d, d]
    error = np.abs(moments[0] - moments[1]).max()
    assert error < 5 * math.sqrt(4 / N) * 0.81 / 48  # of 136 entries, by two sets


def test_cep_u_ends_at_gamma_over_root_d_and_cep_g_does_not() -> None:
    edge = 0.8 / math.sqrt(16)
    uniform, gaussian = (np.abs(delta(kind, 0.8, 16)) for kind in ROWS)
    assert 0.999 * edge < uniform.max() <= edge
    assert abs((gaussian > edge).mean() - 0.3173) < 4 * math.sqrt(0.3173 * 0.6827 / gaussian.size)


@both
def test_gamma_scales_what_is_drawn_and_moves_no_draw(kind: str) -> None:
    """Arms of other strengths are paired: one state gives them one direction."""
    assert np.allclose(delta(kind, 3.0, 16), 30 * delta(kind, 0.1, 16), rtol=1e-5)


@both
def test_a_linear_network_goes_to_the_corrected_lemma_2(kind: str) -> None:
    """Least squares of eps on x_t and on c + delta, c of norm 1: the mean of 20 fits.

    The gamma of the lemma is the deviation of a coordinate. The printed lemma is 30 errors away.
    """
    d, t, size = 4, 0.3, 20_000
    gamma, rng = 2.0, np.random.default_rng(0)
    x0 = rng.normal((0.9, -0.6, 0.1), size=(12, 3))
    mu, cov = x0.mean(0), np.cov(x0.T, bias=True)
    r, sigma = math.exp(-t), math.sqrt(1 - math.exp(-2 * t))
    c = dct_matrix(d)[2]
    fits = []
    for number in range(20):
        eps = rng.normal(size=(size, 3))
        xt = r * x0[rng.integers(12, size=size)] + sigma * eps
        told = c + delta(kind, gamma, d, size, number)
        found = np.linalg.lstsq(np.hstack([xt, told]), eps, rcond=None)[0].T  # [3, 3 + d]
        fits.append(np.hstack([found[:, :3], found[:, 3:] @ c[:, None]]))
    error = np.std(fits, axis=0, ddof=1) / math.sqrt(20)
    strength = deviation(kind, gamma, d)

    def away(covariance: np.ndarray) -> np.ndarray:
        expected = network(mu, covariance, strength, t)
        return np.abs(np.mean(fits, 0) - np.column_stack(expected)) / error

    assert away(corrupted_covariance(mu, cov, strength)).max() < 4
    assert away(printed_covariance(mu, cov, strength)).max() > 30
