"""What two builds took, side by side: shown and never judged.

Time and memory are the machine's as much as the program's, so ``patina compare`` prints them and
decides nothing by them. They stand in two places: ``runs.jsonl`` beside the records has the seconds
of each stage, with the processor, and a record whose unit is one of ``UNITS`` is a cost itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from harness.records.files import read_json_lines
from harness.records.record import Record

UNITS = ("s", "seconds", "minutes", "core-minutes", "images/s", "bytes", "FLOP")


@final
@dataclass(frozen=True)
class Cost:
    """One cost on both sides, in ``unit``; null where a side has none."""

    what: str
    unit: str
    reference: float | None
    new: float | None


@final
@dataclass(frozen=True)
class Spent:
    """What one build of a study took. minutes: of the cores where that was measured, else of the
    clock; a stage that cells share counts once. places: its processors or cards."""

    minutes: float
    places: tuple[str, ...]


def is_cost(row: Record) -> bool:
    return row.unit in UNITS


def spent(runs: Iterable[Mapping[str, Any]]) -> Spent | None:
    """What these runs took; null where none of them says."""
    stages = {
        (name, stage["key"]): stage
        for run in runs
        for name, stage in run.get("stages", {}).items()
        if stage.get("seconds") is not None
    }.values()
    if not stages:
        return None
    places = {stage.get("accelerator") or stage.get("processor") or "?" for stage in stages}
    total = sum(stage.get("core_seconds") or stage["seconds"] for stage in stages)
    return Spent(total / 60, tuple(sorted(places)))


def of_builds(reference: Sequence[Path], new: Sequence[Path]) -> tuple[Cost, ...]:
    """The costs of the studies whose files of records these are, by the runs beside them.

    Studies are matched by the name of their folder; where each side is one file, those two are. A
    side without runs, or whose runs say no times, is named and has no number.
    """
    sides = [{path.parent.name: _beside(path) for path in paths} for paths in (reference, new)]
    if len(reference) == len(new) == 1:
        sides[1] = {reference[0].parent.name: _beside(new[0])}
    found = []
    for study in sorted(sides[0].keys() & sides[1].keys()):
        old, now = (side[study] for side in sides)
        lacks = [
            f"{side} has {told}"
            for side, told in (("the reference", old), ("the new one", now))
            if isinstance(told, str)
        ]
        both = [one for one in (old, now) if isinstance(one, Spent)]
        places = list(dict.fromkeys(", ".join(side.places) for side in both))
        what = " ".join([study, *(["on", " → ".join(places)] if places else [])])
        minutes = [one.minutes if isinstance(one, Spent) else None for one in (old, now)]
        found.append(Cost("; ".join([what, *lacks]), "minutes", *minutes))
    return tuple(found)


def _beside(records: Path) -> Spent | str:
    """What the runs beside some records took; in words, why that is not known."""
    runs = records.with_name("runs.jsonl")
    if not runs.is_file():
        return "no runs.jsonl"
    return spent(read_json_lines(runs)) or "a runs.jsonl without times"
