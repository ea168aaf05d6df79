"""A folder that is replaced in one step: the old one or the new one is there, whole, at any moment.

It stands apart from ``harness.records.atomic`` because stages use that, and what it says is part of
their keys.
"""

import ctypes
import errno
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from harness.problem import Problem
from harness.records.atomic import _FIXES, HOST, _sweep, _sync_folder, write_bytes


def replace_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put a folder of these files, and no others, in the place of one of that name, in one step.

    On Linux the two trade places (``renameat2``, ``RENAME_EXCHANGE``), so that a reader, and a
    process that is killed at any moment, leave the old folder or the new one, whole. Where the
    system has no such call the old one is gone for the moment between two renames. Errors: a
    :class:`Problem` for what the disk refuses; the old folder then stays.
    """
    _sweep(folder)
    work = folder.parent / f".{folder.name}.{HOST}.{os.getpid()}"
    try:
        for name, data in files.items():
            write_bytes(work / name, data)
        if folder.is_dir():
            _exchange(work, folder)
        else:
            os.rename(work, folder)
    except OSError as error:
        fix = _FIXES.get(error.errno or 0, "mend what the system reports and run it again")
        raise Problem(f"writing {folder}", error.strerror or str(error), fix) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _sync_folder(folder.parent)


def _exchange(one: Path, other: Path) -> None:
    """Let two folders of one file system trade names."""
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE of linux/fs.h
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        call = None
    if call is not None:
        if call(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0:
            return
        number = ctypes.get_errno()
        if number not in (errno.ENOSYS, errno.EINVAL):
            raise OSError(number, os.strerror(number))
    aside = one.with_name(f"{one.name}.old")
    os.rename(other, aside)
    os.rename(one, other)
    os.rename(aside, one)
