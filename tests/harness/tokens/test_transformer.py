"""The network of token models: what a slot sees, and what a stack, a cache and a bill are."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from harness.nets.stacked import Linear
from harness.problem import Problem
from harness.tokens import ORDERS
from harness.tokens.block import Pair
from harness.tokens.draw import passes
from harness.tokens.form import Form
from harness.tokens.slots import Slots, in_place, in_turn
from harness.tokens.transformer import Transformer

CODES, VECTORS = Form(6, 5, discrete=True), Form(6, 3)
TOLD = {"words": 7, "length": 2}


def generators(*seeds: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def net(form: Form, *seeds: int, **given: int) -> Transformer:
    made = Transformer(form, generators(*seeds), width=16, depth=2, heads=2, **given)
    with torch.no_grad():
        for parameter in made.parameters():  # biases too
            shape = parameter.shape[1:]
            parameter += torch.stack(
                [0.2 * torch.randn(shape, generator=g) for g in generators(*seeds)]
            )
    return made.eval()


def tokens(form: Form, stack: int = 1, batch: int = 3, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    if form.discrete:
        return torch.randint(form.size, (stack, batch, form.length), generator=generator)
    return torch.randn(stack, batch, form.length, form.size, generator=generator)


def words(stack: int = 1, batch: int = 3) -> Tensor:
    return torch.randint(7, (stack, batch, 2), generator=torch.Generator().manual_seed(9))


def shuffled(stack: int = 1, batch: int = 3, seed: int = 4) -> Tensor:
    given = generators(*range(seed, seed + stack))
    return ORDERS["random"]().permutations(batch, 6, given)


def by_hand(
    made: Transformer, k: int, b: int, slots: Slots, told: Tensor | None, causal: bool
) -> Tensor:
    """Copy k on image b, slot by slot, with PyTorch's own attention."""

    def through(layer: Linear, h: Tensor) -> Tensor:
        return h @ layer.weight[k] + layer.bias[k, 0]

    def norm(h: Tensor) -> Tensor:
        off = h - h.mean(1, keepdim=True)
        return off / (off.square().mean(1, keepdim=True) + 1e-5).sqrt()

    rows = (
        []
        if told is None
        else [made.word[k, w] + made.position[k, i] for i, w in enumerate(told[k, b])]
    )
    length = len(rows)
    for token, known, held, asked in zip(*(each[k, b] for each in slots)):
        if not known:
            content = made.nothing[k]
        elif made.form.discrete:
            content = made.code[k, token] + made.place[k, held]
        else:
            content = through(made.inward, token) + made.place[k, held]
        rows.append(content + made.aim[k, asked])
    h = torch.stack(rows)
    count = len(h)
    may = torch.tensor(
        [[not causal or j < length or j <= i for j in range(count)] for i in range(count)]
    )
    for block in made.blocks:
        parts = through(block.attend, norm(h)).split(made.width, dim=1)
        split = [torch.stack(part.split(made.width // 2, dim=1)) for part in parts]
        mixed = F.scaled_dot_product_attention(*split, attn_mask=may)
        h = h + through(block.merge, torch.cat([*mixed], dim=1))
        h = h + through(block.narrow, F.silu(through(block.widen, norm(h))))
    return norm(h[length:])


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("told", [None, words(2)], ids=["free", "told"])
@pytest.mark.parametrize("form", [CODES, VECTORS], ids=["codes", "vectors"])
def test_it_computes_what_an_independent_implementation_does(form, told, causal) -> None:
    made = net(form, 1, 2, **(TOLD if told is not None else {}))
    shown, turns = tokens(form, 2), shuffled(2)
    slots = in_turn(shown, turns) if causal else in_place(shown, turns < 4)
    with torch.no_grad():
        found = made(slots, told, causal)
        for k in (0, 1):
            expected = by_hand(made, k, 1, slots, told, causal)
            assert torch.allclose(found[k, 1], expected, atol=1e-4)


@pytest.mark.parametrize("form", [CODES, VECTORS], ids=["codes", "vectors"])
def test_a_causal_model_cannot_see_the_future(form: Form) -> None:
    """A token changed: what is asked for up to it is the same to the last bit, what comes later is
    not; and a masked model sees it from everywhere, unless it is hidden."""
    made, shown, turns = net(form, 1, **TOLD), tokens(form), shuffled()
    before = made(in_turn(shown, turns), words(), True)
    for t in range(form.length):
        other = shown.clone()
        for b in range(3):
            place = turns[0, b, t]
            other[0, b, place] = (other[0, b, place] + 1) % 5
        after = made(in_turn(other, turns), words(), True)
        assert torch.equal(after[:, :, : t + 1], before[:, :, : t + 1])
        assert ((after - before)[:, :, t + 1 :].abs().amax(-1) > 1e-4).all()
    hidden = torch.zeros_like(turns, dtype=torch.bool)
    hidden[:, :, :3] = True
    before = made(in_place(shown, hidden), words())
    for place in range(form.length):
        other = shown.clone()
        other[:, :, place] = (other[:, :, place] + 1) % 5
        after = made(in_place(other, hidden), words())
        if place < 3:
            assert torch.equal(after, before)
        else:
            assert ((after - before).abs().amax(-1) > 1e-5).all()


def test_a_causal_model_knows_which_place_it_is_asked_for_and_where_each_token_is_from() -> None:
    made, shown = net(CODES, 1), tokens(CODES, batch=1)
    slots = in_turn(shown, torch.arange(6)[None, None])
    before = made(slots, None, True)
    for name in ("asked", "held"):
        changed = getattr(slots, name).clone()
        changed[0, 0, 3] = 0
        after = made(slots._replace(**{name: changed}), None, True)
        assert (after - before)[0, 0, 3].abs().max() > 1e-3, name
        assert torch.equal(after[0, 0, :3], before[0, 0, :3])


@pytest.mark.parametrize("causal", [True, False])
def test_every_slot_hears_of_every_word_and_of_its_position(causal: bool) -> None:
    made, shown, turns = net(VECTORS, 1, **TOLD), tokens(VECTORS), shuffled()
    slots = in_turn(shown, turns) if causal else in_place(shown, turns < 4)
    before = made(slots, torch.tensor([[[1, 2]] * 3]), causal)
    for other in ([3, 2], [1, 3], [2, 1]):
        after = made(slots, torch.tensor([[other] * 3]), causal)
        assert ((after - before).abs().amax(-1) > 1e-5).all(), other


@pytest.mark.parametrize("told", [None, words(2)], ids=["free", "told"])
def test_kept_keys_and_values_give_what_the_whole_pass_gives(told: Tensor | None) -> None:
    """In steps of one slot and of several; without the past a slot gives something else."""
    made = net(CODES, 1, 2, **(TOLD if told is not None else {}))
    slots = in_turn(tokens(CODES, 2), shuffled(2))
    whole = made(slots, told, True)
    for cuts in ([1] * 6, [1, 3, 2], [4, 2], [6]):
        past: list[Pair] = []
        start, parts = 0, []
        for size in cuts:
            parts.append(made(slots.part(start, start + size), told, True, past))
            start += size
        assert torch.allclose(torch.cat(parts, 2), whole, atol=2e-5)
        assert len(past) == 2
        assert past[0][0].shape == (2 * 3 * 2, 6 + (2 if told is not None else 0), 8)
    lone = made(slots.part(5, 6), told, True)
    assert (lone - whole[:, :, 5:]).abs().max() > 1e-2


@pytest.mark.parametrize("form", [CODES, VECTORS], ids=["codes", "vectors"])
def test_a_copy_of_a_stack_equals_the_network_alone_with_its_gradient(form: Form) -> None:
    stack, alone = net(form, 1, 2, **TOLD).double(), net(form, 2, **TOLD).double()
    shown, turns = tokens(form, 2), shuffled(2)
    shown = shown if form.discrete else shown.double()
    together = stack(in_turn(shown, turns), words(2), True)
    single = alone(in_turn(shown[1:], turns[1:]), words(2)[1:], True)
    assert torch.allclose(together[1:], single, atol=1e-10)
    together.pow(3).sum().backward()
    single.pow(3).sum().backward()
    for whole, own in zip(stack.parameters(), alone.parameters()):
        assert whole.grad is not None
        assert own.grad is not None
        assert torch.allclose(whole.grad[1:], own.grad, atol=1e-8)


def test_words_and_what_they_embed_to_are_the_same_condition() -> None:
    made, slots = net(CODES, 1, **TOLD), in_place(tokens(CODES), shuffled() < 3)
    assert torch.equal(made(slots, words()), made(slots, made.embed(words())))
    with pytest.raises(ValueError, match="given no condition"):
        made(slots)


@pytest.mark.parametrize("told", [{}, TOLD], ids=["free", "told"])
@pytest.mark.parametrize("form", [CODES, VECTORS], ids=["codes", "vectors"])
def test_stated_operations_equal_counted_ones(form: Form, told: dict[str, int]) -> None:
    made, shape = net(form, 1, **told), {"width": 16, "depth": 2, "heads": 2}
    slots = in_turn(tokens(form, batch=1), shuffled(batch=1))
    given = words(batch=1) if told else None
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        made(slots, given, True)
    stated = Transformer.flops(form, **shape, **told)
    assert stated == counter.get_total_flops()
    # By hand: 6 slots and the words pass 12 w^2 and attend to all in 2 w; vectors enter by 3 w.
    count = 6 + told.get("length", 0)
    block = count * 12 * 16**2 + 2 * count**2 * 16
    assert stated == 2 * (2 * block + (0 if form.discrete else 6 * 3 * 16))
    past: list[Pair] = []
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        for t in range(6):
            made(slots.part(t, t + 1), given, True, past)
    cached = passes(ORDERS["raster"](), form, **shape, **told)
    assert cached == counter.get_total_flops()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        for t in range(6):
            made(slots.part(0, t + 1), given, True)
    plain = passes(ORDERS["random"](), form, **shape, **told, cached=False)
    assert plain == counter.get_total_flops()
    assert plain > 2.5 * cached
    assert passes(ORDERS["masked"](steps=4), form, **shape, **told) == 4 * stated


def test_heads_divide_the_width() -> None:
    for wrong in ({"width": 16, "heads": 3}, {"depth": 0}, {"heads": 0}):
        with pytest.raises(Problem, match="width that the heads divide"):
            Transformer(CODES, generators(1), **wrong)


@torch.no_grad()
def test_the_start_is_of_the_order_of_one() -> None:
    """h has the norm of sqrt(width) whatever the depth; blocks add about as much as was there."""
    for depth in (1, 6):
        made = Transformer(VECTORS, generators(1), width=32, depth=depth, heads=4)
        shown = made._shown(in_place(tokens(VECTORS, batch=50), shuffled(batch=50) < 3))
        h = shown
        for block in made.blocks:
            h, _ = block(h, None)
        assert 0.5 < float(shown.std()) < 3
        assert float(h.std()) < 3 * float(shown.std())
        assert math.isclose(
            float(made(in_place(tokens(VECTORS), shuffled() < 3)).std()), 1, rel_tol=0.1
        )
