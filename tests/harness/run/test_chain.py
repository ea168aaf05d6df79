"""A cell that repeats a stage: names, keys, rows, clocks and bills, one for each of them."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.cell import Cell, Stage, Upstream, factors
from harness.run import STAGES, shard
from harness.run.bill import bill, bills
from harness.run.card import jobs
from harness.run.key import stage_keys
from harness.run.progress import Progress
from harness.scale import read_sizes
from harness.studies import STUDIES
from harness.theorem import row


@dataclass(frozen=True)
class Asked:
    number: int

    def entries(self) -> list[str]:
        return []


def cell(count: int, change: int = -1) -> Cell:
    """A chain of so many stages "damage", with another number in place ``change``, and an end."""
    chain = [Stage("damage", Asked(99 if k == change else k)) for k in range(count)]
    return Cell(factors(arm=count), (*chain, Stage("measure", Asked(0))), 2)


class Chain:
    """A stage that adds its number to what the last one of its name left."""

    def __init__(self) -> None:
        self.runs: list[int] = []
        self.stop = -1

    def __call__(
        self,
        params: Any,
        replicates: int,
        upstream: dict[str, Upstream],
        out: Path,
        device: str,
        progress: Callable[[float], None],
    ) -> None:
        self.runs.append(params.number)
        if params.number == self.stop:
            raise KeyboardInterrupt
        before = upstream.get("damage")
        text = (before.folder / "sum").read_text() if before else ""
        (out / "sum").write_text(f"{text}+{params.number}")
        rows = [row(0, f"sum/{params.number}", float(len(text)), "1")]
        (out / "measurements.json").write_text(json.dumps(rows))
        progress(1.0)


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Chain:
    made = Chain()
    monkeypatch.setattr(shard, "STAGES", {"damage": made, "measure": made})
    assert "damage" in STAGES
    return made


def run(cache: Path, one: Cell) -> list[dict[str, Any]]:
    progress = Progress("study", [one], lambda c: False, 1, io.StringIO())
    return shard.run_cell(one, cache, "cpu", progress)


def test_a_name_that_is_repeated_has_a_number_and_others_have_none() -> None:
    assert cell(3).names == ("damage/0", "damage/1", "damage/2", "measure")
    assert cell(1).names == ("damage", "measure")
    mixed = Cell(factors(), tuple(Stage(name, Asked(0)) for name in "abab"), 1)
    assert mixed.names == ("a/0", "b/0", "a/1", "b/1")


def test_keys_depend_on_all_before_and_chains_share_their_beginning() -> None:
    long, short = stage_keys(cell(3), "cpu"), stage_keys(cell(2), "cpu")
    assert list(long) == list(cell(3).names)
    assert len(set(long.values())) == 4
    assert list(short.values())[:2] == list(long.values())[:2]
    assert short["measure"] != long["measure"]
    other = stage_keys(cell(3, change=1), "cpu")
    assert [long[name] == other[name] for name in long] == [True, False, False, False]


def test_every_stage_of_a_chain_runs_once_on_the_last_one_before_it(
    tmp_path: Path, stub: Chain
) -> None:
    rows = run(tmp_path, cell(3))
    assert stub.runs == [0, 1, 2, 0]
    assert [each["metric"] for each in rows] == ["sum/0", "sum/1", "sum/2", "sum/0"]
    assert [each["value"] for each in rows] == [0, 2, 4, 6]
    assert len(list((tmp_path / "damage").iterdir())) == 3
    assert run(tmp_path, cell(3)) == rows
    run(tmp_path, cell(2))  # its beginning is there
    assert stub.runs == [0, 1, 2, 0, 0]
    assert shard.finished(tmp_path, cell(3), "cpu")
    assert not shard.finished(tmp_path, cell(4), "cpu")


def test_a_killed_chain_goes_on_where_it_was(tmp_path: Path, stub: Chain) -> None:
    whole = run(tmp_path / "whole", cell(3))
    stub.stop, stub.runs = 1, []
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "killed", cell(3))
    assert stub.runs == [0, 1]
    stub.stop = -1
    assert run(tmp_path / "killed", cell(3)) == whole
    assert stub.runs == [0, 1, 1, 2, 0]


def test_a_stage_that_fails_says_which_it_was(
    tmp_path: Path, stub: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: Any) -> None:
        stub(*given)
        if given[0].number == 2:
            raise RuntimeError("no luck")

    monkeypatch.setattr(shard, "STAGES", {"damage": fail, "measure": fail})
    assert run(tmp_path, cell(3))[0]["reason"] == "damage/2: RuntimeError: no luck"


def test_the_run_of_a_chain_has_a_clock_for_each_stage(tmp_path: Path, stub: Chain) -> None:
    run(tmp_path, cell(3))
    found = shard.provenance(cell(3), tmp_path, "cpu")["stages"]
    assert {name: stage["key"] for name, stage in found.items()} == stage_keys(cell(3), "cpu")
    assert all("seconds" in stage for stage in found.values())
    assert found["damage/1"]["stage"] == "damage"


def test_a_generation_is_billed_by_its_parts_and_once_for_the_loops_that_share_it() -> None:
    sizes = read_sizes("cpu")
    loops = [c for c in STUDIES["self_consuming"].cells(sizes) if c.labels()["data"] == "digits"]
    first = next(c for c in loops if c.labels()["until"] == "first")
    last, early = (
        next(
            c
            for c in loops
            if (c.labels()["arm"], c.labels().get("lambda"), c.labels()["until"])
            == ("none", 1.0, until)
        )
        for until in ("last", "early")
    )
    own = bill(last)
    assert list(own["seconds"]) == list(last.names)
    training = last.stages[1].params.training
    forward = 2 * 128 * (2 * 64 + (64 + 2 * 128 + 2 * 16))
    per_image = 3 * training.images + 23 * 1000 + 25 * 1500
    assert own["counted"]["generation/3"] == 8 * forward * per_image
    assert own["flops"] == 5 * own["counted"]["generation/0"]
    assert own["seconds"]["trajectory"] == own["seconds"]["classifier"] == 0
    assert own["seconds"]["generation/1"] > 8 * forward * per_image / 53e9 / 1.08
    beside = bills([first, early, last])
    assert beside[0]["seconds"]["generation"] == own["seconds"]["generation/0"]
    assert [beside[1]["seconds"][f"generation/{k}"] == 0 for k in range(3)] == [True, False, False]
    assert [beside[2]["seconds"][f"generation/{k}"] == 0 for k in range(5)] == [True] * 3 + [
        False
    ] * 2
    assert sum(map(len, jobs(loops))) == len(loops)  # on a card, too
