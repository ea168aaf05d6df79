"""The stage ``law``: one point of a law of ``theory``, as rows.

Each point gives the rows

    exact              what holds, by closed form, quadrature, or Monte Carlo with a standard error
    printed            the bound or formula as the paper prints it
    printed/exact      the ratio of the two: how tight the bound is
    void               1 where the printed bound is no stronger than the trivial one
    <name>             one row for each corrected or sharper statement, and what stands beside

A row that nothing was drawn for is exact (1e-9 relative between machines); one of a law that is
Monte Carlo, or that has a standard error, is of the tier tolerance.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.cell import Cell, Part, Stage, Upstream, factors, part
from harness.streams import numpy_generator
from harness.table import Table
from theory import LAWS

if TYPE_CHECKING:
    from theory.law import Law, Value

LAW_TABLE = Table("law", LAWS)


@dataclass(frozen=True)
class Point:
    """Parameters of the stage ``law``: a law and the point at which it is evaluated."""

    law: Part

    def entries(self) -> list[str]:
        return [LAW_TABLE.entry(self.law.name)]


def law_cell(law: str, params: Mapping[str, Any], **labels: str | int | float) -> Cell:
    """The cell of one point of a law.

    law: a row of ``LAW_TABLE``, ``paper.law``. params: the point. labels: what the study's table
    shows and its claims select by; the factor ``law`` is added, without the paper.
    """
    point = Point(part(law, **{name: _frozen(value) for name, value in params.items()}))
    name = law.partition(".")[2]
    return Cell(factors(**{"law": name, **labels}), (Stage("law", point),), replicates=1)


def _frozen(value: Any) -> Any:
    """Lists as tuples, since a cell is hashable."""
    return tuple(_frozen(item) for item in value) if isinstance(value, list | tuple) else value


def row(
    replicate: int | None,
    metric: str,
    value: float,
    unit: str,
    *,
    standard_error: float | None = None,
    higher_is_better: bool | None = None,
    n: int | None = None,
    tier: str = "tolerance",
) -> dict[str, Any]:
    """One measurement, as a stage leaves it; NaN and infinity become null, status diverged."""
    finite = math.isfinite(value)
    error = standard_error if standard_error is not None and math.isfinite(standard_error) else None
    return {
        "replicate": replicate,
        "metric": metric,
        "value": float(value) if finite else None,
        "standard_error": error if finite else None,
        "unit": unit,
        "higher_is_better": higher_is_better,
        "n": n,
        "status": "ok" if finite else "diverged",
        "reason": None if finite else f"the value is {value}",
        "tier": tier,
    }


def evaluate(
    point: Point,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave ``measurements.json`` with the rows of one point in the folder ``out``."""
    from theory.law import Value  # brings in scipy, which a plan does without

    law = LAW_TABLE[point.law.name]()
    params = point.law.kwargs()
    stream = str(point.law)
    exact = law.exact(params, numpy_generator(stream, 0, "law"))
    printed = law.printed(params)
    rows = [_row("exact", exact, law)]
    if printed is not None:
        rows.append(_row("printed", printed, law, drawn=False))
        if exact.value != 0:
            ratio = Value(printed.value / exact.value, unit="1")
            rows.append(_row("printed/exact", ratio, law))
    void = Value(float(law.void(params)), unit="1")
    rows.append(_row("void", void, law, drawn=False))
    beside = law.sharper(params, numpy_generator(stream, 0, "law"))
    rows += [_row(name, value, law) for name, value in beside.items()]
    (out / "measurements.json").write_text(json.dumps(rows, indent=1, allow_nan=False))


def _row(name: str, value: "Value", law: "Law", drawn: bool = True) -> dict[str, Any]:
    """One row of a law; drawn: whether it may rest on draws where the law is Monte Carlo."""
    measured = value.standard_error is not None or (drawn and law.tier == "tolerance")
    return row(
        None,
        name,
        value.value,
        value.unit or law.unit,
        standard_error=value.standard_error,
        tier="tolerance" if measured else "exact",
    )
