"""The published folder of images: a numbered folder a prompt, with its samples.

    DIR/00000/metadata.jsonl       the prompt, one line in the published form
    DIR/00000/samples/0000.png     its images, numbered
    DIR/00001/...

A sample's name is digits and ``.png``; the published generator writes five digits, its README four.
Folders, prompts and samples are taken in the order of their numbers. Refused, since they would be
left out or counted twice without a word: two names of one number (``0000.png`` and ``00000.png``),
one prompt in two folders, images of other suffixes among the samples, a prompt without a folder or
a folder without samples.
A run in the middle has fewer samples for some prompts: that is said, and is an error where the
number of images for each prompt is given.

The published evaluator leaves other files and folders alone, and so does this one, but it names
them. Source of the form: the published code of Ghosh, Hajishirzi and Schmidt, GenEval, 2023.
"""

import io
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from harness.data.folder import SUFFIXES
from harness.data.picture import decode
from harness.geneval.entry import Entry, read_text
from harness.geneval.prompt import Prompt
from harness.geneval.vocabulary import COCO, Vocabulary
from harness.problem import Problem
from harness.records.atomic import write_bytes, write_text

if TYPE_CHECKING:
    from PIL import Image

SAMPLE = re.compile(r"([0-9]+)\.png")
LARGEST = 1 << 26  # bytes of one sample
METADATA, SAMPLES = "metadata.jsonl", "samples"


@final
@dataclass(frozen=True)
class Sampled:
    """One prompt and its images. number: of the folder; images: names relative to the root."""

    number: int
    prompt: Prompt
    images: tuple[str, ...]


@final
@dataclass(frozen=True)
class Folder:
    """The images of a model. notes: what the reader of a score should know."""

    root: Path
    sampled: tuple[Sampled, ...]
    notes: tuple[str, ...] = ()

    @property
    def images(self) -> dict[str, Prompt]:
        """The prompt of every image, in order."""
        return {image: each.prompt for each in self.sampled for image in each.images}


def read_folder(
    root: Path | str,
    vocabulary: Vocabulary = COCO,
    prompts: Sequence[Prompt] | None = None,
    per_prompt: int | None = None,
) -> Folder:
    """Read the prompts and the names of the images; no image is opened.

    prompts: what the suite asks for, in order; per_prompt: how many images each must have.
    Errors: a ``Problem`` that names the file for whatever is not as the module says.
    """
    root = Path(root)
    notes: list[str] = []
    numbered = _numbered(root, notes)
    if prompts is not None and len(prompts) <= max(numbered):
        got = f"the folder {numbered[max(numbered)].name}"
        fix = f"give the prompts that it was made of, or remove it: {len(prompts)} were given"
        raise Problem(f"images of the suite of prompts in {root}", got, fix)
    for number in range(len(prompts or numbered)):
        if number not in numbered:
            raise Problem(
                f"every prompt in {root}",
                f"no folder {number:05} among {len(numbered)}",
                "generate it, or number the folders from 00000 on without a gap",
            )
    sampled = []
    seen: dict[Prompt, Path] = {}
    for number in sorted(numbered):
        place = numbered[number]
        prompt = read_metadata(place / METADATA, vocabulary)
        if seen.setdefault(prompt, place / METADATA) != place / METADATA:
            got = f"that of {seen[prompt]} again in {place / METADATA}"
            fix = "move the images into one of the two: a score counts them as one prompt"
            raise Problem(f"each prompt once in {root}", got, fix)
        if prompts is not None and prompt != prompts[number]:
            raise Problem(
                f"{prompts[number].prompt!r} in {place / METADATA}, as in the suite",
                repr(prompt.prompt) if prompt.prompt != prompts[number].prompt else prompt.json,
                "give the prompts that the images were made of",
            )
        names = tuple(f"{place.name}/{SAMPLES}/{name}" for name in _samples(place, notes))
        sampled.append(Sampled(number, prompt, names))
    _check_counts(sampled, per_prompt, root, notes)
    return Folder(root, tuple(sampled), tuple(notes))


def printable(name: str) -> str:
    """A name as a message and a file can hold it, on one line: bytes that are no text escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def _entries(place: Path, what: str) -> list[Path]:
    """What lies in a folder, without what is hidden, by name."""
    try:
        return sorted(entry for entry in place.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        got = error.strerror or str(error)
        raise Problem(f"{what} {place}", got.lower(), "give a folder that opens") from error


def _numbered(root: Path, notes: list[str]) -> dict[int, Path]:
    """The folders of the prompts by number."""
    found: dict[int, Path] = {}
    others = []
    for entry in _entries(root, "the folder of images"):
        if not entry.is_dir():
            continue
        if not re.fullmatch("[0-9]+", entry.name):
            others.append(printable(entry.name))
            continue
        number = int(entry.name)
        if number in found:
            got = f"{found[number].name} and {entry.name}"
            raise Problem(f"one folder for the prompt {number} in {root}", got, "remove one")
        found[number] = entry
    if not found:
        got = f"folders such as {others[0]}" if others else "no folder with a number"
        fix = "give a folder with 00000/metadata.jsonl and 00000/samples/0000.png in it"
        raise Problem(f"the images of prompts in {root}", got, fix)
    if others:
        shown = ", ".join(others[:3]) + (", ..." if len(others) > 3 else "")
        notes.append(f"folders that are no numbers are left alone: {shown}")
    return found


def read_metadata(path: Path, vocabulary: Vocabulary = COCO) -> Prompt:
    """The one prompt of a file; errors name the file and the line."""
    lines = read_text(path, "prompt").strip().split("\n")
    if len(lines) != 1:
        raise Problem(f"one prompt in {path}", f"{len(lines)} lines", "leave the folder's own line")
    entry = Entry.parse(lines[0], f"{path}:1")
    return Prompt.read(entry.value, entry.where, vocabulary)


def _samples(place: Path, notes: list[str]) -> list[str]:
    """The names of the samples of a prompt, by number."""
    folder = place / SAMPLES
    found: dict[int, str] = {}
    for entry in _entries(folder, "the samples"):
        matched = SAMPLE.fullmatch(entry.name)
        if matched is None:
            if entry.suffix.lower() in SUFFIXES:
                fix = "save it as PNG under a number: other images are not scored"
                name = printable(entry.name)
                raise Problem(f"samples such as 0000.png in {folder}", name, fix)
            notes.append(f"left alone: {place.name}/{SAMPLES}/{printable(entry.name)}")
            continue
        number = int(matched[1])
        if number in found:
            got = f"{found[number]} and {entry.name}"
            raise Problem(f"one sample {number} in {folder}", got, "remove one of the two")
        found[number] = entry.name
    if not found:
        raise Problem(f"samples such as 0000.png in {folder}", "none", "generate them")
    return [found[number] for number in sorted(found)]


def _check_counts(
    sampled: Sequence[Sampled], per_prompt: int | None, root: Path, notes: list[str]
) -> None:
    """Name the prompts with fewer images than asked, or than the others have."""
    if per_prompt is not None:
        for each in sampled:
            numbers = [int(Path(image).stem) for image in each.images]
            lacking = sorted(set(range(per_prompt)) - set(numbers))
            if lacking or len(numbers) > per_prompt:
                place = root / f"{Path(each.images[0]).parent}"
                names = ", ".join(f"{number:04}.png" for number in lacking[:5])
                got = f"no {names}" if lacking else f"{len(numbers)} images"
                fix = "generate what is missing, or give the number that there is"
                raise Problem(f"{per_prompt} images in {place}", got, fix)
        return
    most = max(len(each.images) for each in sampled)
    fewer = [each for each in sampled if len(each.images) < most]
    if fewer:
        shown = ", ".join(f"{each.number:05} ({len(each.images)})" for each in fewer[:5])
        more = ", ..." if len(fewer) > 5 else ""
        notes.append(f"{len(fewer)} of {len(sampled)} prompts have fewer than {most} images: "
                     f"{shown}{more}")  # fmt: skip


def picture(data: bytes, name: str) -> NDArray[np.uint8]:
    """The levels of a sample, uint8 ``[H, W, 3]``; ``Problem`` for what does not decode, and for
    more pixels than Pillow takes for a picture (89 million)."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        return np.asarray(decode(data, name).convert("RGB"))


def image_bytes(root: Path, name: str) -> bytes:
    """The bytes of a sample; ``Problem`` where it cannot be read or is too large."""
    path = root / name
    try:
        size = path.stat().st_size
        if size > LARGEST:
            got = f"{size / 2**20:.0f} MiB where at most {LARGEST >> 20} MiB are read"
            raise Problem(f"the picture {path}", got, "save it smaller")
        return path.read_bytes()
    except OSError as error:
        got = (error.strerror or str(error)).lower()
        raise Problem(f"the picture {path}", got, "make it readable, or generate it") from error


def levels(root: Path, name: str) -> NDArray[np.uint8]:
    """The levels of a sample of a folder, uint8 ``[H, W, 3]``; errors name its file."""
    return picture(image_bytes(root, name), str(root / name))


def same_prompt(root: Path, number: int, prompt: Prompt) -> bool:
    """Whether the prompt of a folder stands there, over images; one that differs is a ``Problem``.

    A prompt without images is what a run left that was killed at once, and counts for none.
    """
    path = root / f"{number:05}" / METADATA
    if not path.exists() or next((path.parent / SAMPLES).glob("*.png"), None) is None:
        return False
    try:
        same = read_text(path, "prompt").strip() == prompt.json
    except Problem:
        same = False
    if not same:
        fix = "choose an empty folder, or give the prompts that it was made of"
        raise Problem(f"{prompt.prompt!r} in {path}", "another prompt", fix)
    return True


def write_prompt(root: Path, number: int, prompt: Prompt) -> None:
    """Write the prompt of a folder, unless it stands there; errors as ``same_prompt``."""
    if not same_prompt(root, number, prompt):
        write_text(root / f"{number:05}" / METADATA, prompt.json + "\n")


def sample_path(root: Path, number: int, index: int) -> Path:
    """Where an image of a prompt is written, with five digits as the published generator has it."""
    return root / f"{number:05}" / SAMPLES / f"{index:05}.png"


def write_image(path: Path, image: "Image.Image") -> None:
    """Write one image as PNG, whole or not at all."""
    file = io.BytesIO()
    image.save(file, "PNG")
    write_bytes(path, file.getvalue())
