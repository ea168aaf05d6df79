"""The screen: every name can be printed, and what cannot be printed is no traceback."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.problem import Problem
from harness.t2i.screen import say

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("coding", "shown"),
    [("utf-8", "0.1 \u2013 \\udcff"), ("ascii", "0.1 \\u2013 \\udcff")],
)
def test_what_a_coding_lacks_is_escaped(
    coding: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(data, coding))
    say("0.1 \u2013 \udcff")
    assert data.getvalue().decode(coding) == f"{shown}\n"


def test_a_closed_output_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    say("a line")


class Full(io.StringIO):
    """A stream that cannot be written."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error

    def write(self, text: str) -> int:
        raise self.error


def test_a_full_disk_is_a_problem_and_a_reader_that_is_gone_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdout", Full(OSError(28, "No space left on device")))
    with pytest.raises(Problem, match="standard output; got no space left on device"):
        say("a line")
    monkeypatch.setattr(sys, "stdout", Full(BrokenPipeError()))
    with pytest.raises(BrokenPipeError):
        say("a line")


def test_a_reader_that_leaves_early_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = "import sys; from harness.cli import main; sys.exit(main(['geneval', 'prompts']))"
    done = subprocess.run(
        [sys.executable, "-c", command],
        cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")
