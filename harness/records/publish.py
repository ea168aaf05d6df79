"""Publishing: what the build made becomes the committed reference of a study.

``results/v1/<scale>/<study>/`` holds ``records.jsonl``, ``runs.jsonl`` and ``MANIFEST.json``, and
nothing else writes there, but for the claims of a manifest (``harness.run.redecide``). The folder
is replaced in one step: whoever reads, and whatever is killed, there is the old reference or the
new one, whole. The manifest holds the sha256 of both files, the verdict of each claim with the
sha256 of the rule that decided it, the lock of versions, the machines and the core-minutes:
``harness.run.verify`` holds all of it against what is there. ``results/CHANGELOG.md`` gets one line
on top with both hashes and the effect.

A reference is published from a clean commit, so that the commit in its manifest is the code that
made it and git keeps the reference that is replaced. Other references that were published and not
committed yet do not stand in the way; the one to be replaced must be committed.
"""

import hashlib
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, final

from harness.cell import canonical
from harness.problem import Problem
from harness.records import changelog as log
from harness.records.atomic import write_text
from harness.records.compare import Comparison, compare
from harness.records.exchange import replace_folder
from harness.records.files import read_json_lines, read_jsonl
from harness.records.record import READABLE, SCHEMA_VERSION, Record, plain_json
from harness.records.turn import alone, clean_commit, sweep

VERSION = "v1"
FILES = ("records.jsonl", "runs.jsonl")
AGAIN = "run the study again, and publish then"


@final
@dataclass(frozen=True)
class Manifest:
    """What a published study is.

    commit: from which it was published. sha256, previous: file name to hash; previous is null at
    first. rows: of records.jsonl. lock: the digest of the locked versions. machines: each
    processor, or card, with its versions. core_minutes: of all stages, each once, null where
    one does not say. claims: by id, what :func:`verdict_line` keeps.
    """

    study: str
    scale: str
    schema_version: str
    commit: str
    sha256: dict[str, str]
    rows: int
    previous: dict[str, str] | None
    lock: str
    machines: list[str]
    core_minutes: float | None
    claims: dict[str, dict[str, Any]]


def publish(
    study: str,
    scale: str,
    build_dir: Path | str,
    results_dir: Path | str,
    repo: Path | str,
    claims: Iterable[Mapping[str, Any]] = (),
    lock: str = "",
) -> Manifest:
    """Make ``build_dir/<scale>/<study>`` the reference in ``results_dir/v1/<scale>/<study>``.

    claims: the study's, decided, as ``harness.claims.claim.lines_of`` gives them. The same bytes as
    the reference change nothing; a second publication waits for the first.

    Errors: a :class:`Problem` for uncommitted changes, for a folder that is not a git repository
    with a commit, for records that are absent, empty, not valid or of another study, and for a disk
    that refuses; the reference then stays.
    """
    source = Path(build_dir) / scale / study
    target = Path(results_dir) / VERSION / scale / study
    with alone(Path(results_dir)):
        return _publish(study, scale, source, target, Path(repo), claims, lock)


def _publish(
    study: str,
    scale: str,
    source: Path,
    target: Path,
    repo: Path,
    claims: Iterable[Mapping[str, Any]],
    lock: str,
) -> Manifest:
    results_dir = target.parents[2]
    sweep(results_dir, target.parent)
    rows = read_jsonl(source / FILES[0])
    runs = read_json_lines(source / FILES[1])
    strangers = sorted({row.study for row in rows} - {study})
    if strangers or not rows:
        got = f"rows of {', '.join(strangers)}" if strangers else "no rows"
        raise Problem(f"records of {study} in {source}", got, "run the study again")
    data = {name: (source / name).read_bytes() for name in FILES}
    hashes = {name: hashlib.sha256(text).hexdigest() for name, text in data.items()}
    old = read_manifest(target) if (target / "MANIFEST.json").exists() else None
    kept = {str(line["id"]): verdict_line(line) for line in claims}
    changelog = results_dir / "CHANGELOG.md"
    if old is not None and old.sha256 == hashes and old.claims == kept:
        text = log.read(changelog)
        if _place(old) not in text:
            line = f"- {_place(old)}, published by a run that was killed\n"
            write_text(changelog, log.on_top(text, line))
        return old
    commit, date = clean_commit(repo, results_dir, target, "publishing", AGAIN)
    comparison = compare([] if old is None else published(results_dir, scale, study), rows)
    previous = None if old is None else old.sha256
    manifest = Manifest(
        study, scale, SCHEMA_VERSION, commit, hashes, len(rows), previous, lock, *made(runs), kept
    )
    _write(target, data, manifest, changelog, _line(manifest, date, comparison))
    return manifest


def rule_digest(claim: Mapping[str, Any]) -> str:
    """The sha256 of what decides a claim, as ``Claim.config`` gives it: the rule, the regime, and
    whether the claim is one of the family. Words of its statement may change."""
    decides = canonical([claim["rule"], claim["regime"], claim["confirmatory"]])
    return hashlib.sha256(decides.encode()).hexdigest()


def verdict_line(claim: Mapping[str, Any]) -> dict[str, Any]:
    """What a manifest keeps of a decided claim: the sha256 of its rule, the word, the effect."""
    verdict = claim["verdict"]
    kept = {name: verdict[name] for name in ("word", "effect", "low", "high", "unit")}
    return {"rule": rule_digest(claim), **kept}


def made(runs: Iterable[Mapping[str, Any]]) -> tuple[list[str], float | None]:
    """The machines of some runs, and their core-minutes, a stage that cells share counted once."""
    stages = {
        (name, stage["key"]): stage
        for run in runs
        for name, stage in run.get("stages", {}).items()
        if "processor" in stage
    }
    places = {
        f"{stage['accelerator'] or stage['processor']}, Python {stage['python']}, "
        f"torch {stage['torch']}, numpy {stage['numpy']}"
        for stage in stages.values()
    }
    if not all("core_seconds" in stage for stage in stages.values()):
        return sorted(places), None
    minutes = sum(stage["core_seconds"] for stage in stages.values()) / 60
    return sorted(places), round(minutes, 3)


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
        given = plain_json(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        fix = "publish the study first: patina publish STUDY"
        raise Problem(f"the reference in {folder}", error.strerror or str(error), fix) from error
    if given.get("schema_version") not in READABLE:
        raise Problem(
            f"a readable manifest in {path}",
            f"schema_version {given.get('schema_version')!r}",
            f"the readable versions are {', '.join(READABLE)}",
        )
    names = {field.name for field in fields(Manifest)}
    if wrong := sorted(names ^ set(given)):
        got = f"{', '.join(wrong)} unknown or missing"
        raise Problem(f"a manifest in {path}", got, f"restore it: git checkout -- {path}")
    return Manifest(**given)


def _line(manifest: Manifest, date: str, comparison: Comparison) -> str:
    """The line of the changelog."""
    effect = f"{comparison.added} rows added, {comparison.missing} removed, "
    effect += f"{comparison.changed} changed"
    if manifest.previous is not None:
        effect += f", {len(comparison.shifts)} results moved"
    return f"- {date} {_place(manifest)}, {effect}\n"


def _place(manifest: Manifest) -> str:
    """What a line of the changelog says of the reference: where, at which commit, both hashes."""
    old = "nothing" if manifest.previous is None else f"`{manifest.previous[FILES[0]][:16]}`"
    place = f"{manifest.scale}/{manifest.study} at {manifest.commit[:12]}"
    return f"{place}: {old} → `{manifest.sha256[FILES[0]][:16]}`"


def _write(
    target: Path, data: dict[str, bytes], manifest: Manifest, changelog: Path, line: str
) -> None:
    """Replace the folder in one step, then the changelog; where that is refused, put it back.

    A process that is killed between the two leaves a reference without its line in the changelog:
    the same publication once more adds it.
    """
    files = [*data, "MANIFEST.json"]
    before = {name: (target / name).read_bytes() for name in files if (target / name).exists()}
    new = {**data, "MANIFEST.json": (canonical(asdict(manifest)) + "\n").encode()}
    replace_folder(target, new)
    try:
        write_text(changelog, log.on_top(log.read(changelog), line))
    except BaseException:
        if before:
            replace_folder(target, before)
        else:
            shutil.rmtree(target)
        raise
