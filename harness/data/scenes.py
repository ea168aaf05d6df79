"""scenes: pictures of coloured shapes with captions, rendered on the spot.

The world of ``harness.scenes``: ``count`` scenes, the six tasks in turn, so that each has an equal
share; within a task every caption is equally likely, and within a caption every scene. The label is
the number of the caption among all ``captions()``. Held out is every tenth picture of each task.
The same parameters give the same pictures.
"""

import numpy as np

from harness.data.images import Images
from harness.geneval.vocabulary import TASKS
from harness.problem import Problem
from harness.scenes.captions import captions, captions_of, prompt_of
from harness.scenes.render import render
from harness.scenes.world import World, arrange
from harness.streams import numpy_generator

LEAST = 10 * len(TASKS)  # pictures, so that each task has one held out


def scenes(*, size: int = 24, layout: str = "grid", count: int = 12000, seed: int = 0) -> Images:
    """``count`` pictures ``[3, size, size]`` in [-1, 1] with the number of their caption.

    layout: one of ``harness.scenes.world.LAYOUTS``; seed: chooses among independent sets.
    """
    world = World(size, layout)
    if type(count) is not int or count < LEAST:
        fix = f"ask for at least {LEAST}, ten of each task"
        raise Problem(f"{count!r} scenes", "too few to hold out a tenth of each task", fix)
    generator = numpy_generator(f"scenes {size} {layout} {count}", seed, "scenes")
    known = captions()
    numbers = {caption: number for number, caption in enumerate(known)}
    task = np.arange(count) % len(TASKS)
    labels = np.empty(count, np.int64)
    for t, name in enumerate(TASKS):
        own = np.array([numbers[caption] for caption in captions_of(name)])
        labels[task == t] = generator.choice(own, int((task == t).sum()))
    prompts = [prompt_of(known[label]) for label in labels]
    return Images.unrelated(
        name="scenes",
        pixels=render(arrange(prompts, world, generator), world),
        test=np.arange(count) // len(TASKS) % 10 == 9,
        labels=labels,
        classes=known,
        licence="CC0 1.0 (rendered by this project)",
        citation="the captioned world of this project, module harness.scenes",
    )
