"""A turn at the committed results: one process at a time writes them, and from a clean commit.

``patina publish`` and ``patina decide`` both take one. Whoever waits gets the next; the kernel ends
the turn of a process that is killed, and the next one sweeps away what that has left.
"""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.problem import Problem


@contextmanager
def alone(results: Path) -> Iterator[None]:
    """The only turn at these results, as long as it lasts; the kernel ends it with us."""
    folder = os.open(results.resolve().parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def sweep(results: Path, scale: Path) -> None:
    """Remove what turns that were killed have left: while one lasts there is no other."""
    for name in [*results.glob(".*CHANGELOG.md.*.tmp"), *scale.glob("*/.*MANIFEST.json.*.tmp")]:
        name.unlink()
    for name in scale.glob(".*"):
        shutil.rmtree(name)


def clean_commit(repo: Path, results: Path, target: Path, asked: str, then: str) -> tuple[str, str]:
    """The commit and its date, of a tree that holds nothing else.

    Other references that wait to be committed do not count. asked, then: what is to be done from
    the commit, and what comes after one, in words. Errors: a :class:`Problem` for uncommitted
    changes, and for a folder that is not a git repository with a commit.
    """
    top = Path(git(repo, "rev-parse", "--show-toplevel", asked=asked).strip()).resolve()
    every = ("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all")
    changed = [entry[3:] for entry in git(repo, *every, asked=asked).split("\0") if entry]
    stops = [name for name in changed if not _may_wait(top / name, results, target)]
    if stops:
        more = f" and {len(stops) - 5} more" if len(stops) > 5 else ""
        raise Problem(
            f"{asked} from a clean commit",
            f"uncommitted changes: {', '.join(stops[:5])}{more}",
            f"commit or stash them, {then}",
        )
    commit, date = git(repo, "log", "-1", "--format=%H %cs", asked=asked).split()
    return commit, date


def _may_wait(path: Path, results: Path, target: Path) -> bool:
    """Whether an uncommitted file is part of the reference of another study."""
    results, target = results.resolve(), target.resolve()
    if path == results / "CHANGELOG.md":
        return True
    return path.is_relative_to(target.parents[1]) and not path.is_relative_to(target)


def git(repo: Path, *arguments: str, asked: str) -> str:
    """What git answers; a :class:`Problem` that says why it does not."""
    try:
        done = subprocess.run(
            ["git", "-C", str(repo), *arguments], capture_output=True, text=True, check=True
        )
    except FileNotFoundError as error:
        raise Problem(f"{asked} from a commit", "no git on this machine", "install git") from error
    except subprocess.CalledProcessError as error:
        got = (error.stderr or "").strip() or f"git status {error.returncode}"
        raise Problem(f"{asked} from a commit", got, f"commit the work in {repo} first") from error
    return done.stdout
