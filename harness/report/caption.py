"""What the figure of a study shows, in words: the docstring of the module that draws it.

Its first line says what is drawn, the rest what the panels and marks are. The module is read and
not imported, since importing it brings in all of matplotlib.
"""

import ast
import inspect
from pathlib import Path

from harness.report import FIGURES
from harness.report.layouts import layout
from harness.run.code import ROOT


def caption(study: str) -> str:
    """The caption of a study's figure, as one paragraph of plain text."""
    module = FIGURES.module(layout(study).figure)
    path = Path(ROOT, *module.split(".")).with_suffix(".py")
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(inspect.cleandoc(text).replace("``", "").split())
