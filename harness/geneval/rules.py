"""The rules: when an image shows what its prompt asks for.

Which objects count. Those whose score is above the threshold (0.9 in the task ``counting``, 0.3
elsewhere; equal is not above), by descending score, at most 16 a class. A box that overlaps a kept
one of its class by ``nms`` or more is then dropped; at 1, the published value, none is. The overlap
and the relation of two boxes are those of ``harness.geneval.boxes``.

What must be there. The entries of ``include`` are judged in order, each on the ``count`` objects of
its class with the highest scores. It fails if there are fewer; if fewer than ``count`` of them have
its colour; or, where it holds so far, if one of them is not in its relation to every object of the
entry that its position refers to, or if that entry failed. What must not be there: an entry of
``exclude`` fails if there are ``count`` objects of its class or more. One failure makes the image
wrong; the reason gives a line for each.

Source: Ghosh, Hajishirzi and Schmidt, GenEval, NeurIPS 2023, section 3, and its published code,
which decides where the paper is silent. Ours: of equal scores the object that the detector names
first comes first (published: undefined); numbers are doubles (published: singles, so that a score
or a relation less than 1e-7 from its bound may differ).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, final

from harness.geneval.boxes import overlap, relations
from harness.geneval.detection import Detected, Found
from harness.geneval.entry import real
from harness.geneval.prompt import Prompt, Wanted
from harness.geneval.vocabulary import COCO, Vocabulary
from harness.problem import Problem


@final
@dataclass(frozen=True)
class Rules:
    """The numbers of the rules; the defaults are the published ones.

    threshold, counting_threshold: of the score, in [0, 1]; max_objects: of a class; nms: the
    overlap from which on a box is dropped, in (0, 1]; position_margin: share of the two sizes.
    """

    threshold: float = 0.3
    counting_threshold: float = 0.9
    max_objects: int = 16
    nms: float = 1.0
    position_margin: float = 0.1

    def __post_init__(self) -> None:
        for name in ("threshold", "counting_threshold"):
            if not real(getattr(self, name)) or not 0 <= getattr(self, name) <= 1:
                self._refuse(name, "from 0 to 1")
        if type(self.max_objects) is not int or self.max_objects < 1:
            self._refuse("max_objects", "whole and at least 1")
        if not real(self.nms) or not 0 < self.nms <= 1:
            self._refuse("nms", "above 0 and at most 1")
        if not real(self.position_margin) or self.position_margin < 0:
            self._refuse("position_margin", "finite and not below 0")

    def _refuse(self, name: str, want: str) -> None:
        raise Problem(f"rules with {name} {want}", repr(getattr(self, name)), "mend the number")

    def config(self) -> dict[str, Any]:
        """The rules as plain data."""
        return asdict(self)


@final
@dataclass(frozen=True)
class Judgement:
    """Whether an image is right. reason: a line a failure, "" where it is right; details: the
    objects that counted, class → [[x0, y0, x1, y1, score], ...], in the vocabulary's order."""

    correct: bool
    reason: str
    details: Mapping[str, list[list[float]]]


def judge(
    prompt: Prompt, detected: Detected, rules: Rules = Rules(), vocabulary: Vocabulary = COCO
) -> Judgement:
    """Judge one image by one prompt.

    Errors: a ``Problem`` for a class outside the vocabulary, and where a colour is asked of an
    object that the detector gave none.
    """
    kept = kept_objects(prompt.tag, detected, rules, vocabulary)
    groups: list[list[Found] | None] = []
    reasons: list[str] = []
    for wanted in prompt.include:
        found = kept.get(wanted.klass, [])[: wanted.count]
        failures = _failures(wanted, found, groups, detected.image, rules, vocabulary)
        groups.append(None if failures else found)
        reasons += failures
    for wanted in prompt.exclude:
        count = len(kept.get(wanted.klass, []))
        if count >= wanted.count:
            reasons.append(f"expected {wanted.klass}<{wanted.count}, found {count}")
    details = {name: [[*f.box, f.score] for f in objects] for name, objects in kept.items()}
    return Judgement(not reasons, "\n".join(reasons), details)


def kept_objects(
    tag: str, detected: Detected, rules: Rules = Rules(), vocabulary: Vocabulary = COCO
) -> dict[str, list[Found]]:
    """The objects that count, by class in the vocabulary's order, the highest score first."""
    threshold = rules.counting_threshold if tag == "counting" else rules.threshold
    kept: dict[str, list[Found]] = {name: [] for name in vocabulary.classes}
    for found in detected.objects:
        if found.klass not in kept:
            raise Problem(
                f"a class of the vocabulary {vocabulary.name!r} in {detected.image}",
                repr(found.klass),
                f"choose from {', '.join(vocabulary.classes)}",
            )
        if found.score > threshold:
            kept[found.klass].append(found)
    return {
        name: _apart(sorted(objects, key=lambda f: -f.score)[: rules.max_objects], rules.nms)
        for name, objects in kept.items()
        if objects
    }


def _apart(objects: list[Found], nms: float) -> list[Found]:
    """Without those that overlap a kept one by ``nms`` or more."""
    if nms == 1:
        return objects
    kept: list[Found] = []
    for found in objects:
        if all(overlap(other.box, found.box) < nms for other in kept):
            kept.append(found)
    return kept


def _failures(
    wanted: Wanted,
    found: list[Found],
    groups: list[list[Found] | None],
    image: str,
    rules: Rules,
    vocabulary: Vocabulary,
) -> list[str]:
    """Why an entry does not hold for the objects found; empty where it does."""
    klass, count = wanted.klass, wanted.count
    if len(found) < count:
        return [f"expected {klass}>={count}, found {len(found)}"]
    if wanted.color is not None:
        colors = _colors(found, image)
        right = colors.count(wanted.color)
        if right < count:
            seen = [f"{colors.count(c)} {c}" for c in vocabulary.colors if c in colors]
            return [
                f"expected {wanted.color} {klass}>={count}, found {right} {wanted.color}; "
                f"and {', '.join(seen)}"
            ]
    if wanted.position is not None:
        relation, index = wanted.position
        targets = groups[index]
        if targets is None:
            return [f"no target for {klass} to be {relation}"]
        for one in found:
            for target in targets:
                actual = relations(one.box, target.box, rules.position_margin)
                if relation not in actual:
                    is_so = " and ".join(actual)
                    return [f"expected {klass} {relation} target, found {is_so} target"]
    return []


def _colors(found: list[Found], image: str) -> list[str]:
    """The colours of objects that must all have one."""
    colors = []
    for one in found:
        if one.color is None:
            raise Problem(
                f"the colour of the {one.klass} at {list(one.box)} in {image}",
                "detected without colours",
                "detect again with a detector that classifies colours",
            )
        colors.append(one.color)
    return colors
