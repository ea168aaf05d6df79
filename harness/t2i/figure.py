"""The figure of a score: the mean of each task with its interval over prompts, and the overall one.

A mean is a line, its interval the box about it, so that neither hides the other however narrow the
box is. Published scores stand beside as grey marks without interval, each model in a column of its
own within the task: they are quoted, with the published detector. They are left out where the
classes, the rules or the prompts are others.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.geneval.interval import Interval
from harness.geneval.published import PUBLISHED
from harness.geneval.vocabulary import TASKS
from harness.report import style
from harness.t2i.folder import printable
from harness.t2i.outcome import Outcome

QUOTED = ("Stable Diffusion v1.5", "Stable Diffusion XL", "IF-XL")
MARKS = ("x", "+", "d")
HALF = 0.17  # of the width of a box; a task is 1 wide
COLUMNS = (0.28, 0.41, 0.54)  # of the quoted models, to the right of a task's own place
LONGEST = 20  # letters of a detector's name


def files(outcome: Outcome) -> dict[str, bytes]:
    """The bytes of the figure by kind: pdf, svg and png."""
    with style.applied("geneval"):
        return style.saved(page(outcome))


def page(outcome: Outcome) -> Figure:
    """The figure with its legend, this model first."""
    made = style.figure(2.8, 5.0)
    axes = made.subplots()
    draw(axes, outcome)
    handles, names = axes.get_legend_handles_labels()
    own = len(names) - 1  # boxes come after marks
    order = [own, *range(own)]
    shown = made.legend(
        [handles[i] for i in order], [names[i] for i in order], loc="outside upper left", ncols=2
    )
    for text in shown.get_texts():
        text.set_parse_math(False)  # a detector's name is no formula
    return made


def draw(axes: Axes, outcome: Outcome) -> None:
    """The score on some axes; what is drawn has its name, for a legend."""
    score = outcome.score
    name = printable(outcome.detector)
    name = name if len(name) <= LONGEST else f"{name[: LONGEST - 3]}..."
    label = f"this model: mean and 95 %\ninterval over prompts,\ndetector {name}"
    for task in score.tasks:
        _box(axes, TASKS.index(task.task), task.mean, task.bootstrap, style.BLUE, label)
        label = ""
    end = len(TASKS)
    _box(axes, end, score.overall, score.bootstrap, style.BLACK, "")
    if outcome.quotable:
        for mark, column, name in zip(MARKS, COLUMNS, QUOTED):
            row = next(each for each in PUBLISHED if each.model == name)
            values = [*row.tasks, row.overall]
            places = [place + column for place in range(len(values))]
            axes.plot(places, values, mark, color=style.GREY, label=f"{name}, quoted")
    names = [name.replace("_", " ") for name in (*TASKS, "overall")]
    axes.set_xticks(range(len(names)), names, rotation=25, ha="right", rotation_mode="anchor")
    axes.set_xlim(-0.5, end + 0.8)
    axes.set_ylim(-0.02, 1.02)
    axes.set_ylabel("share of right images")
    axes.axvline(end - 0.3, color="#cccccc", linewidth=0.6)


def _box(axes: Axes, place: int, mean: float, interval: Interval, color: str, label: str) -> None:
    """A mean as a line with its interval as a box."""
    low, high = interval
    axes.bar(
        place, high - low, 2 * HALF, low, color=color, alpha=0.3, linewidth=0, label=label or None
    )
    axes.hlines(mean, place - HALF, place + HALF, color=color, linewidth=1.2)
