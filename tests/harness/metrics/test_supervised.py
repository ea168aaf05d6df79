"""Classifiers of real images and samples: against closed forms, and what they are trained on."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from scipy.special import ndtr

from harness.cell import Part, Upstream, part
from harness.corrupt import CORRUPTIONS
from harness.data.load import load
from harness.metrics.classifier import Classifier, train_classifier
from harness.metrics.stacked_classifier import Shown
from harness.metrics.supervised import Supervised, chosen, evaluate, in_turn, part_a, rows_of
from harness.objectives import OBJECTIVES
from harness.problem import Problem
from harness.train.condition import Condition
from harness.train.material import collect
from harness.train.training import Training

DIGITS = part("digits")
MEAN, SPREAD, TRIED = 0.25, 0.125, 16_000  # of two classes on the line, two deviations apart each
LINE = part(
    "gaussian_mixture", labelled=True, means=(-MEAN, MEAN), deviation=SPREAD, count=4000,
    held_out=TRIED,
)  # fmt: skip
ON_LINE = Classifier(LINE, steps=250, batch=64, rate=1e-2, width=8)
SHORT = Classifier(DIGITS, steps=3, batch=16, rate=1e-3, width=8)
BAYES = float(ndtr(-MEAN / SPREAD))


def asked(recipe: Classifier = SHORT, share: float = 0.5, **given: Any) -> Supervised:
    return Supervised.of(recipe, share, **given)


def generator(dataset: Part = DIGITS, **changes: Any) -> Training:
    given: dict[str, Any] = {
        "dataset": dataset,
        "pool": "clean",
        "network": part("mlp"),
        "objective": part("denoising"),
        "images": 1000,
        "clean_fraction": 0.5,
        "condition": Condition("label", 0.1),
    }
    return Training(**{**given, **changes})


def upstream(
    folder: Path, samples: np.ndarray, labels: np.ndarray | None, training: Training
) -> dict[str, Upstream]:
    """A training, and samples [K, N, C, H, W] that it never made."""
    folder.mkdir(exist_ok=True)
    made = {"samples": torch.tensor(samples)}
    if labels is not None:
        made["labels"] = torch.tensor(labels)
    save_file(made, folder / "samples.safetensors")
    return {"train": Upstream(training, folder), "sample": Upstream(None, folder)}


def run(
    what: Supervised, out: Path, before: dict[str, Upstream] | None = None, replicates: int = 2
) -> dict[tuple[int, str], dict[str, Any]]:
    """The rows that the stage leaves, by replicate and metric."""
    out.mkdir(exist_ok=True)
    evaluate(what, replicates, before or {}, out, "cpu", lambda share: None)
    rows = json.loads((out / "measurements.json").read_text())
    found = {(each["replicate"], each["metric"]): each for each in rows}
    assert len(found) == len(rows)
    return found


def near(row: dict[str, Any], expected: float) -> None:
    """Within 4 standard errors of a share of the test images."""
    assert abs(row["value"] - expected) < 4 * math.sqrt(expected * (1 - expected) / row["n"])


def test_real_images_of_two_gaussians_reach_the_error_of_bayes(tmp_path: Path) -> None:
    found = run(asked(ON_LINE, unseen=2000), tmp_path, replicates=1)
    for k in range(1):
        row = found[k, "error"]
        assert row["n"] == TRIED
        near(row, BAYES)
        expected = math.sqrt(row["value"] * (1 - row["value"]) / (TRIED - 1))
        assert row["standard_error"] == pytest.approx(expected)
        halves = [found[k, f"error/mode {c}"]["value"] for c in (1, 2)]
        assert np.mean(halves) == pytest.approx(row["value"])
        # The least cross entropy of all, by quadrature: E ln(1 + exp(-2 m x / s^2)).
        z = np.linspace(-10, 10, 20001)
        law = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) * (z[1] - z[0])
        ratio = MEAN / SPREAD
        least = float(law @ np.log1p(np.exp(-2 * ratio * (ratio + z))))
        entropy = found[k, "cross_entropy"]
        assert entropy["unit"] == "nats"
        assert abs(entropy["value"] - least) < 4 * entropy["standard_error"] + 0.002


@pytest.mark.parametrize("share", [0.0, 0.4])
def test_samples_with_wrong_labels_raise_the_error_as_computed(
    tmp_path: Path, share: float
) -> None:
    """Of the first class a share is called the second: the boundary moves to where
    p_2 / p_1 = 1 - 2 share, which costs a known error."""
    images = load(LINE.name, **LINE.kwargs())
    pixels, labels = images.held_out.pixels[:8_000], images.held_out.labels[:8_000].copy()
    first = np.flatnonzero(labels == 0)
    labels[first[: round(share * len(first))]] = 1
    before = upstream(tmp_path / "made", pixels[None], labels[None], generator(LINE))
    row = run(asked(ON_LINE, synthetic=8_000), tmp_path / "out", before, 1)[0, "error"]
    ratio = MEAN / SPREAD
    boundary = math.log(1 - 2 * share) / (2 * ratio)
    expected = (ndtr(boundary - ratio) + ndtr(-boundary - ratio)) / 2
    near(row, expected)
    away = 4 * math.sqrt(BAYES * (1 - BAYES) / TRIED)
    assert (row["value"] > BAYES + away) == (share > 0)


@pytest.mark.parametrize("dataset", [DIGITS, part("photos", labelled=True)], ids=str)
def test_no_image_of_part_b_is_one_that_the_generator_sees(dataset: Part) -> None:
    train = load(dataset.name, **dataset.kwargs()).train
    recipe = replace(SHORT, dataset=dataset)
    for replicate in range(4):
        first = part_a(dataset, train, 0.5, replicate)
        seen = collect(generator(dataset), train, replicate).pixels
        assert np.array_equal(seen, train.pixels[first])
        own = {each.tobytes() for each in seen}
        count = int((~first).sum())
        unseen = chosen(asked(recipe, unseen=count), train, replicate)
        assert len(unseen.pixels) == count == len({*np.flatnonzero(~first)})
        twice = sum(each.tobytes() in own for each in unseen.pixels)
        assert twice == sum(each.tobytes() in own for each in train.pixels[~first])  # equal images
        assert twice <= 0.01 * count
        again = chosen(asked(recipe, seen=len(seen)), train, replicate)
        assert sorted(each.tobytes() for each in again.pixels) == sorted(
            each.tobytes() for each in seen
        )
        other = part_a(dataset, train, 0.5, replicate + 1)
        assert 0.4 < (first == other).mean() < 0.6


def test_what_is_shown_is_nested_and_as_even_over_classes_as_can_be() -> None:
    train = load("digits").train
    g = np.random.default_rng(0)
    samples, classes = train.pixels[::-1][:700], train.labels[::-1][:700]  # type: ignore[index]
    for kind in ("unseen", "seen", "synthetic"):
        before: Shown | None = None
        for count in (20, 160, 640):
            shown = chosen(asked(**{kind: count}), train, 1, samples, classes)
            assert len(shown.labels) == len(shown.pixels) == count
            if count < 640:
                assert set(np.bincount(shown.labels, minlength=10)) == {count // 10}
            if before is not None:
                assert np.array_equal(shown.pixels[: len(before.pixels)], before.pixels)
            before = shown
    order = in_turn(np.array([0, 0, 0, 2, 2, 5]), g)
    assert sorted(order) == list(range(6))
    turned = np.array([0, 0, 0, 2, 2, 5])[order]
    assert turned.tolist() == [0, 2, 5, 0, 2, 0] or set(turned[:3]) == {0, 2, 5}
    both = chosen(asked(unseen=30, seen=20, synthetic=10), train, 1, samples, classes)
    alone = [chosen(asked(**{k: n}), train, 1, samples, classes)
             for k, n in (("unseen", 30), ("seen", 20), ("synthetic", 10))]  # fmt: skip
    assert np.array_equal(both.pixels, np.concatenate([each.pixels for each in alone]))
    assert np.array_equal(both.labels, np.concatenate([each.labels for each in alone]))


def test_labels_stay_with_their_images() -> None:
    train = load("digits").train
    by_image = {x.tobytes(): y for x, y in zip(train.pixels, train.groups)}
    shown = chosen(asked(unseen=300, seen=200), train, 0)
    assert [by_image[x.tobytes()] for x in shown.pixels] == shown.labels.tolist()


def test_rows_are_means_over_images_by_test_and_class() -> None:
    labels, names = np.array([0, 0, 2, 2, 2]), ("a", "b", "c")
    g = np.random.default_rng(0)
    logits = {name: g.normal(size=(5, 3)) for name in ("", "blur", "noise")}
    found = {each["metric"]: each for each in rows_of(4, logits, labels, names)}
    wrong = {name: np.array([each.argmax() for each in x]) != labels
             for name, x in logits.items()}  # fmt: skip
    assert set(found) == {"error", "cross_entropy", "error_out", "error_out/blur",
                          "error_out/noise", "error/a", "error/c"}  # fmt: skip
    assert found["error"]["value"] == wrong[""].mean()
    assert found["error/c"]["value"] == pytest.approx(wrong[""][2:].mean())
    assert found["error/c"]["n"] == 3
    both = (wrong["blur"].mean() + wrong["noise"].mean()) / 2
    assert found["error_out"]["value"] == pytest.approx(both)
    loss = torch.nn.functional.cross_entropy(torch.tensor(logits[""]), torch.tensor(labels))
    assert found["cross_entropy"]["value"] == pytest.approx(float(loss))
    assert all(each["higher_is_better"] is False for each in found.values())


def test_tests_are_the_held_out_images_after_each_corruption(tmp_path: Path) -> None:
    """A change that is none gives the error in distribution, one that takes all gives chance."""
    tests = (("none", part("contrast", factor=0.9999)), ("all", part("contrast", factor=0.0)))
    recipe = replace(SHORT, steps=150, rate=6e-3)
    found = run(asked(recipe, unseen=600, tests=tests), tmp_path)
    for k in range(2):
        plain = found[k, "error"]["value"]
        assert plain < 0.4
        assert found[k, "error_out/none"]["value"] == plain
        assert found[k, "error_out/all"]["value"] > 0.6
        mean = (plain + found[k, "error_out/all"]["value"]) / 2
        assert found[k, "error_out"]["value"] == pytest.approx(mean)


def test_recognisability_is_the_share_that_a_classifier_of_real_images_takes_for_theirs(
    tmp_path: Path,
) -> None:
    """Of held-out digits as samples, of which those of class 3 are called 4."""
    images = load("digits")
    held, labels = images.held_out, images.held_out.labels.copy()  # type: ignore[union-attr]
    recipe = replace(SHORT, steps=150, batch=32, rate=6e-3)
    judge = tmp_path / "judge"
    judge.mkdir()
    train_classifier(recipe, 1, {}, judge, "cpu", lambda share: None)
    accuracy = json.loads((judge / "classifier.json").read_text())["held_out"]["accuracy"]
    right = upstream(tmp_path / "right", held.pixels[None], labels[None], generator())
    right["classifier"] = Upstream(recipe, judge)
    found = run(asked(synthetic=20), tmp_path / "a", right, 1)
    assert found[0, "recognisability"]["value"] == pytest.approx(accuracy)
    assert found[0, "recognisability"]["n"] == held.count
    wrong = np.where(labels == 3, 4, labels)
    before = upstream(tmp_path / "wrong", held.pixels[None], wrong[None], generator())
    before["classifier"] = Upstream(recipe, judge)
    mixed = run(asked(synthetic=20), tmp_path / "b", before, 1)
    assert (0, "recognisability/3") not in mixed
    three, four = (found[0, f"recognisability/{c}"] for c in (3, 4))
    both = mixed[0, "recognisability/4"]
    assert both["n"] == three["n"] + four["n"]
    taken = both["value"] * both["n"] - four["value"] * four["n"]  # threes taken for fours
    assert -1e-9 < taken <= (1 - three["value"]) * three["n"] + 1e-9
    assert mixed[0, "recognisability/5"] == found[0, "recognisability/5"]
    assert (0, "recognisability") not in run(asked(unseen=20), tmp_path / "c")


def test_samples_of_a_generator_that_saw_other_images_are_refused(tmp_path: Path) -> None:
    images = load("digits").train
    pixels, labels = images.pixels[None, :50], images.groups[None, :50]
    for index, training in enumerate(
        (
            generator(pool="oracle"),
            generator(clean_fraction=0.4),
            generator(part("photos", labelled=True)),
        )
    ):
        before = upstream(tmp_path / str(index), pixels, labels, training)
        with pytest.raises(Problem, match=r"a generator of 0\.5 of the images"):
            run(asked(synthetic=20), tmp_path, before, 1)
    with pytest.raises(Problem, match="samples of no class"):
        run(asked(synthetic=20), tmp_path, upstream(tmp_path, pixels, None, generator()), 1)
    with pytest.raises(Problem, match="put a conditional training"):
        run(asked(synthetic=20), tmp_path)
    beyond = upstream(tmp_path, pixels, labels + 5, generator())
    with pytest.raises(Problem, match="ask for classes of the data set"):
        run(asked(synthetic=20), tmp_path, beyond, 1)


def test_a_diverged_replicate_is_a_row_and_the_others_go_on(tmp_path: Path) -> None:
    images = load("digits").train
    pixels = np.stack([images.pixels[:50]] * 2)
    pixels[0, 7] = np.nan
    labels = np.stack([images.groups[:50]] * 2)
    tests = (("blur", part("gaussian_blur", sigma=0.8)),)
    found = run(
        asked(synthetic=50, tests=tests), tmp_path, upstream(tmp_path, pixels, labels, generator())
    )
    for (k, metric), row in found.items():
        assert row["status"] == ("ok" if k else "diverged"), metric
    assert {m for k, m in found if k == 0} == {m for k, m in found if k == 1}


def test_too_many_and_none_are_refused() -> None:
    train = load("digits").train
    with pytest.raises(Problem, match=r"800 unseen images.*got 719"):
        chosen(asked(unseen=800), train, 0)
    with pytest.raises(Problem, match="nothing to train on"):
        asked()
    for wrong in (-1, 2.5, True):
        with pytest.raises(Problem, match="no number of images"):
            asked(unseen=wrong)
    with pytest.raises(Problem, match="no share"):
        asked(share=1.0, unseen=1)
    test = ("blur", part("gaussian_blur", sigma=1.0))
    with pytest.raises(Problem, match="one name twice"):
        asked(unseen=1, tests=(test, test))


def test_parts_are_named_for_the_check_before_a_run() -> None:
    test = part("gaussian_blur", sigma=1.0)
    what = asked(unseen=1, tests=(("blur", test),))
    assert (CORRUPTIONS, test) in what.named_parts()
    assert CORRUPTIONS.entry("gaussian_blur") in what.entries()
    assert OBJECTIVES.entry("denoising") not in what.entries()
