"""How far each damage moves a metric, in units of that metric's floor.

The floor is the metric's mean between two undamaged halves of the data: a distance that differs
from 0 by the finite number of images alone. A damage at 1 cannot be told from none.
"""

from harness.report.layout import Layout, words
from harness.report.number import three
from harness.report.results import Group, Results, mean
from harness.report.sheet import Part

NONE = "none"  # the level of ``damage`` that gives the floor
DISTANCES = ("fd_random_conv", "fd_zca_pixels", "high_frequency_error", "spectrum_distance")


def floor_of(results: Results, metric: str) -> float | None:
    """The mean of a metric between two undamaged halves; None where it was not measured."""
    for group in results.groups:
        if group.params.get("damage") == NONE:
            value = mean(group, metric).value
            return value if value else None
    return None


def ratios(results: Results, group: Group, metric: str) -> list[float]:
    """A metric of each replicate under a damage, by the floor."""
    floor = floor_of(results, metric)
    return [value / floor for value in group.values(metric).values()] if floor else []


def floors(results: Results, layout: Layout) -> Part:
    """The part ``floors``: one row a damage, one column a distance, mean over replicates."""
    groups = [
        group
        for group in results.ordered(layout.rows, layout.order)
        if group.params.get("damage") != NONE
    ]
    body, tidy = [], []
    for group in groups:
        row = [words(group.params.get("damage")), str(group.replicates)]
        for metric in DISTANCES:
            found = ratios(results, group, metric)
            ratio = sum(found) / len(found) if found else None
            failed = len(found) < group.replicates
            row.append(three(ratio) + " (some failed)" * (failed and ratio is not None))
            tidy.append(
                {
                    "damage": group.params.get("damage"),
                    "metric": metric,
                    "unit": "floor",
                    "mean": ratio,
                    "n": len(found),
                    "failed": group.replicates - len(found),
                    "cell_id": group.cell_id,
                }
            )
        body.append(tuple(row))
    return Part(
        name="times floor",
        caption="Each distance as a multiple of its floor, the distance of two clean halves: "
        "at 1 a damage cannot be seen.",
        header=("damage", "n", *(words(metric) for metric in DISTANCES)),
        labels=1,
        body=tuple(body),
        tidy=tuple(tidy),
        cells=tuple(group.cell_id for group in groups),
    )
