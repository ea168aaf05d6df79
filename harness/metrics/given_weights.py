"""The stage ``weights``: a file of weights that the user has, known by its sha256.

A study names the very file that it was measured with, so that its numbers cannot come from another
one: the hash is part of the cell, the path is not. The file is looked for where its extractor looks
for it, and copied, so that a finished cell does not depend on where it lay.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.cell import Upstream
from harness.data.download import sha256_of
from harness.metrics import EXTRACTORS
from harness.problem import Problem


@dataclass(frozen=True)
class GivenWeights:
    """Parameters of the stage: a row of ``EXTRACTORS``, and the sha256 of its file."""

    extractor: str
    sha256: str

    def entries(self) -> list[str]:
        return [EXTRACTORS.entry(self.extractor)]


def take(
    params: GivenWeights,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave the file as ``weights`` in the folder ``out``; ``Problem`` for another file or none."""
    path = EXTRACTORS[params.extractor].weights_file(None)
    asked = f"the weights of {params.extractor} with the sha256 {params.sha256}"
    if not path.is_file():
        raise Problem(asked, f"no file {path}", "put the file there")
    with path.open("rb") as file:
        found = sha256_of(file)
    if found != params.sha256:
        raise Problem(asked, f"{path} with {found}", "give the file that the study was made with")
    shutil.copyfile(path, out / "weights")
