"""What ``patina figures``, ``patina latex`` and ``patina paper`` do with their options."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from harness.problem import Problem
from harness.report.latex import write_latex
from harness.report.paper import BUILD, REFERENCE, Origin, collect, write_paper
from harness.report.picture import write_pictures
from harness.report.results import Results
from harness.run import reference
from harness.run.plan import build_folder
from harness.studies import STUDIES


def figures(options: argparse.Namespace) -> int:
    """Draw the figures of some studies; print the files."""
    kinds = [kind.strip() for kind in options.format.split(",")]
    if not all(kinds):
        fix = "write pdf, svg or png, with one comma between two"
        raise Problem(f"figures in the formats {options.format!r}", "an empty name", fix)
    _check_folder(options.into)
    names = list(dict.fromkeys(options.study))
    for name in names:
        STUDIES.entry(name)
    every = [results_of(name, options.scale, options.source) for name in names]
    how = (options.style, kinds, options.panels, options.across)
    for path in write_pictures(every, options.into, *how):
        print(path)
    return 0


def results_of(study: str, scale: str, source: Path | None) -> Results:
    """A study as the build has it, or as the records in ``source`` do."""
    if source is None:
        return Results.read(study, build_folder(scale))
    return Results(study, scale, *reference.read(source, scale, study))


def latex(options: argparse.Namespace) -> int:
    """Write tables, numbers and figures for LaTeX; print the files."""
    scale, source = options.scale, options.source
    into = options.into or build_folder(scale) / "latex"
    _check_folder(into)
    folder = build_folder(scale) if source is None else source / scale
    there = [name for name in STUDIES if (folder / name / "records.jsonl").is_file()]
    asked = [name.strip() for name in (options.studies or "").split(",") if name.strip()]
    for name in asked:
        STUDIES.entry(name)
    if not asked and not there:
        fix = "run `make` first, or read the published: --from results/v1"
        raise Problem(f"the studies in {folder}", "no records", fix)
    every = [results_of(name, scale, source) for name in asked or there]
    where = BUILD if source is None else REFERENCE
    facts = collect(scale, [Origin(each.study, where, each) for each in every])["facts"]
    for path in write_latex(into, scale, facts, every):
        print(path)
    return 0


def _check_folder(into: Path) -> None:
    """A ``Problem`` where a file stands in the place of a folder to write, or of one above it."""
    for path in (into, *into.parents):
        if path.exists():
            if not path.is_dir():
                fix = "name another folder with --into, or move the file away"
                raise Problem(f"the folder {into} to write", f"{path}, which is a file", fix)
            return


def paper(scale: str, made: Sequence[str]) -> None:
    """Write the paper and its supplement, and what the studies of this build give to LaTeX."""
    folder = build_folder(scale)
    write_paper(folder, list(made))
    numbers = json.loads((folder / "paper" / "numbers.json").read_text(encoding="utf-8"))
    every = [Results.read(name, folder) for name in made]
    write_latex(folder / "latex", scale, numbers["facts"], every)
