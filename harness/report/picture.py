"""The figure of a study in a style, as files: ``patina figures``, and those of the paper."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from harness.problem import Problem
from harness.records.atomic import write_together
from harness.report import FIGURES
from harness.report.layouts import layout
from harness.report.results import Results
from harness.report.styles import STYLES


def picture(
    results: Results,
    style: str = "paper",
    kinds: Sequence[str] = ("pdf",),
    panels: str = "",
    across: int = 1,
) -> dict[str, bytes]:
    """The figure of a study as bytes by format, the same bytes each time.

    style: a row of ``STYLES``. panels: letters of the panels to keep, all where it is empty;
    across: how many of these stand in a row. Raises ``Problem`` for a style, a format or a panel
    that is not there.
    """
    from harness.report import style as look  # brings in all of matplotlib
    from harness.report.panels import fit, keep

    chosen = STYLES[style]
    if not kinds:
        raise Problem("figures in no format", "none", f"give {', '.join(look.KINDS)}")
    if unknown := sorted(set(kinds) - set(look.KINDS)):
        known = ", ".join(look.KINDS)
        raise Problem(f"the format {unknown[0]!r}", "an unknown one", f"the known ones are {known}")
    if across < 1:
        raise Problem(f"{across} panels in a row", "none", "give 1 or more")
    with look.applied(results.study, chosen):
        made = FIGURES[layout(results.study).figure](results)
        if panels:
            keep(made, panels, chosen.column, chosen.row, across)
        elif chosen is not STYLES["report"]:
            fit(made)
        return look.saved(made, kinds)


def write_pictures(
    every: Iterable[Results], into: Path, style: str, kinds: Sequence[str], panels: str, across: int
) -> list[Path]:
    """Write ``<into>/<study>.<format>`` of each study, all of them or none; give the files."""
    made = {
        into / f"{results.study}.{kind}": data
        for results in every
        for kind, data in picture(results, style, kinds, panels, across).items()
    }
    write_together(made)
    return list(made)
