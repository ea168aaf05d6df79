"""Two sets of records compared: did a change move a result?

Rows are matched by study, factors, cell, replicate and metric.

- A row of the reference that is not among the new ones is a failure, and so is a row whose
  status, unit, direction or tier differs. Rows that are only new are named.
- Two ``exact`` rows must agree to 1e-9 relative, 1e-12 absolute near 0, with equal n.
- ``tolerance`` rows are judged as groups, one for each (study, cell, metric), over the replicates
  (``harness.records.shift``): a comparison in which nothing moved reports a shift in at most one of
  a hundred cases.
- Rows that are costs (``harness.records.costs``), and the time that the builds took, are shown and
  judge nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from harness.records.costs import Cost, is_cost
from harness.records.record import Record
from harness.records.shift import ABSOLUTE, Shift, group, judge

RELATIVE = 1e-9
SHOWN = 40
METRICS = 3

Key = tuple[str, str, str, int, str]


@final
@dataclass(frozen=True)
class Failure:
    """One row that must not differ and does. kind: missing, status, meaning or value."""

    kind: str
    row: str
    reference: str
    new: str


@final
@dataclass(frozen=True)
class Comparison:
    """What differs. ok: nothing failed and nothing moved.

    only_reference, only_new: the rows that one side alone has, named cell by cell.
    """

    failures: tuple[Failure, ...]
    groups: tuple[Shift, ...]
    missing: int
    added: int
    changed: int
    common: int
    only_reference: tuple[str, ...]
    only_new: tuple[str, ...]
    costs: tuple[Cost, ...] = ()

    @property
    def shifts(self) -> tuple[Shift, ...]:
        """The groups whose mean moved at 1 % after Holm."""
        return tuple(group for group in self.groups if group.moved)

    @property
    def not_comparable(self) -> tuple[Shift, ...]:
        return tuple(group for group in self.groups if group.p is None)

    @property
    def ok(self) -> bool:
        return not self.failures and not self.shifts

    @property
    def head(self) -> str:
        """What differs, counted, in one line."""
        equal = sum(group.test == "equal" for group in self.groups)
        return (
            f"{self.common} rows in both ({self.changed} changed), {self.missing} only in the "
            f"reference, {self.added} only new; {len(self.failures)} failures, "
            f"{len(self.shifts)} of {len(self.groups)} groups moved, {equal} equal, "
            f"{len(self.not_comparable)} not comparable"
        )

    def _tables(self) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
        """Heads and rows of the tables: what failed, what moved or cannot be compared, what one
        side alone has, and what was spent."""
        failures = [
            (f.kind, f.row, f.reference, f.new) for f in self.failures if f.kind != "missing"
        ]
        moved = [
            (group.test, group.row, f"{group.reference:.6g}", f"{group.new:.6g}", _p(group))
            for group in (*self.shifts, *self.not_comparable)
        ]
        return [
            (("failure", "row", "reference", "new"), [tuple(row) for row in failures]),
            (("test", "group", "reference", "new", "Holm p"), [tuple(row) for row in moved]),
            (("missing: rows of the reference alone",), [(name,) for name in self.only_reference]),
            (("new: rows that the reference lacks",), [(name,) for name in self.only_new]),
            (
                ("cost (not judged)", "unit", "reference", "new"),
                [(c.what, c.unit, _number(c.reference), _number(c.new)) for c in self.costs],
            ),
        ]

    def __str__(self) -> str:
        return "\n".join(
            [self.head, *(line for head, rows in self._tables() for line in _table(head, rows))]
        )

    def markdown(self) -> str:
        """The same for a pull request: a word, the counts, and a table where there is one."""
        lost = all(failure.kind == "missing" for failure in self.failures) and not self.shifts
        word = "**Rows are missing**" if lost else "**Results moved**"
        word = "No result moved" if self.ok else word
        parts = [f"### {word}", "", self.head + "."]
        for head, rows in self._tables():
            if not rows:
                continue
            parts += ["", f"| {' | '.join(head)} |", "|" + " --- |" * len(head)]
            parts += ["| " + " | ".join(map(_plain, row)) + " |" for row in rows[:SHOWN]]
            if len(rows) > SHOWN:
                parts += ["", f"and {len(rows) - SHOWN} more"]
        return "\n".join(parts)


def compare(
    reference: Iterable[Record], new: Iterable[Record], costs: Iterable[Cost] = ()
) -> Comparison:
    """Compare new rows with those of a reference. costs: of the builds, to be shown beside."""
    before = {row.key(): row for row in reference}
    after = {row.key(): row for row in new}
    common = sorted(before.keys() & after.keys())
    missing = sorted(before.keys() - after.keys())
    added = sorted(after.keys() - before.keys())
    failures = [Failure("missing", _name(key), _shown(before[key]), "no row") for key in missing]
    for key in common:
        failures += _row_failures(key, before[key], after[key])
    paid = [
        Cost(_name(key), before[key].unit, before[key].value, after[key].value)
        for key in common
        if is_cost(before[key]) and is_cost(after[key])
    ]
    return Comparison(
        failures=tuple(failures),
        groups=_groups(before, after),
        missing=len(missing),
        added=len(added),
        changed=sum(_changed(before[key], after[key]) for key in common),
        common=len(common),
        only_reference=_by_cell(missing),
        only_new=_by_cell(added),
        costs=(*costs, *paid),
    )


def _row_failures(key: Key, old: Record, new: Record) -> list[Failure]:
    if old.status != new.status:
        return [Failure("status", _name(key), _shown(old), _shown(new))]
    exact = old.tier == "exact" and not is_cost(old)
    for field in ("unit", "higher_is_better", "tier", *(["n"] if exact else [])):
        pair = (getattr(old, field), getattr(new, field))
        if pair[0] != pair[1]:
            named = [f"{field} {value!r}" for value in pair]
            return [Failure("meaning", _name(key), *named)]
    if exact and not _agree(old.value, new.value):
        return [Failure("value", _name(key), _shown(old), _shown(new))]
    return []


def _agree(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is new
    return abs(old - new) <= max(RELATIVE * max(abs(old), abs(new)), ABSOLUTE)


def _changed(old: Record, new: Record) -> bool:
    return old.status != new.status or not _agree(old.value, new.value)


def _groups(before: Mapping[Key, Record], after: Mapping[Key, Record]) -> tuple[Shift, ...]:
    """Each group of tolerance rows with a number on both sides, judged."""
    sides: list[dict[tuple[str, str, str, str], list[Record]]] = [{}, {}]
    for side, rows in zip(sides, (before, after)):
        for (study, factors, cell, _, metric), row in rows.items():
            if row.ok and row.tier == "tolerance" and not is_cost(row):
                side.setdefault((study, factors, cell, metric), []).append(row)
    names = sorted(sides[0].keys() & sides[1].keys())
    return judge(
        group(_name((*name[:3], -1, name[3])), sides[0][name], sides[1][name]) for name in names
    )


def _name(key: Key) -> str:
    study, factors, cell, replicate, metric = key
    where = factors.strip("{}").replace('"', "").replace(":", "=").replace(",", " ")
    which = "" if replicate < 0 else f" #{replicate}"
    return " ".join(part for part in (study, where, f"[{cell[:8]}]{which}", metric) if part)


def _by_cell(keys: Sequence[Key]) -> tuple[str, ...]:
    """Rows by their cell, with its metrics: some named, the others counted."""
    cells: dict[tuple[str, str, str], list[str]] = {}
    for study, factors, cell, _, metric in keys:
        cells.setdefault((study, factors, cell), []).append(metric)
    named = []
    for (study, factors, cell), metrics in cells.items():
        known = list(dict.fromkeys(metrics))
        more = f" and {len(known) - METRICS} more" if len(known) > METRICS else ""
        rows = f"{len(metrics)} row{'s' * (len(metrics) > 1)}"
        name = _name((study, factors, cell, -1, ", ".join(known[:METRICS])))
        named.append(f"{name}{more}: {rows}")
    return tuple(named)


def _shown(row: Record) -> str:
    return f"{row.status}: {row.reason}" if row.value is None else repr(row.value)


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.4g}"


def _plain(text: str) -> str:
    """A cell of a Markdown table, in which nothing is markup."""
    escaped = "".join(f"\\{sign}" if sign in "\\|`*_<>[]#" else sign for sign in text)
    return " ".join(escaped.split())


def _p(group: Shift) -> str:
    return "" if group.p_holm is None else f"{group.p_holm:.2g}"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """A table as aligned text; the rows beyond the first 40 are counted. Nothing for no rows."""
    if not rows:
        return []
    lines = [head, *rows[:SHOWN]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)) for line in lines]
    more = [f"... and {len(rows) - SHOWN} more"] if len(rows) > SHOWN else []
    return ["", *(line.rstrip() for line in text), *more]
