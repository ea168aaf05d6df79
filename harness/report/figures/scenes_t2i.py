"""What guidance does to a text-to-image model of scenes.

(a) the GenEval score of the model at each strength of guidance, with its floor, the same samples
under other captions of their task; the renderer and chance are level lines. (b) the six tasks of
the model, whose marks stand side by side at each strength. (c) the Fréchet distance of its samples
to the data. The strengths stand at equal distances. Marks are means over replicates, bars their
standard errors.
"""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.geneval.vocabulary import TASKS
from harness.report import style
from harness.report.results import Group, Results, mean
from harness.report.words import words

GUIDANCE = "guidance w (0: none)"
LEVEL = {"renderer": "--", "chance": ":"}
BESIDE = 0.72  # of the place of a strength, over which the marks of the tasks are spread


def draw(results: Results) -> Figure:
    """Three panels over guidance."""
    figure = style.figure(2.9)
    panels = figure.subplots(1, 3)
    groups = results.ordered(("guidance",))
    model = [group for group in groups if group.params.get("arm") == "model"]
    shuffled = [group for group in groups if group.params.get("arm") == "shuffled"]
    levels = sorted({_strength(group) for group in (*model, *shuffled)})
    _line(panels[0], model, levels, "geneval", style.LOOKS[0], "model")
    _line(panels[0], shuffled, levels, "geneval", style.LOOKS[1], "shuffled captions")
    for arm, line in LEVEL.items():
        for group in groups:
            value = mean(group, "geneval").value
            if group.params.get("arm") == arm and value is not None:
                panels[0].axhline(value, color=style.GREY, linestyle=line, linewidth=1, label=arm)
    for number, (task, look) in enumerate(zip(TASKS, style.LOOKS)):
        metric, aside = f"geneval/{task}", BESIDE * ((number + 0.5) / len(TASKS) - 0.5)
        _line(panels[1], model, levels, metric, look, words(metric), aside)
    _line(panels[2], model, levels, "fd_random_conv", style.LOOKS[0], "")
    titles = ("score", "tasks of the model", "distance to the data")
    labels = ("GenEval score", "share of images that are right", "FD, random conv")
    for letter, axes, title, label in zip("abc", panels, titles, labels):
        axes.set(xlabel=GUIDANCE, ylabel=label, xlim=(-0.5, max(1, len(levels)) - 0.5))
        axes.set_xticks(range(len(levels)), [f"{w:g}" for w in levels])
        style.panel(axes, letter, title)
    for axes in panels[:2]:
        axes.set_ylim(0, 1.05)
        style.legend(axes, loc="upper center", bbox_to_anchor=(0.5, -0.24), ncols=2)
    panels[2].set_ylim(bottom=0)
    return figure


def _strength(group: Group) -> float:
    return float(group.params.get("guidance") or 0)


def _line(
    axes: Axes,
    groups: list[Group],
    levels: Sequence[float],
    metric: str,
    look: style.Look,
    name: str,
    aside: float = 0.0,
) -> None:
    """A metric over guidance, cell by cell; what has no number is left out.

    aside: how far a mark stands from the middle of its strength's place, which is 1 wide.
    """
    points = []
    for group in groups:
        found = mean(group, metric)
        if found.value is not None:
            place = levels.index(_strength(group)) + aside
            points.append((place, found.value, found.error or 0.0))
    if points:
        x, y, error = zip(*sorted(points))
        kwargs = {**look.line_kwargs(), "clip_on": False}
        axes.errorbar(x, y, error, label=name or None, elinewidth=0.8, **kwargs)
