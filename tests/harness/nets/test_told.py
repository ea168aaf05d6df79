"""Networks that are told a condition: by tokens or by vectors, beside the noise level.

And networks that are told none, which are what they always were.
"""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from harness.cell import part
from harness.data.words import Words
from harness.nets import NETWORKS
from harness.nets.checkpoint import build, restore, save
from harness.nets.mlp import ResidualMLP
from harness.nets.stacked import fourier
from harness.nets.unet import UNet

SHAPE = (3, 4, 6)
WORDS = Words.of(["a b c", "d e", "f", "g h"])
TOLD = {"words": WORDS.count, "length": WORDS.length}
SMALL: dict[str, dict[str, Any]] = {
    "mlp": {"width": 12, "blocks": 2},
    "unet": {"width": 4},
    "dit": {"width": 16, "depth": 1, "heads": 2},
}
KINDS = [
    pytest.param(name, {**given, **more}, id=f"{name} {' '.join(map(str, more.values()))}")
    for name, given in SMALL.items()
    for more in (
        [{}]
        if name == "dit"
        else [
            {"embedding": "fixed"},
            {"embedding": "learned", "embedding_width": 5},
            {"embedding": "normalised", "embedding_width": 11},
        ]
    )
]
every_kind = pytest.mark.parametrize(("name", "given"), KINDS)


def generators(*seeds: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def inputs(stack: int, batch: int = 5) -> tuple[Tensor, Tensor, Tensor]:
    """Images, noise levels and tokens, some of them the null caption's."""
    g = torch.Generator().manual_seed(7)
    x = torch.randn(stack, batch, *SHAPE, generator=g)
    tokens = torch.randint(0, WORDS.count, (stack, batch, WORDS.length), generator=g)
    tokens[:, 0] = 0
    return x, torch.randn(stack, batch, generator=g), tokens


@every_kind
def test_vectors_are_taken_for_what_their_tokens_embed_to(name: str, given: dict) -> None:
    net = NETWORKS[name](SHAPE, generators(1, 2), **given, **TOLD)
    x, level, tokens = inputs(2)
    vectors = net.embed(tokens)
    assert vectors.shape[:3] == tokens.shape
    assert torch.equal(net(x, level, tokens), net(x, level, vectors))
    assert not torch.allclose(net(x, level, tokens), net(x, level, vectors + 0.1))
    denoiser = build(part(name, **given), SHAPE, generators(1, 2), words=WORDS)
    sigma = (4 * level).exp()
    told = denoiser.embed(tokens)
    assert torch.equal(denoiser(x, sigma, tokens), denoiser(x, sigma, told))
    error, other = (denoiser.weighted_error(x, x * 0.5, sigma, c) for c in (tokens, told))
    assert torch.equal(error, other)


@every_kind
def test_a_copy_of_a_stack_that_is_told_equals_the_network_alone(name: str, given: dict) -> None:
    stack = NETWORKS[name](SHAPE, generators(1, 2, 3), **given, **TOLD).double()
    alone = NETWORKS[name](SHAPE, generators(2), **given, **TOLD).double()
    x, level, tokens = inputs(3)
    together = stack(x.double(), level.double(), tokens)
    single = alone(x[1:2].double(), level[1:2].double(), tokens[1:2])
    assert torch.allclose(together[1:2], single, atol=1e-12)
    together.square().sum().backward()
    single.square().sum().backward()
    for whole, own in zip(stack.parameters(), alone.parameters(), strict=True):
        assert whole.grad is not None
        assert own.grad is not None
        assert own.grad.any()
        assert torch.allclose(whole.grad[1:2], own.grad, atol=1e-10)


@every_kind
def test_operations_with_a_condition_are_the_counted_ones(name: str, given: dict) -> None:
    net = NETWORKS[name](SHAPE, generators(1), **given, **TOLD)
    x, level, tokens = inputs(1, batch=1)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(x, level, tokens)
    assert NETWORKS[name].flops(SHAPE, **given, **TOLD) == counter.get_total_flops()
    assert NETWORKS[name].flops(SHAPE, **SMALL[name]) < counter.get_total_flops()


@every_kind
def test_what_is_told_changes_every_pixel_from_the_start(name: str, given: dict) -> None:
    net = NETWORKS[name](SHAPE, generators(1), **given, **TOLD)
    x, level, _ = inputs(1, batch=1)
    captions = WORDS.tokens(["a b c", "d e", "f"])
    outs = [net(x, level, torch.as_tensor(row)[None, None]) for row in (*captions, [0, 0, 0])]
    for i, one in enumerate(outs):
        for other in outs[:i]:
            assert ((one - other).abs() > 1e-6).float().mean() > 0.95


@every_kind
def test_a_checkpoint_gives_back_the_embedding(name: str, given: dict, tmp_path: Path) -> None:
    row = part(name, **given)
    made = build(row, SHAPE, generators(1, 2), words=WORDS)
    with torch.no_grad():
        for each in made.parameters():  # as if trained
            each += 0.3 * torch.randn(each.shape, generator=torch.Generator().manual_seed(5))
    save(made, row, tmp_path / "w.safetensors")
    x, level, tokens = inputs(2)
    sigma = level.exp()
    for copy in (None, 0, 1):
        again = restore(tmp_path / "w.safetensors", "cpu", copy)
        own = slice(None) if copy is None else slice(copy, copy + 1)
        assert torch.equal(again.embed(tokens[own]), made.embed(tokens)[own])
        found = again(x[own], sigma[own], tokens[own])
        assert torch.allclose(found, made(x, sigma, tokens)[own], atol=1e-5)
        assert again.words == WORDS


def through(layer: Any, k: int, h: Tensor) -> Tensor:
    return h @ layer.weight[k] + layer.bias[k, 0]


def mean_vector(net: Any, k: int, tokens: Tensor) -> Tensor:
    return torch.stack([net.embed.table[k, t] for t in tokens.tolist()]).sum(0) / len(tokens)


def mlp_by_hand(net: ResidualMLP, k: int, x: Tensor, level: Tensor, tokens: Tensor) -> Tensor:
    h, c = through(net.inward, k, x.flatten()), mean_vector(net, k, tokens)
    noise = fourier(level[None], 64)[0]
    for scale, told, first, second in zip(net.scale, net.told, net.first, net.second):
        own = through(told, k, c)
        off = h - h.mean()
        unit = off / (off.square().mean() + 1e-5).sqrt()
        unit = unit * (1 + through(scale, k, noise) + own[: net.width]) + own[net.width :]
        h = h + through(second, k, F.silu(through(first, k, unit)))
    return through(net.outward, k, F.silu(h)).view_as(x)


def unet_by_hand(net: UNet, k: int, x: Tensor, level: Tensor, tokens: Tensor) -> Tensor:
    c, noise = mean_vector(net, k, tokens), fourier(level[None], 64)[0]

    def conv(layer: Any, h: Tensor) -> Tensor:
        return F.conv2d(h[None], layer.weight[k], layer.bias[k], padding=layer.padding)[0]

    def norm(layer: Any, h: Tensor) -> Tensor:
        unit = F.group_norm(h[None], layer.groups)[0]
        return F.silu(unit * layer.weight[k, 0] + layer.bias[k, 0])

    def block(layer: Any, told: Any, h: Tensor) -> Tensor:
        shift = through(layer.noise, k, noise) + through(told, k, c)
        inner = conv(layer.conv1, norm(layer.norm1, h)) + shift[:, None, None]
        inner = conv(layer.conv2, norm(layer.norm2, inner))
        return (inner + (h if layer.skip is None else conv(layer.skip, h))) / math.sqrt(2)

    told = list(net.told)
    high = block(net.down, told[0], conv(net.inward, x))
    low = block(net.low, told[1], F.avg_pool2d(high[None], 2)[0])
    h = low
    for layer, own in zip(net.middle, told[2:5], strict=True):
        h = block(layer, own, h)
    h = block(net.rise, told[5], torch.cat([h, low]))
    up = F.interpolate(h[None], scale_factor=2, mode="nearest")[0]
    return conv(net.outward, norm(net.norm, block(net.up, told[6], torch.cat([up, high]))))


@pytest.mark.parametrize(("name", "by_hand"), [("mlp", mlp_by_hand), ("unet", unet_by_hand)])
def test_it_computes_what_an_independent_implementation_does(name: str, by_hand: Any) -> None:
    net = NETWORKS[name](SHAPE, generators(1, 2), **SMALL[name], **TOLD, embedding="learned")
    with torch.no_grad():
        for parameter in net.parameters():  # biases too, and gains that are not small
            draw = torch.randn(parameter.shape, generator=torch.Generator().manual_seed(3))
            parameter += 0.2 * draw
        x, level, tokens = inputs(2, batch=2)
        found = net(x, level, tokens)
        for k in (0, 1):
            for b in (0, 1):
                expected = by_hand(net, k, x[k, b], level[k, b], tokens[k, b])
                assert torch.allclose(found[k, b], expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("name", ["mlp", "unet"])
def test_they_are_not_run_without_a_condition(name: str) -> None:
    net = NETWORKS[name](SHAPE, generators(1), **SMALL[name], **TOLD)
    with pytest.raises(ValueError, match="given no condition"):
        net(*inputs(1)[:2])


@pytest.mark.parametrize(
    ("name", "names", "gains"),
    [
        (
            "mlp",
            "inward scale.0 scale.1 first.0 first.1 second.0 second.1 outward",
            {"scale": 0.1, "second": 2**-0.5, "outward": 0.1},
        ),
        (
            "unet",
            "inward down.conv1 down.noise down.conv2 "
            "low.conv1 low.noise low.conv2 low.skip "
            "middle.0.conv1 middle.0.noise middle.0.conv2 "
            "middle.1.conv1 middle.1.noise middle.1.conv2 "
            "middle.2.conv1 middle.2.noise middle.2.conv2 "
            "rise.conv1 rise.noise rise.conv2 rise.skip up.conv1 up.noise up.conv2 up.skip outward",
            {"conv2": 0.1, "outward": 0.1},
        ),
    ],
)
@pytest.mark.parametrize("told", [{}, TOLD], ids=["alone", "told"])
def test_weights_are_drawn_in_the_order_of_before_and_those_of_a_condition_after(
    name: str, names: str, gains: dict[str, float], told: dict[str, int]
) -> None:
    """Published networks start from these draws: layer by layer, at 1/sqrt(fan in) times a gain."""
    net = NETWORKS[name](SHAPE, generators(4), **SMALL[name], **told)
    generator, state = generators(4)[0], net.state_dict()
    for layer in names.split():
        weight = state[f"{layer}.weight"][0]
        fan_in = weight.shape[0] if weight.dim() == 2 else weight[0].numel()
        gain = next((g for part, g in gains.items() if part in layer), 1.0)
        expected = torch.randn(weight.shape, generator=generator) * (gain / math.sqrt(fan_in))
        assert torch.allclose(weight, expected, rtol=1e-6), layer
        assert not state[f"{layer}.bias"].any()
    drawn = [key.removesuffix(".weight") for key in state if key.endswith("weight")]
    own = [layer for layer in drawn if "norm" not in layer and "told" not in layer]
    assert own == names.split()
    later = [key for key in state if key.startswith(("told", "embed"))]
    assert list(state)[len(state) - len(later) :] == later
    assert bool(later) is bool(told)


@pytest.mark.parametrize("name", ["mlp", "unet"])
def test_a_condition_has_half_the_weight_of_a_unit_at_the_start(name: str) -> None:
    """Scales and shifts of deviation 1/2, for vectors of norm 1, whatever their width."""
    for width in (9, 64, 400):
        net = NETWORKS[name](SHAPE, generators(1), **TOLD, embedding_width=width)
        c = net.embed(torch.arange(1, 9).view(1, 8, 1))[:, :, 0]  # [1, 8, d]
        with torch.no_grad():
            out = torch.cat([told(c).flatten() for told in net.told])
        assert abs(float(out.square().mean()) - 0.25) < 4 * 0.25 * math.sqrt(2 / len(out))
