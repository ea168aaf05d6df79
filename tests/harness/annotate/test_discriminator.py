"""The classifier of two kinds against the Bayes classifier of two Gaussian laws, and its parts."""

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from harness.annotate import discriminator
from harness.annotate.bayes import total_variation
from harness.annotate.discriminator import FEATURES, Discriminator, Fold, Network, Recipe, fit
from harness.annotate.view import Basis, View

V, U, MODES = 0.01, 0.02, 64  # variances of the kinds
LEVELS = (0.02, 0.1, 0.3, 1.0)
RECIPE = Recipe(steps=120, batch=512, rate=4e-3, width=32, low=0.01, high=20.0)


def white(count: int, variance: float, seed: int) -> np.ndarray:
    z = np.random.default_rng(seed).standard_normal((count, 1, 8, 8))
    return (z * variance**0.5).astype(np.float32)


def stream(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def fold(variances: tuple[float, float], count: int, seed: int) -> Fold:
    """Clean and imperfect images of these variances, and as many again, of either kind, held."""
    basis = Basis.of(white(2000, V, 1), (8, 8), "cpu")
    kinds = [white(count, v, seed + k) for k, v in enumerate(variances * 2)]
    return Fold(*(View(images, basis) for images in kinds))


def fresh(variance: float, seed: int, count: int = 3000) -> torch.Tensor:
    """Modes [1, n, d] of new images: those of white images are white."""
    return torch.from_numpy(white(count, variance, seed)).flatten(1)[None]


@pytest.mark.parametrize("variances", [(V, U), (U, V)], ids=["wider", "narrower"])
def test_no_better_than_bayes_and_not_much_worse(variances) -> None:
    """On new images, within 0.05 of its accuracy (1 + TV) / 2 below and 4 standard errors above."""
    made = fit([fold(variances, 1500, 10)], RECIPE, stream(0))
    told = [made.probabilities(fresh(v, 90 + k), LEVELS, 1, stream(k))[:, 0]
            for k, v in enumerate(variances)]  # fmt: skip
    right = np.stack([told[0][1], 1 - told[1][1]])  # [2, n, levels]
    accuracy, error = right.mean((0, 1)), np.sqrt(right.var(1).sum(0) / right.shape[1]) / 2
    bayes = [(1 + total_variation(V + s**2, U + s**2, MODES)) / 2 for s in LEVELS]
    assert (accuracy < bayes + 4 * error).all()
    assert (accuracy > bayes - np.float64(0.05) - 4 * error).all()
    assert bayes[0] > 0.95  # so that a classifier that says nothing would fail
    # Calibrated: p / (p + q) has the mean 1/2 over draws of both kinds.
    assert np.abs((told[0][0].mean(0) + told[1][0].mean(0)) / 2 - 0.5).max() < 0.05


def test_one_law_is_not_told_from_itself() -> None:
    made = fit([fold((V, V), 1500, 20)], RECIPE, stream(0))
    for seed in (1, 2):
        clear = made.probabilities(fresh(V, seed), LEVELS, 1, stream(seed))[0]
        assert np.abs(clear - 0.5).mean() < 0.05


def test_what_is_learned_by_heart_is_not_kept() -> None:
    """Twelve images of a kind, of one law: the looks at held-out images leave no opinion to speak
    of, where the last weights are sure of themselves."""
    recipe = Recipe(200, 64, 1e-2, 64, 0.01, 0.02)
    few = fold((V, V), 12, 30)
    few = Fold(few.clean, few.imperfect, *(View(white(500, V, s), few.clean.basis) for s in (1, 2)))
    new = torch.cat([fresh(V, 3, 300), few.clean.whole[None], few.imperfect.whole[None]], 1)
    kept = fit([few], recipe, stream(0)).probabilities(new, [0.01], 1, stream(1))[0, 0, :, 0]
    assert np.abs(kept[:300] - 0.5).max() < 0.2
    swapped = Fold(few.clean, few.imperfect, few.clean, few.imperfect)  # judged on what it learned
    sure = fit([swapped], recipe, stream(0)).probabilities(new, [0.01], 1, stream(1))[0, 0, :, 0]
    assert sure[300:312].mean() > 0.9
    assert sure[312:].mean() < 0.1


def test_each_copy_learns_its_own_fold() -> None:
    one = fold((V, U), 800, 40)
    other = Fold(one.imperfect, one.clean, one.held_imperfect, one.held_clean)
    made = fit([one, other], RECIPE, stream(0))
    modes = torch.cat([fresh(V, 5)] * 2)
    clear = made.probabilities(modes, [0.02], 1, stream(1))[0, :, :, 0].mean(1)
    assert clear[0] > 0.75
    assert clear[1] < 0.25


def test_before_the_training_there_is_no_opinion() -> None:
    made = Discriminator(Network(MODES, 16, [stream(0)]), torch.ones(MODES))
    found = made.probabilities(fresh(V, 1, 9), LEVELS, 3, stream(1))
    assert (found[0] == 0.5).all()
    assert (found[1] == 0).all()  # "more likely clean" is not "as likely"


def test_a_forward_pass_costs_what_it_says() -> None:
    network = Network(MODES, 24, [stream(0), stream(1)])
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.zeros(2, 7, MODES), torch.zeros(2, 7))
    assert counter.get_total_flops() == 2 * 7 * Network.flops(MODES, 24)


@pytest.mark.parametrize("steps", [1, 3, 8])
def test_a_training_costs_what_it_says(steps) -> None:
    """But for the two layers that hand no gradient on: what they see is data."""
    recipe = Recipe(steps, 64, 4e-3, 16, 0.01, 20.0)
    two = [fold((V, U), 50, 60)] * 2
    with FlopCounterMode(display=False) as counter:
        fit(two, recipe, stream(0))
    unasked = 2 * steps * recipe.batch * 2 * recipe.width * 2 * (MODES + FEATURES)
    assert counter.get_total_flops() == recipe.flops(MODES, copies=2) - unasked


def test_a_shared_draw_is_one_for_all_images() -> None:
    made = fit([fold((V, U), 200, 70)], Recipe(20, 64, 4e-3, 16, 0.1, 0.2), stream(0))
    same = fresh(V, 1, 1).expand(1, 6, MODES)
    shared = made.probabilities(same, [0.1, 0.2], 2, stream(1), True)[0, 0]
    own = made.probabilities(same, [0.1, 0.2], 2, stream(1), False)[0, 0]
    assert np.ptp(shared, axis=0).max() < 1e-6 < np.ptp(own, axis=0).min()


def test_the_pieces_do_not_show(monkeypatch) -> None:
    made = fit([fold((V, U), 200, 70)], Recipe(20, 64, 4e-3, 16, 0.1, 0.2), stream(0))
    modes = fresh(V, 1, 50)
    whole = made.probabilities(modes, [0.1, 0.2], 2, stream(1), True)
    monkeypatch.setattr(discriminator, "PIECE", 7)
    assert made.probabilities(modes, [0.1, 0.2], 2, stream(1), True) == pytest.approx(
        whole, abs=1e-6
    )


def test_the_noise_of_a_batch_has_one_level_a_stratum_and_is_that_of_the_kinds() -> None:
    """The place of ln sigma in its stratum is uniform, and both kinds are drawn."""
    one = fold((V, U), 100, 80)
    batches = [discriminator._batch([one], 8, RECIPE, stream(s)) for s in range(400)]
    sigma = torch.stack([each[2][0] for each in batches]).numpy()  # [400, 8]
    place = np.log(sigma / 0.01) / np.log(2000) * 8
    assert (np.floor(place) == np.arange(8)).all()
    within = (place % 1).ravel()
    assert abs(within.mean() - 0.5) < 4 / np.sqrt(12 * within.size)
    assert abs((within**2).mean() - 1 / 3) < 4 * np.sqrt(4 / 45 / within.size)
    for kind, variance in ((0, V), (1, U)):
        seen = torch.stack([each[kind] for each in batches]).var().item()
        assert seen == pytest.approx(variance, rel=4 * np.sqrt(2 / (100 * MODES)))


def test_all_that_is_drawn_comes_from_the_generator_and_nothing_is_left_behind() -> None:
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    recipe = Recipe(10, 64, 4e-3, 16, 0.01, 20.0)
    found = [
        fit([fold((V, U), 50, 90)], recipe, stream(s)).network.inward.weight for s in (1, 1, 2)
    ]
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads
