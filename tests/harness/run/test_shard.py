"""A shard: what is done is not done again, what fails is a row, what is half done is nothing."""

import errno
import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.cell import Cell, Stage, Upstream, factors
from harness.problem import Problem
from harness.records import atomic
from harness.run import STAGES, shard
from harness.run.key import stage_keys
from harness.run.progress import BILLED, Progress, clock
from harness.theorem import row

Step = Callable[..., None]


@dataclass(frozen=True)
class Asked:
    number: int

    def entries(self) -> list[str]:
        return []


class Stub:
    """Stages of a test: they count their runs and do what they are told."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.error: BaseException | None = None

    def __call__(
        self,
        params: Any,
        replicates: int,
        upstream: dict[str, Upstream],
        out: Path,
        device: str,
        progress: Callable[[float], None],
    ) -> None:
        self.runs.append(out.parent.name)
        (out / "half").write_text("half")
        progress(0.5)
        if self.error:
            raise self.error
        rows = [row(k, out.parent.name, float(params.number), "1") for k in range(replicates)]
        (out / "measurements.json").write_text(json.dumps(rows))


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Stub:
    made = Stub()
    monkeypatch.setattr(shard, "STAGES", {"damage": made, "measure": made})
    assert "damage" in STAGES
    return made


def cell(number: int = 1) -> Cell:
    stages = (Stage("damage", Asked(number)), Stage("measure", Asked(number)))
    return Cell(factors(arm="a"), stages, 2)


def run(cache: Path, one: Cell) -> list[dict[str, Any]]:
    progress = Progress("study", [one], lambda c: False, 1, io.StringIO())
    return shard.run_cell(one, cache, "cpu", progress)


def test_finished_stages_are_not_run_again(tmp_path: Path, stub: Stub) -> None:
    first = run(tmp_path, cell())
    assert stub.runs == ["damage", "measure"]
    assert run(tmp_path, cell()) == first
    assert stub.runs == ["damage", "measure"]
    assert shard.finished(tmp_path, cell(), "cpu")
    run(tmp_path, cell(2))
    assert len(stub.runs) == 4


def test_a_stage_that_fails_is_rows_and_is_tried_again(tmp_path: Path, stub: Stub) -> None:
    stub.error = RuntimeError("no luck")
    rows = run(tmp_path, cell())
    assert [(r["replicate"], r["status"]) for r in rows] == [(0, "failed"), (1, "failed")]
    assert "no luck" in rows[0]["reason"]
    assert list((tmp_path / "damage").iterdir()) == []
    stub.error = None
    rows = run(tmp_path, cell())
    assert {(r["metric"], r["replicate"]) for r in rows} == {
        (stage, k) for stage in ("damage", "measure") for k in (0, 1)
    }
    assert all(r["status"] == "ok" for r in rows)


def test_a_full_disk_stops_the_run_and_leaves_nothing(tmp_path: Path, stub: Stub) -> None:
    stub.error = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(Problem, match="free some space"):
        run(tmp_path, cell())
    assert list((tmp_path / "damage").iterdir()) == []


def test_a_wrong_request_stops_the_run(tmp_path: Path, stub: Stub) -> None:
    stub.error = Problem("the arm 'x'", "no such arm", "choose another")
    with pytest.raises(Problem, match="choose another"):
        run(tmp_path, cell())


def test_an_interrupted_stage_leaves_nothing(tmp_path: Path, stub: Stub) -> None:
    stub.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, cell())
    assert list((tmp_path / "damage").iterdir()) == []


def test_what_a_killed_job_left_is_swept(tmp_path: Path, stub: Stub) -> None:
    key = stage_keys(cell(), "cpu")["damage"]
    dead, alive = (
        tmp_path / "damage" / f".{key}.{atomic.HOST}.{pid}" for pid in (99999999, os.getppid())
    )
    own = tmp_path / "damage" / f".{key}.{atomic.HOST}.{os.getpid()}"  # an earlier process's number
    for folder in (dead, alive, own, tmp_path / "damage" / key):
        folder.mkdir(parents=True)
        (folder / "half").write_text("half")
    run(tmp_path, cell())
    assert not dead.exists()
    assert alive.exists()  # another run is at work there
    assert (tmp_path / "damage" / key / "done.json").is_file()


def test_a_truncated_file_is_made_again(tmp_path: Path, stub: Stub) -> None:
    first = run(tmp_path, cell())
    folder = tmp_path / "measure" / stage_keys(cell(), "cpu")["measure"]
    (folder / "measurements.json").write_text("[")
    assert run(tmp_path, cell()) == first
    assert stub.runs == ["damage", "measure", "measure"]
    (folder / "done.json").write_text("{")
    assert run(tmp_path, cell()) == first


def test_a_full_disk_in_a_librarys_own_words_stops_the_run(tmp_path: Path, stub: Stub) -> None:
    stub.error = RuntimeError("I/O error: No space left on device (os error 28)")
    with pytest.raises(Problem, match="free some space"):
        run(tmp_path, cell())


def test_provenance_names_configuration_keys_and_machine(tmp_path: Path, stub: Stub) -> None:
    run(tmp_path, cell())
    found = shard.provenance(cell(), tmp_path, "cpu")
    assert found["config"] == cell().config()
    assert found["stages"]["measure"]["key"] == stage_keys(cell(), "cpu")["measure"]
    told = {"processor", "torch", "commit", "seconds", "core_seconds"}
    assert told <= set(found["stages"]["damage"])


def test_progress_counts_cells_and_tells_the_time_to_come() -> None:
    now, out = [0.0], io.StringIO()
    cells = [cell(n) for n in range(4)]  # each estimated at 1.2 core-seconds
    done = {cells[0].cell_id}
    progress = Progress("blur", cells, lambda c: c.cell_id in done, 2, out, lambda: now[0])
    report = progress.of(cells[1], "damage")
    now[0] = 11.0
    report(1.0)
    line = out.getvalue()
    assert "blur: 1 of 4 cells done, 3 to come, about" in line
    # 0.6 core-seconds of estimate took 11 s; 3.6 are left, less these 0.6, on two cores; the pace
    # is that of these and of a minute as billed.
    assert f"about {clock(3.0 * (11 + BILLED) / (0.6 + BILLED) / 2)};" in line
    now[0] = 12.0
    report(1.0)
    assert out.getvalue() == line  # not within ten seconds of the last line


def test_a_first_line_is_near_the_bill_and_a_late_one_near_the_pace() -> None:
    cells = [cell(n) for n in range(2000)]  # 2,400 core-seconds

    def told(seconds: float, share: float) -> str:
        now, out = [0.0], io.StringIO()
        progress = Progress("blur", cells, lambda c: False, 1, out, lambda: now[0])
        progress.bills = {c.cell_id: {"damage": 1200.0} for c in cells}
        report = progress.of(cells[0], "damage")
        now[0] = seconds
        report(share)
        return out.getvalue()

    assert f"about {clock(2400 * 71 / 60)};" in told(11, 0.0)  # nothing done yet: not hours
    assert f"about {clock(1200 * (6000 + 60) / (1200 + 60))};" in told(6000, 1.0)


@pytest.mark.parametrize(
    ("seconds", "text"), [(12.3, "12 s"), (89, "89 s"), (300, "5 min"), (7200, "2.0 h")]
)
def test_time_is_said_as_people_say_it(seconds: float, text: str) -> None:
    assert clock(seconds) == text
