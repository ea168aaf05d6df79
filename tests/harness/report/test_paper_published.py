"""The paper of what is published at cpu: its length, its figures, and lists made by rule."""

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from harness.problem import Problem
from harness.records.root import root_hash
from harness.report.paper import compile_text, write_paper
from harness.report.paper_figures import DRAWINGS
from harness.run.code import ROOT

from .paper_build import check_margins, ink, numbers, shown

UNTOLD = ("metric_sensitivity", "metric_sensitivity_cifar", "calibration")  # about the line itself
ALONE = (  # studies of which the text has guards of their own, each in one of these builds
    ("condition_flips", "memorisation", "ambient_rules"),
    ("cep", "ambient_scenes", "slight_corruption_laws"),
    ("captions", "scenes_t2i", "loops_laws"),
    ("cep_bridge", "restart_laws", "ambient_jpeg"),
    ("gmm_bridge", "tweedie_noisy_only", "ambient_losses"),
    ("self_consuming", "difficulty_laws", "smooth_laws"),
    ("rates_laws", "class_tilt"),
    ("fluid_grid",),
)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The paper of what is published at cpu, with no study built."""
    folder = tmp_path_factory.mktemp("published") / "cpu"
    write_paper(folder, [])
    return folder


def test_the_published_paper_has_8_to_14_pages(published: Path) -> None:
    pages = ink(published, "main.typ")
    assert 8 <= len(pages) <= 14
    check_margins(pages)


def test_its_own_figures_stand_in_the_paper_and_its_root_hash(published: Path) -> None:
    given = numbers(published)
    assert set(given["drawings"]) == set(DRAWINGS)
    figures = shown(published, "figure.where(kind: image)", "main.typ")
    assert len(figures) == len(DRAWINGS)
    root = root_hash(ROOT / "results", "cpu")
    assert root is not None
    assert given["reproduction"]["root"] == root
    raw = [element["text"] for element in shown(published, "raw", "main.typ")]
    assert {root[:32], root[32:], given["reproduction"]["lock"]} <= set(raw)


def test_what_is_listed_as_contradicted_and_open_is_all_of_it(published: Path) -> None:
    """The tables of the paper are made by rule: confirmatory, of a paper, with that verdict."""
    given = numbers(published)
    sections = {source["study"]: source.get("section") for source in given["sources"]}
    own = [
        claim
        for claim in given["claims"]
        if claim["word"] != "not run"
        and claim["confirmatory"]
        and not claim["source"].startswith("derived here")
    ]
    laws = [c for c in own if sections[c["study"]] == "laws" or c["study"] == "ambient_laws"]
    trained = [c for c in own if c not in laws and c["study"] not in UNTOLD]
    rows = {label: table_rows(published, label) for label in ("fails", "reversed", "open-claims")}
    failed = [c for c in laws if c["outcome"] != "seen"]
    assert rows == {
        "fails": len(failed),
        "reversed": sum(c["outcome"] == "reversed" for c in trained),
        "open-claims": sum(c["outcome"] == "unresolved" for c in trained),
    }
    assert min(rows.values()) > 0


def table_rows(folder: Path, label: str) -> int:
    """How many rows a table of the paper has below its heads, by its label."""
    table = shown(folder, f"<{label}>", "main.typ")[0]["body"]
    while table.get("func") != "table":
        inside = table.get("children", [table.get(k) for k in ("body", "child") if k in table])
        table = next(each for each in inside if each.get("func") in ("table", "styled", "sequence"))
    cells = [each for each in table["children"] if each.get("func") == "cell"]
    assert len(cells) % len(table["columns"]) == 0
    return len(cells) // len(table["columns"])


def test_a_statement_that_goes_on_from_another_has_it_beside(published: Path) -> None:
    claims = {claim["id"]: claim for claim in numbers(published)["claims"]}
    one = claims["classifier-uniform-unequal"]
    assert one["statement"].startswith("The same for")
    assert one["after"] == claims["classifier-uniform-isotropic"]["statement"]
    assert claims["classifier-uniform-isotropic"]["after"] == ""
    assert claims["classifier-pairing"]["after"] == ""  # "The same times and noise ...": alone


@pytest.mark.parametrize("ran", ALONE, ids=lambda ran: ran[0])
def test_it_compiles_where_only_some_studies_ran(
    ran: tuple[str, ...], published: Path, tmp_path: Path
) -> None:
    work = tmp_path / "paper"
    shutil.copytree(published / "paper", work)
    (work / "numbers.json").write_text(json.dumps(only(ran, numbers(published))))
    assert compile_text(work).startswith(b"%PDF-")


def test_a_text_without_its_guard_does_not_compile(published: Path, tmp_path: Path) -> None:
    work = tmp_path / "paper"
    shutil.copytree(published / "paper", work)
    (work / "numbers.json").write_text(json.dumps(only(("calibration",), numbers(published))))
    text = (work / "outcome.typ").read_text()
    (work / "outcome.typ").write_text(text + '\n#by-test("cep-beats-none")')
    with pytest.raises(Problem):
        compile_text(work)


def only(ran: tuple[str, ...], whole: dict[str, Any]) -> dict[str, Any]:
    """The numbers of a build in which some studies alone ran."""
    given = copy.deepcopy(whole)
    kept = ("id", "statement", "source", "study", "confirmatory")
    given["facts"] = {k: f for k, f in given["facts"].items() if f["study"] in ("", *ran)}
    given["tables"] = {study: tables for study, tables in given["tables"].items() if study in ran}
    given["sources"] = [
        one
        if one["study"] in ran
        else {"study": one["study"], "title": one["title"], "where": "not run"}
        for one in given["sources"]
    ]
    given["claims"] = [
        one
        if one["study"] in ran
        else {**{name: one[name] for name in kept}, "word": "not run", "tests": []}
        for one in given["claims"]
    ]
    given["drawings"] = {
        name: path for name, path in given["drawings"].items() if DRAWINGS[name].study in ran
    }
    return given
