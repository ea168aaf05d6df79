"""How far each damage moves a reading, in units of that reading's floor.

The floor is the departure from the right value between two undamaged halves of the data, mean over
replicates: what finite numbers of images alone do. A reading without a right value is given in
standard deviations of its undamaged values instead, and says so (``harness.claims.sensitivity``).
"""

from dataclasses import dataclass
from typing import final

from harness.claims.sensitivity import MARGIN, Declared, departures, deviation
from harness.metrics import METRICS
from harness.metrics.reading import reading
from harness.problem import Problem
from harness.records.record import Record
from harness.report.failures import failed_rows
from harness.report.layout import Layout
from harness.report.number import three
from harness.report.results import Results
from harness.report.sheet import Part
from harness.report.words import words

NONE = "none"  # the level of ``damage`` that gives the floor
SPREADS = 2.0  # standard deviations below which a reading without a right value has not moved


@final
@dataclass(frozen=True)
class Line:
    """One reading on one dataset. has_floor: whether multiples are of a floor or of a spread.

    multiples: by kind and severity, one a replicate; lost: how many replicates gave no number.
    """

    dataset: str
    metric: str
    has_floor: bool
    multiples: dict[str, dict[float, list[float]]]
    lost: dict[tuple[str, float], int]

    def mean(self, kind: str, severity: float) -> float | None:
        """The mean over replicates; None where no replicate gave a number."""
        found = self.multiples.get(kind, {}).get(severity, [])
        return sum(found) / len(found) if found else None

    def last(self, kind: str) -> float | None:
        """The mean at the greatest severity."""
        levels = self.multiples.get(kind)
        return self.mean(kind, max(levels)) if levels else None

    @property
    def unseen(self) -> list[str]:
        """The kinds that do not move it, even at the greatest severity."""
        least = MARGIN if self.has_floor else SPREADS
        return [k for k in self.multiples if (value := self.last(k)) is not None and value < least]


def short(metric: str, dataset: str) -> str:
    """A reading without the dataset that its classifier was trained on."""
    return metric.removesuffix(f"_{dataset}").removesuffix("_resnet56")


def datasets(results: Results) -> list[str]:
    """The datasets of the study, in the order of the file."""
    return list(dict.fromkeys(str(row.params["dataset"]) for row in results.records))


def kinds(results: Results, order: tuple[str, ...]) -> dict[str, list[float]]:
    """The kinds of damage with their severities, in an order."""
    found: dict[str, set[float]] = {}
    for row in results.records:
        kind = str(row.params["damage"])
        if kind != NONE:
            found.setdefault(kind, set()).add(float(row.params["severity"] or 0))
    ranked = sorted(found, key=lambda kind: order.index(kind) if kind in order else len(order))
    return {kind: sorted(found[kind]) for kind in ranked}


def lines(results: Results) -> list[Line]:
    """Every reading of every dataset, in the order in which they were asked for."""
    found = []
    rows = [row for row in results.records if row.metric != "cell"]
    for dataset in datasets(results):
        own = [row for row in rows if row.params["dataset"] == dataset]
        for metric in dict.fromkeys(row.metric for row in own):
            found.append(_line(dataset, metric, [row for row in own if row.metric == metric]))
    places = datasets(results)
    return sorted(
        found, key=lambda line: (not line.has_floor, places.index(line.dataset), _rank(line))
    )


def _rank(line: Line) -> tuple[int, str]:
    """By the table of metrics, then by extractor."""
    try:
        asked = reading(line.metric)
    except Problem:
        return len(METRICS), line.metric
    return list(METRICS).index(asked.metric), asked.extractor or ""


def _line(dataset: str, metric: str, rows: list[Record]) -> Line:
    """One reading."""
    try:
        right = Declared.of(metric).right
    except Problem:  # a reading that this version does not know
        right = 0.0
    curves = departures(rows, right)
    floor = list(curves.pop(NONE, {}).get(0.0, {}).values())
    if right is None:
        undamaged = [r.value for r in rows if r.params["damage"] == NONE and r.value is not None]
        base = deviation(undamaged) if undamaged else 0.0
    else:
        base = sum(floor) / len(floor) if floor else 0.0
    multiples = {
        kind: {s: [v / base for v in at.values()] for s, at in curve.items() if at}
        for kind, curve in curves.items()
        if base and any(curve.values())
    }
    lost: dict[tuple[str, float], int] = {}
    for row in rows:
        if row.value is None:
            place = (str(row.params["damage"]), float(row.params["severity"] or 0))
            lost[place] = lost.get(place, 0) + 1
    return Line(dataset, metric, right is not None, multiples, lost)


def floors(results: Results, layout: Layout) -> Part:
    """The part ``floors``: one row a reading, one column a kind at its greatest severity."""
    columns = kinds(results, layout.order)
    body, tidy = [], []
    for line in lines(results):
        shown = [line.dataset, words(short(line.metric, line.dataset))]
        for kind, severities in columns.items():
            value = line.last(kind)
            some = " (some failed)" * ((kind, severities[-1]) in line.lost and value is not None)
            shown.append(three(value) + some + " sd" * (not line.has_floor and value is not None))
            tidy += [
                {
                    "dataset": line.dataset,
                    "metric": line.metric,
                    "damage": kind,
                    "severity": severity,
                    "unit": "floor" if line.has_floor else "sd",
                    "mean": line.mean(kind, severity),
                    "n": len(line.multiples.get(kind, {}).get(severity, [])),
                    "failed": line.lost.get((kind, severity), 0),
                }
                for severity in severities
            ]
        shown.append(", ".join(words(kind) for kind in line.unseen) or "–")
        body.append(tuple(shown))
    worst = ", ".join(f"{words(kind)} {values[-1]:g}" for kind, values in columns.items())
    return Part(
        name="times floor",
        caption="How far each damage at its greatest severity moves each reading: its distance "
        "from the right value, as a multiple of that distance between two clean halves, mean over "
        "the draws of the halves; for a reading without a right value in standard deviations of "
        f"its undamaged value (sd). Severities: {worst}. The last column names the blind spots in "
        f"practice: kinds that leave the reading below {MARGIN:g} floors, or below {SPREADS:g} sd; "
        "a claim asks only whether it moves at all.",
        header=("dataset", "reading", *(words(kind) for kind in columns), "hardly moved by"),
        labels=2,
        body=tuple(body),
        tidy=tuple(tidy),
        notes=failed_rows(results.groups, ("dataset", "damage", "severity")),
        cells=("",) * len(body),
    )
