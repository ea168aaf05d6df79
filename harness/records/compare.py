"""Two sets of records compared: did a change move a result?

Rows are matched by study, factors, cell, replicate and metric.

- A row of the reference that is not among the new ones is a failure, and so is a row whose
  status, unit, direction or tier differs. Rows that are only new are listed.
- Two ``exact`` rows must agree to 1e-9 relative, 1e-12 absolute near 0, with equal n.
- ``tolerance`` rows are compared as groups, one for each (study, cell, metric), over the
  replicates. A replicate draws from the same streams on both sides, so the test of a moved mean
  is the paired t test (Student 1908) over the replicates that both have; with fewer than two of
  those, Welch's test (1947) over all; with a single row on each side, the normal test with their
  standard errors. That last one takes the two errors as independent, which overstates the error
  of rows that share their draws. Values that differ by less than 1e-6 relative, a few roundings in
  single precision, count as equal. A group with one row and no standard error is not comparable,
  and says so.
- The p-values of all groups are adjusted together (Holm 1979), and a group is a shift at 1 %: a
  comparison in which nothing moved reports a shift in at most one of a hundred cases.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from harness.records.holm import holm
from harness.records.record import Record

RELATIVE = 1e-9
ABSOLUTE = 1e-12
ROUNDING = 1e-6
LEVEL = 0.01
SHOWN = 40

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
class Shift:
    """The change of the mean of one group of tolerance rows, new minus reference, in ``unit``.

    test: paired, welch, standard error, equal or not comparable; p and p_holm are null for the
    last. moved: p_holm is below 1 %.
    """

    row: str
    unit: str
    reference: float
    new: float
    test: str
    p: float | None
    p_holm: float | None

    @property
    def moved(self) -> bool:
        return self.p_holm is not None and self.p_holm < LEVEL


@final
@dataclass(frozen=True)
class Comparison:
    """What differs. ok: nothing failed and nothing moved."""

    failures: tuple[Failure, ...]
    groups: tuple[Shift, ...]
    missing: int
    added: int
    changed: int
    common: int

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
        return (
            f"{self.common} rows in both ({self.changed} changed), {self.missing} only in the "
            f"reference, {self.added} only new; {len(self.failures)} failures, "
            f"{len(self.shifts)} of {len(self.groups)} groups moved, "
            f"{len(self.not_comparable)} not comparable"
        )

    def _tables(self) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
        """Heads and rows of the two tables: what failed, and what moved or cannot be compared."""
        failures = [(f.kind, f.row, f.reference, f.new) for f in self.failures]
        moved = [
            (group.test, group.row, f"{group.reference:.6g}", f"{group.new:.6g}", _p(group))
            for group in (*self.shifts, *self.not_comparable)
        ]
        return [
            (("failure", "row", "reference", "new"), [tuple(row) for row in failures]),
            (("test", "group", "reference", "new", "Holm p"), [tuple(row) for row in moved]),
        ]

    def __str__(self) -> str:
        return "\n".join(
            [self.head, *(line for head, rows in self._tables() for line in _table(head, rows))]
        )

    def markdown(self) -> str:
        """The same for a pull request: a word, the counts, and a table where there is one."""
        word = "No result moved" if self.ok else "**Results moved**"
        parts = [f"### {word}", "", self.head + "."]
        for head, rows in self._tables():
            if not rows:
                continue
            parts += ["", f"| {' | '.join(head)} |", "|" + " --- |" * len(head)]
            parts += ["| " + " | ".join(map(_plain, row)) + " |" for row in rows[:SHOWN]]
            if len(rows) > SHOWN:
                parts += ["", f"and {len(rows) - SHOWN} more"]
        return "\n".join(parts)


def compare(reference: Iterable[Record], new: Iterable[Record]) -> Comparison:
    """Compare new rows with those of a reference."""
    before = {row.key(): row for row in reference}
    after = {row.key(): row for row in new}
    common = sorted(before.keys() & after.keys())
    missing = sorted(before.keys() - after.keys())
    failures = [Failure("missing", _name(key), _shown(before[key]), "no row") for key in missing]
    for key in common:
        failures += _row_failures(key, before[key], after[key])
    return Comparison(
        failures=tuple(failures),
        groups=_groups(before, after),
        missing=len(missing),
        added=len(after.keys() - before.keys()),
        changed=sum(_changed(before[key], after[key]) for key in common),
        common=len(common),
    )


def _row_failures(key: Key, old: Record, new: Record) -> list[Failure]:
    if old.status != new.status:
        return [Failure("status", _name(key), _shown(old), _shown(new))]
    for field in ("unit", "higher_is_better", "tier", *(["n"] if old.tier == "exact" else [])):
        pair = (getattr(old, field), getattr(new, field))
        if pair[0] != pair[1]:
            named = [f"{field} {value!r}" for value in pair]
            return [Failure("meaning", _name(key), *named)]
    if old.tier == "exact" and not _agree(old.value, new.value, RELATIVE):
        return [Failure("value", _name(key), _shown(old), _shown(new))]
    return []


def _agree(old: float | None, new: float | None, relative: float) -> bool:
    if old is None or new is None:
        return old is new
    return abs(old - new) <= max(relative * max(abs(old), abs(new)), ABSOLUTE)


def _changed(old: Record, new: Record) -> bool:
    return old.status != new.status or not _agree(old.value, new.value, RELATIVE)


def _groups(before: Mapping[Key, Record], after: Mapping[Key, Record]) -> tuple[Shift, ...]:
    """One shift a group of tolerance rows with a number on both sides, Holm over all."""
    sides: list[dict[tuple[str, str, str, str], list[Record]]] = [{}, {}]
    for side, rows in zip(sides, (before, after)):
        for (study, factors, cell, _, metric), row in rows.items():
            if row.ok and row.tier == "tolerance":
                side.setdefault((study, factors, cell, metric), []).append(row)
    names = sorted(sides[0].keys() & sides[1].keys())
    tests = [_test(sides[0][name], sides[1][name]) for name in names]
    adjusted = iter(holm([p for _, p in tests if p is not None]))
    return tuple(
        Shift(
            row=_name((*name[:3], -1, name[3])),
            unit=sides[0][name][0].unit,
            reference=float(_values(sides[0][name]).mean()),
            new=float(_values(sides[1][name]).mean()),
            test=test,
            p=p,
            p_holm=None if p is None else next(adjusted),
        )
        for name, (test, p) in zip(names, tests)
    )


def _values(rows: Sequence[Record]) -> np.ndarray:
    return np.array([math.nan if row.value is None else row.value for row in rows])  # [R]


def _test(old: Sequence[Record], new: Sequence[Record]) -> tuple[str, float | None]:
    """The name of the test that the rows allow, and its two-sided p-value."""
    x, y = _values(old), _values(new)
    a = {row.replicate: value for row, value in zip(old, x)}
    b = {row.replicate: value for row, value in zip(new, y)}
    both = [replicate for replicate in a if replicate in b]
    if a.keys() == b.keys() and all(_agree(a[key], b[key], ROUNDING) for key in both):
        return "equal", 1.0
    if len(both) >= 2:
        d = np.array([b[key] - a[key] for key in both])  # [pairs]
        return "paired", _t_test(d.mean(), d.var(ddof=1) / len(d), len(d) - 1)
    if min(len(x), len(y)) >= 2:
        vx, vy = x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)
        spread = vx**2 / (len(x) - 1) + vy**2 / (len(y) - 1)
        df = (vx + vy) ** 2 / spread if spread > 0 else math.inf
        return "welch", _t_test(y.mean() - x.mean(), vx + vy, df)
    errors = [row.standard_error for row in (*old, *new) if row.standard_error is not None]
    if len(old) == len(new) == 1 and len(errors) == 2:
        return "standard error", _t_test(y[0] - x[0], errors[0] ** 2 + errors[1] ** 2, math.inf)
    return "not comparable", None


def _t_test(effect: float, variance: float, df: float) -> float:
    """The two-sided p-value of effect / sqrt(variance); certain where nothing varies."""
    from scipy.special import ndtr, stdtr

    if variance == 0:
        return 1.0 if effect == 0 else 0.0
    t = -abs(effect) / math.sqrt(variance)
    return float(2 * (ndtr(t) if math.isinf(df) else stdtr(df, t)))


def _name(key: Key) -> str:
    study, factors, cell, replicate, metric = key
    where = factors.strip("{}").replace('"', "").replace(":", "=").replace(",", " ")
    which = "" if replicate < 0 else f" #{replicate}"
    return " ".join(part for part in (study, where, f"[{cell[:8]}]{which}", metric) if part)


def _shown(row: Record) -> str:
    return f"{row.status}: {row.reason}" if row.value is None else repr(row.value)


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
