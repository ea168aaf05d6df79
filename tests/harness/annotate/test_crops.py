"""Crops see crops; the level is the reach of the largest that look clean, by conditioning."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from harness.annotate import discriminator
from harness.annotate.case import Case
from harness.annotate.crops import Crops
from harness.annotate.discriminator import Fold
from harness.annotate.parameter import TOP
from harness.annotate.reach import reaches
from harness.cell import part
from harness.nets.dct import dct_matrix
from harness.problem import Problem

SMALL = Crops(steps=60, width=16)


def columns(count: int, seed: int) -> np.ndarray:
    """Images [n, 1, 8, 8] of independent columns, each a chain of correlation 0.9 downwards."""
    z = np.random.default_rng(seed).standard_normal((count, 1, 8, 8))
    for row in range(1, 8):
        z[:, :, row] = 0.9 * z[:, :, row - 1] + 0.19**0.5 * z[:, :, row]
    return (0.3 * z).astype(np.float32)


def twice(count: int, seed: int) -> np.ndarray:
    """The left half comes again as the right: crops up to 4 wide have the law of ``columns``."""
    images = columns(count, seed)
    images[..., 4:] = images[..., :4]
    return images


def case(imperfect: np.ndarray, count: int = 600, seed: int = 0) -> Case:
    return Case(columns(count, 50 + seed), imperfect, np.random.default_rng(seed))


def true_reach(clean: np.ndarray, size: int) -> float:
    from harness.annotate.spectral import colour_axes, power

    powers = power(clean, colour_axes(clean)).reshape(clean.shape[1:])
    return reaches(powers, [size], 0.02)[0]


def test_another_arrangement_of_the_same_crops_is_used_at_low_noise() -> None:
    """Nearly all have the reach of the largest size, four pixels: above 0, and below the top."""
    given = case(twice(600, 1))
    levels, rows = SMALL.explained(given)
    reach = true_reach(given.clean, 4)
    assert 0.01 < reach < TOP
    assert (levels[:, 1] == np.float32(reach)).mean() > 0.9
    assert np.isinf(levels[:, 0]).all()
    found = {row["metric"]: row["value"] for row in rows}
    assert [found[f"crop_reach/{k}"] for k in (1, 2, 4)] == sorted(
        found[f"crop_reach/{k}"] for k in (1, 2, 4)
    )
    assert found["crop_share/4"] == (levels[:, 1] == np.float32(reach)).mean()
    assert abs(found["crop_clean_probability/4"] - 0.5) < 0.05


def test_images_whose_smallest_crops_differ_are_used_at_no_noise() -> None:
    levels = SMALL(case(20 * columns(600, 1)))
    assert (levels[:, 1] == 0).mean() > 0.9


def test_each_image_is_judged_by_itself() -> None:
    """Every third is of another law; no classifier of either half mistakes it for its neighbour."""
    imperfect = columns(601, 1)
    imperfect[::3] *= 20
    sigma_max = SMALL(case(imperfect, seed=1))[:, 1]
    other = np.arange(601) % 3 == 0
    assert (sigma_max[other] == 0).mean() > 0.9
    assert (sigma_max[~other] > 0).mean() > 0.9


@pytest.mark.parametrize("count", [8, 9])
def test_no_image_is_judged_by_a_classifier_that_learned_from_it(monkeypatch, count) -> None:
    """A classifier that knows by heart what it learned from, and takes all else for clean."""

    class ByHeart:
        def __init__(self, folds: Sequence[Fold]) -> None:
            self.folds = folds

        def probabilities(self, modes: Tensor, *_: object) -> np.ndarray:  # [2, m, d]
            learned = [torch.cdist(m, f.imperfect.whole) < 1e-3 for m, f in zip(modes, self.folds)]
            found = torch.stack([1 - each.any(1).double() for each in learned])
            assert (found.shape[0], modes.shape[0]) == (2, 2)
            return found.numpy()[None, :, :, None]

    monkeypatch.setattr(discriminator, "fit", lambda folds, recipe, generator: ByHeart(folds))
    levels = replace(SMALL, sizes=(8,))(case(columns(count, 1), 9))
    assert (levels[:, 1] == TOP).all()


@pytest.mark.parametrize(
    ("probabilities", "size"),
    [
        ((0.5, 0.5, 0.5), 4),
        ((0.5, 0.5, 0.1), 2),
        ((0.5, 0.1, 0.5), 1),  # a larger crop cannot be admitted past a smaller
        ((0.1, 0.5, 0.5), 0),
        ((0.5, 0.25, 0.5), 1),  # a tie does not pass
        ((0.1, 0.1, 0.1), 0),
    ],
    ids=str,
)
def test_all_smaller_crops_must_pass(monkeypatch, probabilities, size) -> None:
    given = dict(zip((1, 2, 4), probabilities))
    monkeypatch.setattr(
        Crops, "_probabilities", lambda self, case, size, seed: np.full(7, given[size])
    )
    made = case(columns(7, 1))
    expected = true_reach(made.clean, size) if size else 0.0
    levels, rows = SMALL.explained(made)
    assert (levels[:, 1] == np.float32(expected)).all()
    shares = {row["metric"]: row["value"] for row in rows if "share" in row["metric"]}
    assert shares == {f"crop_share/{k}": float(k == size) for k in (1, 2, 4)}


def test_from_above_is_another_annotators_and_costs_as_much_more() -> None:
    tiny = Crops(steps=1, width=2, sizes=(1,))
    donut = replace(tiny, from_above=part("fixed", sigma_min=0.4))
    assert (donut(case(columns(8, 1)))[:, 0] == np.float32(0.4)).all()
    more = replace(tiny, from_above=part("spectral")).flops((1, 8, 8), 9, 7)
    from harness.annotate.spectral import Spectral

    own = tiny.flops((1, 8, 8), 9, 7)
    assert more == own + Spectral().flops((1, 8, 8), 9, 7) > own


def test_sizes_are_the_powers_of_two_up_to_half_the_image_or_as_given() -> None:
    def sizes(made: Crops, side: int) -> list[str]:
        images = np.random.default_rng(side).standard_normal((8, 1, side, side + 1))
        images = images.astype(np.float32)
        rows = made.explained(Case(images, images, np.random.default_rng(0)))[1]
        return [row["metric"].split("/")[1] for row in rows if "reach" in row["metric"]]

    tiny = Crops(steps=1, width=2)
    assert sizes(tiny, 8) == ["1", "2", "4"]
    assert sizes(tiny, 7) == ["1", "2"]
    assert sizes(replace(tiny, sizes=(3, 1, 3)), 7) == ["1", "3"]
    with pytest.raises(Problem, match="give sizes of at most 7 pixels"):
        sizes(replace(tiny, sizes=(8,)), 7)


@pytest.mark.parametrize("few", ["clean", "imperfect"])
def test_too_few_images_are_refused(few) -> None:
    tiny, enough = Crops(steps=1, width=2, sizes=(1,)), case(columns(4, 1), 4)
    assert tiny(enough).shape == (4, 2)
    with pytest.raises(Problem, match="give at least 4 of each"):
        tiny(replace(enough, **{few: columns(3, 1)}))


def spectrum(height: int, width: int, slope: float = 2.0) -> np.ndarray:
    """Powers [2, H, W] that fall with frequency, two colours."""
    radius = np.add.outer(np.arange(height) ** 2 / height**2, np.arange(width) ** 2 / width**2)
    power = 1 / (0.02 + radius) ** (slope / 2)
    return np.stack([power, 0.1 * power**0.5])


def conditional(powers: np.ndarray, size: int, sigma: float) -> float:
    """Posterior variance of the centre pixel given its noisy window, by conditioning."""
    shape, total = powers.shape[1:], 0.0
    modes = np.kron(dct_matrix(shape[0]), dct_matrix(shape[1]))
    centre = [(side - 1) // 2 for side in shape]
    spans = []
    for c, side in zip(centre, shape):
        start = c - (size - 1) // 2 if side % 2 == 0 else c - size // 2
        spans.append([i for i in range(start, start + size) if 0 <= i < side])
    window = [i * shape[1] + j for i in spans[0] for j in spans[1]]
    t = centre[0] * shape[1] + centre[1]
    for power in powers:
        k = modes.T @ np.diag(power.ravel()) @ modes
        seen = k[np.ix_(window, window)] + sigma**2 * np.eye(len(window))
        total += k[t, t] - k[t, window] @ np.linalg.solve(seen, k[window, t])
    return total


@pytest.mark.parametrize("shape", [(8, 8), (7, 7), (6, 9)], ids=str)
@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_at_its_reach_a_window_errs_by_delta_more_than_the_image_and_below_by_less(
    shape, size
) -> None:
    powers = spectrum(*shape)
    (reach,) = reaches(powers, [size], 0.02)

    def excess(sigma: float) -> float:
        return conditional(powers, size, sigma) / conditional(powers, max(shape) * 2, sigma) - 1

    assert 0 < reach < TOP
    assert excess(reach) == pytest.approx(0.02, rel=1e-3)
    assert max(excess(reach * share) for share in (0.9, 0.5, 0.1)) < 0.02


def test_larger_windows_reach_further_and_the_image_to_the_top() -> None:
    found = reaches(spectrum(8, 8), [1, 2, 4, 6, 8], 0.02)
    assert found == sorted(found)
    assert found[-1] == TOP
    assert reaches(spectrum(8, 8), [2], 0.1)[0] > found[1]


def test_in_white_noise_no_pixel_tells_of_another() -> None:
    assert reaches(np.ones((1, 8, 8)), [1, 2], 0.02) == [TOP, TOP]


def test_the_reach_has_the_units_of_the_images() -> None:
    one, three = (reaches(k * spectrum(8, 8), [2], 0.02)[0] for k in (1, 9))
    assert three == pytest.approx(3 * one, rel=1e-3)
