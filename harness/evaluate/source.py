"""The door to images: what a path given on the command line means.

    FOLDER, FILE.zip                          pictures, one file each (``files``)
    FILE.npz, FILE.npy                        arrays (``arrays``)
    dataset:NAME[/held_out][,KEY=VALUE ...]   the training part of a built-in dataset with its
                                              parameters, or its held-out part

Archives are told by what they hold, not by their suffix.
"""

import re
import zipfile
from pathlib import Path
from typing import Any

from harness.data.folder import SUFFIXES
from harness.data.load import load
from harness.data.scale import Scale
from harness.evaluate.arrays import open_dataset, open_npy, open_npz
from harness.evaluate.collection import Collection
from harness.evaluate.files import open_folder, open_zip, said
from harness.evaluate.image_set import ImageSet, Progress, survey
from harness.problem import Problem

DATASET = "dataset:"
TAKEN = f"give a folder, a .zip, an .npz or .npy file, or {DATASET}NAME"


def open_images(
    path: str | Path,
    *,
    limit: int | None = None,
    layout: str | None = None,
    low: float | None = None,
    high: float = 1.0,
    skip_unreadable: bool = False,
    progress: Progress | None = None,
) -> ImageSet:
    """The images under a path, each looked at once; none stays in memory but those of a dataset.

    limit: at most that many, drawn at random (unreadable ones count); layout: "NHWC" or "NCHW";
    low, high: the values of black and white in a float array; skip_unreadable: leave out what
    cannot be read instead of stopping; progress: called with the share of the images looked at.
    Raises Problem for a path that is missing, empty or of another kind, for arrays that are cut,
    pickled, of another shape or on no known scale, and for images that cannot be read.
    """
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise Problem("a limit of images", f"{limit!r}", "give a whole number from 1, or none")
    collection = _collection(str(path), limit, Scale(layout, low, high))
    return survey(str(path), collection, skip_unreadable=skip_unreadable, progress=progress)


def ranges(count: int, number: int) -> list[slice]:
    """``number`` consecutive ranges of equal size that make up ``count`` images.

    Karras et al. (2022, "EDM") draw 150,000 samples and report the least FID of three such ranges.
    Raises Problem where they do not divide.
    """
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise Problem("a number of ranges", f"{number!r}", "give a whole number from 1")
    size, left = divmod(count, number)
    if left or not size:
        fix = f"leave {left} out" if size else f"give at least {number} images"
        raise Problem(f"{number} equal ranges of {count} images", f"{left} left over", fix)
    return [slice(i * size, (i + 1) * size) for i in range(number)]


def _collection(text: str, limit: int | None, scale: Scale) -> Collection:
    if text.startswith(DATASET):
        return _dataset(text, limit)
    path = Path(text).expanduser()
    asked = f"the images of {path}"
    if path.is_dir():
        return open_folder(path, limit)
    try:
        if not path.is_file():
            got = "no such file or folder" if not path.exists() else "no regular file"
            raise Problem(asked, got, TAKEN)
        with path.open("rb") as file:
            head = file.read(6)
        packed = zipfile.is_zipfile(path)
    except OSError as error:
        raise Problem(asked, said(error), TAKEN) from error
    if head == b"\x93NUMPY":
        return open_npy(path, scale, limit)
    if packed or head[:2] == b"PK":
        return open_npz(path, scale, limit) if _holds_arrays(path) else open_zip(path, limit)
    if not head:
        raise Problem(asked, "an empty file", TAKEN)
    if path.suffix.lower() in SUFFIXES:
        raise Problem(asked, "one picture", f"give the folder {path.parent} that holds it")
    raise Problem(asked, "a file that is no archive (it may be cut)", TAKEN)


def _holds_arrays(path: Path) -> bool:
    if path.suffix.lower() == ".npz":
        return True
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith(".npy") for name in archive.namelist())
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return False  # who opens it as an archive of pictures will say so


def _dataset(text: str, limit: int | None) -> Collection:
    import yaml

    named, *given = re.split(r",(?![^\[]*\])", text.removeprefix(DATASET))
    name, mark, part = named.partition("/")
    if mark and part not in ("train", "held_out"):
        raise Problem(f"the part {part!r} of {text}", "no such part", "say /held_out, or nothing")
    params: dict[str, Any] = {}
    for each in given:
        key, mark, value = each.partition("=")
        if not mark or not key:
            raise Problem(f"the parameter {each!r} of {text}", "no value", "write KEY=VALUE")
        try:
            params[key] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise Problem(f"the value {value!r} of {text}", "no YAML scalar", "quote it") from error
    images = load(name, **params)
    return open_dataset(images.held_out if part == "held_out" else images.train, limit)
