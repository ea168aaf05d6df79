"""A copy in a stack computes what the network alone would compute."""

from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from harness.nets import NETWORKS
from harness.problem import Problem

SHAPE = (1, 8, 8)


def generators(*seeds: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


@pytest.mark.parametrize("name", list(NETWORKS))
def test_copy_of_a_stack_equals_the_network_alone_with_its_gradient(name: str) -> None:
    draw = torch.Generator().manual_seed(5)
    x = torch.randn(3, 4, *SHAPE, generator=draw)
    c_noise = torch.randn(3, 4, generator=draw)
    stack = NETWORKS[name](SHAPE, generators(1, 2, 3)).double()
    alone = NETWORKS[name](SHAPE, generators(2)).double()
    together = stack(x.double(), c_noise.double())
    single = alone(x[1:2].double(), c_noise[1:2].double())
    assert torch.allclose(together[1:2], single, atol=1e-12)
    together.square().sum().backward()
    single.square().sum().backward()
    for whole, own in zip(stack.parameters(), alone.parameters()):
        assert whole.grad is not None
        assert own.grad is not None
        assert torch.allclose(whole.grad[1:2], own.grad, atol=1e-10)


@pytest.mark.parametrize("name", list(NETWORKS))
def test_stated_operations_equal_counted_ones(name: str) -> None:
    net = NETWORKS[name](SHAPE, generators(1))
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(torch.zeros(1, 1, *SHAPE), torch.zeros(1, 1))
    assert NETWORKS[name].flops(SHAPE) == counter.get_total_flops()


@pytest.mark.parametrize("name", list(NETWORKS))
def test_noise_level_changes_the_output(name: str) -> None:
    net = NETWORKS[name](SHAPE, generators(1))
    x = torch.randn(1, 1, *SHAPE, generator=torch.Generator().manual_seed(0))
    low, high = (net(x, torch.full((1, 1), level)) for level in (-1.0, 1.0))
    assert (low - high).abs().max() > 1e-3 * low.abs().max()


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        *[("mlp", {key: bad}, f"the network mlp; got {key}={bad!r}; give a whole number from 1")
          for key in ("width", "blocks") for bad in (0, -1, 2.0, "2", True)],
        *[("unet", {"width": bad}, f"the network unet; got width={bad!r}")
          for bad in (0, 16.0, "16", True)],
        *[("dit", {key: bad}, f"the network dit; got {key}={bad!r}")
          for key in ("width", "depth", "heads") for bad in (0, 2.0, "2", True)],
    ],
)  # fmt: skip
def test_a_size_that_is_none_is_refused_where_it_is_built_and_where_it_is_counted(
    name: str, given: dict[str, Any], message: str
) -> None:
    network = NETWORKS[name]
    with pytest.raises(Problem, match=message):
        network(SHAPE, [torch.Generator()], **given)
    with pytest.raises(Problem, match=message):
        network.flops(SHAPE, **given)
