"""Evaluation of odd images in odd circumstances: one line, and nothing that was there is lost."""

from pathlib import Path

import numpy as np
import pytest

from harness.cli import main
from harness.data.images import from_levels
from harness.problem import Problem
from harness.records import atomic
from harness.records.files import read_jsonl


@pytest.mark.parametrize("n", [1, 2, 5])
def test_few_images_are_answered_or_refused_and_nothing_is_nan(
    n, sets, tmp_path: Path, capsys, levels, folder
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


def test_constant_pictures_have_a_distance_and_no_nan(
    sets, tmp_path: Path, capsys, levels, folder, run
) -> None:
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


def test_an_old_result_survives_a_failed_run(sets, tmp_path: Path, run) -> None:
    before = run(
        tmp_path, sets[0], "--reference", sets[1], "--metrics", "fd", "--extractor", "pixels"
    )
    (sets[0] / "00003.png").write_bytes(b"\x89PNG cut")
    after = run(tmp_path, sets[0], "--reference", sets[1], "--metrics", "fd", status=2)
    assert after == before
    skipped = run(tmp_path, sets[0], "--reference", sets[1], "--metrics", "fd", "--skip-unreadable")
    assert skipped["generated"]["count"] == 89
    assert skipped["generated"]["unreadable"][0][0] == "00003.png"


def test_lossy_against_lossless_and_mixed_sizes_are_warned_of(
    sets, tmp_path: Path, capsys, levels, folder, run
) -> None:
    lossy = folder(tmp_path / "jpeg", levels(40, 3, side=12), suffix="jpg")
    run(tmp_path, lossy, "--reference", sets[1], "--metrics", "fd", status=2)
    assert "--size N" in capsys.readouterr().err
    found = run(tmp_path, lossy, "--reference", sets[1], "--metrics", "fd", "--size", "8")
    notes = " ".join(found["notes"])
    assert "JPEG" in notes
    assert "native sizes differ" in notes


def test_grey_and_colour_sets_are_compared_in_colour(
    sets, tmp_path: Path, levels, folder, run
) -> None:
    colour = folder(tmp_path / "colour", levels(40, 3, channels=3))
    found = run(
        tmp_path, colour, "--reference", sets[1], "--metrics", "fd", "--extractor", "pixels"
    )
    assert "3x8x8" in found["settings"]["preprocess"]
    assert any("grey" in note for note in found["notes"])


def test_statistics_never_overwrite_their_images(tmp_path: Path, capsys, levels) -> None:
    np.savez(tmp_path / "a.npz", images=levels(20, 1)[:, 0])
    before = (tmp_path / "a.npz").read_bytes()
    out = str(tmp_path / "a.npz")
    assert main(["statistics", out, "--extractor", "pixels", "--out", out, "--quiet"]) == 2
    assert "one of the inputs" in capsys.readouterr().err
    assert (tmp_path / "a.npz").read_bytes() == before


def test_where_nothing_can_be_written_it_says_so_before_the_work(sets, tmp_path, capsys) -> None:
    (tmp_path / "r.json").mkdir()
    file = tmp_path / "file"
    file.write_text("x")
    for out in (tmp_path / "r.json", file / "r.json", tmp_path / "r.txt"):
        given = [str(sets[0]), "--reference", str(sets[1]), "--out", str(out), "--cache", str(file)]
        assert main(["evaluate", *given]) == 2
        assert str(out) in capsys.readouterr().err


def test_a_cache_that_cannot_be_written_is_one_line(sets, tmp_path: Path, capsys) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    given = [str(sets[0]), "--reference", str(sets[1]), "--out", str(tmp_path / "r.json")]
    assert main(["evaluate", *given, "--cache", str(file), "--quiet"]) == 2
    said = capsys.readouterr().err
    assert "--cache DIR" in said
    assert said.count("\n") == 1


def test_a_byte_that_changed_in_the_cache_is_noticed(sets, tmp_path: Path, run) -> None:
    asked = (sets[0], "--reference", sets[1], "--metrics", "fd,kid", "--extractor", "pixels")
    first = run(tmp_path, *asked)["readings"]
    for rows in (tmp_path / "cache" / "features").glob("*/rows.npy"):
        changed = bytearray(rows.read_bytes())
        changed[-400:] = b"\0" * 400
        rows.write_bytes(bytes(changed))
    assert run(tmp_path, *asked)["readings"] == first


def test_a_full_disk_leaves_the_old_result_whole(sets, tmp_path: Path, monkeypatch, run) -> None:
    """The pictures do not fit any more: neither the numbers nor the records are replaced."""
    asked = (sets[0], "--reference", sets[1], "--metrics", "kid", "--extractor", "pixels")
    run(tmp_path, *asked)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("r.*")}
    original = atomic.write_bytes

    def full(path, data):
        if "nearest" in str(path):
            raise Problem("writing", "No space left on device", "free some space")
        original(path, data)

    monkeypatch.setattr(atomic, "write_bytes", full)
    run(tmp_path, *asked, "--limit", 40, status=2)
    assert {path.name: path.read_bytes() for path in tmp_path.glob("r.*")} == before
    assert not list(tmp_path.glob(".r*"))


def test_features_that_are_all_the_same_and_distances_that_are_bias_are_named(
    sets, tmp_path: Path, folder, run
) -> None:
    flat = folder(tmp_path / "flat", np.full((30, 1, 8, 8), 77, np.uint8))
    asked = ("--metrics", "fd", "--extractor", "pixels")
    notes = run(tmp_path, flat, "--reference", sets[1], *asked)["notes"]
    assert any("the pixels features of all images of the samples are the same" in n for n in notes)
    assert any("fd_pixels has 64 features and no more images on one side" in n for n in notes)


def test_two_kinds_of_samples_are_compared_row_by_row(
    sets, tmp_path: Path, capsys, levels, folder
) -> None:
    other = folder(tmp_path / "c", levels(90, 8))
    for name, samples in (("a", sets[0]), ("c", other)):
        out = str(tmp_path / f"{name}.json")
        given = [str(samples), "--reference", str(sets[1]), "--metrics", "fd,kid", "--out", out]
        assert main(["evaluate", *given, "--cache", str(tmp_path / "cache"), "--quiet"]) == 0
    capsys.readouterr()
    assert main(["compare", str(tmp_path / "a.jsonl"), str(tmp_path / "c.jsonl")]) == 1
    said = capsys.readouterr().out
    assert "fd_random_conv" in said
    assert "missing" not in said


def test_weights_go_to_the_extractor_that_takes_them(sets, tmp_path: Path, capsys, run) -> None:
    weights = tmp_path / "w.npz"
    weights.write_bytes(b"no weights")
    asked = (sets[0], "--reference", sets[1], "--metrics", "fd", "--weights", weights)
    assert run(tmp_path, *asked, "--extractor", "pixels")["readings"]["fd_pixels"]["value"] > 0
    run(tmp_path, *asked, "--extractor", "pixels,resnet56", "--size", 32, status=2)
    assert "w.npz" in capsys.readouterr().err
