"""An evaluation from the shell's point of view: files in, a table and files out."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harness.data.images import from_levels
from harness.metrics import EXTRACTORS, METRICS
from harness.metrics.moments import Moments
from harness.records.files import read_jsonl
from harness.streams import numpy_generator


def test_its_numbers_are_those_of_the_metrics_themselves(sets, tmp_path: Path, levels, run) -> None:
    """A folder through decoding, the cache in float32 and memory maps, against arrays at hand."""
    found = run(tmp_path, sets[0], "--reference", sets[1], "--metrics", "fd,kid,prdc,spectrum")
    a, b = from_levels(levels(90, 1, blur=True)), from_levels(levels(100, 2))
    extractor = EXTRACTORS["random_conv"].fit(b)
    none = numpy_generator("test", 0, "none")
    for name in ("fd", "kid", "precision", "recall", "density", "coverage"):
        direct = METRICS[name](extractor(a), extractor(b), none)
        got = found["readings"][f"{name}_random_conv"]
        assert got["value"] == pytest.approx(direct.value, rel=1e-4, abs=1e-7), name
        if direct.standard_error is not None:
            low, high = got["interval_95"]
            assert high - low == pytest.approx(2 * 1.959964 * direct.standard_error, rel=1e-3)
    direct = METRICS["spectrum_distance"](a, b, none)
    assert found["readings"]["spectrum_distance"]["value"] == pytest.approx(direct.value)
    records = {row.metric: row for row in read_jsonl(tmp_path / "r.jsonl")}
    assert records["kid_random_conv"].value == found["readings"]["kid_random_conv"]["value"]
    assert records["kid_random_conv"].n == 90


def test_names_order_container_and_a_second_run_change_nothing(sets, tmp_path: Path, run) -> None:
    """Another order of the files is another order of the rows: a subset drawn from them is not."""
    asked = (
        "--metrics",
        "fd,fd_infinity,kid,sliced_w2,prdc",
        "--extractor",
        "pixels",
        "--size",
        "3",
    )
    first = run(tmp_path, sets[0], "--reference", sets[1], *asked)["readings"]
    assert first["fd_infinity_pixels"]["value"] is not None
    assert run(tmp_path, sets[0], "--reference", sets[1], *asked)["readings"] == first
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for i, path in enumerate(sorted(sets[0].iterdir(), reverse=True)):
            archive.write(path, f"{i:05}.png")
    again = run(tmp_path, tmp_path / "a.zip", "--reference", sets[1], *asked)["readings"]
    for name, each in first.items():
        assert again[name]["value"] == pytest.approx(each["value"], rel=1e-5, abs=1e-9), name


def test_features_of_a_reference_are_worked_out_once(
    sets, tmp_path: Path, monkeypatch, levels, folder, run
) -> None:
    run(tmp_path, sets[0], "--reference", sets[1], "--metrics", "fd", "--extractor", "pixels")
    calls = []
    original = EXTRACTORS["pixels"].__call__

    def counted(self, images: np.ndarray):
        calls.append(len(images))
        return original(self, images)

    monkeypatch.setattr(EXTRACTORS["pixels"], "__call__", counted)
    other = folder(tmp_path / "c", levels(30, 5))
    run(tmp_path, other, "--reference", sets[1], "--metrics", "fd", "--extractor", "pixels")
    assert sum(calls) == 30
    for broken in (tmp_path / "cache" / "features").glob("*/rows.npy"):
        broken.write_bytes(broken.read_bytes()[:-9])
    calls.clear()
    run(tmp_path, other, "--reference", sets[1], "--metrics", "fd", "--extractor", "pixels")
    assert sum(calls) == 130


def test_moments_of_a_reference_are_kept_beside_its_features(
    sets, tmp_path, monkeypatch, run
) -> None:
    """The second time they are read; a broken file of them is as good as none."""
    asked = (sets[0], "--reference", sets[1], "--metrics", "fd", "--extractor", "pixels")
    first = run(tmp_path, *asked)["readings"]
    (kept,) = (tmp_path / "cache" / "features").glob("*/statistics.npz")
    gathered = []
    original = Moments._gathered.__func__

    def counted(cls, features):
        gathered.append(len(features))
        return original(cls, features)

    monkeypatch.setattr(Moments, "_gathered", classmethod(counted))
    assert run(tmp_path, *asked)["readings"] == first
    assert gathered == [90]
    kept.write_bytes(kept.read_bytes()[:-50])
    assert run(tmp_path, *asked)["readings"] == first
    assert gathered == [90, 90, 100]
    assert run(tmp_path, *asked)["readings"] == first
    assert gathered == [90, 90, 100, 90]


def test_identical_sets_are_said_to_be_and_have_no_distance(
    sets, tmp_path: Path, capsys, run
) -> None:
    asked = ("--metrics", "fd,kid,kernel_distance,precision", "--extractor", "pixels")
    found = run(tmp_path, sets[1], "--reference", sets[1], *asked)
    assert "hold the same images" in capsys.readouterr().out
    assert 0 <= found["readings"]["fd_pixels"]["value"] < 1e-4
    assert found["readings"]["kid_pixels"]["value"] < 0  # an unbiased estimate of 0, of equal pairs
    assert found["readings"]["precision_pixels"]["value"] == 1


def test_ranges_give_mean_spread_and_least(sets, tmp_path: Path, levels, run) -> None:
    found = run(
        tmp_path, sets[0], "--reference", sets[1], "--metrics", "kid,spectrum_distance",
        "--extractor", "pixels", "--ranges", 3,
    )["readings"]  # fmt: skip
    for each in found.values():
        values = each["values"]
        assert len(values) == 3
        assert each["value"] == pytest.approx(np.mean(values))
        assert each["standard_deviation"] == pytest.approx(np.std(values, ddof=1))
        assert each["least"] == min(values)
        assert each["n"] == 30
    x = from_levels(levels(90, 1, blur=True))[30:60]
    direct = METRICS["kid"](
        x.reshape(30, -1) / 2 + 0.5, from_levels(levels(100, 2)).reshape(100, -1) / 2 + 0.5, None
    )
    assert found["kid_pixels"]["values"][1] == pytest.approx(direct.value, rel=1e-4, abs=1e-7)


def test_the_pictures_show_both_sets(sets, tmp_path: Path, levels, run) -> None:
    run(tmp_path, sets[0], "--reference", sets[1], "--metrics", "fd", "--extractor", "pixels")
    sheet = np.asarray(Image.open(tmp_path / "r.samples.png").convert("L"))
    tile = levels(90, 1, blur=True)[0, 0].repeat(8, 0).repeat(8, 1)
    windows = np.lib.stride_tricks.sliding_window_view(sheet, tile.shape)[:40, :40]
    assert (windows == tile).all((2, 3)).any()
    assert Image.open(tmp_path / "r.nearest.png").size[0] > 6 * 64
