"""The table and the figure of one study, as files.

    tables/<study>.csv .md .tex       figures/<study>.pdf .svg .png, and .txt: the figure's caption

Every file is written whole or not at all, and the same records give the same bytes.
"""

from pathlib import Path

from harness.records.atomic import write_bytes, write_text
from harness.report import FIGURES, PARTS
from harness.report.caption import caption
from harness.report.layouts import layout
from harness.report.results import Results
from harness.report.roster import noted
from harness.report.sheet import Sheet, csv_text, latex, markdown
from harness.report.title import question_of, title_of


def heading(study: str) -> str:
    """What the study is and what it asks, a line each."""
    return f"{title_of(study)}\n{question_of(study)}"


def sheet_of(results: Results) -> Sheet:
    """The whole table of a study."""
    chosen = layout(results.study)
    parts = tuple(
        noted(name, PARTS[name](results, chosen), results, chosen) for name in chosen.parts
    )
    return Sheet(results.study, title_of(results.study), parts, question_of(results.study))


def show(study: str, folder: Path) -> list[Path]:
    """Make the table and the figure of a study from what lies in ``folder``, build/<scale>.

    Errors: a :class:`Problem` for a missing or unreadable file, and for a disk that refuses.
    """
    return write(Results.read(study, folder), folder)


def write(results: Results, folder: Path) -> list[Path]:
    """Write the table and the figure of a study below a folder; give the files."""
    from harness.report.style import applied, saved  # brings in all of matplotlib

    study, made = results.study, []
    sheet = sheet_of(results)
    for suffix, text in (("csv", csv_text), ("md", markdown), ("tex", latex)):
        made.append(folder / "tables" / f"{study}.{suffix}")
        write_text(made[-1], text(sheet))
    with applied(study):
        files = saved(FIGURES[layout(study).figure](results))
    for suffix, data in files.items():
        made.append(folder / "figures" / f"{study}.{suffix}")
        write_bytes(made[-1], data)
    made.append(folder / "figures" / f"{study}.txt")
    write_text(made[-1], caption(results) + "\n")
    return made
