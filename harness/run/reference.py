"""Records that lie outside the build, such as the published ones, as tables and claims read them.

They lie in SOURCE/<scale>/<study>, records and runs. The verdicts are decided from them, with the
rules of the code at hand: nothing but records is published. What a manifest names is checked
against its hash.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from harness.claims.claim import lines_of
from harness.claims.decide import decide_all
from harness.problem import Problem
from harness.records.files import read_json_lines, read_jsonl
from harness.records.publish import VERSION, published
from harness.records.record import Record
from harness.run.verdicts import dataset_of
from harness.scale import read_sizes
from harness.studies import STUDIES


class Read(NamedTuple):
    """Records, runs and decided claims of a study, as the results of a build hold them."""

    records: list[Record]
    runs: list[dict[str, Any]]
    claims: list[dict[str, Any]]


def studies(source: Path, scale: str) -> list[str]:
    """The studies that have records there, in the table's order; a :class:`Problem` if none."""
    read_sizes(scale)
    found = [name for name in STUDIES if (source / scale / name / "records.jsonl").is_file()]
    if not found:
        there = sorted(path.parts[-3] for path in source.glob("*/*/records.jsonl"))
        held = ", ".join(dict.fromkeys(there)) or "no scale"
        fix = f"it holds {held}; the published records lie in results/{VERSION}"
        raise Problem(f"records of the scale {scale} in {source}", "none", fix)
    return found


def read(source: Path, scale: str, study: str) -> Read:
    """One study; a :class:`Problem` where it is not there, or not what its manifest names."""
    there = studies(source, scale)
    if study not in there:
        fix = f"there are {', '.join(there)}"
        raise Problem(f"records of {study} at {scale} in {source}", "none", fix)
    folder = source / scale / study
    if (folder / "MANIFEST.json").is_file() and source.resolve().name == VERSION:
        rows = published(source.resolve().parent, scale, study)
    else:
        rows = read_jsonl(folder / "records.jsonl")
    runs = folder / "runs.jsonl"
    claims = STUDIES[study].claims
    verdicts = decide_all(claims, rows, scale, datasets=dataset_of([runs]))
    lines = json.loads(json.dumps(lines_of(claims, verdicts)))  # as a file of claims gives them
    return Read(rows, read_json_lines(runs) if runs.is_file() else [], lines)
