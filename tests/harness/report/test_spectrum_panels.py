"""Spectra of a study: which cells stand together, and what is drawn and told of them."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from safetensors.numpy import save_file

from harness.records.record import measured
from harness.report.kept_samples import images_of
from harness.report.results import Results
from harness.report.spectra import powers, radial
from harness.report.spectrum_cells import cells, table
from harness.report.spectrum_drawing import (
    GAP,
    HIGH,
    LETTER,
    LOW,
    TITLE,
    WIDTH,
    drawn,
    spectra,
)
from harness.report.spectrum_panels import LINES, PANELS, Panel, panels
from harness.streams import numpy_generator

DIGITS = {"name": "digits"}
SVG = "{http://www.w3.org/2000/svg}"


def study(cache: Path, arms: Sequence[Mapping[str, Any]], gain: float = 1.0) -> Results:
    """A study whose cells, one for each set of factors, drew the held-out digits times a gain."""
    records, runs = [], []
    for at, params in enumerate(arms):
        factors = {name: value for name, value in params.items() if name != "samples"}
        records.append(
            measured(
                1.0, study="s", cell_id=f"c{at}", params=factors, metric="a", unit="1",
                tier="tolerance", replicate=0,
            )
        )  # fmt: skip
        key = f"key{at}"
        config = [{"stage": "train", "dataset": DIGITS}]
        runs.append({"cell_id": f"c{at}", "config": config, "stages": {"sample": {"key": key}}})
        images = params.get("samples", gain * images_of(DIGITS).held_out.pixels)
        (cache / "sample" / key).mkdir(parents=True)
        both = np.stack([images, np.zeros_like(images)])  # a second replicate, which is not read
        save_file({"samples": both}, cache / "sample" / key / "samples.safetensors")
    return Results("s", "smoke", records, runs, cache=cache)


def shown(results: Results, *factors: str) -> list[Panel]:
    return panels(cells(results)[0], factors)


def told(found: Sequence[Panel]) -> list[tuple[str, list[str]]]:
    return [(panel.title, [curve.label for curve in panel.curves]) for panel in found]


def test_samples_of_half_the_height_lie_six_decibels_below(tmp_path: Path) -> None:
    results = study(tmp_path, [{"arm": "clean"}], gain=0.5)
    (cell,), notes = cells(results)
    assert notes == []
    assert cell.samples.rings.above(cell.real.held_out.rings)[0] == pytest.approx(-6.0206, abs=1e-4)
    part = table([cell], notes)
    assert part.header == ("images", "n", "1/16 to 1/8", "1/8 to 1/4", "1/4 to 1/2", "≥ 1/2")
    held_out, others, own = part.body
    assert held_out[:2] == ("held out (digits)", "359")
    assert others[:2] == ("not held out (digits)", "1438")
    assert own[:2] == ("arm clean", "359")
    assert all(re.fullmatch(r"−6\.0\d* ± 0\.\d+", text) for text in own[2:])
    assert part.cells == ("", "", "c0")
    power = powers(images_of(DIGITS).held_out.pixels)
    assert (cell.real.held_out.rings.power == radial(power).power).all()
    seen = radial(powers(images_of(DIGITS).train.pixels))
    assert (cell.real.others.rings.power == seen.power).all()


def test_a_cell_that_lacks_a_factor_stands_beside_all_that_have_it(tmp_path: Path) -> None:
    arms: list[dict[str, Any]]
    arms = [{"arm": "clean", "network": "mlp"}, {"arm": "clean", "network": "unet"}]
    arms += [{"arm": "gated", "network": "mlp", "blur": blur} for blur in (0.4, 0.8)]
    found = shown(study(tmp_path, arms), "network", "blur", "arm")
    assert told(found) == [
        ("U-Net", ["clean"]),
        ("MLP, blur 0.4", ["clean", "gated"]),
        ("MLP, blur 0.8", ["clean", "gated"]),
    ]
    assert [curve.look for curve in found[1].curves] == [0, 1]


def test_more_than_a_page_of_panels_makes_the_lines_tell_more_apart(tmp_path: Path) -> None:
    arms = [{"arm": arm, "share": s, "size": n} for arm in "ab" for s in range(3) for n in range(5)]
    found = shown(study(tmp_path, arms), "size", "share", "arm")
    assert [title for title, _ in told(found)] == [f"size {n}" for n in range(5)]
    assert told(found)[0][1] == [f"share {s}, {arm}" for arm in "ab" for s in range(3)]


def test_panels_beyond_a_page_are_counted_and_their_cells_stay_in_the_table(tmp_path: Path) -> None:
    arms = [{"arm": f"arm{k}", "size": n} for n in range(PANELS + 2) for k in range(LINES)]
    made = spectra(study(tmp_path, arms))
    assert made is not None
    assert made.more == 2
    assert " of 14)" not in made.svg  # a panel a size: no line tells sizes apart
    assert len(elements(made.svg)) == PANELS / 3
    assert made.svg.count("cycles per pixel") == PANELS
    assert len(made.table.body) == 2 + len(arms)


def noise(seed: int, *shape: int) -> np.ndarray:
    draw = numpy_generator("test", seed, "spectra")
    return draw.normal(size=shape or (50, 1, 8, 8)).astype(np.float32)


def test_too_many_lines_are_parted(tmp_path: Path) -> None:
    arms = [{"arm": f"arm {k}"} for k in range(LINES + 2)]
    found = shown(study(tmp_path, arms), "arm")
    assert [panel.title.strip() for panel in found] == ["(1 of 2)", "(2 of 2)"]
    assert [len(panel.curves) for panel in found] == [LINES, 2]
    assert [curve.look for curve in found[1].curves] == [0, 1]


@pytest.mark.parametrize(
    ("samples", "why"),
    [
        (np.full((9, 1, 8, 8), np.nan, np.float32), "0 of 9 images are free of pixels"),
        (np.zeros((9, 1, 4, 4), np.float32), "its images are of another size"),
        (np.zeros((9, 1, 1, 1), np.float32), "an image of one pixel has none"),
    ],
)
def test_a_cell_without_a_spectrum_is_named_with_the_reason(
    samples: np.ndarray, why: str, tmp_path: Path
) -> None:
    results = study(tmp_path, [{"arm": "clean"}, {"arm": "odd", "samples": samples}])
    made = spectra(results)
    assert made is not None
    (note,) = made.table.notes
    assert note.startswith("no spectrum of arm odd")
    assert why in note
    assert [row[0] for row in made.table.body][2:] == ["arm clean"]


def test_a_study_whose_samples_are_gone_has_no_spectra(tmp_path: Path) -> None:
    results = study(tmp_path, [{"arm": "clean"}])
    (tmp_path / "sample" / "key0" / "samples.safetensors").unlink()
    assert spectra(results) is None


def elements(svg: str) -> list[ElementTree.Element]:
    named = svg.replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ')
    return list(ElementTree.fromstring(f"<all>{named}</all>"))


def line(tree: ElementTree.Element, kind: str) -> list[np.ndarray]:
    """The points of the lines of a kind, each [K, 2]."""
    paths = [e.get("d") or "" for e in tree.iter(f"{SVG}path") if e.get("class") == f"line {kind}"]
    pairs = [path[1:].split("L") for path in paths if "L" in path]
    return [np.array([[float(x) for x in pair.split()] for pair in points]) for points in pairs]


def test_lines_lie_where_their_numbers_say(tmp_path: Path) -> None:
    results = study(tmp_path, [{"arm": "clean"}], gain=0.5)
    (cell,), _ = cells(results)
    made = spectra(results)
    assert made is not None
    (tree,) = elements(made.svg)
    (real,), (upper, lower) = line(tree, "real"), line(tree, "c0")
    # 6.02 dB are as long everywhere, and what lies beside real images by 0 dB is the line of zero
    decibels = cell.real.held_out.rings.decibels
    slope = np.ptp(real[:, 1]) / np.ptp(decibels)  # units a dB
    assert upper[:, 1] - real[:, 1] == pytest.approx(6.0206 * slope, abs=0.15)
    assert (upper[:, 0] == real[:, 0]).all()
    octave = np.log2(cell.real.held_out.rings.frequency)
    across = np.ptp(real[:, 0]) / np.ptp(octave)
    assert real[:, 0] - real[0, 0] == pytest.approx((octave - octave[0]) * across, abs=0.1)
    marked = {
        e.text: float(e.get("x") or 0)
        for e in tree.iter(f"{SVG}text")
        if e.get("class") == "tick middle"
    }
    for text, place in (("1/8", -3), ("1/2", -1)):
        there = real[0, 0] + (place - octave[0]) * across
        assert marked[text] == pytest.approx(there, abs=0.15)
    (band,) = (e for e in tree.iter(f"{SVG}path") if e.get("class") == "band real")
    pairs = (band.get("d") or "")[1:-1].split("L")
    heights = np.array([float(pair.split()[1]) for pair in pairs])
    upper_edge, lower_edge = heights[: len(octave)], heights[len(octave) :][::-1]
    error = cell.real.held_out.rings.decibels_error
    assert lower_edge - upper_edge == pytest.approx(4 * error * slope, abs=0.15)
    zero = next(e for e in tree.iter(f"{SVG}path") if e.get("class") == "zero")
    at = float((zero.get("d") or "").split()[1].partition("H")[0])
    assert np.ptp(lower[:, 1]) <= 0.1
    assert lower[0, 1] - at == pytest.approx(LOW / 2 / 1.1, abs=0.1)  # the axis ends a tenth beyond
    assert TITLE <= real[:, 1].min() <= real[:, 1].max() <= TITLE + HIGH


def test_what_lies_far_off_ends_at_the_edge(tmp_path: Path) -> None:
    loud: dict[str, Any] = {"arm": "loud", "samples": 1e4 * noise(1)}
    arms = [{"arm": "clean"}, loud]
    made = spectra(study(tmp_path, arms))
    assert made is not None
    (tree,) = elements(made.svg)
    upper, lower = line(tree, "c1")
    assert (lower[:, 1] == TITLE + HIGH + GAP).all()
    assert (upper[:, 1] >= TITLE).all()
    ticks = [e.text or "" for e in tree.iter(f"{SVG}text") if e.get("class") == "tick end"]
    assert ticks == ["−10", "0", "10", "20", "−10", "0", "10"]


def test_words_stay_within_the_drawing_and_apart(tmp_path: Path) -> None:
    arms = [{"arm": f"{'long ' * 9}{k}", "blur": b} for b in (1, 2, 3, 4) for k in range(LINES)]
    found = shown(study(tmp_path, arms), "blur", "arm")
    for tree in elements(drawn(found)):
        _, _, wide, high = map(float, (tree.get("viewBox") or "").split())
        assert wide == WIDTH
        boxes = []
        for text in tree.iter(f"{SVG}text"):
            if text.get("transform"):
                continue
            x, y, letters = float(text.get("x") or 0), float(text.get("y") or 0), text.text or ""
            kind, width = text.get("class") or "", len(letters) * LETTER
            left = x - width * (1.0 if "end" in kind else 0.5 if "middle" in kind else 0.0)
            boxes.append((left, y - 8, left + width, y + 2))
            assert left >= 0, letters
            assert left + width <= wide, letters
            assert y <= high, letters
        for i, (a0, b0, a1, b1) in enumerate(boxes):
            for c0, d0, c1, d1 in boxes[:i]:
                assert a1 <= c0 or c1 <= a0 or b1 <= d0 or d1 <= b0


def test_it_speaks_to_those_who_do_not_see_it_and_words_are_escaped(tmp_path: Path) -> None:
    made = spectra(study(tmp_path, [{"arm": '<b>&"x"'}]))
    assert made is not None
    (tree,) = elements(made.svg)
    told = 'Power spectra of samples beside real images. <b>&"x".'
    assert tree.get("aria-label") == told


def test_the_same_samples_give_the_same_drawing(tmp_path: Path) -> None:
    results = study(tmp_path, [{"arm": "clean"}, {"arm": "gated"}])
    one, other = spectra(results), spectra(results)
    assert one is not None
    assert other is not None
    assert one.svg == other.svg
    assert one.table == other.table


def test_lines_of_one_panel_differ_in_colour_mark_and_dash(tmp_path: Path) -> None:
    arms = [{"arm": f"arm {k}"} for k in range(LINES)]
    made = spectra(study(tmp_path, arms))
    assert made is not None
    (tree,) = elements(made.svg)
    looks = {
        (e.get("class"), e.get("stroke-dasharray"))
        for e in tree.iter(f"{SVG}path")
        if re.fullmatch(r"line c\d", e.get("class") or "")
    }
    assert len(looks) == len({name for name, _ in looks}) == len({d for _, d in looks}) == LINES
    shapes = {
        (e.get("d") or "").partition("m")[2].partition("M")[0]
        for e in tree.iter(f"{SVG}path")
        if (e.get("class") or "").startswith("mark c")
    }
    assert len(shapes) == LINES
