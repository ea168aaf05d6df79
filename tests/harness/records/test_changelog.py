"""The changelog of the results: the newest line of a reference, and of which claims it speaks."""

from harness.cell import digest
from harness.records.changelog import ANEW, TITLE, decided, on_top, speaks_of

CLAIMS = {"a": {"word": "void"}}


def _anew(place: str) -> str:
    return f"- 2026-01-02 {place} at 0123456789ab: {ANEW} `00`, now `{digest(CLAIMS)}`: 1 new\n"


def _published(place: str) -> str:
    return f"- 2026-01-02 {place} at 0123456789ab: nothing → `00`, 3 rows added\n"


def test_a_line_is_put_below_the_title_and_above_the_others() -> None:
    assert on_top("", "- one\n") == f"{TITLE}- one\n"
    assert on_top(f"{TITLE}- one\n", "- two\n") == f"{TITLE}- two\n- one\n"
    assert on_top("- one\n", "- two\n") == "- two\n- one\n"


def test_the_newest_line_of_a_reference_counts_and_no_other() -> None:
    blur, more = "cpu/blur", "cpu/blur_more"
    text = TITLE + _anew(blur) + _published(blur)
    assert decided(text, blur) == _anew(blur)
    assert decided(on_top(text, _published(more)), blur) == _anew(blur)
    assert decided(on_top(text, _published(blur)), blur) is None  # published again since
    for other in (more, "gpu/blur", "cpu/blu"):
        assert decided(text, other) is None
    named = f"- 2026-01-02 {more} at 0123456789ab: words that moved: {blur}\n"
    assert decided(on_top(text, named), blur) == _anew(blur)


def test_a_line_speaks_of_the_claims_whose_digest_it_has() -> None:
    assert speaks_of(_anew("cpu/blur"), CLAIMS)
    assert not speaks_of(_anew("cpu/blur"), {"a": {"word": "supported"}})
