"""Per-class W2 against POT, against all permutations, and its floor by the number of images."""

from itertools import permutations

import numpy as np
import ot
import pytest

from harness.metrics import per_class_w2
from harness.metrics.features import Features
from harness.metrics.per_class_w2 import PER_CLASS_W2, wasserstein
from harness.streams import numpy_generator


def stream(name: str = "w2") -> np.random.Generator:
    return numpy_generator("test", 0, name)


def normal(n: int, d: int, seed: int) -> np.ndarray:
    return numpy_generator("test", seed, "w2").normal(size=(n, d))


def test_it_is_the_best_of_all_permutations() -> None:
    a, b = normal(6, 3, 1), normal(6, 3, 2)
    best = min(np.square(a - b[list(turn)]).sum(1).mean() for turn in permutations(range(6)))
    assert wasserstein(Features(a), Features(b)) == pytest.approx(np.sqrt(best), rel=1e-12)


@pytest.mark.parametrize(("n", "d"), [(40, 1), (40, 30), (90, 5)])
def test_it_is_that_of_pot(n: int, d: int) -> None:
    a, b = normal(n, d, 1), 1.5 * normal(n, d, 2)
    square = ot.emd2(np.full(n, 1 / n), np.full(n, 1 / n), ot.dist(a, b, "sqeuclidean"))
    assert wasserstein(Features(a), Features(b)) == pytest.approx(np.sqrt(square), rel=1e-9)


def test_roots_are_averaged_and_not_squares() -> None:
    labels = np.arange(20) % 2
    reference = Features(normal(20, 4, 1), labels=labels)
    shift = np.where(labels == 0, 1.0, 3.0)[:, None] * np.eye(4)[0]
    moved = Features(reference.rows + shift, labels=labels)
    assert PER_CLASS_W2(moved, reference, stream()).value == pytest.approx(2.0, rel=1e-9)


def test_at_most_a_number_of_images_of_a_class_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.arange(60) % 2
    a, b = (Features(normal(60, 2, i), labels=labels) for i in (1, 2))
    whole = PER_CLASS_W2(a, b, stream())
    assert whole.n == 60
    monkeypatch.setattr(per_class_w2, "MOST", 12)
    cut = PER_CLASS_W2(a, b, stream())
    assert cut.n == 24
    assert cut.value > whole.value  # fewer images, a higher floor
    sizes: list[int] = []
    monkeypatch.setattr(
        per_class_w2, "wasserstein", lambda x, y: float(sizes.append(len(x)) or len(y))
    )
    PER_CLASS_W2(a, b, stream())
    assert max(sizes) == 12


@pytest.mark.parametrize("d", [5, 10])
def test_its_floor_falls_as_the_root_of_the_dimension_of_the_number(d: int) -> None:
    """Two sets of one law are n^(-1/d) apart: the fitted rate, with its error over draws."""
    numbers = np.array([25, 50, 100, 200])
    logs = np.array(
        [
            [np.log(wasserstein(*(Features(normal(n, d, 99 * i + s)) for s in (1, 2))))
             for n in numbers]
            for i in range(12)
        ]
    )  # fmt: skip
    slopes = np.array([np.polyfit(np.log(numbers), each, 1)[0] for each in logs])
    error = slopes.std(ddof=1) / np.sqrt(12)
    print(f"slope {slopes.mean():.3f} ± {error:.3f}, expected {-1 / d:.3f}")
    assert abs(slopes.mean() + 1 / d) < 4 * error + 0.25 / d
