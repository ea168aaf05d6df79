"""The stage that measures: one bad replicate is its own rows and nobody else's."""

import json
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
