"""The papers' networks, counted: papers and their code print the parameters, and some the size of
a pass."""

import pytest

from harness.run.counts import Count, _affine, _block, ddpmpp, dit, latent
from harness.run.papers import SETTINGS, listing


def test_parameters_are_those_that_edm_prints() -> None:
    """Karras et al. 2022, table 7: 55.7 million on CIFAR-10, 61.8 on FFHQ and AFHQ at 64 pixels."""
    assert round(ddpmpp(32, (2, 2, 2)).parameters / 1e6, 1) == 55.7
    assert round(ddpmpp(64, (1, 2, 2, 2)).parameters / 1e6, 1) == 61.8


def test_latent_unets_have_the_parameters_that_their_code_prints() -> None:
    """LDM-4 of ImageNet 400.92 million, Stable Diffusion 859.52 million."""
    ldm = latent(64, 192, (1, 2, 3, 5), (1, 2, 3), context=512, length=1, colours=3)
    assert round(ldm.parameters / 1e6, 2) == 400.92
    stable = latent(64, 320, (1, 2, 4, 4), (0, 1, 2), context=768, length=77, colours=4)
    assert round(stable.parameters / 1e6, 2) == 859.52


def test_dit_has_the_parameters_and_operations_that_peebles_and_xie_print() -> None:
    """Tables 1 and 4: 675 million; 118.6 G multiply-adds, two operations each; B/2 130 and 23.0."""
    large = dit(32, 2, 1152, 28, 4, 1000)
    assert (round(large.parameters / 1e6), round(large.flops / 2e9, 1)) == (675, 118.6)
    base = dit(32, 2, 768, 12, 4, 1000)
    assert (round(base.parameters / 1e6), round(base.flops / 2e9, 1)) == (130, 23.0)


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


def test_what_a_paper_does_not_state_is_a_question_mark_and_no_number() -> None:
    line = next(line for line in listing().splitlines() if line.startswith("LCM"))
    assert line.split()[-5:] == ["?", "?", "?", "23.59,", "22.91"]


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
