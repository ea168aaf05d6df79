"""Files that are written whole or not at all.

The bytes go to a temporary file in the target's own folder, are flushed and forced to the disk,
and then take the target's name in one step (``rename`` is atomic within a file system, POSIX.1,
IEEE Std 1003.1). Until that step the old file stands untouched; a full disk, a missing right or
an interrupt leaves it so and removes the temporary file. A process that is killed outright can
leave a hidden ``.NAME.*.tmp`` behind, never a torn target.

This module imports nothing heavy: the stages of a run use it too.
"""

import errno
import os
import shutil
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.cell import canonical
from harness.problem import Problem

FULL = (errno.ENOSPC, errno.EDQUOT)
HOST = socket.gethostname().replace(".", "-") or "host"
_FIXES = {
    errno.ENOSPC: "free some space on that disk and run it again; nothing was overwritten",
    errno.EDQUOT: "free some of the quota and run it again; nothing was overwritten",
    errno.EFBIG: "raise the limit on the size of a file (ulimit -f); nothing was overwritten",
    errno.EACCES: "make the folder writable, or choose another; nothing was overwritten",
    errno.EPERM: "make the folder writable, or choose another; nothing was overwritten",
    errno.EROFS: "choose a folder on a writable disk; nothing was overwritten",
    errno.EISDIR: "remove the folder that has the file's name, or choose another name",
    errno.ENOTDIR: "choose a path whose parents are folders",
}


def write_bytes(path: Path | str, data: bytes) -> None:
    """Write a file whole or not at all; missing folders are made.

    Errors: a :class:`Problem` for anything the disk refuses (full, read-only, not permitted); the
    old file, where there was one, is then still there and unchanged.
    """
    path = Path(path)
    temporary = path.parent / f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.tmp"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        fix = _FIXES.get(error.errno or 0, "mend what the system reports and run it again")
        got = error.strerror or str(error)
        raise Problem(f"writing {path} ({len(data)} bytes)", got, fix) from error
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Force the new name to the disk as well, where the system can do that for a folder."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return  # the file itself is safe; some systems do not open folders
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # the same: a file system without a sync of folders
    finally:
        os.close(descriptor)


def write_together(files: Mapping[Path, bytes]) -> None:
    """Write some files, all of them or none: every byte is on the disk before the first is named.

    Errors: as :func:`write_bytes`, and a :class:`Problem` for a folder that has a file's name.
    """
    waiting: dict[Path, Path] = {}
    try:
        for path, data in files.items():
            if path.is_dir():
                raise Problem(f"writing {path}", "a folder of that name", _FIXES[errno.EISDIR])
            temporary = path.parent / f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.tmp"
            waiting[path] = temporary
            write_bytes(temporary, data)
        for path, temporary in waiting.items():
            os.replace(temporary, path)
    except OSError as error:
        fix = _FIXES.get(error.errno or 0, "mend what the system reports and run it again")
        raise Problem(f"writing {path}", error.strerror or str(error), fix) from error
    finally:
        for temporary in waiting.values():
            temporary.unlink(missing_ok=True)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A folder that gets its name when it is whole: work in the one that this gives.

    On an error nothing is left, and what a killed process of this machine left is swept away. A
    folder of that name that was there before is replaced; of two processes that make it at once,
    the later one replaces it by its equal. Errors: a :class:`Problem` where the disk is full; other
    errors of the work pass through.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    work = folder.parent / f".{folder.name}.{HOST}.{os.getpid()}"
    try:
        work.mkdir()
        yield work
        shutil.rmtree(folder, ignore_errors=True)
        try:
            work.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    except OSError as error:
        if error.errno in FULL:
            raise Problem(f"room for {folder}", str(error), _FIXES[error.errno]) from error
        raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what killed processes of this machine left beside a folder.

    A work folder is named by host and process. One of this process is an earlier process's of the
    same number: this one has not begun yet.
    """
    for work in folder.parent.glob(f".{folder.name}.{HOST}.*"):
        process = work.suffix[1:]
        if not (process.isdigit() and int(process) != os.getpid() and _alive(int(process))):
            shutil.rmtree(work, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def write_text(path: Path | str, text: str) -> None:
    """Write a text file in UTF-8 as it stands, whole or not at all."""
    write_bytes(path, text.encode())


def write_json(path: Path | str, value: Any) -> None:
    """Write one plain value as canonical JSON with a final line feed.

    Errors: ``ValueError`` for a NaN or an infinity, before anything is written.
    """
    write_text(path, canonical(value) + "\n")


def write_json_lines(path: Path | str, values: Iterable[Any]) -> None:
    """Write plain values, one a line, in the order given; errors as :func:`write_json`."""
    write_text(path, "".join(canonical(value) + "\n" for value in values))
