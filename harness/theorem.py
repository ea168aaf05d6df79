"""The stage ``law``: one point of a law of ``theory``, as rows.

Each point gives the rows

    exact              what holds, by closed form, quadrature, or Monte Carlo with a standard error
    printed            the bound or formula as the paper prints it
    printed/exact      the ratio of the two: how tight the bound is
    void               1 where the printed bound is no stronger than the trivial one
    <name>             one row for each sharper or corrected statement
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.cell import Part, Upstream
from harness.streams import numpy_generator
from harness.table import Table
from theory import LAWS

LAW_TABLE = Table("law", LAWS)


@dataclass(frozen=True)
class Point:
    """Parameters of the stage ``law``: a law and the point at which it is evaluated."""

    law: Part

    def entries(self) -> list[str]:
        return [LAW_TABLE.entry(self.law.name)]


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
    law = LAW_TABLE[point.law.name]()
    params = point.law.kwargs()
    stream = str(point.law)
    exact = law.exact(params, numpy_generator(stream, 0, "law"))
    printed = law.printed(params)
    rows = [("exact", exact.value, exact.standard_error, law.unit)]
    if printed is not None:
        rows.append(("printed", printed.value, printed.standard_error, law.unit))
        if exact.value > 0:
            rows.append(("printed/exact", printed.value / exact.value, None, "1"))
    rows.append(("void", float(law.void(params)), None, "1"))
    for name, value in law.sharper(params, numpy_generator(stream, 0, "law")).items():
        rows.append((name, value.value, value.standard_error, law.unit))
    measured = [
        row(None, name, value, unit, standard_error=error, tier=law.tier)
        for name, value, error, unit in rows
    ]
    (out / "measurements.json").write_text(json.dumps(measured, indent=1, allow_nan=False))
