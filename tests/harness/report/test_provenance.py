"""Cost and origin of a study."""

from harness.records.record import measured
from harness.report.provenance import cost, datasets, made, origins
from harness.report.results import Results

RUNS = [
    {
        "cell_id": "a",
        "config": [{"stage": "train", "dataset": {"name": "photos", "side": 8}}],
        "stages": {
            "train": {"seconds": 90.0, "commit": "c1", "torch": "2"},
            "sample": {"seconds": 30.0, "commit": "c2", "torch": "2"},
        },
    },
    {
        "cell_id": "b",
        "config": [{"stage": "law"}],
        "stages": {"train": {"seconds": 60.0}, "sample": {"key": "never finished"}},
    },
]
ROWS = [
    measured(
        value, study="s", cell_id=cell, params={"arm": cell}, metric="m", unit="1",
        tier="exact", replicate=0,
    )
    for cell, value in (("a", 1.0), ("b", float("nan")), ("c", 2.0))
]  # fmt: skip
RESULTS = Results("s", "smoke", ROWS, RUNS)


def test_cost_is_the_sum_of_the_stages_clocks() -> None:
    found = cost(RESULTS)
    assert found.minutes == 3.0
    assert dict(found.stages) == {"train": 2.5, "sample": 0.5}
    assert found.untimed == 1


def test_of_cores_counts_what_they_worked_and_of_a_card_the_clock_on_the_wall() -> None:
    shared = {"seconds": 90.0, "core_seconds": 60.0, "accelerator": ""}
    card = {"seconds": 90.0, "core_seconds": 30.0, "accelerator": "H100"}
    runs = [{**RUNS[0], "stages": {"train": shared, "sample": card}}]
    assert dict(cost(Results("s", "cpu", ROWS, runs)).stages) == {"train": 1.0, "sample": 1.5}


def test_what_cells_share_counts_once_and_the_generations_of_a_loop_are_one_stage() -> None:
    first = {"train": {"seconds": 60.0, "key": "k"}, "sample": {"seconds": 60.0, "key": "s0"}}
    runs = [
        {**RUNS[0], "stages": first},
        {**RUNS[1], "stages": {**first, "sample": {"seconds": 30.0, "key": "s1"}}},
        {"cell_id": "c", "config": [], "stages": {
            "generation/0": {"seconds": 6.0, "key": "g0"},
            "generation/1": {"seconds": 6.0, "key": "g1"},
        }},
    ]  # fmt: skip
    assert dict(cost(Results("s", "cpu", ROWS, runs)).stages) == {
        "train": 1.0, "sample": 1.5, "generation": 0.2,
    }  # fmt: skip


def test_every_cell_is_there_with_its_state_and_its_run() -> None:
    a, b, c = made(RESULTS)
    assert (a.factors, a.state, a.seconds) == ("arm a", "ok", "120.0 s")
    assert (b.state, b.seconds) == ("1 of 1 rows failed", "60.0 s")
    assert (c.seconds, c.details) == ("no clock", "no run is recorded")
    assert '"commit": "c2"' in a.details


def test_every_commit_and_version_is_named() -> None:
    assert origins(RUNS) == {"commit": ["c1", "c2"], "torch": ["2"]}
    assert datasets([RESULTS]) == ["photos (side 8)"]


def test_a_list_of_a_dataset_reads_as_words() -> None:
    run = {"config": [{"dataset": {"name": "photos", "sources": ["cat", "rocket"]}}]}
    assert datasets([Results("s", "smoke", [], [run])]) == ["photos (sources cat and rocket)"]
