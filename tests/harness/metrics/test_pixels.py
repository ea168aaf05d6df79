import numpy as np
import pytest

from harness.data.images import from_levels
from harness.metrics.pixels import Pixels
from harness.problem import Problem


def test_a_level_is_itself_over_255_in_the_order_of_channels_rows_columns() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(4, 1, 8, 8)
    rows = Pixels.fit(from_levels(levels))(from_levels(levels)).rows
    assert rows.dtype == np.float32
    assert np.abs(rows - np.arange(256).reshape(4, 64) / 255).max() < 1e-7
    assert rows[0, 0] == 0
    assert rows[3, 63] == 1
    colour = np.linspace(-1, 1, 3 * 2 * 5).reshape(1, 3, 2, 5)
    rows = Pixels.fit(colour)(colour).rows
    assert np.abs(rows[0] - np.linspace(0, 1, 30)).max() < 1e-7


def test_only_the_shape_of_the_reference_counts() -> None:
    x = np.linspace(-1, 1, 90, dtype=np.float32).reshape(3, 1, 5, 6)
    assert Pixels.fit(x).hash == Pixels.fit(-x[:1]).hash
    assert Pixels.fit(x).hash != Pixels.fit(x.reshape(3, 1, 6, 5)).hash
    assert Pixels.fit(x).side is None
    assert Pixels.fit(x[..., :5]).side == 5
    with pytest.raises(Problem, match="reference has"):
        Pixels.fit(x)(x.reshape(3, 1, 6, 5))
    with pytest.raises(Problem, match="leave them out"):
        Pixels.fit(x, "weights.npz")  # type: ignore[arg-type]
