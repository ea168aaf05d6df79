"""Intervals over draws of which some have no number."""

import numpy as np
import pytest

from harness.claims.drawn import Drawn
from harness.scaling.bootstrap import Replicates

VALUES = np.random.default_rng(0).normal(size=2000)


def test_with_a_number_in_every_draw_it_is_the_interval_of_the_bootstrap() -> None:
    found = Drawn.of(VALUES, 15)
    assert (found.low, found.high) == Replicates(VALUES[:, None], 2000, 15).interval(VALUES)
    assert found.words == f"bootstrap of runs {found.low:.3g} to {found.high:.3g}"
    assert set(found.numbers) == {"bootstrap_low", "bootstrap_high"}


def test_few_draws_without_a_number_widen_it_on_both_sides() -> None:
    """At 15 degrees of freedom 33 of 2,000 draws lie outside on a side: half of 20 is fewer."""
    some = VALUES.copy()
    some[:20] = np.nan
    found, whole = Drawn.of(some, 15), Drawn.of(VALUES[20:], 15)
    assert found.low is not None
    assert found.high is not None
    assert whole.low is not None
    assert whole.high is not None
    assert found.low < whole.low
    assert found.high > whole.high
    assert found.words.endswith("(20 of 2000 draws had none)")
    assert found.numbers["draws_without"] == 20


def test_where_an_end_falls_among_them_it_is_open_and_no_number() -> None:
    some = VALUES.copy()
    some[:200] = np.nan
    found = Drawn.of(some, 15)
    assert found.words == "bootstrap of runs open to open (200 of 2000 draws had none)"
    assert found.numbers == {
        "bootstrap_low": None, "bootstrap_high": None, "draws_without": 200
    }  # fmt: skip
    assert Drawn.of(np.full(10, np.nan), 3).low is None


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("lost", [0, 1, 2, 65, 66, 67, 68, 1999, 2000])
def test_no_number_of_draws_makes_an_end_that_is_infinite(lost) -> None:
    some = VALUES.copy()
    some[:lost] = np.nan
    found = Drawn.of(some, 15)
    assert all(end is None or np.isfinite(end) for end in (found.low, found.high))
    assert found.without == lost
