"""What a claim of several parts comes to."""

from itertools import product
from typing import get_args

from harness.claims.verdict import Outcome, every


def test_a_claim_that_needs_all_of_its_parts_is_seen_if_all_are_and_reversed_if_one_is() -> None:
    for parts in product(get_args(Outcome), repeat=3):
        expected = "seen" if set(parts) == {"seen"} else "unresolved"
        assert every(parts) == ("reversed" if "reversed" in parts else expected)
    assert every([]) == "unresolved"
