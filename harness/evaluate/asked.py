"""What an evaluation is asked for: the paths of the sets and the options of the command."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final


@final
@dataclass(frozen=True)
class Asked:
    """What to evaluate: paths as ``open_images`` takes them, and the options of the command."""

    generated: str
    reference: str
    metrics: str
    extractors: tuple[str, ...]
    cache: Path
    held_out: str | None = None
    weights: Path | None = None
    size: int | None = None
    limit: int | None = None
    ranges: int = 1
    bootstrap: int = 0
    floor: bool = False
    seed: int = 0
    skip_unreadable: bool = False
    arrays: dict[str, Any] = field(default_factory=dict)  # layout, low, high
