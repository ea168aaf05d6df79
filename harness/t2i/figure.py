"""The figure of a score: the mean of each task with its interval over prompts, and the overall one.

Published scores, where the suite is the published one, stand beside as grey marks without interval:
they are quoted, from another detector than most.
"""

from matplotlib.axes import Axes

from harness.geneval.published import PUBLISHED
from harness.geneval.score import TaskScore
from harness.geneval.vocabulary import COCO, TASKS
from harness.report import style
from harness.t2i.outcome import Outcome

QUOTED = ("Stable Diffusion v1.5", "Stable Diffusion XL", "IF-XL")
MARKS = ("x", "+", "d")


def files(outcome: Outcome) -> dict[str, bytes]:
    """The bytes of the figure by kind: pdf, svg and png."""
    with style.applied("geneval"):
        made = style.figure(2.4, 5.0)
        axes = made.subplots()
        _draw(axes, outcome)
        return style.saved(made)


def _draw(axes: Axes, outcome: Outcome) -> None:
    score = outcome.score
    by_task: dict[str, TaskScore] = {task.task: task for task in score.tasks}
    for place, name in enumerate(TASKS):
        task = by_task.get(name)
        if task is not None:
            low, high = task.mean - task.bootstrap.low, task.bootstrap.high - task.mean
            axes.errorbar(place, task.mean, [[low], [high]], fmt="o", color=style.BLUE)
    low, high = score.overall - score.bootstrap.low, score.bootstrap.high - score.overall
    axes.errorbar(len(TASKS), score.overall, [[low], [high]], fmt="s", color=style.BLACK)
    if outcome.judged.vocabulary == COCO:
        for mark, name in zip(MARKS, QUOTED):
            row = next(each for each in PUBLISHED if each.model == name)
            places = [place + 0.25 for place in range(len(TASKS) + 1)]
            axes.plot(
                places, [*row.tasks, row.overall], mark, color=style.GREY, label=f"{name}, quoted"
            )
        style.legend(axes, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(QUOTED))
    names = [name.replace("_", " ") for name in (*TASKS, "overall")]
    axes.set_xticks(range(len(names)), names, rotation=25, ha="right", rotation_mode="anchor")
    axes.set_xlim(-0.5, len(TASKS) + 0.75)
    axes.set_ylim(-0.02, 1.02)
    axes.set_ylabel("share of right images (95 %)")
    axes.axvline(len(TASKS) - 0.4, color="#cccccc", linewidth=0.6)
