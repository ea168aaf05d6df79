"""Holm's adjustment against its definition, step by step, and its family-wise rate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.records.holm import holm


def _rejected(p: list[float], alpha: float) -> set[int]:
    """Holm's procedure as he wrote it: reject from the smallest on, until one is too large."""
    m, out = len(p), set()
    for rank, index in enumerate(np.argsort(p, kind="stable")):
        if p[index] > alpha / (m - rank):
            break
        out.add(int(index))
    return out


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.floats(0, 1), max_size=8), st.floats(0.001, 0.999))
def test_adjusted_values_reject_what_the_procedure_rejects(p: list[float], alpha: float) -> None:
    adjusted = holm(p)
    near = any(abs(a - alpha) < 1e-12 for a in adjusted)  # rounding decides a tie
    assert near or {i for i, a in enumerate(adjusted) if a <= alpha} == _rejected(p, alpha)


def test_tests_that_gave_no_value_count_as_one() -> None:
    p = [0.01, 0.03, 0.2]
    assert holm(p, tests=5) == holm([*p, 1.0, 1.0])[:3]
    assert holm([]) == []
    with pytest.raises(ValueError, match="family of 2"):
        holm(p, tests=2)


def test_the_family_wise_rate_is_at_most_the_level() -> None:
    generator = np.random.default_rng(7)
    trials, m = 4000, 5
    p = generator.uniform(size=(trials, m))
    p[:, 3:] *= 1e-6  # two of five hypotheses are false, and always found
    false = np.mean([min(holm(list(row))[:3]) < 0.05 for row in p])
    exact = 1 - (1 - 0.05 / 3) ** 3  # three true ones, independent
    assert abs(false - exact) < 4 * np.sqrt(exact * (1 - exact) / trials)
    assert exact < 0.05
