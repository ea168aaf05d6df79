"""The samples of a study that still lie in the cache of finished stages, cell by cell.

A loop has those of its last generation. Of images that a scorer has judged, cells that were judged
by captions of other images are left out: their images are those of another cell.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from harness.cell import canonical
from harness.report.layouts import layout
from harness.report.results import Group, Results

if TYPE_CHECKING:
    from harness.data.images import Images

# A later one after an earlier one.
SOURCES = ("sample", "sample_tokens", "damage", "generation", "again")


@final
@dataclass(frozen=True)
class Kept:
    """A cell with the folder of its samples; verdicts: what a scorer said of those of replicate 0.

    dataset: what the cell was trained on, or is a part of, as its configuration names it.
    """

    group: Group
    run: Mapping[str, Any]
    folder: Path
    verdicts: Path | None
    dataset: Mapping[str, Any]


def kept(results: Results) -> list[Kept]:
    """The cells whose samples are there, in the order of the study's table."""
    runs = {run["cell_id"]: run for run in results.runs}
    shown = layout(results.study)
    found = []
    for group in results.ordered(shown.rows, shown.order):
        run = runs.get(group.cell_id)
        folder = _folder(results.cache, run) if run else None
        if run is None or folder is None:
            continue
        verdicts = None
        if "geneval" in run["stages"]:
            key = run["stages"]["geneval"]["key"]
            verdicts = results.cache / "geneval" / key / "results-0.jsonl"
            if _pairing(run) != "own" or not verdicts.is_file():
                continue
        found.append(Kept(group, run, folder, verdicts, first_stage(run)["dataset"]))
    return found


def gone(results: Results) -> int:
    """How many cells made samples that are no longer in the cache."""
    return sum(bool(sources(run)) and _folder(results.cache, run) is None for run in results.runs)


def sources(run: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The stages of a cell that made samples, each with its key, the last one first."""
    numbered = [(*name.partition("/")[::2], made) for name, made in run["stages"].items()]
    made = [
        (int(number or 0), SOURCES.index(stage), str(each["key"]))
        for stage, number, each in numbered
        if stage in SOURCES and each.get("key")
    ]
    return [(SOURCES[at], key) for _, at, key in sorted(made, reverse=True)]


def first_stage(run: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first stage of a cell that names a data set; of a loop, its training."""
    return next(
        stage for stage in (each.get("training", each) for each in run["config"])
        if "dataset" in stage
    )  # fmt: skip


def images_of(dataset: Mapping[str, Any]) -> "Images":
    """A data set as a configuration names it; the last two are kept."""
    return _loaded(canonical(dict(dataset)))


@lru_cache(maxsize=2)
def _loaded(dataset: str) -> "Images":
    from harness.data.load import load

    params = json.loads(dataset)
    return load(params.pop("name"), **params)


def _folder(cache: Path, run: Mapping[str, Any]) -> Path | None:
    """Where a cell's samples lie; None where it makes none or they are gone."""
    for stage, key in sources(run):
        if (cache / stage / key / "samples.safetensors").is_file():
            return cache / stage / key
    return None


def _pairing(run: Mapping[str, Any]) -> str:
    """By which captions a cell's images were judged."""
    return next(str(stage["pairing"]) for stage in run["config"] if stage["stage"] == "geneval")
