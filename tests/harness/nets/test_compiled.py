"""Compiled once a process, with the numbers of each network its own; or not at all, and said so."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from harness.cell import part
from harness.data.words import Words
from harness.nets import compiled
from harness.nets.checkpoint import build, restore, save
from harness.nets.compiled import Compiled, hasten
from harness.nets.preconditioning import Denoiser

NETWORK = part("unet", width=4)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """No test finds what another has compiled, or has said."""
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()
    compiled.forward.cache_clear()
    compiled._say.cache_clear()


class Counting:
    """A compiler that leaves everything as it is, and counts what it is given."""

    def __init__(self) -> None:
        self.graphs, self.fixed = 0, True

    def __call__(self, graph: Any, inputs: list[Tensor]) -> Callable[..., Any]:
        self.graphs += 1
        self.fixed &= all(isinstance(each, Tensor) for each in inputs)  # no size is left open
        return graph.forward


def stack(seed: int, count: int = 2, width: int = 4) -> Denoiser:
    streams = [torch.Generator().manual_seed(seed + k) for k in range(count)]
    return build(part("unet", width=width), (1, 8, 8), streams)


def error(denoiser: Denoiser, batch: int = 3) -> Tensor:
    shape = (len(denoiser.scales), batch, 1, 8, 8)
    x = torch.randn(shape, generator=torch.Generator().manual_seed(5))
    return denoiser.weighted_error(x, x * 0.5, torch.full(shape[:2], 0.7))


@pytest.mark.parametrize("dtype", [None, torch.bfloat16])
def test_networks_of_one_shape_share_what_was_compiled_and_keep_their_numbers(
    dtype: torch.dtype | None,
) -> None:
    compiler = Counting()
    for seed in (0, 10, 20):
        plain, fast = stack(seed), stack(seed)
        plain.precision = fast.precision = dtype
        fast.standin = Compiled(fast.network, compiler)
        for _ in range(2):
            expected, found = error(plain), error(fast)
            assert torch.equal(found, expected)
        expected.sum().backward()
        found.sum().backward()
        for own, other in zip(fast.parameters(), plain.parameters()):
            assert own.grad is not None
            assert torch.equal(own.grad, other.grad)
        assert compiler.graphs == 1


def test_another_stack_batch_or_width_is_compiled_for_itself() -> None:
    compiler = Counting()
    for count, batch, width in ((2, 3, 4), (3, 3, 4), (2, 5, 4), (2, 3, 8), (2, 3, 4)):
        fast = stack(0, count, width)
        fast.standin = Compiled(fast.network, compiler)
        assert torch.equal(error(fast, batch), error(stack(0, count, width), batch))
    assert compiler.graphs == 4
    assert compiler.fixed


@pytest.mark.parametrize("name", ["mlp", "unet", "dit"])
@pytest.mark.parametrize("vectors", [False, True], ids=["tokens", "vectors"])
def test_what_is_told_is_compiled_with_the_network(name: str, vectors: bool) -> None:
    """One graph for all networks of a shape; the gradient reaches an embedding outside of it."""
    words, compiler = Words.of(["a b", "c"]), Counting()
    given = {"depth": 1, "width": 8} if name == "dit" else {"width": 4, "embedding": "learned"}
    for seed in (0, 10):
        streams = [[torch.Generator().manual_seed(seed + k) for k in (0, 1)] for _ in (0, 1)]
        plain, fast = (build(part(name, **given), (1, 4, 4), s, words=words) for s in streams)
        fast.standin = Compiled(fast.network, compiler)
        x = torch.randn(2, 3, 1, 4, 4, generator=torch.Generator().manual_seed(5))
        sigma, tokens = torch.full((2, 3), 0.7), torch.tensor([[[1, 2], [3, 0], [0, 0]]] * 2)
        for each in (plain, fast):
            told = each.embed(tokens) + 0.1 if vectors else tokens
            each.weighted_error(x, x * 0.5, sigma, told).sum().backward()
        for own, other in zip(fast.parameters(), plain.parameters(), strict=True):
            assert own.grad is not None
            assert other.grad is not None
            assert other.grad.any()
            assert torch.allclose(own.grad, other.grad, atol=1e-6)
        assert compiler.graphs == 1
    assert compiler.fixed


def test_without_a_compiler_it_trains_as_it_is_and_says_so_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tried = []

    def absent(graph: Any, inputs: list[Tensor]) -> Callable[..., Any]:
        tried.append(1)
        raise RuntimeError("Cannot find a working triton installation")

    for seed in (0, 10):
        fast = stack(seed)
        fast.standin = Compiled(fast.network, absent)
        for _ in range(3):
            assert torch.equal(error(fast), error(stack(seed)))
    said = capsys.readouterr().err
    assert said.count("patina: the network is not compiled") == 1
    assert "install triton and a C compiler" in said
    assert "Cannot find a working triton" in said
    assert len(tried) == 2  # once a training


def test_an_error_of_the_network_itself_is_not_swallowed() -> None:
    fast = stack(0)
    fast.standin = Compiled(fast.network, Counting())
    with pytest.raises(Exception, match=r"size|shape"):
        fast(torch.zeros(2, 3, 2, 8, 8), torch.ones(2, 3))


def test_it_is_for_cards_alone() -> None:
    for device, asked in (("cpu", False), ("cuda", True), ("cuda:1", True)):
        denoiser = stack(0)
        hasten(denoiser, device)
        assert isinstance(denoiser.standin, Compiled) is asked
        if denoiser.standin is not None:
            assert denoiser.standin.network is denoiser.network


def test_a_checkpoint_knows_nothing_of_it(tmp_path: Path) -> None:
    denoiser = stack(0)
    names = list(denoiser.state_dict())
    denoiser.standin = Compiled(denoiser.network, Counting())
    error(denoiser)
    assert list(denoiser.state_dict()) == names
    assert len(list(denoiser.parameters())) == len(list(stack(0).parameters()))
    save(denoiser, NETWORK, tmp_path / "weights.safetensors")
    again = restore(tmp_path / "weights.safetensors", "cpu")
    assert again.standin is None
    assert torch.equal(error(again), error(denoiser))
