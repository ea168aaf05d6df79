r"""The published file of results: a line an image, with the verdict and what it rests on.

    {"filename", "tag", "prompt", "correct", "reason", "metadata", "details"}

``metadata`` is the prompt and ``details`` the objects that counted, each as JSON within a text. The
published evaluator writes the file by pandas' ``to_json(orient="records", lines=True)``: no spaces,
keys in the order above, ``/`` as ``\/``, every character beyond ASCII as ``\uXXXX`` (DEL as it is).
The bytes written here are the same, and a file that pandas wrote is read and written back
unchanged. Source of the form: the published code of Ghosh, Hajishirzi and Schmidt, GenEval, 2023.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import final

from harness.geneval.entry import Entry, parsed, read_text
from harness.geneval.prompt import Prompt
from harness.geneval.rules import Judgement
from harness.geneval.vocabulary import COCO, Vocabulary
from harness.problem import Problem
from harness.records.atomic import write_text

KEYS = ("filename", "tag", "prompt", "correct", "reason", "metadata", "details")


@final
@dataclass(frozen=True)
class Result:
    """The verdict on one image. filename: of the image; metadata, details: JSON texts."""

    filename: str
    tag: str
    prompt: str
    correct: bool
    reason: str
    metadata: str
    details: str

    @staticmethod
    def of(filename: str, prompt: Prompt, judgement: Judgement) -> "Result":
        """The result of a judgement."""
        return Result(
            filename,
            prompt.tag,
            prompt.prompt,
            judgement.correct,
            judgement.reason,
            prompt.json,
            json.dumps(judgement.details, allow_nan=False),
        )

    @cached_property
    def json(self) -> str:
        """The line of the file, without a line feed."""
        pairs = (f'"{key}":{_as_pandas(getattr(self, key))}' for key in KEYS)
        return "{" + ",".join(pairs) + "}"


def _as_pandas(value: str | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    parts = (json.dumps(part)[1:-1].replace("/", "\\/") for part in value.split("\x7f"))
    return '"' + "\x7f".join(parts) + '"'


def read_results(path: Path | str, vocabulary: Vocabulary | None = COCO) -> tuple[Result, ...]:
    """The results of a file, in its order; the last line may lack its line feed.

    vocabulary: the words of prompts and details; None leaves the words unchecked, but not the form.
    Errors: a ``Problem`` that names file:line for what is no result, for a filename that stood
    before, and the file where it is absent, empty or not UTF-8.
    """
    text = read_text(path, "results")
    if not text.strip():
        raise Problem(f"the results in {path}", "an empty file", "score some images")
    made: list[Result] = []
    seen: dict[str, str] = {}
    for entry in parsed(text, path):
        result = _result(entry, vocabulary)
        if result.filename in seen:
            raise Problem(
                f"each image once in {path}",
                f"{result.filename!r} of {seen[result.filename]} again at {entry.where}",
                "take one of the two out",
            )
        seen[result.filename] = entry.where
        made.append(result)
    return tuple(made)


def _result(entry: Entry, vocabulary: Vocabulary | None) -> Result:
    entry.keys(KEYS)
    filename, tag, prompt = (entry.text(key) for key in KEYS[:3])
    correct, reason = entry.value["correct"], entry.value["reason"]
    if not isinstance(correct, bool):
        entry.refuse("correct", "true or false", "write the verdict")
    if not isinstance(reason, str) or bool(reason) == correct:
        entry.refuse("reason", "a text, empty where the image is right alone", "score it again")
    metadata = Entry.parse(entry.text("metadata"), f"{entry.where}, metadata")
    asked = Prompt.read(metadata.value, metadata.where, vocabulary)
    for key, value in (("tag", asked.tag), ("prompt", asked.prompt)):
        if entry.value[key] != value:
            entry.refuse(key, f"{value!r}, as in the metadata,", "make the two agree")
    details = Entry.parse(entry.text("details"), f"{entry.where}, details")
    if vocabulary is not None:
        details.keys((), vocabulary.classes)
    for name in details.value:
        details.rows(name, 5)
    return Result(
        filename, tag, prompt, correct, reason, entry.value["metadata"], entry.value["details"]
    )


def write_results(path: Path | str, results: Iterable[Result]) -> None:
    """Write results one a line as published, whole or not at all.

    Errors: a ``Problem`` for none at all and for a filename that comes twice.
    """
    listed = list(results)
    names = [result.filename for result in listed]
    if not listed:
        raise Problem(f"results to write to {path}", "none", "score some images")
    if len(set(names)) < len(names):
        twice = next(name for i, name in enumerate(names) if name in names[:i])
        raise Problem(f"each image once in {path}", f"{twice!r} twice", "score it once")
    write_text(path, "".join(f"{result.json}\n" for result in listed))
