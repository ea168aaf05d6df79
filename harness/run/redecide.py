"""Deciding anew: the claims of a published reference by the rules at hand, its records untouched.

Of ``results/v1/<scale>/<study>/`` only the ``claims`` of ``MANIFEST.json`` are replaced: commit,
lock, machines and hashes speak of the records, and stay. :mod:`harness.run.anew` tells what may
change. ``results/CHANGELOG.md`` gets a line with the hash of the records, the digest of the claims
and the words that moved. It is written first: where a process is killed between the two, the line
has a digest that the manifest has not, ``patina verify`` says so, and the same command mends it.

Whether a published claim was confirmatory is read in the code of its commit
(:mod:`harness.run.former`) and proved by the sha256 that the manifest keeps.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from harness.cell import digest
from harness.problem import Problem
from harness.records import changelog as log
from harness.records.atomic import write_json, write_text
from harness.records.publish import FILES, VERSION, Manifest, read_manifest, rule_digest
from harness.records.turn import alone, clean_commit, git, sweep
from harness.run import reference
from harness.run.anew import Anew
from harness.run.former import former
from harness.run.verify import decided
from harness.studies import STUDIES

ASKED, THEN = "deciding anew", "and decide then"


def redecide(
    studies: Iterable[str], scale: str, results_dir: Path | str, repo: Path | str
) -> list[Anew]:
    """Decide the claims of published studies anew; what that has changed.

    All are checked before one is written, each in a step of its own. The same rules change nothing,
    not a byte. A publication, and another of these, waits.

    Errors: a :class:`Problem` for a study that is none or was not published, for records that are
    not what the manifest names, for a claim that may not change, for uncommitted changes where
    anything is to be written, and for a disk that refuses; the reference then stays.
    """
    results, repo = Path(results_dir), Path(repo)
    names = list(dict.fromkeys(studies))
    for name in names:
        STUDIES.entry(name)
    with alone(results):
        sweep(results, results / VERSION / scale)
        found = [_decided(results / VERSION / scale / name, repo) for name in names]
        commits = [
            clean_commit(repo, results, results / VERSION / scale / name, ASKED, THEN)
            if one.claims != one.before
            else None
            for name, one in zip(names, found)
        ]
        for name, one, commit in zip(names, found, commits):
            _keep(results / VERSION / scale / name, one, commit)
    return found


def _decided(folder: Path, repo: Path) -> Anew:
    """The claims of a reference, published and decided again; refused where they may not change."""
    scale, study = folder.parts[-2:]
    read = reference.read(folder.parents[1], scale, study)
    manifest = read_manifest(folder)
    now = {line["id"]: line for line in read.claims}
    lost = {name for name, line in manifest.claims.items() if _is_open(now.get(name), line)}
    known = _standing(lost, manifest, folder, repo) if lost else {}
    anew = Anew(f"{scale}/{study}", manifest.claims, now, known)
    same = now
    if anew.new:
        claims = [claim for claim in STUDIES[study].claims if claim.id in anew.unchanged]
        same = {line["id"]: line for line in decided(claims, read.records, scale)}
    anew.check(same)
    return anew


def _is_open(now: Mapping[str, Any] | None, published: Mapping[str, Any]) -> bool:
    """Whether git must tell if a published claim was confirmatory: its rule is not at hand, and
    that of a claim which is confirmatory now would be refused without."""
    if now is None:
        return True
    rules = [rule_digest({**now, "confirmatory": flag}) for flag in (False, True)]
    return not now["confirmatory"] and published["rule"] not in rules


def _standing(names: set[str], manifest: Manifest, folder: Path, repo: Path) -> dict[str, bool]:
    """Which of some published claims were confirmatory, of those that a commit proves.

    Asked are the commit at which they were decided, and the one that holds the manifest.
    """
    place = f"{manifest.scale}/{manifest.study}"
    line = log.decided(log.read(folder.parents[2] / "CHANGELOG.md"), place)
    at = re.search(r" at ([0-9a-f]{12}):", line or "")
    if line is None or at is None or not log.speaks_of(line, manifest.claims):
        first = manifest.commit
    else:
        first = at.group(1)
    path = str((folder / "MANIFEST.json").resolve())
    commits = [first, git(repo, "log", "-1", "--format=%H", "--", path, asked=ASKED).strip()]
    found: dict[str, bool] = {}
    for commit in filter(None, commits):
        if left := names - set(found):
            try:
                claims = former(repo, commit, manifest.study)
            except Problem:
                continue  # what no commit tells counts as confirmatory
            for name in left & set(claims):
                if rule_digest(claims[name]) == manifest.claims[name]["rule"]:
                    found[name] = bool(claims[name]["confirmatory"])
    return found


def _keep(folder: Path, one: Anew, commit: tuple[str, str] | None) -> None:
    """Write the line of the changelog, then the manifest; where that is refused, no line.

    commit: with its date; null where the claims are those of the manifest. A line that a killed
    process has left goes.
    """
    changelog = folder.parents[2] / "CHANGELOG.md"
    there, before = changelog.exists(), log.read(changelog)
    text = before
    line = log.decided(text, one.place)
    if line is not None and not log.speaks_of(line, one.before):
        text = text.replace(line, "", 1)
    if commit is None:
        if text != before:
            write_text(changelog, text)
        return
    manifest = replace(read_manifest(folder), claims=one.claims)
    at, date = commit
    rows = manifest.sha256[FILES[0]][:16]
    told = f"{log.ANEW} `{rows}`, now `{digest(one.claims)}`: {one.effect}"
    write_text(changelog, log.on_top(text, f"- {date} {one.place} at {at[:12]}: {told}\n"))
    try:
        write_json(folder / "MANIFEST.json", asdict(manifest))
    except BaseException:
        if there:
            write_text(changelog, before)
        else:
            changelog.unlink()
        raise
