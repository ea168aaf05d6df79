"""What the figure of a study shows, in words.

First the study's title and its setup (``harness.report.setup``), as the records have it. Then the
docstring of the module that draws the figure: its first line says what is drawn, the rest what the
panels and marks are. The module is read and not imported, since importing it brings in all of
matplotlib. Last what holds of these records alone: a level that is drawn, cells that are missing or
that another study has, a gate that is shut.
"""

import ast
import inspect
from pathlib import Path

from harness.report import FIGURES
from harness.report.admitted import drawn
from harness.report.gates import shut_gates
from harness.report.layouts import layout
from harness.report.results import Results
from harness.report.roster import notes
from harness.report.setup import told
from harness.report.title import title_of
from harness.run.code import ROOT

LEVEL = (
    "The broken vertical line is the noise level from which on the gated arm admits a blurred "
    "image, the mean over replicates."
)
LEVELLED = ("ambient_blur",)  # figures that draw it


def caption(results: Results) -> str:
    """The caption of a study's figure, as one paragraph of plain text."""
    chosen = layout(results.study)
    text = [f"{title_of(results.study)}.", told(results), described(chosen.figure)]
    text += [LEVEL] if chosen.figure in LEVELLED and drawn(results) else []
    text += [chosen.told, *notes(results, chosen, counted=False), *shut_gates(results)]
    return " ".join(filter(None, text))


def described(figure: str) -> str:
    """The docstring of the module that draws a figure, on one line."""
    path = Path(ROOT, *FIGURES.module(figure).split(".")).with_suffix(".py")
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(inspect.cleandoc(text).replace("``", "").split())
