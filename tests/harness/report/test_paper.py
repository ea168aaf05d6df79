"""The paper and its supplement: their numbers are those of the records, they compile from any set
of studies, byte for byte alike, and nothing runs off a page."""

import hashlib
import math
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.claims.claim import read_claims
from harness.problem import Problem
from harness.records.atomic import write_json
from harness.records.files import read_jsonl
from harness.records.publish import Manifest
from harness.records.record import Record
from harness.report import PARTS, facts
from harness.report.excerpts import parts
from harness.report.facts import Facts, called, place
from harness.report.layouts import layout
from harness.report.paper import DOCUMENTS, TOLD, compile_text, write_paper
from harness.scale import read_sizes
from harness.studies import STUDIES

from .paper_build import build, check_margins, ink, numbers, shown

ALL = list(STUDIES)
BLOCKS = {  # sections of studies whose blocks are made from their records, by their headings
    "imperfect": "Imperfect images",
    "conditions": "Wrong conditions",
    "growth": "How effects grow",
    "scenes": "Scenes that score themselves",
}
SWEEPS = ("ambient_scaling", "cep_scaling", "synthetic_scaling", "fluid_grid")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of every study at smoke, with its paper."""
    folder = build(tmp_path_factory.mktemp("one") / "smoke", ALL)
    write_paper(folder, ALL)
    return folder


def test_every_claim_stands_in_the_supplement_with_its_verdict(made: Path) -> None:
    ids = {claim.id for study in ALL for claim in STUDIES[study].claims}
    raw = {element["text"] for element in shown(made, "raw")}
    assert ids <= raw
    decided = {
        claim["id"]: claim["verdict"]["word"] for claim in read_claims(made / "claims.jsonl")
    }
    assert {claim["id"]: claim["word"] for claim in numbers(made)["claims"]} == decided


def test_same_results_same_bytes_wherever_they_lie(made: Path, tmp_path: Path) -> None:
    again = build(tmp_path / "smoke", ALL)
    write_paper(again, ALL)
    for name in ("paper/numbers.json", "paper.pdf", "supplement.pdf"):
        assert (again / name).read_bytes() == (made / name).read_bytes(), name


def test_a_missing_number_stops_the_paper_and_is_named(made: Path, tmp_path: Path) -> None:
    work = tmp_path / "paper"
    for path in (made / "paper").rglob("*.*"):
        (work / path.relative_to(made / "paper")).parent.mkdir(parents=True, exist_ok=True)
        (work / path.relative_to(made / "paper")).write_bytes(path.read_bytes())
    whole = numbers(made)
    for key in ("claim.noise-contracts.cells_void", "ambient_blur.mlp.images", "method.power"):
        facts = {name: fact for name, fact in whole["facts"].items() if name != key}
        write_json(work / "numbers.json", {**whole, "facts": facts})
        with pytest.raises(Problem, match=f"no number with the key.*{re.escape(key)}"):
            compile_text(work)


def test_the_numbers_are_those_of_the_records(made: Path) -> None:
    given = numbers(made)
    facts = {key: fact["value"] for key, fact in given["facts"].items()}
    laws = given["tables"]["ambient_laws"]
    for row in laws["contraction"]:
        assert row["slope_exact"] == pytest.approx(-2, abs=1e-9)
        assert row["slope_printed"] is None or row["slope_printed"] == pytest.approx(-1, abs=1e-9)
        assert row["dobrushin"] == pytest.approx(2000 * row["sigma"])
    assert facts["kernel.slope.low"] == pytest.approx(-0.5)
    assert facts["kernel.expectation.high"] == pytest.approx(1.5)
    for row in laws["switching"]:
        assert [row[m] for m in ("exact", "printed", "order_ratio")] == [0.5, 1.0, 0.01]
        assert row["asymptotic_ratio"] is None

    rows = read_jsonl(made / "ambient_blur" / "records.jsonl")
    for arm in given["tables"]["ambient_blur"]["arms"]:
        network = {"MLP": "mlp", "U-Net": "unet"}[arm["network"]]
        place = {"arm": arm["arm"], "network": network} | (
            {"blur": arm["blur"]} if arm["blur"] is not None else {}
        )
        values = [r.value for r in rows if dict(r.params) == place and r.metric == "fd_zca_pixels"]
        assert arm["metrics"]["fd_zca_pixels"]["mean"] == pytest.approx(np.mean(values))
        assert arm["metrics"]["fd_zca_pixels"]["sd"] == pytest.approx(np.std(values, ddof=1))
    damaged = given["tables"]["metric_sensitivity"]["damages"]
    fd = next(row for row in damaged if row["reading"] == "FD random conv")
    # exp(0.1 times the letters of the damage's name), against that of "none"
    assert fd["multiples"][0] == {
        "damage": "noise",
        "severity": 0.2,
        "multiple": pytest.approx(math.exp(0.1), rel=0.02),
    }
    assert fd["has_floor"]
    assert "noise" in fd["unseen"]
    assert facts["ambient_blur.annotation.0.8.share"] == pytest.approx(0.5)  # the median of sigma
    assert facts["ambient_blur.mlp.images"] == read_sizes("smoke").images
    assert facts["ambient_blur.mlp.sampler.steps"] == 18
    for claim in read_claims(made / "claims.jsonl"):
        for test in claim["verdict"]["conditions"]:
            key = f"claim.{claim['id']}.{test['metric']}.{test['condition']}.effect"
            assert facts[key] == test["effect"]


def test_a_study_comes_from_the_reference_or_was_not_run(made: Path, tmp_path: Path) -> None:
    for study in ("ambient_laws", "ambient_blur"):
        reference = tmp_path / "results" / "v1" / "smoke" / study
        hashes = {}
        for name in ("records.jsonl", "runs.jsonl"):
            data = (made / study / name).read_bytes()
            reference.mkdir(parents=True, exist_ok=True)
            (reference / name).write_bytes(data)
            hashes[name] = hashlib.sha256(data).hexdigest()
        manifest = Manifest(study, "smoke", "1.0.0", "0" * 40, hashes, 1, None, "", [], None, {})
        write_json(reference / "MANIFEST.json", asdict(manifest))
    folder = build(tmp_path / "smoke", ["calibration"])
    write_paper(folder, ["calibration"], tmp_path / "results")
    where = {source["study"]: source["where"] for source in numbers(folder)["sources"]}
    assert where == {
        **dict.fromkeys(STUDIES, "not run"),
        "ambient_laws": "reference",
        "calibration": "this build",
        "ambient_blur": "reference",
    }
    before = {claim["id"]: claim for claim in numbers(made)["claims"]}
    for claim in numbers(folder)["claims"]:
        same = {**claim, "reason": ""} == {**before[claim["id"]], "reason": ""}
        assert same if where[claim["study"]] == "reference" else claim["word"] == "not run"


@pytest.mark.parametrize("studies", [[], ["ambient_laws"], ["ambient_blur"]])
def test_it_compiles_from_any_studies(studies: list[str], tmp_path: Path) -> None:
    folder = build(tmp_path / "smoke", studies)
    write_paper(folder, studies, tmp_path / "results")
    for name in DOCUMENTS:
        assert (folder / name).read_bytes().startswith(b"%PDF-")


def test_smoke_says_that_its_numbers_mean_nothing(made: Path, tmp_path: Path) -> None:
    for text in DOCUMENTS.values():
        assert len(shown(made, "<banner>", text)) == 1
    folder = build(tmp_path / "cpu", ["calibration"])
    write_paper(folder, ["calibration"], tmp_path / "results")
    for text in DOCUMENTS.values():
        assert shown(folder, "<banner>", text) == []


def test_what_a_study_lacks_is_named_and_the_old_paper_stays(tmp_path: Path) -> None:
    folder = build(tmp_path / "smoke", ["ambient_laws"])
    for name in DOCUMENTS:
        (folder / name).write_bytes(b"old")
    (folder / "figures" / "ambient_laws.svg").unlink()
    with pytest.raises(Problem, match=r"ambient_laws\.svg"):
        write_paper(folder, ["ambient_laws"], tmp_path / "results")
    lines = (folder / "claims.jsonl").read_text().splitlines(keepends=True)
    (folder / "claims.jsonl").write_text("".join(lines[1:]))
    with pytest.raises(Problem, match="noise-contracts"):
        write_paper(folder, ["ambient_laws"], tmp_path / "results")
    assert all((folder / name).read_bytes() == b"old" for name in DOCUMENTS)


def test_a_fact_is_given_once() -> None:
    facts = Facts()
    facts.put("", "method.level", 1)
    with pytest.raises(ValueError, match=r"method\.level"):
        facts.put("", "method.level", 2)


def test_a_condition_reads_as_words() -> None:
    assert place("blur=0.8 network=mlp") == "blur 0.8, MLP"
    assert place("setting=64 sampler steps") == "64 sampler steps"
    assert place("damage=jpeg") == "damage JPEG"


@pytest.mark.parametrize("text", DOCUMENTS.values())
def test_nothing_runs_off_a_page(text: str, made: Path) -> None:
    pages = ink(made, text)
    assert len(pages) > 20 or text == "main.typ"
    check_margins(pages)


def test_tests_of_one_name_without_numbers_are_one_fact_and_with_numbers_are_refused() -> None:
    """A claim on the two ends of a curve names neither where the curve has too few sizes."""
    test = dict.fromkeys((*facts.TEST, "word", "replicates_needed", "unit"))
    test |= {"metric": "effect of a in b", "condition": "x=1", "n": 0}
    known = Facts()
    for _ in range(2):
        facts._test(known, "s", "c", test)
    assert known.entries["claim.c.effect of a in b.x=1.n"]["value"] == 0
    for other in ({**test, "effect": 1.0}, {**test, "n": 3}):
        with pytest.raises(ValueError, match="got two"):
            facts._test(known, "s", "c", other)
    twice = Facts()
    facts._test(twice, "s", "c", {**test, "effect": 1.0})
    with pytest.raises(ValueError, match="got two"):
        facts._test(twice, "s", "c", {**test, "effect": 1.0})


def test_a_reading_says_at_which_noise() -> None:
    assert called("excess/0.1125").endswith("at noise 0.1125")
    assert called("relative/above") == "relative, above"
    assert called("fd_random_conv") == "FD random conv"


def test_every_study_without_text_of_its_own_has_a_block(made: Path) -> None:
    """Question, figure, claims and tables, with no line of text written for it."""
    given = numbers(made)
    blocks = [s for s in given["sources"] if s["section"] in BLOCKS]
    laws = [s for s in given["sources"] if s["section"] == "laws"]
    assert len(blocks) + len(laws) + len(TOLD) == len(ALL)
    titles = [text(each["body"]).strip() for each in shown(made, "heading")]
    captions = [text(each["caption"]["body"]) for each in shown(made, "figure")]
    for source in blocks:
        study, title = source["study"], source["title"]
        assert titles.count(title) == 1
        assert given["figures"][study] == f"figures/{study}.svg"
        parts = given["tables"][study]
        assert set(parts) & {"means", "detection"}, study
        own = [caption for caption in captions if caption.startswith(f"{title}: ")]
        assert len(own) == bool(STUDIES[study].claims) + len(parts), study
        marked = [caption for caption in own if "Published numbers, none of them ours" in caption]
        assert len(marked) == ("published" in parts), study


def test_the_block_of_a_study_stands_under_the_heading_of_its_section(made: Path) -> None:
    """So do those of the sweeps: how effects grow, and not what is wrong with images."""
    sections = {s["title"]: s["section"] for s in numbers(made)["sources"]}
    titles = [text(each["body"]).strip() for each in shown(made, "heading")]
    names = {heading: name for name, heading in BLOCKS.items()}
    under, found = "", {}
    for title in titles:
        under = names.get(title, under)
        if sections.get(title) in BLOCKS:
            found[title] = under
    assert len(found) > 20
    assert found == {title: name for title, name in sections.items() if name in BLOCKS}
    assert {found[STUDIES[study].title] for study in SWEEPS} == {"growth"}


def text(element: dict[str, Any]) -> str:
    """The words of a piece of the document."""
    if "text" in element:
        return str(element["text"])
    if element.get("func") == "space":
        return " "
    inside = element.get("children", [element[k] for k in ("body", "child") if k in element])
    return "".join(text(each) for each in inside)


def test_a_table_is_that_of_the_report_and_its_failures_are_counted(
    trained: Callable[..., list[Record]], failed: Callable[..., list[Record]], results: Any
) -> None:
    rows = trained(0, 2, study="ambient_jpeg", arm="clean", network="mlp")
    rows += failed("no luck", 2, study="ambient_jpeg", arm="oracle", network="mlp")
    found = parts(results(rows))
    assert set(found) == {"means", "published"}
    sheet = PARTS["means"](results(rows), layout("ambient_jpeg"))
    for name in ("header", "body", "breaks", "labels", "caption"):
        assert found["means"][name] == getattr(sheet, name)
    assert found["means"]["notes"][-1] == "Failures: 1, which the report names."
    assert not [note for note in found["means"]["notes"] if "no luck" in note]
