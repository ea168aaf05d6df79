"""The rows of a study as the page draws them: cells, factors, metrics and one point for each pair.

    factors   [name, [level, ...]]             levels in the order of the study's table
    cells     [cell_id, level, ...]            an index into the levels of each factor, null: none
    metrics   [name, words, better]            better: 1 higher, -1 lower, 0 neither
    units     [unit, ...]
    rows      one list a metric, of [cell, value, error, n, asked, unit, values, why]
    first     the metric that is drawn first, by its place
    laws      law in words: [statement, source, what a bound must be below to say something]
    t         n: the 97.5 % quantile of Student's t with n - 1 degrees of freedom
    shared    what every stage of every cell was made with

A value is the mean over the n replicates that have one, of those asked for; error is its standard
error, sd / sqrt(n), or, of a single row, the error of its own Monte Carlo; values are those of the
replicates where they are few, and why says what the first row without a number does. Numbers have
six digits: those of ``records.jsonl`` are whole.
"""

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from typing import Any

from harness.claims.power import critical
from harness.records.record import Plain
from harness.report.layouts import layout
from harness.report.number import ROUNDING
from harness.report.provenance import shared
from harness.report.results import Group, Results, mean
from harness.report.words import words
from harness.theorem import LAW_TABLE

BETTER = {True: 1, False: -1, None: 0}
FEW = 16  # replicates whose values are all told
LONGEST = 160  # characters of a reason


def points(results: Results) -> dict[str, Any]:
    """The rows of one study as plain data, in the order of its table."""
    chosen = layout(results.study)
    known = sorted({name for group in results.groups for name in group.params})
    factors = [*(name for name in chosen.rows if name in known)]
    factors += [name for name in known if name not in factors]
    groups = results.ordered(factors, chosen.order)
    levels = {name: _levels(results, name, chosen.order) for name in factors}
    metrics = list(dict.fromkeys(row.metric for row in results.records if row.metric != "cell"))
    units = sorted({row.unit for row in results.records})
    better = results.better()
    rows = [
        [row for at, group in enumerate(groups) if (row := _row(at, group, metric, units))]
        for metric in metrics
    ]
    counts = sorted({row[3] for line in rows for row in line if row[3] > 1})
    return {
        "factors": [[name, [words(level) for level in levels[name]]] for name in factors],
        "cells": [[one.cell_id, *_places(one, levels)] for one in groups],
        "metrics": [[name, _said(name), BETTER[better.get(name)]] for name in metrics],
        "units": units,
        "rows": rows,
        "first": _first(metrics, chosen.columns),
        "laws": _laws(results),
        "t": {str(n): round(critical(n - 1), 4) for n in counts},
        "shared": shared(results),
    }


def packed(studies: Mapping[str, Mapping[str, Any]]) -> str:
    """Plain data as the page unpacks it: JSON, gzip, base64. The bytes depend on it alone."""
    data = json.dumps(studies, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return base64.b64encode(gzip.compress(data.encode(), mtime=0)).decode()


def _levels(results: Results, factor: str, order: Sequence[str]) -> list[Plain]:
    """The levels that cells have of a factor: numbers by size, then texts as a layout orders."""
    found = [group.params.get(factor) for group in results.ordered((factor,), order)]
    return [level for level in dict.fromkeys(found) if level is not None]


def _places(group: Group, levels: Mapping[str, Sequence[Plain]]) -> list[int | None]:
    own = group.params
    return [
        None if own.get(name) is None else those.index(own[name]) for name, those in levels.items()
    ]


def _said(metric: str) -> str:
    """A metric in words, what follows a slash behind them."""
    head, slash, rest = metric.partition("/")
    return (
        words(metric) if words(metric) != metric.replace("_", " ") else words(head) + slash + rest
    )


def _first(metrics: Sequence[str], columns: Sequence[str]) -> int:
    """The place of the first metric that a study's table has, or that has no slash; else 0."""
    plain = [name for name in metrics if "/" not in name]
    return next((metrics.index(name) for name in (*columns, *plain) if name in metrics), 0)


def _row(at: int, group: Group, metric: str, units: Sequence[str]) -> list[Any] | None:
    """One point, or nothing where the cell was not asked for the metric."""
    own = group.of(metric)
    if not own:
        return None
    one, values = mean(group, metric), list(group.values(metric).values())
    error = own[0].standard_error if len(own) == 1 else one.error
    if error is not None and one.value is not None and error <= ROUNDING * abs(one.value):
        error = None
    row = [at, _short(one.value), _short(error), one.n, len(own), units.index(own[0].unit)]
    few = [_short(value) for value in values] if 1 < len(values) <= FEW else 0
    lost = next((f"{r.status}: {r.reason or ''}"[:LONGEST] for r in own if not r.ok), 0)
    return [*row, few, lost] if lost else [*row, few] if few else row


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")


def _laws(results: Results) -> dict[str, list[Any]]:
    """What each law of a study states, from where, and what is trivial; none of another study."""
    found = {}
    for name in dict.fromkeys(group.params.get("law") for group in results.groups):
        for row in LAW_TABLE:
            paper, _, own = row.partition(".")
            if own == name and results.study.startswith(f"{paper}_"):
                law = LAW_TABLE[row]
                found[words(name)] = [law.statement, law.source, law.trivial]
    return found
