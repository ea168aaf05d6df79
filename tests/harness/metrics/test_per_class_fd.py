"""Per-class FD against matrix roots, and its bias against the expansion on its page."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from harness.metrics import by_class
from harness.metrics.features import Features
from harness.metrics.per_class_fd import PER_CLASS_FD
from harness.streams import numpy_generator

NONE = numpy_generator("test", 0, "none")


def sets(n: int, m: int, d: int, seed: int) -> tuple[Features, Features]:
    """Two classes in either set; of one law, whose axes have unlike scales."""
    draw = numpy_generator("test", seed, "per class")
    scale = np.linspace(0.5, 1.5, d)
    sides = []
    for each in (n, m):
        labels = np.arange(2 * each) % 2
        sides.append(Features(scale * draw.normal(size=(2 * each, d)), labels=labels))
    return sides[0], sides[1]


@pytest.mark.parametrize(("n", "m", "d"), [(40, 60, 5), (6, 40, 12), (40, 6, 12), (5, 7, 12)])
def test_it_is_the_weighted_mean_of_the_formula_with_a_matrix_root(n: int, m: int, d: int) -> None:
    """With fewer images than features on one side or on both, too: no shrinkage, no ridge."""
    a, b = sets(n, m, d, 1)
    b = Features(b.rows + 0.4, labels=np.where(np.arange(2 * m) < m // 2, 0, 1))
    expected = 0.0
    for k in (0, 1):
        x, y = a.rows[a.labels == k], b.rows[b.labels == k]
        root = np.real(sqrtm(np.cov(x.T) @ np.cov(y.T) + 0j))
        shift = x.mean(0) - y.mean(0)
        distance = shift @ shift + np.trace(np.cov(x.T) + np.cov(y.T) - 2 * root)
        expected += (b.labels == k).mean() * distance
    # a root of a singular product is good to the root of its rounding
    assert PER_CLASS_FD(a, b, NONE).value == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("n", "m", "d"), [(150, 400, 2), (400, 400, 4)])
def test_its_bias_is_that_of_the_page(
    n: int, m: int, d: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of equal laws, over 400 draws, to less than what the diagonal's larger variance adds; the
    next order is some d / n of the whole."""
    monkeypatch.setattr(by_class, "DRAWS", 2)  # the errors, which nothing here asks for, take time
    draws = 400
    found = [PER_CLASS_FD(*sets(n, m, d, i), NONE).value for i in range(draws)]
    s = np.linspace(0.5, 1.5, d) ** 2
    pairs = s[:, None] * s / (2 * (s[:, None] + s))
    bias = (1 / n + 1 / m) * (1.25 * s.sum() + pairs.sum())
    error = np.std(found, ddof=1) / np.sqrt(draws)
    allowed = 3 * error + bias * d / min(n, m)
    assert abs(np.mean(found) - bias) < allowed < (1 / n + 1 / m) * s.sum() / 4
