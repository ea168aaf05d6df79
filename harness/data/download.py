"""A download: one file with a known sha256, whole at its place or not there at all.

The bytes go to a temporary file in the folder of the target, are hashed as they come, and take the
target's name (``os.replace``, atomic on one file system) once the hash is right. A broken
connection, a wrong file, a full disk or a kill leaves the target as it was; two downloads at once
do not see each other, and the later one replaces a file by its equal.
"""

import hashlib
import os
import tempfile
from http.client import HTTPException
from io import BufferedReader
from pathlib import Path
from urllib.request import urlopen

from harness.problem import Problem

CHUNK = 1 << 20  # bytes


def download(url: str, target: Path, sha256: str) -> Path:
    """Fetch a file to ``target`` and return it; Problem where that fails or the hash is wrong."""
    temporary = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        with os.fdopen(handle, "wb") as file, urlopen(url, timeout=60) as response:
            digest = hashlib.sha256()
            while chunk := response.read(CHUNK):
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if digest.hexdigest() != sha256:
            raise Problem(
                f"{url} with the sha256 {sha256}",
                f"{Path(temporary).stat().st_size} bytes with {digest.hexdigest()}",
                "try again; where it stays so, fetch the file by hand and give its path",
            )
        os.replace(temporary, target)
        temporary = None
    except (OSError, HTTPException) as error:  # URLError and a full disk are OSErrors
        raise Problem(
            f"{url} as {target}",
            f"{type(error).__name__}: {error}",
            "check the connection and the disk, or fetch the file by hand and give its path",
        ) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
    return target


def sha256_of(file: BufferedReader) -> str:
    """The sha256 of an open file from its start, as 64 hexadecimal digits; rewinds it."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest
