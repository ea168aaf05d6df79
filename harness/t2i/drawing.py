"""Drawing: a suite of scenes in the published folder of images, with a contact sheet.

The images of these folders bound every score of a model of scenes: drawn as the captions say, they
give the ceiling, which the detector's errors alone keep from 1; shuffled, so that every caption
stands over the images of another one, they give the floor, what a model scores that paints well and
does not read.
"""

import argparse
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from harness.evaluate.ticker import Ticker
from harness.geneval.prompt import Prompt
from harness.problem import Problem
from harness.records.atomic import write_bytes
from harness.scenes.render import render
from harness.scenes.suite import different
from harness.scenes.world import World, arrange
from harness.streams import numpy_generator
from harness.t2i.claim import claimed
from harness.t2i.folder import sample_path, write_image, write_prompt
from harness.t2i.made_by import same_settings
from harness.report.contact import Shown, sheet

CONTACT = "contact.png"


def deranged(count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """A random order of ``count`` places in which none stays where it is; at least two places."""
    if count < 2:
        raise Problem("the images of another prompt", f"{count} prompt", "ask for two or more")
    while True:  # about e draws
        order = generator.permutation(count)
        if (order != np.arange(count)).all():
            return order


def pictures(
    prompts: Sequence[Prompt], images: int, world: World, generator: np.random.Generator
) -> NDArray[np.uint8]:
    """Levels of ``images`` scenes of each prompt, uint8 ``[P, images, S, S, 3]``."""
    asked = [prompt for prompt in prompts for _ in range(images)]
    light = render(arrange(asked, world, generator), world)  # [N, 3, S, S]
    levels = np.rint((light + 1) * 127.5).astype(np.uint8).transpose(0, 2, 3, 1)
    return levels.reshape(len(prompts), images, world.size, world.size, 3)


def draw(options: argparse.Namespace, ticker: Ticker) -> list[Prompt]:
    """Draw what ``patina geneval scenes`` asks for; the prompts of the folder."""
    from PIL import Image

    if options.images < 1:
        raise Problem(f"--images {options.images}", "none", "give 1 or more")
    world = World(options.size, options.layout)
    choose, place, other = (
        numpy_generator("scenes", options.seed, f"geneval {name}")
        for name in ("prompts", "pictures", "shuffle")
    )
    prompts = different(options.prompts_per_task, choose)
    levels = pictures(prompts, options.images, world, place)
    if options.shuffled:
        levels = levels[deranged(len(prompts), other)]
    settings = {
        "model": "the renderer of scenes",
        "size": world.size,
        "layout": world.layout,
        "prompts_per_task": options.prompts_per_task,
        "images": options.images,
        "shuffled": options.shuffled,
        "seed": options.seed,
    }
    step = ticker.step("drawing")
    with claimed(options.out):
        same_settings(options.out, settings)
        shown = []
        for number, (prompt, own) in enumerate(zip(prompts, levels)):
            write_prompt(options.out, number, prompt)
            for index, picture in enumerate(own):
                path = sample_path(options.out, number, index)
                write_image(path, Image.fromarray(picture))
                shown.append(Shown(prompt.tag, prompt.prompt, None, partial(np.asarray, picture)))
            step((number + 1) / len(prompts))
        write_bytes(options.out / CONTACT, sheet(shown))
    return prompts
