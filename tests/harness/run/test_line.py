"""The whole line through Snakemake, at a scale of its own: the same bytes however it is run.

Each run works in a copy of the project. Processor time is the price of these tests; they are the
proof that nothing in the line depends on order, on sharding or on luck.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.line
STUDY = "ambient_blur"
Project = Callable[[Path], Path]


def start(folder: Path, cores: int, *options: str) -> subprocess.Popen[str]:
    target = f"build/tiny/{STUDY}/records.jsonl"
    command = [sys.executable, "-m", "harness", "run", "--scale", "tiny", "--studies", STUDY]
    return subprocess.Popen(
        [*command, "--cores", str(cores), *options, target],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def run(folder: Path, cores: int, *options: str) -> str:
    done = start(folder, cores, *options)
    output, _ = done.communicate()
    assert done.returncode == 0, output
    return output


def records(folder: Path) -> bytes:
    return (folder / f"build/tiny/{STUDY}/records.jsonl").read_bytes()


def stages(folder: Path) -> dict[Path, float]:
    """The finished stages and when each was made."""
    return {p: p.stat().st_mtime_ns for p in (folder / "build/cache").glob("*/[!.]*/done.json")}


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory, project: Project) -> Path:
    folder = project(tmp_path_factory.mktemp("reference"))
    run(folder, 2)
    return folder


def test_every_cell_left_rows_that_are_ok(reference: Path) -> None:
    rows = [json.loads(line) for line in records(reference).splitlines()]
    assert {row["status"] for row in rows} == {"ok"}
    assert len({row["cell_id"] for row in rows}) == 10


def test_a_second_run_does_nothing_and_says_so(reference: Path) -> None:
    before = stages(reference)
    assert "nothing to do" in run(reference, 2)
    assert stages(reference) == before


def test_one_core_and_other_shards_give_the_same_bytes(
    reference: Path, tmp_path: Path, project: Project
) -> None:
    folder = project(tmp_path / "alone")
    run(folder, 1, "--cells-per-job", "5")
    assert records(folder) == records(reference)


def test_a_killed_run_goes_on_where_it_was(
    reference: Path, tmp_path: Path, project: Project
) -> None:
    folder = project(tmp_path / "killed")
    process = start(folder, 2)
    deadline = time.monotonic() + 120  # only against hanging: the kill waits for a finished stage
    while len(stages(folder)) < 4 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    before = stages(folder)
    assert before
    assert len(before) < len(stages(reference))
    run(folder, 2)
    after = stages(folder)
    assert {path: after[path] for path in before} == before  # none of them was run again
    assert len(after) == len(stages(reference))
    assert records(folder) == records(reference)


def test_two_runs_at_once_are_one_run_and_one_refusal(reference: Path, tmp_path: Path) -> None:
    folder = tmp_path / "twice"
    shutil.copytree(reference, folder, symlinks=True)
    with (folder / "build" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused = start(folder, 2)
        output, _ = refused.communicate()
    assert refused.returncode == 2
    assert "another run at work here" in output


def test_an_edited_comment_runs_nothing_and_an_edited_metric_trains_nothing(
    reference: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "edited"
    shutil.copytree(reference, folder, symlinks=True)
    before = stages(folder)
    metric = folder / "harness" / "metrics" / "spectrum.py"
    text = metric.read_text()
    metric.write_text("# a remark\n" + text)
    assert "nothing to do" in run(folder, 2)
    metric.write_text(text + "\n\nEXTRA = 1\n")
    run(folder, 2)
    made = {path for path in stages(folder) if path not in before}
    assert {path.parts[-3] for path in made} == {"measure"}
    assert records(folder) == records(reference)


def test_snakemake_writes_a_report_of_its_own_with_the_figure_and_its_caption(
    reference: Path,
) -> None:
    figure = f"build/tiny/figures/{STUDY}.svg"
    command = [sys.executable, "-m", "harness", "run", "--scale", "tiny", "--studies", STUDY]
    environment = {
        **os.environ,
        "PYTHONPATH": str(reference),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }

    def done(*command: str) -> None:
        made = subprocess.run(
            command, cwd=reference, env=environment, capture_output=True, text=True
        )
        assert made.returncode == 0, made.stdout + made.stderr

    done(*command, "--cores", "1", figure)
    config = ["--config", "scale=tiny", f"studies={STUDY}"]
    done(sys.executable, "-m", "snakemake", *config, "--report", "own.html", figure)
    page = (reference / "own.html").read_text(encoding="utf8")
    assert figure in page
    assert "What the study" in page
