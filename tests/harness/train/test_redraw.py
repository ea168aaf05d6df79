"""Labels that are redrawn: at each visit of an image, as often as stated and by the law."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from harness.cell import Part, part
from harness.corrupt.transition import by_prior, cumulative, drawn
from harness.data.images import Images
from harness.data.load import load
from harness.objectives.denoising import Denoising
from harness.streams import torch_generator
from harness.train.condition import Condition
from harness.train.drawing import Drawing
from harness.train.loop import train
from harness.train.material import Material, collect
from harness.train.relabelling import Redraw, Relabelling
from harness.train.training import Training

DIGITS, SCENES = part("digits"), part("scenes", count=300)
FLIPS, SWAPS, EDITS = part("flips"), part("swaps"), part("edits")
GROUPS = part("confusions", groups=((3, 8, 5), (4, 9)))


@cache
def images(dataset: Part) -> Images:
    return load(dataset.name, **dataset.kwargs()).train


def training(dataset: Part, relabelling: Relabelling | None, **changes: Any) -> Training:
    given: dict[str, Any] = {
        "dataset": dataset,
        "pool": "oracle",
        "network": part("mlp"),
        "objective": part("denoising"),
        "images": 256,
        "condition": Condition(),
        "relabelling": relabelling,
    }
    return Training(**{**given, **changes})


def made(dataset: Part, relabelling: Relabelling | None) -> Material:
    return collect(training(dataset, relabelling), images(dataset), 0)


def array(found: np.ndarray | None) -> np.ndarray:
    assert found is not None
    return found


def visits(by: Part, share: float, true: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels of ``count`` visits of each image, and what was told of them."""
    classes = images(DIGITS).classes
    tokens = np.arange(len(classes))[:, None]  # the token is the class
    redraw = Relabelling(by, share, redrawn=True).redraw(true, classes, tokens)
    visited = torch.tensor(np.tile(true, count))
    told = redraw(visited, torch_generator("test", 0, "visits"))
    assert told.shape == (len(visited), 1)
    assert told.dtype == torch.int64
    return visited.numpy(), told[:, 0].numpy()


@pytest.mark.parametrize("by", [FLIPS, GROUPS, SWAPS], ids=str)
@pytest.mark.parametrize("share", [0.0, 0.1, 0.4])
def test_the_share_of_wrong_visits_is_the_one_stated(by: Part, share: float) -> None:
    """Also where half of the images can be relabelled at all: those are, twice as often."""
    true = array(made(DIGITS, None).labels)
    visited, told = visits(by, share, true, 30)
    n = len(visited)
    able = np.isin(visited, [3, 8, 5, 4, 9]) if by is GROUPS else np.ones(n, bool)
    rate = share * n / able.sum()
    found = visited != told
    assert abs(found[able].mean() - rate) <= 4 * np.sqrt(rate * (1 - rate) / able.sum())
    assert not found[~able].any()


def test_a_wrong_visit_is_told_by_the_law() -> None:
    true = np.repeat(np.arange(10), [40, 10, 20, 30, 40, 50, 0, 10, 20, 30])
    visited, told = visits(FLIPS, 0.5, true, 200)
    prior = np.bincount(true, minlength=10) / len(true)
    for a in (0, 1, 5):
        to = told[(visited == a) & (told != a)]
        law = np.where(np.arange(10) == a, 0, prior / (1 - prior[a]))
        found = np.bincount(to, minlength=10) / len(to)
        assert (np.abs(found - law) <= 4 * np.sqrt(law * (1 - law) / len(to))).all()


def test_a_visit_and_a_fixed_label_are_one_function_of_their_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also at the ends of the numbers, and on the borders between two classes."""
    prior = np.array([0.0, 0.25, 0.5, 0.0, 0.25])
    law = by_prior(prior, ~np.eye(5, dtype=bool))
    labels = np.repeat(np.arange(5), 7)
    uniform = np.tile([0, 1 / 3, 1 / 2, 2 / 3, 1 - 2.0**-53, 0.3, 0.9], 5)
    numbers = torch.tensor(np.stack([np.full(35, 0.999), uniform]))
    monkeypatch.setattr(torch, "rand", lambda *size, **more: numbers)
    redraw = Redraw(torch.ones(5).double(), torch.tensor(cumulative(law)), torch.arange(5)[:, None])
    told = redraw(torch.tensor(labels), torch_generator("test", 0, "visits"))[:, 0]
    assert np.array_equal(told.numpy(), drawn(law, labels, uniform))
    assert (prior[told.numpy()] > 0).all()


def test_visits_of_one_image_are_told_apart_and_by_their_stream() -> None:
    true = np.repeat(np.arange(10), 20)
    classes, tokens = images(DIGITS).classes, np.arange(20).reshape(10, 2)
    redraw = Relabelling(FLIPS, 0.5, redrawn=True).redraw(true, classes, tokens).to("cpu")
    batch, stream = torch.tensor(true), torch_generator("test", 0, "visits")
    first, second = redraw(batch, stream), redraw(batch, stream)
    assert not torch.equal(first, second)
    assert torch.equal(redraw(batch, torch_generator("test", 0, "visits")), first)
    assert {tuple(row) for row in first.tolist()} <= {tuple(row) for row in tokens.tolist()}


def test_a_redrawn_material_keeps_its_captions_and_carries_what_redraws_them() -> None:
    plainly = made(SCENES, None)
    fixed, found = (made(SCENES, Relabelling(EDITS, 0.2, each)) for each in (False, True))
    assert np.array_equal(array(found.tokens), array(plainly.tokens))
    assert np.array_equal(array(found.labels), array(found.told))
    assert isinstance(found.redraw, Redraw)
    true = torch.tensor(found.labels)
    told = found.redraw(true, torch_generator("test", 0, "visits"))
    assert told.shape == array(found.tokens).shape
    assert (told != torch.tensor(found.tokens)).any()
    some = found.part(np.arange(len(true)) % 2 == 0)
    assert some.redraw is found.redraw
    for name in ("labels", "told"):
        assert np.array_equal(getattr(some, name), getattr(found, name)[::2])
    assert plainly.redraw is None
    assert fixed.redraw is None


def test_batches_are_told_wrongly_as_often_as_stated_and_nothing_else_of_them_moves() -> None:
    """Of the images that are told anything; the null caption stays as often as it was."""

    def batches(relabelling: Relabelling | None) -> list[tuple[torch.Tensor, ...]]:
        asked = training(DIGITS, relabelling, batch=2000, images=2000)
        drawing = Drawing(collect(asked, images(DIGITS), 0), Denoising(), asked, 0, "cpu")
        return [drawing() for _ in range(4)]

    wrong = count = 0
    for one, other in zip(batches(None), batches(Relabelling(FLIPS, 0.2, redrawn=True))):
        for kept, again in zip(one[:-1], other[:-1]):
            assert torch.equal(kept, again)
        true, told = one[-1], other[-1]
        assert torch.equal(true == 0, told == 0)
        wrong += int((true != told).sum())
        count += int((true != 0).sum())
    assert 7000 < count < 7400  # of 8,000, a tenth is told nothing
    assert abs(wrong / count - 0.2) < 4 * np.sqrt(0.2 * 0.8 / count)


def test_the_summary_of_a_training_says_how_many_were_told_wrongly(tmp_path: Path) -> None:
    n = images(DIGITS).count
    for redrawn, said in ((False, ["images", [round(0.2 * n)]]), (True, ["visits", [0.2]])):
        small = {"network": part("mlp", width=8, blocks=1), "images": 64, "batch": 32}
        asked = training(DIGITS, Relabelling(FLIPS, 0.2, redrawn), **small)
        train(asked, 1, {}, tmp_path, "cpu", lambda share: None)
        summary = json.loads((tmp_path / "training.json").read_text())
        found = [[k.removeprefix("relabelled_"), v] for k, v in summary.items() if "relabel" in k]
        assert found == [said]
