import numpy as np
import pytest
import torch
from torch import Tensor

from harness.metrics.denoising_loss import DENOISING_LOSS, DenoisingLoss, denoising_curve
from harness.problem import Problem
from harness.streams import torch_generator

SIGMAS = DENOISING_LOSS.sigmas
VARIANCE = torch.tensor([[2.0, 0.5], [0.1, 0.02]])  # of the four pixels


def images(n: int, stream: str = "images") -> Tensor:
    return VARIANCE.sqrt() * torch.randn(n, 1, 2, 2, generator=torch_generator("test", 0, stream))


def best(x: Tensor, sigma: Tensor) -> Tensor:
    """The posterior mean of independent Gaussian pixels."""
    return x * VARIANCE / (VARIANCE + sigma[:, None, None, None] ** 2)


def noise(replicate: int = 0) -> torch.Generator:
    return torch_generator("test", replicate, "noise")


def information(sigma: float) -> float:
    """I(x; x + sigma n) of Gaussian pixels, in nats."""
    return float(0.5 * torch.log1p(VARIANCE.double() / sigma**2).sum())


def test_the_best_denoiser_of_gaussian_images_has_the_mutual_information() -> None:
    """L = I(sigma_min) - I(sigma_max), within 4 standard errors and the trapezoid's bound."""
    loss = DENOISING_LOSS(denoising_curve(best, images(20_000), SIGMAS, noise()))
    expected = information(SIGMAS[0]) - information(SIGMAS[-1])
    assert loss.standard_error is not None
    assert loss.standard_error < 2e-3 * expected
    trapezoid = np.log(SIGMAS[1] / SIGMAS[0]) ** 2 / 24 * VARIANCE.numel()
    assert abs(loss.value - expected) < 4 * loss.standard_error + trapezoid


def test_every_level_has_the_error_of_the_posterior() -> None:
    curve = denoising_curve(best, images(20_000), SIGMAS, noise())
    exact = VARIANCE.double()[None] / (
        VARIANCE[None] + torch.from_numpy(SIGMAS)[:, None, None] ** 2
    )
    error = curve.mean(1) - exact.sum((1, 2)).numpy()
    assert np.all(np.abs(error) < 4 * curve.std(1, ddof=1) / np.sqrt(curve.shape[1]))


def test_the_surplus_of_another_denoiser_is_a_divergence() -> None:
    """The best denoiser of N(0, q): L - L* = KL(p || q) at sigma_min less that at sigma_max."""
    q = VARIANCE * torch.tensor([[1.5, 0.5], [2.0, 1.0]])

    def other(x: Tensor, sigma: Tensor) -> Tensor:
        return x * q / (q + sigma[:, None, None, None] ** 2)

    def divergence(sigma: float) -> float:
        ratio = (VARIANCE.double() + sigma**2) / (q.double() + sigma**2)
        return float(0.5 * (ratio - 1 - ratio.log()).sum())

    x = images(20_000)
    surplus = DENOISING_LOSS.per_image(denoising_curve(other, x, SIGMAS, noise()))
    surplus = surplus - DENOISING_LOSS.per_image(denoising_curve(best, x, SIGMAS, noise()))
    error = surplus.std(ddof=1) / np.sqrt(len(surplus))
    expected = divergence(SIGMAS[0]) - divergence(SIGMAS[-1])
    assert abs(surplus.mean() - expected) < 4 * error + 2e-3
    assert expected > 20 * error  # the pairing leaves something to test


@pytest.mark.parametrize("variance", np.geomspace(1e-5, 1e4, 10))
def test_the_trapezoid_is_as_near_as_stated(variance) -> None:
    exact = 0.5 * (np.log1p(variance / SIGMAS[0] ** 2) - np.log1p(variance / SIGMAS[-1] ** 2))
    curve = np.repeat((variance / (variance + SIGMAS**2))[:, None], 2, axis=1)
    error = abs(DENOISING_LOSS(curve).value - exact)
    assert error < (5.1e-4 if 0.01 <= variance <= 10 else 3.5e-3)


def test_the_noise_depends_on_the_stream_alone() -> None:
    x = images(50)
    curve = denoising_curve(best, x, SIGMAS, noise())
    seen: list[Tensor] = []

    def look(xt: Tensor, sigma: Tensor) -> Tensor:
        seen.append((xt - x) / sigma[:, None, None, None])
        return xt

    identity = denoising_curve(look, x, SIGMAS, noise())
    drawn = torch.stack(seen).double().square().sum((2, 3, 4)).numpy()
    assert np.abs(identity / drawn - 1).max() < 1e-2  # |xt - x|² / sigma² is |n|²
    assert np.abs(denoising_curve(best, x, SIGMAS, noise(), batch=7) - curve).max() < 1e-6
    assert np.array_equal(denoising_curve(best, x.numpy(), SIGMAS, noise()), curve)
    assert not np.allclose(denoising_curve(best, x, SIGMAS, noise(1)), curve)


def test_means_by_source_make_the_mean() -> None:
    curve = denoising_curve(best, images(60), SIGMAS, noise())
    source = np.array(["cat"] * 10 + ["sea"] * 49 + ["one"])
    groups = DENOISING_LOSS.by_group(curve, source)
    assert {name: group.n for name, group in groups.items()} == {"cat": 10, "sea": 49, "one": 1}
    assert groups["cat"].value == pytest.approx(DENOISING_LOSS(curve[:, :10]).value)
    assert groups["one"].standard_error is None
    together = sum(group.n * group.value for group in groups.values()) / 60
    assert together == pytest.approx(DENOISING_LOSS(curve).value)


def test_bad_curves_are_refused() -> None:
    curve = np.ones((25, 4))
    with pytest.raises(Problem, match="NaN"):
        DENOISING_LOSS(np.full_like(curve, np.nan))
    with pytest.raises(Problem, match="at least 2"):
        DENOISING_LOSS(curve[:, :1])
    with pytest.raises(Problem, match="25, images"):
        DENOISING_LOSS(curve[:5])
    with pytest.raises(Problem, match="give 4"):
        DENOISING_LOSS.by_group(curve, np.zeros(3))
    assert DenoisingLoss(points=4)(curve[:4]).value == pytest.approx(np.log(1000))
