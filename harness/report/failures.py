"""What a table must not lose: the rows that have no number, counted, each reason once."""

from collections.abc import Sequence

from harness.report.results import Group
from harness.report.words import words

LONGEST = 240  # characters of a reason in a note; the records keep the whole


def failed_rows(groups: Sequence[Group], factors: Sequence[str]) -> tuple[str, ...]:
    """One note for each cell, status and reason: how many rows, of which metrics and replicates."""
    notes = []
    for group in groups:
        kinds: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for row in group.failures:
            which = (row.metric, "" if row.replicate is None else str(row.replicate))
            kinds.setdefault((row.status, row.reason or ""), []).append(which)
        for (status, reason), places in kinds.items():
            metrics = list(dict.fromkeys(metric for metric, _ in places))
            replicates = list(dict.fromkeys(replicate for _, replicate in places if replicate))
            what = "the whole cell" if metrics == ["cell"] else _listed(metrics, "metric")
            where = f", {_listed(replicates, 'replicate')}" if replicates else ""
            short = reason if len(reason) <= LONGEST else reason[: LONGEST - 1] + "…"
            notes.append(
                f"{status}: {place(group, factors)}, {what}{where} ({_count(len(places))}): {short}"
            )
    return tuple(notes)


def place(group: Group, factors: Sequence[str] = ()) -> str:
    """A cell as its factors name it; all of them where none is chosen."""
    params = group.params
    names = [name for name in factors if name in params] or sorted(params)
    return ", ".join(f"{name} {words(params[name])}" for name in names) or group.cell_id


def _listed(names: Sequence[str], noun: str) -> str:
    if len(names) > 6:
        return f"{len(names)} {noun}s"
    return f"{noun if len(names) == 1 else noun + 's'} {', '.join(words(n) for n in names)}"


def _count(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows} rows"
