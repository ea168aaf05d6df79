"""The paper and its supplement: ``paper/*.typ`` compiled with the numbers of a build, none typed.

``paper.pdf`` (``main.typ``) says what was found, in 8 to 14 pages; ``supplement.pdf`` has every
claim, table, proof and origin. ``build/<scale>/paper/`` is a folder that compiles by itself: the
text and the references as they stand in ``paper/``, the figures of the build and those of the paper
(``harness.report.paper_figures``), and ``numbers.json`` with every number and word that the text
may quote (``harness.report.facts``). A study that this build made is quoted from it; one
that it did not make, from the committed reference ``results/v1/<scale>/<study>``, and marked; one
that neither has is said not to have been run.

The same records give the same bytes: keys are sorted, the document has no date, and only the fonts
that the compiler brings are used.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from harness.cell import canonical
from harness.claims.claim import Claim
from harness.claims.decide import decide_all
from harness.problem import Problem
from harness.records.atomic import write_bytes, write_json, write_together
from harness.records.files import read_json_lines
from harness.records.publish import VERSION, published, read_manifest
from harness.records.root import root_hash
from harness.report import excerpts, facts
from harness.report.caption import caption
from harness.report.layouts import layout
from harness.report.paper_figures import drawings
from harness.report.results import Results
from harness.run.code import ROOT, lock_digest
from harness.studies import STUDIES

TEXT = ROOT / "paper"
DOCUMENTS = {"paper.pdf": "main.typ", "supplement.pdf": "supplement.typ"}
BUILD, REFERENCE, NONE = "this build", "reference", "not run"
VERSIONS = ("python", "torch", "numpy", "patina")
TOLD = {  # the studies that the text speaks of by name, and whether it shows their figure
    "ambient_laws": True,
    "calibration": False,
    "metric_sensitivity": False,
    "metric_sensitivity_cifar": False,
    "ambient_blur": True,
}
SECTIONS = {  # the others that are no laws: those of imperfect images, but for these
    "scenes": ("scenes_detector", "scenes_t2i"),
    "conditions": (
        "condition_flips",
        "cep",
        "captions",
        "cep_bridge",
        "self_consuming",
    ),
    "growth": (
        "ambient_scaling",
        "cep_scaling",
        "synthetic_scaling",
        "fluid_grid",
        "fluid_length",
        "fluid_length_more",
    ),
}


@final
@dataclass(frozen=True)
class Origin:
    """Where the paper takes a study from. results and sha256 are null where it was not run."""

    study: str
    where: str
    results: Results | None = None
    sha256: str | None = None


def write_paper(folder: Path, studies: list[str], results: Path = ROOT / "results") -> None:
    """Write ``paper.pdf`` and ``supplement.pdf`` in ``folder``, which is ``build/<scale>``, and
    their sources in ``paper/``.

    studies: those that this build made. results: the folder of the committed references. Errors: a
    :class:`Problem` for a file that a study lacks, and for a text that does not compile, such as
    one that asks for a number which is not there; the older documents then stay.
    """
    origins = [origin(name, folder, studies, results) for name in STUDIES]
    work = folder / "paper"
    for path in sorted([*TEXT.glob("*.typ"), *TEXT.glob("*.bib")]):
        write_bytes(work / path.name, path.read_bytes())
    numbers = collect(folder.name, origins)
    numbers["reproduction"] = reproduction(folder.name, results)
    numbers["figures"] = {
        each.study: _figure(folder, work, each.study)
        for each in origins
        if each.where == BUILD and drawn(each.study)
    }
    numbers["drawings"] = {}
    for name, data in drawings([each.results for each in origins if each.results]).items():
        numbers["drawings"][name] = f"figures/{name}.paper.svg"
        write_bytes(work / numbers["drawings"][name], data)
    write_json(work / "numbers.json", numbers)
    write_together({folder / name: compile_text(work, text) for name, text in DOCUMENTS.items()})


def reproduction(scale: str, results: Path) -> dict[str, Any]:
    """What makes the references of a scale again: how many there are, their root hash, from which
    commits they were published, under which locks; and the lock of this build."""
    paths = sorted((results / VERSION / scale).glob("*/MANIFEST.json"))
    manifests = [read_manifest(path.parent) for path in paths]
    return {
        "references": len(manifests),
        "root": root_hash(results, scale),
        "commits": sorted({manifest.commit[:7] for manifest in manifests}),
        "locks": sorted({manifest.lock for manifest in manifests}),
        "lock": lock_digest(),
    }


def origin(study: str, folder: Path, made: Sequence[str], results: Path) -> Origin:
    """A study with its records, runs and claims, from the build or from the reference."""
    place, where = folder / study, BUILD
    if study in made:
        found = Results.read(study, folder)
        lacking = {claim.id for claim in STUDIES[study].claims} - {c["id"] for c in found.claims}
        if lacking:
            raise Problem(
                f"the verdicts on {study} in {folder / 'claims.jsonl'}",
                f"none on {', '.join(sorted(lacking))}",
                "decide them again: patina claims --records build/<scale>/*/records.jsonl",
            )
    else:
        place, where = results / VERSION / folder.name / study, REFERENCE
        if not (place / "MANIFEST.json").is_file():
            return Origin(study, NONE)
        rows = published(results, folder.name, study)
        claims = STUDIES[study].claims
        lines = [
            {**claim.config(), "verdict": verdict.config()}
            for claim, verdict in zip(claims, decide_all(claims, rows, folder.name))
        ]
        runs = read_json_lines(place / "runs.jsonl")
        cache = folder.parent / "cache"
        found = Results(study, folder.name, rows, runs, json.loads(canonical(lines)), cache)
    sha256 = hashlib.sha256((place / "records.jsonl").read_bytes()).hexdigest()
    return Origin(study, where, found, sha256)


def collect(scale: str, origins: Sequence[Origin]) -> dict[str, Any]:
    """Everything that the text may quote, as plain data."""
    known = facts.Facts()
    facts.constants(known)
    claims, tables, sources = [], {}, []
    for each in origins:
        name, found = each.study, each.results
        if found is None:
            claims += [_not_run(claim) for claim in STUDIES[name].claims]
            sources.append({"study": name, "title": STUDIES[name].title, "where": NONE})
            continue
        claims += facts.claims(known, found.claims)
        data = facts.datasets(known, found)
        if name in TOLD:
            facts.settings(known, found)
        excerpts.extent(known, found)
        tables[name] = _tables(known, found)
        sources.append(
            {
                "study": name,
                "title": STUDIES[name].title,
                "where": each.where,
                "sha256": each.sha256,
                "rows": len(found.records),
                "failed": sum(not row.ok for row in found.records),
                "cells": len(found.runs),
                "datasets": data,
                "section": section(name),
                "question": STUDIES[name].question,
                "caption": caption(found),
                **_machines(found.runs),
            }
        )
    return {
        "scale": scale,
        "facts": known.entries,
        "claims": claims,
        "tables": tables,
        "sources": sources,
    }


def section(study: str) -> str:
    """The section in which a study has its block; "" where the text speaks of it by name."""
    if study in TOLD:
        return ""
    if layout(study).parts == ("laws",):
        return "laws"
    return next((name for name, held in SECTIONS.items() if study in held), "imperfect")


def drawn(study: str) -> bool:
    """Whether the paper shows the figure of a study."""
    return TOLD.get(study, True)


def _tables(known: facts.Facts, found: Results) -> dict[str, Any]:
    """The tables and the further facts of one study."""
    match found.study:
        case "ambient_laws":
            excerpts.kernel(known, found)
            return {
                "contraction": excerpts.contraction(known, found),
                "switching": excerpts.switching(known, found),
            }
        case "calibration":
            return {"rates": excerpts.rates(known, found)}
        case "metric_sensitivity":
            return {"damages": excerpts.damages(known, found)}
        case "ambient_blur":
            facts.gates(known, found)
            facts.annotations(known, found)
            excerpts.photographs(known, found)
            excerpts.curve(known, found)
            return {"arms": excerpts.arms(found), **excerpts.parts(found)}
    return excerpts.parts(found)


def _not_run(claim: Claim) -> dict[str, Any]:
    """The line of a claim whose study was not run."""
    chosen = ("id", "statement", "source", "study", "confirmatory")
    return {**{name: getattr(claim, name) for name in chosen}, "word": NONE, "tests": []}


def _machines(runs: Sequence[dict[str, Any]]) -> dict[str, list[str]]:
    """By what commits, on what machines and with what versions the stages were made."""
    made = [stage for run in runs for stage in run["stages"].values() if "commit" in stage]
    parts = [
        " ".join(x for x in (m["processor"], m["accelerator"], m["system"]) if x) for m in made
    ]
    versions = [
        ", ".join(f"{name} {m[name]}" for name in VERSIONS if m[name] != "none") for m in made
    ]
    return {
        "accelerators": sorted({m["accelerator"] for m in made} - {""}),
        "commits": sorted({m["commit"] or "none" for m in made}),
        "machines": sorted(set(parts)),
        "versions": sorted(set(versions)),
    }


def _figure(folder: Path, work: Path, study: str) -> str:
    """Put the figure of a study beside the text; its path from there."""
    path = folder / "figures" / f"{study}.svg"
    if not path.is_file():
        raise Problem(f"the figure {path}", "no such file", f"make it first: patina show {study}")
    write_bytes(work / "figures" / path.name, path.read_bytes())
    return f"figures/{path.name}"


def compile_text(work: Path, text: str = "main.typ") -> bytes:
    """The PDF of a text in a folder, as bytes; a :class:`Problem` with what it lacks."""
    import typst

    try:
        pdf = typst.compile(str(work / text), root=str(work), ignore_system_fonts=True)
    except typst.TypstError as error:
        detail = "; ".join([error.message, *error.hints])
        raise Problem(
            f"the paper from {work / text}", detail, "mend the text, or make what it quotes"
        ) from error
    return bytes(pdf)
