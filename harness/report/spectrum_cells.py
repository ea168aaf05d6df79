"""The spectra of a study's cells, and of the real held-out images of their data, with their table.

The cells are those that have a grid of samples, and at most ``MOST`` samples of replicate 0 of
each, evenly spaced. Held out means: no model has seen them. The other real images, of which models
are trained on some or all, stand beside these: samples can differ from the held-out ones as much as
they do without being wrong. A cell that has no spectrum is named with the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from harness.cell import canonical
from harness.problem import Problem
from harness.report.failures import place
from harness.report.kept_samples import Kept, images_of, kept
from harness.report.layouts import layout
from harness.report.number import ABSENT, with_error
from harness.report.results import Results
from harness.report.sheet import Part
from harness.report.spectra import Spectrum, by_octave, powers, radial

if TYPE_CHECKING:
    from harness.data.images import Images

MOST = 2048
CAPTION = (
    "Power by octave of frequency, in cycles per pixel: of real held-out images in dB, of all "
    "others the dB above these; ± the standard error over n images, of one trained model."
)


@final
@dataclass(frozen=True, eq=False)
class Measured:
    """The spectra of some images: by ring, and by octave."""

    name: str
    shape: tuple[int, ...]  # of one image
    rings: Spectrum
    octaves: Mapping[int, Spectrum]


@final
@dataclass(frozen=True, eq=False)
class Real:
    """The spectra of a data set: of its held-out images, and of the others."""

    held_out: Measured
    others: Measured


@final
@dataclass(frozen=True, eq=False)
class Cell:
    """A cell with its spectra and those of its data set."""

    kept: Kept
    samples: Measured
    real: Real


def cells(results: Results) -> tuple[list[Cell], list[str]]:
    """The cells of a study that have a spectrum, in the order of its table, and why others that
    have samples have none."""
    found: list[Cell] = []
    notes = []
    real: dict[str, Real | str] = {}
    for one in kept(results):
        data = canonical(dict(one.dataset))
        if data not in real:
            real[data] = _real(images_of(one.dataset))
        name = place(one.group, layout(results.study).rows)
        own, other = _measured(name, _samples(one)), real[data]
        if isinstance(own, str) or isinstance(other, str):
            notes.append(f"no spectrum of {name}: {own if isinstance(own, str) else other}")
        elif own.shape != other.held_out.shape:
            notes.append(f"no spectrum of {name}: its images are of another size than the data's")
        else:
            found.append(Cell(one, own, other))
    return found, notes


def _real(images: "Images") -> Real | str:
    try:
        held_out = _measured(f"held out ({images.name})", images.held_out.pixels)
        others = _measured(f"not held out ({images.name})", images.train.pixels)
    except Problem:
        return "its data set does not hold out some images and keep others"
    if isinstance(held_out, str) or isinstance(others, str):
        return f"of its data set, {held_out if isinstance(held_out, str) else others}"
    return Real(held_out, others)


def _samples(one: Kept) -> NDArray[np.float32]:
    """The samples of replicate 0, [N, C, H, W]."""
    from safetensors import safe_open

    with safe_open(one.folder / "samples.safetensors", framework="numpy") as file:
        found: NDArray[np.float32] = file.get_slice("samples")[0]
    return found


def _measured(name: str, images: NDArray[np.float32]) -> Measured | str:
    """The spectra of images [N, C, H, W], or why there are none."""
    count = len(images)
    chosen = images[np.linspace(0, count - 1, min(count, MOST)).astype(int)]
    power = powers(chosen)
    if len(power) < 2:
        return f"{len(power)} of {count} images are free of pixels that are no number"
    if power.shape[1:] == (1, 1):
        return "an image of one pixel has none"
    return Measured(name, images.shape[1:], radial(power), by_octave(power))


def table(found: Sequence[Cell], notes: Sequence[str]) -> Part:
    """What the drawing shows, as numbers."""
    octaves = sorted({k for cell in found for k in cell.real.held_out.octaves}, reverse=True)
    body, cells = [], []
    for real in {cell.real.held_out.name: cell.real for cell in found}.values():
        body.append(_row(real.held_out, [_absolute(real.held_out, k) for k in octaves]))
        body.append(_row(real.others, [_above(real.others, real.held_out, k) for k in octaves]))
        cells += ["", ""]
    for cell in found:
        body.append(
            _row(cell.samples, [_above(cell.samples, cell.real.held_out, k) for k in octaves])
        )
        cells.append(cell.kept.group.cell_id)
    return Part(
        name="spectra",
        caption=CAPTION,
        header=("images", "n", *map(_head, octaves)),
        labels=1,
        body=tuple(body),
        tidy=(),
        notes=tuple(notes),
        cells=tuple(cells),
    )


def _row(one: Measured, numbers: Sequence[str]) -> tuple[str, ...]:
    return (one.name, str(one.rings.n), *numbers)


def _absolute(one: Measured, octave: int) -> str:
    if octave not in one.octaves:
        return ABSENT
    found = one.octaves[octave]
    return with_error(float(found.decibels[0]), float(found.decibels_error[0]))


def _above(one: Measured, other: Measured, octave: int) -> str:
    if octave not in other.octaves:
        return ABSENT
    value, error = one.octaves[octave].above(other.octaves[octave])
    text = with_error(float(value[0]), float(error[0]))
    return text if text.startswith("−") else f"+{text}"


def _head(octave: int) -> str:
    return "≥ 1/2" if octave == 0 else f"1/{2 ** (octave + 1)} to 1/{2**octave}"
