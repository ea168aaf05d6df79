"""A file of detections: JSON lines, a header and then a line an image.

    {"format": "geneval-detections", "version": 1, "detector": NAME, "weights": {NAME: SHA256, ...},
     "vocabulary": {"name", "classes", "colors"}, "settings": {...}}
    {"image": "00000/samples/0000.png", "sha256": ..., "width": ..., "height": ...,
     "objects": [{"class", "score", "box": [x0, y0, x1, y1][, "color"]}, ...]}

The header says what made the file; a score quotes it. An image's sha256 is that of the file that
the detector saw, or "". The form is ours: the published evaluator detects and judges in one step.

Detection is slow and gets killed. An :class:`Appender` goes on where the file ends: it refuses a
file that another detector, other weights or other settings made, drops a last line that was cut off
in the middle of a write, tells which images are done, and forces each new line to the disk. Two
appenders of one file at once are refused (``flock``; the lock goes with the process).
"""

import errno
import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, final

from harness.geneval.detection import Detected
from harness.geneval.entry import SHA256, Entry, decoded, parsed, read_text, shown
from harness.geneval.vocabulary import COCO, Vocabulary
from harness.problem import Problem

FORMAT, VERSION = "geneval-detections", 1
_RESUME = "run the detection again: it goes on where the file ends"


@final
@dataclass(frozen=True)
class Header:
    """What made a file. weights: sha256 of each file of weights, by its name; settings: plain data,
    whatever else decides what the detector finds."""

    detector: str
    weights: Mapping[str, str]
    vocabulary: Vocabulary
    settings: Mapping[str, Any] = field(default_factory=dict)

    def config(self) -> dict[str, Any]:
        """The header as the file has it."""
        words = self.vocabulary
        return {
            "format": FORMAT,
            "version": VERSION,
            "detector": self.detector,
            "weights": dict(self.weights),
            "vocabulary": {
                "name": words.name,
                "classes": list(words.classes),
                "colors": list(words.colors),
            },
            "settings": dict(self.settings),
        }

    @property
    def json(self) -> str:
        """The first line of the file, without a line feed."""
        return json.dumps(self.config(), allow_nan=False)

    @staticmethod
    def read(mapping: Mapping[str, Any], where: str) -> "Header":
        """The header of a mapping. Errors: a ``Problem`` that names ``where``."""
        entry = Entry.of(mapping, where)
        if entry.value.get("format") != FORMAT:
            got = shown(entry.value.get("format", "none"))
            raise Problem(
                f"the format {FORMAT!r} at {where}", got, "begin a file of detections by its header"
            )
        if type(entry.value.get("version")) is not int or entry.value["version"] != VERSION:
            got = shown(entry.value.get("version", "none"))
            raise Problem(f"version {VERSION} at {where}", got, "detect the images again")
        entry.keys(("format", "version", "detector", "weights", "vocabulary", "settings"))
        weights, words = entry.mapping("weights"), entry.mapping("vocabulary")
        for name, digest in weights.value.items():
            if not isinstance(digest, str) or not SHA256.fullmatch(digest):
                weights.refuse(name, "64 hexadecimal digits", "give the sha256 of the weights")
        words.keys(("name", "classes", "colors"))
        vocabulary = Vocabulary(words.text("name"), words.names("classes"), words.names("colors"))
        check_words(vocabulary, COCO, where)
        settings = entry.mapping("settings").value
        return Header(entry.text("detector"), dict(weights.value), vocabulary, dict(settings))


def check_words(given: Vocabulary, known: Vocabulary, where: str) -> None:
    """Refuse a vocabulary that has the name of a known one and other words, or another order."""
    if given.name != known.name or given == known:
        return
    for what in ("classes", "colors"):
        words, own = getattr(given, what), getattr(known, what)
        if words != own:
            strange = [word for word in words if word not in own]
            got = f"{len(words)} {what}" + (f", {strange[0]!r} among them" if strange else "")
            asked = f"the {len(own)} {what} of the vocabulary {known.name!r}, in order, at {where}"
            raise Problem(asked, got, "give these words, or the vocabulary another name")


@final
@dataclass(frozen=True)
class Detections:
    """A file's header and its images, in the file's order; no image twice."""

    header: Header
    images: tuple[Detected, ...]

    def by_image(self) -> dict[str, Detected]:
        """The images by name."""
        return {detected.image: detected for detected in self.images}


def read_detections(path: Path | str) -> Detections:
    """Read and check a file of detections.

    Errors: a ``Problem`` that names file:line for what is not as the module says: no header, a
    version that is not known, an unknown class or colour, a score outside [0, 1], a box outside the
    image or with reversed corners, an image that stood before, a last line that is cut off.
    """
    text = read_text(path, "detections")
    if not text.endswith("\n"):
        got = f"a last line without its end at {path}:{text.count(chr(10)) + 1}"
        raise Problem(f"whole lines in {path}", got if text else "an empty file", _RESUME)
    return _read(text, path)


def _read(text: str, path: Path | str) -> Detections:
    entries = parsed(text, path)
    first = next(entries)
    header = Header.read(first.value, first.where)
    seen: dict[str, str] = {}
    images = []
    for entry in entries:
        detected = Detected.read(entry.value, entry.where, header.vocabulary)
        if detected.image in seen:
            raise Problem(
                f"each image once in {path}",
                f"{detected.image!r} of {seen[detected.image]} again at {entry.where}",
                "take one of the two out",
            )
        seen[detected.image] = entry.where
        images.append(detected)
    return Detections(header, tuple(images))


@final
class Appender:
    """Writes a file of detections an image at a time, and goes on with one that is there.

    ``with Appender(path, header) as file: ... file.append(detected)``. done: the sha256 of each
    image in the file, by its name. Errors: a ``Problem`` for a header that differs, naming the
    field; for a file that is no good; for a second appender; and for what the disk refuses.
    """

    def __init__(self, path: Path | str, header: Header) -> None:
        self.path, self.header = Path(path), Header.read(header.config(), "the header to write")
        self.done: dict[str, str] = {}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise self._refused(error) from error
        try:
            self._lock()
            self._resume()
        except BaseException:
            self.close()
            raise

    def _lock(self) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            got = "another process that writes to it"
            raise Problem(f"detections to {self.path}", got, "wait for it, or stop it") from error
        except OSError as error:
            raise self._refused(error) from error

    def _resume(self) -> None:
        """Check what is there, drop a torn last line, and write the header of a new file."""
        with open(self._descriptor, "rb", closefd=False) as stream:
            data = stream.read()
        self._end = data.rfind(b"\n") + 1
        begun = f"{self.header.json}\n".encode()
        if self._end:
            whole = _read(decoded(data[: self._end], self.path, "detections"), self.path)
            self._compare(whole.header)
            self.done = {detected.image: detected.sha256 for detected in whole.images}
        elif not begun.startswith(data):  # a torn header is ours to replace, another file is not
            got = "another file of that name"
            raise Problem(f"detections in {self.path}", got, "choose another name")
        try:
            os.ftruncate(self._descriptor, self._end)
        except OSError as error:
            raise self._refused(error) from error
        if not self._end:
            self._write(begun)

    def _compare(self, there: Header) -> None:
        """Refuse a header that is not this one, naming the first field that differs."""
        old, new = json.loads(there.json), json.loads(self.header.json)
        for key in new:
            if old[key] == new[key]:
                continue
            name, was, now = key, old[key], new[key]
            if isinstance(was, dict):
                inner = next(k for k in (*now, *was) if was.get(k, ...) != now.get(k, ...))
                name, was, now = f"{key}.{inner}", was.get(inner, "none"), now.get(inner, "none")
            fix = f"remove or rename {self.path}, or write to another file"
            raise Problem(f"{name} {shown(now)} in {self.path}:1", shown(was), fix)

    def has(self, image: str, sha256: str) -> bool:
        """Whether an image is done. Errors: a ``Problem`` where it was done from other bytes."""
        if image not in self.done:
            return False
        if self.done[image] != sha256:
            raise Problem(
                f"the detections in {self.path} of {image} with sha256 {sha256 or 'none'}",
                f"those of other bytes, sha256 {self.done[image] or 'none'}",
                f"the image has changed: remove or rename {self.path}, or detect into another file",
            )
        return True

    def append(self, detected: Detected) -> None:
        """Check an image and write it, to the disk before this returns."""
        Detected.read(detected.config(), f"{detected.image} of {self.path}", self.header.vocabulary)
        if detected.image in self.done:
            raise Problem(
                f"each image once in {self.path}", f"{detected.image!r} again", "skip what is done"
            )
        self._write(f"{detected.json}\n".encode())
        self.done[detected.image] = detected.sha256

    def _write(self, line: bytes) -> None:
        """Write a line whole, or leave the file as it was."""
        try:
            written = 0
            while written < len(line):
                written += os.pwrite(self._descriptor, line[written:], self._end + written)
            os.fsync(self._descriptor)
        except BaseException as error:
            os.ftruncate(self._descriptor, self._end)
            if isinstance(error, OSError):
                raise self._refused(error) from error
            raise
        self._end += len(line)

    def _refused(self, error: OSError) -> Problem:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        fix = f"free some space and {_RESUME}" if full else "mend what the system reports"
        return Problem(f"writing {self.path}", error.strerror or str(error), fix)

    def close(self) -> None:
        """Close the file, and let go of the lock."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
