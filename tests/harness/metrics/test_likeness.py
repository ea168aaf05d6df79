"""A restoration is compared in the chosen pixels, and with that of a model that never saw it."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from torch import Tensor

from harness.cell import part
from harness.metrics.attack import Attack
from harness.metrics.likeness import likeness, reconstruct, relative, restorations


def test_likeness_is_of_the_chosen_pixels_less_their_mean() -> None:
    where = torch.tensor([[[True, True, False], [True, False, False]]])
    images = torch.tensor([0.0, 1.0, 9.0, 2.0, 9.0, 9.0]).view(1, 1, 1, 2, 3)
    restored = torch.tensor([5.0, 7.0, 1.0, 3.0, 2.0, 3.0]).view(1, 1, 1, 2, 3)
    got = likeness(restored, images, where)
    assert got.error == pytest.approx((25 + 36 + 1) / 3)
    assert got.cosine == pytest.approx(np.corrcoef([5, 7, 3], [0, 1, 2])[0, 1])
    flat = torch.full_like(images, 0.1)
    flat[..., 0, 0] += 1e-7  # the rounding of a picture
    assert likeness(flat, images, where).cosine.item() == 0
    assert likeness(images, flat, where).cosine.item() == 0


def test_the_next_copy_is_asked_for_the_difficulty_under_the_same_noise() -> None:
    """Copy k multiplies by its own factor; the one after the last is the first."""
    factors = torch.tensor([0.2, 0.5, 0.9])
    images = torch.randn(3, 6, 1, 2, 2, generator=torch.Generator().manual_seed(9))
    asked = Attack(levels=(1.0,), inpainter=part("repaint", steps=3))

    def denoise(x: Tensor, sigma: Tensor, by: Tensor = factors) -> Tensor:
        return by[:, None, None, None, None] * x

    def streams() -> list[torch.Generator]:
        return [torch.Generator().manual_seed(seed) for seed in (4, 5, 6)]

    got = restorations(asked, denoise, images, streams)
    own = reconstruct(asked, denoise, images, streams())
    turned = partial(denoise, by=factors[[1, 2, 0]])
    other = reconstruct(asked, turned, images, streams())
    for place in asked.places:
        a, b = own[place].error, other[place].error
        assert (got[place].error == a).all()
        assert got[place].relative == pytest.approx(a / (a + b), rel=1e-5)
    for less in (replace(asked, calibrated=False), asked):
        one = slice(None) if less != asked else slice(1)
        found = restorations(less, partial(denoise, by=factors[one]), images[one], streams)
        assert found["box"].relative is None


def test_the_relative_error_has_a_value_for_two_perfect_restorations() -> None:
    error, difficulty = np.array([[0.0, 1.0, 0.0, np.nan]]), np.array([[0.0, 3.0, 2.0, 1.0]])
    assert relative(error, difficulty)[0, :3].tolist() == [0.5, 0.25, 0]
    assert np.isnan(relative(error, difficulty)[0, 3])
