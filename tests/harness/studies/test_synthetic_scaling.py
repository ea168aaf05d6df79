"""Classifiers of real images and samples: the cells, and what each claim says of planted laws."""

import math
from functools import partial
from typing import Any

import numpy as np
import pytest

from harness.cell import Cell
from harness.claims import fitting
from harness.claims.curve import drawn
from harness.claims.decide import decide_all
from harness.data.load import load
from harness.metrics.supervised import part_a
from harness.records.record import Record, measured
from harness.run.shard import run_cell
from harness.scale import read_sizes
from harness.studies.synthetic_scaling import A_CLASS, GUIDANCES, SHARE, STUDY, counts, training

CPU, SMOKE = read_sizes("cpu"), read_sizes("smoke")
CELLS = STUDY.cells(CPU)
CLASSES = 10


def rows(cell: Cell, metric: str, values) -> list[Record]:
    return [
        measured(
            float(value), study=STUDY.name, cell_id=cell.cell_id, params=cell.labels(),
            replicate=replicate, metric=metric, unit="1", n=360, tier="tolerance",
        )
        for replicate, value in enumerate(values)
    ]  # fmt: skip


def planted(sign: int, floor: float = 0.0) -> dict[str, str]:
    """The outcomes where what the claims say holds (1) or its reverse does (-1).

    Real images: an error of .8 at 20, of exponent .6. Samples: a smaller one by .2, at each
    guidance by .05 more; beside real images they take .1 off at 20, nothing at 640. floor: of
    samples at w = 0, and twice and four times that at 1 and 3.
    """
    g, made = np.random.default_rng(0), []
    recognised = np.linspace(0.7, 0.97, CLASSES)
    for cell in CELLS:
        at, k = cell.labels(), cell.replicates
        if at["arm"] == "samples":
            continue
        count, who, w = float(at["count"]), str(at["arm"]), float(at.get("guidance", 1))
        real = 0.8 * (count / 20) ** -0.6
        alpha = 0.6 - sign * (0.2 + 0.05 * (w - 1))
        error, shift = real, 0.1
        if who in ("synthetic", "more"):
            error, shift = 0.8 * (count / 20) ** -alpha, 0.1 - 0.2 * sign
            error += floor * (1 + w)
            if who == "more":
                error = 0.8 * 32**-0.6 * (1 - 0.5 * sign)
        elif who.startswith("both"):
            gone = 1 - math.log(count / 20) / math.log(32)
            error = real - sign * (0.1 + 0.1 * (who == "both, seen")) * gone
            shift = 0.1 - 0.05 * sign * (who == "both")
        noise = 1 + 0.003 * g.normal(size=(3 + CLASSES, k))
        made += rows(cell, "error", error * noise[0])
        made += rows(cell, "error_out", 0.5 + shift + 0.002 * g.normal(size=k))
        for c in range(CLASSES):
            fall = 0.05 * sign * (recognised[c] - 0.8) * (1 if who == "synthetic" else -1)
            own = 0.2 * (count / 20) ** -(0.3 + fall)
            made += rows(cell, f"error/{c}", own * noise[2 + c])
            if at.get("guidance"):
                made += rows(cell, f"recognisability/{c}", np.full(k, recognised[c]))
        if at.get("guidance"):
            made += rows(cell, "recognisability", np.full(k, 0.9))
    return {v.claim: v.outcome for v in decide_all(STUDY.claims, made, "cpu", True)}


NULLS = ("samples-help-no-longer-where-they-are-not", "either-half-is-worth-the-same")


@pytest.mark.parametrize(("sign", "word"), [(1, "seen"), (-1, "reversed")])
def test_laws_that_hold_are_seen_and_their_reverse_is_reversed(
    sign: int, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "drawn", partial(drawn, count=60))  # stands beside the verdict
    found = planted(sign)
    assert {found.pop(name) for name in NULLS} == {"equivalent"}
    for name in ("real-images", "samples"):
        assert found.pop(f"error-of-{name}-is-a-power-law") != "reversed"
    floors = [name for name in found if "floor" in name]
    assert len(floors) == 6
    for name in floors:
        assert found.pop(name) in ("unresolved", word)  # a floor of 0 takes what it likes
    assert len(found) == len(STUDY.claims) - 10
    assert set(found.values()) == {word}, found


def test_floors_are_told_from_small_exponents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "drawn", partial(drawn, count=60))
    found = planted(0, 0.05)  # samples and real images of one exponent
    for name in ("samples-have-the-higher-floor", "guidance-raises-the-floor",
                 *(f"samples-have-a-floor-at-{w}" for w in GUIDANCES)):  # fmt: skip
        assert found[name] == "seen", name
    for name in ("synthetic-has-the-smaller-exponent", "guidance-lowers-the-exponent",
                 "synthetic-has-the-smaller-exponent-above-floors"):  # fmt: skip
        assert found[name] == "unresolved", name


def stage(cell: Cell, name: str) -> Any:
    return {each.name: each.params for each in cell.stages}.get(name)


def test_each_arm_is_trained_on_what_its_name_says() -> None:
    most = counts(CPU)[-1]
    shown = {
        "real": lambda n: (n, 0, 0),
        "seen": lambda n: (0, n, 0),
        "synthetic": lambda n: (0, 0, n),
        "more": lambda n: (0, 0, n),
        "both": lambda n: (n, 0, most),
        "both, seen": lambda n: (n, most, 0),
    }
    for cell in CELLS:
        at, asked = cell.labels(), stage(cell, "supervised")
        if at["arm"] == "samples":
            assert asked is None
            continue
        expected = shown[str(at["arm"])](at["count"])
        assert (asked.unseen, asked.seen, asked.synthetic) == expected
        assert at["share"] == at["count"] / most
        if asked.synthetic:
            assert stage(cell, "sample").guidance == float(at["guidance"])
            assert stage(cell, "sample").count >= asked.synthetic
            assert stage(cell, "train").clean_fraction == asked.share == SHARE
        else:
            assert stage(cell, "train") is None


def test_all_classifiers_have_one_network_one_length_and_the_same_tests() -> None:
    for scale in ("smoke", "cpu", "gpu"):
        cells = STUDY.cells(read_sizes(scale))
        asked = [stage(cell, "supervised") for cell in cells if stage(cell, "supervised")]
        assert len({(each.recipe, each.tests, each.share) for each in asked}) == 1
        assert len({stage(cell, "train") for cell in cells} - {None}) == 1


def test_six_sizes_span_more_than_a_decade_and_each_half_holds_them() -> None:
    for scale in ("cpu", "gpu"):
        at = counts(read_sizes(scale))
        assert len(at) >= 5
        assert at[-1] >= 10 * at[0]
    assert at[-1] == 5760  # of 15,000 images of six classes in either half
    train = load("digits").train
    for replicate in range(6):
        first = part_a(training(CPU).dataset, train, SHARE, replicate)
        assert min(first.sum(), (~first).sum()) >= counts(CPU)[-1] == 10 * A_CLASS[-1]


def test_smoke_has_every_arm_and_guidance_but_more_samples() -> None:
    hurried, whole = ({(at["arm"], at.get("guidance")) for at in (c.labels() for c in cells)}
                      for cells in (STUDY.cells(SMOKE), CELLS))  # fmt: skip
    assert hurried == whole - {("more", w) for w in GUIDANCES}


class Quiet:
    def of(self, cell: Cell, name: str) -> Any:
        return lambda share: None


def test_a_cell_runs_from_the_generator_to_rows_of_each_replicate(tmp_path) -> None:
    cell = next(
        c for c in STUDY.cells(SMOKE)
        if c.labels()["arm"] == "both" and c.labels()["guidance"] == "0"
    )  # fmt: skip
    found = run_cell(cell, tmp_path, "cpu", Quiet())  # type: ignore[arg-type]
    assert all(row["status"] == "ok" for row in found)
    for metric in ("error", "error_out", "error_out/blur", "recognisability", "recognisability/9"):
        assert {row["replicate"] for row in found if row["metric"] == metric} == {0, 1}
    assert next(row["n"] for row in found if row["metric"] == "error") == 359
