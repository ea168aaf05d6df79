"""The studies of wrong labels and of noisy conditions: what their cells ask for, and rules that see
planted effects, in either direction and where there is none."""

import math
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch

from harness.cell import Cell
from harness.claims.contrast import levels
from harness.claims.decide import decide_all
from harness.claims.verdict import Verdict
from harness.records.record import Record, measured
from harness.scale import read_sizes
from harness.studies import STUDIES
from harness.studies.cep import ALIKE
from harness.studies.conditional import BEST, EQUAL

SIZES = read_sizes("cpu")
CELLS = {name: STUDIES[name].cells(SIZES) for name in ("condition_flips", "cep")}
EVERY = [cell for cells in CELLS.values() for cell in cells]
BY = {"flipped": "flips", "redrawn": "flips", "confused": "confusions"}
NOISY = ("cep_uniform", "cep_gaussian", "fixed", "dropout", "smoothing")


def stage(cell: Cell, name: str) -> Any:
    return next(stage.params for stage in cell.stages if stage.name == name)


def test_what_is_told_is_what_the_labels_of_a_cell_say() -> None:
    for cell in EVERY:
        labels, training = cell.labels(), stage(cell, "train")
        asked = training.relabelling
        arm = str(labels["arm"])
        assert (asked is not None) == (arm in BY), cell
        if asked is not None:
            assert (asked.by.name, asked.redrawn) == (BY[arm], arm == "redrawn")
            assert f"{100 * asked.share:g} %" == labels["share"]
        noise = training.condition.perturbation
        assert (noise is not None) == (arm in NOISY), cell
        if noise is not None and arm.startswith("cep"):
            assert (noise.name, noise.kwargs()["gamma"]) == (arm, labels["gamma"])
        if arm == "fixed":
            assert noise.kwargs() == {"gamma": 1.0, "fixed": True}
        assert training.objective.name == ("input_perturbation" if arm == "input" else "denoising")
        assert training.copy == (arm == "again")
        assert training.network.name == labels["network"]
        learned = training.network.name == "dit" or training.network.kwargs().get("embedding")
        if "embedding" in labels:
            assert (labels["embedding"] != "fixed") == bool(learned)


def test_images_and_guidance_are_those_that_the_labels_say() -> None:
    for cell in EVERY:
        labels, training, sampling = cell.labels(), stage(cell, "train"), stage(cell, "sample")
        data = {"photographs": "photos", "textures": "textures"}.get(str(labels["data"]), "digits")
        assert training.dataset.name == data
        assert training.dataset.kwargs().get("labelled", False) == (data != "digits")
        assert stage(cell, "classifier").dataset.name == data
        assert f"trained_{data}" in stage(cell, "measure").extractors
        assert training.pool == ("clean" if labels["data"] == "few" else "oracle")
        chosen = [each.params for each in cell.stages if each.name == "guide"]
        if labels["guidance"] in (BEST, EQUAL):
            (choice,) = chosen
            assert choice.accuracy == (0.9 if labels["guidance"] == EQUAL else None)
        else:
            assert not chosen
            assert f"{sampling.guidance:g}" == labels["guidance"]


def test_every_data_set_has_its_floor_and_its_positive_control() -> None:
    for cells in CELLS.values():
        for data in {cell.labels()["data"] for cell in cells}:
            here = [
                c.labels()
                for c in cells
                if (c.labels()["data"], c.labels()["network"]) == (data, "mlp")
            ]
            assert any(each.get("share") == "50 %" for each in here)
            assert data == "photographs" or any(each["arm"] == "again" for each in here)


def test_the_two_kinds_of_noise_that_are_compared_have_one_second_moment() -> None:
    from harness.corrupt.cep import CepGaussian, CepUniform

    c, mean = torch.ones(1, 1, 1, 16), torch.zeros(1, 1, 1, 16)
    uniform, normal = CepUniform(1.0).squared(c, mean), CepGaussian(ALIKE).squared(c, mean)
    assert float(uniform.mean()) == pytest.approx(float(normal.mean()), rel=2e-3)


Plant = Callable[[dict[str, Any], str], float]


def trained(study: str, effect: Plant, noise: float = 0.003) -> list[Record]:
    """Rows of a study whose readings differ from clean by ``effect(labels, metric)``, on the log of
    those that are ratios; every arm is worse by as much as it says."""
    rng = np.random.default_rng(3)
    found = []
    for cell in CELLS[study]:
        labels = dict(cell.labels())
        measurement = stage(cell, "measure")
        read = [*(measurement.called(each) for each in measurement.readings), "embedding_norm"]
        for metric, k in product(read, range(cell.replicates)):
            moved = effect(labels, metric) + noise * rng.standard_normal()
            shares = ("class_accuracy", "recall", "coverage", "precision", "density")
            level = {True: 0.95}.get(metric.startswith(shares), 1.0)
            additive = metric.startswith((*shares, "sample_entropy"))
            found.append(
                measured(
                    level + moved if additive else level * math.exp(moved),
                    study=study, cell_id=cell.cell_id, params=labels, replicate=k,
                    metric=metric, unit="1", tier="tolerance",
                )
            )  # fmt: skip
    return found


def verdicts(study: str, rows: list[Record]) -> dict[str, Verdict]:
    return {v.claim: v for v in decide_all(STUDIES[study].claims, rows, "cpu", True)}


GOOD = ("class_accuracy", "inception_score", "sample_entropy", "recall", "coverage")


def wrong(labels: dict[str, Any]) -> float:
    """The share of labels that are wrong."""
    return float(str(labels.get("share", "0 %")).split()[0]) / 100


def as_claimed(labels: dict[str, Any], metric: str) -> float:
    """Slight flips help distances and diversity, and cost accuracy, classes and the loss; half cost
    more. CEP helps more than its rivals, and its noise is a flip."""
    share, arm, guidance = wrong(labels), labels["arm"], labels["guidance"]
    milder = 0.5 if arm == "confused" else 1.0
    if metric == "embedding_norm":
        return 0.4 if arm.startswith("cep") and labels["embedding"] == "learned" else 0.0
    if metric == "denoising_loss":
        strong = 0.5 if labels.get("gamma", 0) > 4 else 0.0
        return milder * share + strong + (0.075 if arm.startswith("cep") and not strong else 0.0)
    if metric.startswith("class_accuracy"):
        return 0.0 if guidance == EQUAL else -milder * share
    if guidance == EQUAL:
        return 0.0
    by_class = metric.startswith("per_class")
    if by_class and guidance == "0":
        return 3 * share
    gain = {"cep_uniform": 0.4, "cep_gaussian": 0.4, "flipped": 0.4, "redrawn": 0.4}.get(arm, 0.0)
    gain = 0.4 * gain if labels.get("share") in ("20 %", "50 %") and by_class else gain
    gain += 0.1 if arm == "confused" else 0.0
    if arm == "confused" and by_class:
        gain = 0.5
    if metric.startswith(GOOD):
        return gain
    return -gain


ALIKE_CLAIMS = (
    "flips-are-a-change-of-guidance",
    "redrawn-flips-are-fixed-flips",
    "redrawn-flips-cost-less",  # the same planted equality, read by a claim of an effect
    "embedding-noise-is-a-flip",
    "second-moments-decide",
)


@pytest.mark.parametrize("study", list(CELLS))
def test_effects_as_claimed_are_seen(study: str) -> None:
    for claim, verdict in verdicts(study, trained(study, as_claimed)).items():
        expected = "equivalent" if claim in ALIKE_CLAIMS else "seen"
        assert verdict.outcome == expected, (claim, verdict.reason)


@pytest.mark.parametrize("study", list(CELLS))
def test_where_labels_do_nothing_no_gate_opens_and_the_control_is_not_seen(study: str) -> None:
    """Two arms that do nothing are alike, and no claim says so."""
    free = ("half-wrong-is-seen", "learned-embedding-grows-under-noise")  # without a gate
    for claim, verdict in verdicts(study, trained(study, lambda *_: 0.0)).items():
        assert verdict.outcome == "unresolved" or claim in free, claim
        assert verdict.outcome in ("unresolved", "equivalent"), (claim, verdict.reason)


def test_a_control_of_the_wrong_sign_is_reversed() -> None:
    def better(labels: dict[str, Any], metric: str) -> float:
        return 0.04 * (wrong(labels) == 0.5) if metric.startswith("class_accuracy") else 0.0

    found = verdicts("condition_flips", trained("condition_flips", better))
    assert found["half-wrong-is-seen"].outcome == "reversed"


@pytest.mark.parametrize("study", list(CELLS))
def test_effects_against_the_claims_are_seen_as_such(study: str) -> None:
    """Accuracy falls with wrong labels, so that gates open; all else goes the other way."""

    def against(labels: dict[str, Any], metric: str) -> float:
        moved = as_claimed(labels, metric)
        if metric.startswith("class_accuracy") or labels["guidance"] == EQUAL:
            return moved
        return -moved

    kept = (*ALIKE_CLAIMS, "half-wrong-is-seen", "flips-cost-the-classes")  # by accuracy, or two
    for claim, verdict in verdicts(study, trained(study, against)).items():
        if claim not in kept:
            assert verdict.outcome == "reversed", (claim, verdict.reason)


@pytest.mark.parametrize("study", list(CELLS))
def test_every_claim_has_one_cell_an_arm_at_each_condition(study: str) -> None:
    for claim in STUDIES[study].claims:
        for where, arm in product(claim.rule.conditions, (claim.rule.arm, claim.rule.baseline)):
            own = levels(arm)
            found = [
                cell
                for cell in CELLS[study]
                if own.items() <= cell.labels().items()
                and all(cell.labels().get(k, v) == v for k, v in where.items() if k not in own)
            ]
            assert len(found) == 1, (claim.id, where, arm, found)
