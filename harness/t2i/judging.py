"""Judging: from images and detections to results, or from a file of results as it stands.

    a folder and detections     the prompts are the folder's; bytes are compared by their sha256
    detections and prompts      no images are at hand; an image 00012/... belongs to prompt 12
    results                     a published file: its verdicts are taken as they are

Every image must have been detected, from these very bytes, and no other image may be in the file.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

from harness.evaluate.ticker import Ticker
from harness.geneval.detections import Detections, Header
from harness.geneval.entry import Entry, read_text
from harness.geneval.prompt import Prompt
from harness.geneval.results import Result, read_results
from harness.geneval.rules import Rules, judge
from harness.geneval.vocabulary import COCO, Vocabulary
from harness.problem import Problem
from harness.scenes.captions import SCENES
from harness.t2i.folder import Folder, image_bytes


@final
@dataclass(frozen=True)
class Judged:
    """Results with where they are from. results: in the order of the images; header: of the
    detections, None for a file of results; root: where the images lie, None where they are not at
    hand; inputs: the sha256 of what was read, by what it is."""

    results: tuple[Result, ...]
    vocabulary: Vocabulary
    rules: Rules | None
    header: Header | None = None
    root: Path | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def words_of(klass: str) -> Vocabulary:
    """The vocabulary that a class is of: that of scenes, or else that of COCO."""
    return SCENES if klass in SCENES.classes else COCO


def sha256(path: Path) -> str:
    """The sha256 of a file that was read before."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digest(lines: Iterable[str]) -> str:
    """The sha256 of different lines, each with a line feed, whatever their order."""
    text = "".join(f"{line}\n" for line in sorted(set(lines)))
    return hashlib.sha256(text.encode()).hexdigest()


def of_folder(
    folder: Folder, found: Detections, path: Path, rules: Rules, ticker: Ticker | None = None
) -> Judged:
    """Judge the images of a folder by detections from ``path``.

    Raises ``Problem`` for an image that was not detected, for one that was detected from other
    bytes, and for detections of images that are not there.
    """
    ticker = ticker or Ticker(quiet=True)
    images, there = folder.images, found.by_image()
    _same_images(images, there, path)
    step, lines, unsigned = ticker.step("checking the images"), [], 0
    for number, name in enumerate(images, 1):
        own = hashlib.sha256(image_bytes(folder.root, name)).hexdigest()
        if not there[name].sha256:
            unsigned += 1
        elif there[name].sha256 != own:
            raise Problem(
                f"the detections in {path} of {folder.root / name}",
                f"those of other bytes, sha256 {there[name].sha256[:16]}... for {own[:16]}...",
                "the image has changed: detect it again, into another file",
            )
        lines.append(f"{name} {own}")
        step(number / len(images))
    notes = [*folder.notes]
    if unsigned:
        notes.append(f"{unsigned} images were detected without their sha256: not checked")
    results = _results(images, found, rules)
    asked = digest(each.prompt.json for each in folder.sampled)
    inputs = {"detections": sha256(path), "images": digest(lines), "prompts": asked}
    head = found.header
    return Judged(results, head.vocabulary, rules, head, folder.root, inputs, tuple(notes))


def of_prompts(prompts: Sequence[Prompt], found: Detections, path: Path, rules: Rules) -> Judged:
    """Judge detections by a suite of prompts; the first part of a name is the prompt's number.

    Raises ``Problem`` for a name without such a number, or with one that no prompt has.
    """
    images: dict[str, Prompt] = {}
    for detected in found.images:
        first = detected.image.split("/")[0]
        if not first.isdecimal() or int(first) >= len(prompts):
            fix = "give the suite of prompts that the images were made of"
            asked = f"the number of one of {len(prompts)} prompts before the image in {path}"
            raise Problem(asked, repr(detected.image), fix)
        images[detected.image] = prompts[int(first)]
    lacking = sorted(set(range(len(prompts))) - {int(name.split("/")[0]) for name in images})
    notes = []
    if lacking:
        notes.append(
            f"{len(lacking)} of {len(prompts)} prompts have no image, the first {lacking[0]:05}"
        )
    images = dict(sorted(images.items()))
    inputs = {"detections": sha256(path), "prompts": digest(each.json for each in prompts)}
    results = _results(images, found, rules)
    return Judged(results, found.header.vocabulary, rules, found.header, None, inputs, tuple(notes))


def of_results(path: Path) -> Judged:
    """The verdicts of a file of results in the published form."""
    entry = Entry.parse(read_text(path, "results").split("\n")[0], f"{path}:1")
    try:
        metadata = Entry.parse(str(entry.value["metadata"]), f"{path}:1, metadata")
        words = words_of(str(metadata.value["include"][0]["class"]))
    except (KeyError, IndexError, TypeError):
        words = COCO  # reading says what is wrong
    results = read_results(path, words)
    asked = digest(result.metadata for result in results)
    inputs = {"results": sha256(path), "prompts": asked}
    return Judged(results, words, None, inputs=inputs)


def _same_images(images: Mapping[str, Prompt], there: Mapping[str, object], path: Path) -> None:
    absent = [name for name in images if name not in there]
    if absent:
        raise Problem(
            f"detections of {len(images)} images in {path}",
            f"{len(absent)} not detected, the first {absent[0]}",
            "run `patina geneval detect` again: it goes on where it stopped",
        )
    strange = [name for name in there if name not in images]
    if strange:
        raise Problem(
            f"detections of the {len(images)} images of the folder in {path}",
            f"{len(strange)} of other images, the first {strange[0]}",
            "give the detections of this folder",
        )


def _results(images: Mapping[str, Prompt], found: Detections, rules: Rules) -> tuple[Result, ...]:
    there, words = found.by_image(), found.header.vocabulary
    return tuple(
        Result.of(name, prompt, judge(prompt, there[name], rules, words))
        for name, prompt in images.items()
    )
