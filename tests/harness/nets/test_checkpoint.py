"""A checkpoint gives back the stack, or one copy of it; a broken one says so."""

import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from harness.cell import canonical, part
from harness.data.words import Words
from harness.nets.checkpoint import build, restore, save
from harness.nets.preconditioning import Denoiser
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


WORDS = Words.of(["a circle", "two red squares"])
DIT, BASIS = part("dit", width=16, depth=1), part("patch_pca", patch=4, keep=6)


def told(folder: Path) -> tuple[Denoiser, Path]:
    """A conditional stack of two, each with scales and components of its own, and its file."""
    stack = build(DIT, (3, 8, 16), [torch.Generator().manual_seed(k) for k in (1, 2)], BASIS, WORDS)
    for k in (0, 1):
        images = torch.randn(30, 3, 8, 16, generator=torch.Generator().manual_seed(k)).numpy()
        scales = stack.basis.measure(k, images.cumsum(-1) + k, True)
        stack.scales[k, 0] = torch.as_tensor(scales)
    save(stack, DIT, folder / "told.safetensors", BASIS)
    return stack, folder / "told.safetensors"


@pytest.mark.parametrize("copy", [None, 0, 1])
def test_a_conditional_copy_comes_back_with_its_own_scales_and_components(
    copy: int | None, tmp_path: Path
) -> None:
    stack, path = told(tmp_path)
    x = torch.randn(2, 2, 3, 8, 16, generator=torch.Generator().manual_seed(9))
    tokens = torch.as_tensor(WORDS.tokens(["a circle", "two red squares"])).expand(2, -1, -1)
    level = torch.full((2, 2), 0.7)
    again, own = restore(path, "cpu", copy), slice(None) if copy is None else [copy]
    assert not again.training
    assert again.words == WORDS
    assert again.shape == (3, 8, 16)
    found = again(x[own], level[own], tokens[own])
    assert torch.allclose(found, stack(x, level, tokens)[own], atol=1e-5)


WRONG = {
    "a network that no one has": {"network": {"name": "dti"}},
    "another width": {"network": {"name": "dit", "width": 32, "depth": 1}},
    "a parameter that no one reads": {"network": {"name": "dit", "breadth": 16}},
    "another basis": {"basis": {"name": "dct"}},
    "another patch": {"basis": {"name": "patch_pca", "patch": 3, "keep": 6}},
    "other words": {"words": {"known": ["a"], "length": 3, "whole": False}},
    "no words": {"words": None},
    "words of no form": {"words": [1]},
    "another shape": {"shape": [2, 3, 8, 8]},
    "a larger stack": {"shape": [3, 3, 8, 16]},
    "no copies": {"shape": [0, 3, 8, 16]},
    "more than there is memory for": {"network": {"name": "dit", "width": 10**13}},
}


@pytest.mark.parametrize("what", list(WRONG))
def test_a_header_that_its_weights_do_not_fit_names_the_file(what: str, tmp_path: Path) -> None:
    _, path = told(tmp_path)
    with safe_open(path, "pt") as file:
        header = json.loads(file.metadata()["denoiser"])
    made = {"denoiser": canonical({**header, **WRONG[what]})}
    save_file(load_file(path), path, metadata=made)
    with pytest.raises(Problem, match=r"told\.safetensors.*train it again"):
        restore(path, "cpu")


@pytest.mark.parametrize("what", ["one less", "one more", "no header", "no tensors at all", "text"])
def test_weights_that_are_not_those_of_the_network_name_the_file(what: str, tmp_path: Path) -> None:
    _, path = told(tmp_path)
    tensors = load_file(path)
    with safe_open(path, "pt") as file:
        header = file.metadata()
    match what:
        case "one less":
            del tensors["network.caption.bias"]
        case "one more":
            tensors["network.more"] = torch.ones(2)
        case "no header":
            header = None
        case "no tensors at all":
            tensors = {}
    save_file(tensors, path, metadata=header)
    if what == "text":
        path.write_text("weights")
    with pytest.raises(Problem, match=r"told\.safetensors.*train it again"):
        restore(path, "cpu")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"nothing\.safetensors.*train it again"):
        restore(tmp_path / "nothing.safetensors", "cpu")


@pytest.mark.parametrize("copy", [2, -1])
def test_a_copy_that_the_stack_does_not_have_is_refused(copy: int, tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"told\.safetensors"):
        restore(told(tmp_path)[1], "cpu", copy)
