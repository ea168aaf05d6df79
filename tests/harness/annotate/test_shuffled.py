"""The same levels on other images: a permutation, and from the case's generator alone."""

from itertools import permutations

import numpy as np
from scipy.stats import chisquare

from harness.annotate.case import Case
from harness.annotate.file import write_levels
from harness.annotate.quality import Quality
from harness.annotate.shuffled import Shuffled
from harness.annotate.spectral import Spectral
from harness.cell import part


def white(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, 1, 4, 4)).astype(np.float32)


def from_file(path, images: np.ndarray) -> tuple[np.ndarray, Shuffled]:
    """Levels that differ from image to image, in a file, and their shuffle."""
    levels = np.arange(2 * len(images), dtype=np.float32).reshape(-1, 2)
    write_levels(path / "levels.safetensors", levels, images)
    return levels, Shuffled(part("file", path=str(path)))


def test_the_pairs_are_all_kept_and_dealt_by_the_generator(tmp_path) -> None:
    images = white(40, 1)
    levels, shuffled = from_file(tmp_path, images)
    found = shuffled(Case(images, images, np.random.default_rng(7)))
    assert np.array_equal(found[np.argsort(found[:, 0])], levels)  # both levels of an image
    assert np.array_equal(found, levels[np.random.default_rng(7).permutation(40)])
    assert not np.array_equal(found, shuffled(Case(images, images, np.random.default_rng(8))))


def test_every_order_is_as_likely(tmp_path) -> None:
    images = white(3, 1)
    _, shuffled = from_file(tmp_path, images)
    case = Case(images, images, np.random.default_rng(3))
    orders = [tuple(shuffled(case)[:, 0]) for _ in range(600)]
    counts = [orders.count(each) for each in permutations((0.0, 2.0, 4.0))]
    assert sum(counts) == 600
    assert chisquare(counts).pvalue > 1e-3


def test_the_other_annotator_draws_first() -> None:
    """Its levels, which are drawn, are those that it gives alone from the same generator."""
    clean, imperfect = white(80, 1), 0.7 * white(40, 2)
    alone = Spectral(per_image=True)(Case(clean, imperfect, np.random.default_rng(4)))
    found = Shuffled(part("spectral", per_image=True))(
        Case(clean, imperfect, np.random.default_rng(4))
    )
    assert len(np.unique(alone[:, 0])) > 20
    assert np.array_equal(np.sort(found[:, 0]), np.sort(alone[:, 0]))
    assert not np.array_equal(found, alone)


def test_it_costs_what_the_other_one_costs() -> None:
    of = part("quality", level=0.2, score="laplacian")
    expected = Quality(0.2, score="laplacian").flops((3, 8, 8), 5, 9)
    assert Shuffled(of).flops((3, 8, 8), 5, 9) == expected > 0
