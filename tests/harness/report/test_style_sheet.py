"""The colours of the page can be told apart: contrast as WCAG 2 computes it, light and dark."""

import re

import pytest

from harness.report.page import web

CSS = web("page.css")
LIGHT, DARK = (
    dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", block))
    for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
)
TEXT = (
    ("ink", "paper"), ("soft", "paper"), ("link", "paper"), ("ink", "panel"), ("soft", "panel"),
    ("link", "panel"), ("warn-ink", "warn"), ("ink", "found"), ("soft", "found"), ("link", "found"),
)  # fmt: skip
DRAWN = (*(f"s{at}" for at in range(7)), "focus", "soft", "ink")


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2, definition)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=1e-3)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "paper"), TEXT)
def test_text_has_a_contrast_of_four_and_a_half(
    scheme: dict[str, str], ink: str, paper: str
) -> None:
    assert contrast(scheme[ink], scheme[paper]) >= 4.5


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", DRAWN)
def test_what_is_drawn_has_a_contrast_of_three(scheme: dict[str, str], name: str) -> None:
    assert contrast(scheme[name], scheme["paper"]) >= 3


def test_the_words_of_verdicts_are_read_on_their_colours() -> None:
    badges = re.findall(r"\.[a-z]+ \{ background: (#[0-9a-f]{6}); \}", CSS)
    assert len(badges) == 6
    assert all(contrast("#ffffff", badge) >= 4.5 for badge in badges)


def test_both_schemes_define_the_same_colours_and_no_other_is_used() -> None:
    assert set(LIGHT) == set(DARK)
    used = set(re.findall(r"var\(--([a-z0-9-]+)\)", CSS + web("plot.js")))
    assert used - {"s"} <= set(LIGHT)
