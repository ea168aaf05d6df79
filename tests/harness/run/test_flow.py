"""A run of the workflow: what Snakemake is asked."""

import io
from pathlib import Path
from typing import Any

import pytest

from harness.run import flow


@pytest.mark.parametrize(("per_card", "asked"), [(1, []), (12, ["--resources", "gpu=12"])])
def test_jobs_share_a_card_where_that_is_asked(
    per_card: int, asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alone, the profile says: one job a card here, any number on a cluster."""
    started: list[list[str]] = []

    class Process:
        stdout = io.StringIO()

        def __init__(self, command: list[str], **given: Any) -> None:
            started.append(command)

        def wait(self) -> int:
            return 0

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(flow.subprocess, "Popen", Process)
    assert flow.run("smoke", "ambient_rules", "2", [], [], "default", per_card) == 0
    (command,) = started
    options = command[: command.index("--config")]
    assert options[options.index("--cores") + 2 :] == asked
