"""The report: everything is on it, nothing is fetched, and no text can break out of its place."""

import base64
import gzip
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from harness.problem import Problem
from harness.records.record import Record
from harness.report.page import write_report
from harness.report.specifications import headline
from harness.run.code import ROOT
from harness.studies import STUDIES

from .whole import HOSTILE, NAMES

Build = Callable[..., Path]
VOID = {"meta", "link", "img", "input", "br"}


class Page(HTMLParser):
    """A page as its tags, attributes and text; an unbalanced tag is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src", "action", "srcset", "data"):
                self.links.append(value or "")
            assert not name.startswith("on"), name

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def page(made: Path) -> Page:
    return Page((made / "report.html").read_text("utf-8"))


def test_the_report_holds_everything_and_fetches_nothing(made: Path, page: Page) -> None:
    text = (made / "report.html").read_text("utf-8")
    assert len(page.ids) == len(set(page.ids))
    cells = {f"cell-{name}-{line[0]}" for name, lines in _unpacked(made).items() for line in lines}
    for claim in [c for name in NAMES for c in STUDIES[name].claims]:
        assert f"claim-{claim.id}" in page.ids
        assert claim.statement in page.text
        assert claim.source in page.text
    for link in page.links:
        assert link.startswith(("#", "data:image/"))
        if link.startswith("#"):
            assert link[1:] in page.ids or link[1:] in cells
    code = re.sub(r'"data:image/[^"]*"', "", text)  # an SVG names its own parts by url(#...)
    assert "@import" not in code
    assert "url(" not in code
    assert "http://" not in code.replace("http://www.w3.org/2000/svg", "")  # a name, not a place
    figures = [link for link in page.links if link.startswith("data:image/svg+xml,")]
    shown = [unquote(link.partition(",")[2]) for link in figures]
    assert len(shown) == 3
    assert any("ambient_laws" in figure for figure in shown)
    headlines = [name for study in NAMES for name, _ in headline(study)]
    curves = re.findall(r'aria-label="Specification curve of ([^:"]+):', text)
    assert curves
    assert curves == [name for name in headlines if name in curves]  # each once, beside its claim
    assert page.text.count("Had it been chosen otherwise") == len(curves)


def test_hostile_words_stay_words(made: Path, page: Page) -> None:
    text = (made / "report.html").read_text("utf-8")
    assert HOSTILE not in text
    assert HOSTILE in page.text
    assert page.tags.count("script") == 3
    assert "x onerror" not in re.sub(r"&lt;.*?&gt;", "", text)
    assert "failed group of rows" in page.text


def _unpacked(made: Path) -> dict[str, list[list[str]]]:
    """The cells that the page unpacks, by study."""
    text = (made / "report.html").read_text("utf-8")
    packed = text.partition('<script type="text/plain" id="packed">')[2].partition("</script>")[0]
    runs: dict[str, list[list[str]]] = json.loads(gzip.decompress(base64.b64decode(packed)))
    return runs


def test_every_cell_leads_to_its_run(made: Path, page: Page, blur: list[Record]) -> None:
    runs = _unpacked(made)
    for cell in {row.cell_id for row in blur}:
        assert f"#cell-ambient_blur-{cell}" in page.links
        ((*_, details),) = [line for line in runs["ambient_blur"] if line[0] == cell]
        assert details.count('measure {"key": "k"') == 1
    studies = {i for i in page.ids if i.startswith("made-")}
    assert {f"made-{study}" for study in runs} == studies
    assert page.text.count("Every stage of every cell: commit abc123") == len(studies)


def test_it_opens_with_scale_claims_and_calibration(page: Page) -> None:
    text = " ".join(page.text[page.text.index("Patina: what imperfect data") :].split())
    places = [
        text.index(words)
        for words in (
            "The numbers mean nothing",
            "Data: photos (side 8)",
            "conditional on the images of its study",
            "the whole line sees a difference",
            "An effect of the size",
            "Claims and their verdicts Each verdict",
            "The systems of this field",
            "How often does the line see a difference",
            STUDIES["ambient_laws"].question,
            STUDIES["ambient_blur"].question,
            "From a number to its run A number stands",
            "How to cite The Patina authors (2026)",
        )
    ]
    assert places == sorted(places)


def test_other_scales_do_not_disown_their_numbers(
    tmp_path: Path, left: Build, laws: list[Record]
) -> None:
    folder = left(tmp_path / "cpu", laws)
    (folder / "figures").mkdir()
    (folder / "figures" / "ambient_laws.svg").write_text("<svg/>", "utf-8")
    write_report(folder, ["ambient_laws"])
    text = (folder / "report.html").read_text("utf-8")
    assert "mean nothing" not in text
    assert "<b>Scale:</b> cpu" in text
    assert "conditional on" not in text.partition("</header>")[0]  # a law has no images


def test_a_claim_of_a_study_that_is_not_shown_is_left_out(
    build: Build, laws: list[Record], blur: list[Record]
) -> None:
    folder = build(laws, blur)
    (folder / "figures").mkdir()
    (folder / "figures" / "ambient_laws.svg").write_text("<svg/>", "utf-8")
    write_report(folder, ["ambient_laws"])
    page = Page((folder / "report.html").read_text("utf-8"))
    shown = {name.removeprefix("claim-") for name in page.ids if name.startswith("claim-")}
    assert shown == {claim.id for claim in STUDIES["ambient_laws"].claims}


def test_a_rule_that_changed_since_its_result_was_published_is_marked(
    build: Build, laws: list[Record], tmp_path: Path
) -> None:
    place = Path("v1", "smoke", "ambient_laws", "MANIFEST.json")
    manifest = json.loads((ROOT / "results" / place).read_text("utf-8"))
    manifest["claims"]["noise-contracts"]["rule"] = "of another day"
    (tmp_path / "results" / place).parent.mkdir(parents=True)
    (tmp_path / "results" / place).write_text(json.dumps(manifest), "utf-8")
    folder = build(laws)
    (folder / "figures").mkdir()
    (folder / "figures" / "ambient_laws.svg").write_text("<svg/>", "utf-8")
    write_report(folder, ["ambient_laws"], results=tmp_path / "results")
    text = (folder / "report.html").read_text("utf-8")
    claim = text.partition('id="claim-noise-contracts"')[2].partition("</summary>")[0]
    assert 'data-rule="changed"' in claim
    assert "rule changed since it was published" in claim
    assert text.count('data-rule="changed"') == 1


def test_same_results_same_bytes(made: Path) -> None:
    first = (made / "report.html").read_bytes()
    write_report(made, NAMES)
    assert (made / "report.html").read_bytes() == first


def test_a_missing_figure_is_named_and_the_old_report_stays(build: Build, laws: Any) -> None:
    folder = build(laws)
    (folder / "report.html").write_text("the old one", "utf-8")
    with pytest.raises(Problem, match=r"ambient_laws\.svg"):
        write_report(folder, ["ambient_laws"])
    assert (folder / "report.html").read_text("utf-8") == "the old one"
