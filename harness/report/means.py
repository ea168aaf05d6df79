"""The means of a study's cells: one row a cell, one column a metric, mean ± standard error.

The standard error is that of the mean over replicates, sd / sqrt(n). The replicates of a study
share its images: an error speaks of other random streams, not of other photographs.
"""

from collections.abc import Mapping
from typing import Any

from harness.report import seconds
from harness.report.columns import COSTS
from harness.report.failures import failed_rows
from harness.report.layout import Layout
from harness.report.number import ABSENT, plain, with_error
from harness.report.results import Group, Mean, Results, mean
from harness.report.roster import Roster, roster
from harness.report.setup import levels_of, told
from harness.report.sheet import Part
from harness.report.words import words

ARROWS = {True: "\u00a0↑", False: "\u00a0↓", None: ""}  # never on a line of their own

CAPTION = "Mean ± standard error over n replicates (↓: lower is better, ↑: higher)."
UNEQUAL = (
    "Means are over all n replicates of a row. Where rows differ in n, hold them against each "
    "other by the effects, which pair the replicates that both have."
)
CHOSEN, TRIED = "chosen_guidance", "guidance_choice/"
EDGE = (
    "Chosen guidance, in brackets: in how many replicates the choice is the least or the greatest "
    "of those that were tried, so that a better one may lie beyond."
)
DEFINED = {  # what a reader of the table finds nowhere else on the page
    "binding_gap": "Binding gap: the mean of single object and colors less the mean of position "
    "and color attribute.",
    "ceiling_fd_random_conv": "Of tokens alone: held-out images that were made tokens and back: "
    "what tokens cost before any model is trained.",
    "token_loss/diffusion": "Losses hold the sizes of one arm in one order against each other, and "
    "nothing else: those of two heads have no common unit, and those of two orders are means of "
    "different things.",
    "excess": "Excess risk and its parts are integrals over the noise levels, of what is lost at "
    "each over σ², d ln σ, in nats; what is lost at one level, as the figure and readings “at 2” "
    "have it, is in squared units of the images.",
    "sampling_flops": "Operations are counted, not estimated: those of a whole training of one "
    "replicate, and of drawing one image as the row does.",
}


def chosen(results: Results, layout: Layout) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The factors and the metrics that a layout shows; all of them where it names none."""
    params = [group.params for group in results.groups]
    factors = layout.rows or tuple(sorted({name for one in params for name in one}))
    metrics = dict.fromkeys(row.metric for row in results.records)
    bare = tuple(name for name in metrics if "/" not in name and name != "cell")
    return factors, layout.columns or bare


def means(results: Results, layout: Layout) -> Part:
    """The part ``means`` of a study's table."""
    return _part(results, layout, "means", *chosen(results, layout))


def further(results: Results, layout: Layout) -> Part:
    """The part ``further``: means of the metrics that a layout keeps for a second table."""
    return _part(results, layout, "further", chosen(results, layout)[0], layout.further)


def costs(results: Results, layout: Layout) -> Part:
    """The part ``costs``: what training and sampling take, in operations and in seconds."""
    return _part(results, layout, "costs", chosen(results, layout)[0], COSTS)


def _part(
    results: Results, layout: Layout, name: str, factors: tuple[str, ...], metrics: tuple[str, ...]
) -> Part:
    units, better = results.units(), results.better()
    groups, grid = results.ordered(factors, layout.order), roster(results)
    clocked = seconds.seconds_of(results) if seconds.OPERATIONS in metrics else {}
    above = (told(results), layout.told) if name == "means" else ()  # once a sheet
    body, tidy = [], []
    for group in groups:
        levels = levels_of(results, group)
        row = [words(levels.get(factor)) for factor in factors]
        found = {metric: mean(group, metric) for metric in metrics if _asked(group, metric)}
        row.append(_replicates(grid, group, list(found.values())))
        for metric in metrics:
            edge = at_the_edge(group) if metric == CHOSEN else ""
            row.append(_shown(found[metric]) + edge if metric in found else ABSENT)
        body.append(_beside(metrics, row, plain(clocked.get(group.cell_id), 2), clocked))
        tidy += [
            {**levels, **_tidy(group, metric, one, units, better)} for metric, one in found.items()
        ]
        if group.cell_id in clocked:
            tidy.append(_timed(group, clocked[group.cell_id]))
    heads = [head(metric, units.get(metric, ""), better.get(metric)) for metric in metrics]
    return Part(
        name=name,
        caption=" ".join(filter(None, (CAPTION, *above))),
        header=_beside(metrics, [*map(words, factors), "n", *heads], seconds.WORDS, clocked),
        labels=len(factors),
        body=tuple(body),
        tidy=tuple(tidy),
        notes=(
            *(text for metric, text in DEFINED.items() if metric in metrics),
            *((seconds.told(results, groups),) if clocked else ()),
            *((EDGE,) if CHOSEN in metrics and any(map(at_the_edge, groups)) else ()),
            *((UNEQUAL,) if len({group.replicates for group in groups}) > 1 else ()),
            *failed_rows(groups, factors),
        ),
        cells=tuple(group.cell_id for group in groups),
    )


def _beside(
    metrics: tuple[str, ...], row: list[str], text: str, clocked: Mapping[str, float]
) -> tuple[str, ...]:
    """A row of the table with the seconds of an image behind its operations, where any is known."""
    if not clocked:
        return tuple(row)
    at = len(row) - len(metrics) + metrics.index(seconds.OPERATIONS) + 1
    return (*row[:at], text, *row[at:])


def _timed(group: Group, value: float) -> dict[str, Any]:
    """The seconds of an image as a tidy row: one clock for all replicates, so without an error."""
    return {
        **group.params,
        "metric": seconds.METRIC,
        "unit": "s",
        "higher_is_better": False,
        "mean": value,
        "standard_error": None,
        "n": group.replicates,
        "failed": 0,
        "cell_id": group.cell_id,
    }


def head(metric: str, unit: str, better: bool | None) -> str:
    """A column head: the metric in words, its unit, and the direction that is better."""
    return f"{words(metric)}{f' ({unit})' if unit not in ('', '1') else ''}{ARROWS[better]}"


def _asked(group: Group, metric: str) -> bool:
    """Whether a cell should have the metric: it has rows of it, or it failed as a whole."""
    return bool(group.of(metric) or group.of("cell"))


def _replicates(grid: Roster, group: Group, found: list[Mean]) -> str:
    """How many replicates stand behind the row's numbers, of how many that the study asks for."""
    return grid.runs(group, min((one.n for one in found), default=0))


def _shown(one: Mean) -> str:
    if one.value is None:
        return f"failed ({one.asked})"
    text = with_error(one.value, one.error)
    return f"{text} ({one.n} of {one.asked})" if one.failed else text


def at_the_edge(group: Group) -> str:
    """In how many replicates the guidance that was chosen is an end of its grid, and which; nothing
    where it is in none."""
    tried = {float(row.metric.removeprefix(TRIED)) for row in group.rows if TRIED in row.metric}
    chosen = list(group.values(CHOSEN).values())
    ends = sorted({min(tried), max(tried)} & set(chosen)) if len(tried) > 1 else []
    counts = [f"{chosen.count(w)} of {len(chosen)} at {plain(w)}" for w in ends]
    return f" ({', '.join(counts)})" if counts else ""


def _tidy(
    group: Group,
    metric: str,
    one: Mean,
    units: dict[str, str],
    better: dict[str, bool | None],
) -> dict[str, Any]:
    return {
        **group.params,
        "metric": metric,
        "unit": units.get(metric, ""),
        "higher_is_better": better.get(metric),
        "mean": one.value,
        "standard_error": one.error,
        "n": one.n,
        "failed": one.asked - one.n,
        "cell_id": group.cell_id,
    }
