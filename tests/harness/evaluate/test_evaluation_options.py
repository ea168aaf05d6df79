"""The options of an evaluation: floor, bootstrap, held-out images, statistics, pictures."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harness.cli import main
from harness.data.images import from_levels
from harness.evaluate.result import word
from harness.evaluate.statistics import read_statistics
from harness.metrics import EXTRACTORS, METRICS, frechet_infinity
from harness.records.files import read_jsonl
from harness.streams import numpy_generator


def test_statistics_of_a_reference_serve_without_its_images(
    sets, tmp_path: Path, capsys, levels, folder, run
) -> None:
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


def table_of(images: np.ndarray) -> set[bytes]:
    """The images, as a set of their bytes."""
    return {np.ascontiguousarray(image).tobytes() for image in images}


def spied(monkeypatch: pytest.MonkeyPatch, metric: str) -> list[tuple[np.ndarray, ...]]:
    """The sides of each call of a metric from now on, as arrays."""
    calls: list[tuple[np.ndarray, ...]] = []
    kind = type(METRICS[metric])
    original = kind.__call__

    def called(self, *given):
        calls.append(tuple(np.array(getattr(side, "rows", side)) for side in given[:-1]))
        return original(self, *given)

    monkeypatch.setattr(kind, "__call__", called)
    return calls


@pytest.mark.parametrize("metric", ["fd", "spectrum_distance", "nearest_neighbour_ratio"])
def test_a_floor_is_the_metric_of_two_halves_of_the_reference(
    metric, sets, tmp_path: Path, monkeypatch, levels, folder, run
) -> None:
    held_out = folder(tmp_path / "h", levels(40, 3))
    calls = spied(monkeypatch, metric)
    asked = (sets[0], "--reference", sets[1], "--metrics", metric, "--extractor", "pixels",
             "--floor", "--held-out", held_out)  # fmt: skip
    ((name, found),) = run(tmp_path, *asked)["readings"].items()
    whole, halves = sorted(calls, key=lambda sides: len(sides[-1]), reverse=True)
    assert [len(each) for each in (whole[0], whole[-1], halves[0], halves[-1])] == [90, 100, 50, 50]
    parts = [table_of(half) for half in (halves[0], halves[-1])]
    assert not parts[0] & parts[1]
    assert parts[0] | parts[1] == table_of(whole[-1])
    if metric == "nearest_neighbour_ratio":
        assert table_of(halves[1]) == table_of(from_levels(levels(40, 3)))
    none = numpy_generator("test", 0, "none")
    floor = METRICS[metric](*halves, none).value
    assert found["floor"] == pytest.approx(floor, rel=1e-9)
    assert found["value"] == pytest.approx(METRICS[metric](*whole, none).value, rel=1e-9)
    records = {row.metric: row.value for row in read_jsonl(tmp_path / "r.jsonl")}
    assert records == {name: found["value"], f"{name}/floor": found["floor"]}
    # Random halves, and not the first and the last images of a set that may be sorted.
    places = [image.tobytes() for image in whole[-1]]
    assert 15 < sum(places.index(image.tobytes()) < 50 for image in halves[0]) < 35
    assert run(tmp_path, *asked)["readings"][name]["floor"] == found["floor"]
    assert run(tmp_path, *asked, "--seed", 1)["readings"][name]["floor"] != found["floor"]


def test_a_bootstrap_is_the_error_in_the_result(sets, tmp_path: Path, run) -> None:
    """Of smooth metrics, it agrees with the delta method: 400 draws give it to 3.5 %."""
    asked = (sets[0], "--reference", sets[1], "--metrics", "fd,kid,spectrum_distance",
             "--extractor", "pixels", "--size", 3)  # fmt: skip
    delta = run(tmp_path, *asked)["readings"]
    drawn = run(tmp_path, *asked, "--bootstrap", 400)["readings"]
    records = {row.metric: row.standard_error for row in read_jsonl(tmp_path / "r.jsonl")}
    other = run(tmp_path, *asked, "--bootstrap", 400, "--seed", 1)["readings"]
    for name, each in drawn.items():
        error = each["standard_error"]
        assert records[name] == error
        low, high = each["interval_95"]
        assert high - low == pytest.approx(2 * 1.959964 * error)
        assert (low + high) / 2 == pytest.approx(delta[name]["value"])
        assert each["value"] == delta[name]["value"]
        assert error != delta[name]["standard_error"]
        assert error == pytest.approx(delta[name]["standard_error"], rel=0.2), name
        assert other[name]["standard_error"] != error
        assert other[name]["standard_error"] == pytest.approx(error, rel=4 * 0.035 * 2**0.5)


def test_held_out_images_are_the_fresh_ones_of_the_nearest_neighbour_ratio(
    sets, tmp_path: Path, levels, folder, run
) -> None:
    held_out = folder(tmp_path / "h", levels(40, 3))
    name = "nearest_neighbour_ratio"
    asked = (sets[0], "--reference", sets[1], "--metrics", name, "--held-out", held_out)
    found = run(tmp_path, *asked)["readings"][name]
    x, h, t = map(from_levels, (levels(90, 1, blur=True), levels(40, 3), levels(100, 2)))
    direct = METRICS[name](x, h, t, numpy_generator("test", 0, "none"))
    assert found["value"] == pytest.approx(direct.value, rel=1e-6)
    assert found["standard_error"] == pytest.approx(direct.standard_error, rel=1e-6)
    assert found["n"] == 90
    for swapped in ((x, t, h), (h, x, t), (t, h, x)):
        other = METRICS[name](*swapped, numpy_generator("test", 0, "none")).value
        assert abs(other / direct.value - 1) > 1e-3


def test_the_bias_that_remains_in_fd_at_infinity_is_stated(
    sets, tmp_path: Path, monkeypatch, run
) -> None:
    fitted, original = [], frechet_infinity.line

    def line(*given):
        fitted.append(original(*given))
        return fitted[-1]

    monkeypatch.setattr(frechet_infinity, "line", line)
    asked = ("--metrics", "fd_infinity", "--extractor", "pixels", "--size", 3)
    found = run(tmp_path, sets[0], "--reference", sets[1], *asked)
    (of_line,) = fitted
    assert found["readings"]["fd_infinity_pixels"]["value"] == pytest.approx(of_line.intercept)
    (note,) = (note for note in found["notes"] if "extrapolates" in note)
    assert "fd_infinity_pixels" in note
    assert "100 images of the reference" in note
    assert float(note.rsplit(" ", 1)[1]) == pytest.approx(of_line.remaining, rel=5e-3)
    assert of_line.remaining == pytest.approx(of_line.slope / 100)


def test_only_distances_of_the_inception_network_are_called_fid(
    sets, tmp_path: Path, monkeypatch, capsys, run
) -> None:
    names = [
        f"{metric}_{extractor}" for metric in METRICS for extractor in EXTRACTORS
    ] + list(METRICS)  # fmt: skip
    called = {name: word(name) for name in names if word(name) != name}
    assert called == {"fd_inception": "FID", "fd_infinity_inception": "FID at infinity"}
    asked = (sets[0], "--reference", sets[1], "--metrics", "fd,fd_infinity", "--size", 3)
    run(tmp_path, *asked, "--extractor", "pixels")
    assert "FID" not in capsys.readouterr().out
    monkeypatch.setitem(EXTRACTORS._rows, "inception", EXTRACTORS.entry("pixels"))
    found = run(tmp_path, *asked, "--extractor", "inception")["readings"]
    shown = [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()]
    assert shown[2:4] == ["FID", "FID at infinity"]
    assert list(found) == ["fd_inception", "fd_infinity_inception"]  # a file keeps the full name


def test_the_picture_of_the_nearest_shows_them_the_nearest_first(
    tmp_path: Path, levels, folder, run
) -> None:
    """A copy, and one that differs in a pixel, among thirty samples: row by row as brute force."""
    reference, samples = levels(60, 2), levels(30, 1)
    samples[17] = reference[41]
    samples[4] = reference[8]
    samples[4, 0, 3, 3] ^= 16
    a, b = folder(tmp_path / "a", samples), folder(tmp_path / "b", reference)
    run(tmp_path, a, "--reference", b, "--metrics", "fd", "--extractor", "pixels")
    sheet = np.asarray(Image.open(tmp_path / "r.nearest.png").convert("L"))

    def tile(image: np.ndarray) -> np.ndarray:
        return image[0].repeat(8, 0).repeat(8, 1)

    windows = np.lib.stride_tricks.sliding_window_view(sheet[:100], (64, 64))
    (top, left), (same, right) = np.argwhere((windows == tile(reference[41])).all((2, 3)))
    assert top == same
    pixels = [each.reshape(len(each), -1).astype(float) for each in (samples, reference)]
    distance = np.linalg.norm(pixels[0][:, None] - pixels[1], axis=2)
    order = np.argsort(distance.min(1))[:10]
    assert list(order[:2]) == [17, 4]
    for row, i in enumerate(order):
        y = top + 68 * row  # a tile and the gap
        assert np.array_equal(sheet[y : y + 64, left : left + 64], tile(samples[i]))
        for column, j in enumerate(np.argsort(distance[i])[:5]):
            x = right + 68 * column
            assert np.array_equal(sheet[y : y + 64, x : x + 64], tile(reference[j])), (row, column)
    assert (sheet[y + 68 :] == 255).all()


def left(tmp_path: Path, path: Path, name: str, *more: object, cache: str = "cache") -> Path:
    """Run ``patina statistics`` with random_conv; the file that it leaves."""
    out = tmp_path / name
    given = ["--extractor", "random-conv", "--cache", tmp_path / cache, "--quiet", *more]
    assert main(["statistics", str(path), "--out", str(out), *map(str, given)]) == 0
    return out


def test_statistics_bring_the_fitted_extractor_along(sets, tmp_path: Path, levels, run) -> None:
    """On another machine, which has neither the images of the reference nor their cache."""
    file = left(tmp_path, sets[1], "b.npz", cache="there")
    extractor = EXTRACTORS["random_conv"].fit(from_levels(levels(100, 2)))
    state = read_statistics(file).state
    assert set(state) == set(extractor.state())
    for name, array in extractor.state().items():
        assert np.array_equal(state[name], array), name
    found = run(tmp_path, sets[0], "--reference", file, "--metrics", "fd")
    a, b = (extractor(from_levels(x)) for x in (levels(90, 1, blur=True), levels(100, 2)))
    direct = METRICS["fd"](a, b, numpy_generator("test", 0, "none"))
    assert found["readings"]["fd_random_conv"]["value"] == pytest.approx(direct.value, rel=1e-4)
    assert found["reference"]["count"] == 100
    assert found["settings"]["extractors"] == {"random_conv": extractor.hash}


def test_shards_share_the_extractor_of_the_first_by_like(
    sets, tmp_path: Path, capsys, levels, folder, run
) -> None:
    """Each fitted on itself would be another extractor, and they would not merge."""
    shards = [folder(tmp_path / f"s{i}", levels(100, 2)[i::2]) for i in range(2)]
    first, alone = (left(tmp_path, shard, f"{shard.name}.npz") for shard in shards)
    assert main(["statistics", str(first), str(alone), "--out", str(tmp_path / "no.npz")]) == 2
    assert "hash of random_conv" in capsys.readouterr().err
    like = left(tmp_path, shards[1], "like.npz", "--like", first)
    whole = tmp_path / "whole.npz"
    assert main(["statistics", str(first), str(like), "--out", str(whole)]) == 0
    found = run(tmp_path, sets[0], "--reference", whole, "--metrics", "fd")["readings"]
    extractor = EXTRACTORS["random_conv"].fit(from_levels(levels(100, 2)[::2]))
    a, b = (extractor(from_levels(x)) for x in (levels(90, 1, blur=True), levels(100, 2)))
    direct = METRICS["fd"](a, b, numpy_generator("test", 0, "none"))
    assert found["fd_random_conv"]["value"] == pytest.approx(direct.value, rel=1e-4)
    given = ["--extractor", "pixels", "--like", str(first), "--cache", str(tmp_path / "cache")]
    assert main(["statistics", str(shards[1]), "--out", str(tmp_path / "no.npz"), *given]) == 2
    assert "statistics of random_conv" in capsys.readouterr().err
    assert not (tmp_path / "no.npz").exists()
