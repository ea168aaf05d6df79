"""What a guidance is chosen by: a distance, a stated accuracy; and what is refused."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from torch import Tensor

from harness.cell import Stage, Upstream, part
from harness.data.load import load
from harness.data.words import Words
from harness.metrics import EXTRACTORS, METRICS
from harness.metrics import best_guidance as stage
from harness.metrics.best_guidance import GuidanceChoice, guide
from harness.metrics.classifier import Classifier, train_classifier
from harness.problem import Problem
from harness.run import STAGES
from harness.sample import draw as drawing
from harness.sample.draw import draw
from harness.sample.sampling import Sampling

from .linear_guidance import ASKED, DATA, GRID, SAMPLER, quiet, run


def test_a_reading_that_refuses_every_set_stops_the_stage_with_its_reason(
    upstream: dict[str, Upstream], tmp_path: Path
) -> None:
    few = GuidanceChoice(2, (0.0, 1.0), "per_class_fd_pixels", sampler=SAMPLER)
    with pytest.raises(Problem, match=r"give at least 2 of each class|no sample asked for"):
        guide(few, 2, upstream, tmp_path, "cpu", quiet)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Upstream:
    """A short training on digits."""
    folder = tmp_path_factory.mktemp("classifier")
    recipe = Classifier(part("digits"), 80, 32, 8e-3, 8)
    train_classifier(recipe, 1, {}, folder, "cpu", quiet)
    return Upstream(recipe, folder)


class Means:
    """The mean image of the class that is asked for, of all under none, whatever the noise."""

    shape, words = (1, 8, 8), Words.of(tuple("0123456789"), whole=True)

    def __init__(self) -> None:
        train = load("digits").train
        assert train.labels is not None
        own = [train.pixels.mean(0)] + [train.pixels[train.labels == k].mean(0) for k in range(10)]
        self.means = torch.tensor(np.stack(own))
        self.numbers = torch.tensor(self.words.tokens(tuple("0123456789"))).ravel()

    def __call__(self, x: Tensor, sigma: Tensor, tokens: Tensor) -> Tensor:
        place = (tokens == self.numbers).float().argmax(-1) + (tokens[..., 0] > 0)
        return self.means[place]


@pytest.mark.parametrize("accuracy", [0.0, 0.9])
def test_at_a_stated_accuracy_the_nearest_to_it_is_chosen(
    accuracy: float, classifier: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against the classifier by hand on the images that are drawn at each w."""
    monkeypatch.setattr(drawing, "restore", lambda path, device: Means())
    upstream = {"classifier": classifier, "train": Upstream(ASKED, tmp_path)}
    grid = (-1.0, -0.9, -0.8, 0.0)
    choice = GuidanceChoice(300, grid, "class_accuracy_trained_digits", accuracy, SAMPLER)
    chosen, rows = run(choice, 1, upstream, tmp_path / "guide")
    extract = EXTRACTORS["trained_digits"].fit(
        load("digits").train.pixels, classifier.folder / "weights.safetensors"
    )
    by_hand = []
    for w in grid:
        out = tmp_path / f"{w}"
        out.mkdir()
        asked = Sampling(300, SAMPLER, copy=stage.COPY, guidance=w)
        draw(asked, 1, upstream, out, "cpu", quiet)
        arrays = load_file(out / "samples.safetensors")
        logits = extract(arrays["samples"][0]).logits
        by_hand.append((logits.argmax(1) == arrays["labels"][0]).mean())
        row = rows[f"guidance_choice/{w:g}", 0]
        assert row["value"] == pytest.approx(by_hand[-1])
        assert row["higher_is_better"] is True
    assert by_hand[0] < 0.3 < max(by_hand) - 0.1
    assert chosen[0] == grid[int(np.abs(np.array(by_hand) - accuracy).argmin())]


def test_a_classifier_of_other_classes_and_none_are_refused(
    classifier: Upstream, upstream: dict[str, Upstream], tmp_path: Path
) -> None:
    for by, accuracy in (("class_accuracy_trained_digits", 0.9), ("fd_trained_digits", None)):
        choice = GuidanceChoice(8, GRID, by, accuracy, SAMPLER)
        with pytest.raises(Problem, match=r"no classifier among the stages.*put the stage"):
            guide(choice, 1, upstream, tmp_path, "cpu", quiet)
        with pytest.raises(Problem, match=r"holds a, b.*a classifier of 0, 1, 2, 3, \.\.\. \(10"):
            guide(choice, 1, {"classifier": classifier, **upstream}, tmp_path, "cpu", quiet)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"grid": ()}, "an empty grid"),
        ({"grid": 0.5}, r"the grid 0\.5; give one w or more"),
        ({"grid": "12"}, "the grid '12'; give one w or more"),
        ({"grid": (0.0, 1e9)}, "1000000000.0; got more than 100"),
        ({"batch": 0}, "batch=0; give a whole number from 1"),
        ({"count": "10"}, "'10' samples"),
        ({"accuracy": "90"}, "accuracy='90'; got no share; give 0 to 1"),
        ({"by": "class_accuracy_trained_digits", "accuracy": "0.9"}, "'0.9'; got no share"),
        ({"by": "class_accuracy_trained_digits", "accuracy": True}, "True; got no share"),
        ({"grid": (0.0, -1.5)}, "-1.5.*no number from -1 on"),
        ({"grid": (0.0, float("nan"))}, "nan.*no number from -1 on"),
        ({"grid": (0.0, float("inf"))}, "inf.*no number from -1 on"),
        ({"grid": (1.0, 0.5)}, "do not rise"),
        ({"grid": (0.5, 0.5)}, "do not rise"),
        ({"count": 1}, "too few"),
        ({"by": "spectrum_distance"}, "without an extractor"),
        ({"by": "coverage_random_conv"}, "less is not better"),
        ({"by": "class_accuracy_trained_digits"}, "less is not better.*accuracy="),
        ({"accuracy": 0.9}, "the reading fd_random_conv.*choose by class_accuracy"),
        ({"by": "class_accuracy_trained_digits", "accuracy": 1.1}, "no share"),
        ({"by": "class_accuracy_trained_digits", "accuracy": -0.1}, "no share"),
        ({"by": "class_accuracy_trained_digits", "accuracy": float("nan")}, "no share"),
    ],
)
def test_what_cannot_be_chosen_by_is_refused(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(Problem, match=message):
        GuidanceChoice(**{"count": 10, **asked})


def test_a_denoiser_that_is_told_nothing_has_no_guidance(tmp_path: Path) -> None:
    told_nothing = SimpleNamespace(dataset=DATA, checkpoints=1, condition=None)
    with pytest.raises(Problem, match="train it with a condition"):
        guide(GuidanceChoice(8), 1, {"train": Upstream(told_nothing, tmp_path)}, tmp_path,
              "cpu", quiet)  # fmt: skip


def test_a_grid_of_whole_numbers_is_the_same_choice() -> None:
    one, other = GuidanceChoice(8, (0, 1)), GuidanceChoice(8, (0.0, 1.0))
    assert Stage("guide", one).config() == Stage("guide", other).config()
    assert json.dumps(Stage("guide", one).config()) == json.dumps(Stage("guide", other).config())
    assert one.passes == 3
    assert STAGES["guide"] is guide
    assert METRICS[one.reading.metric].higher_is_better is False
    assert len(one.entries()) == 3
