"""The scaling of corrupted conditions: its cells, and what each claim says of planted laws."""

import math

import numpy as np

from harness.cell import Cell
from harness.claims.decide import decide_all
from harness.records.record import Record, measured
from harness.scale import read_sizes
from harness.studies import STUDIES
from harness.studies.cep_scaling import COUNTS, GAUSSIANS, SHARES, STUDY

CPU = read_sizes("cpu")
CELLS = STUDY.cells(CPU)


def rows(cell: Cell, metric: str, values) -> list[Record]:
    return [
        measured(
            float(value), study=STUDY.name, cell_id=cell.cell_id, params=cell.labels(),
            replicate=replicate, metric=metric, unit="1", tier="tolerance",
        )
        for replicate, value in enumerate(values)
    ]  # fmt: skip


def planted(power: float, few: float, more: float) -> dict[str, str]:
    """The outcomes where the share gained is n^-power, and on digits ``few`` at the fewest images,
    ``-few`` at the most (as a log-ratio) in every arm, and ``more`` a factor of ten in width."""
    g, made = np.random.default_rng(0), []
    for cell in CELLS:
        at, k = cell.labels(), cell.replicates
        corrupted = at["arm"] != "clean"
        if at["data"] == GAUSSIANS:
            n = float(at["images"])
            gain = (n / 25) ** -power * (0.2 + 0.02 * g.normal(size=k))
            made += rows(cell, "class_w2_squared", 16 / n * np.exp(-gain * corrupted))
            continue
        z = math.log(float(at["train_share"]) / SHARES[0]) / math.log(SHARES[-1] / SHARES[0])
        gain = few * (1 - 2 * z) + more * math.log10(float(at["width"]))
        value = np.exp(-gain * corrupted + 0.005 * g.normal(size=k))
        made += rows(cell, "per_class_w2_trained", value) + rows(cell, "fd_random_conv", value)
    return {v.claim: v.outcome for v in decide_all(STUDY.claims, made, "cpu", True)}


def test_laws_that_hold_are_seen_and_their_reverse_is_reversed() -> None:
    holds = planted(1.0, 0.2, 0.1)
    assert holds.pop("cep-scaling-one-over-n-digits") != "seen"  # a line through 0 is no power
    assert set(holds.values()) == {"seen"}
    fails = planted(0.4, -0.2, -0.1)
    fails.pop("cep-scaling-one-over-n-digits")
    assert set(fails.values()) == {"reversed"}


def test_runs_are_those_of_other_studies_where_they_have_them() -> None:
    theirs = {
        (cell.cell_id, cell.replicates)
        for study in ("cep", "cep_bridge", "condition_flips")
        for cell in STUDIES[study].cells(CPU)
    }
    shared = [cell.labels() for cell in CELLS if (cell.cell_id, cell.replicates) in theirs]
    bridged = [at for at in shared if at["data"] == GAUSSIANS]
    assert {at["images"] for at in bridged} == {50, 500}
    assert {at["network"] for at in bridged} == {"linear", "mlp"}
    digits = [at for at in shared if at["data"] != GAUSSIANS]
    assert {at["train_share"] for at in digits} == {0.139}
    assert {at["arm"] for at in digits} == {"clean", "cep_uniform", "flipped"}


def test_sizes_span_more_than_a_decade() -> None:
    for levels in (COUNTS, SHARES):
        assert len(levels) >= 5
        assert levels[-1] >= 20 * levels[0]


def test_smoke_and_a_card_have_every_design() -> None:
    for scale in ("smoke", "gpu"):
        found = [cell.labels() for cell in STUDY.cells(read_sizes(scale))]
        assert {at["data"] for at in found} == {"Gaussians", "images"}
        assert {"clean", "cep_uniform"} <= {at["arm"] for at in found}
