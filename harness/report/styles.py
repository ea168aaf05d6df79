"""Styles: how large a figure is, and how its text is set, for the place where it will stand.

    report   6.5 inches wide, text of 7 to 8 points: the report, and an article of one column
    paper    6.93 inches, both columns of a page of two, or 3.35, one of them; serif, 8 points, as
             the captions of the project's paper
    slides   12.2 inches, or 6.1 for some panels alone; sans serif, 14 points

Text, lines and marks grow by one factor with the whole figure, so that what was laid out for the
report stays laid out. Serif is STIX, which comes with matplotlib and is as wide as Times.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

from harness.table import Table

BASE_WIDTH, BASE_SIZE = 6.5, 7.5  # inches, points: what the figures' own sizes are written for
POINTS = ("size", "width", "linewidth", "capsize", "pad")  # last words of settings in points
SERIF = {"font.family": ["STIXGeneral", "DejaVu Serif"], "mathtext.fontset": "stix"}


@final
@dataclass(frozen=True)
class Style:
    """width: of a whole figure, inches; column: of some panels alone, inches; size: of its text,
    points; row: the height of a row of such panels, inches."""

    width: float
    column: float
    size: float
    row: float
    serif: bool = False

    @property
    def factor(self) -> float:
        """How much larger text, lines and marks are than in the report."""
        return self.size / BASE_SIZE

    def rc(self, base: Mapping[str, Any]) -> dict[str, Any]:
        """matplotlib's settings, from those of the report; of these the ones in points grow."""
        grown = {
            key: value * self.factor if key.split(".")[-1].endswith(POINTS) else value
            for key, value in base.items()
        }
        return grown | (SERIF if self.serif else {})


STYLES = Table(
    "style of figures",
    {name: f"harness.report.styles:{name.upper()}" for name in ("report", "paper", "slides")},
)
REPORT = Style(width=BASE_WIDTH, column=BASE_WIDTH, size=BASE_SIZE, row=2.5)
PAPER = Style(width=6.93, column=3.35, size=8.0, row=2.15, serif=True)
SLIDES = Style(width=12.2, column=6.1, size=14.0, row=4.0)
