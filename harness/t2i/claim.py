"""A claim on a folder or on a file's name: one process at a time writes there.

The claim on a folder is an advisory lock of the system on the folder itself (``flock``). It leaves
no file, and ends with the process, however that ends. That on a name is a lock on a hidden file
beside it, which goes with the claim; one that a killed process left does no harm, and the next
claim takes it away. A file system without such locks gives none, and then two runs at once are the
user's to avoid.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.problem import Problem


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold a folder, which is made where it is missing; ``Problem`` where another process does."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise _refused(f"the folder {folder}", error) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            fix = "wait for it, or choose another folder"
            raise Problem(f"writing into {folder}", "another run that does", fix) from error
        except OSError:
            pass  # a file system without locks
        yield
    finally:
        os.close(descriptor)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the name of a file that is to be written, after whoever holds it now."""
    lock = path.parent / f".{path.name}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _held(lock)
    except OSError as error:
        raise _refused(f"writing {path}", error) from error
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)  # while it is held: who waits sees that it is another file
        os.close(descriptor)


def _held(lock: Path) -> int:
    """The descriptor of a file that is locked and still has its name."""
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:
            return descriptor  # a file system without locks
        try:
            if os.path.samestat(os.fstat(descriptor), os.stat(lock)):
                return descriptor
        except FileNotFoundError:
            pass
        os.close(descriptor)


def _refused(asked: str, error: OSError) -> Problem:
    return Problem(asked, (error.strerror or str(error)).lower(), "choose another place")
