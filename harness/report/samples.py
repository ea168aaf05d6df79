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
from harness.report.kept_samples import first_stage, images_of, kept, sources
from harness.report.layouts import layout
from harness.report.results import Results
from harness.scenes.captions import SCENES

SIDE = 8  # images in a row
PIXELS = 24  # of an image in the grid, at least


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
    shown = layout(results.study)
    found, there = [], kept(results)
    for one in there:
        judged = one.verdicts is not None
        png = sheet(_judged(one.folder, one.verdicts)) if one.verdicts else _grid(one.folder)
        caption = place(one.group, shown.rows)
        found.append(Grid(caption, png, one.group.cell_id, judged, start(one.run)))
    return [*_data([one.run for one in there]), *found]


def start(run: Mapping[str, Any]) -> str:
    """What decides the starting noise of a cell's samples of replicate 0; "" where no sampler that
    is known to share it made them."""
    drawn = [stage for stage in run["config"] if stage.get("stage") == "sample"]
    data = [named(stage["dataset"]) for stage in run["config"] if stage.get("dataset")]
    made = sources(run)
    if len(drawn) != 1 or not data or not made or made[0][0] != "sample":
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


def _grid(folder: Path) -> bytes:
    """64 samples of replicate 0."""
    from safetensors import safe_open

    with safe_open(folder / "samples.safetensors", framework="numpy") as file:
        return picture(_spaced(file.get_slice("samples")[0]))


def _data(runs: Sequence[Mapping[str, Any]]) -> list[Grid]:
    """Real images of every data set that the cells name, and the same corrupted as they ask."""
    asked: dict[str, tuple[Mapping[str, Any], dict[str, dict[str, Any]]]] = {}
    for run in runs:
        first = first_stage(run)
        _, corruptions = asked.setdefault(str(first["dataset"]), (first["dataset"], {}))
        if first.get("corruption") and first.get("stage") == "train":
            corruptions[str(first["corruption"])] = dict(first["corruption"])
    made = []
    for dataset, corruptions in asked.values():
        images = images_of(dataset).train
        real = _spaced(images.pixels)  # [n, C, H, W]
        made.append(Grid(f"real images ({images.name})", picture(real)))
        for name in sorted(corruptions):
            caption = f"the same, {_said(corruptions[name])}".replace("_", " ")
            made.append(Grid(caption, _corrupted(real, corruptions[name])))
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
