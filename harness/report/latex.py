r"""What a paper in LaTeX needs of some studies: numbers as macros, tables, figures.

    numbers.tex              one macro a number, and ``\PatinaNumber{KEY}`` for each by its key
    tables/<study>.tex       the parts of a study's table; they need ``booktabs``
    figures/<study>.pdf      its figure in the style of a paper
    example.tex              a document that takes in all of it

The keys are those of the paper's ``numbers.json`` (``harness.report.facts``). A number is text, as
the paper prints it: an effect that is a log-ratio as a change in per cent, a share in per cent, a
list with commas, and a dash for what was not measured. Every file is written whole, all or none,
and the same records give the same bytes.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.records.atomic import write_together
from harness.report.number import ABSENT, change, plain
from harness.report.picture import picture
from harness.report.results import Results
from harness.report.sheet import latex
from harness.report.show import sheet_of
from harness.report.tex import macro, tex

HEAD = r"""% Numbers of Patina, scale SCALE. After \input{numbers}, \PatinaNumber{KEY} prints the
% number that the paper's numbers.json has under KEY, less any % # ^ \ { } in it, on which TeX
% acts first.
% Each number also has a macro of its own: a small letter of the key stands for itself, and
%   .  Dot    -  Dash    _  Line    =  Is    /  By    blank  And    %  Percent    ,  Comma
%   :  Colon  (  Open    )  Close   +  Plus  0 to 9  Zero to Nine   A to Z  Upa to Upz
% any other is Code, its hexadecimal digits as a to p, and q: method.level is \PatinamethodDotlevel.
\makeatletter
\providecommand{\PatinaSet}[3]{%
  \newcommand{#2}{#3}\expandafter\let\csname patina@\detokenize{#1}\endcsname#2}
\providecommand{\PatinaNumber}[1]{%
  \ifcsname patina@\detokenize{#1}\endcsname\csname patina@\detokenize{#1}\endcsname\else
  \PackageError{patina}{no number with the key \detokenize{#1}}{numbers.tex lists the keys}\fi}
\makeatother
"""
EXAMPLE = r"""\documentclass{article}
\usepackage{booktabs,graphicx}
\usepackage[margin=1cm]{geometry}
\input{numbers}
\begin{document}
FIRST
BODY
\end{document}
"""


def shown(value: Any, unit: str) -> str:
    """A fact as text, rounded as the paper rounds it."""
    if value is None:
        return ABSENT
    if isinstance(value, list):
        return ", ".join(shown(each, unit) for each in value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if unit == "log ratio":
        return f"{plain(change(float(value)), 2)} %"
    if unit in ("share", "share of cells"):
        return f"{plain(100 * float(value))} %"
    return f"{value}".replace("-", "−") if isinstance(value, int) else plain(value)


def numbers_text(scale: str, facts: Mapping[str, Mapping[str, Any]]) -> str:
    """``numbers.tex``: a line a fact, by key."""
    lines = [
        rf"\PatinaSet{{{looked_up(key)}}}{{{macro(key)}}}{{{tex(shown(e['value'], e['unit']))}}}"
        for key, e in sorted(facts.items())
    ]
    return HEAD.replace("SCALE", scale) + "\n".join(lines) + "\n"


def looked_up(key: str) -> str:
    r"""A key as ``\PatinaNumber`` takes it: without what TeX acts on before any macro does."""
    return "".join(mark for mark in key if mark not in "%#{}\\^")


def example_text(studies: Sequence[str], key: str) -> str:
    """A document that takes in the numbers, every table and every figure."""
    figure = r"\includegraphics[width=\linewidth]"
    body = [rf"\input{{tables/{s}}}{figure}{{figures/{s}.pdf}}\clearpage" for s in studies]
    first = rf"{tex(key)}: \PatinaNumber{{{looked_up(key)}}} = {macro(key)}."
    return EXAMPLE.replace("FIRST", first).replace("BODY", "\n".join(body))


def write_latex(
    into: Path, scale: str, facts: Mapping[str, Mapping[str, Any]], every: Sequence[Results]
) -> list[Path]:
    """Write all of it into a folder; give the files.

    facts: by key, as the paper's. every: the studies with their tables and figures. Errors: a
    :class:`Problem` for a disk that refuses; older files then stay.
    """
    files = {into / "numbers.tex": numbers_text(scale, facts).encode()}
    for results in every:
        files[into / "tables" / f"{results.study}.tex"] = latex(sheet_of(results)).encode()
        made = picture(results, "paper", ("pdf",))
        files[into / "figures" / f"{results.study}.pdf"] = made["pdf"]
    studies = [results.study for results in every]
    files[into / "example.tex"] = example_text(studies, "method.level").encode()
    write_together(files)
    return list(files)
