"""Orders: every place once, in the law that each states."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import truncnorm

from harness.problem import Problem
from harness.tokens import ORDERS
from harness.tokens.masked import Masked
from harness.tokens.order import Order
from harness.tokens.slots import in_place, in_turn, put, take


def generators(*seeds: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def order(name: str) -> Order:
    return ORDERS[name]()


@given(st.integers(1, 200), st.data())
def test_the_cosine_schedule_draws_each_token_once(length, data) -> None:
    steps = data.draw(st.integers(1, length))
    counts = Masked(steps=steps).counts(length)
    assert len(counts) == steps
    assert sum(counts) == length
    assert min(counts) >= 1
    left = length - np.cumsum(counts)
    cosine = length * np.cos(np.pi / 2 * np.arange(1, steps + 1) / steps)
    # The schedule, but for one token at least a step: before, and so to be drawn later.
    free = np.floor(cosine + 1e-9)
    assert (left <= np.maximum(free, steps - np.arange(1, steps + 1))).all()
    if (np.diff(free, prepend=length) <= -1).all():
        assert np.array_equal(left, free)


def test_the_cosine_schedule_of_some_lengths_by_hand() -> None:
    """16 cos(pi/8 i) = 14.8, 11.3, 6.1, 0; and 64 cos(pi/6 i) = 55.4, 32, 0."""
    assert Masked(steps=4).counts(16) == (2, 3, 5, 6)
    assert Masked(steps=3).counts(64) == (9, 23, 32)
    assert Masked(steps=1).counts(5) == (5,)
    assert Masked(steps=5).counts(5) == (1, 1, 1, 1, 1)
    assert Masked(steps=8).counts(16) == (1, 1, 1, 2, 3, 2, 3, 3)


@pytest.mark.parametrize("name", list(ORDERS))
@given(length=st.integers(8, 30), seed=st.integers(0, 1000))
def test_each_place_comes_exactly_once(name: str, length: int, seed: int) -> None:
    made = order(name)
    places = made.permutations(3, length, generators(seed, seed + 1))
    assert places.dtype == torch.int64
    assert places.shape == (2, 3, length)
    assert (places.sort(-1).values == torch.arange(length)).all()
    assert sum(made.counts(length)) == length


@pytest.mark.parametrize("name", ["random", "masked"])
def test_every_place_is_as_likely_at_every_turn(name: str) -> None:
    """Chi-squared of place against turn, (T - 1)^2 degrees of freedom, by its normal limit."""
    count, length = 4000, 6
    places = order(name).permutations(count, length, generators(3))[0]
    table = torch.stack([torch.bincount(turn, minlength=length) for turn in places.T]).double()
    chi = float(((table - count / length) ** 2 / (count / length)).sum())
    degrees = (length - 1) ** 2
    assert abs(chi - degrees) < 4 * math.sqrt(2 * degrees)


def test_raster_goes_row_by_row_and_draws_nothing() -> None:
    generator = torch.Generator().manual_seed(1)
    before = generator.get_state()
    places = order("raster").permutations(2, 9, [generator])
    assert (places == torch.arange(9)).all()
    assert torch.equal(generator.get_state(), before)


def test_a_copy_has_the_order_that_it_has_alone() -> None:
    for name in ORDERS:
        made = order(name)
        both, own = generators(1, 2), generators(2)
        together, alone = (made.permutations(5, 12, each) for each in (both, own))
        assert torch.equal(together[1:], alone)
        assert torch.equal(made.hidden(together, both)[1:], made.hidden(alone, own))


def test_the_hidden_share_has_the_law_of_mar() -> None:
    """ceil(r T) of T, r from a normal law cut to [0.7, 1], against scipy's; 4 standard errors."""
    length, count, given = 50, 8000, generators(4)
    for made, least, spread in ((Masked(), 0.7, 0.25), (Masked(least=0.5, spread=0.4), 0.5, 0.4)):
        places = made.permutations(count, length, given)
        hidden = made.hidden(places, given)
        counts = hidden.sum(-1)[0].numpy()
        law = truncnorm((least - 1) / spread, 0, loc=1, scale=spread)
        k = np.arange(math.floor(least * length), length + 1)
        chance = law.cdf(k / length) - law.cdf((k - 1) / length)
        mean = float((k * chance).sum())
        deviation = float(np.sqrt((k**2 * chance).sum() - mean**2))
        assert chance.sum() == pytest.approx(1)
        assert abs(counts.mean() - mean) < 4 * deviation / math.sqrt(count)
        assert abs((counts == length).mean() - chance[-1]) < 4 * math.sqrt(chance[-1] / count)
        assert counts.min() >= math.floor(least * length)
        share = hidden[0].double().mean(0)  # every place is hidden as often
        assert (share - mean / length).abs().max() < 5 * math.sqrt(0.25 / count)
    late = take(hidden.long(), places)
    assert (late.diff(dim=-1) >= 0).all()  # those that come last are the hidden ones


@pytest.mark.parametrize("name", ["raster", "random"])
def test_a_causal_order_asks_for_all(name: str) -> None:
    made = order(name)
    assert made.causal
    assert made.hidden(made.permutations(2, 5, generators(1)), generators(1)).all()
    assert made.counts(5) == (1, 1, 1, 1, 1)


def test_a_slot_in_turn_holds_the_token_before_and_asks_for_the_next() -> None:
    tokens = torch.tensor([[[10, 11, 12, 13]]])
    slots = in_turn(tokens, torch.tensor([[[2, 0, 3, 1]]]))
    assert slots.asked.tolist() == [[[2, 0, 3, 1]]]
    assert slots.known.tolist() == [[[False, True, True, True]]]
    assert slots.held[..., 1:].tolist() == [[[2, 0, 3]]]
    assert slots.tokens[..., 1:].tolist() == [[[12, 10, 13]]]
    assert slots.part(1, 3).tokens.tolist() == [[[12, 10]]]


def test_a_slot_in_place_holds_its_own_token_unless_hidden() -> None:
    hidden = torch.tensor([[[True, False, True]]])
    slots = in_place(torch.tensor([[[7, 8, 9]]]), hidden)
    assert slots.known.tolist() == [[[False, True, False]]]
    assert slots.held.tolist() == slots.asked.tolist() == [[[0, 1, 2]]]


@pytest.mark.parametrize("tail", [(), (3,)])
def test_what_is_put_is_what_is_taken(tail: tuple[int, ...]) -> None:
    tokens = torch.arange(2 * 2 * 5 * math.prod(tail)).view(2, 2, 5, *tail)
    places = order("random").permutations(2, 5, generators(1, 2))[:, :, :3]
    found = take(tokens, places)
    assert torch.equal(found[1, 0, 2], tokens[1, 0, places[1, 0, 2]])
    copy = torch.zeros_like(tokens)
    put(copy, places, found)
    assert torch.equal(take(copy, places), found)
    assert (copy != 0).sum() <= found.numel()


def test_what_cannot_be_is_named() -> None:
    with pytest.raises(Problem, match="9 steps of sampling; got images of 8 tokens"):
        Masked(steps=9).counts(8)
    for wrong in ({"steps": 0}, {"least": 1.0}, {"least": 0.0}, {"spread": 0.0}):
        with pytest.raises(Problem, match="the order masked"):
            Masked(**wrong)
    with pytest.raises(Problem, match="known ones are raster, random, masked"):
        ORDERS["spiral"]
