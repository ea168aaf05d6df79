"""A claim on a folder: one process at a time writes there.

The claim is an advisory lock of the system on the folder itself (``flock``). It leaves no file, and
ends with the process, however that ends. A file system without such locks gives none, and then two
runs at once are the user's to avoid.
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
        got = (error.strerror or str(error)).lower()
        raise Problem(f"the folder {folder}", got, "choose another place") from error
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
