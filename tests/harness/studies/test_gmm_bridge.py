"""The bridge from laws to trained networks: the level of the optimum, and claims that have rows."""

import math

import numpy as np
import pytest

from harness.cell import Cell
from harness.claims.contrast import Arm, Where, levels
from harness.claims.decide import decide_all
from harness.data.gaussian_mixture import law
from harness.metrics.excess_risk import FACTOR, NAMES, SCORES, places
from harness.metrics.mixture_risk import Setting, kernel_mean, place, squared
from harness.records.record import Record, measured
from harness.scale import read_sizes
from harness.studies import gmm_bridge
from harness.studies.gmm_bridge import CLEAN, COUNTS, IMPERFECT, STUDY, TIMES, level

SIZES = read_sizes("cpu")
CELLS = gmm_bridge.cells(SIZES)


def answering(arm: Arm, where: Where) -> list[Cell]:
    """The cells that a claim calls by an arm at a condition."""
    own = levels(arm)
    found = []
    for cell in CELLS:
        label = cell.labels()
        wanted = {**where, **own}
        if set(own) <= set(label) and all(label.get(k, v) == v for k, v in wanted.items()):
            found.append(cell)
    return found


@pytest.mark.parametrize("claim", STUDY.claims, ids=lambda claim: claim.id)
def test_every_claim_has_one_cell_an_arm_with_its_metrics_and_as_many_replicates(claim) -> None:
    rule = claim.rule
    for where in rule.conditions:
        cells = []
        for arm in (rule.arm, rule.baseline):
            found = answering(arm, where)
            assert len(found) == 1, (arm, where)
            cells += found
        assert cells[0].replicates == cells[1].replicates == 2 * SIZES.replicates
        for reading in rule.metrics:
            assert reading.metric in SCORES
            if reading.metric.startswith("relative/"):
                asked = [cell.stages[0].params.level for cell in cells]
                assert asked == [level(where["n1"])] * 2  # the same place for both


def test_arms_of_a_number_of_samples_see_the_same_clean_ones() -> None:
    for n1 in COUNTS:
        cells = [cell for cell in CELLS if cell.labels().get("n1") == n1]
        trained = [cell.stages[0].params.training for cell in cells]
        assert {each.dataset for each in trained} == {trained[0].dataset}
        assert {round(each.clean_fraction * gmm_bridge.POOL) for each in trained} == {n1}
        sets = {cell.stages[0].params.datasets for cell in cells if cell.replicates > 1}
        assert sets == {gmm_bridge.DATASETS}


def test_arms_differ_in_pool_and_gate_alone() -> None:
    shown = {str(c): c.stages[0].params.training for c in CELLS if c.labels()["network"] == "mlp"}
    clean = shown["arm=clean n1=100 network=mlp"]
    equals = shown["arm=all n1=100 network=mlp pair=matched"]
    gated = shown["arm=gated n1=100 network=mlp pair=matched"]
    assert equals.annotator is not None
    assert equals.annotator.kwargs() == {"sigma_min": 0.0}
    assert gated.annotator is not None
    assert gated.annotator.kwargs() == {"sigma_min": level(100)}
    for name in ("objective", "network", "images", "rate", "log_sigma_mean", "log_sigma_std"):
        assert len({getattr(each, name) for each in (clean, equals, gated)}) == 1
    assert clean.pool == "clean"
    assert equals.pooling.multiplicity == TIMES == 9


def test_the_laws_are_what_the_study_calls_them() -> None:
    p = law(**CLEAN)
    matched, shifted = (Setting(p, law(**IMPERFECT[name]), 1, 9) for name in IMPERFECT)
    assert matched.gaps[0] == pytest.approx(0, abs=1e-12)
    assert abs(matched.gaps[1]) > 0.05
    assert shifted.gaps[0] == pytest.approx(0.15)
    assert shifted.level is None


@pytest.mark.parametrize(("n1", "sets"), [(25, 400), (100, 200)])
def test_the_level_is_that_of_the_optimum_within_a_factor_of_two(n1: int, sets: int) -> None:
    """On data sets of the test's own: equals lose at half the level and win at twice."""
    rng, p, q = np.random.default_rng(n1), law(**CLEAN), law(**IMPERFECT["matched"])
    spots = [place(p, level(n1) * by) for by in (1 / FACTOR, FACTOR)]
    gains = np.empty((2, sets))
    for j in range(sets):
        clean = p.sample(n1, rng)[:, 0]
        both = np.concatenate([clean, q.sample(TIMES * n1, rng)[:, 0]])
        for row, (at, factor) in enumerate(zip(spots, (1 / FACTOR, FACTOR))):
            sigma = level(n1) * factor
            risks = [
                squared(kernel_mean(at.points, data, sigma) - at.truth, at)
                for data in (clean, both)
            ]
            gains[row, j] = risks[0] - risks[1]
    ratio = gains.mean(axis=1) / (gains.std(axis=1) / math.sqrt(sets))
    assert ratio[0] < -4
    assert ratio[1] > 4


def test_the_places_that_claims_name_are_levels_of_the_grid() -> None:
    assert len(gmm_bridge.HIGH) == 7
    assert {f"{sigma:.4g}" for sigma in gmm_bridge.HIGH} <= set(NAMES)
    assert 0.1 < min(gmm_bridge.HIGH) < max(gmm_bridge.HIGH) < 5


def lawful() -> list[Record]:
    """Rows of every cell as if the law at large noise held at each noise, to 1 % of its value."""
    rng, p, found = np.random.default_rng(0), law(**CLEAN), []
    for cell in CELLS:
        label, asked = cell.labels(), cell.stages[0].params
        n1 = int(label.get("n1", 100))
        q = law(**IMPERFECT[str(label.get("pair", "matched"))])
        setting = Setting(p, q, n1, TIMES * n1)
        for name, sigma in places(asked).items():
            kind, unit = ("excess", 1.0) if name in NAMES else ("relative", setting.clean_risk)
            risk = setting.clean_risk
            if label["arm"] == "all" or (label["arm"] == "gated" and sigma > level(n1)):
                risk = float(setting.risk(np.array(sigma)))
            for k in range(cell.replicates):
                found.append(_row(cell, k, f"{kind}/{name}", risk / unit * rng.normal(1, 0.01)))
        for k in range(cell.replicates):
            size = {"gated": 1.0, "clean": 2.0, "all": 3.0}.get(str(label["arm"]), 0.1)
            found.append(_row(cell, k, "excess", size * rng.normal(1, 0.01)))
    return found


def _row(cell: Cell, replicate: int, metric: str, value: float) -> Record:
    row = {"study": "gmm_bridge", "cell_id": cell.cell_id, "params": cell.labels()}
    return measured(value, replicate=replicate, metric=metric, unit="1", tier="tolerance", **row)


def test_rows_that_follow_the_law_give_claims_that_follow_it() -> None:
    outcomes = {v.claim: v.outcome for v in decide_all(STUDY.claims, lawful(), complete=False)}
    for whose in ("", "-optimum"):
        for name in ("equals-win-above", "equals-lose-below", "no-level"):
            assert outcomes[f"bridge-{name}{whose}"] == "seen", name
    for name in ("gate-beats-equals", "gate-beats-clean", "gate-helps-above"):
        assert outcomes[f"bridge-{name}"] == "seen", name
    assert outcomes["bridge-network-is-the-optimum"] == "equivalent"
    assert outcomes["bridge-no-memory"] == "unresolved"  # both are one
    for network in ("mlp", "optimum"):  # what the law at large noise knows nothing of
        assert outcomes[f"bridge-equals-win-at-no-noise-{network}"] == "reversed"
