"""What made a folder of images: ``generation.json`` beside the prompts.

It holds the model and every setting that decides the images. A run goes on in a folder of its own
settings alone; a score quotes them.
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


def same_settings(folder: Path, settings: Mapping[str, Any]) -> None:
    """Write the settings of a new folder, or compare them with those that stand there.

    Raises ``Problem`` for other settings, naming the first that differs, and for images without.
    """
    said = {"schema": SCHEMA, **settings}
    there = read_settings(folder)
    if there is None:
        if any(entry.name.isdigit() for entry in folder.iterdir()):
            fix = "choose an empty folder: its images may have been made otherwise"
            raise Problem(f"{NAME} in {folder}", "images without it", fix)
        write_text(folder / NAME, json.dumps(said, indent=1, allow_nan=False) + "\n")
        return
    for key in {**said, **there}:
        if key not in LOOSE and there.get(key) != said.get(key):
            raise Problem(
                f"images with {key} {shown(said.get(key))} in {folder}",
                f"images with {shown(there.get(key))}",
                "choose another folder, or the same settings",
            )
