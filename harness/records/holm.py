"""Holm's step-down adjustment (Holm 1979, Scand. J. Statist. 6:65, section 3).

Of m tests, with the p-values in ascending order p_(1) <= ... <= p_(m), the adjusted value is

    p'_(i) = min(1, max_{j <= i} (m - j + 1) p_(j)).

Rejecting what has p' < alpha keeps the chance of one or more false rejections among all m tests
at alpha or below, whatever the dependence between them and whichever of them are true.
"""

from collections.abc import Sequence


def holm(p: Sequence[float], tests: int | None = None) -> list[float]:
    """The adjusted p-values, in the order given.

    tests: the size of the family, where it counts tests that gave no p-value too (they then count
    as p = 1); the number of p-values by default.
    """
    m = len(p) if tests is None else tests
    if m < len(p):
        raise ValueError(f"asked for a family of {m} tests; got {len(p)}; count every test")
    adjusted = [0.0] * len(p)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p)), key=lambda index: p[index])):
        largest = max(largest, min(1.0, (m - rank) * p[index]))
        adjusted[index] = largest
    return adjusted
