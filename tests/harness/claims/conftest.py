"""Synthetic studies: rows with the values that a test names."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from harness.records.record import Record, measured

Rows = Callable[..., list[Record]]


@pytest.fixture
def rows() -> Rows:
    """rows(arm, values, metric, **params): one row a replicate; NaN becomes a diverged row."""

    def make(
        arm: str, values: Sequence[float], metric: str = "loss", study: str = "s", **params: Any
    ) -> list[Record]:
        return [
            measured(
                float(value),
                study=study,
                cell_id=f"{arm} {sorted(params.items())}",
                params={"arm": arm, **params},
                replicate=replicate,
                metric=metric,
                unit="nats",
                tier="tolerance",
            )
            for replicate, value in enumerate(values)
        ]

    return make


@pytest.fixture
def law() -> Rows:
    """law(metric, values, errors): one exact row a cell, or a Monte Carlo one with its error."""

    def make(
        metric: str, values: Sequence[float], errors: Sequence[float] | None = None
    ) -> list[Record]:
        return [
            measured(
                float(value),
                None if errors is None else float(errors[cell]),
                study="s",
                cell_id=f"{cell:04}",
                params={"cell": cell},
                metric=metric,
                unit="",
                tier="exact" if errors is None else "tolerance",
            )
            for cell, value in enumerate(values)
        ]

    return make
