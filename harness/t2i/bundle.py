"""The bundle of a score: the files that belong together, written all or none, by one run at a time.

    r.jsonl           the results              r.scores.{pdf,svg,png}   the figure
    r.records.jsonl   the same as records      r.sheet.png              the contact sheet
    r.json            the summary, last: it holds the sha256 of all others

Every byte is on the disk before the first file gets its name. Names are given one after the other,
so a process that is killed outright in between leaves new files beside a summary that is older; the
summary's hashes then tell, and :func:`torn` says so. A lock on the name of the results keeps two
runs apart, and under it what killed runs of this machine left behind is swept away. Pictures of an
earlier score that this one does not make are removed: beside other numbers they would mislead.
"""

import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

from harness.geneval.entry import Entry, read_text
from harness.problem import Problem
from harness.records.atomic import write_together
from harness.t2i.claim import alone

RESULTS, SUMMARY, RECORDS = ".jsonl", ".json", ".records.jsonl"
PICTURES = (".scores.pdf", ".scores.svg", ".scores.png", ".sheet.png")
ALL = (RESULTS, RECORDS, *PICTURES, SUMMARY)
LEFT = re.compile(r"\.(?P<process>[0-9]+)-[0-9a-f]{8}\.tmp(\.[0-9]+-[0-9a-f]{8}\.tmp)?")


def hashes(made: Mapping[str, bytes]) -> dict[str, str]:
    """The sha256 of each file of a bundle, by its suffix, as the summary holds them."""
    return {suffix: hashlib.sha256(data).hexdigest() for suffix, data in made.items()}


def write(out: Path, made: Mapping[str, bytes]) -> tuple[list[Path], list[Path]]:
    """Write the files of a bundle, by suffix, the summary last: the written and the removed ones.

    out: the results, ``r.jsonl``. Raises ``Problem``, with the name of a file, for what the disk
    refuses; then all is as it was.
    """
    order = sorted(made, key=ALL.index)
    paths = {out.with_suffix(suffix): made[suffix] for suffix in order}
    with alone(out):
        _sweep(out)
        try:
            write_together(paths)
        except Problem as problem:
            names = sorted(paths, key=lambda path: -len(path.name))
            meant = next((path for path in names if path.name in problem.asked), out)
            raise Problem(f"writing {meant}", problem.got, problem.fix) from problem
        old = [path for path in map(out.with_suffix, PICTURES) if path not in paths]
        removed = [path for path in old if path.is_file()]
        for path in removed:
            path.unlink()
    return list(paths), removed


def _sweep(out: Path) -> None:
    """Remove the temporary files that killed runs of this machine left of these names."""
    for suffix in ALL:
        name = out.with_suffix(suffix).name
        for path in out.parent.iterdir():
            head, mark, tail = path.name.partition(f".{name}")
            found = LEFT.fullmatch(tail)
            if mark and head in ("", ".") and found and not _alive(int(found["process"])):
                path.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    """Whether another process of this number runs; what this one left is an earlier one's."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def torn(results: Path, schema: str) -> tuple[str, ...]:
    """What beside results is not of the run that wrote their summary, as notes; none without one.

    schema: that of summaries.
    """
    summary = results.with_suffix(SUMMARY)
    if results.suffix != RESULTS or not summary.is_file():
        return ()
    try:
        said = Entry.parse(read_text(summary, "summary"), str(summary)).value
    except Problem:
        return (f"{summary.name} beside the results is no summary: it may be torn",)
    files = said.get("files")
    if said.get("schema") != schema or not isinstance(files, dict):
        return ()
    other = [
        path.name
        for suffix, digest in files.items()
        if suffix in ALL
        for path in [results.with_suffix(suffix)]
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest
    ]
    if not other:
        return ()
    return (
        f"{summary.name} is of another run than {', '.join(other)}: the files beside these results "
        "do not belong together; score the images again",
    )
