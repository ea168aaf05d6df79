"""Grids of samples: 64 of replicate 0 of each cell, beside real and damaged images.

Nothing is chosen by eye: the 64 are evenly spaced, and so are the real images, of the training
part. The damaged ones are the same under the corruption that the study's cells name. A loop shows
its last generation. Samples come from the cache of finished stages; a cell whose folder is gone has
no grid.

Images that a scorer has judged stand under their captions instead, eight of each task, the right
ones marked (``harness.report.contact``); not those that were judged by captions of other images.

Arms whose samples start from the same noise stand side by side: place by place, what differs
between them is the arm. They share it where data set, stream, number and batch are the same, as
the seed of a stream has no arm in it (``harness.streams``).
"""

import base64
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, final

import numpy as np

from harness.claims.place import named
from harness.geneval.results import read_results
from harness.report.contact import Shown, sheet
from harness.report.failures import place
from harness.report.layouts import layout
from harness.report.results import Results
from harness.scenes.captions import SCENES

SIDE = 8  # images in a row
PIXELS = 24  # of an image in the grid, at least
# A later one after an earlier one.
SOURCES = ("sample", "sample_tokens", "damage", "generation", "again")


@final
@dataclass(frozen=True)
class Grid:
    """A picture with what it shows; cell: whose samples they are, "" for images of the data.

    start: the noise that the samples start from, "" where it is another for each cell.
    """

    caption: str
    png: bytes
    cell: str = ""
    judged: bool = False  # under captions, by task
    start: str = ""

    @property
    def base64(self) -> str:
        return base64.b64encode(self.png).decode()


def grids(results: Results) -> list[Grid]:
    """The grids of a study: real images, damaged ones, then each cell whose samples are there."""
    runs = {run["cell_id"]: run for run in results.runs}
    shown = layout(results.study)
    found, asked = [], []
    for group in results.ordered(shown.rows, shown.order):
        run = runs.get(group.cell_id)
        folder = _folder(results.cache, run) if run else None
        if run is None or folder is None:
            continue
        asked.append(run["config"])
        caption = place(group, shown.rows)
        if "geneval" not in run["stages"]:
            found.append(Grid(caption, picture(_samples(folder)), group.cell_id, start=start(run)))
        elif _pairing(run) == "own":
            verdicts = results.cache / "geneval" / run["stages"]["geneval"]["key"]
            if (verdicts / "results-0.jsonl").is_file():
                png = sheet(_judged(folder, verdicts / "results-0.jsonl"))
                found.append(Grid(caption, png, group.cell_id, judged=True, start=start(run)))
    return [*_data(asked), *found]


def start(run: Mapping[str, Any]) -> str:
    """What decides the starting noise of a cell's samples of replicate 0; "" where no sampler that
    is known to share it made them."""
    drawn = [stage for stage in run["config"] if stage.get("stage") == "sample"]
    data = [named(stage["dataset"]) for stage in run["config"] if stage.get("dataset")]
    sources = _sources(run)
    if len(drawn) != 1 or not data or not sources or sources[0][0] != "sample":
        return ""
    own = drawn[0]
    names = ("copy", "count", "batch")
    if not all(name in own for name in names):
        return ""
    copy, count, batch = (own[name] for name in names)
    return f"sample {copy}, {count} images in batches of {batch}, {data[0]}"


def together(found: Sequence[Grid]) -> list[list[Grid]]:
    """Grids in order, those that start from the same noise side by side; the first of the groups
    are those that share it with no other."""
    shared = Counter(grid.start for grid in found if grid.start)
    groups: dict[str, list[Grid]] = {"": []}
    for grid in found:
        groups.setdefault(grid.start if shared[grid.start] > 1 else "", []).append(grid)
    return [group for group in groups.values() if group]


def gone(results: Results) -> int:
    """How many cells made samples that are no longer in the cache."""
    return sum(bool(_sources(run)) and _folder(results.cache, run) is None for run in results.runs)


def _sources(run: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The stages of a cell that made samples, each with its key, the last one first."""
    numbered = [(*name.partition("/")[::2], made) for name, made in run["stages"].items()]
    made = [
        (int(number or 0), SOURCES.index(stage), str(each["key"]))
        for stage, number, each in numbered
        if stage in SOURCES and each.get("key")
    ]
    return [(SOURCES[at], key) for _, at, key in sorted(made, reverse=True)]


def _folder(cache: Path, run: Mapping[str, Any]) -> Path | None:
    """Where a cell's samples lie; None where it makes none or they are gone."""
    for stage, key in _sources(run):
        if (cache / stage / key / "samples.safetensors").is_file():
            return cache / stage / key
    return None


def _pairing(run: Mapping[str, Any]) -> str:
    """By which captions a cell's images were judged."""
    return next(str(stage["pairing"]) for stage in run["config"] if stage["stage"] == "geneval")


def _judged(folder: Path, verdicts: Path) -> list[Shown]:
    """The images of replicate 0 with what the scorer said of each."""
    from safetensors.numpy import load_file

    images = load_file(folder / "samples.safetensors")["samples"][0]  # [N, 3, S, S]
    judged = read_results(verdicts, SCENES)
    return [
        Shown(each.tag, each.prompt, each.correct, partial(_levels, image))
        for image, each in zip(images, judged, strict=True)
    ]


def _spaced(images: np.ndarray) -> np.ndarray:
    """At most 64 images [n, C, H, W] of many, evenly spaced."""
    count = min(len(images), SIDE * SIDE)
    return images[np.linspace(0, len(images) - 1, count).astype(int)]


def _samples(folder: Path) -> np.ndarray:
    """64 samples of replicate 0, float32 [n, C, H, W]."""
    from safetensors import safe_open

    with safe_open(folder / "samples.safetensors", framework="numpy") as file:
        return _spaced(file.get_slice("samples")[0])


def _data(configs: Sequence[Sequence[Mapping[str, Any]]]) -> list[Grid]:
    """Real images of every data set that the cells name, and the same corrupted as they ask."""
    from harness.data.load import load

    asked: dict[str, tuple[dict[str, Any], dict[str, dict[str, Any]]]] = {}
    for config in configs:
        first = next(
            stage for stage in (each.get("training", each) for each in config) if "dataset" in stage
        )
        _, corruptions = asked.setdefault(str(first["dataset"]), (dict(first["dataset"]), {}))
        if first.get("corruption") and first.get("stage") == "train":
            corruptions[str(first["corruption"])] = dict(first["corruption"])
    made = []
    for dataset, corruptions in asked.values():
        images = load(dataset.pop("name"), **dataset).train
        real = _spaced(images.pixels)  # [n, C, H, W]
        made.append(Grid(f"real images ({images.name})", picture(real)))
        for name in sorted(corruptions):
            caption = _said(corruptions[name])
            made.append(
                Grid(f"the same, {caption}".replace("_", " "), _corrupted(real, corruptions[name]))
            )
    return made


def _said(part: Mapping[str, Any]) -> str:
    """A corruption in words; one that is made of others names them."""
    said = [
        " or ".join(_said(each) for each in value) if isinstance(value, list) else f"{value}"
        for value in part.values()
    ]
    return " ".join(said)


def _corrupted(real: np.ndarray, corruption: dict[str, Any]) -> bytes:
    import torch

    from harness.corrupt import CORRUPTIONS
    from harness.streams import torch_generator

    params = {key: value for key, value in corruption.items() if key != "name"}
    apply = CORRUPTIONS[corruption["name"]](**params)
    return picture(apply(torch.tensor(real), torch_generator("report", 0, "corruption")).numpy())


def picture(images: np.ndarray) -> bytes:
    """Images float [n, C, H, W] in [-1, 1] as one PNG, 8 in a row, each pixel enlarged as it is.

    Values outside the range are clipped; what is no number is black.
    """
    from PIL import Image

    count, channels, height, width = images.shape
    scale = max(1, PIXELS // max(height, width))
    pixels = np.stack([_levels(image) for image in images]).repeat(scale, 1).repeat(scale, 2)
    rows, high, wide = -(-count // SIDE), height * scale + 2, width * scale + 2
    sheet = np.full((rows * high - 2, SIDE * wide - 2, channels), 255, np.uint8)
    for i, image in enumerate(pixels):
        y, x = i // SIDE * high, i % SIDE * wide
        sheet[y : y + high - 2, x : x + wide - 2] = image
    out = io.BytesIO()
    Image.fromarray(sheet[..., 0] if channels == 1 else sheet).save(out, "PNG", optimize=True)
    return out.getvalue()


def _levels(image: np.ndarray) -> np.ndarray:
    """8-bit levels [H, W, C] of an image [C, H, W]."""
    kept = np.nan_to_num(np.clip(image, -1, 1), nan=-1.0)
    return (kept * 127.5 + 127.5).round().astype(np.uint8).transpose(1, 2, 0)
