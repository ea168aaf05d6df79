"""The training of token models: what a step shows each copy, and that copies are the ones alone."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from harness.cell import part
from harness.data.load import load
from harness.problem import Problem
from harness.tokens.model import Model, build
from harness.tokenwise import loop
from harness.tokenwise.counting import form_of
from harness.tokenwise.loop import clip, visits
from harness.tokenwise.pipeline import fitted, loaded
from harness.train.condition import Condition

from .arms import DIGITS, trained, training


def test_the_same_training_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        trained(training("codes", "masked"), tmp_path / name)
    one, two = ((tmp_path / n / "weights.safetensors").read_bytes() for n in ("one", "two"))
    assert one == two


def test_a_copy_in_a_stack_is_the_one_alone(tmp_path: Path) -> None:
    alone = trained(training(), tmp_path / "alone", 1)["train_tokens"].folder
    stack = trained(training(), tmp_path / "stack", 2)["train_tokens"].folder
    one, both = (load_file(each / "weights.safetensors") for each in (alone, stack))
    for name, array in one.items():
        if name.startswith("model."):
            assert np.allclose(both[name][:1], array, atol=1e-5)
    first, second = both["model.network.place"]
    assert not np.allclose(first, second)


def test_arms_of_a_replicate_see_the_same_images_in_the_same_sequence() -> None:
    one, two = training("codes", "masked"), training("squared", "raster", rate=3e-3)
    for replicate in range(2):
        for a, b in zip(visits(one, 50, 120, replicate), visits(two, 50, 120, replicate)):
            assert np.array_equal(a, b)
    assert not np.array_equal(visits(one, 50, 120, 0)[0], visits(one, 50, 120, 1)[0])
    other = visits(replace(one, copy=1), 50, 120, 0)
    assert not np.array_equal(visits(one, 50, 120, 0)[0], other[0])


def test_each_pass_has_every_image_once_and_the_told_rate_is_the_dropout() -> None:
    seen, untold = visits(training(), 50, 20_000, 0)
    assert all(sorted(part_) == list(range(50)) for part_ in seen.reshape(-1, 50))
    assert not np.array_equal(seen[:50], seen[50:100])
    assert abs(untold.mean() - 0.25) < 4 * (0.25 * 0.75 / 20_000) ** 0.5
    assert not visits(training(condition=None), 50, 100, 0)[1].any()


def test_a_step_shows_each_copy_its_own_images_and_what_they_are_told(
    tmp_path: Path, monkeypatch
) -> None:
    seen: list[tuple[torch.Tensor, torch.Tensor]] = []
    real = Model.forward

    def spied(self: Model, tokens: Any, condition: Any, generators: Any) -> torch.Tensor:
        seen.append((tokens, condition))
        return real(self, tokens, condition, generators)

    monkeypatch.setattr(Model, "forward", spied)
    asked = training("codes")
    trained(asked, tmp_path)
    images = load("digits").train
    words = Condition("label").tokens(images)
    assert len(seen) == 3
    for k in range(2):
        rows, untold = visits(asked, images.count, 96, k)
        told = np.where(untold[:, None], 0, words[rows])
        tokens = fitted(asked, k).encode(images.pixels)[rows]
        for step, (x, condition) in enumerate(seen):
            now = slice(32 * step, 32 * step + 32)
            assert np.array_equal(x[k].numpy(), tokens[now])
            assert np.array_equal(condition[k].numpy(), told[now])
        assert untold.any()


def test_gradients_are_clipped_copy_by_copy() -> None:
    weight = torch.nn.Parameter(torch.zeros(3, 2, 2))
    weight.grad = torch.stack([torch.full((2, 2), v) for v in (0.1, 10.0, float("nan"))])
    clip([weight])
    assert torch.equal(weight.grad[0], torch.full((2, 2), 0.1))
    assert weight.grad[1].norm() == pytest.approx(3.0)
    assert weight.grad[2].isnan().all()


@pytest.mark.parametrize("arm", ["patches", "codes"])
def test_products_rounded_to_bfloat16_move_a_loss_by_little(arm: str, monkeypatch) -> None:
    """As on a card; the loss stays float32, and gradients reach every weight."""
    monkeypatch.setitem(loop.OF_DEVICE, "cpu", torch.bfloat16)
    asked = training(arm, network=part("transformer", width=32, depth=2, heads=2))
    words = Condition().words_of(load("digits").classes)
    parts = asked.order, asked.network, asked.head
    form = form_of(asked, (1, 8, 8))
    model = build(form, *parts, [torch.Generator().manual_seed(0)], words)
    x = torch.as_tensor(fitted(asked, 0).encode(loaded(DIGITS).train.pixels[:64]))[None]
    told = torch.ones(1, 64, 1, dtype=torch.long)
    full = model(x, told, [torch.Generator().manual_seed(1)]).mean()
    with loop.rounded("cpu"):
        short = model(x, told, [torch.Generator().manual_seed(1)]).mean()
    assert short.dtype == torch.float32
    assert 0 < abs(short / full - 1) < 0.02
    short.backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"images": 16}, "a batch of 32"),
        ({"rate": 0.0}, "rate=0"),
        ({"ema": 1.0}, "ema=1"),
        ({"batch": 0}, "batch=0"),
        ({"condition": Condition("label", 0.1, part("cep_uniform", gamma=1.0))}, "perturbation"),
    ],
)
def test_what_is_no_training_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Problem, match=said):
        training(**changes)
