"""The scaling of imperfect images: its cells, and what each claim says of planted laws."""

import math
from itertools import product

import numpy as np
import pytest

from harness.cell import Cell
from harness.claims.decide import decide_all
from harness.metrics.excess_risk import SIGMAS
from harness.records.record import Record, measured
from harness.scale import read_sizes
from harness.studies import STUDIES
from harness.studies.ambient_scaling import CLEAN_SHARES, COUNTS, IMAGES, LINE, STUDY

CPU = read_sizes("cpu")
CELLS = STUDY.cells(CPU)


def rows(cell: Cell, metric: str, values) -> list[Record]:
    return [
        measured(
            float(value), study=STUDY.name, cell_id=cell.cell_id, params=cell.labels(),
            replicate=replicate, metric=metric, unit="nats", tier="tolerance",
        )
        for replicate, value in enumerate(values)
    ]  # fmt: skip


def planted(power: float, first: float, slope: float) -> dict[str, str]:
    """The outcomes where sigma* = .1 n1^power, the log gain is ``first`` at 1/64 clean and ends at
    0, and grows by ``slope`` a factor of ten on the other axes."""
    g, made = np.random.default_rng(0), []
    for cell in CELLS:
        at, k = cell.labels(), cell.replicates
        if at["data"] == LINE:
            n = float(at["n1"])
            for sigma in SIGMAS:
                level = 0.1 * n**power
                base = (1 + 0.01 * g.normal(size=k)) / n
                effect = (level**2 / sigma**2 - 1 + 0.05 * g.normal(size=k)) / n
                value = base + (effect if at["arm"] == "all" else 0)
                made += rows(cell, f"excess/{sigma:.4g}", value)
            continue
        clean = float(at["clean_share"])
        loss = 1 + 2 * (64 * clean) ** -0.7
        if at["arm"] == "gated":
            rest = slope * math.log10(at["imperfect_share"] / 0.45 * at["width"] * at["length"])
            loss *= math.exp(first * math.log(2 * clean) / math.log(32) - rest)
        made += rows(cell, "denoising_loss", loss * (1 + 0.001 * g.normal(size=k)))
    return {v.claim: v.outcome for v in decide_all(STUDY.claims, made, "cpu", True)}


OF_A_GAIN = (
    "gain-shrinks-with-clean-images", "gain-grows-with-network", "gain-grows-with-training",
)  # fmt: skip


def test_laws_that_hold_are_seen_and_their_reverse_is_reversed() -> None:
    holds = planted(0.5, 0.2, 0.05)
    assert holds.pop("gain-is-gone-at-half") == "equivalent"
    assert holds.pop("loss-is-a-power-law-of-clean-images") != "reversed"
    assert holds.pop("gain-vanishes-with-clean-images") == "seen"
    assert holds.pop("gain-vanishes-with-few-imperfect-images") == "unresolved"  # it ends at 2 %
    for name in ("network", "training"):  # the gain is 8 % and grows
        assert holds.pop(f"gain-vanishes-with-{name}") == "reversed"
    assert holds.pop("clean-only-is-steeper") == "unresolved"  # its loss has a floor of 1
    assert set(holds.values()) == {"seen"}
    fails = planted(0.7, -0.2, -0.05)
    assert fails.pop("gain-is-gone-at-half") == "equivalent"
    fails.pop("loss-is-a-power-law-of-clean-images")
    fails.pop("clean-only-is-steeper")
    without = {name for name in fails if "vanishes" in name} | set(OF_A_GAIN)
    assert {fails.pop(name) for name in without} == {"unresolved"}  # there is harm alone
    assert set(fails.values()) == {"reversed"}


def test_a_gain_that_is_there_and_goes_the_other_way_is_reversed() -> None:
    found = planted(0.5, 0.2, -0.05)
    assert {found[name] for name in OF_A_GAIN[1:]} == {"reversed"}


def test_each_axis_varies_one_thing_over_a_decade() -> None:
    images = [cell.labels() for cell in CELLS if cell.labels()["data"] == IMAGES]
    gated = [at for at in images if at["arm"] == "gated"]
    base = {"clean_share": 1 / 8, "imperfect_share": 0.45, "width": 1.0, "length": 1.0}
    for axis in base:
        along = [at for at in gated if all(at[o] == base[o] for o in base if o != axis)]
        levels = {at[axis] for at in along}
        assert len(levels) >= 5
        assert max(levels) >= 10 * min(levels)
    off = [sum(at[axis] != base[axis] for axis in base) for at in gated]
    assert max(off) == 1
    assert CLEAN_SHARES[-1] == 32 * CLEAN_SHARES[0]
    for at in gated:  # each has its clean-only partner
        own = {name: at[name] for name in ("clean_share", "width", "length")}
        assert any(o["arm"] == "clean" and own.items() <= o.items() for o in images)


def test_imperfect_images_are_as_many_whatever_the_clean_share() -> None:
    for cell in CELLS:
        train = {stage.name: stage.params for stage in cell.stages}.get("train")
        if train is not None and train.pool == "mixed":
            share = train.pooling.multiplicity * train.clean_fraction
            assert share == pytest.approx(cell.labels()["imperfect_share"], rel=1e-5)
            assert share + train.clean_fraction <= 0.98


def test_runs_of_the_line_are_those_of_the_bridge_where_it_has_them() -> None:
    theirs = {cell.cell_id for cell in STUDIES["gmm_bridge"].cells(CPU)}
    ours = [cell for cell in CELLS if cell.labels()["data"] == LINE]
    shared = [cell for cell in ours if cell.cell_id in theirs]
    assert len(ours) == 4 * len(COUNTS)
    assert {cell.labels()["n1"] for cell in shared} == {25, 100, 400}
    assert len(shared) == len(list(product(range(3), range(4))))


def test_smoke_has_every_arm_and_axis() -> None:
    hurried = [cell.labels() for cell in STUDY.cells(read_sizes("smoke"))]
    assert {at["arm"] for at in hurried} == {at["arm"] for at in (c.labels() for c in CELLS)}
    for axis in ("clean_share", "imperfect_share", "width", "length", "n1"):
        assert len({at[axis] for at in hurried if axis in at}) == 2
