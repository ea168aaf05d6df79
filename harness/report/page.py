"""The report: one file that opens offline, from the claims down to the run behind each number.

It opens with how often the line errs, then the ledger of claims; each study has its figure, its
rows to point at and its tables. What moves is in ``harness/report/web``, a file a part, and goes
into the page as it stands: without scripts everything can be read but the rows and the runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from harness.claims.claim import read_claims
from harness.claims.systems import GROUPS
from harness.claims.verdict import EVERY_WORD
from harness.problem import Problem
from harness.records.atomic import write_text
from harness.report import PARTS
from harness.report import points as rows
from harness.report.caption import caption
from harness.report.citation import bibtex, sentence
from harness.report.drawing import url
from harness.report.failures import failed_rows
from harness.report.kept_samples import gone
from harness.report.layouts import layout
from harness.report.opening import opening
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
from harness.report.register import STATES, Filed, Systems, filed, systems
from harness.report.results import Results
from harness.report.roster import noted
from harness.report.samples import Grid, grids, together
from harness.report.sheet import Part
from harness.report.specification_curve import drawn
from harness.report.specifications import curves
from harness.report.spectrum_drawing import Spectra, spectra
from harness.report.title import question_of, title_of
from harness.report.verdicts import Decided, decided
from harness.run.code import ROOT

FIRST = "calibration"  # the study that stands right after the claims
HERE = Path(__file__).resolve().parent
SCRIPTS = ("core", "tables", "ledger", "plot", "rows", "laws", "cells")


@final
@dataclass(frozen=True)
class Section:
    """One study on the page."""

    study: str
    title: str
    question: str
    figure: str  # the SVG as the source of an image
    caption: str
    parts: tuple[Part, ...]
    grids: tuple[list[Grid], ...]
    spectra: Spectra | None
    gone: int  # cells whose samples are no longer in the cache
    failed: tuple[str, ...]
    claims: tuple[Decided, ...]
    cells: tuple[Made, ...]
    shared: dict[str, str]  # commit, versions and machine of all its cells
    cost: Cost
    records: int
    lawful: bool  # whether its rows are points of laws


def write_report(folder: Path, studies: list[str], results: Path = ROOT / "results") -> None:
    """Write ``report.html`` in ``folder``, build/<scale>, about the studies named.

    results: where the published verdicts lie. Errors: a :class:`Problem` for a missing table,
    figure or record, and for a disk that refuses.
    """
    every = [Results.read(study, folder) for study in studies]
    every.sort(key=lambda one: one.study != FIRST)
    lines = read_claims(folder / "claims.jsonl")
    claims = [decided(line) for line in lines if line["study"] in studies]
    sections = [section(one, folder, claims) for one in every]
    rates = read_rates(folder / "tables" / f"{FIRST}.csv") if FIRST in studies else []
    told = systems(results, folder.name, (one.claim["id"] for one in claims))
    ledger = filed(claims, results, folder.name)
    write_text(folder / "report.html", page(folder.name, every, sections, rates, ledger, told))


def page(
    scale: str,
    every: Sequence[Results],
    sections: Sequence[Section],
    rates: Sequence[Mapping[str, Any]],
    ledger: Sequence[Filed],
    told: Systems,
) -> str:
    """The text of the page; everything that it is given is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = {one.one.verdict["word"] for one in ledger}
    names = {one.system: one.name for one in ledger if one.system}
    owners = sorted(names.items(), key=lambda pair: pair[1])
    if any(not one.system for one in ledger):
        owners.append(("none", "of no system: metrics, detector, guidance"))
    made_with = origins(run for results in every for run in results.runs)
    return environment.get_template("template.html").render(
        scale=scale,
        meaningless=scale == "smoke",
        datasets=datasets(every),
        opening=opening(rates),
        filed=ledger,
        curves={name: Markup(drawing) for name, drawing in chosen_otherwise(every).items()},
        owners=owners,
        studies=[(one.study, one.title) for one in sections if one.claims],
        verdicts=[(word, word) for word in EVERY_WORD if word in words],
        systems=told,
        groups=[(group, group) for group in GROUPS],
        states=list(STATES.items()),
        sections=sections,
        origins=made_with,
        minutes=sum(section.cost.minutes for section in sections),
        cite=sentence(scale, made_with),
        bibtex=bibtex(scale, made_with),
        packed=packed({section.study: section.cells for section in sections}),
        points=rows.packed({one.study: rows.points(one) for one in every}),
        style=Markup(web("page.css")),
        script=Markup("\n".join(web(f"{name}.js") for name in SCRIPTS)),
    )


def chosen_otherwise(every: Sequence[Results]) -> dict[str, str]:
    """The specification curve of each headline claim, drawn."""
    return {one.claim: drawn(one) for results in every for one in curves(results)}


def web(name: str) -> str:
    """A style sheet or a script of the page, as it stands."""
    return (HERE / "web" / name).read_text(encoding="utf-8")


def section(results: Results, folder: Path, claims: Sequence[Decided]) -> Section:
    """One study, from its records, its figure and its claims."""
    study, chosen = results.study, layout(results.study)
    figure = folder / "figures" / f"{study}.svg"
    try:
        picture = url(figure.read_text(encoding="utf-8"))
    except OSError as error:
        raise Problem(
            f"the figure {figure}", error.strerror or str(error), f"make it: `patina show {study}`"
        ) from error
    return Section(
        study=study,
        title=title_of(study),
        question=question_of(study),
        figure=picture,
        caption=caption(results),
        parts=tuple(
            noted(name, part(results, folder, name), results, chosen) for name in chosen.parts
        ),
        grids=tuple(together(grids(results))),
        spectra=spectra(results),
        gone=gone(results),
        failed=failed_rows(results.groups, chosen.rows),
        claims=tuple(one for one in claims if one.claim["study"] == study),
        cells=tuple(made(results)),
        shared=shared(results),
        cost=cost(results),
        records=len(results.records),
        lawful=any("law" in group.params for group in results.groups),
    )


def part(results: Results, folder: Path, name: str) -> Part:
    """One part of a study's table; the rates are read from its file, which computed them."""
    chosen = layout(results.study)
    if name != "rates":
        found: Part = PARTS[name](results, chosen)
        return found
    rows = read_rates(folder / "tables" / f"{results.study}.csv")
    return part_of(rows, left_out(results, chosen, rows))
