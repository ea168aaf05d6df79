"""A checkpoint gives back the stack, or one copy of it; a broken one says so."""

from pathlib import Path

import pytest
import torch

from harness.cell import part
from harness.nets.checkpoint import build, restore, save
from harness.problem import Problem

SHAPE = (1, 8, 8)
SMALL = {"mlp": part("mlp", width=16, blocks=1), "unet": part("unet", width=4)}


@pytest.mark.parametrize("name", list(SMALL))
def test_round_trip_of_a_stack_and_of_one_copy(name: str, tmp_path: Path) -> None:
    init = [torch.Generator().manual_seed(seed) for seed in (1, 2, 3)]
    stack = build(SMALL[name], SHAPE, init)
    save(stack, SMALL[name], tmp_path / "weights.safetensors")
    x = torch.randn(3, 5, *SHAPE, generator=torch.Generator().manual_seed(9))
    sigma = torch.full((3, 5), 0.3)
    whole = restore(tmp_path / "weights.safetensors", "cpu")
    assert torch.equal(whole(x, sigma), stack(x, sigma))
    one = restore(tmp_path / "weights.safetensors", "cpu", copy=2)
    assert torch.allclose(one(x[2:], sigma[2:]), stack(x, sigma)[2:], atol=1e-6)


def test_truncated_checkpoint_names_the_file_and_the_fix(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save(build(SMALL["mlp"], SHAPE, [torch.Generator().manual_seed(1)]), SMALL["mlp"], path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(Problem, match=r"weights\.safetensors.*train it again"):
        restore(path, "cpu")
