"""A plugin's parts are parts like any other, in every process of a run."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.plugin import load
from harness.problem import Problem

ROOT = Path(__file__).parents[2]
FOG = ROOT / "tests" / "plugins" / "fog.py"


def patina(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "harness", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.line
def test_a_corruption_an_annotator_an_objective_and_a_study_go_through_the_whole_line(
    tmp_path: Path, project: Callable[[Path], Path]
) -> None:
    folder = project(tmp_path / "project")
    plugin = folder / "fog.py"
    plugin.write_text(FOG.read_text())

    def run() -> str:
        command = ["--plugin", str(plugin), "run", "--scale", "tiny", "--studies", "fog"]
        done = subprocess.run(
            [sys.executable, "-m", "harness", *command],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run()
    records = folder / "build/tiny/fog/records.jsonl"
    rows = [json.loads(line) for line in records.read_text().splitlines()]
    assert {row["params"]["arm"] for row in rows} == {"clean", "gated"}
    assert {row["status"] for row in rows} == {"ok"}
    assert "Foggy photographs" in (folder / "build/tiny/report.html").read_text()
    assert (folder / "build/tiny/paper.pdf").stat().st_size > 10_000
    assert "nothing to do" in run()

    def trained() -> int:
        return len(list((folder / "build/cache/train").glob("[!.]*")))

    assert trained() == 2
    plugin.write_text("# a comment\n" + plugin.read_text())
    assert "nothing to do" in run()
    plugin.write_text(
        plugin.read_text().replace("(1 - self.share) * x", "(1 - self.share) * x * x")
    )
    run()
    assert trained() == 3  # the gated cell again, the clean one not


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("absent.py", None, "no Python file"),
        ("rows.txt", "", "no Python file"),
        ("two-words.py", "", "no Python file"),
        ("broken.py", "1 +", r"SyntaxError: .*mend the file"),
        ("raises.py", "raise ValueError('no')", r"ValueError: no; mend the file"),
        (
            "taken.py",
            "from harness.corrupt import CORRUPTIONS\nCORRUPTIONS.add('jpeg', 'a:b')",
            "a name that is taken",
        ),
    ],
)
def test_a_plugin_that_cannot_be_loaded_is_named(
    tmp_path: Path, name: str, text: str | None, message: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(Problem, match=message):
        load([str(tmp_path / name)])
    assert f"patina_plugin_{Path(name).stem}" not in sys.modules


def test_without_the_plugin_its_names_are_unknown() -> None:
    found = patina("plan", "--scale", "smoke", "--studies", "fog")
    assert found.returncode == 2
    assert "'fog'" in found.stderr
    found = patina("--plugin", str(FOG), "plan", "--scale", "smoke", "--studies", "fog")
    assert found.returncode == 0, found.stderr
    assert "fog" in found.stdout


def test_another_plugin_of_the_same_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fog.py").write_text("")
    found = patina("--plugin", str(FOG), "--plugin", str(tmp_path / "fog.py"), "where")
    assert found.returncode == 2
    assert "rename one" in found.stderr
