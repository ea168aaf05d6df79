"""The stage that measures: one bad replicate is its own rows and nobody else's."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from harness.cell import Upstream, part
from harness.data.load import load
from harness.metrics import EXTRACTORS
from harness.metrics.damage import Damage
from harness.metrics.measure import measure
from harness.metrics.measurement import Measurement
from harness.metrics.reading import reading
from harness.problem import Problem
from harness.streams import numpy_generator

METRICS = ("fd_random_conv", "high_frequency_error", "spectrum_distance")
FILLS = {"collapsed": 0.25, "not finite": float("nan")}


@pytest.mark.parametrize("fill", FILLS.values(), ids=list(FILLS))
def test_a_bad_replicate_has_diverged_and_the_good_one_is_measured(
    fill: float, tmp_path: Path
) -> None:
    pixels = load("photos", side=8, channels=1).train.pixels
    good, truth = pixels[::10], pixels[5::10][: len(pixels[::10])]
    samples = np.stack([good, np.full_like(good, fill)])
    groups = np.zeros((2, len(truth)), np.int64)
    halves = {"samples": samples, "truth": np.stack([truth, truth]), "truth_groups": groups}
    save_file(halves, tmp_path / "samples.safetensors")
    params = Damage(part("photos", side=8, channels=1))
    upstream = {"damage": Upstream(params, tmp_path)}
    measure(Measurement(METRICS), 2, upstream, tmp_path, "cpu", lambda share: None)
    rows = json.loads((tmp_path / "measurements.json").read_text())
    found = {(row["metric"], row["replicate"]): row for row in rows}
    assert all(found[name, 0]["status"] == "ok" for name in METRICS)
    lost = found["high_frequency_error", 1]
    assert (lost["status"], lost["value"]) == ("diverged", None)
    assert lost["reason"]


READINGS = (
    "fd_zca_pixels",
    "sliced_w2_pixels",
    "sample_entropy_pixels",
    "spectrum_distance",
    "nearest_neighbour_ratio",
)


def test_each_replicate_has_its_own_truth_classes_and_draws(tmp_path: Path) -> None:
    """Against direct calls, on replicates that share neither samples nor truth nor classes."""
    data = part("digits")
    images = load("digits")
    order = numpy_generator("test", 0, "halves").permutation(images.train.count)[:800]
    samples, truth = order.reshape(2, 2, 200)
    pixels, groups = images.train.pixels, images.train.groups
    saved = {"samples": pixels[samples], "truth": pixels[truth], "truth_groups": groups[truth]}
    save_file(saved, tmp_path / "samples.safetensors")
    asked = Measurement(READINGS, ("pixels", "zca_pixels"))
    upstream = {"damage": Upstream(Damage(data), tmp_path)}
    measure(asked, 2, upstream, tmp_path, "cpu", lambda share: None)
    rows = json.loads((tmp_path / "measurements.json").read_text())
    found = {(row["metric"], row["replicate"]): row for row in rows}
    assert len(found) == len(rows) == 2 * len(READINGS)
    for k in range(2):
        x, t = pixels[samples[k]], pixels[truth[k]]
        for name in READINGS:
            each, draws = reading(name), numpy_generator(str(data), k, f"metric {name}")
            if each.extractor:
                extract = EXTRACTORS[each.extractor].fit(t)
                sides = extract(x), replace(extract(t), labels=groups[truth[k]])
            elif name == "nearest_neighbour_ratio":
                sides = x, images.held_out.pixels, t
            else:
                sides = x, t
            direct = each.instance(*sides, draws)
            row = found[name, k]
            assert row["value"] == pytest.approx(direct.value, rel=1e-9), (name, k)
            assert row["n"] == 200
    for name in READINGS:
        assert found[name, 0]["value"] != pytest.approx(found[name, 1]["value"], rel=1e-6)


BY_CLASS = ("per_class_fd_pixels", "per_class_w2_pixels", "fd_pixels")


def test_readings_by_class_are_of_the_classes_that_were_asked_for(tmp_path: Path) -> None:
    """Against direct calls, with classes of either replicate's own; the marginal sees none."""
    images = load("digits")
    pixels, groups = images.train.pixels, images.train.groups
    order = numpy_generator("test", 0, "halves").permutation(images.train.count)[:800]
    samples, truth = order.reshape(2, 2, 200)
    turned = np.stack([groups[samples[0]], (groups[samples[1]] + 1) % 10])
    saved = {"samples": pixels[samples], "truth": pixels[truth], "truth_groups": groups[truth],
             "labels": turned}  # fmt: skip
    save_file(saved, tmp_path / "samples.safetensors")
    data = part("digits")
    upstream = {"damage": Upstream(Damage(data), tmp_path)}
    asked = Measurement(BY_CLASS, ("pixels",))
    measure(asked, 2, upstream, tmp_path, "cpu", lambda share: None)
    rows = json.loads((tmp_path / "measurements.json").read_text())
    found = {(row["metric"], row["replicate"]): row for row in rows}
    for k in range(2):
        extract = EXTRACTORS["pixels"].fit(pixels[truth[k]])
        told = replace(extract(pixels[samples[k]]), labels=turned[k])
        right = replace(extract(pixels[truth[k]]), labels=groups[truth[k]])
        for name in BY_CLASS:
            draws = numpy_generator(str(data), k, f"metric {name}")
            direct = reading(name).instance(told, right, draws)
            row = found[name, k]
            assert (row["value"], row["standard_error"]) == pytest.approx(direct[:2], rel=1e-9)
    for name in BY_CLASS[:2]:
        own, turn = (found[name, k] for k in range(2))
        assert turn["value"] > own["value"] + 4 * own["standard_error"]


@pytest.mark.parametrize(
    ("metric", "extractor"),
    [("per_class_fd", "pixels"), ("per_class_w2", "pixels"), ("class_accuracy", "resnet56")],
)
def test_samples_that_were_asked_for_nothing_have_no_reading_by_class(
    metric: str, extractor: str, tmp_path: Path
) -> None:
    name = f"{metric}_{extractor}"
    pixels = load("digits").train.pixels[:40]
    groups = np.zeros((1, 40), np.int64)
    saved = {"samples": pixels[None], "truth": pixels[None], "truth_groups": groups}
    save_file(saved, tmp_path / "samples.safetensors")
    upstream = {"damage": Upstream(Damage(part("digits")), tmp_path)}
    asked = Measurement((name,), (extractor,))
    with pytest.raises(Problem, match=f"{name}.*asked for no class.*train it with a condition"):
        measure(asked, 1, upstream, tmp_path, "cpu", lambda share: None)
    assert not (tmp_path / "measurements.json").exists()


def test_class_accuracy_is_by_a_classifier_of_the_same_classes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels, groups = load("digits").train.pixels[:40], load("digits").train.groups[:40]
    saved = {"samples": pixels[None], "truth": pixels[None], "truth_groups": groups[None],
             "labels": groups[None]}  # fmt: skip
    save_file(saved, tmp_path / "samples.safetensors")
    upstream = {"damage": Upstream(Damage(part("digits")), tmp_path)}
    for extractor, message in (
        ("trained_digits", "no classifier among the stages"),
        ("resnet56", "which holds 0, 1, 2, 3.*a classifier of airplane, automobile"),
        ("pixels", "no names of its classes"),
    ):
        asked = Measurement((f"class_accuracy_{extractor}",), (extractor,))
        with pytest.raises(Problem, match=message):
            measure(asked, 1, upstream, tmp_path, "cpu", lambda share: None)


def test_readings_by_the_own_classifier_have_one_name_whatever_the_dataset(
    tmp_path: Path, classifier_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the values, errors and draws of those with a name that says the dataset."""
    images = load("photos", side=8, channels=1, labelled=True)
    pixels, groups = images.train.pixels[::20], images.train.groups[::20]
    saved = {"samples": pixels[None], "truth": pixels[None], "truth_groups": groups[None],
             "labels": groups[None]}  # fmt: skip
    save_file(saved, tmp_path / "samples.safetensors")
    files = {"trained_photos": classifier_file("trained_photos")}
    monkeypatch.setattr("harness.metrics.measure.weights_of", lambda *_: files)
    monkeypatch.setattr("harness.metrics.measure.require_told", lambda *_: None)
    data = part("photos", side=8, channels=1, labelled=True)
    upstream = {"damage": Upstream(Damage(data), tmp_path)}
    metrics = ("sample_entropy_trained_photos", "class_accuracy_trained_photos")
    asked = Measurement((*metrics, "fd_random_conv"), ("random_conv", "trained_photos"))
    found = []
    for each in (asked, replace(asked, unnamed=True)):
        measure(each, 1, upstream, tmp_path, "cpu", lambda share: None)
        found.append(json.loads((tmp_path / "measurements.json").read_text()))
    named, unnamed = found
    names = ["sample_entropy_trained", "class_accuracy_trained", "fd_random_conv"]
    assert [row["metric"] for row in unnamed] == names
    assert [{**row, "metric": ""} for row in unnamed] == [{**row, "metric": ""} for row in named]


def test_a_class_with_too_few_samples_is_a_row_with_its_reason(tmp_path: Path) -> None:
    """In one replicate; the other is measured."""
    train = load("digits").train
    order = np.argsort(train.groups, kind="stable").reshape(-1)
    chosen = np.concatenate([order[train.groups[order] == k][:8] for k in range(10)])
    labels = np.stack([train.groups[chosen]] * 2)
    labels[1, labels[1] == 4] = 5
    labels[1, :1] = 4
    both = np.stack([train.pixels[chosen]] * 2)
    saved = {"samples": both, "truth": both, "truth_groups": np.stack([train.groups[chosen]] * 2),
             "labels": labels}  # fmt: skip
    save_file(saved, tmp_path / "samples.safetensors")
    upstream = {"damage": Upstream(Damage(part("digits")), tmp_path)}
    asked = Measurement(("per_class_fd_pixels",), ("pixels",))
    measure(asked, 2, upstream, tmp_path, "cpu", lambda share: None)
    good, bad = json.loads((tmp_path / "measurements.json").read_text())
    assert (good["status"], bad["status"]) == ("ok", "diverged")
    assert "samples asked for class 4: got 1" in bad["reason"] or "1 of them" in bad["reason"]
