"""The transformer: told its caption, place by place."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from harness.cell import part
from harness.data.words import Words
from harness.nets.checkpoint import build, restore, save
from harness.nets.dit import DiT
from harness.problem import Problem

SHAPE = (5, 2, 3)


def net(*seeds: int, **given: int) -> DiT:
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    return DiT(SHAPE, generators, width=16, depth=2, heads=2, **given)


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def test_every_place_hears_of_every_word_and_of_its_position() -> None:
    told = net(1, words=9, length=4)
    x, noise = draw(1, 1, *SHAPE), torch.zeros(1, 1)
    base = told(x, noise, torch.tensor([[[1, 2, 3, 0]]]))
    for other in ([1, 2, 4, 0], [2, 1, 3, 0], [1, 2, 3, 3]):
        changed = (told(x, noise, torch.tensor([[other]])) - base).abs().amax(2)[0, 0]
        assert (changed > 1e-5).all(), other  # [H, W]


def test_every_place_sees_every_other() -> None:
    plain, noise = net(1), torch.zeros(1, 1)
    x = draw(1, 1, *SHAPE)
    base = plain(x, noise)
    for place in range(6):
        other = x.clone()
        other[..., place // 3, place % 3] += 1
        assert ((plain(other, noise) - base).abs().amax(2) > 1e-6).all()


def test_copies_share_nothing_with_a_condition_too() -> None:
    tokens = torch.tensor([[[1, 2]], [[3, 0]]])
    x, noise = draw(2, 1, *SHAPE), torch.zeros(2, 1)
    both = net(1, 2, words=4, length=2)(x, noise, tokens)
    alone = net(2, words=4, length=2)(x[1:], noise[1:], tokens[1:])
    assert torch.allclose(both[1:], alone, atol=1e-5)


def test_operations_with_a_condition_are_the_counted_ones() -> None:
    told = net(1, words=9, length=4)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        told(draw(1, 1, *SHAPE), torch.zeros(1, 1), torch.ones(1, 1, 4, dtype=torch.long))
    stated = DiT.flops(SHAPE, width=16, depth=2, heads=2, words=9, length=4)
    assert stated == counter.get_total_flops()


def test_heads_divide_the_width() -> None:
    with pytest.raises(Problem, match="width that the heads divide"):
        DiT(SHAPE, [torch.Generator()], width=16, heads=3)


def test_a_checkpoint_keeps_basis_and_words(tmp_path) -> None:
    words = Words.of(["a circle", "two red squares"])
    row, basis = part("dit", width=16, depth=1), part("patch_pca", patch=4, keep=6)
    made = build(row, (3, 8, 8), [torch.Generator().manual_seed(1)], basis, words)
    made.basis.measure(0, draw(30, 3, 8, 8).numpy(), True)
    save(made, row, tmp_path / "w.safetensors", basis)
    again = restore(tmp_path / "w.safetensors", "cpu")
    x, sigma = draw(1, 2, 3, 8, 8), torch.full((1, 2), 0.5)
    tokens = torch.as_tensor(words.tokens(["a circle", "two red squares"]))[None]
    assert again.words == words
    assert torch.equal(again(x, sigma, tokens), made(x, sigma, tokens))


def test_a_network_without_words_takes_no_condition() -> None:
    words = Words.of(["a circle"])
    with pytest.raises(Problem, match="takes words for a condition"):
        build(part("mlp"), (1, 8, 8), [torch.Generator()], words=words)
