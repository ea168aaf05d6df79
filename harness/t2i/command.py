"""What ``patina geneval`` does with its options."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from harness.evaluate.ticker import Ticker
from harness.geneval.entry import Entry, read_text
from harness.geneval.prompt import Prompt, read_prompts, write_prompts
from harness.geneval.vocabulary import TASKS, Vocabulary
from harness.problem import Problem
from harness.streams import numpy_generator
from harness.t2i.judging import words_of
from harness.t2i.screen import say


def geneval(options: argparse.Namespace) -> int:
    """Run one command of ``patina geneval``."""
    for name, least in (("batch", 1), ("images_per_prompt", 1), ("seed", 0), ("scenes", 1)):
        value = getattr(options, name, None)
        if value is not None and value < least:
            shown = name.replace("_", "-")
            raise Problem(f"--{shown} {value}", "no such number", f"give {least} or more")
    if options.action in ("prompts", "detect", "score") and options.out and options.out.is_dir():
        raise Problem(f"--out {options.out}", "a folder", "name a file")
    return ACTIONS[options.action](options)


def counted(prompts: Sequence[Prompt]) -> str:
    """How many prompts there are of each task."""
    found = Counter(prompt.tag for prompt in prompts)
    tasks = ", ".join(f"{task} {found[task]}" for task in TASKS if found[task])
    return f"{len(prompts)} prompts: {tasks}"


def prompts_of(path: Path, vocabulary: Vocabulary | None = None) -> tuple[Prompt, ...]:
    """The prompts of a file; without a vocabulary, in that of their first class."""
    if vocabulary is None:
        first = Entry.parse(read_text(path, "prompts").split("\n")[0], f"{path}:1")
        try:
            vocabulary = words_of(str(first.value["include"][0]["class"]))
        except (KeyError, IndexError, TypeError):
            vocabulary = words_of("")  # reading says what is wrong
    return read_prompts(path, vocabulary)


def _prompts(options: argparse.Namespace) -> int:
    if options.scenes:
        from harness.scenes.suite import different

        generator = numpy_generator("scenes", options.seed or 0, "geneval prompts")
        prompts: Sequence[Prompt] = different(options.scenes, generator)
    elif options.seed is not None:
        fix = "leave it out: they never change; --scenes N draws captions by a seed"
        raise Problem("the published prompts", f"--seed {options.seed}", fix)
    else:
        from harness.geneval.generator import published_prompts

        prompts = published_prompts()
    if options.out is None:
        say("\n".join(prompt.json for prompt in prompts))
        print(counted(prompts), file=sys.stderr)
        return 0
    write_prompts(options.out, prompts)
    say(f"wrote {options.out}: {counted(prompts)}")
    say(
        "next: make four images of each in DIR/00000/samples/0000.png ... in the order of the\n"
        "file, with the prompt's line in DIR/00000/metadata.jsonl, or let it be done:\n"
        f"  patina geneval generate --prompts {options.out} --model MODEL --out DIR"
    )
    return 0


def _scenes(options: argparse.Namespace) -> int:
    from harness.t2i.drawing import draw

    made = draw(options, Ticker(options.quiet))
    say(f"wrote {options.out}: {counted(made)}, {options.images} images each, and contact.png")
    say(
        "next: patina geneval score "
        f"{options.out} --detector scenes --out {options.out.name}.results.jsonl"
    )
    return 0


def _detect(options: argparse.Namespace) -> int:
    from harness.t2i.detecting import chosen, detect
    from harness.t2i.folder import read_folder

    detector, head = chosen(options)
    suite = prompts_of(options.prompts, detector.vocabulary) if options.prompts else None
    folder = read_folder(options.images, detector.vocabulary, suite, options.images_per_prompt)
    made = detect(folder, detector, options.out, head, options.batch or 1, Ticker(options.quiet))
    for note in folder.notes:
        say(f"note: {note}")
    total = len(folder.images)
    say(f"wrote {options.out}: {made} of {total} images now, {total - made} before")
    say(f"next: patina geneval score {options.images} --detections {options.out}")
    return 0


def _generate(options: argparse.Namespace) -> int:
    from harness.t2i.generation import Setting, generate
    from harness.t2i.pipeline import load

    prompts = prompts_of(options.prompts)
    setting = Setting(
        images=options.images,
        seed=options.seed,
        steps=options.steps,
        guidance=options.guidance,
        height=options.height,
        width=options.width,
        negative_prompt=options.negative_prompt,
        batch=options.batch,
    )
    pipeline, device, said = load(options.model, setting, options.dtype, options.device)
    ticker = Ticker(options.quiet)
    written = generate(prompts, pipeline, options.out, setting, device, ticker, said)
    say(f"wrote {written} images into {options.out}: {counted(prompts)}")
    if pipeline.flagged:
        say(f"note: the model's safety checker made {pipeline.flagged} images black")
    say(f"next: patina geneval detect {options.out} --detector mask2former --out detections.jsonl")
    return 0


def _score(options: argparse.Namespace) -> int:
    from harness.t2i.scoring import score

    return score(options)


ACTIONS = {
    "prompts": _prompts,
    "scenes": _scenes,
    "generate": _generate,
    "detect": _detect,
    "score": _score,
}
