"""Precision: what bfloat16 rounds and what it leaves, on a CPU where no rounding is the custom."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from harness.cell import Part, part
from harness.nets import precision
from harness.nets.checkpoint import build
from harness.nets.precision import OF_DEVICE, called
from harness.nets.preconditioning import Denoiser
from harness.nets.stacked import Conv2d, Linear
from harness.train.loop import train
from harness.train.training import Training

ROUNDOFF = 2.0**-8  # of bfloat16
HALF = torch.bfloat16
NETWORKS = [part("mlp", width=32), part("unet", width=16), part("dit", width=16, depth=2)]


def stack(network: Part) -> Denoiser:
    made = build(network, (3, 8, 8), [torch.Generator().manual_seed(k) for k in range(2)])
    made.scales.fill_(0.5)
    return made


def images(count: int = 40) -> Tensor:
    return torch.randn(2, count, 3, 8, 8, generator=torch.Generator().manual_seed(9)) / 2


class Listener(nn.Module):
    """One product; keeps what it is given and what it gives."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(8, 8))

    def forward(self, x: Tensor, c_noise: Tensor) -> Tensor:
        self.given, self.product = (x, c_noise), x @ self.weight
        return self.product


def test_a_card_works_in_bfloat16_and_a_cpu_as_it_always_did() -> None:
    assert list(OF_DEVICE.items()) == [("cuda", torch.bfloat16)]
    network, x = Listener(), images()[0]
    assert torch.equal(called(network, (x, x)), x @ network.weight)
    assert network.product.dtype == torch.float32


@pytest.mark.parametrize("dtype", [None, HALF])
def test_the_products_of_the_network_alone_are_rounded(dtype: torch.dtype | None) -> None:
    denoiser, network, x = stack(NETWORKS[0]), Listener(), images()
    denoiser.network, denoiser.precision = network, dtype
    sigma = torch.full((2, 40), 0.3)
    error = denoiser.weighted_error(x, x + 1, sigma)
    assert all(each.dtype == torch.float32 for each in network.given)
    assert network.product.dtype == (dtype or torch.float32)
    assert error.dtype == denoiser(x, sigma).dtype == torch.float32
    error.sum().backward()
    assert network.weight.grad is not None
    assert network.weight.grad.dtype == torch.float32


@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_the_error_of_the_loss_is_of_the_order_that_the_layers_make(network: Part) -> None:
    """e^2 about L u^2 of the output's square, for L products; so |loss^1/2| moves by e at most."""
    denoiser, x = stack(network), images()
    layers = sum(isinstance(each, Conv2d | Linear) for each in denoiser.network.modules())
    sigma = torch.full((2, 40), 0.7)
    level = sigma.log() / 4
    whole, rounded = (called(denoiser.network, (x, level), dtype) for dtype in (None, HALF))
    error = (rounded - whole).square().sum() / whole.square().sum()
    assert 1e-3 * ROUNDOFF**2 < error < layers * ROUNDOFF**2
    losses = []
    for dtype in (None, HALF):
        denoiser.precision = dtype
        losses.append(denoiser.weighted_error(x, x * 0.9, sigma).sum().sqrt())
    assert 0 < abs(losses[1] - losses[0]) <= (error * whole.square().sum()).sqrt() * 1.001


def test_at_the_least_noise_the_image_itself_is_not_rounded() -> None:
    """D = c_skip x + c_out F: with c_out about sigma, an error of u sigma, not of u |x|."""
    denoiser, sigma = stack(NETWORKS[1]), 0.002
    x = images() + 0.75
    found = []
    for dtype in (None, HALF):
        denoiser.precision = dtype
        found.append(denoiser(x, torch.full((2, 40), sigma)))
    away = (found[1] - found[0]).abs().max()
    assert 0 < away < sigma * 4 * ROUNDOFF
    assert sigma * 4 * ROUNDOFF < ROUNDOFF * x.abs().mean() / 50


def test_gradients_in_bfloat16_point_the_same_way() -> None:
    gradients = []
    for dtype in (None, HALF):
        denoiser = stack(NETWORKS[1])
        denoiser.precision = dtype
        denoiser.weighted_error(images(), images() * 0.9, torch.full((2, 40), 0.7)).sum().backward()
        grads = [p.grad for p in denoiser.parameters() if p.grad is not None]
        assert all(each.dtype == torch.float32 for each in grads)
        gradients.append(torch.cat([each.flatten() for each in grads]))
    whole, rounded = gradients
    layers = 24
    assert 0 < (rounded - whole).norm() / whole.norm() < (layers**0.5) * ROUNDOFF


def test_a_training_in_bfloat16_keeps_its_weights_in_float32(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Training(
        dataset=part("photos", side=8, channels=1),
        pool="clean",
        network=part("mlp", width=16, blocks=1),
        objective=part("denoising"),
        images=640,
        batch=32,
    )
    found = []
    for custom in ({}, {"cpu": HALF}):
        monkeypatch.setattr(precision, "OF_DEVICE", custom)
        train(asked, 1, {}, tmp_path, "cpu", lambda share: None)
        found.append(load_file(tmp_path / "weights.safetensors"))
    for name, whole in found[0].items():
        rounded = found[1][name]
        assert rounded.dtype == whole.dtype == torch.float32, name
        assert not torch.equal(rounded, rounded.to(HALF).float()) or not whole.any(), name
    name = "network.inward.weight"
    moved = (found[1][name] - found[0][name]).norm() / found[0][name].norm()
    assert 0 < moved < 5 * ROUNDOFF
