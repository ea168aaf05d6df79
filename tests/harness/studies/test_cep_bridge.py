"""The bridge from the theory of corrupted conditions: its arms, and claims that follow the laws."""

import math
from itertools import product

import numpy as np
import pytest

from harness.cell import Cell
from harness.claims.contrast import Arm, Where, levels
from harness.claims.decide import decide_all
from harness.corrupt.cep import CepGaussian
from harness.data.gaussian_mixture import law, mass_outside
from harness.data.load import load
from harness.metrics.class_law import SCORES
from harness.nets.embedding import width_for
from harness.records.record import Record, measured
from harness.scale import read_sizes
from harness.studies import cep_bridge_cells as bridge
from harness.studies.cep_bridge import LIMIT, STUDY
from harness.train.material import gather
from theory.slight_corruption.fitted_moments import Fit
from theory.slight_corruption.gamma_window import drawn_window
from theory.slight_corruption.linear_network import kappa
from theory.slight_corruption.w2_gain import Draws

SIZES = read_sizes("cpu")
CELLS = bridge.cells(SIZES)
BY = {(c.labels()["network"], c.labels()["arm"], c.labels()["images"]): c for c in CELLS}


def answering(arm: Arm, where: Where) -> list[Cell]:
    """The cells that a claim calls by an arm at a condition."""
    wanted = {**where, **levels(arm)}
    return [c for c in CELLS if all(c.labels()[name] == at for name, at in wanted.items())]


@pytest.mark.parametrize("claim", STUDY.claims, ids=lambda claim: claim.id)
def test_every_claim_has_one_cell_an_arm_with_its_metrics(claim) -> None:
    rule = claim.rule
    for where, arm in product(rule.conditions, (rule.arm, rule.baseline)):
        assert len(answering(arm, where)) == 1, (arm, where)
    for reading in rule.metrics:
        assert reading.metric in SCORES
    ends = [where.get("arm", "") for where in rule.conditions]
    if rule.metrics[0].metric == "toward_printed":
        assert all(end in bridge.NOISES for end in ends)  # or there is one lemma


def test_noise_on_an_embedding_has_the_deviation_of_the_theory_in_every_number() -> None:
    for (model, arm, images), cell in BY.items():
        expected = bridge.NOISES.get(arm, 0.0) / math.sqrt(images)
        first, last = cell.stages[0].params, cell.stages[-1].params
        if model in ("mlp", "guided"):
            condition, network = first.condition, first.network.kwargs()
            width = width_for(bridge.CLASSES + 1, network["embedding_width"])
            made = condition.perturbed()
            assert (made is None) == (expected == 0)
            if made is not None:
                assert isinstance(made, CepGaussian)
                assert made.gamma / math.sqrt(width) == pytest.approx(expected)
                assert not made.fixed
            assert network["embedding"] == "fixed"
        else:
            held = first if model == "linear" else last
            assert held.noise == pytest.approx(expected)
            assert held.training.condition.perturbation is None  # the noise is said once


def test_arms_of_one_number_of_images_see_the_same_data_and_differ_in_labels_alone() -> None:
    for images in (bridge.FEW, bridge.MANY):
        trained = [
            cell.stages[0].params
            if model in ("mlp", "guided")
            else getattr(cell.stages[0].params, "training", None)
            for (model, _, n), cell in BY.items()
            if n == images
        ]
        assert len({each.dataset for each in trained}) == 1
        per_class = {each.clean_fraction * bridge.POOL / bridge.CLASSES for each in trained}
        assert per_class == {images}
        shares = {each.relabelling.share for each in trained if each.relabelling}
        assert shares == (set(bridge.FLIPS.values()) if images == bridge.FEW else set())
    for (model, arm, _), cell in BY.items():
        if model == "mlp" and arm in bridge.FLIPS:
            assert cell.stages[0].params.relabelling.share == bridge.FLIPS[arm]


def test_the_guided_model_alone_learns_without_a_condition_and_is_guided() -> None:
    for (model, _, _), cell in BY.items():
        last = cell.stages[-1].params
        assert last.guidance == (0.5 if model == "guided" else 0.0)
        if model in ("mlp", "guided"):
            assert cell.stages[0].params.condition.dropout == (0.1 if model == "guided" else 0.0)


def test_a_data_set_has_exactly_so_many_images_of_each_class_about_its_axis() -> None:
    asked = bridge.training(read_sizes("smoke"), "clean", bridge.FEW)
    images = load(asked.dataset.name, **asked.dataset.kwargs()).train
    made = gather(asked, images, 0)
    assert made.labels is not None
    assert np.bincount(made.labels).tolist() == [50] * 4
    given = asked.dataset.kwargs()
    true = law(given["weights"], given["means"], given["deviation"])
    assert mass_outside(true) < 1e-9
    np.testing.assert_allclose(np.linalg.norm(true.means / given["deviation"], axis=1), 1)
    np.testing.assert_allclose(true.means @ true.means.T, np.eye(4) / 64)


def test_closed_forms_have_more_replicates_and_trained_ones_sixteen() -> None:
    for (model, arm, _), cell in BY.items():
        scaled = (model, arm) == ("exact", "noise 1")
        assert cell.replicates == (128 if scaled else 32 if model in bridge.FORMS else 16)


def test_the_law_helps_at_what_the_claims_call_small_and_hurts_at_what_they_call_large() -> None:
    """Of n = 50, d = 8: the gain is back at 0 at gamma sqrt n = 4.3."""
    found = Draws.of(Fit(8, bridge.FEW, 1.0), 4000, np.random.default_rng(0))
    for arm, sign in (("noise 1", 1), ("noise 2", 1), ("noise 8", -1)):
        gain = found.gain(kappa(bridge.gamma(arm, bridge.FEW)))
        assert sign * gain.value > 4 * (gain.standard_error or 0)
    last = drawn_window(found)[1]
    assert last is not None
    assert last.value * math.sqrt(50) == pytest.approx(4.33, abs=0.1)


def test_the_scaled_gain_is_near_its_limit_for_few_images_already() -> None:
    for n in (bridge.FEW, bridge.MANY, 20_000):
        found = Draws.of(Fit(8, n, 1.0), 4000, np.random.default_rng(1)).gain(kappa(n**-0.5))
        error = 4 * n**2 * (found.standard_error or 0) + 40 / n
        assert abs(n**2 * found.value - LIMIT) < error < LIMIT / 10


def lawful() -> list[Record]:
    """Rows of every cell as if all models but the lemma were the linear optimum, to 0.1 %."""
    rng, found = np.random.default_rng(0), []
    for (model, arm, images), cell in BY.items():
        c, eta = bridge.NOISES.get(arm, 0.0), bridge.FLIPS.get(arm, 0.0)
        gain = 20 * c**2 - 1.25 * c**4  # for large n, times n^2
        w2 = 26 / images - gain / images**2 + eta**2
        values = {
            "class_w2_squared": w2 * rng.normal(1, 0.001, cell.replicates),
            "class_entropy": 10 + c**2 / images + eta + rng.normal(0, 1e-3, cell.replicates),
            "mean_kept": 1 - kappa(c / images**0.5) + rng.normal(0, 1e-3, cell.replicates),
            "scaled_gain": gain + rng.normal(0, 5, cell.replicates),
            "toward_printed": float(model == "lemma") + rng.normal(0, 0.02, cell.replicates),
        }
        for metric, rows in values.items():
            found += [
                measured(
                    value, study="cep_bridge", cell_id=cell.cell_id, params=cell.labels(),
                    replicate=k, metric=metric, unit="1", tier="tolerance",
                )
                for k, value in enumerate(rows)
            ]  # fmt: skip
    return found


def test_rows_that_follow_the_law_give_claims_that_follow_it() -> None:
    found = {v.claim: v for v in decide_all(STUDY.claims, lawful(), complete=False)}
    outcomes = {name.removeprefix("cep-bridge-"): v.outcome for name, v in found.items()}
    assert outcomes.pop("sgd-goes-to-lemma") == "reversed"
    for name in ("sgd-goes-to-corrected", "linear-generates-the-law", "gain-is-of-order"):
        assert outcomes.pop(name) == "equivalent", name
    for group in ("law", "mlp", "guided"):
        assert outcomes.pop(f"many-{group}") == "equivalent", group
    assert set(outcomes.values()) == {"seen"}
    assert {found["cep-bridge-gain-law"].word, found["cep-bridge-gain-mlp"].word} == {
        "supported",
        "mechanism seen",
    }
