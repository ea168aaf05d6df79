"""What becomes of tests that need development data or a program, in a test run of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import pytest

def test_plain():
    pass

@pytest.mark.MARKER
def test_needs_more():
    pass
"""


def run(folder: Path, given: str | None, *options: str, marker: str = "devdata") -> tuple[int, str]:
    """A run of both tests with the marker's variable as given, or unset."""
    shutil.copy(Path(__file__).with_name("conftest.py"), folder)
    (folder / "test_two.py").write_text(TESTS.replace("MARKER", marker))
    (folder / "pytest.ini").write_text(f"[pytest]\nmarkers = {marker}: needs more\n")
    variables = {
        "devdata": "PATINA_DATA",
        "browser": "PATINA_BROWSER",
        "latex": "PATINA_LATEX",
    }
    environment = {k: v for k, v in os.environ.items() if k not in variables.values()}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    if given is not None:
        environment[variables[marker]] = given
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        *options,
        str(folder),
    ]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout


@pytest.mark.parametrize("data", [None, ""])
@pytest.mark.parametrize("options", [(), ("-p", "xdist.plugin", "--numprocesses", "2")])
def test_without_the_data_they_are_left_out_and_the_summary_says_so(
    tmp_path: Path, data: str | None, options: tuple[str, ...]
) -> None:
    code, out = run(tmp_path, data, *options)
    assert code == 0
    assert "1 passed" in out
    assert "left out, as they need the development data: 1 (PATINA_DATA=DIR" in out
    assert "skipped" not in out


def test_with_the_data_they_run(tmp_path: Path) -> None:
    code, out = run(tmp_path, str(tmp_path))
    assert code == 0
    assert "2 passed" in out
    assert "left out" not in out


def test_with_a_folder_that_is_not_there_they_fail(tmp_path: Path) -> None:
    code, out = run(tmp_path, str(tmp_path / "nowhere"))
    assert code == 1
    assert "1 passed, 1 error" in out
    assert "nowhere is no folder" in out


@pytest.mark.parametrize(
    ("marker", "told", "package"),
    [
        ("browser", "a browser: 1 (PATINA_BROWSER=chromium", "chromium"),
        ("latex", "LaTeX: 1 (PATINA_LATEX=pdflatex", "texlive-latex-recommended"),
    ],
)
def test_those_of_a_program_are_left_out_and_run_and_fail_alike(
    marker: str, told: str, package: str, tmp_path: Path
) -> None:
    code, out = run(tmp_path, None, marker=marker)
    assert code == 0
    assert "1 passed" in out
    assert f"left out, as they need {told}" in out
    code, out = run(tmp_path, "sh", marker=marker)  # a program that is there
    assert code == 0
    assert "2 passed" in out
    code, out = run(tmp_path, "no-such-program", marker=marker)
    assert code == 1
    assert "1 passed, 1 error" in out
    assert f"no-such-program is no program: install Debian's {package}" in out
