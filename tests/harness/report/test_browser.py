"""The report in a real browser: nothing is fetched, nothing fails, and everything answers."""

from pathlib import Path

import pytest

from harness.studies import STUDIES

from .browser import Browser
from .opened import LAW, ROWS, put, seen
from .whole import NAMES

pytestmark = pytest.mark.browser

CLAIMS = [claim for name in NAMES for claim in STUDIES[name].claims]
SHOWN = "[...document.querySelectorAll('#ledger > .entry')].filter(one => !one.hidden)"
COUNT = "document.getElementById('claims-shown').textContent"


def test_every_figure_shows_and_the_tests_would_see_a_request(page: Browser, made: Path) -> None:
    widths = page.js("[...document.images].map(one => one.complete && one.naturalWidth)")
    assert len(widths) == len(NAMES)
    assert all(widths)
    other = made.parent / "other.html"
    other.write_text("<img src='http://127.0.0.1:9/x.png'><script>missing()</script>", "utf-8")
    page.open(other.as_uri())
    assert page.requests == ["http://127.0.0.1:9/x.png"]
    assert any("missing is not defined" in problem for problem in page.problems)
    page.open((made / "report.html").as_uri())


def test_the_policy_of_the_page_forbids_a_request(page: Browser) -> None:
    assert page.js("fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'refused')") == "refused"
    assert any("Content Security Policy" in problem for problem in page.problems)
    page.requests.clear()
    page.problems.clear()


def test_filters_hide_claims_and_count_them_and_the_address_keeps_them(
    page: Browser, made: Path
) -> None:
    words = page.js(f"{SHOWN}.map(one => one.dataset.verdict)")
    assert len(words) == len(CLAIMS)
    assert page.js(COUNT) == f"All {len(CLAIMS)} claims."
    word = max(set(words), key=words.count)
    told = (
        "Object.fromEntries([...document.querySelectorAll('[data-key=verdict]')]"
        ".map(one => [one.dataset.value, Number(one.textContent)]))"
    )
    counts = {each: words.count(each) for each in set(words)}
    assert page.js(told) == counts
    page.js(f"document.querySelector('[name=verdict][value=\"{word}\"]').click()")
    assert set(page.js(f"{SHOWN}.map(one => one.dataset.verdict)")) == {word}
    assert page.js(COUNT) == f"{words.count(word)} of {len(CLAIMS)} claims."
    assert page.js(told) == counts  # those of a word do not depend on the words that are asked for
    put(page, "#main form.filter[data-of=claims] [name=study]", "ambient_blur")
    both = page.js(f"{SHOWN}.length")
    assert both == page.js(
        "[...document.querySelectorAll('#ledger > .entry')].filter(one =>"
        f" one.dataset.verdict === '{word}' && one.dataset.study === 'ambient_blur').length"
    )
    kept = page.js("location.hash")
    assert kept.startswith("#claims?")
    page.open((made / "report.html").as_uri() + kept)
    assert page.js(f"{SHOWN}.length") == both
    assert page.js("document.querySelector('[name=study]').value") == "ambient_blur"
    page.js("document.querySelector('form.filter [type=reset]').click()")
    page.until(f"{COUNT}.startsWith('All ')")


def test_text_finds_a_claim_by_its_words(page: Browser) -> None:
    claim = CLAIMS[-1]
    put(page, "form.filter[data-of=claims] [name=text]", claim.id.upper())
    found = page.js(f"{SHOWN}.map(one => one.id)")
    assert f"claim-{claim.id}" in found
    assert len(found) < len(CLAIMS)
    put(page, "form.filter[data-of=claims] [name=text]", "no claim has these words")
    assert page.js(COUNT) == f"0 of {len(CLAIMS)} claims."


def test_systems_filter_by_state(page: Browser) -> None:
    page.js("document.querySelector('[name=state][value=unchecked]').click()")
    shown = page.js(
        "[...document.querySelectorAll('#every-system > .entry')].filter(one => !one.hidden)"
        ".map(one => one.innerText)"
    )
    assert shown
    assert all("not checked yet" in text for text in shown)
    count = page.js("document.getElementById('systems-shown').textContent")
    assert count == f"{len(shown)} of 52 systems."


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234 ± 0.056", 1.234), ("−0.5", -0.5), ("+12.1 [+8, +16] %", 12.1), ("< 0.0001", 1e-4),
        ("−1.5×10⁻⁴ ± 2×10⁻⁵", -1.5e-4), ("2×10¹²", 2e12), ("3 of 4", 3), ("48 %", 48), (".5", 0.5),
        ("–", None), ("failed (3)", None), ("MLP", None), ("", None),
    ],
)  # fmt: skip
def test_the_first_number_of_a_text_is_what_sorts(
    page: Browser, text: str, value: float | None
) -> None:
    assert page.js(f"patina.value('{text}')") == value


def test_tables_sort_by_number_down_and_back(page: Browser) -> None:
    section = "document.getElementById('ambient_blur').parentElement"
    table = f"{section}.querySelector('table.sortable')"
    at = page.js(
        f"[...({table}).querySelectorAll('thead th')]"
        ".findIndex(one => one.innerText.includes('held'))"
    )
    column = f"[...({table}).tBodies[0].rows].map(row => row.cells[{at}].textContent)"
    button = f"({table}).querySelectorAll('thead th')[{at}].querySelector('button')"
    sort = f"({button}).parentElement.getAttribute('aria-sort')"
    before = page.js(column)
    values = page.js(f"({column}).map(patina.value)")
    known = sorted(value for value in values if value is not None)
    assert len(known) > 2
    missing = len(values) - len(known)
    assert missing  # the cell that failed has no number
    for way, wanted in (
        ("ascending", [*known, *[None] * missing]),
        ("descending", [*known[::-1], *[None] * missing]),
    ):
        page.js(f"({button}).click()")
        assert page.js(sort) == way
        assert page.js(f"({column}).map(patina.value)") == wanted
    page.js(f"({button}).click()")
    assert page.js(sort) == "none"
    assert page.js(column) == before


def test_it_fits_a_narrow_screen(page: Browser) -> None:
    page.size(360, 740)
    for view in (ROWS, LAW):
        seen(page, view)
    page.js("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    page.until("document.querySelectorAll('.made').length > 10")
    wide = page.js(
        "[...document.querySelectorAll('body *')].filter(one => !one.closest('.wide') &&"
        " !one.closest('#tip') && !one.matches('.skip') &&"
        " one.getBoundingClientRect().right > 361).map(one => one.outerHTML.slice(0, 120))"
    )
    assert wide == []
    assert page.js("document.documentElement.scrollWidth") <= 360


def test_dark_is_dark_and_figures_keep_a_white_plate(page: Browser) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    assert page.js(paper) == "rgb(255, 255, 255)"
    page.media("dark")
    assert page.js(paper) == "rgb(21, 24, 27)"
    plate = "getComputedStyle(document.querySelector('figure.plot img')).backgroundColor"
    assert page.js(plate) == "rgb(255, 255, 255)"
    page.media("dark", "print")
    assert page.js(paper) == "rgb(255, 255, 255)"  # paper is white


def test_print_opens_the_claims_and_hides_the_controls(page: Browser) -> None:
    page.media(kind="print")
    page.js("window.dispatchEvent(new Event('beforeprint'))")
    assert page.js("[...document.querySelectorAll('#ledger > .entry')].every(one => one.open)")
    for hidden in ("nav", ".controls", ".view", "#tip"):
        display = page.js(f"getComputedStyle(document.querySelector('{hidden}')).display")
        assert display == "none", hidden


def test_the_first_key_skips_to_the_report_and_every_control_has_a_name(page: Browser) -> None:
    page.key("Tab")
    assert page.js("document.activeElement.className") == "skip"
    assert page.js("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.key("Enter")
    assert page.js("document.activeElement.id") == "main"
    for view in (ROWS, LAW):
        seen(page, view)
    nameless = page.js(
        "[...document.querySelectorAll('input, select, button, [role=group], [role=region]')]"
        ".filter(one => !(one.labels && one.labels.length) && !one.textContent.trim() &&"
        " !one.getAttribute('aria-label')).map(one => one.outerHTML.slice(0, 120))"
    )
    assert nameless == []
    assert page.js("document.querySelectorAll('main, header, nav[aria-label]').length") == 3


def test_hostile_words_make_no_element(page: Browser) -> None:
    page.js("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    page.until("document.querySelectorAll('.made').length > 10")
    assert page.js("document.querySelectorAll('img[src=x]').length") == 0
    assert page.js("document.scripts.length") == 3


def test_without_scripts_every_claim_can_be_read(page: Browser, made: Path) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.open((made / "report.html").as_uri())
        found = page.call("DOM.getDocument", depth=-1)["root"]["nodeId"]
        entries = page.call("DOM.querySelectorAll", nodeId=found, selector="#ledger > .entry")
        assert len(entries["nodeIds"]) == len(CLAIMS)
        controls = page.call("DOM.querySelectorAll", nodeId=found, selector=".controls")
        for node in controls["nodeIds"]:
            with pytest.raises(AssertionError, match="box model"):
                page.call("DOM.getBoxModel", nodeId=node)
    finally:
        page.call("Emulation.setScriptExecutionDisabled", value=False)
        page.open((made / "report.html").as_uri())
