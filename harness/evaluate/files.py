"""Files: the pictures of a folder, or of a .zip archive, which is never unpacked to disk.

Files count by their suffix (``harness.data.folder``), in all sub-folders, in the order of their
relative paths by code point, the same on every machine and in an archive as in the folder that it
was made from. What is hidden (a name that begins with a point, ``__MACOSX``) is left alone.

Classes: where every picture lies in a sub-folder, its class is the first folder on its way. One
folder that holds all others (an archive often has it) is entered first.

What cannot be read is an item like any other, so that all such are found and listed: a link to
nothing, a folder under a picture's name, a file without permission, what is no regular file, an
encrypted or broken member, one whose name came before, and one that would unpack to more than
``LARGEST`` bytes. A member's stated size is not believed: no more than it is ever unpacked.
"""

import os
import stat
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import final

import numpy as np
from numpy.typing import NDArray

from harness.data.folder import SUFFIXES
from harness.evaluate.collection import LARGEST, Item, Labels, drawn, printable, too_large
from harness.problem import Problem

SAVE_AGAIN = "replace or remove that file"


@final
@dataclass(frozen=True, eq=False)
class Folder:
    """The pictures of a folder. files: their paths relative to ``root``, with slashes."""

    root: Path
    files: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The relative paths."""
        return tuple(map(printable, self.files))

    def labels(self, index: NDArray[np.int64]) -> Labels:
        """The labels by folder."""
        return labels_by_folder([self.files[i] for i in index])

    def items(self, index: NDArray[np.int64]) -> Iterator[Item]:
        """The bytes of each file."""
        return (_file(f"{self.root}/{self.files[i]}", self.files[i]) for i in index)


@final
@dataclass(frozen=True, eq=False)
class Archive:
    """The pictures of a .zip archive. repeated: the members whose name came before."""

    path: Path
    members: tuple[zipfile.ZipInfo, ...]
    repeated: frozenset[zipfile.ZipInfo]
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The paths within the archive."""
        return tuple(printable(member.filename) for member in self.members)

    def labels(self, index: NDArray[np.int64]) -> Labels:
        """The labels by folder."""
        return labels_by_folder([self.members[i].filename for i in index])

    def items(self, index: NDArray[np.int64]) -> Iterator[Item]:
        """The bytes of each member."""
        with _zip(self.path) as archive:
            for i in index:
                yield self._member(archive, self.members[i])

    def _member(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Item:
        asked = f"the picture {printable(member.filename)}"
        if member in self.repeated:
            return Problem(asked, "a second file of this name", "remove one of them")
        if member.flag_bits & 1:
            return Problem(asked, "an encrypted file", "pack the archive without a password")
        if member.file_size > LARGEST:
            return too_large(asked, member.file_size)
        try:
            with archive.open(member) as file:
                data = file.read(member.file_size + 1)  # a bound: a stated size may be a lie
        except Exception as error:  # the decompressors raise nearly anything on broken bytes
            got = f"bytes that do not unpack ({type(error).__name__}: {error})"
            return Problem(asked, got, SAVE_AGAIN)
        if len(data) < member.file_size:
            return Problem(asked, f"{len(data)} of {member.file_size} bytes", SAVE_AGAIN)
        return data


def open_folder(root: Path, limit: int | None) -> Folder:
    """The pictures of a folder and its sub-folders; Problem where there are none."""
    files = sorted(_walk(root))
    if not files:
        raise _none(f"the pictures of the folder {root}")
    return Folder(root, tuple(files[i] for i in drawn(len(files), limit, root.name)))


def open_zip(path: Path, limit: int | None) -> Archive:
    """The pictures of an archive; Problem where there are none, or where it is cut."""
    with _zip(path) as archive:
        members = [
            member
            for member in archive.infolist()
            if not member.is_dir() and _counts(member.filename)
        ]
    if not members:
        raise _none(f"the pictures of the archive {path}")
    members.sort(key=lambda member: member.filename)  # stable: of one name, as they stand
    repeated = {b for a, b in pairwise(members) if a.filename == b.filename}
    chosen = tuple(members[i] for i in drawn(len(members), limit, path.name))
    return Archive(path, chosen, frozenset(repeated))


def labels_by_folder(files: Sequence[str]) -> Labels:
    """The labels of files by the first folder of their paths; none where one lies in no folder."""
    ways = [[part for part in PurePosixPath(file).parts if part != "/"] for file in files]
    while len({way[0] for way in ways}) == 1 and min(map(len, ways)) > 2:
        ways = [way[1:] for way in ways]
    if not ways or min(map(len, ways)) == 1:
        return None, ()
    classes = sorted({way[0] for way in ways})
    number = {name: label for label, name in enumerate(classes)}
    labels = np.array([number[way[0]] for way in ways], np.int64)
    return labels, tuple(map(printable, classes))


def _counts(name: str) -> bool:
    """Whether a relative path is that of a picture and nothing on its way is hidden."""
    parts = PurePosixPath(name).parts
    hidden = any(part == "__MACOSX" or (part[0] == "." and part != "..") for part in parts)
    return not hidden and PurePosixPath(name).suffix.lower() in SUFFIXES


def _walk(root: Path) -> Iterator[str]:
    """The relative paths of pictures in a folder and all below it, links followed but no circle.

    A folder that may not be entered is given like a picture, and so is one with a picture's name:
    reading it says what is wrong.
    """
    waiting: list[tuple[str, frozenset[tuple[int, int]]]] = [("", frozenset())]
    while waiting:
        folder, above = waiting.pop()
        try:
            found = os.stat(f"{root}/{folder}")
            entries = list(os.scandir(f"{root}/{folder}"))
        except OSError as error:
            if not folder:
                raise Problem(
                    f"the pictures of the folder {root}", said(error), "give a folder that opens"
                ) from error
            yield folder
            continue
        here = (found.st_dev, found.st_ino)
        if here in above:
            continue
        for entry in entries:
            name = f"{folder}/{entry.name}" if folder else entry.name
            if _counts(name):
                yield name
            elif entry.name[0] != "." and entry.name != "__MACOSX" and _is_folder(entry):
                waiting.append((name, above | {here}))


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a circle of links
        return False


def _file(path: str, name: str) -> Item:
    asked = f"the picture {printable(name)}"
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            os.listdir(path)
            return Problem(asked, "a folder", "give it another name, or remove it")
        if not stat.S_ISREG(found.st_mode):
            return Problem(asked, "no regular file", "remove it")
        if found.st_size > LARGEST:
            return too_large(asked, found.st_size)
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        got = "a link to nothing" if _leads_nowhere(path) else said(error)
        return Problem(asked, got, "make it readable, or remove it")


def _leads_nowhere(path: str) -> bool:
    return os.path.islink(path) and not os.path.exists(path)


def _zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Problem(
            f"the archive {path}",
            f"bytes that do not read ({type(error).__name__}: {error})",
            "it is cut or no .zip archive: pack or fetch it again",
        ) from error


def said(error: OSError) -> str:
    """What the system says of a file, without its number and path."""
    return (error.strerror or str(error)).lower()


def _none(asked: str) -> Problem:
    return Problem(asked, "no picture", f"put files there that end in {', '.join(SUFFIXES)}")
