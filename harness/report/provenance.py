"""The way back from a number: its cell, the run that made it, the machine, the versions, the cost.

Core-minutes are those of the stages' own clocks, one thread a process. A stage that two studies
share counts in both: it is what each would cost alone.
"""

import base64
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any, final

from harness.claims.place import named
from harness.report.failures import place
from harness.report.results import Results

VERSIONS = ("commit", "patina", "python", "torch", "numpy")
MACHINES = ("processor", "accelerator", "system")


@final
@dataclass(frozen=True)
class Made:
    """One cell as a reader finds it: its name, its state, its cost, and all there is about it."""

    cell_id: str
    factors: str
    state: str
    seconds: str
    details: str


@final
@dataclass(frozen=True)
class Cost:
    """What a study took: core-minutes in all and by stage, and the cells without a clock."""

    minutes: float
    stages: tuple[tuple[str, float], ...]
    untimed: int


def shared(results: Results) -> dict[str, str]:
    """The commit, versions and machine that every stage of a study was made with."""
    found = origins(results.runs)
    every = [stage for run in results.runs for stage in run["stages"].values()]
    return {
        name: values[0]
        for name, values in found.items()
        if len(values) == 1 and all(stage.get(name) == values[0] for stage in every)
    }


def made(results: Results) -> list[Made]:
    """The cells of a study, those with a run and those with records alone.

    What all of them share (:func:`shared`) is not said of each again.
    """
    common = set(shared(results))
    runs = {run["cell_id"]: run for run in results.runs}
    rows = []
    for group in results.ordered(sorted({name for g in results.groups for name in g.params})):
        run = runs.get(group.cell_id)
        spent = clocks(run) if run else {}
        failed = len(group.failures)
        rows.append(
            Made(
                cell_id=group.cell_id,
                factors=place(group),
                state=f"{failed} of {len(group.rows)} rows failed" if failed else "ok",
                seconds=f"{sum(spent.values()):.1f} s" if spent else "no clock",
                details=_details(run, common) if run else "no run is recorded",
            )
        )
    return rows


def packed(cells: Mapping[str, Sequence[Made]]) -> str:
    """The cells of every study as the page unpacks them: JSON, gzip, base64.

    Thousands of configurations that are much alike are a twentieth of their size so. The bytes
    depend on the cells alone.
    """
    listed = {study: [list(astuple(cell)) for cell in rows] for study, rows in cells.items()}
    data = json.dumps(listed, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.b64encode(gzip.compress(data, mtime=0)).decode()


def _details(run: Mapping[str, Any], common: set[str]) -> str:
    """All there is about the run of a cell, a line a stage, but for what is said elsewhere."""
    lines = [f"configuration {json.dumps(config, sort_keys=True)}" for config in run["config"]]
    for name, stage in run["stages"].items():
        own = {key: value for key, value in stage.items() if key not in common}
        lines.append(f"{name} {json.dumps(own, sort_keys=True)}")
    return "\n".join(lines)


def clocks(run: Mapping[str, Any]) -> dict[str, float]:
    """The seconds of each finished stage of a cell: of a card, or else those that cores worked.

    Stages of before had no clock but that on the wall, which runs for other programs too.
    """
    found = {}
    for name, stage in run["stages"].items():
        worked = None if stage.get("accelerator") else stage.get("core_seconds")
        seconds = stage.get("seconds") if worked is None else worked
        if seconds is not None:
            found[name] = float(seconds)
    return found


def cost(results: Results) -> Cost:
    """The measured cost of a study: a stage that cells share counts once, the generations of a loop
    count as one stage."""
    stages: dict[str, float] = {}
    untimed = 0
    counted = set()
    for run in results.runs:
        spent = clocks(run)
        untimed += len(spent) < len(run["stages"])
        for name, seconds in spent.items():
            made = (stage := name.partition("/")[0], run["stages"][name].get("key", run["cell_id"]))
            if made not in counted:
                counted.add(made)
                stages[stage] = stages.get(stage, 0.0) + seconds / 60
    return Cost(sum(stages.values()), tuple(stages.items()), untimed)


def origins(runs: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Every commit, version and machine that stages were made with."""
    found: dict[str, set[str]] = {name: set() for name in (*VERSIONS, *MACHINES)}
    for run in runs:
        for stage in run["stages"].values():
            for name in found:
                if stage.get(name):
                    found[name].add(str(stage[name]))
    return {name: sorted(values) for name, values in found.items() if values}


def datasets(every: Sequence[Results]) -> list[str]:
    """The data sets that any cell names, with their parameters."""
    found = {
        named(config["dataset"])
        for results in every
        for run in results.runs
        for config in run["config"]
        if config.get("dataset")
    }
    return sorted(found)
