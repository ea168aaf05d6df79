"""A prompt: what a text asks for, object by object, in the published form.

One line of GenEval's ``evaluation_metadata.jsonl`` is

    {"tag": ..., "include": [{"class", "count"[, "color"][, "position": [relation, group]]}, ...]
     [, "exclude": [{"class", "count"}]], "prompt": ...}

``include`` lists what must be there, in order; a position refers to an earlier entry by its index
(in a prompt "A left of B" the list is B, then A). ``exclude`` lists what must not be there as often
as ``count``; counting tasks alone have it, with one more than what is asked.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, final

from harness.geneval.vocabulary import COCO, POSITIONS, TASKS, Vocabulary
from harness.problem import Problem
from harness.records.record import plain_json


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
