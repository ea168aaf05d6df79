"""A prompt: what a text asks for, object by object, in the published form.

One line of GenEval's ``evaluation_metadata.jsonl`` is

    {"tag": ..., "include": [{"class", "count"[, "color"][, "position": [relation, group]]}, ...]
     [, "exclude": [{"class", "count"}]], "prompt": ...}

``include`` lists what must be there, in order; a position refers to an earlier entry by its index
(in a prompt "A left of B" the list is B, then A). ``exclude`` lists what must not be there as often
as ``count``; counting tasks alone have it, with one more than what is asked.

Reading is strict. The published evaluator ignores a key that it does not know, so that a mistyped
``colour`` asks for nothing, and looks for a class that no detector has; here both are refused. So
is what no image can fulfil, and what its task does not ask for:

    more than ``MOST`` objects of a class, which no detector names
    as many of a class as an entry of ``exclude`` forbids, or more
    one class in two colours, or in a position to itself: both entries look at the same objects
    a task ``position`` without a position, ``colors`` or ``color_attr`` without a colour,
    ``two_object`` of one object
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, final

from harness.geneval.entry import Entry, parsed, read_text
from harness.geneval.vocabulary import COCO, POSITIONS, TASKS, Vocabulary
from harness.problem import Problem
from harness.records.atomic import write_text

MOST = 100  # objects of an image, as many as a detector names


@final
@dataclass(frozen=True)
class Wanted:
    """One entry: at least ``count`` objects of a class, all ``color`` and in ``position``.

    position: (relation, index of an earlier entry), the relation one of ``POSITIONS``.
    """

    klass: str
    count: int = 1
    color: str | None = None
    position: tuple[str, int] | None = None

    def config(self) -> dict[str, Any]:
        """The entry as published, keys in the published order."""
        made: dict[str, Any] = {"class": self.klass, "count": self.count}
        if self.color is not None:
            made["color"] = self.color
        if self.position is not None:
            made["position"] = list(self.position)
        return made


@final
@dataclass(frozen=True)
class Prompt:
    """What one text asks for. tag: its task, one of ``TASKS``; prompt: the text."""

    tag: str
    include: tuple[Wanted, ...]
    prompt: str
    exclude: tuple[Wanted, ...] = ()

    def config(self) -> dict[str, Any]:
        """The prompt as published, keys in the published order."""
        made: dict[str, Any] = {"tag": self.tag, "include": [w.config() for w in self.include]}
        if self.exclude:
            made["exclude"] = [w.config() for w in self.exclude]
        return {**made, "prompt": self.prompt}

    @cached_property
    def json(self) -> str:
        """The line of the published file, without a line feed."""
        return json.dumps(self.config())

    @staticmethod
    def read(
        mapping: Mapping[str, Any], where: str, vocabulary: Vocabulary | None = COCO
    ) -> "Prompt":
        """The prompt of a published mapping; where: its place, for the messages.

        vocabulary: the words that it may use; None leaves the words unchecked, but not the form.
        Errors: a ``Problem`` for whatever is not as the module says.
        """
        entry = Entry.of(mapping, where)
        entry.keys(("tag", "include", "prompt"), ("exclude",))
        include: list[Wanted] = []
        for one in entry.entries("include"):
            include.append(_included(one, len(include), vocabulary))
        if not include:
            entry.refuse("include", "a list that is not empty", "say what must be there")
        exclude = tuple(
            _excluded(one, vocabulary)
            for one in (entry.entries("exclude") if "exclude" in entry.value else ())
        )
        if "exclude" in entry.value and not exclude:
            entry.refuse("exclude", "a list that is not empty", "leave the key out")
        prompt = Prompt(entry.one_of("tag", TASKS), tuple(include), entry.text("prompt"), exclude)
        _check_possible(prompt, where)
        _check_task(prompt, where)
        return prompt


def _check_possible(prompt: Prompt, where: str) -> None:
    """Refuse what no image can fulfil."""
    asked = f"a prompt that an image can fulfil at {where}"
    colors: dict[str, str] = {}
    for wanted in prompt.include:
        klass = wanted.klass
        for other in prompt.exclude:
            if other.klass == klass and other.count <= wanted.count:
                got = f"{wanted.count} {klass} included and {other.count} excluded"
                raise Problem(asked, got, "exclude more than is included")
        if wanted.color is not None and colors.setdefault(klass, wanted.color) != wanted.color:
            got = f"{klass} in {colors[klass]} and in {wanted.color}"
            raise Problem(asked, got, "ask for one colour: both entries look at the same objects")
        if wanted.position is not None and prompt.include[wanted.position[1]].klass == klass:
            got = f"{klass} {wanted.position[0]} {klass}"
            raise Problem(asked, got, "name two classes: both entries look at the same objects")


def _check_task(prompt: Prompt, where: str) -> None:
    """Refuse a prompt that does not ask for what its task is about."""
    entries = prompt.include
    asks = {
        "two_object": ("two objects", sum(each.count for each in entries) > 1),
        "position": ("a position", any(each.position for each in entries)),
        "colors": ("a colour", any(each.color for each in entries)),
        "color_attr": ("a colour", any(each.color for each in entries)),
    }
    what, is_so = asks.get(prompt.tag, ("", True))
    if not is_so:
        fix = "add it, or name the task that the prompt is of"
        raise Problem(f"{what} in the task {prompt.tag!r} at {where}", "none", fix)


def _included(one: Entry, index: int, vocabulary: Vocabulary | None) -> Wanted:
    one.keys(("class", "count"), ("color", "position"))
    color = position = None
    if "color" in one.value:
        color = one.one_of("color", vocabulary and vocabulary.colors)
    if "position" in one.value:
        position = _position(one, index)
    klass = one.one_of("class", vocabulary and vocabulary.classes)
    return Wanted(klass, one.whole("count", 1, MOST), color, position)


def _position(one: Entry, index: int) -> tuple[str, int]:
    """The relation and the group, which must be an entry before this one, the ``index``-th."""
    value = one.value["position"]
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        one.refuse("position", "a relation and an index", 'write ["left of", 0] or the like')
    relation, group = value
    if relation not in POSITIONS:
        one.refuse("position", "a known relation", f"choose from {', '.join(POSITIONS)}")
    if not isinstance(group, int) or isinstance(group, bool) or not 0 <= group < index:
        one.refuse("position", "the index of an earlier entry", "put the target before it")
    return relation, group


def _excluded(one: Entry, vocabulary: Vocabulary | None) -> Wanted:
    one.keys(("class", "count"))
    klass = one.one_of("class", vocabulary and vocabulary.classes)
    return Wanted(klass, one.whole("count", 1, MOST + 1))


def read_prompts(path: Path | str, vocabulary: Vocabulary | None = COCO) -> tuple[Prompt, ...]:
    """The prompts of a file of JSON lines; the last line may lack its line feed.

    A published image folder's ``metadata.jsonl``, one object without a line feed, is such a file.
    Errors: a ``Problem`` that names file:line for what is not a prompt, a blank line or a prompt
    that stood before, and the file where it is absent, empty or not UTF-8.
    """
    text = read_text(path, "prompts")
    if not text:
        raise Problem(f"the prompts in {path}", "an empty file", "write one prompt a line")
    seen: dict[Prompt, str] = {}
    for entry in parsed(text, path):
        prompt = Prompt.read(entry.value, entry.where, vocabulary)
        if prompt in seen:
            raise Problem(
                f"each prompt once in {path}",
                f"that of {seen[prompt]} again at {entry.where}",
                "take one of the two out",
            )
        seen[prompt] = entry.where
    return tuple(seen)


def write_prompts(path: Path | str, prompts: Iterable[Prompt]) -> None:
    """Write prompts one a line as published, whole or not at all."""
    write_text(path, "".join(f"{prompt.json}\n" for prompt in prompts))
