"""The numbers that papers print for what a study asks, beside its own and never mixed with them.

They stand in ``published.csv``, one a row, with the table or section that prints them. Other data,
networks, lengths and metrics: a row says what a paper found, and only the direction of an effect
can be held against ours. Where a paper gives no interval the row says so. A paper that prints no
more than a bound has it as its metric, such as "FID, more than".
"""

import csv
from functools import cache
from pathlib import Path

from harness.problem import Problem
from harness.report.layout import Layout
from harness.report.results import Results
from harness.report.sheet import Part

FILE = Path(__file__).with_name("published.csv")
COLUMNS = ("study", "condition", "arm", "metric", "value", "interval", "source", "place")
SHOWN = COLUMNS[1:]


@cache
def rows() -> tuple[dict[str, str], ...]:
    """Every row of the file; a :class:`Problem` for one that is not whole, or no number."""
    with FILE.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file, strict=True))
    for line, row in enumerate(found, 2):
        where = f"{FILE.name}:{line}"
        if tuple(row) != COLUMNS or not all(row.values()):
            raise Problem(f"a published number at {where}", str(row), f"fill in {COLUMNS}")
        try:
            float(row["value"])
        except ValueError as error:
            raise Problem(f"a number at {where}", repr(row["value"]), "write one") from error
    return tuple(found)


def published(results: Results, layout: Layout) -> Part:
    """The part ``published``: what papers print for the question of the study."""
    found = [row for row in rows() if row["study"] == results.study]
    return Part(
        name="published",
        caption="What papers print for the same question, on other data and at other sizes: not "
        "comparable in value with the numbers above.",
        header=("on", "arm", "metric", "value", "interval", "source", "place"),
        labels=3,
        body=tuple(tuple(row[name] for name in SHOWN) for row in found),
        tidy=tuple({**row, "value": float(row["value"])} for row in found),
        notes=(),
        cells=("",) * len(found),
    )
