"""A stream: one array of an .npy or .npz file, of which rows are read without the rest.

The header says the type and the shape (NEP 1, format versions 1.0 and 2.0); the rows [N, ...]
follow in C order. They are read forwards, a few at a time, from a compressed member as from a plain
one, so that memory does not grow with N. Before anything is read, the bytes that the header speaks
of are compared with those that there are: a cut file is refused, and so is a header that lies.
A member's checksum is compared where the last of its rows is read.

Refused: pickled objects, and Fortran order, in which a row lies scattered over the whole file.
"""

import math
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, final

import numpy as np
from numpy.typing import NDArray

from harness.evaluate.collection import LARGEST
from harness.problem import Problem

PIECE = 1 << 20  # bytes read at once


@final
@dataclass(frozen=True)
class Stream:
    """An array ``[N, ...]`` in a file. member: its name in an .npz; begin: where its bytes do."""

    path: Path
    member: str | None
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    begin: int

    @property
    def asked(self) -> str:
        """What errors call it."""
        key = "" if self.member is None else f"{self.member.removesuffix('.npy')!r} of "
        return f"the array {key}{self.path}"

    @property
    def row(self) -> int:
        """Bytes of one row."""
        return math.prod(self.shape[1:]) * self.dtype.itemsize

    @classmethod
    def of(cls, path: Path, member: str | None = None) -> "Stream":
        """The array of an .npy file, or of a member of an .npz; Problem where it does not read."""
        unknown = cls(path, member, np.dtype(np.uint8), (0,), 0)
        with unknown._file() as (file, size), unknown._as_problem():
            version = np.lib.format.read_magic(file)
            if version == (1, 0):
                shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
            elif version == (2, 0):
                shape, fortran, dtype = np.lib.format.read_array_header_2_0(file)
            else:
                raise ValueError(f"a header of version {version}")
            if min(shape, default=0) < 0:
                raise ValueError(f"the shape {shape}")
            begin = file.tell()
        found = cls(path, member, dtype, shape, begin)
        if dtype.hasobject:
            raise Problem(
                found.asked, "pickled objects", "save plain arrays: none is ever unpickled"
            )
        need = begin + math.prod(shape) * dtype.itemsize
        if size != need:
            raise Problem(
                found.asked, f"{size} bytes where {need} belong", "save or fetch it again"
            )
        if fortran and len(shape) > 1:
            raise Problem(
                found.asked, "columns first (Fortran order)", "save numpy.ascontiguousarray of it"
            )
        return found

    def rows(self, index: NDArray[np.int64]) -> Iterator[NDArray[Any]]:
        """The rows at ascending places, ``[b, ...]``, about ``PIECE`` bytes at a time."""
        step = max(1, PIECE // max(self.row, 1))
        with self.reader() as read:
            for start in range(0, len(index), step):
                part = index[start : start + step]
                first, last = int(part[0]), int(part[-1])
                if last - first == len(part) - 1:
                    data = read(first * self.row, (last + 1) * self.row)
                else:
                    data = b"".join(read(int(i) * self.row, int(i + 1) * self.row) for i in part)
                yield np.frombuffer(data, self.dtype).reshape(len(part), *self.shape[1:])

    def whole(self) -> NDArray[Any]:
        """All of a small array."""
        size = math.prod(self.shape) * self.dtype.itemsize
        if size > LARGEST:
            raise Problem(self.asked, f"{size / 2**20:.0f} MiB", "save one entry an image")
        with self.reader() as read:
            return np.frombuffer(read(0, size), self.dtype).reshape(self.shape)

    @contextmanager
    def reader(self) -> Iterator[Callable[[int, int], bytes]]:
        """``read(start, stop)`` gives the bytes from start to before stop, forwards only."""
        with self._file() as (file, _):

            def read(start: int, stop: int) -> bytes:
                with self._as_problem():
                    file.seek(self.begin + start)
                    data = file.read(stop - start)
                if len(data) < stop - start:
                    raise Problem(self.asked, "fewer bytes than it had", "see who writes to it")
                return data

            yield read

    @contextmanager
    def _file(self) -> Iterator[tuple[IO[bytes], int]]:
        """The open array and its length in bytes."""
        with ExitStack() as stack:
            with self._as_problem():
                if self.member is None:
                    file: IO[bytes] = stack.enter_context(open(self.path, "rb"))
                    size = self.path.stat().st_size
                else:
                    archive = stack.enter_context(zipfile.ZipFile(self.path))
                    file = stack.enter_context(archive.open(self.member))
                    size = archive.getinfo(self.member).file_size
            yield file, size

    @contextmanager
    def _as_problem(self) -> Iterator[None]:
        """What the file system and the decompressors raise, as the problem that a user reads."""
        try:
            yield
        except Exception as error:  # on broken bytes they raise nearly anything
            raise Problem(
                self.asked,
                f"bytes that do not read ({type(error).__name__}: {error})",
                "it is cut, encrypted or no array: save or fetch it again",
            ) from error
