"""What an annotation says of sigma_max, and its map: by hand, and by the law of locality."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.annotate.crops import Crops
from harness.annotate.file import read_levels, write_levels
from harness.annotate.parameter import TOP
from harness.cell import Part, Upstream, part
from harness.data.load import load
from harness.nets.dct import dct_matrix
from harness.problem import Problem
from harness.train.annotation import Annotation, annotate
from harness.train.material import collect
from harness.train.sigma_max import MAP, SIZES, SigmaMax, describe, mapped, spread
from theory.ambient.locality import MAP as PRINTED

DIGITS, OTHERS = (part("digits", classes=tuple(some)) for some in ("01", "56"))
SMALL = part("crops", steps=2, width=4)
ANNOTATORS = {
    "crops": SMALL,
    "donut": part("crops", steps=2, width=4, from_above=part("spectral")),
    "fixed": part("fixed", sigma_min=None, sigma_max=0.1),
    "never": part("fixed", sigma_min=0.3, sigma_max=0.0),
    "bayes": part("bayes", clean=0.01, imperfect=0.02),
    "spectral": part("spectral"),
    "quality": part("quality", level=0.2),
    "shuffled": part("shuffled", of=part("quality", level=0.2)),
    "classifier": part("classifier", draws=1, steps=2, width=4),
}


def values(rows: list[dict[str, Any]], replicate: int = 0) -> dict[str, float]:
    return {row["metric"]: row["value"] for row in rows if row["replicate"] == replicate}


def run(
    by: Part, folder: Path, replicates: int = 1, asked: SigmaMax | None = None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of an annotation of other digits, and of what describes it."""
    stated = Annotation(DIGITS, None, by, 0.3, other=OTHERS)
    first, second = folder / "annotate", folder / "sigma_max"
    for each in (first, second):
        each.mkdir()
    annotate(stated, replicates, {}, first, "cpu", lambda done: None)
    upstream = {"annotate": Upstream(stated, first)}
    describe(asked or SigmaMax(), replicates, upstream, second, "cpu", lambda done: None)
    found = [json.loads((each / "measurements.json").read_text()) for each in (first, second)]
    return found[0], found[1]


@pytest.mark.parametrize("name", ANNOTATORS)
def test_of_every_annotator_the_levels_that_it_left_are_described(name: str, tmp_path) -> None:
    """A contract: share, mean and deviation are those of the file; the map is the data's own."""
    rows = run(ANNOTATORS[name], tmp_path)[1]
    found = values(rows)
    high = read_levels(tmp_path / "annotate" / "levels-0.safetensors")[0][:, 1].astype(float)
    some = high[(high > 0) & np.isfinite(high)]
    assert found["sigma_max_admitted"] == np.count_nonzero(high) / len(high)
    assert ("sigma_max_log_mean" in found) == bool(len(some))
    if len(some):
        assert found["sigma_max_log_mean"] == pytest.approx(np.log(some).mean(), abs=1e-12)
        assert found["sigma_max_log_sd"] == pytest.approx(np.log(some).std(), abs=1e-12)
    assert [name for name in found if name.startswith(MAP)] == [
        f"{MAP}{k}" for k in (1, 2, 3, 4, 6)
    ]
    counts = {row["metric"]: row["n"] for row in rows}
    train = load("digits", **DIGITS.kwargs()).train
    made = collect(Annotation(DIGITS, None, SMALL, 0.3, other=OTHERS).training(), train, 0)
    assert counts["sigma_max_admitted"] == len(high) == np.count_nonzero(~made.clean)
    assert counts.get("sigma_max_log_mean", len(some)) == len(some)
    assert counts[f"{MAP}1"] == np.count_nonzero(made.clean)


def test_an_annotation_by_crops_gives_the_levels_of_the_map_and_each_replicate_its_own(
    tmp_path,
) -> None:
    """Its shares by size and this map are its whole distribution."""
    annotated, rows = run(SMALL, tmp_path, replicates=2)
    for k in (0, 1):
        shares, found = values(annotated, k), values(rows, k)
        sizes = [1, 2, 4]
        for size in sizes:
            assert found[f"{MAP}{size}"] == shares[f"crop_reach/{size}"]
        admitted = sum(shares[f"crop_share/{size}"] for size in sizes)
        assert found["sigma_max_admitted"] == pytest.approx(admitted, abs=1e-12)
        if admitted:
            logs = [
                shares[f"crop_share/{size}"] * math.log(found[f"{MAP}{size}"]) for size in sizes
            ]
            assert found["sigma_max_log_mean"] == pytest.approx(sum(logs) / admitted, abs=1e-5)
    assert values(rows, 0)[f"{MAP}2"] != values(rows, 1)[f"{MAP}2"]  # of other clean images


def test_the_spread_is_that_of_the_logarithms_of_the_admitted_images() -> None:
    rows = spread(3, np.array([0.0, 0.1, 0.4, np.inf, 0.0], np.float32))
    found = values(rows, 3)
    assert found["sigma_max_admitted"] == pytest.approx(0.6)
    assert found["sigma_max_log_mean"] == pytest.approx(math.log(0.2), rel=1e-6)
    assert found["sigma_max_log_sd"] == pytest.approx(math.log(2), rel=1e-6)
    assert [row["n"] for row in rows] == [5, 2, 2]
    assert values(spread(0, np.zeros(4, np.float32))) == {"sigma_max_admitted": 0.0}
    assert values(spread(0, np.full(4, np.inf, np.float32))) == {"sigma_max_admitted": 1.0}


def field(powers: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Gaussian images [n, 1, H, W] of independent DCT modes with given variances [H, W]."""
    down, across = (dct_matrix(side) for side in powers.shape)
    z = np.random.default_rng(seed).standard_normal((count, *powers.shape)) * np.sqrt(powers)
    return (down.T @ z @ across)[:, None].astype(np.float32)


def falling(side: int, slope: float, floor: float = 0.02) -> np.ndarray:
    radius = np.add.outer(np.arange(side) ** 2, np.arange(side) ** 2) / side**2
    return 0.05 / (floor + radius) ** (slope / 2)


def excess(powers: np.ndarray, size: int, sigma: float) -> float:
    """By conditioning, the relative excess of the error of a centre pixel seen in its window."""
    side = len(powers)
    modes = np.kron(dct_matrix(side), dct_matrix(side))
    k = modes.T @ (powers.reshape(-1, 1) * modes)
    centre = (side - 1) // 2

    def error(start: int, stop: int) -> float:
        span = range(start, stop)
        window = [i * side + j for i in span for j in span]
        t = centre * side + centre
        seen = k[np.ix_(window, window)] + sigma**2 * np.eye(len(window))
        return float(k[t, t] - k[t, window] @ np.linalg.solve(seen, k[window, t]))

    start = centre - (size - 1) // 2
    return error(start, start + size) / error(0, side) - 1


@pytest.mark.parametrize("delta", [0.02, 0.1])
def test_on_a_gaussian_field_the_map_is_the_law_of_locality(delta: float) -> None:
    """At the mapped level the excess by conditioning is delta, with the errors of 20,000 images:
    a variance is known to 1 %, and near its crossing the excess grows at most as sigma squared."""
    powers = falling(8, 2.0)
    rows = mapped(0, field(powers, 20_000, 1), SigmaMax(delta=delta))
    levels = {int(row["metric"].removeprefix(MAP)): row["value"] for row in rows}
    for size, level in levels.items():
        if level < TOP:
            assert excess(powers, size, level) == pytest.approx(delta, rel=0.06)
        lower = np.geomspace(1e-3, min(0.8 * level, 10.0), 20)
        assert 0 < max(excess(powers, size, sigma) for sigma in lower) < delta
    assert 0 < levels[1] < levels[2] < TOP


@settings(deadline=None, max_examples=20)
@given(
    slope=st.floats(0.5, 3.5),
    floor=st.floats(0.005, 0.5),
    delta=st.floats(0.005, 0.2),
    scale=st.floats(0.1, 10),
)
def test_the_map_grows_with_the_crop_and_with_what_is_allowed_and_has_the_units_of_the_images(
    slope: float, floor: float, delta: float, scale: float
) -> None:
    images = field(falling(8, slope, floor), 500, 2)

    def levels(pixels: np.ndarray, allowed: float) -> list[float]:
        return [row["value"] for row in mapped(0, pixels, SigmaMax(delta=allowed))]

    found = levels(images, delta)
    assert found == sorted(found)
    assert all(a <= b for a, b in zip(found, levels(images, 1.5 * delta)))
    scaled = levels(np.float32(scale) * images, delta)
    inner = [k for k, level in enumerate(found) if level < 1 < TOP / 10]
    assert [scaled[k] for k in inner] == pytest.approx([scale * found[k] for k in inner], rel=1e-3)


def test_sizes_are_those_below_the_image_the_papers_among_them_or_as_given() -> None:
    assert {size for _, size in PRINTED} - {64} < set(SIZES)
    assert SigmaMax().asked((8, 9)) == [1, 2, 3, 4, 6]
    assert SigmaMax().asked((64, 64)) == list(SIZES)
    assert SigmaMax((5, 2, 5)).asked((8, 8)) == [2, 5]
    white = np.random.default_rng(0).standard_normal((50, 3, 8, 8)).astype(np.float32)
    whole = mapped(0, white, SigmaMax((8,)))
    assert [row["value"] for row in whole] == [TOP]
    with pytest.raises(Problem, match=r"crops of 9 pixels.*at most 8"):
        SigmaMax((9,)).asked((8, 8))


@pytest.mark.parametrize(
    "wrong", [{"sizes": ()}, {"sizes": (0,)}, {"delta": 0.0}, {"delta": math.nan}], ids=str
)
def test_a_map_of_nothing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Problem, match="map of crops"):
        SigmaMax(**wrong)


def test_it_allows_what_the_annotator_does() -> None:
    assert SigmaMax().delta == Crops().delta


def test_levels_of_a_file_are_read_as_they_were_written(tmp_path) -> None:
    """sigma_max is the second of the pair."""
    images = np.zeros((3, 1, 2, 2), np.float32)
    write_levels(tmp_path / "l.safetensors", np.float32([[9, 0.1], [9, 0], [9, 0.4]]), images)
    levels = read_levels(tmp_path / "l.safetensors")[0]
    assert values(spread(0, levels[:, 1]))["sigma_max_admitted"] == pytest.approx(2 / 3)
