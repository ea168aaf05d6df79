"""From a number to what made it: ``patina explain PLACE``.

A place is one of these:

    gated-beats-clean                         a claim, by its id
    claim.gated-beats-clean.low               a number of the paper, by its key in numbers.json
    ambient_blur.mlp.images                   a setting that the paper quotes, likewise
    ambient_blur:fd_random_conv               a metric of a study: a column, a panel
    ambient_blur:fd_random_conv:arm=clean,network=mlp      a cell of a table, a point of a figure
    ambient_blur:fd_random_conv:arm=clean,network=mlp:3    one of its replicates, which is one row

What is told of it: the rule and the verdict where it is a claim; the rows, by file and line; for
each of their cells the configuration's own hash, the streams that it draws from, and for each stage
its key, machine, versions and commit; the lock; and the command that makes it again.

A number is looked up in the build of a scale where that has made its study, else in the published
results.
"""

import json
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from harness.claims.claim import Claim
from harness.claims.place import used
from harness.nets import NETWORKS
from harness.plugin import VARIABLE as PLUGINS
from harness.problem import Problem
from harness.records.publish import VERSION, read_manifest
from harness.records.record import Plain, Record
from harness.run import reference
from harness.run.address import Address, read
from harness.run.code import lock_digest
from harness.run.verdicts import interval

TEST = ("effect", "low", "high", "low90", "high90", "p_holm", "n", "smallest_resolvable")
SHOWN = 12  # rows, cells and numbers that are written out; the rest are counted


@final
@dataclass(frozen=True)
class Place:
    """What was asked for, found: the rows behind it and where they lie.

    asked: as it was written. file: of the rows. runs: by cell, as runs.jsonl has them. claim: with
    its decided line, where one was named; number: with unit, where one of its numbers was. source:
    the folder that was named to look in.
    """

    asked: str
    scale: str
    study: str
    file: Path
    rows: tuple[Record, ...]
    lines: tuple[int, ...]
    runs: Mapping[str, Mapping[str, Any]]
    claim: Claim | None = None
    decided: Mapping[str, Any] | None = None
    number: Mapping[str, Any] | None = None
    source: Path | None = None

    @property
    def cells(self) -> list[str]:
        """The cells of the rows, each once, in their order."""
        return list(dict.fromkeys(row.cell_id for row in self.rows))


def find(asked: str, scale: str, build: Path, results: Path, source: Path | None = None) -> Place:
    """The rows of a place, in a build of the scale, else in the published results.

    source: a folder SCALE/STUDY of records to look in instead. Raises ``Problem`` for a place that
    is none, and for one without a row, with what there is.
    """
    address = read(asked)
    claim, study = address.claim, address.study
    where = source or _where(study, scale, build, results)
    found = reference.read(where, scale, study)
    lines = {row.key(): number for number, row in enumerate(found.records, 1)}
    if claim is not None:
        rows = _once(used(claim.rule, found.records))
    elif address.metric:
        rows = _matching(asked, found.records, address)
    else:
        cells = {run["cell_id"] for run in found.runs if _quoted(run, address.factors)}
        rows = [row for row in found.records if row.cell_id in cells]
    if not rows:
        raise Problem(asked, f"no row of {study} at {scale} in {where}", "run the study first")
    decided = next((line for line in found.claims if claim and line["id"] == claim.id), None)
    number = None
    if decided is not None and address.number:
        number = _number(asked, decided, address.number)
    return Place(
        asked,
        scale,
        study,
        where / scale / study / "records.jsonl",
        tuple(rows),
        tuple(lines[row.key()] for row in rows),
        {run["cell_id"]: run for run in found.runs},
        claim,
        decided,
        number,
        source,
    )


def _where(study: str, scale: str, build: Path, results: Path) -> Path:
    """The folder of scales that holds the study: the build's, else the published one."""
    if (build / scale / study / "records.jsonl").is_file():
        return build
    return results / VERSION


def _matching(asked: str, rows: Sequence[Record], address: Address) -> list[Record]:
    """The rows of a metric whose factors are those named; a ``Problem`` says which there are."""
    metric, replicate = address.metric, address.replicate
    named = [row for row in rows if row.metric == metric]
    if not named:
        there = sorted({row.metric for row in rows})
        near = [name for name in there if name.split("/")[0] == metric.split("/")[0]] or there
        raise Problem(asked, f"no metric {metric}", f"there are {', '.join(near[:12])}")
    found = [row for row in named if _has(row.params, address.factors)]
    if not found:
        cells = sorted({_factors(row.params) for row in named})
        raise Problem(asked, "no cell with these factors", f"there are {'; '.join(cells[:6])}")
    if replicate is not None:
        found = [row for row in found if row.replicate == replicate]
        if not found:
            raise Problem(asked, f"no replicate {replicate}", "count them from 0")
    return found


def _number(asked: str, decided: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A number of a decided claim, with its unit; a ``Problem`` says which there are."""
    there = numbers(decided)
    if name in there:
        return there[name]
    near = [key for key in there if key.split(".")[0] == name.split(".")[0]] or list(there)
    more = f" and {len(near) - SHOWN} more" if len(near) > SHOWN else ""
    fix = f"the known ones are {', '.join(near[:SHOWN])}{more}"
    raise Problem(asked, f"no such number {name!r} of this claim", fix)


def numbers(decided: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The numbers of a decided claim with their units, by their names in the paper's numbers.json
    (``harness.report.facts``), the claim's own before those of its tests."""
    verdict = decided["verdict"]
    told = {"word": ("", verdict["word"])}
    told |= {key: (verdict["unit"], verdict[key]) for key in ("effect", "low", "high")}
    for key, value in sorted(verdict["numbers"].items()):
        told[key] = ("share" if key == "threshold" else "", value)
    for test in verdict["conditions"]:
        for key in TEST:
            unit = "" if key in ("p_holm", "n") else test["unit"]
            told[f"{test['metric']}.{test['condition']}.{key}"] = (unit, test[key])
    return {key: {"unit": unit, "value": value} for key, (unit, value) in told.items()}


def _has(params: Mapping[str, Plain], factors: Mapping[str, str]) -> bool:
    return all(name in params and str(params[name]) == text for name, text in factors.items())


def _quoted(run: Mapping[str, Any], factors: Mapping[str, str]) -> bool:
    """Whether the paper quotes settings of this run: those of a network, else of all."""
    networks = {stage.get("network", {}).get("name") for stage in run["config"]}
    return factors["network"] in networks or factors["network"] not in NETWORKS


def _once(rows: Sequence[Record]) -> list[Record]:
    return list({row.key(): row for row in rows}.values())


def _factors(params: Mapping[str, Plain]) -> str:
    return ",".join(f"{name}={params[name]}" for name in sorted(params))


def explain(place: Place, results: Path) -> str:
    """What is to be told of a place, for a person."""
    parts = [f"{place.asked}, {place.study} at {place.scale}", *_verdict(place)]
    parts.append(f"rows: {len(place.rows)} of {place.file}")
    for row, line in list(zip(place.rows, place.lines))[:SHOWN]:
        error = "" if row.standard_error is None else f" ± {row.standard_error:.3g}"
        value = f"{row.value!r}{error} {row.unit}".rstrip() if row.ok else f"{row.status}"
        of = "" if row.replicate is None else f" replicate {row.replicate}"
        parts.append(f"  :{line} {row.metric} {_factors(row.params)}{of}: {value}")
    parts += _more(len(place.rows), "rows")
    parts.append("cells:")
    for cell in place.cells[:SHOWN]:
        parts += _cell(place.runs.get(cell, {"cell_id": cell, "stages": {}}))
    parts += _more(len(place.cells), "cells")
    folder = results / VERSION / place.scale / place.study
    published = place.file.parent.resolve() == folder.resolve()
    if published:
        manifest = read_manifest(folder)
        parts.append(f"lock: {manifest.lock}; the one at hand is {lock_digest()}")
        parts.append(f"published at {manifest.commit}")
    else:
        parts.append(f"lock: {lock_digest()}")
    commits = sorted({c for cell in place.cells for c in _commits(place.runs.get(cell, {}))})
    if len(commits) == 1 and not commits[0].endswith("+"):
        parts.append(f"the code that made it: git checkout {commits[0]}")
    parts.append(f"make it again, and compare: {_again(place, results)}")
    return "\n".join(parts)


def _again(place: Place, results: Path) -> str:
    """The command that makes the place again and holds it against the same rows."""
    words = ["patina"]
    for file in filter(None, os.environ.get(PLUGINS, "").split(os.pathsep)):
        words += ["--plugin", shlex.quote(file)]
    words += ["rerun", "--scale", place.scale]
    if place.source is not None:
        words += ["--from", shlex.quote(str(place.source))]
    elif results != Path("results"):
        words += ["--results", shlex.quote(str(results))]
    asked = shlex.quote(place.asked)
    return " ".join([*words, asked if asked[0] == "'" else f"'{asked}'"])


def _verdict(place: Place) -> list[str]:
    """A claim's statement, rule and verdict."""
    if place.claim is None or place.decided is None:
        return []
    claim, verdict = place.claim, place.decided["verdict"]
    rule = json.dumps(claim.config()["rule"], default=str)
    number = [] if place.number is None else [f"number: {_valued(place.number)}"]
    return [
        *number,
        f"  {claim.statement}",
        f"  {claim.source}",
        f"verdict: {verdict['word']}  {interval(verdict)}".rstrip(),
        f"  {verdict['reason']}",
        f"rule: {rule}",
    ]


def _valued(number: Mapping[str, Any]) -> str:
    value = "not measured" if number["value"] is None else number["value"]
    return f"{value} {number['unit']}".rstrip()


def _cell(run: Mapping[str, Any]) -> list[str]:
    """A cell with its stages."""
    factors = _factors(run.get("params", {})) or "no factors"
    lines = [f"  {run['cell_id']} {factors}, {run.get('replicates', '?')} replicates"]
    streams = sorted({_dataset(stage) for stage in run.get("config", []) if stage.get("dataset")})
    if streams:
        lines.append(
            "    draws from the streams of (data set, replicate, name), data set "
            + " and ".join(streams)
        )
    for name, stage in run["stages"].items():
        told = [f"key {stage['key']}"]
        if "processor" in stage:
            told.append(stage["accelerator"] or stage["processor"])
            told.append(f"Python {stage['python']}, torch {stage['torch']}, numpy {stage['numpy']}")
            told.append(f"commit {stage['commit']}, {stage['seconds']:.3g} s, {stage['finished']}")
        lines.append(f"    {name}: {'; '.join(told)}")
    return lines


def _dataset(stage: Mapping[str, Any]) -> str:
    given = dict(stage["dataset"])
    name = given.pop("name")
    return f"{name}({','.join(f'{key}={given[key]}' for key in sorted(given))})"[:90]


def _commits(run: Mapping[str, Any]) -> list[str]:
    return [stage["commit"] for stage in run.get("stages", {}).values() if stage.get("commit")]


def _more(count: int, what: str) -> list[str]:
    return [f"  and {count - SHOWN} {what} more"] if count > SHOWN else []
