"""What every extractor promises: one function of one image, known by its hash and its state."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from harness.metrics import EXTRACTORS
from harness.metrics.features import Features
from harness.problem import Problem
from harness.streams import numpy_generator

FIXED = {"resnet56": (3, 32, 32), "trained_cifar10": (3, 32, 32), "trained_digits": (1, 8, 8)}
CASES = [
    (name, shape)
    for name in EXTRACTORS
    for shape in ([FIXED[name]] if name in FIXED else [(1, 8, 8), (3, 6, 6), (3, 5, 7)])
    if not (name in ("trained_photos", "trained_textures") and shape != (1, 8, 8))
]
Make = Callable[[str, tuple[int, ...]], Any]


def images(n: int, shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Smooth random images in [-1, 1]."""
    x = numpy_generator("test", seed, "extractors").uniform(-1, 1, (n, *shape))
    return ((x + np.roll(x, 1, 2) + np.roll(x, 1, 3)) / 3).astype(np.float32)


@pytest.fixture
def make(weights_for: Callable[[str], Path | None]) -> Make:
    """An extractor of the table, fitted on a reference of a shape."""
    return lambda name, shape: EXTRACTORS[name].fit(images(50, shape, 1), weights_for(name))


def heads(found: Features) -> dict[str, np.ndarray]:
    names = ("rows", "logits", "spatial")
    return {name: getattr(found, name) for name in names if getattr(found, name) is not None}


def farthest(a: Features, b: Features) -> float:
    """The largest difference over all heads, in units of the largest feature of that head."""
    assert heads(a).keys() == heads(b).keys()
    return max(float(np.abs(x - heads(b)[h]).max() / np.abs(x).max()) for h, x in heads(a).items())


@pytest.mark.parametrize(("name", "shape"), CASES, ids=str)
def test_heads_are_rows_of_finite_numbers_that_differ(name, shape, make: Make) -> None:
    extractor = make(name, shape)
    assert extractor.name == name
    assert len(bytes.fromhex(extractor.hash)) == 32
    assert extractor.side in (None, shape[1])
    assert extractor.channels in (None, 3, shape[0])
    found = heads(extractor(images(9, shape, 2)))
    for head in found.values():
        assert head.shape[0] == 9
        assert head.ndim == 2
        assert np.isfinite(head).all()
    rows = found["rows"] - found["rows"].mean(0)
    assert np.linalg.matrix_rank(rows, tol=1e-5 * np.abs(found["rows"]).max()) == 8


@pytest.mark.parametrize(("name", "shape"), CASES, ids=str)
def test_an_image_does_not_know_its_batch_or_the_threads(name, shape, make: Make) -> None:
    """Alone, among 64, in reverse order, on two threads: within 1e-5 of the largest feature."""
    extractor, x = make(name, shape), images(64, shape, 2)
    whole = extractor(x)
    for place in (0, 63):
        one = np.arange(64) == place
        assert farthest(whole.take(one), extractor(x[one])) < 1e-5
    assert farthest(whole.take(np.arange(64)[::-1]), extractor(x[::-1])) < 1e-5
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(threads % 2 + 1)
        assert farthest(whole.take(np.arange(9)), extractor(x[:9])) < 1e-5
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize(("name", "shape"), CASES, ids=str)
def test_a_second_fit_and_the_kept_state_give_the_same_bits(name, shape, make: Make) -> None:
    """The state through an .npz without pickles, as a file of statistics brings it along."""
    extractor, x = make(name, shape), images(9, shape, 2)
    file = io.BytesIO()
    np.savez(file, **extractor.state())
    file.seek(0)
    with np.load(file, allow_pickle=False) as archive:
        state = {key: archive[key] for key in archive.files}
    for other in (make(name, shape), EXTRACTORS[name].restore(state)):
        assert other.hash == extractor.hash
        assert (other.name, other.side) == (extractor.name, extractor.side)
        found = heads(other(x))
        for head, values in heads(extractor(x)).items():
            assert np.array_equal(values, found[head]), head


@pytest.mark.parametrize(("name", "shape"), CASES, ids=str)
def test_another_number_is_another_hash(name, shape, make: Make) -> None:
    """One changed number of the state: another hash, or a refusal; never the same extractor."""
    extractor = make(name, shape)
    state = extractor.state()
    for key in list(state)[:: max(1, len(state) // 6)]:
        array = state[key]
        changed = array.copy()
        changed.flat[-1] += 1
        try:
            other = EXTRACTORS[name].restore({**state, key: changed})
        except Problem:
            continue
        assert other.hash != extractor.hash, key


@pytest.mark.parametrize(("name", "shape"), CASES, ids=str)
def test_images_that_it_does_not_take_are_refused(name, shape, make: Make) -> None:
    extractor, x = make(name, shape), images(4, shape, 2)
    with pytest.raises(Problem, match="NaN"):
        extractor(np.where(np.arange(4)[:, None, None, None] == 2, np.nan, x))
    with pytest.raises(Problem, match="at least 1"):
        extractor(x[:0])
    with pytest.raises(Problem, match="images"):
        extractor(x[0])
    with pytest.raises(Problem, match=r"channels|shape"):
        extractor(np.concatenate([x, x, x], axis=1)[:, :2])
    if extractor.side is not None:
        with pytest.raises(Problem, match=r"--size \d|shape"):
            extractor(np.concatenate([x, x], axis=2))


def test_reading_the_rows_loads_no_torch() -> None:
    modules = {EXTRACTORS.module(name) for name in EXTRACTORS}
    code = f"import sys, {', '.join(sorted(modules))}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
