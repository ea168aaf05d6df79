"""cifar10: 60,000 colour images of 32 x 32 pixels in ten classes (Krizhevsky 2009).

The official archive ``cifar-10-python.tar.gz`` (170,498,071 bytes), known by its sha256, holds five
training batches and one test batch of 10,000 images each and a list of class names. It is read
where it lies, in memory, and never unpacked to disk; each batch is a pickle, read by
``harness.data.batch``. The official test batch is what is held out.

Where it is looked for: the ``path`` given; else the user's cache, ``$XDG_CACHE_HOME/patina`` or
``~/.cache/patina``. Nothing is fetched unless ``download=True`` says so.

Nearly the same image stands in both parts for about 3 % of the test images (Barz and Denzler, *Do
we train on test data?*, J. Imaging 6(6):41, 2020): a nearest-neighbour ratio cannot fall to none.
"""

import os
import tarfile
import zlib
from io import BufferedReader
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.data.batch import read_batch
from harness.data.download import download as fetch
from harness.data.download import sha256_of
from harness.data.images import Images, from_levels
from harness.problem import Problem

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
SHA256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"
BATCHES = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")
NAMES = "batches.meta"
CLASSES = (  # as batches.meta has them
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
LARGEST = 1 << 26  # bytes; a batch has 31 million


def cifar10(
    *,
    path: str | Path | None = None,
    download: bool = False,
    cache: str | Path | None = None,
) -> Images:
    """50,000 training and 10,000 held-out images ``[3, 32, 32]`` with labels 0..9.

    path: the archive itself; cache: the folder to look in, and to fetch to with ``download=True``.
    Raises Problem where there is no archive, where it is not the official one, and where the
    download fails.
    """
    if path is not None:
        archive = Path(path).expanduser()
    else:
        archive = cache_folder(cache) / "cifar-10-python.tar.gz"
        if download and not archive.exists():
            fetch(URL, archive, SHA256)
    if not archive.is_file():
        raise Problem(
            "cifar10",
            f"no file {archive}",
            f"give path=..., or download=True to fetch {URL} (170 MB) into {archive.parent}",
        )
    return read_archive(archive, SHA256, per_batch=10_000)


def cache_folder(cache: str | Path | None = None) -> Path:
    """The folder of fetched files: the one given, or that of the user's cache."""
    if cache is not None:
        return Path(cache).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "patina"


def read_archive(archive: Path, sha256: str, per_batch: int) -> Images:
    """The images of an archive with that sha256 and ``per_batch`` images in each of six batches.

    Raises Problem for another sha256, a truncated archive, a missing member, and a batch that is
    not ``[per_batch, 3072]`` uint8 with as many labels.
    """
    with archive.open("rb") as file:
        found = sha256_of(file)
        if found != sha256:
            raise Problem(
                f"the archive {archive} with the sha256 {sha256}",
                f"{archive.stat().st_size} bytes with {found}",
                "it is truncated or another file: delete it and fetch it again",
            )
        members = _members(file, archive)
    names = read_batch(members[NAMES], f"{NAMES} of {archive}").get("label_names")
    if not isinstance(names, list) or not names:
        raise Problem(f"the class names of {archive}", "none", "give the official archive")
    classes = tuple(each.decode() if isinstance(each, bytes) else str(each) for each in names)
    parts = [_images(members.pop(name), name, archive, per_batch) for name in BATCHES]
    levels = np.concatenate([part[0] for part in parts])  # [N, 3, 32, 32]
    return Images.unrelated(
        name="cifar10",
        pixels=from_levels(levels),
        test=np.repeat([name == "test_batch" for name in BATCHES], per_batch),
        labels=np.concatenate([part[1] for part in parts]),
        classes=classes,
        licence="none stated",
        citation="A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009",
    )


def _members(file: BufferedReader, archive: Path) -> dict[str, bytes]:
    """The bytes of the seven members that are needed, by their base name, in one pass."""
    wanted = {f"cifar-10-batches-py/{name}": name for name in (*BATCHES, NAMES)}
    members: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=file, mode="r|gz") as tar:
            for member in tar:
                if member.name in wanted and member.isreg() and member.size <= LARGEST:
                    content = tar.extractfile(member)
                    members[wanted[member.name]] = content.read() if content else b""
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise Problem(
            f"the archive {archive}",
            f"bytes that do not unpack ({type(error).__name__}: {error})",
            "it is truncated or no tar.gz: delete it and fetch it again",
        ) from error
    for name in (*BATCHES, NAMES):
        if name not in members:
            raise Problem(
                f"{name} in the archive {archive}", "no such member", "give the official archive"
            )
    return members


def _images(
    data: bytes, name: str, archive: Path, per_batch: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The levels ``[per_batch, 3, 32, 32]`` and labels ``[per_batch]`` of one batch."""
    asked = f"the batch {name} of {archive}"
    batch = read_batch(data, f"{name} of {archive}")
    levels, labels = batch.get("data"), batch.get("labels")
    if not isinstance(levels, np.ndarray) or levels.dtype != np.uint8:
        raise Problem(asked, "no array of 8-bit levels", "give the official archive")
    if levels.shape != (per_batch, 3072):
        raise Problem(
            f"{asked} as [{per_batch}, 3072]", f"the shape {levels.shape}", "fetch it again"
        )
    if (
        not isinstance(labels, list)
        or len(labels) != per_batch
        or not all(isinstance(label, int) for label in labels)
    ):
        raise Problem(asked, f"labels that do not match {per_batch} images", "fetch it again")
    return levels.reshape(per_batch, 3, 32, 32), np.array(labels, np.int64)
