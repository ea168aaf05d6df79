"""A sheet: the table of a study, in parts, as text for people and as numbers for programs.

Each part has a body of short texts, rounded, and the same numbers unrounded as tidy rows, one
number or one comparison a row. Markdown and LaTeX (booktabs) show the bodies; the CSV holds the
tidy rows of all parts, with a first column ``part`` where there are several.
"""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, final

from harness.report.tex import tex

Tidy = Mapping[str, Any]

_MARKDOWN_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


@final
@dataclass(frozen=True)
class Part:
    """One part of a sheet.

    header: the column heads; the first ``labels`` of them label a row, the others hold numbers.
    body: rows of texts, as long as the header. notes: what the reader must know beside, among it
    every failed row. cells: the cell behind each row of the body, "" where a row stands for many.
    """

    name: str
    caption: str
    header: tuple[str, ...]
    labels: int
    body: tuple[tuple[str, ...], ...]
    tidy: tuple[Tidy, ...]
    notes: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for row in self.body:
            if len(row) != len(self.header):
                raise ValueError(
                    f"asked for {len(self.header)} columns in {self.name}; got {len(row)}; "
                    "give each row one text a column"
                )

    @cached_property
    def breaks(self) -> tuple[bool, ...]:
        """For each row, whether its first label begins a new group; never where none has two."""
        firsts = [row[0] for row in self.body]
        grouped = self.labels > 1 and any(a == b for a, b in pairwise(firsts))
        return (False, *(grouped and a != b for a, b in pairwise(firsts)))


@final
@dataclass(frozen=True)
class Sheet:
    """The table of a study: its name, its title, its parts and the question that it asks."""

    study: str
    title: str
    parts: tuple[Part, ...]
    question: str = ""


def csv_text(sheet: Sheet) -> str:
    """The tidy rows as CSV (RFC 4180 with line feeds): numbers unrounded, nothing for null."""
    several = len(sheet.parts) > 1
    rows = [
        ({"part": part.name} if several else {}) | dict(row)
        for part in sheet.parts
        for row in part.tidy
    ]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[_csv(row.get(name)) for name in columns] for row in rows])
    return out.getvalue()


def _csv(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(float(value)) if isinstance(value, float) else str(value)


def markdown(sheet: Sheet) -> str:
    """The parts as tables of GitHub's Markdown, under the study's title and question."""
    blocks = [f"# {_escaped(sheet.title)}", *([_escaped(sheet.question)] if sheet.question else [])]
    for part in sheet.parts:
        rule = [":--" if i < part.labels else "--:" for i in range(len(part.header))]
        lines = [[_escaped(text) for text in row] for row in (part.header, *part.body)]
        table = ["| " + " | ".join(row) + " |" for row in (lines[0], rule, *lines[1:])]
        blocks += [_escaped(part.caption), "\n".join(table)]
        if part.notes:
            blocks.append("\n".join(f"- {_escaped(note)}" for note in part.notes))
    return "\n\n".join(blocks) + "\n"


def _escaped(text: str) -> str:
    """Text that Markdown shows as it stands, on one line."""
    return _MARKDOWN_SPECIAL.sub(r"\\\1", " ".join(text.split()))


def latex(sheet: Sheet) -> str:
    """The parts as LaTeX tables; they need ``\\usepackage{booktabs}`` and nothing else."""
    blocks = [f"% {' '.join(sheet.title.split())}; needs \\usepackage{{booktabs}}"]
    return "\n\n".join(blocks + [_latex_part(sheet.study, part) for part in sheet.parts]) + "\n"


def _latex_part(study: str, part: Part) -> str:
    layout = "l" * part.labels + "r" * (len(part.header) - part.labels)
    size = "footnotesize" if len(part.header) < 8 else "scriptsize"
    label = re.sub(r"[^a-z0-9]+", "-", f"{study}-{part.name}".lower())
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{tex(part.caption)}}}",
        rf"\label{{tab:{label}}}",
        rf"\{size}\setlength{{\tabcolsep}}{{3pt}}",
        rf"\begin{{tabular}}{{@{{}}{layout}@{{}}}}",
        r"\toprule",
        " & ".join(map(_head, part.header)) + r" \\",
        r"\midrule",
    ]
    for row, new in zip(part.body, part.breaks):
        lines += [r"\addlinespace"] if new else []
        lines.append(" & ".join(map(tex, row)) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}"]
    lines += [rf"\par\smallskip {tex(note)}" for note in part.notes]
    return "\n".join([*lines, r"\end{table}"])


def _head(text: str) -> str:
    """A column head; a long one on two lines, cut at the space nearest to its middle."""
    spaces = [i for i, mark in enumerate(text) if mark == " "]
    if len(text) < 13 or not spaces:
        return tex(text)
    cut = min(spaces, key=lambda i: abs(i - len(text) / 2))
    return rf"\shortstack[r]{{{tex(text[:cut])}\\{tex(text[cut:])}}}"
