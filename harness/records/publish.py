"""Publishing: what the build made becomes the committed reference of a study.

``results/v1/<scale>/<study>/`` holds ``records.jsonl``, ``runs.jsonl`` and ``MANIFEST.json``, and
nothing else writes there. The manifest carries the sha256 of both files, so that a torn or edited
reference is noticed when it is read; it is written last. ``results/CHANGELOG.md`` gets one line
on top with both hashes and the effect.

A reference is published from a clean commit, so that the commit in its manifest is the code that
made it and git keeps the reference that is replaced. Other references that were published and not
committed yet do not stand in the way; the one to be replaced must be committed.
"""

import hashlib
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, final

from harness.problem import Problem
from harness.records.atomic import write_bytes, write_json, write_text
from harness.records.compare import Comparison, compare
from harness.records.files import read_json_lines, read_jsonl
from harness.records.record import SCHEMA_VERSION, Record, plain_json

VERSION = "v1"
FILES = ("records.jsonl", "runs.jsonl")
TITLE = "# Changelog of the results\n\n"


@final
@dataclass(frozen=True)
class Manifest:
    """What a published study is. sha256 and previous: file name to hash; previous is null at first.

    rows: of records.jsonl.
    """

    study: str
    scale: str
    schema_version: str
    commit: str
    sha256: dict[str, str]
    rows: int
    previous: dict[str, str] | None


def publish(
    study: str, scale: str, build_dir: Path | str, results_dir: Path | str, repo: Path | str
) -> Manifest:
    """Make ``build_dir/<scale>/<study>`` the reference in ``results_dir/v1/<scale>/<study>``.

    The same bytes as the reference change nothing. Errors: a :class:`Problem` for uncommitted
    changes, for a folder that is not a git repository with a commit, for records that are absent,
    empty, not valid or of another study, and for a disk that refuses; the reference then stays.
    """
    source = Path(build_dir) / scale / study
    target = Path(results_dir) / VERSION / scale / study
    commit, date = _clean_commit(Path(repo), Path(results_dir), target)
    rows = read_jsonl(source / FILES[0])
    read_json_lines(source / FILES[1])
    strangers = sorted({row.study for row in rows} - {study})
    if strangers or not rows:
        got = f"rows of {', '.join(strangers)}" if strangers else "no rows"
        raise Problem(f"records of {study} in {source}", got, "run the study again")
    data = {name: (source / name).read_bytes() for name in FILES}
    hashes = {name: hashlib.sha256(text).hexdigest() for name, text in data.items()}
    old = read_manifest(target) if (target / "MANIFEST.json").exists() else None
    if old is not None and old.sha256 == hashes:
        return old
    comparison = compare([] if old is None else published(results_dir, scale, study), rows)
    previous = None if old is None else old.sha256
    manifest = Manifest(study, scale, SCHEMA_VERSION, commit, hashes, len(rows), previous)
    changelog = Path(results_dir) / "CHANGELOG.md"
    _write(target, data, manifest, changelog, _line(manifest, date, comparison))
    return manifest


def published(results_dir: Path | str, scale: str, study: str) -> list[Record]:
    """The records of a published study.

    Errors: a :class:`Problem` where it was never published, or where a file is not the one that
    the manifest names.
    """
    folder = Path(results_dir) / VERSION / scale / study
    manifest = read_manifest(folder)
    for name, expected in manifest.sha256.items():
        try:
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError as error:
            found = error.strerror or str(error)
        if found != expected:
            raise Problem(
                f"{folder / name} with sha256 {expected[:16]}",
                found[:64],
                f"restore the folder from git: git checkout -- {folder}",
            )
    return read_jsonl(folder / FILES[0])


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a published study; a :class:`Problem` where there is none that is whole."""
    path = folder / "MANIFEST.json"
    try:
        given = plain_json(path.read_text(), str(path))
    except OSError as error:
        fix = "publish the study first: patina publish STUDY"
        raise Problem(f"the reference in {folder}", error.strerror or str(error), fix) from error
    try:
        return Manifest(**given)
    except TypeError as error:
        raise Problem(f"a manifest in {path}", str(error), "restore it from git") from error


def _clean_commit(repo: Path, results: Path, target: Path) -> tuple[str, str]:
    """The commit and its date, of a tree that holds nothing else."""
    top = Path(_git(repo, "rev-parse", "--show-toplevel").strip()).resolve()
    status = _git(repo, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all")
    changed = [entry[3:] for entry in status.split("\0") if entry]
    stops = [name for name in changed if not _may_wait(top / name, results, target)]
    if stops:
        more = f" and {len(stops) - 5} more" if len(stops) > 5 else ""
        raise Problem(
            "publishing from a clean commit",
            f"uncommitted changes: {', '.join(stops[:5])}{more}",
            "commit or stash them, run the study again, and publish then",
        )
    commit, date = _git(repo, "log", "-1", "--format=%H %cs").split()
    return commit, date


def _may_wait(path: Path, results: Path, target: Path) -> bool:
    """Whether an uncommitted file is part of the publication of another study."""
    results, target = results.resolve(), target.resolve()
    if path == results / "CHANGELOG.md":
        return True
    return path.is_relative_to(results / VERSION) and not path.is_relative_to(target)


def _git(repo: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(repo), *arguments], capture_output=True, text=True, check=True
        )
    except FileNotFoundError as error:
        raise Problem(
            "publishing from a commit", "no git on this machine", "install git"
        ) from error
    except subprocess.CalledProcessError as error:
        got = (error.stderr or "").strip() or f"git status {error.returncode}"
        raise Problem(
            "publishing from a commit", got, f"commit the work in {repo} first"
        ) from error
    return done.stdout


def _line(manifest: Manifest, date: str, comparison: Comparison) -> str:
    """The line of the changelog."""
    old = "nothing" if manifest.previous is None else f"`{manifest.previous[FILES[0]][:16]}`"
    effect = f"{comparison.added} rows added, {comparison.missing} removed, "
    effect += f"{comparison.changed} changed"
    if manifest.previous is not None:
        effect += f", {len(comparison.shifts)} results moved"
    new = manifest.sha256[FILES[0]][:16]
    place = f"{manifest.scale}/{manifest.study}"
    return f"- {date} {place} at {manifest.commit[:12]}: {old} → `{new}`, {effect}\n"


def _write(
    target: Path, data: dict[str, bytes], manifest: Manifest, changelog: Path, line: str
) -> None:
    """Write all files; where one is refused, put those before it back."""
    plain: dict[str, Any] = asdict(manifest)
    text = changelog.read_text() if changelog.exists() else TITLE
    head, body = text.split("\n\n", 1) if text.startswith("# ") and "\n\n" in text else ("", text)
    text = f"{head}\n\n{line}{body}" if head else line + body
    paths = [*(target / name for name in data), target / "MANIFEST.json", changelog]
    before = {path: path.read_bytes() if path.exists() else None for path in paths}
    try:
        for name, content in data.items():
            write_bytes(target / name, content)
        write_json(target / "MANIFEST.json", plain)
        write_text(changelog, text)
    except BaseException:
        for path, content_before in before.items():
            if content_before is None:
                path.unlink(missing_ok=True)
            elif path.read_bytes() != content_before:
                write_bytes(path, content_before)
        raise
