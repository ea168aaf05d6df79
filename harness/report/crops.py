"""What the annotator of crops finds in each other set, and the map from its crops to sigma_max.

Two parts. ``crops`` has one row another set: the share of its images that are used at low noise at
all, the geometric mean of their sigma_max over images, and the shares by the largest crop that
passes for a clean one. ``crop_map`` has one row a size of crop for each target: the noise level up
to which it serves, on the clean images of a replicate, beside the number of the paper's map for
that size. Means are over replicates, those of levels geometric, with their 95 % t interval.
"""

import math
from typing import Any

import numpy as np

from harness.claims.power import critical
from harness.report.layout import Layout
from harness.report.number import ABSENT, three
from harness.report.published import rows as published_rows
from harness.report.results import Group, Results
from harness.report.sheet import Part
from harness.report.words import words
from harness.train.sigma_max import MAP, METRICS

ARM = "annotation"
ADMITTED, LOG_MEAN, LOG_SD = METRICS
SHARE = "crop_share/"  # of images whose largest crop that passes has this size
PAPERS_MAP, PAPERS_LEVEL = "sigma_max of a crop of ", "mean sigma_max"
Span = tuple[float, float, float]  # mean, and the ends of its interval


def crops(results: Results, layout: Layout) -> Part:
    """The part ``crops`` of a study's table."""
    found = _annotated(results, layout)
    sizes = sorted({size for group in found for size in sizes_of(group, SHARE)})
    body, tidy = [], []
    for group in found:
        spans = {name: span(group, name) for name in METRICS}
        shares = {size: span(group, f"{SHARE}{size}") for size in sizes}
        level, wide = spans[LOG_MEAN], spans[LOG_SD]
        body.append(
            (
                *_labels(group),
                str(group.replicates),
                _shown(spans[ADMITTED]),
                _shown(None if level is None else _exp(level)),
                ABSENT if wide is None else f"× {three(math.exp(wide[0]))}",
                *(ABSENT if each is None else three(each[0]) for each in shares.values()),
            )
        )
        told = {**spans, **{f"{SHARE}{size}": each for size, each in shares.items()}}
        tidy += [_tidy(group, name, each) for name, each in told.items()]
    return Part(
        name="crops",
        caption="What classifiers of crops find in each other set, by the images of a training: "
        "the share of images that they admit below some noise level, the geometric mean of that "
        "level over these images and its spread (a factor, one standard deviation), and the share "
        "of images by the largest crop that passes for a clean one. Means over n replicates with "
        "their 95 % interval.",
        header=("target", "other set", "n", "share admitted", "σmax of these", "spread",
                *(f"share at {size} px" for size in sizes)),
        labels=2,
        body=tuple(body),
        tidy=tuple(tidy),
        notes=_papers(results.study),
        cells=tuple(group.cell_id for group in found),
    )  # fmt: skip


def crop_map(results: Results, layout: Layout) -> Part:
    """The part ``crop_map``: the largest noise level at which a crop of each size serves."""
    body, tidy, cells, seen = [], [], [], set()
    for group in _annotated(results, layout):
        target = group.params.get("data")
        if target in seen:  # the clean images are those of the row above, whatever the other set
            continue
        seen.add(target)
        for size in sizes_of(group, MAP):
            found, printed = _level(group, size), papers_map(results.study, size)
            n = str(len(group.values(f"{MAP}{size}")))
            body.append((words(target), str(size), n, _shown(found), three(printed)))
            tidy.append({**_tidy(group, f"{MAP}{size}", found), "paper": printed})
            cells.append(group.cell_id)
    return Part(
        name="crop_map",
        caption="From the size of a crop to sigma_max: the noise level up to which the centre of a "
        "k × k window is known, from the window alone, within 2 % of the error of the whole image. "
        "Measured on the clean images of each of n replicates as if they were a Gaussian field; "
        "geometric mean and 95 % interval. The paper's map was read off networks on images of "
        "64 × 64 pixels, whose structure no spectrum holds.",
        header=("target", "crop (px)", "n", "σmax", "paper's"),
        labels=2,
        body=tuple(body),
        tidy=tuple(tidy),
        cells=tuple(cells),
    )


def sizes_of(group: Group, prefix: str) -> list[int]:
    """The sizes of crops, in order, that a cell has rows of."""
    found = {row.metric for row in group.rows if row.metric.startswith(prefix)}
    return sorted(int(name.removeprefix(prefix)) for name in found)


def span(group: Group, metric: str) -> Span | None:
    """The mean over replicates with its 95 % t interval; the mean alone with one replicate."""
    return _span(np.array(list(group.values(metric).values())))


def _level(group: Group, size: int) -> Span | None:
    """The geometric mean of the map at a size; the arithmetic one where a level is 0."""
    values = np.array(list(group.values(f"{MAP}{size}").values()))
    if not (values > 0).all():
        return _span(values)
    found = _span(np.log(values))
    return None if found is None else _exp(found)


def _span(values: np.ndarray) -> Span | None:
    n = len(values)
    if not n:
        return None
    middle = float(values.mean())
    half = critical(n - 1.0) * float(values.std(ddof=1)) / n**0.5 if n > 1 else 0.0
    return middle, middle - half, middle + half


def papers_map(study: str, size: int) -> float | None:
    """What the paper's map has for a crop of so many pixels; None for a size without a number."""
    for row in published_rows():
        if (row["study"], row["metric"]) == (study, f"{PAPERS_MAP}{size}"):
            return float(row["value"])
    return None


def _papers(study: str) -> tuple[str, ...]:
    """What the paper's own classifiers find, as a note."""
    found = [
        f"{float(row['value']):g} ({row['condition']})"
        for row in published_rows()
        if (row["study"], row["metric"]) == (study, PAPERS_LEVEL)
    ]
    if not found:
        return ()
    return (
        f"The paper's classifiers find, in the mean over images at 64 × 64 pixels: "
        f"{', '.join(found)}.",
    )


def _annotated(results: Results, layout: Layout) -> list[Group]:
    """The cells that have an annotation described, by target and other set."""
    ordered = results.ordered(("data", "other"), layout.order)
    return [g for g in ordered if g.params.get("arm") == ARM and g.of(ADMITTED)]


def _labels(group: Group) -> tuple[str, str]:
    return words(group.params.get("data")), words(group.params.get("other"))


def _exp(found: Span) -> Span:
    middle, low, high = (math.exp(each) for each in found)
    return middle, low, high


def _shown(found: Span | None) -> str:
    """``0.100 [0.088, 0.112]``; the mean alone where there is no interval."""
    if found is None:
        return ABSENT
    if math.isclose(found[1], found[2]):  # equal values, to the rounding of their deviation
        return three(found[0])
    return f"{three(found[0])} [{three(found[1])}, {three(found[2])}]"


def _tidy(group: Group, metric: str, found: Span | None) -> dict[str, Any]:
    middle, low, high = found or (None, None, None)
    n = len(group.values(metric))
    ends = {"low": low, "high": high} if n > 1 else {"low": None, "high": None}
    own = {"metric": metric, "n": n, "mean": middle, **ends}
    return {**group.params, **own, "cell_id": group.cell_id}
