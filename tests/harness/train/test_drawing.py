"""The drawing of batches: streams that stay apart, and images that the objective may see."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from harness.cell import part
from harness.objectives.ambient import Ambient
from harness.objectives.denoising import Denoising
from harness.objectives.objective import Objective
from harness.train.condition import Condition
from harness.train.drawing import Drawing
from harness.train.material import Material
from harness.train.relabelling import Redraw
from harness.train.training import Training

BATCH = 2000
CLEAN = np.arange(6) < 3
LEVELS = np.float32([[0, 0], [0, 0], [0, 0], [0.3, 0], [0.8, 0.1], [np.inf, 0.2]])
MATERIAL = Material(np.arange(6, dtype=np.float32).reshape(6, 1, 1, 1), LEVELS, CLEAN)


def drawing(objective: Objective | None = None, **changes: object) -> Drawing:
    given: dict[str, object] = {
        "dataset": part("digits"),
        "pool": "clean",
        "network": part("mlp"),
        "objective": part("denoising"),
        "images": BATCH,
        "batch": BATCH,
    }
    asked = Training(**{**given, **changes})  # type: ignore[arg-type]
    return Drawing(MATERIAL, objective or Denoising(), asked, 0, "cpu")


def images(batch: tuple[torch.Tensor, ...]) -> np.ndarray:
    return batch[0].flatten().long().numpy()


@pytest.mark.parametrize("order", ["sigma", "image"])
def test_an_annotation_counts_where_an_image_is_admitted_from_below_alone(order: str) -> None:
    x0, sigma, floor, *_ = drawing(draw=order)()
    index = images((x0,))
    low, high = torch.tensor(LEVELS[index]).T
    assert torch.equal(floor, torch.where(low < sigma, low, 0.0))
    assert ((sigma > low) | (sigma < high)).all()
    assert (floor[index == 5] == 0).all()  # inf is no level to be noised to
    assert set(index) == set(range(6))


def test_after_the_change_none_but_clean_images_are_drawn_at_every_level() -> None:
    draws, other = drawing(), drawing()
    assert not CLEAN[images(draws())].all()
    other()
    draws.clean_alone()
    after, before = draws(), other()
    assert CLEAN[images(after)].all()
    assert np.bincount(images(after)).min() > BATCH / 3 - 4 * np.sqrt(BATCH * 2 / 9)
    assert torch.equal(after[1], before[1])  # the law of the level, and the stream, go on
    assert (after[2] == 0).all()


def test_the_noise_of_an_image_is_its_own_unless_it_is_fresh() -> None:
    own, other = drawing(Ambient()), drawing(Ambient())
    fresh = drawing(Ambient(fresh=True))
    for _ in range(2):
        batch, again, new = own(), other(), fresh()
        frozen = batch[4].flatten()
        for image in range(6):
            assert len(frozen[images(batch) == image].unique()) == 1
        assert len(new[4].unique()) > BATCH / 2
        for kept, drawn in zip(batch[:4], new[:4]):
            assert torch.equal(kept, drawn)
        assert torch.equal(batch[4], again[4])


def test_what_an_objective_draws_beside_moves_no_other_stream() -> None:
    asking, silent = drawing(), drawing()
    limit = torch.linspace(0.1, 3, BATCH)
    for _ in range(2):
        below = asking.below(limit)
        assert ((below > 0) & (below < limit)).all()
        asking.normal("extra noise", (5, 1, 1, 1))
        for asked, left in zip(asking(), silent()):
            assert torch.equal(asked, left)


def test_tokens_are_looked_up_by_the_image_or_redrawn_from_its_class_at_each_visit() -> None:
    """A redrawn relabelling tells of a class; it moves no other draw."""
    labels, tokens = np.arange(6) % 3, (np.arange(6) + 1)[:, None]
    captions = torch.tensor([[7], [8], [9]])
    wrong = Redraw(torch.full((3,), 0.5).double(), torch.eye(3).roll(1, 1).cumsum(1), captions)
    own = replace(MATERIAL, tokens=tokens, labels=labels)
    asked = replace(drawing().training, condition=Condition("label", 0.25))
    kept, redrawn = (
        Drawing(material, Denoising(), asked, 0, "cpu")
        for material in (own, replace(own, redraw=wrong))
    )
    before = None
    for _ in range(2):
        first, second = kept(), redrawn()
        for one, same in zip(first[:-1], second[:-1], strict=True):
            assert torch.equal(one, same)
        one, other = (batch[-1][:, 0].numpy() for batch in (first, second))
        assert ((one == 0) == (other == 0)).all()  # the null caption
        told, index = one > 0, images(first)
        assert (one[told] == index[told] + 1).all()
        away = (other - 7 - labels[index])[told] % 3
        assert set(away) == {0, 1}
        assert abs(away.mean() - 0.5) < 4 * 0.5 / np.sqrt(told.sum())
        assert before is None or not torch.equal(second[-1], before)
        before = second[-1]


def test_replicates_and_copies_have_streams_of_their_own() -> None:
    asked = drawing().training
    first, second = Drawing(MATERIAL, Denoising(), asked, 1, "cpu"), drawing(copy=1)
    sigma = drawing()()[1]
    for other in (first, second):
        assert not torch.equal(other()[1], sigma)
