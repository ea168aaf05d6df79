"""What ``patina figures`` and ``patina latex`` take, and the words of their ``--help``."""

import argparse
from pathlib import Path

FIGURES = "Draw the figures of studies for a paper or for slides of your own."
FIGURES_WAY = """\
examples:
  patina figures gmm_bridge --from results/v1 --style slides --format png --into talk/
  patina figures cep_bridge ambient_laws --style paper --format pdf,svg --into figures/
  patina figures gmm_bridge --from results/v1 --panels e --into figures/

paper: 6.93 inches wide, both columns of a page of two, or with --panels 3.35, one of them; serif,
8 points. slides: 12.2 inches, with --panels 6.1; sans serif, 14 points. report: 6.5 inches, 7.5
points. The same records give the same bytes."""

LATEX = "Write what a paper in LaTeX needs of some studies: tables, numbers as macros, figures."
LATEX_WAY = r"""
examples:
  patina latex --from results/v1 --studies gmm_bridge,cep_bridge --into latex/
  patina latex                       of what `make` made, to build/cpu/latex

In a document: \usepackage{booktabs}, \input{latex/numbers}, \input{latex/tables/gmm_bridge}, and
\PatinaNumber{claim.gated-beats-clean.effect} for any number by its key in the paper's numbers.json.
The head of numbers.tex says how a key becomes a macro of its own."""


def add_figures(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("study", nargs="+", help="a study, or several (patina plan lists them)")
    sub.add_argument("--style", default="paper", help="paper, slides or report (%(default)s)")
    sub.add_argument(
        "--format", default="pdf", metavar="NAME[,NAME]", help="pdf, svg, png (%(default)s)"
    )
    sub.add_argument(
        "--panels", default="", metavar="LETTERS", help="these panels alone, such as be"
    )
    sub.add_argument(
        "--across", type=int, default=1, metavar="N", help="so many of them in a row (%(default)s)"
    )
    sub.add_argument(
        "--into", type=Path, required=True, metavar="DIR", help="where STUDY.FORMAT is written"
    )


def add_latex(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--studies", help="of these alone: names with commas")
    sub.add_argument(
        "--into", type=Path, metavar="DIR", help="the folder to write (build/SCALE/latex)"
    )
