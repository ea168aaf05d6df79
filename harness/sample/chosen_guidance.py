"""The guidance that was chosen for each replicate: a file that one stage leaves and another reads.

    {"guidance": [w of replicate 0, w of replicate 1, ...], "copy": number of the streams of samples
     that it was chosen by}

The samples that are reported must come from other streams than those of the choice.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import final

from harness.problem import Problem
from harness.records.record import plain_json

NAME = "guidance.json"
FIX = "run the stage that chooses it again"
TOP = 100  # no paper goes near it: samples are far outside of [-1, 1] long before


def require_guidance(asked: str, weight: object) -> float:
    """A weight w as a number from -1 to ``TOP``, or ``Problem``, which begins with ``asked``."""
    number = isinstance(weight, int | float) and not isinstance(weight, bool)
    fix = "give w: -1 is the unconditional denoiser, 0 the conditional one"
    if number and math.isfinite(weight) and weight >= -1:  # type: ignore[arg-type, operator]
        if weight > TOP:  # type: ignore[operator]
            raise Problem(f"{asked} {weight!r}", f"more than {TOP}", fix)
        return float(weight)  # type: ignore[arg-type]
    raise Problem(f"{asked} {weight!r}", "no number from -1 on", fix)


@final
@dataclass(frozen=True)
class ChosenGuidance:
    """weights: w of each replicate; copy: of the samples that it was chosen by."""

    weights: tuple[float, ...]
    copy: int

    def write(self, folder: Path) -> None:
        """Leave the file in a folder."""
        made = {"guidance": list(self.weights), "copy": self.copy}
        (folder / NAME).write_text(json.dumps(made, allow_nan=False) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path, replicates: int) -> "ChosenGuidance":
        """The file in a folder. Raises ``Problem``, naming it, where it does not hold what it must.

        That is one weight a replicate, each a number from -1 on, and a whole number as the copy.
        """
        path = folder / NAME
        asked = f"a guidance for each of {replicates} replicates in {path}, line 1"
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Problem(asked, str(error), FIX) from error
        found = plain_json(text, f"{path}, line 1")
        if not isinstance(found, dict) or set(found) != {"guidance", "copy"}:
            raise Problem(asked, "no object of guidance and copy", FIX)
        weights, copy = found["guidance"], found["copy"]
        if not isinstance(weights, list) or len(weights) != replicates:
            count = len(weights) if isinstance(weights, list) else "no list"
            raise Problem(asked, f"{count} of them", FIX)
        if type(copy) is not int:
            raise Problem(asked, f"the copy {copy!r}", FIX)
        return cls(tuple(require_guidance(f"{path}, line 1: w =", w) for w in weights), copy)
