"""Samples on the page: grids and spectra while the cache has them, and a word where it has not."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.numpy import save_file

from harness.records.atomic import write_json_lines
from harness.records.files import read_json_lines
from harness.records.record import Record
from harness.report.kept_samples import images_of
from harness.report.page import write_report

Build = Callable[..., Path]
Rows = Callable[..., list[Record]]
DATA = {"name": "digits"}


@pytest.fixture
def folder(build: Build, trained: Rows) -> Path:
    """A build of two arms that drew samples, of which one is still in the cache."""
    arms = [trained(seed, 2, network="mlp", arm=arm) for seed, arm in enumerate(("clean", "all"))]
    made = build([row for arm in arms for row in arm])
    runs = read_json_lines(made / "ambient_blur" / "runs.jsonl")
    for run in runs:
        run["config"] = [{"stage": "train", "dataset": DATA}]
        run["stages"] = {"sample": {**run["stages"]["measure"], "key": run["params"]["arm"]}}
    write_json_lines(made / "ambient_blur" / "runs.jsonl", runs)
    kept = made.parent / "cache" / "sample" / "clean"
    kept.mkdir(parents=True)
    save_file({"samples": images_of(DATA).held_out.pixels[None]}, kept / "samples.safetensors")
    (made / "figures").mkdir()
    (made / "figures" / "ambient_blur.svg").write_text("<svg/>", "utf-8")
    return made


def page(folder: Path) -> str:
    write_report(folder, ["ambient_blur"])
    return (folder / "report.html").read_text("utf-8")


def test_grids_and_spectra_stand_together_with_numbers_for_those_who_do_not_see(
    folder: Path,
) -> None:
    text = page(folder)
    places = [
        text.index(words)
        for words in ("<h3>Samples</h3>", 'src="data:image/png', "<h3>Spectra</h3>",
                      '<svg class="spectra"', "The spectra as a table", "held out (digits)",
                      "The samples of 1 of 2 cells are no longer in the cache")
    ]  # fmt: skip
    assert places == sorted(places)
    assert "they have neither grid nor spectrum" in text
    table = text[text.index("The spectra as a table") :].partition("</table>")[0]
    assert table.count("#cell-ambient_blur-") == 1
    # the samples are the held-out images, in each octave
    assert len(re.findall(r">\+0\.0+\xa0±", table)) == 4


def test_a_study_without_samples_says_that_they_are_gone(folder: Path) -> None:
    (folder.parent / "cache" / "sample" / "clean" / "samples.safetensors").unlink()
    text = page(folder)
    assert "<h3>Samples</h3>" not in text
    assert "<h3>Spectra</h3>" not in text
    assert "The samples of 2 of 2 cells are no longer in the cache" in text
