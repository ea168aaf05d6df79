"""Whether published results are still what was published: ``patina verify``.

Of each reference (``harness.records.publish``) that is there, or that the changelog says was
published, four things are asked.

    bytes       both files have the sha256 that the manifest names; nothing else lies there
    schema      every line is a record, or a run, of a readable version, and says of itself what
                its folder says; each cell of the records has its run; the machines and the
                core-minutes of the manifest are those of the runs
    verdicts    decided again from the records, each claim whose rule is still the one that was
                published has the published word, unit and effect, to 1e-9 relative
    changelog   its newest line of a publication has the hash and the commit; where a newer
                one is of claims decided anew (``harness.run.redecide``), the manifest has the
                claims that this names

A rule that has changed since, a claim that is new and one that is gone are named: they do not make
the records wrong, and the report marks them; ``patina decide`` brings verdicts and rules together.
All contrasts of a study share variances, and its confirmatory claims Holm's correction. So what is
new is left aside while the others are decided; where a rule has changed or gone, their words and
intervals may have moved, and effects alone are held against the manifest.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from harness.claims.claim import Claim, lines_of
from harness.claims.decide import decide_all
from harness.problem import Problem
from harness.records import changelog as log
from harness.records.files import read_json_lines, read_jsonl
from harness.records.publish import (
    FILES,
    VERSION,
    Manifest,
    made,
    read_manifest,
    rule_digest,
    verdict_line,
)
from harness.records.record import Record
from harness.studies import STUDIES

SAME = 1e-9  # relative
SCHEMA = Path(__file__).resolve().parents[2] / "results" / VERSION / "schema"
NUMBERS = ("effect", "low", "high")


@final
@dataclass(frozen=True)
class Verified:
    """One reference. wrong: what makes it another than was published. moved: what has changed in
    the rules since. verdicts: how many were decided again and are the published ones."""

    place: str
    rows: int
    verdicts: int
    wrong: tuple[str, ...]
    moved: tuple[str, ...]

    def __str__(self) -> str:
        head = f"{self.place}: {self.rows} rows, {self.verdicts} verdicts"
        told = [f"  WRONG: {text}" for text in self.wrong] + [f"  {text}" for text in self.moved]
        return "\n".join([head, *told])


def references(results: Path, scale: str | None = None, studies: str | None = None) -> list[Path]:
    """The folders of references, all or those of a scale and of some studies (with commas).

    Raises ``Problem`` where there is none, and for a study that has none.
    """
    manifests = (results / VERSION).glob("*/*/MANIFEST.json")
    return _chosen(results, {path.parent for path in manifests}, scale, studies)


def promised(results: Path, scale: str | None = None, studies: str | None = None) -> list[Path]:
    """The same with the folders that have files and no manifest, and with those of which nothing
    is left but their lines in the changelog: ``verify`` tells what they lack."""
    files = (results / VERSION).glob("*/*/[!.]*")
    published = log.places(log.read(results / "CHANGELOG.md"))
    folders = {path.parent for path in files} | {results / VERSION / place for place in published}
    return _chosen(results, folders, scale, studies)


def _chosen(results: Path, every: set[Path], scale: str | None, studies: str | None) -> list[Path]:
    found = sorted(every)
    folders = [path for path in found if scale in (None, path.parts[-2])]
    if studies is not None:
        wanted = {name.strip() for name in studies.split(",") if name.strip()}
        folders = [folder for folder in folders if folder.name in wanted]
        if lost := sorted(wanted - {folder.name for folder in folders}):
            there = ", ".join(sorted({path.parts[-1] for path in found})) or "none"
            raise Problem(f"the references of {', '.join(lost)}", "none", f"there are {there}")
    if not folders:
        there = ", ".join(sorted({path.parts[-2] for path in found})) or "no scale"
        place = results / VERSION
        asked = f"references in {place}" + (f" at {scale}" if scale else "")
        raise Problem(asked, "none", f"it holds {there}; name the folder that holds {VERSION}")
    return folders


def verify(folder: Path) -> Verified:
    """Hold one reference against its manifest, the schema, and the rules of the code at hand."""
    scale, study = folder.parts[-2:]
    place = f"{scale}/{study}"
    try:
        manifest = read_manifest(folder)
    except Problem as problem:
        return Verified(place, 0, 0, (_unread(folder, str(problem)),), ())
    wrong = list(_bytes(folder, manifest))
    if (manifest.scale, manifest.study) != (scale, study):
        wrong.append(f"its manifest is that of {manifest.scale}/{manifest.study}")
    count, held = 0, 0
    moved: list[str] = []
    try:
        rows = read_jsonl(folder / FILES[0])
        runs = read_json_lines(folder / FILES[1])
        count = len(rows)
        wrong += _schema(folder, manifest, rows, runs)
        if study in STUDIES:
            claims = STUDIES[study].claims
            held, others, moved = _verdicts(manifest.claims, claims, rows, scale)
            wrong += others
        else:
            moved = [f"{study} is no study any more: its verdicts cannot be decided again"]
    except Problem as problem:
        wrong.append(str(problem))
    wrong += _changelog(folder, manifest)
    return Verified(place, count, held, tuple(wrong), tuple(moved))


def _unread(folder: Path, problem: str) -> str:
    """What is wrong with a reference without a manifest that is whole."""
    text = log.read(folder.parents[2] / "CHANGELOG.md")
    if (folder / "MANIFEST.json").exists() or "/".join(folder.parts[-2:]) not in log.places(text):
        return problem
    what = "its MANIFEST.json" if folder.exists() else "its folder"
    return (
        f"it was published, by results/CHANGELOG.md, and {what} is gone; git checkout -- {folder}"
    )


def _bytes(folder: Path, manifest: Manifest) -> Iterator[str]:
    """What is not as the manifest has it, byte for byte."""
    for name in FILES:
        expected = manifest.sha256.get(name, "no hash")
        try:
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError as error:
            found = error.strerror or str(error)
        if found != expected:
            yield (
                f"{folder / name} is not what was published: sha256 {found[:16]} in place of "
                f"{expected[:16]}; git checkout -- {folder}"
            )
    known = {*FILES, "MANIFEST.json"}
    for path in sorted(folder.iterdir()):
        if path.name not in known:
            yield f"{path} is no part of a reference: remove it"


def _schema(
    folder: Path, manifest: Manifest, rows: list[Any], runs: list[dict[str, Any]]
) -> Iterator[str]:
    """What of runs and manifest the schema refuses, and what contradicts another file.

    Records were held against their schema, and more, when they were read.
    """
    path = folder / "MANIFEST.json"
    named = [(str(path), "manifest", json.loads(path.read_text(encoding="utf-8")))]
    named += [(f"{folder / FILES[1]}:{k}", "run", run) for k, run in enumerate(runs, 1)]
    for where, kind, value in named:
        if (fault := schema_fault(kind, value)) is not None:
            yield f"{where}: {fault}"
            return  # one is enough: the others are likely the same
    if len(rows) != manifest.rows:
        yield f"{len(rows)} rows where the manifest has {manifest.rows}"
    if strangers := sorted({row.study for row in rows} - {folder.name}):
        yield f"rows of {', '.join(strangers)}"
    machines, minutes = made(runs)
    if manifest.machines != machines:
        yield f"its manifest has the machines {manifest.machines}, its runs {machines}"
    if not _same(manifest.core_minutes, minutes):
        yield f"its manifest has {manifest.core_minutes} core-minutes, its runs {minutes}"
    cells, ran = {row.cell_id for row in rows}, {run["cell_id"] for run in runs}
    for text, lost in (("rows without a run", cells - ran), ("runs without a row", ran - cells)):
        if lost:
            yield f"{text}: cell {sorted(lost)[0]}" + (
                f" and {len(lost) - 1} more" if len(lost) > 1 else ""
            )


def schema_fault(kind: str, value: Any) -> str | None:
    """What the JSON Schema of a record, a run or a manifest refuses in a value, in words."""
    fault = next(_validator(kind).iter_errors(value), None)
    if fault is None:
        return None
    place = "/".join(map(str, fault.absolute_path)) or "the whole"
    return f"{place}: {fault.message[:200]}"


def _validator(kind: str) -> Any:
    from jsonschema import Draft202012Validator

    text = (SCHEMA / f"{kind}.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def _verdicts(
    published: Mapping[str, Mapping[str, Any]],
    claims: Sequence[Claim],
    rows: Sequence[Record],
    scale: str,
) -> tuple[int, list[str], list[str]]:
    """How many verdicts are the published ones; those that are not; rules that have changed."""
    rules = {claim.id: rule_digest(claim.config()) for claim in claims}
    both = sorted(set(rules) & set(published))
    changed = [name for name in both if rules[name] != published[name]["rule"]]
    new, gone = sorted(set(rules) - set(published)), sorted(set(published) - set(rules))
    moved = [f"the rule of {name} has changed since it was published" for name in changed]
    moved += [f"{name} is a claim that was added since" for name in new]
    moved += [f"{name} is a claim no more" for name in gone]
    alone = [claim for claim in claims if claim.id not in new]
    now = {line["id"]: verdict_line(line) for line in decided(alone, rows, scale)}
    held, wrong = 0, []
    for name in sorted(set(both) - set(changed)):
        was, found = published[name], now[name]
        if same_line(was, found):
            held += 1
        elif not (changed or gone) or not _same_effect(was, found):
            wrong.append(
                f"{name} was published as {_said(was)} and its rule now decides {_said(found)}"
            )
    return held, wrong, moved


def decided(claims: Sequence[Claim], rows: Sequence[Record], scale: str) -> list[dict[str, Any]]:
    """Claims with their verdicts on some rows, as a file of claims has them."""
    lines = lines_of(claims, decide_all(claims, rows, scale))
    return [dict(line) for line in json.loads(json.dumps(lines))]


def _said(line: Mapping[str, Any]) -> str:
    numbers = ", ".join(f"{key} {line[key]}" for key in NUMBERS if line[key] is not None)
    unit = f" {line['unit']}" if line["unit"] else ""
    return f"{line['word']} ({numbers}{unit})" if numbers or unit else str(line["word"])


def same_line(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two lines of a manifest have one word and unit and, to 1e-9, the same numbers."""
    words = all(one[key] == other[key] for key in ("word", "unit"))
    return words and all(_same(one[key], other[key]) for key in NUMBERS)


def _same_effect(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return one["unit"] == other["unit"] and _same(one["effect"], other["effect"])


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=SAME, abs_tol=1e-12)


def _changelog(folder: Path, manifest: Manifest) -> Iterator[str]:
    """What the changelog does not say of a reference, or says in vain."""
    scale, study = folder.parts[-2:]
    text = log.read(folder.parents[2] / "CHANGELOG.md")
    newest = log.published(text, f"{scale}/{study}")
    if newest is None or f"→ `{manifest.sha256.get(FILES[0], '-')[:16]}`" not in newest:
        yield "results/CHANGELOG.md has no line with its hash on top: publish it again"
    if newest is not None and f" at {manifest.commit[:12]}:" not in newest:
        yield f"its manifest has the commit {manifest.commit[:12]}, and the changelog: {newest}"
    line = log.decided(text, f"{scale}/{study}")
    if line is not None and not log.speaks_of(line, manifest.claims):
        again = f"patina decide {study} --scale {scale}"
        yield f"results/CHANGELOG.md tells of claims that its manifest has not: {again}"
