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
from harness.report.contact import Shown, sheet
from harness.scenes.render import render
from harness.scenes.suite import different
from harness.scenes.world import Scene, World, arrange
from harness.streams import numpy_generator
from harness.t2i.claim import claimed
from harness.t2i.detectors import LARGEST
from harness.t2i.folder import levels, sample_path, write_image, write_prompt
from harness.t2i.made_by import same_settings, write_settings

CONTACT = "contact.png"


def deranged(count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """A random order of ``count`` places in which none stays where it is; at least two places."""
    if count < 2:
        raise Problem("the images of another prompt", f"{count} prompt", "ask for two or more")
    while True:  # about e draws
        order = generator.permutation(count)
        if (order != np.arange(count)).all():
            return order


def scenes(
    prompts: Sequence[Prompt], images: int, world: World, generator: np.random.Generator
) -> list[list[Scene]]:
    """``images`` scenes of each prompt; they are small, their pictures are not."""
    asked = [prompt for prompt in prompts for _ in range(images)]
    made = arrange(asked, world, generator)
    return [made[start : start + images] for start in range(0, len(made), images)]


def pictures(own: Sequence[Scene], world: World) -> NDArray[np.uint8]:
    """Levels of the pictures of scenes, uint8 ``[N, S, S, 3]``."""
    return np.rint((render(own, world) + 1) * 127.5).astype(np.uint8).transpose(0, 2, 3, 1)


def draw(options: argparse.Namespace, ticker: Ticker) -> list[Prompt]:
    """Draw what ``patina geneval scenes`` asks for; the prompts of the folder."""
    from PIL import Image

    if options.images < 1:
        raise Problem(f"--images {options.images}", "none", "give 1 or more")
    if options.size > LARGEST:
        got = f"more than the {LARGEST} pixels that the detector of scenes takes"
        raise Problem(f"--size {options.size}", got, f"give at most {LARGEST}")
    world, root = World(options.size, options.layout), options.out
    choose, place, other = (
        numpy_generator("scenes", options.seed, f"geneval {name}")
        for name in ("prompts", "pictures", "shuffle")
    )
    prompts = different(options.prompts_per_task, choose)
    laid = scenes(prompts, options.images, world, place)
    if options.shuffled:
        laid = [laid[number] for number in deranged(len(prompts), other)]
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
    with claimed(root):
        if not same_settings(root, settings):
            write_settings(root, settings)
        shown = []
        for number, (prompt, own) in enumerate(zip(prompts, laid)):
            write_prompt(root, number, prompt)
            for index, scene in enumerate(own):
                path = sample_path(root, number, index)
                write_image(path, Image.fromarray(pictures([scene], world)[0]))
                read = partial(levels, root, str(path.relative_to(root)))
                shown.append(Shown(prompt.tag, prompt.prompt, None, read))
            step((number + 1) / len(prompts))
        write_bytes(root / CONTACT, sheet(shown))
    return prompts
