"""The report of made-up studies, open in a real browser."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from .browser import Browser

ROWS = ".view[data-study=ambient_blur]"
LAW = ".view[data-study=ambient_laws]"


@pytest.fixture(scope="session")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    folder = tmp_path_factory.mktemp("browser") / "profile"
    folder.mkdir()
    with Browser(os.environ["PATINA_BROWSER"], folder) as browser:
        yield browser


@pytest.fixture
def page(window: Browser, made: Path) -> Iterator[Browser]:
    """The report as it opens, wide and light; whatever a test does, nothing may be fetched."""
    window.media()
    window.open((made / "report.html").as_uri())
    yield window
    assert window.requests == []
    assert window.problems == []


def seen(page: Browser, view: str) -> None:
    """Bring a view on the screen and wait for what it draws."""
    page.js(f"document.querySelector('{view}').scrollIntoView()")
    page.until(f"document.querySelector('{view}').dataset.drawn")


def put(page: Browser, selector: str, value: str) -> None:
    """Set a control as a person does, so that the page hears of it."""
    page.js(
        f"(() => {{ const one = document.querySelector('{selector}'); one.value = '{value}';"
        " one.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )
