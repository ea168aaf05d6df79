"""Points that follow no law: a comparison ends with numbers or None, and never with a warning."""

import numpy as np
import pytest

from harness.scaling.choice import compare
from harness.scaling.points import Points


@pytest.mark.parametrize("seed", range(5))
def test_points_without_a_law_are_fitted_without_a_fault(seed) -> None:
    """Noise, a rising loss, a step, huge units: numbers or None, never a warning."""
    rng = np.random.default_rng(seed)
    x = np.geomspace(1e3, 1e9, 7)
    y = [
        np.exp(rng.standard_normal(7)),
        x**0.3,
        np.where(x > 1e6, 1.0, 1e3),
        1e200 / x,
        1 + 1e-9 * rng.standard_normal(7),
    ][seed]
    found = compare(Points.of(x, y), count=100)
    assert set(found.rows) == {"power_with_floor", "power", "broken_power", "exponential"}
    assert found.chosen in found.rows
    for row in found.rows.values():
        assert np.isfinite(row.correlation).all()
        assert np.isfinite(row.fit.total)
