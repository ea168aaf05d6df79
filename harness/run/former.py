"""The claims of a study as an earlier commit states them.

A manifest keeps of each claim the sha256 of its rule, its regime and whether it is confirmatory,
and so proves what was published without saying it. What it was is in the code of the commit: that
code is taken from git into a folder of its own, and asked there, in a process of its own. A study
of a plugin is not found so.
"""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from harness.problem import Problem

PACKAGES = ("harness", "theory")
CODE = """
import json, sys
sys.path.insert(0, sys.argv[1])
from harness.studies import STUDIES
print(json.dumps([claim.config() for claim in STUDIES[sys.argv[2]].claims]))
"""
TIMEOUT = 120  # seconds; it takes two


def former(repo: Path, commit: str, study: str) -> dict[str, dict[str, Any]]:
    """The claims of a study by their ids, each as ``Claim.config`` gives it, at a commit.

    Errors: a :class:`Problem` where git has not the commit, as in a shallow clone, and where its
    code does not answer.
    """
    archive = _done(["git", "-C", str(repo), "archive", "--format=zip", commit, *PACKAGES], commit)
    with TemporaryDirectory(prefix="patina-") as folder:
        zipfile.ZipFile(io.BytesIO(archive)).extractall(folder)
        text = _done([sys.executable, "-c", CODE, folder, study], commit)
    return {str(claim["id"]): claim for claim in json.loads(text)}


def _done(command: list[str], commit: str) -> bytes:
    """What a command prints; a :class:`Problem` with the last line that it complains in."""
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=TIMEOUT)
    except (OSError, subprocess.SubprocessError) as error:
        told = getattr(error, "stderr", None) or b""
        got = (told.decode(errors="replace").strip().splitlines() or [str(error)])[-1]
        fix = "fetch the whole history (git fetch --unshallow), or name a commit whose code runs"
        raise Problem(f"the claims at commit {commit[:12]}", got, fix) from error
    return done.stdout
