import numpy as np
import pytest

from harness.metrics.features import Features
from harness.metrics.frechet import FRECHET
from harness.metrics.spatial_frechet import SPATIAL_FD
from harness.problem import Problem
from harness.streams import numpy_generator

NONE = numpy_generator("test", 0, "none")


def mapped(n: int, s: int, seed: int) -> Features:
    draw = numpy_generator("test", seed, "maps")
    return Features(draw.normal(size=(n, 3)), spatial=draw.normal(size=(n, s)) * (1 + 0.1 * seed))


@pytest.mark.parametrize("n", [4, 50], ids=["fewer than features", "more than features"])
def test_it_is_the_distance_of_the_spatial_head_alone(n) -> None:
    a, b = mapped(n, 6, 1), mapped(60, 6, 2)
    got = SPATIAL_FD(a, b, NONE)
    assert got == FRECHET(a.spatial, b.spatial, NONE)
    pooled = Features(np.zeros_like(a.rows), spatial=a.spatial)
    assert SPATIAL_FD(pooled, b, NONE) == got
    assert SPATIAL_FD(a, b, NONE) == got  # from what was kept


def test_a_shift_of_the_spatial_head_gives_its_square() -> None:
    a = mapped(50, 6, 1)
    moved = Features(a.rows, spatial=a.spatial + 0.5)
    assert SPATIAL_FD(moved, a, NONE).value == pytest.approx(6 * 0.25, rel=1e-6)


def test_a_missing_or_wrong_spatial_head_is_refused() -> None:
    good = mapped(5, 4, 1)
    with pytest.raises(Problem, match=r"spatial_fd of samples.*without a spatial head"):
        SPATIAL_FD(good.rows, good, NONE)
    with pytest.raises(Problem, match=r"spatial_fd of a reference.*\(4, 4\)"):
        SPATIAL_FD(good, Features(good.rows, spatial=good.spatial[:4]), NONE)
    with pytest.raises(Problem, match="4 and 3 of them"):
        SPATIAL_FD(good, Features(good.rows, spatial=good.spatial[:, :3]), NONE)
    with pytest.raises(Problem, match="NaN"):
        SPATIAL_FD(good, Features(good.rows, spatial=np.full((5, 4), np.nan)), NONE)
    with pytest.raises(Problem, match="at least 2"):
        SPATIAL_FD(good.take(np.arange(1)), good, NONE)
