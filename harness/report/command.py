"""What ``patina figures`` does with its options."""

import argparse
from pathlib import Path

from harness.report.picture import write_pictures
from harness.report.results import Results
from harness.run import reference
from harness.run.plan import build_folder
from harness.studies import STUDIES


def figures(options: argparse.Namespace) -> int:
    """Draw the figures of some studies; print the files."""
    kinds = [kind.strip() for kind in options.format.split(",") if kind.strip()]
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
