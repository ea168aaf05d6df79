"""What guidance does to a text-to-image model of scenes.

(a) the GenEval score of the model over guidance, with its floor, the same samples under other
captions of their task; the renderer and chance are level lines. (b) the six tasks of the model.
(c) the Fréchet distance of its samples to the data. Marks are means over replicates, bars their
standard errors.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.geneval.vocabulary import TASKS
from harness.report import style
from harness.report.results import Group, Results, mean

GUIDANCE = "guidance w (0: none)"
LEVEL = {"renderer": "--", "chance": ":"}


def draw(results: Results) -> Figure:
    """Three panels over guidance."""
    figure = style.figure(2.9)
    panels = figure.subplots(1, 3)
    groups = results.ordered(("guidance",))
    model = [group for group in groups if group.params.get("arm") == "model"]
    shuffled = [group for group in groups if group.params.get("arm") == "shuffled"]
    _line(panels[0], model, "geneval", style.LOOKS[0], "model")
    _line(panels[0], shuffled, "geneval", style.LOOKS[1], "other captions")
    for arm, line in LEVEL.items():
        for group in groups:
            level = mean(group, "geneval").value
            if group.params.get("arm") == arm and level is not None:
                panels[0].axhline(level, color=style.GREY, linestyle=line, linewidth=1, label=arm)
    for task, look in zip(TASKS, style.LOOKS):
        _line(panels[1], model, f"geneval/{task}", look, task.replace("_", " "))
    _line(panels[2], model, "fd_random_conv", style.LOOKS[0], "")
    titles = ("score", "tasks of the model", "distance to the data")
    labels = ("GenEval score", "share of images that are right", "FD, random conv")
    for letter, axes, title, label in zip("abc", panels, titles, labels):
        axes.set(xlabel=GUIDANCE, ylabel=label)
        style.panel(axes, letter, title)
    for axes in panels[:2]:
        axes.set_ylim(0, 1.05)
        style.legend(axes, loc="upper center", bbox_to_anchor=(0.5, -0.24), ncols=2)
    panels[2].set_ylim(bottom=0)
    return figure


def _line(axes: Axes, groups: list[Group], metric: str, look: style.Look, name: str) -> None:
    """A metric over guidance, cell by cell; what has no number is left out."""
    points = []
    for group in groups:
        found, w = mean(group, metric), group.params.get("guidance")
        if found.value is not None and isinstance(w, int | float):
            points.append((float(w), found.value, found.error or 0.0))
    if points:
        x, y, error = zip(*sorted(points))
        axes.errorbar(x, y, error, label=name or None, elinewidth=0.8, **look.line_kwargs())
