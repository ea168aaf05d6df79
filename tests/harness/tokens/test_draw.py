"""Drawing and the loss: one law, read at once in training and token by token in sampling."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from harness.cell import part
from harness.problem import Problem
from harness.tokens import HEADS, ORDERS
from harness.tokens.chance import Generators
from harness.tokens.cross_entropy import CrossEntropy
from harness.tokens.diffusion import Diffusion
from harness.tokens.draw import draw
from harness.tokens.form import Form
from harness.tokens.head import Head
from harness.tokens.loss import loss
from harness.tokens.manner import Manner
from harness.tokens.order import Order
from harness.tokens.raster import Raster
from harness.tokens.slots import in_place, take
from harness.tokens.squared import Squared
from harness.tokens.transformer import Transformer

CODES, VECTORS = Form(6, 5, discrete=True), Form(6, 3)
TOLD = {"words": 7, "length": 2}
ARMS = [(order, head) for order in ORDERS for head in HEADS]


def generators(*seeds: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def order(name: str) -> Order:
    return ORDERS.make(part(name, **({"steps": 3} if name == "masked" else {})))


def model(head: str, *seeds: int, **given: int) -> tuple[Transformer, Head]:
    """With logits that are not all alike at the start."""
    form = CODES if HEADS[head].discrete else VECTORS
    given_draws = generators(*seeds)
    network = Transformer(form, given_draws, width=16, depth=2, heads=2, **given)
    made: Head = HEADS[head](16, form.size, given_draws)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter += 0.2 * torch.stack(
                [torch.randn(parameter.shape[1:], generator=g) for g in given_draws]
            )
    return network.eval(), made


def tokens(form: Form, stack: int = 1, batch: int = 3) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    if form.discrete:
        return torch.randint(form.size, (stack, batch, form.length), generator=generator)
    return torch.randn(stack, batch, form.length, form.size, generator=generator)


def words(stack: int = 1, batch: int = 3) -> Tensor:
    return torch.randint(1, 7, (stack, batch, 2), generator=torch.Generator().manual_seed(9))


class Forced(Head):
    """Draws the tokens that it was given, and keeps what it was told on the way."""

    def __init__(self, head: CrossEntropy, turns: Tensor) -> None:
        """turns: the tokens [K, B, T] in the order in which they are drawn."""
        super().__init__()
        self.head, self.turns, self.discrete = head, turns, True  # type: ignore[misc]
        self.losses: list[Tensor] = []
        self.told: list[Tensor] = []
        self.free: list[Tensor | None] = []
        self.pulls: list[float] = []

    def sample(
        self, h: Tensor, free: Tensor | None, pull: float, manner: Manner, generators: Generators
    ) -> Tensor:
        start = sum(each.shape[2] for each in self.losses)
        drawn = self.turns[:, :, start : start + h.shape[2]]
        self.losses.append(self.head.loss(h, drawn, []))
        self.told.append(h)
        self.free.append(free)
        self.pulls.append(pull)
        return drawn


class Given(Order):
    """Causal, in the orders that it was given."""

    causal = True

    def __init__(self, places: Tensor) -> None:
        self.places = places

    def permutations(self, count: int, length: int, generators: Generators) -> Tensor:
        return self.places.expand(len(generators), count, length)


@pytest.mark.parametrize("cached", [True, False])
@pytest.mark.parametrize("told", [None, words(2)], ids=["free", "told"])
@pytest.mark.parametrize("name", ["raster", "random"])
@torch.no_grad()
def test_teacher_forced_likelihood_is_that_of_drawing_step_by_step(name, told, cached) -> None:
    network, head = model("cross_entropy", 1, 2, **(TOLD if told is not None else {}))
    shown = tokens(CODES, 2)
    at_once = loss(network, order(name), head, shown, told, generators(3, 4))
    places = order(name).permutations(3, 6, generators(3, 4))
    forced = Forced(head, take(shown, places))  # type: ignore[arg-type]
    drawn = draw(network, order(name), forced, told, 3, generators(3, 4), cached=cached)
    assert torch.equal(drawn, shown)
    assert torch.allclose(torch.cat(forced.losses, 2).mean(2), at_once, atol=1e-5)
    assert at_once.std() > 0.01


@torch.no_grad()
def test_random_order_with_the_raster_permutation_is_raster(monkeypatch) -> None:
    """And any other order is raster on an image whose places have been renamed."""
    network, head = model("cross_entropy", 1)
    shown, turns = tokens(CODES), torch.tensor([3, 0, 5, 1, 4, 2])
    raster = loss(network, Raster(), head, shown, None, generators(1))
    with monkeypatch.context() as patch:
        same = torch.arange(6).expand(1, 3, 6)
        patch.setattr("harness.tokens.random.permutations", lambda *_: same.clone())
        assert torch.allclose(
            loss(network, order("random"), head, shown, None, generators(1)), raster, atol=1e-6
        )
        drawn = [
            draw(network, each, head, None, 3, generators(5))
            for each in (order("random"), Raster())
        ]
        assert torch.equal(*drawn)
    other = loss(network, Given(turns), head, shown, None, generators(1))
    assert (other - raster).abs().max() > 1e-3
    network.place.data, network.aim.data = network.place[:, turns], network.aim[:, turns]
    renamed = loss(network, Raster(), head, shown[:, :, turns], None, generators(1))
    assert torch.allclose(renamed, other, atol=1e-5)


@torch.no_grad()
def test_a_masked_step_sees_what_was_drawn_before_and_nothing_else() -> None:
    """Each step of the drawing against one pass that is shown the true tokens drawn by then."""
    network, head = model("cross_entropy", 1, **TOLD)
    masked, shown = order("masked"), tokens(CODES)
    places = masked.permutations(3, 6, generators(2))
    forced = Forced(head, take(shown, places))  # type: ignore[arg-type]
    assert torch.equal(draw(network, masked, forced, words(), 3, generators(2)), shown)
    counts, done = masked.counts(6), 0
    assert [each.shape[2] for each in forced.told] == list(counts)
    assert len(counts) == 3
    for count, h in zip(counts, forced.told):
        hidden = places.argsort(-1) >= done
        whole = network(in_place(shown, hidden), words())
        assert torch.allclose(h, take(whole, places[:, :, done : done + count]), atol=1e-5)
        done += count


@pytest.mark.parametrize("name", list(ORDERS))
@torch.no_grad()
def test_guidance_grows_with_the_tokens_drawn_and_tells_the_null_condition(name: str) -> None:
    network, head = model("cross_entropy", 1, **TOLD)
    shown, places = tokens(CODES), order(name).permutations(3, 6, generators(2))
    runs = []
    for told, weight in ((words(), 3.0), (words(), 0.0), (torch.zeros_like(words()), 0.0)):
        forced = Forced(head, take(shown, places))  # type: ignore[arg-type]
        manner = Manner(guidance=weight)
        draw(network, order(name), forced, told, 3, generators(2), manner)
        runs.append(forced)
    guided, alone, null = runs
    done = np.cumsum(order(name).counts(6))
    assert guided.pulls == pytest.approx(3.0 * done / 6)  # the last step has all of it
    assert alone.pulls == [0.0] * len(done)
    for told, free, one, other in zip(guided.told, guided.free, alone.told, null.told):
        assert free is not None
        assert torch.allclose(told, one, atol=1e-5)
        assert torch.allclose(free, other, atol=1e-5)
        assert (told - free).abs().max() > 1e-2
    assert alone.free == [None] * len(done)


@pytest.mark.parametrize(("name", "head"), ARMS)
@torch.no_grad()
def test_a_copy_of_a_stack_draws_and_loses_what_it_does_alone(name: str, head: str) -> None:
    (networks, heads), (network, own) = model(head, 1, 2, **TOLD), model(head, 2, **TOLD)
    shown = tokens(network.form, 2, 3)
    together = loss(networks, order(name), heads, shown, words(2), generators(3, 4))
    single = loss(network, order(name), own, shown[1:], words(2)[1:], generators(4))
    assert together.shape == (2, 3)
    assert torch.allclose(together[1:], single, atol=1e-4)
    manner = Manner(guidance=0.5, steps=4)
    many = draw(networks, order(name), heads, words(2), 3, generators(3, 4), manner)
    one = draw(network, order(name), own, words(2)[1:], 3, generators(4), manner)
    assert many.shape == (2, 3, *network.form.tail)
    assert torch.allclose(many[1:].float(), one.float(), atol=1e-3)
    network.form.check(many.numpy())
    if order(name).causal:
        plain = draw(
            networks, order(name), heads, words(2), 3, generators(3, 4), manner, cached=False
        )
        assert torch.allclose(plain.float(), many.float(), atol=1e-3)


@pytest.mark.parametrize(("name", "head"), ARMS)
def test_a_loss_of_equal_generators_is_equal_and_trains_every_parameter(name, head) -> None:
    network, own = model(head, 1, **TOLD)
    shown, asked = tokens(network.form, 1, 16), words(1, 16)
    first = loss(network, order(name), own, shown, asked, generators(3))
    again = loss(network, order(name), own, shown, asked, generators(3))
    assert torch.equal(first, again)
    first.mean().backward()
    for module in (network, own):
        for parameter_name, parameter in module.named_parameters():
            assert parameter.grad is not None, parameter_name
            assert parameter.grad.abs().max() > 0, parameter_name


@torch.no_grad()
def test_a_masked_loss_is_the_mean_over_the_hidden_tokens_alone() -> None:
    network, head = model("cross_entropy", 1)
    masked, shown = order("masked"), tokens(CODES, 1, 50)
    found = loss(network, masked, head, shown, None, generators(3))
    drawing = generators(3)
    places = masked.permutations(50, 6, drawing)
    hidden = masked.hidden(places, drawing)
    assert not hidden.all()
    each = head.loss(network(in_place(shown, hidden)), shown, [])
    by_hand = [float(own[seen].mean()) for own, seen in zip(each[0], hidden[0])]
    assert found[0].tolist() == pytest.approx(by_hand, abs=1e-5)


def test_a_diverged_copy_leaves_the_others_as_they_are() -> None:
    network, head = model("cross_entropy", 1, 2)
    for parameter in (*network.parameters(), *head.parameters()):
        parameter.data[0] = math.nan
    for name in ORDERS:
        drawn = draw(network, order(name), head, None, 3, generators(1, 2))
        assert (drawn[0] == -1).all()
        assert (drawn[1] >= 0).all()


def test_what_does_not_fit_is_named() -> None:
    network, head = model("cross_entropy", 1, **TOLD)
    shown, drawing = tokens(CODES), generators(1)
    for wrong in (Squared(16, 3, drawing), Diffusion(16, 3, drawing)):
        with pytest.raises(Problem, match="a model of codes; got a head for vectors"):
            loss(network, Raster(), wrong, shown, words(), drawing)
    with pytest.raises(Problem, match="condition; got none"):
        loss(network, Raster(), head, shown, None, drawing)
    plain, own = model("cross_entropy", 1)
    with pytest.raises(Problem, match="condition; got one"):
        draw(plain, Raster(), own, words(), 3, drawing)
    with pytest.raises(Problem, match=r"guidance=1\.0; got a model without a condition"):
        draw(plain, Raster(), own, None, 3, drawing, Manner(guidance=1.0))
    with pytest.raises(Problem, match="4 images; got conditions for 3"):
        draw(network, Raster(), head, words(), 4, drawing)
    with pytest.raises(Problem, match="got the token 5"):
        loss(plain, Raster(), own, torch.full((1, 1, 6), 5), None, drawing)
    with pytest.raises(Problem, match=r"tokens \[..., 6\]"):
        loss(plain, Raster(), own, torch.zeros(1, 1, 7, dtype=torch.long), None, drawing)
    with pytest.raises(Problem, match="7 steps of sampling; got images of 6 tokens"):
        draw(plain, ORDERS["masked"](steps=7), own, None, 3, drawing)
