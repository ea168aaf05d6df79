"""The stage that measures: one bad replicate is its own rows and nobody else's."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from harness.cell import Upstream, part
from harness.data.load import load
from harness.metrics.damage import Damage
from harness.metrics.measure import measure
from harness.metrics.measurement import Measurement

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
