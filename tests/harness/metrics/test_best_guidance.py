"""The best guidance: chosen for each replicate, on samples that nothing reports.

Data are N(0, S^2) on one pixel under either of two classes. A stub stands in for the trained stack:
it believes N(0, TAU^2) under a class and N(0, V^2) under none, so that the flow is linear and the
samples at w are N(0, (TAU (TAU / V)^w)^2) in closed form: right at w = 1.
"""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file
from torch import Tensor

from harness.cell import Stage, Upstream, part
from harness.data.images import Images
from harness.data.load import load
from harness.data.words import Words
from harness.metrics import EXTRACTORS, METRICS
from harness.metrics import best_checkpoint as checkpoints
from harness.metrics import best_guidance as stage
from harness.metrics.best_guidance import GuidanceChoice, best_guidance, guide
from harness.metrics.classifier import Classifier, train_classifier
from harness.problem import Problem
from harness.run import STAGES
from harness.sample import draw as drawing
from harness.sample.chosen_guidance import ChosenGuidance
from harness.sample.draw import draw
from harness.sample.sampling import Sampling
from harness.streams import numpy_generator
from harness.train.condition import Condition

S, TAU, V = 0.1, 0.2, 0.4
GRID = (0.0, 0.5, 1.0, 1.5, 2.0)
SAMPLER = part("heun", steps=24, sigma_max=5.0)
DATA = part("digits")  # the name of the streams; what is loaded is a stub as well
ASKED = SimpleNamespace(dataset=DATA, checkpoints=1, condition=Condition("label"))


class Stub:
    """E[x0 | x] where every class is N(0, TAU^2), and all of them N(0, V^2)."""

    shape, words = (1, 1, 1), Words.of(("a", "b"), whole=True)

    def __call__(self, x: Tensor, sigma: Tensor, tokens: Tensor) -> Tensor:
        spread = torch.where(tokens[:, :, :1, None, None] > 0, TAU, V) ** 2  # [K, B, 1, 1, 1]
        level = sigma[:, :, None, None, None] ** 2
        return x * (spread / (spread + level))


def gaussian(*_: Any, **__: Any) -> Images:
    draw = numpy_generator("test", 0, "guidance data")
    pixels = S * draw.standard_normal((1400, 1, 1, 1))
    return Images.unrelated(
        "normal", pixels.astype(np.float32), np.arange(1400) >= 1200,
        np.arange(1400) % 2, ("a", "b"), "", "",
    )  # fmt: skip


@pytest.fixture
def upstream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Upstream]:
    monkeypatch.setattr(drawing, "restore", lambda path, device: Stub())
    for module in (drawing, stage):
        monkeypatch.setattr(module, "load", gaussian)
    return {"train": Upstream(ASKED, tmp_path)}


def quiet(share: float) -> None:
    """No progress."""


def run(
    choice: GuidanceChoice, replicates: int, upstream: dict[str, Upstream], out: Path
) -> tuple[np.ndarray, dict[tuple[str, int], dict[str, Any]]]:
    """What was chosen, and the rows by name and replicate."""
    out.mkdir(exist_ok=True)
    guide(choice, replicates, upstream, out, "cpu", quiet)
    rows = json.loads((out / "measurements.json").read_text())
    found = {(row["metric"], row["replicate"]): row for row in rows}
    assert len(found) == len(rows) == replicates * (1 + len(choice.grid))
    return np.array(ChosenGuidance.read(out, replicates).weights), found


def reported(
    out: Path, choice: GuidanceChoice, chosen_in: Path, copy: int, count: int, replicates: int,
    upstream: dict[str, Upstream],
) -> np.ndarray:  # fmt: skip
    """The samples of the next stage, [K, N]."""
    out.mkdir()
    after = {**upstream, "guide": Upstream(choice, chosen_in)}
    draw(Sampling(count, SAMPLER, copy=copy), replicates, after, out, "cpu", quiet)
    return load_file(out / "samples.safetensors")["samples"].reshape(replicates, count)


def fd(samples: np.ndarray, truth: np.ndarray) -> float:
    """FD of pixels on the line, [0, 1] a pixel; by hand."""
    a, b = samples.astype(np.float64) / 2, truth.astype(np.float64) / 2
    return (a.mean() - b.mean()) ** 2 + (a.std(ddof=1) - b.std(ddof=1)) ** 2


def test_the_choice_is_the_weight_whose_law_is_right_in_closed_form(
    upstream: dict[str, Upstream], tmp_path: Path
) -> None:
    """At each w the reading is that of the stated law, to 4 errors of moments of n samples."""
    count, replicates = 3000, 2
    choice = GuidanceChoice(count, GRID, "fd_pixels", sampler=SAMPLER)
    chosen, rows = run(choice, replicates, upstream, tmp_path / "guide")
    assert chosen.tolist() == [1.0, 1.0]
    for k in range(replicates):
        assert rows["chosen_guidance", k]["value"] == 1.0
        for w in GRID:
            row = rows[f"guidance_choice/{w:g}", k]
            deviation = TAU * (TAU / V) ** w
            error = (
                4 * deviation / np.sqrt(2 * count) + 4 * S / np.sqrt(2 * 1200) + 0.03 * deviation
            )
            assert abs(np.sqrt(row["value"]) - abs(deviation - S) / 2) < error
            assert (row["n"], row["higher_is_better"]) == (count, False)
    samples = reported(tmp_path / "s", choice, tmp_path / "guide", 0, count, replicates, upstream)
    assert np.abs(samples.std(1) / S - 1).max() < 4 / np.sqrt(2 * count) + 0.03


def test_what_is_reported_is_free_of_the_bias_of_a_minimum(
    upstream: dict[str, Upstream], tmp_path: Path
) -> None:
    """The least of the readings behind the choice lies below that of fresh samples at the same w;
    the reading of the reported samples does not: it equals that of a third set, in the mean."""
    count, replicates = 8, 180
    choice = GuidanceChoice(count, GRID, "fd_pixels", sampler=SAMPLER)
    chosen, rows = run(choice, replicates, upstream, tmp_path / "guide")
    assert len(set(chosen)) > 1  # noisy readings, and so different choices
    truth = gaussian().train.pixels.ravel()
    tried = np.array([[rows[f"guidance_choice/{w:g}", k]["value"] for w in GRID]
                      for k in range(replicates)])  # fmt: skip
    least = tried.min(1)
    assert np.array_equal(np.array(GRID)[tried.argmin(1)], chosen)
    own, third = (
        np.array([fd(x, truth) for x in reported(
            tmp_path / f"copy {copy}", choice, tmp_path / "guide", copy, count, replicates, upstream
        )])
        for copy in (0, 7)
    )  # fmt: skip

    def errors(a: np.ndarray, b: np.ndarray) -> float:
        off = np.sqrt(a) - np.sqrt(b)  # FD itself has a few large values
        return float(off.mean() / off.std(ddof=1) * np.sqrt(replicates))

    assert errors(least, third) < -4.5
    assert abs(errors(own, third)) < 4


def test_streams_of_the_choice_are_its_own(upstream: dict[str, Upstream], tmp_path: Path) -> None:
    assert len({stage.COPY, checkpoints.COPY, Sampling(2).copy}) == 3
    choice = GuidanceChoice(8, (1.0,), "fd_pixels", sampler=SAMPLER)
    run(choice, 2, upstream, tmp_path / "guide")
    assert ChosenGuidance.read(tmp_path / "guide", 2).copy == stage.COPY
    with pytest.raises(Problem, match=r"streams that the guidance was chosen by.*another copy"):
        reported(tmp_path / "s", choice, tmp_path / "guide", stage.COPY, 8, 2, upstream)


def test_each_replicate_is_drawn_at_its_own_choice_and_nothing_else_changes(
    upstream: dict[str, Upstream], tmp_path: Path
) -> None:
    choice = GuidanceChoice(8, GRID, "fd_pixels", sampler=SAMPLER)
    ChosenGuidance((1.5, 0.0, 0.5), stage.COPY).write(tmp_path)
    found = reported(tmp_path / "own", choice, tmp_path, 0, 40, 3, upstream)
    for k, w in enumerate((1.5, 0.0, 0.5)):
        out = tmp_path / f"{w}"
        out.mkdir()
        draw(Sampling(40, SAMPLER, guidance=w), 3, upstream, out, "cpu", quiet)
        alone = load_file(out / "samples.safetensors")["samples"].reshape(3, 40)
        assert found[k] == pytest.approx(alone[k], rel=1e-5)
        assert all(np.abs(found[k] / alone[j] - 1).min() > 1e-3 for j in range(3) if j != k)


rows_of = st.lists(st.floats(0, 1), min_size=4, max_size=4)


@given(st.lists(rows_of, min_size=1, max_size=6), st.one_of(st.none(), st.floats(0, 1)))
def test_the_nearest_is_chosen_for_each_replicate_alone(
    scores: list[list[float]], accuracy: float | None
) -> None:
    table = np.array(scores)
    off = table if accuracy is None else np.abs(table - accuracy)
    for k, at in enumerate(best_guidance(table, accuracy)):
        assert off[at, k] == off[:, k].min()
        assert (off[:at, k] > off[at, k]).all()


def test_what_has_no_reading_is_never_chosen_unless_there_is_nothing_else() -> None:
    nan = float("nan")
    table = np.array([[nan, 0.9, nan], [0.3, nan, nan], [0.8, 0.5, nan]])
    assert best_guidance(table, None).tolist() == [1, 2, 0]
    assert best_guidance(table, 0.85).tolist() == [2, 0, 0]


def test_a_replicate_that_is_not_finite_has_diverged_and_the_other_has_a_choice(
    upstream: dict[str, Upstream], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Half(Stub):
        def __call__(self, x: Tensor, sigma: Tensor, tokens: Tensor) -> Tensor:
            found = super().__call__(x, sigma, tokens)
            found[0] = float("nan")
            return found

    monkeypatch.setattr(drawing, "restore", lambda path, device: Half())
    choice = GuidanceChoice(500, GRID, "fd_pixels", sampler=SAMPLER)
    chosen, rows = run(choice, 2, upstream, tmp_path / "guide")
    assert chosen.tolist() == [0.0, 1.0]
    lost = rows["chosen_guidance", 0]
    assert (lost["status"], lost["value"]) == ("diverged", None)
    assert lost["reason"] == "no samples with a reading"
    assert rows["guidance_choice/1", 0]["reason"] == "the samples are not finite"
    assert rows["chosen_guidance", 1]["status"] == "ok"


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


def test_the_samples_after_a_choice_leave_all_to_it(
    upstream: dict[str, Upstream], tmp_path: Path
) -> None:
    choice = GuidanceChoice(8, GRID, "fd_pixels", sampler=SAMPLER)
    ChosenGuidance((1.0,), stage.COPY).write(tmp_path)
    after = {**upstream, "guide": Upstream(choice, tmp_path)}
    own = Sampling(8, SAMPLER)
    for asked, message in (
        (replace(own, guidance=1.0), "leave it to the choice"),
        (replace(own, checkpoint=1), "leave it to the choice"),
        (replace(own, sampler=part("heun", steps=24)), "give both stages one sampler"),
    ):
        with pytest.raises(Problem, match=message):
            draw(asked, 1, after, tmp_path, "cpu", quiet)
    late = {**after, "choose": Upstream(None, tmp_path)}
    with pytest.raises(Problem, match="put 'choose' before 'guide'"):
        draw(own, 1, late, tmp_path, "cpu", quiet)
    early = {"train": upstream["train"], "choose": late["choose"], "guide": after["guide"]}
    draw(own, 1, early, tmp_path, "cpu", quiet)


def test_a_grid_of_whole_numbers_is_the_same_choice() -> None:
    one, other = GuidanceChoice(8, (0, 1)), GuidanceChoice(8, (0.0, 1.0))
    assert Stage("guide", one).config() == Stage("guide", other).config()
    assert json.dumps(Stage("guide", one).config()) == json.dumps(Stage("guide", other).config())
    assert one.passes == 3
    assert STAGES["guide"] is guide
    assert METRICS[one.reading.metric].higher_is_better is False
    assert len(one.entries()) == 3
