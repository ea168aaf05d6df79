"""What made a folder of images: ``generation.json`` beside the prompts.

It holds the model and every setting that decides the images. A run goes on in a folder of its own
settings alone; a score quotes them. Weights are told apart by their sha256 and not by their name.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.geneval.entry import Entry, read_text, shown
from harness.problem import Problem
from harness.records.atomic import write_text

NAME, SCHEMA = "generation.json", "patina generation 1"
LOOSE = ("versions",)  # of libraries: noted, and no reason to refuse


def read_settings(folder: Path) -> dict[str, Any] | None:
    """What made a folder; None where nothing says so. ``Problem`` for a file that is no JSON."""
    path = folder / NAME
    if not path.exists():
        return None
    return dict(Entry.parse(read_text(path, "settings"), str(path)).value)


def same_settings(folder: Path, settings: Mapping[str, Any]) -> bool:
    """Compare settings with those that stand in a folder; whether some stand there.

    Settings of a run that left no image count for none. Raises ``Problem`` for other settings,
    naming the first that differs, and for images without.
    """
    said, there = _said(settings), read_settings(folder)
    if there is None:
        if any(entry.name.isdigit() for entry in folder.iterdir()):
            fix = "choose an empty folder: its images may have been made otherwise"
            raise Problem(f"{NAME} in {folder}", "images without it", fix)
        return False
    found = next(folder.glob("*/samples/*.png"), None)
    for key in {**said, **there}:
        if key in LOOSE or there.get(key) == said.get(key):
            continue
        if found is None:
            return False
        name, new, old = key, said.get(key), there.get(key)
        if isinstance(new, dict) and isinstance(old, dict):
            inner = next(k for k in (*new, *old) if new.get(k) != old.get(k))
            name, new, old = f"{key}.{inner}", new.get(inner), old.get(inner)
        raise Problem(
            f"images with {name} {shown(new)} in {folder}",
            f"images with {shown(old)}",
            "choose another folder, or the same settings",
        )
    return True


def write_settings(folder: Path, settings: Mapping[str, Any]) -> None:
    """Write what makes a folder."""
    write_text(folder / NAME, _text(settings))


def _said(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as a file gives them back."""
    return dict(Entry.parse(_text(settings), "the settings to write").value)


def _text(settings: Mapping[str, Any]) -> str:
    return json.dumps({"schema": SCHEMA, **settings}, indent=1, allow_nan=False) + "\n"
