"""Judging: from images and detections to results, or from a file of results as it stands.

    a folder and detections     the prompts are the folder's; bytes are compared by their sha256
    detections and prompts      no images are at hand; 00012/samples/0000.png is of prompt 12
    results                     a published file: its verdicts are taken as they are

Every image must have been detected, from these very bytes, and no other image may be in the file.
Two names of one image are refused: ``0/samples/0.png`` is ``00000/samples/0000.png``.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

from harness.evaluate.ticker import Ticker
from harness.geneval.detection import Detected
from harness.geneval.detections import Detections, Header, check_words
from harness.geneval.entry import Entry, read_text, shown
from harness.geneval.prompt import Prompt
from harness.geneval.results import Result, read_results
from harness.geneval.rules import Rules, judge
from harness.geneval.vocabulary import COCO, Vocabulary
from harness.problem import Problem
from harness.scenes.captions import SCENES
from harness.t2i.bundle import torn
from harness.t2i.folder import Folder, image_bytes

SCHEMA = "patina geneval 1"  # of summaries
NUMBERED = re.compile(
    r"(?P<root>.*/)?0*(?P<prompt>[0-9]{1,9})/(samples/)?0*(?P<own>[0-9]{1,9})\.png"
)


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
    check_words(found.header.vocabulary, SCENES, f"{path}:1")
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
    notes = [*folder.notes, *_sizes(found)]
    if unsigned:
        notes.append(f"{unsigned} images were detected without their sha256: not checked")
    results = _results(images, found, rules)
    asked = digest(each.prompt.json for each in folder.sampled)
    inputs = {"detections": sha256(path), "images": digest(lines), "prompts": asked}
    head = found.header
    return Judged(results, head.vocabulary, rules, head, folder.root, inputs, tuple(notes))


def of_prompts(
    prompts: Sequence[Prompt],
    found: Detections,
    path: Path,
    rules: Rules,
    per_prompt: int | None = None,
) -> Judged:
    """Judge detections by a suite of prompts; the first part of a name is the prompt's number.

    per_prompt: how many images each prompt must have. Raises ``Problem``, with file and line, for a
    name that is no number of a prompt and one of an image, for a number that no prompt has, and for
    an image that stood before under another name.
    """
    check_words(found.header.vocabulary, SCENES, f"{path}:1")
    places = [f"{path}:{line}" for line in range(2, 2 + len(found.images))]
    _once([each.image for each in found.images], places)
    asked: dict[str, int] = {}
    for detected, where in zip(found.images, places):
        matched = NUMBERED.fullmatch(detected.image)
        if matched is None or matched["root"]:
            fix = "name each image by the number of its prompt and its own"
            raise Problem(
                f"00012/samples/0000.png or the like at {where}", shown(detected.image), fix
            )
        asked[detected.image] = int(matched["prompt"])
        if asked[detected.image] >= len(prompts):
            fix = "give the suite of prompts that the images were made of"
            got = shown(detected.image)
            raise Problem(f"the number of one of {len(prompts)} prompts at {where}", got, fix)
    counts = Counter(asked.values())
    for number in range(len(prompts)):
        if per_prompt is not None and counts[number] != per_prompt:
            fix = "generate and detect what is missing, or give the number that there is"
            got = f"{counts[number]}"
            raise Problem(f"{per_prompt} images of the prompt {number:05} in {path}", got, fix)
    lacking = [number for number in range(len(prompts)) if not counts[number]]
    notes = [*_sizes(found)]
    if lacking:
        notes.append(
            f"{len(lacking)} of {len(prompts)} prompts have no image, the first {lacking[0]:05}"
        )
    images = {name: prompts[number] for name, number in sorted(asked.items())}
    inputs = {"detections": sha256(path), "prompts": digest(each.json for each in prompts)}
    results = _results(images, found, rules)
    return Judged(results, found.header.vocabulary, rules, found.header, None, inputs, tuple(notes))


def _once(names: Sequence[str], places: Sequence[str]) -> None:
    """Refuse two names of one image. places: file and line of each."""
    seen: dict[tuple[str, ...], int] = {}
    for index, name in enumerate(names):
        matched = NUMBERED.fullmatch(name)
        if matched is None:
            continue
        first = seen.setdefault(matched.group("root", "prompt", "own"), index)
        if first != index:
            got = f"{shown(names[first])} at {places[first]} and {shown(name)} at {places[index]}"
            raise Problem("each image once", got, "take one of the two out")


def _sizes(found: Detections) -> list[str]:
    """A note where images differ in size."""
    first: dict[tuple[int, int], Detected] = {}
    for detected in found.images:
        first.setdefault((detected.width, detected.height), detected)
    if len(first) < 2:
        return []
    count = Counter((each.width, each.height) for each in found.images)
    parts = [
        f"{count[size]} of {size[0]} x {size[1]} pixels, the first {shown(each.image)}"
        for size, each in list(first.items())[:3]
    ]
    return [f"images of {len(first)} sizes: {'; '.join(parts)}{'; ...' * (len(first) > 3)}"]


def of_results(path: Path) -> Judged:
    """The verdicts of a file of results in the published form."""
    entry = Entry.parse(read_text(path, "results").split("\n")[0], f"{path}:1")
    try:
        metadata = Entry.parse(str(entry.value["metadata"]), f"{path}:1, metadata")
        words = words_of(str(metadata.value["include"][0]["class"]))
    except (KeyError, IndexError, TypeError):
        words = COCO  # reading says what is wrong
    results = read_results(path, words)
    places = [f"{path}:{line}" for line in range(1, 1 + len(results))]
    _once([result.filename for result in results], places)
    asked = digest(result.metadata for result in results)
    inputs = {"results": sha256(path), "prompts": asked}
    return Judged(results, words, None, inputs=inputs, notes=torn(path, SCHEMA))


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
    for prompt in images.values():
        for wanted in (*prompt.include, *prompt.exclude):
            if wanted.count > rules.max_objects:
                got = f"rules that count {rules.max_objects} of a class at most"
                fix = f"give --rule max_objects={wanted.count} or more, or take the prompt out"
                raise Problem(f"{wanted.count} {wanted.klass} in {prompt.prompt!r}", got, fix)
    return tuple(
        Result.of(name, prompt, judge(prompt, there[name], rules, words))
        for name, prompt in images.items()
    )
