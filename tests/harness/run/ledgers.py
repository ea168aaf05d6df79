"""Systems and claims made up, as they are published; what is told of a ledger, read back."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.claims.claim import Claim
from harness.claims.systems import System
from harness.records.publish import Manifest, rule_digest
from harness.run import ledger
from harness.studies import STUDIES


def claim(name: str, source: str, study: str = "s", **changed: Any) -> Claim:
    first = STUDIES["scenes_t2i"].claims[0]
    return replace(first, id=name, source=source, study=study, **changed)


def system(name: str, **given: Any) -> System:
    row: dict[str, Any] = {
        "id": name, "name": name.title(), "group": "Core", "authors": "A", "year": 2025,
        "title": "T", "where": "w", "statement": "S.", "kind": ("law",), "check": "C.",
        "place": f"systems.toml:1 ({name})",
    }  # fmt: skip
    return System(**{**row, **given})


CLAIMS = {
    "s": (claim("a", "One (A)"), claim("b", "derived here"), claim("c", "Two (B), like One (A)")),
    "t": (claim("d", "One (A)", "t"), claim("e", "derived here", "t")),
}
SYSTEMS = (
    system("one", sources=("One (",), related=("s",)),
    system("two", sources=("Two (",), unchecked="Large sizes.", group="Theory and samplers"),
    system("three", unchecked="It takes a lot."),
)


@pytest.fixture
def studies(monkeypatch: pytest.MonkeyPatch) -> None:
    held = {name: SimpleNamespace(claims=claims) for name, claims in CLAIMS.items()}
    monkeypatch.setattr(ledger, "STUDIES", held)


@pytest.fixture
def publish(tmp_path: Path) -> Callable[..., Path]:
    """Write a manifest of a study at ``cpu`` that holds these claims with these words."""

    def write(study: str, *lines: tuple[Claim, str]) -> Path:
        kept = {
            one.id: {
                "rule": rule_digest(one.config()), "word": word,
                "effect": -0.5, "low": -1.0, "high": None, "unit": "nats",
            }
            for one, word in lines
        }  # fmt: skip
        folder = tmp_path / "v1" / "cpu" / study
        folder.mkdir(parents=True)
        manifest = Manifest(study, "cpu", "1.0.0", "c", {}, 1, None, "l", [], None, kept)
        (folder / "MANIFEST.json").write_text(json.dumps(asdict(manifest)))
        return tmp_path

    return write


def flat(text: str) -> str:
    return " ".join(text.split())


def table(text: str) -> tuple[list[str], dict[str, dict[str, int]]]:
    """A table of Markdown: its columns, and the numbers of each line by column."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    header, _, *body = rows
    return header[1:], {
        name: {column: int(cell or 0) for column, cell in zip(header[1:], cells)}
        for name, *cells in body
    }
