"""A model is built from its parts, and costs what it says."""

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from harness.cell import part
from harness.data.words import Words
from harness.problem import Problem
from harness.tokens import HEADS, ORDERS, TOKENISERS
from harness.tokens.form import Form
from harness.tokens.manner import Manner
from harness.tokens.model import build, cost

CODES, VECTORS = Form(6, 5, discrete=True), Form(6, 3)
NETWORK, WORDS = part("transformer", width=16, heads=2), Words.of(["a cat", "two dogs"])


def generators(*seeds: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


@pytest.mark.parametrize("name", list(HEADS))
@pytest.mark.parametrize("order", [part("raster"), part("masked", steps=3)], ids=str)
def test_stated_operations_of_an_image_equal_counted_ones(order, name: str) -> None:
    form = CODES if HEADS[name].discrete else VECTORS
    head = part(name, hidden=8, draws=3) if name == "diffusion" else part(name)
    shown = torch.zeros(1, 1, *form.tail, dtype=torch.long if form.discrete else torch.float32)
    heun, other = Manner(steps=2), Manner(guidance=1.0, solver="ancestral", steps=3)
    for words, manner in ((None, heun), (WORDS, other)):
        model = build(form, order, NETWORK, head, generators(1), words)
        condition = None if words is None else torch.ones(1, 1, words.length, dtype=torch.long)
        for cached in (True, False):
            stated = cost(form, order, NETWORK, head, words, manner, cached)
            with FlopCounterMode(display=False) as counter, torch.no_grad():
                model(shown, condition, generators(1))
            assert stated.loss == counter.get_total_flops()
            with FlopCounterMode(display=False) as counter:
                model.draw(condition, 1, generators(1), manner, cached)
            assert stated.sample == counter.get_total_flops()


@pytest.mark.parametrize(
    "tokeniser", [part("patches", patch=2), part("codebook", codes=5)], ids=str
)
@pytest.mark.parametrize("order", list(ORDERS))
def test_images_go_through_every_arm_and_come_back_as_images(tokeniser, order: str) -> None:
    """Tokens of images are learned, drawn and decoded; weights and arrays make the same model."""
    images = np.random.default_rng(1).uniform(-1, 1, (20, 1, 4, 6)).astype(np.float32)
    made = TOKENISERS.make(tokeniser)
    made.fit(images, np.random.default_rng(2))
    tokens = torch.as_tensor(made.encode(images)).expand(2, *made.encode(images).shape)
    condition = torch.as_tensor(WORDS.tokens(["a cat"] * 20)).expand(2, 20, 2)
    for head in ("cross_entropy",) if made.form.discrete else ("diffusion", "squared"):
        arm = part(order, steps=3) if order == "masked" else part(order)
        given = (made.form, arm, NETWORK, part(head))
        model, other = (build(*given, generators(*seeds), WORDS) for seeds in ((1, 2), (3, 4)))
        loss = model(tokens, condition, generators(5, 6))
        assert loss.shape == (2, 20)
        other.load_state_dict(model.state_dict())
        assert torch.equal(other(tokens, condition, generators(5, 6)), loss)
        drawn = model.draw(condition[:, :3], 3, generators(7, 8), Manner(guidance=1.0))
        for copy in drawn:
            new = made.decode(copy.numpy())
            assert new.shape == (3, 1, 4, 6)
            assert np.abs(new).max() <= 1


def test_parts_that_do_not_fit_are_named() -> None:
    with pytest.raises(Problem, match="got tokens that are codes; take cross_entropy"):
        build(CODES, part("raster"), NETWORK, part("squared"), generators(1))
    with pytest.raises(Problem, match="got tokens that are vectors; take diffusion or squared"):
        build(VECTORS, part("raster"), NETWORK, part("cross_entropy"), generators(1))
    for network, head in (
        (part("transformer", wide=3), part("squared")),
        (NETWORK, part("squared", a=1)),
    ):
        with pytest.raises(Problem, match="give each its own parameters"):
            build(VECTORS, part("raster"), network, head, generators(1))
    with pytest.raises(Problem, match="known ones are transformer"):
        build(VECTORS, part("raster"), part("mamba"), part("squared"), generators(1))
    with pytest.raises(Problem, match="its parameters are none"):
        build(VECTORS, part("raster", steps=2), NETWORK, part("squared"), generators(1))
