"""Points from a CSV file, each fault named with file and line."""

import csv
import io
import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from harness.problem import Problem
from harness.scaling.copies import copied
from harness.scaling.points import Points


def read(path: Path, variables: Sequence[str], loss: str, run: str | None = None) -> Points:
    """The columns of the variables, the loss and the run, of a file with a line of names on top.

    Raises ``Problem`` for anything but finite numbers above 0, for a point that is there twice, and
    for runs that are copies of each other.
    """
    text = _text(path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[float]] = []
    labels: list[str] = []
    seen: dict[tuple, int] = {}
    names: list[str] | None = None
    wanted = [*variables, loss, *([run] if run else [])]
    for name in wanted:
        if wanted.count(name) > 1:
            raise Problem(f"the column {name}", "it twice", "name each column once")
    try:
        for cells in reader:
            where = f"{path}, line {reader.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            if names is None:
                names = [cell.strip() for cell in cells]
                _check(names, wanted, where)
                continue
            if len(cells) != len(names):
                fix = "give every line as many cells as the first"
                raise Problem(where, f"{len(cells)} cells under {len(names)} names", fix)
            row = [_number(cells[names.index(n)], n, where) for n in (*variables, loss)]
            label = cells[names.index(run)].strip() if run else ""
            if run and not label:
                raise Problem(f"{where}, a run in {run}", "an empty cell", "name the run")
            key = (label, *row[:-1]) if run else tuple(row)
            if key in seen:
                what = f"run {label} at this size" if run else "this point"
                fix = "remove one of the two lines" + (
                    "" if run else ", or tell runs apart with --run COLUMN"
                )
                raise Problem(f"{where}, a new point", f"{what} as in line {seen[key]}", fix)
            seen[key] = reader.line_num
            rows.append(row)
            labels.append(label)
    except csv.Error as error:
        where = f"{path}, line {reader.line_num}"
        raise Problem(where, str(error), "write one point a line, cells with commas") from error
    if not rows:
        got = "an empty file" if names is None else "a line of names and no points"
        raise Problem(f"points in {path}", got, "write names on the first line, then points")
    values = np.array(rows)
    points = Points.of(values[:, :-1], values[:, -1], labels if run else None, variables, loss)
    if run and values[:, -1].min() < values[:, -1].max():
        _no_copies(points, list(dict.fromkeys(labels)), path)
    return points


def _no_copies(points: Points, labels: list[str], path: Path) -> None:
    same = [labels[i] for i in copied(points)]
    if same:
        more = f" and {len(same) - SHOWN} more" if len(same) > SHOWN else ""
        raise Problem(
            f"runs in {path}",
            f"the same losses to the last digit in {', '.join(same[:SHOWN])}{more}: duplicated",
            "give each run once: a copy under another name is no run, and narrows intervals",
        )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        got = f"bytes that are not UTF-8 at {error.start}"
        raise Problem(f"points in {path}", got, "save it as CSV in UTF-8") from error
    except OSError as error:
        got = error.strerror or str(error)
        raise Problem(f"points in {path}", got, "name a CSV file that can be read") from error


DIVIDERS = {";": "semicolons (and write decimals with a point)", "\t": "tabs"}
SHOWN = 4  # names in a message
FAR = 1e50  # beyond it, or beneath its inverse, products of laws leave what a float can hold


def _check(names: list[str], wanted: list[str], where: str) -> None:
    for name in wanted:
        if name not in names:
            got = f"the columns {', '.join(names)}"
            fix = "name one of these with --x, --y and --run; cells are divided by commas"
            other = next((w for mark, w in DIVIDERS.items() if mark in names[0]), None)
            if len(names) == 1 and other:
                fix = f"save the file with commas between cells: here it is {other}"
            raise Problem(f"the column {name} in {where}", got, fix)
        if names.count(name) > 1:
            raise Problem(f"the column {name} in {where}", "two of that name", "rename one")


def _number(cell: str, name: str, where: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        got = f"{cell.strip()!r}" if cell.strip() else "an empty cell"
        fix = "write a plain number, or remove the line"
        if re.fullmatch(r"\s*[-+]?[\d ,]*\d,\d[\d,]*(e[-+]?\d+)?\s*", cell, re.IGNORECASE):
            fix = "write decimals with a point, and nothing between thousands"
        raise Problem(f"{where}, a number in {name}", got, fix) from None
    if not math.isfinite(value) or value <= 0:
        fix = "laws are fitted to logarithms: remove the line (a diverged run is no point), or "
        fix += "give a column that is above 0"
        raise Problem(f"{where}, a finite number above 0 in {name}", cell.strip(), fix)
    if not 1 / FAR <= value <= FAR:
        fix = "give the column in a larger or smaller unit, or remove the line"
        got = cell.strip()
        raise Problem(f"{where}, a number between {1 / FAR:g} and {FAR:g} in {name}", got, fix)
    return value
