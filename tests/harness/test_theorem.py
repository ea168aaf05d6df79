"""A point of a law as rows."""

import json
from pathlib import Path

import pytest

from harness.cell import part
from harness.theorem import LAW_TABLE, Point, evaluate, row


def rows(name: str, out: Path, **params: object) -> dict[str, dict[str, object]]:
    evaluate(Point(part(name, **params)), 1, {}, out, "cpu", lambda share: None)
    found = json.loads((out / "measurements.json").read_text())
    return {row["metric"]: row for row in found}


@pytest.mark.parametrize("name", list(LAW_TABLE))
def test_every_law_leaves_its_rows(name: str, tmp_path: Path) -> None:
    law = LAW_TABLE[name]
    found = rows(name, tmp_path, **law.example)
    assert found["exact"]["status"] == "ok"
    assert found["exact"]["tier"] == law.tier
    assert found["void"]["value"] in (0.0, 1.0)
    if "printed" in found:
        ratio = found["printed"]["value"] / found["exact"]["value"]  # type: ignore[operator]
        assert found["printed/exact"]["value"] == pytest.approx(ratio)


def test_the_same_point_gives_the_same_bytes(tmp_path: Path) -> None:
    found = []
    for name in "ab":
        (tmp_path / name).mkdir()
        rows(
            "ambient.kernel_estimate",
            tmp_path / name,
            **LAW_TABLE["ambient.kernel_estimate"].example,
        )
        found.append((tmp_path / name / "measurements.json").read_bytes())
    assert found[0] == found[1]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_finite_becomes_diverged(value: float) -> None:
    made = row(3, "loss", value, "nats", standard_error=0.1)
    assert made["value"] is None
    assert made["standard_error"] is None
    assert made["status"] == "diverged"
    assert str(value) in made["reason"]
