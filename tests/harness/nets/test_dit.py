"""The transformer: told its caption, place by place."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from harness.cell import part
from harness.data.words import Words
from harness.nets.checkpoint import build, restore, save
from harness.nets.dit import DiT
from harness.nets.stacked import Linear, fourier
from harness.problem import Problem

SHAPE = (5, 2, 3)


def net(*seeds: int, **given: int) -> DiT:
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    return DiT(SHAPE, generators, width=16, depth=2, heads=2, **given)


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def by_hand(dit: DiT, k: int, x: Tensor, level: Tensor, tokens: Tensor) -> Tensor:
    """Copy k on one image [C, H, W] as the paper has it, with PyTorch's own attention."""

    def through(layer: Linear, h: Tensor) -> Tensor:
        return h @ layer.weight[k] + layer.bias[k, 0]

    def norm(h: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
        off = h - h.mean(1, keepdim=True)
        return off / (off.square().mean(1, keepdim=True) + 1e-5).sqrt() * (1 + scale) + shift

    def heads(h: Tensor) -> Tensor:
        return torch.stack(h.split(dit.width // 2, dim=1))  # [2, T, w / 2]

    h = through(dit.inward, x.flatten(1).T) + dit.place[k]
    e = through(dit.noise, fourier(level[None], 64)[0])
    if len(tokens):
        words = torch.stack([dit.word[k, t] for t in tokens.tolist()]) + dit.position[k]
        h = torch.cat([h, words])
        e = e + through(dit.caption, F.silu(words.sum(0) / len(tokens)))
    for block in dit.blocks:
        turns = through(block.modulation, F.silu(e)).split(dit.width)
        parts = through(block.attend, norm(h, *turns[:2])).split(dit.width, dim=1)
        mixed = F.scaled_dot_product_attention(*map(heads, parts))
        h = h + turns[2] * through(block.merge, torch.cat([*mixed], dim=1))
        wide = F.silu(through(block.widen, norm(h, *turns[3:5])))
        h = h + turns[5] * through(block.narrow, wide)
    zero = torch.zeros(dit.width)
    out = through(dit.outward, norm(h[: x[0].numel()], zero, zero))
    return out.T.reshape(x.shape)


@pytest.mark.parametrize("tokens", [[[1, 2, 3, 0], [0, 0, 0, 0]], [[], []]])
def test_it_computes_what_an_independent_implementation_does(tokens: list[list[int]]) -> None:
    length = len(tokens[0])
    given = {"words": 9, "length": length} if length else {}
    dit = net(1, 2, **given)
    with torch.no_grad():
        for parameter in dit.parameters():  # biases too, and gates that are not small
            parameter += 0.3 * draw(*parameter.shape)
        x, level = draw(2, 2, *SHAPE), draw(2, 2)
        told = torch.tensor([tokens, tokens[::-1]]) if length else None
        found = dit(x, level, told)
        for k in (0, 1):
            for b in (0, 1):
                own = told[k, b] if told is not None else torch.tensor([])
                expected = by_hand(dit, k, x[k, b], level[k, b], own)
                assert torch.allclose(found[k, b], expected, atol=1e-4, rtol=1e-4)


def test_a_conditional_network_is_not_run_without_a_condition() -> None:
    with pytest.raises(ValueError, match="given no condition"):
        net(1, words=9, length=4)(draw(1, 1, *SHAPE), torch.zeros(1, 1))


def test_the_default_for_scenes_is_as_large_as_the_module_says() -> None:
    """0.37M parameters, 8 MFLOP: 9 places of 32 components, 25 tokens, 7 a caption."""
    dit = DiT((32, 3, 3), [torch.Generator()], words=25, length=7)
    assert round(sum(p.numel() for p in dit.parameters()) / 1e6, 2) == 0.37
    # By hand: 16 tokens pass 12 w^2 and attend to 16 in 2 x 16 w; the modulation takes 6 w^2.
    block = 16 * 12 * 80**2 + 2 * 16**2 * 80 + 6 * 80**2
    ends = 64 * 80 + 2 * 9 * 32 * 80 + 80**2
    stated = DiT.flops((32, 3, 3), words=25, length=7)
    assert stated == 2 * (3 * block + ends)
    assert round(stated / 1e6) == 8


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
