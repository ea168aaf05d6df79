"""Every study at every scale: cells that can run and claims that their rows can decide."""

import pytest

from harness.claims.contrast import levels
from harness.claims.decide import decide_all
from harness.claims.fitted import Fits, Slope
from harness.claims.paired import Equivalence, PairedEffect
from harness.claims.switching import Switch
from harness.metrics import METRICS, attack, class_law, excess_risk, geneval, supervised
from harness.metrics.embedding_norm import METRIC as EMBEDDING_NORM
from harness.metrics.reading import reading
from harness.problem import Problem
from harness.records.record import measured
from harness.run import STAGES
from harness.run.bill import bill, bills, core_seconds
from harness.scale import read_sizes, scales
from harness.studies import STUDIES
from harness.studies.arms import ARMS, arm, trained
from harness.studies.study import chosen
from harness.tokenwise import loss as tokenwise
from harness.train import annotation

SCORES = {
    *geneval.SCORES,
    *attack.SCORES,
    *excess_risk.SCORES,
    *class_law.SCORES,
    *supervised.SCORES,
    *annotation.SCORES,
    *tokenwise.SCORES,
    EMBEDDING_NORM,
}  # of stages, which are no metrics
ERRORS = [float(f"{sigma:.4g}") for sigma in METRICS["denoising_loss"].sigmas]
GRID = [(study, scale) for study in STUDIES for scale in scales()]


@pytest.mark.parametrize(("study", "scale"), GRID)
def test_cells_are_distinct_and_name_rows_that_exist(study: str, scale: str) -> None:
    sizes = read_sizes(scale)
    shards = STUDIES[study].shards(sizes)
    cells = [cell for shard in shards for cell in shard]
    assert cells == STUDIES[study].cells(sizes)
    assert len({cell.cell_id for cell in cells}) == len(cells)
    for cell in cells:
        hash(cell)
        assert cell.replicates >= 1
        for stage in cell.stages:
            assert stage.name in STAGES
            assert all(":" in row for row in stage.params.entries())


@pytest.mark.parametrize("study", list(STUDIES))
def test_claims_belong_to_their_study_and_have_their_arms(study: str) -> None:
    found = STUDIES[study]
    assert found.name == study
    cells = found.cells(read_sizes("cpu"))
    labels = [cell.labels() for cell in cells]
    asked_for = [stage.params for cell in cells for stage in cell.stages if stage.name == "measure"]
    called = {each.called(one) for each in asked_for for one in each.readings}
    for claim in found.claims:
        assert claim.study == study
        rule = claim.rule
        for name in ("arm", "baseline"):
            value = getattr(rule, name, None)
            asked = {} if value is None else levels(value)
            assert any(asked.items() <= label.items() for label in labels)
        for each in getattr(rule, "metrics", ()):
            if each.metric.startswith("denoising_error/"):
                assert float(each.metric.split("/")[1]) in ERRORS
            elif each.metric not in SCORES | called:
                reading(each.metric)


PAIRED = [
    study
    for study in STUDIES
    if any(isinstance(claim.rule, PairedEffect | Equivalence) for claim in STUDIES[study].claims)
]


@pytest.mark.parametrize("study", PAIRED)
def test_every_paired_claim_finds_one_value_a_replicate_for_both_arms(study: str) -> None:
    """On made-up rows of every cell, with every metric that a claim of the study asks for."""
    rules = [
        claim.rule
        for claim in STUDIES[study].claims
        if isinstance(claim.rule, PairedEffect | Equivalence)
    ]
    metrics = {metric for claim in STUDIES[study].claims for metric in claim.rule.named()[0]}
    rows = [
        measured(
            1.0 + replicate / 100, study=study, cell_id=cell.cell_id, params=cell.labels(),
            replicate=replicate, metric=metric, unit="1", tier="tolerance",
        )
        for cell in STUDIES[study].cells(read_sizes("cpu"))
        for metric in sorted(metrics)
        for replicate in range(cell.replicates)
    ]  # fmt: skip
    for rule in rules:
        for contrast in rule.planned(rows):
            assert contrast.problem is None
            assert len(contrast.values) >= 3
    decide_all(STUDIES[study].claims, rows, "cpu", True)


FITTED = [
    study
    for study in STUDIES
    if any(isinstance(claim.rule, Fits | Switch) for claim in STUDIES[study].claims)
]


@pytest.mark.parametrize("study", FITTED)
def test_every_claim_about_a_size_finds_enough_sizes_and_runs(study: str) -> None:
    """On made-up rows of every cell: a decade of five sizes, or three for a slope."""
    claims = STUDIES[study].claims
    metrics = {metric for claim in claims for metric in claim.rule.named()[0]}
    rows = [
        measured(
            1.0 + replicate / 100, study=study, cell_id=cell.cell_id, params=cell.labels(),
            replicate=replicate, metric=metric, unit="1", tier="tolerance",
        )
        for cell in STUDIES[study].cells(read_sizes("cpu"))
        for metric in sorted(metrics)
        for replicate in range(cell.replicates)
    ]  # fmt: skip
    for claim in claims:
        for curve in claim.rule.curves if isinstance(claim.rule, Fits | Switch) else ():
            values = curve.values(rows)
            assert len(values.y) >= 3
            if isinstance(claim.rule, Slope):
                assert len(values.sizes) >= 3
            else:
                assert curve.refusal(values) is None


def test_claim_ids_are_unique() -> None:
    ids = [claim.id for study in STUDIES for claim in STUDIES[study].claims]
    assert len(set(ids)) == len(ids)


def test_unknown_arm_stops_at_once_and_names_the_known_ones() -> None:
    with pytest.raises(Problem, match=r"'gate'.*clean, all, gated, ambient, buffered, oracle"):
        arm("gate")
    with pytest.raises(Problem, match="known ones"):
        trained("gate", read_sizes("smoke"), 2)


def test_unknown_study_names_the_known_ones() -> None:
    with pytest.raises(Problem, match=r"did you mean 'ambient_blur'"):
        chosen("ambient_blurr")
    assert "metric_sensitivity_cifar" not in chosen("default")
    assert "ambient_blur_more" not in chosen("default")


def test_a_study_that_asks_for_files_is_no_part_of_all_without_them(monkeypatch) -> None:
    monkeypatch.setenv("PATINA_DATA", "/somewhere")
    assert chosen("all") == list(STUDIES)
    monkeypatch.delenv("PATINA_DATA")
    assert set(STUDIES) - set(chosen("all")) == {"metric_sensitivity_cifar"}
    with pytest.raises(Problem, match="no PATINA_DATA in the environment"):
        chosen("metric_sensitivity_cifar")


def test_headline_contrasts_have_eight_replicates_at_cpu_scale() -> None:
    cells = STUDIES["ambient_blur"].cells(read_sizes("cpu"))
    mlp = [c for c in cells if c.labels()["network"] == "mlp"]
    assert all(c.replicates == 8 for c in mlp if c.labels()["arm"] in ("clean", "gated"))
    assert all(c.replicates >= 3 for c in cells)


def test_bill_counts_three_passes_a_training_image_and_each_call_of_the_sampler() -> None:
    cell = STUDIES["ambient_blur"].cells(read_sizes("cpu"))[0]
    forward = 2 * 240 * (2 * 64 + 3 * (64 + 2 * 240))
    expected = 8 * forward * (3 * 200_000 + 35 * 4000 + 25 * 1500)
    assert bill(cell)["flops"] == expected


def test_a_training_that_several_cells_share_is_billed_once() -> None:
    cells = [c for c in STUDIES["scenes_t2i"].cells(read_sizes("cpu")) if "guidance" in c.labels()]
    own, shared = [bill(cell) for cell in cells], bills(cells)
    assert all(each["counted"]["train"] > 0 for each in own)
    assert [each["counted"]["train"] > 0 for each in shared] == [True] + [False] * (len(cells) - 1)
    assert sum(core_seconds(cells)) < sum(sum(each["seconds"].values()) for each in own)
    plain = STUDIES["ambient_blur"].cells(read_sizes("cpu"))
    assert [each["flops"] for each in bills(plain)] == [bill(cell)["flops"] for cell in plain]


def test_every_default_study_states_what_it_costs() -> None:
    for name in chosen("default"):
        assert dict(STUDIES[name].core_minutes).get("cpu", 0) > 0, name


@pytest.mark.parametrize("study", [s for s in STUDIES if STUDIES[s].core_minutes])
def test_stated_core_minutes_are_the_bills_within_a_factor_of_two(study: str) -> None:
    """Of what can be counted: laws have no operations to count, and cost what was measured."""
    for scale, minutes in STUDIES[study].core_minutes:
        cells = STUDIES[study].cells(read_sizes(scale))
        if not any(bill(cell)["flops"] for cell in cells):
            continue
        estimated = sum(core_seconds(cells)) / 60
        assert 0.5 < minutes / estimated < 2, (scale, minutes, estimated)


def test_every_arm_has_a_pool_and_an_objective() -> None:
    for name in ARMS:
        assert {"pool", "objective"} <= set(arm(name))
