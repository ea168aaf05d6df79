"""The paper's own figures: some panels of a study's figure, one column wide, or all, both wide.

A figure of the paper is drawn from what the study is quoted from, this build or the reference, so
that it stands there whichever studies a build makes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from harness.report.picture import picture
from harness.report.results import Results


@final
@dataclass(frozen=True)
class Drawing:
    """Which panels of a study's figure one of the paper's holds (all), and how many in a row."""

    study: str
    panels: str = ""
    across: int = 1


DRAWINGS = {
    "contraction": Drawing("ambient_laws", "be"),
    "entropy": Drawing("slight_corruption_laws", "b"),
    "blur": Drawing("ambient_blur"),
    "loops": Drawing("self_consuming", "d"),
    "level": Drawing("gmm_bridge", "e"),
    "codes": Drawing("cep_bridge", "bf", 2),
}


def drawings(every: Sequence[Results]) -> dict[str, bytes]:
    """The figures of the paper by name, as SVG: those of the studies that there are."""
    found = {results.study: results for results in every}
    return {
        name: picture(found[each.study], "paper", ("svg",), each.panels, each.across)["svg"]
        for name, each in DRAWINGS.items()
        if each.study in found
    }
