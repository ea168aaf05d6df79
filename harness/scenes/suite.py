"""A suite: which captions are drawn for an evaluation of a model of scenes, and how often.

``Suite`` is for a study. Every task gets the same number of images. Its captions share them as
evenly as can be: a task with more captions than images asks for that many different ones, drawn at
random; one with fewer repeats each. So the captions of a suite follow the law of the dataset
``scenes``, by which a model is trained, and each task mean rests on as many images. (GenEval has
four images for each of its prompts; the tasks of this world have from 3 to 336 captions.) The suite
is one and the same for every replicate. ``different`` is for the published protocol: captions that
all differ, with as many images each as one likes.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from harness.geneval.prompt import Prompt
from harness.geneval.vocabulary import TASKS
from harness.problem import Problem
from harness.scenes.captions import captions_of, prompt_of
from harness.streams import numpy_generator


@final
@dataclass(frozen=True)
class Suite:
    """images: of each task; number: another one gives other captions where a task has to choose."""

    images: int
    number: int = 0

    def __post_init__(self) -> None:
        if type(self.images) is not int or self.images < 1:
            raise Problem(f"a suite of {self.images} images a task", "none", "ask for 1 or more")

    @property
    def count(self) -> int:
        """Images in all."""
        return self.images * len(TASKS)

    @cached_property
    def prompts(self) -> tuple[Prompt, ...]:
        """The prompt of every image, by task; one with several images stands there as often."""
        generator = numpy_generator("scenes", self.number, "suite")
        asked = []
        for task in TASKS:
            known = captions_of(task)
            turn = generator.permutation(len(known))
            chosen = sorted(int(turn[i % len(known)]) for i in range(self.images))
            asked += [prompt_of(known[i]) for i in chosen]
        return tuple(asked)


def different(per_task: int, generator: np.random.Generator) -> list[Prompt]:
    """Prompts to evaluate by: ``per_task`` different ones of each task, all where there are fewer.

    Drawn without replacement; tasks in GenEval's order, captions in the order of ``captions``.
    """
    if per_task < 1:
        raise Problem(f"{per_task} captions a task", "no suite", "ask for at least 1")
    chosen = []
    for task in TASKS:
        known = captions_of(task)
        drawn = generator.choice(len(known), min(per_task, len(known)), replace=False)
        chosen += [prompt_of(known[i]) for i in np.sort(drawn)]
    return chosen
