"""The report: one file that opens offline, from the claims down to the run behind each number."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from harness.claims.claim import read_claims
from harness.problem import Problem
from harness.records.atomic import write_text
from harness.report import PARTS
from harness.report.caption import caption
from harness.report.failures import failed_rows
from harness.report.layouts import layout
from harness.report.provenance import (
    Cost,
    Made,
    cost,
    datasets,
    made,
    origins,
    packed,
    shared,
)
from harness.report.rates import left_out, part_of, read_rates
from harness.report.results import Results
from harness.report.samples import Grid, gone, grids
from harness.report.sheet import Part
from harness.report.show import title_of
from harness.report.verdicts import LETTERS, Decided, decided
from harness.studies import STUDIES

FIRST = "calibration"  # the study that stands right after the claims
HERE = Path(__file__).resolve().parent


@final
@dataclass(frozen=True)
class Section:
    """One study on the page."""

    study: str
    title: str
    question: str
    figure: str  # the SVG in base64
    caption: str
    parts: tuple[Part, ...]
    grids: tuple[Grid, ...]
    gone: int  # cells whose samples are no longer in the cache
    failed: tuple[str, ...]
    claims: tuple[Decided, ...]
    cells: tuple[Made, ...]
    shared: dict[str, str]  # commit, versions and machine of all its cells
    cost: Cost
    records: int


def write_report(folder: Path, studies: list[str]) -> None:
    """Write ``report.html`` in ``folder``, build/<scale>, about the studies named.

    Errors: a :class:`Problem` for a missing table, figure or record, and for a disk that refuses.
    """
    every = [Results.read(study, folder) for study in studies]
    every.sort(key=lambda results: results.study != FIRST)
    lines = read_claims(folder / "claims.jsonl")
    claims = [decided(line) for line in lines if line["study"] in studies]
    sections = [section(results, folder, claims) for results in every]
    write_text(folder / "report.html", page(folder.name, every, sections, claims))


def page(
    scale: str,
    every: Sequence[Results],
    sections: Sequence[Section],
    claims: Sequence[Decided],
) -> str:
    """The text of the page; everything that it is given is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("template.html").render(
        scale=scale,
        meaningless=scale == "smoke",
        datasets=datasets(every),
        claims=claims,
        letters=LETTERS,
        sections=sections,
        origins=origins(run for results in every for run in results.runs),
        minutes=sum(section.cost.minutes for section in sections),
        packed=packed({section.study: section.cells for section in sections}),
    )


def section(results: Results, folder: Path, claims: Sequence[Decided]) -> Section:
    """One study, from its records, its figure and its claims."""
    study, chosen = results.study, layout(results.study)
    figure = folder / "figures" / f"{study}.svg"
    try:
        drawn = base64.b64encode(figure.read_bytes()).decode()
    except OSError as error:
        raise Problem(
            f"the figure {figure}", error.strerror or str(error), f"make it: `patina show {study}`"
        ) from error
    return Section(
        study=study,
        title=title_of(study),
        question=STUDIES[study].question if study in STUDIES else "",
        figure=drawn,
        caption=caption(study),
        parts=tuple(part(results, folder, name) for name in chosen.parts),
        grids=tuple(grids(results)),
        gone=gone(results),
        failed=failed_rows(results.groups, chosen.rows),
        claims=tuple(one for one in claims if one.claim["study"] == study),
        cells=tuple(made(results)),
        shared=shared(results),
        cost=cost(results),
        records=len(results.records),
    )


def part(results: Results, folder: Path, name: str) -> Part:
    """One part of a study's table; the rates are read from its file, which computed them."""
    chosen = layout(results.study)
    if name != "rates":
        found: Part = PARTS[name](results, chosen)
        return found
    rows = read_rates(folder / "tables" / f"{results.study}.csv")
    return part_of(rows, left_out(results, chosen, rows))
