"""How a law of an effect is told to continue beyond the sizes that it is fitted to."""

import numpy as np
import pytest

from harness.claims.claim import Claim
from harness.claims.curve import Curve, Values, drawn
from harness.claims.decide import decide_all
from harness.claims.fitted import Exponent

SIZES = (10, 20, 40, 80, 160, 320)
RULE = Exponent(Curve("loss", "images", "gated", "clean"), 0.75, 1.25)


def told(rows, effect, add: float = 1e-5):
    g = np.random.default_rng(0)
    made = [
        row
        for n in SIZES
        for arm, law in (("clean", 0.0), ("gated", effect(n)))
        for row in rows(arm, 1 + law + add * (arm != "clean") * g.normal(size=5), images=n)
    ]
    return decide_all([Claim("c", "x", "y", "s", RULE, "here")], made)[0]


def test_its_error_is_a_share_of_the_effect_at_the_smallest_and_at_the_largest_size(rows) -> None:
    """-2/n at every size but the last, where it is +1/320: the law says -2/320, which is 3/320 off,
    a small share of the effect at 10 and three times the effect there."""
    found = told(rows, lambda n: (-2 if n < 320 else 1) / n)
    assert found.numbers["held_out_error"] == pytest.approx(3 / 320 / 0.2, rel=0.01)
    assert found.numbers["held_out_error_there"] == pytest.approx(3, rel=0.02)
    for words in ("4.7 % of the effect at the smallest size and ", " % of that at the largest (",
                  "says -0.0062", "where +0.0031", "was measured at 320)"):  # fmt: skip
        assert words in found.reason


def test_of_a_law_that_continues_both_shares_are_small(rows) -> None:
    found = told(rows, lambda n: -2 / n)
    assert found.numbers["held_out_error"] < 0.001
    assert found.numbers["held_out_error_there"] < 0.01


def test_draws_of_an_effect_that_follow_no_law_have_no_number() -> None:
    """Runs that differ by far more than the effect: some means follow no power of the size."""
    noise = np.random.default_rng(0).normal(size=(5, len(SIZES)))
    values = Values(np.array(SIZES, float), -0.3 / np.array(SIZES) + 0.2 * noise)
    found = drawn(RULE.curve, values, "power", 500)
    alpha = found.theta[:, 0]
    assert 0 < np.isnan(alpha).sum() == 500 - found.ended
    inside = alpha[~np.isnan(alpha)]
    assert -2 < inside.min() <= inside.max() < 6
