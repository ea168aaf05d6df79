"""The papers' network, counted: EDM prints its parameters, and its passes are of known size."""

import pytest

from harness.run.papers import SETTINGS, Count, _affine, _block, ddpmpp, listing


def test_parameters_are_those_that_edm_prints() -> None:
    """Karras et al. 2022, table 7: 55.7 million on CIFAR-10, 61.8 on FFHQ and AFHQ at 64 pixels."""
    assert round(ddpmpp(32, (2, 2, 2)).parameters / 1e6, 1) == 55.7
    assert round(ddpmpp(64, (1, 2, 2, 2)).parameters / 1e6, 1) == 61.8


def test_a_forward_pass_is_42_gflop_at_32_pixels() -> None:
    """As measured on EDM's own code by counting products."""
    assert round(ddpmpp(32, (2, 2, 2)).flops / 1e9, 1) == 42.4


def test_a_block_by_hand() -> None:
    assert _affine(3, 5, places=4, kernel=3) == Count(3 * 5 * 9 + 5, 2 * 3 * 5 * 9 * 4)
    plain = _block(4, 4, 2)
    assert plain.parameters == 2 * 8 + 2 * (4 * 4 * 9 + 4) + 512 * 4 + 4
    assert plain.flops == 2 * (2 * 4 * 4 * 9 * 4) + 2 * 512 * 4
    wider = _block(2, 4, 2)
    assert wider.parameters == 2 * 6 + (2 * 4 * 9 + 4) + (4 * 4 * 9 + 4) + 512 * 4 + 4 + (8 + 4)
    assert _block(4, 4, 2, moved=True).parameters - plain.parameters == 4 * 4 + 4
    attends = _block(4, 4, 2, attends=True)
    assert attends.parameters - plain.parameters == 8 + (4 * 12 + 12) + (4 * 4 + 4)
    products = 2 * 4 * 12 * 4 + 2 * 4 * 4 * 4 + 2 * (2 * 4 * 4 * 4)  # maps, then two of 4 x 4
    assert attends.flops - plain.flops == products


@pytest.mark.parametrize(
    ("name", "million", "training"), [("CIFAR-10", 200, 2.54e19), ("FFHQ-64", 100, 2.51e19),
                                      ("AFHQ-64", 40, 1.00e19)]
)  # fmt: skip
def test_the_bill_is_three_passes_an_image(name: str, million: int, training: float) -> None:
    (found,) = [each for each in SETTINGS if each.name.startswith(name)]
    assert found.million == million
    assert found.training == 3 * million * 1e6 * found.network.flops
    assert found.training == pytest.approx(training, rel=5e-3)
    assert found.sampling == 35 * found.samples * found.network.flops
    assert name in listing()
