"""An evaluation from the shell's point of view: files in, a table and files out."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harness.cli import main
from harness.data.images import from_levels
from harness.metrics import EXTRACTORS, METRICS
from harness.metrics.moments import Moments
from harness.records.files import read_jsonl
from harness.streams import numpy_generator


def levels(n: int, seed: int, side: int = 8, channels: int = 1, blur: bool = False) -> np.ndarray:
    """Smooth random pictures ``[n, C, side, side]``."""
    draw = numpy_generator("test", seed, "pictures")
    x = draw.normal(size=(n, channels, side, side))
    for axis in (2, 3):
        x = x + np.roll(x, 1, axis) * (1 + blur)
    return np.clip(128 + 40 * x, 0, 255).astype(np.uint8)


def folder(path: Path, x: np.ndarray, suffix: str = "png") -> Path:
    path.mkdir(parents=True)
    for i, each in enumerate(x):
        picture = each[0] if len(each) == 1 else np.moveaxis(each, 0, -1)
        Image.fromarray(picture).save(path / f"{i:05}.{suffix}")
    return path


@pytest.fixture
def sets(tmp_path: Path) -> tuple[Path, Path]:
    """A hundred pictures of one law and ninety of another."""
    return folder(tmp_path / "a", levels(90, 1, blur=True)), folder(tmp_path / "b", levels(100, 2))


def run(tmp_path: Path, *arguments: object, status: int = 0) -> dict:
    """Run ``patina evaluate``; give what it wrote."""
    out = tmp_path / "r.json"
    given = [str(each) for each in arguments]
    got = main(
        ["evaluate", *given, "--out", str(out), "--cache", str(tmp_path / "cache"), "--quiet"]
    )
    assert got == status
    return json.loads(out.read_text()) if out.exists() else {}


def test_its_numbers_are_those_of_the_metrics_themselves(sets, tmp_path: Path) -> None:
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


def test_names_order_container_and_a_second_run_change_nothing(sets, tmp_path: Path) -> None:
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


def test_features_of_a_reference_are_worked_out_once(sets, tmp_path: Path, monkeypatch) -> None:
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


def test_moments_of_a_reference_are_kept_beside_its_features(sets, tmp_path, monkeypatch) -> None:
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


def test_identical_sets_are_said_to_be_and_have_no_distance(sets, tmp_path: Path, capsys) -> None:
    asked = ("--metrics", "fd,kid,kernel_distance,precision", "--extractor", "pixels")
    found = run(tmp_path, sets[1], "--reference", sets[1], *asked)
    assert "hold the same images" in capsys.readouterr().out
    assert 0 <= found["readings"]["fd_pixels"]["value"] < 1e-4
    assert found["readings"]["kid_pixels"]["value"] < 0  # an unbiased estimate of 0, of equal pairs
    assert found["readings"]["precision_pixels"]["value"] == 1


def test_ranges_give_mean_spread_and_least(sets, tmp_path: Path) -> None:
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


def test_statistics_of_a_reference_serve_without_its_images(sets, tmp_path: Path, capsys) -> None:
    """By shards too; another extractor, another size and another metric are refused."""
    asked = ("--metrics", "fd", "--extractor", "pixels", "--size", "4")
    direct = run(tmp_path, sets[0], "--reference", sets[1], *asked)["readings"]["fd_pixels"]
    common = ["--extractor", "pixels", "--size", "4", "--cache", str(tmp_path / "cache"), "--quiet"]
    shards = [folder(tmp_path / f"s{i}", levels(100, 2)[i::2]) for i in range(2)]
    files = [str(tmp_path / f"s{i}.npz") for i in range(2)]
    for shard, file in zip(shards, files):
        assert main(["statistics", str(shard), "--out", file, *common]) == 0
    whole = str(tmp_path / "whole.npz")
    assert main(["statistics", *files, files[0], "--out", whole]) == 0
    got = run(tmp_path, sets[0], "--reference", whole, *asked)["readings"]["fd_pixels"]
    assert got["value"] == pytest.approx(direct["value"], rel=1e-5)
    for change, words in (
        (("--metrics", "fd", "--extractor", "random_conv", "--size", "4"), "statistics of pixels"),
        (("--metrics", "fd", "--extractor", "pixels", "--size", "5"), "preprocessing"),
        (("--metrics", "kid", "--extractor", "pixels", "--size", "4"), "moments alone"),
    ):
        files = ["--out", str(tmp_path / "no.json"), "--cache", str(tmp_path / "cache")]
        given = [str(sets[0]), "--reference", whole, *change, *files, "--quiet"]
        assert main(["evaluate", *given]) == 2
        assert words in capsys.readouterr().err
    assert not (tmp_path / "no.json").exists()


@pytest.mark.parametrize("n", [1, 2, 5])
def test_few_images_are_answered_or_refused_and_nothing_is_nan(
    n, sets, tmp_path: Path, capsys
) -> None:
    few = folder(tmp_path / "few", levels(n, 7))
    out = tmp_path / "r.json"
    status = main(["evaluate", str(few), "--reference", str(sets[1]), "--metrics", "all", "--quiet",
                   "--out", str(out), "--cache", str(tmp_path / "cache")])  # fmt: skip
    said = capsys.readouterr()
    if n == 1:
        assert "at least" in said.err + said.out
    assert "nan" not in said.out.lower()
    if status == 0:
        for row in read_jsonl(tmp_path / "r.jsonl"):
            assert (row.status == "ok") == (row.value is not None)
            assert row.ok or row.reason


def test_constant_pictures_have_a_distance_and_no_nan(sets, tmp_path: Path, capsys) -> None:
    flat = folder(tmp_path / "flat", np.full((30, 1, 8, 8), 77, np.uint8))
    found = run(tmp_path, flat, "--reference", sets[1], "--metrics", "all", "--extractor", "pixels")
    b = from_levels(levels(100, 2)).reshape(100, -1) / 2 + 0.5
    expected = np.square(77 / 255 - b.mean(0)).sum() + b.var(0, ddof=1).sum()
    assert found["readings"]["fd_pixels"]["value"] == pytest.approx(expected, rel=1e-5)
    assert "nan" not in capsys.readouterr().out.lower()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--metrics", "fdd"), "did you mean 'fd'"),
        (("--extractor", "resnet"), "resnet56"),
        (("--metrics", "nearest_neighbour_ratio"), "--held-out"),
        (("--metrics", "denoising_loss"), "denoiser"),
        (("--metrics", ""), "name some"),
        (("--ranges", "7"), "7 equal ranges"),
        (("--size", "0"), "give 1 or more"),
        (("--bootstrap", "3"), "20 or more"),
        (("--reference", "/nowhere"), "no such file"),
        (("--metrics", "fd_pixels"), "extractor"),
    ],
    ids=str,
)
def test_what_cannot_be_is_one_line_and_leaves_no_file(
    arguments, words, sets, tmp_path, capsys
) -> None:
    out = tmp_path / "r.json"
    given = ["--reference", str(sets[1]), *arguments]
    got = main(
        ["evaluate", str(sets[0]), *given, "--out", str(out), "--cache", str(tmp_path), "--quiet"]
    )
    said = capsys.readouterr().err
    assert got == 2
    assert words in said
    assert said.count("\n") == 1
    assert not out.exists()


def test_an_old_result_survives_a_failed_run(sets, tmp_path: Path) -> None:
    before = run(
        tmp_path, sets[0], "--reference", sets[1], "--metrics", "fd", "--extractor", "pixels"
    )
    (sets[0] / "00003.png").write_bytes(b"\x89PNG cut")
    after = run(tmp_path, sets[0], "--reference", sets[1], "--metrics", "fd", status=2)
    assert after == before
    skipped = run(tmp_path, sets[0], "--reference", sets[1], "--metrics", "fd", "--skip-unreadable")
    assert skipped["generated"]["count"] == 89
    assert skipped["generated"]["unreadable"][0][0] == "00003.png"


def test_lossy_against_lossless_and_mixed_sizes_are_warned_of(sets, tmp_path: Path, capsys) -> None:
    lossy = folder(tmp_path / "jpeg", levels(40, 3, side=12), suffix="jpg")
    run(tmp_path, lossy, "--reference", sets[1], "--metrics", "fd", status=2)
    assert "--size N" in capsys.readouterr().err
    found = run(tmp_path, lossy, "--reference", sets[1], "--metrics", "fd", "--size", "8")
    notes = " ".join(found["notes"])
    assert "JPEG" in notes
    assert "native sizes differ" in notes


def test_grey_and_colour_sets_are_compared_in_colour(sets, tmp_path: Path) -> None:
    colour = folder(tmp_path / "colour", levels(40, 3, channels=3))
    found = run(
        tmp_path, colour, "--reference", sets[1], "--metrics", "fd", "--extractor", "pixels"
    )
    assert "3x8x8" in found["settings"]["preprocess"]
    assert any("grey" in note for note in found["notes"])


def test_the_pictures_show_both_sets(sets, tmp_path: Path) -> None:
    run(tmp_path, sets[0], "--reference", sets[1], "--metrics", "fd", "--extractor", "pixels")
    sheet = np.asarray(Image.open(tmp_path / "r.samples.png").convert("L"))
    tile = levels(90, 1, blur=True)[0, 0].repeat(8, 0).repeat(8, 1)
    windows = np.lib.stride_tricks.sliding_window_view(sheet, tile.shape)[:40, :40]
    assert (windows == tile).all((2, 3)).any()
    assert Image.open(tmp_path / "r.nearest.png").size[0] > 6 * 64
