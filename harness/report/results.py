"""The results of one study at one scale, as everything that is shown of it reads them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, final

import numpy as np

from harness.claims.claim import read_claims
from harness.problem import Problem
from harness.records.files import read_json_lines, read_jsonl
from harness.records.record import Plain, Record

Rank = tuple[int, float, str]


@final
@dataclass(frozen=True, eq=False)
class Group:
    """The rows of one cell. Its factors are those of its first row; all have the same."""

    cell_id: str
    rows: tuple[Record, ...]

    @property
    def params(self) -> dict[str, Plain]:
        return dict(self.rows[0].params)

    def of(self, metric: str) -> list[Record]:
        """The rows of a metric, one a replicate."""
        return [row for row in self.rows if row.metric == metric]

    def values(self, metric: str) -> dict[int | None, float]:
        """The numbers of a metric by replicate; without those that failed."""
        return {row.replicate: row.value for row in self.of(metric) if row.value is not None}

    @property
    def asked(self) -> set[int | None]:
        """The replicates that the cell has rows of, failed ones among them."""
        return {row.replicate for row in self.rows}

    @property
    def replicates(self) -> int:
        """How many replicates were asked of the cell."""
        return len(self.asked)

    @property
    def failures(self) -> list[Record]:
        return [row for row in self.rows if not row.ok]


@final
@dataclass(frozen=True)
class Mean:
    """A mean over replicates: value and standard error in the metric's unit, n of asked for.

    error: sd / sqrt(n), null with one replicate. failed: whether a replicate is missing.
    """

    value: float | None
    error: float | None
    n: int
    asked: int

    @property
    def failed(self) -> bool:
        return self.n < self.asked


def mean(group: Group, metric: str) -> Mean:
    """The mean of a metric over the replicates of a cell."""
    values = np.array(list(group.values(metric).values()))
    n = len(values)
    error = float(values.std(ddof=1) / n**0.5) if n > 1 else None
    return Mean(float(values.mean()) if n else None, error, n, group.replicates)


@final
@dataclass(frozen=True, eq=False)
class Results:
    """What a study left in ``build/<scale>``: records, runs, and its claims with their verdicts.

    cache: the folder of finished stages, which may be gone.
    """

    study: str
    scale: str
    records: Sequence[Record]
    runs: Sequence[dict[str, Any]] = ()
    claims: Sequence[dict[str, Any]] = ()
    cache: Path = field(default=Path("build") / "cache")

    @classmethod
    def read(cls, study: str, folder: Path) -> "Results":
        """The results of a study from ``build/<scale>``; a :class:`Problem` for a missing file."""
        claims = folder / "claims.jsonl"
        if not claims.is_file():
            fix = f"run `make` first, or read the published: patina show {study} --from results/v1"
            raise Problem(f"the verdicts in {claims}", "no such file", fix)
        return cls(
            study,
            folder.name,
            read_jsonl(folder / study / "records.jsonl"),
            read_json_lines(folder / study / "runs.jsonl"),
            [line for line in read_claims(claims) if line["study"] == study],
            folder.parent / "cache",
        )

    @cached_property
    def groups(self) -> list[Group]:
        """The cells, in the order of the file."""
        cells: dict[str, list[Record]] = {}
        for row in self.records:
            cells.setdefault(row.cell_id, []).append(row)
        return [Group(cell_id, tuple(rows)) for cell_id, rows in cells.items()]

    @cached_property
    def by_metric(self) -> dict[str, list[Record]]:
        """The rows of each metric, in the order of the file."""
        found: dict[str, list[Record]] = {}
        for row in self.records:
            found.setdefault(row.metric, []).append(row)
        return found

    def ordered(self, factors: Sequence[str], levels: Sequence[str] = ()) -> list[Group]:
        """The cells by some factors: numbers by size, then texts as in ``levels``, then others."""

        def rank(value: Plain) -> Rank:
            if value is None or isinstance(value, int | float):
                return (0, -1.0 if value is None else float(value), "")
            known = levels.index(value) if value in levels else len(levels)
            return (1, known, value)

        return sorted(self.groups, key=lambda g: [rank(g.params.get(name)) for name in factors])

    def units(self) -> dict[str, str]:
        """The unit of each metric."""
        return {row.metric: row.unit for row in self.records}

    def better(self) -> dict[str, bool | None]:
        """Whether higher is better, by metric, from the rows that have a number."""
        return {row.metric: row.higher_is_better for row in self.records if row.ok}
