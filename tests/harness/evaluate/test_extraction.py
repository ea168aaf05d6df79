"""Extraction: one pass, features of the right images, and nothing half done in the cache."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.data.images import from_levels
from harness.evaluate import extraction
from harness.evaluate.collection import Collection
from harness.evaluate.extraction import extract, fitted
from harness.evaluate.image_set import ImageSet
from harness.evaluate.source import open_images
from harness.metrics.features import Features
from harness.problem import Problem
from harness.streams import numpy_generator

N, SIDE = 25, 8


def silent(share: float) -> None:
    """Hears of progress, and says nothing."""


class Stopped(BaseException):
    """An interrupt, which pytest does not take for its own."""


@dataclass(frozen=True)
class Weighted:
    """Three features of an image of any side.

    broken: the head that is NaN for the image at ``bad``; stops: interrupted at its second batch.
    """

    weight: float = 1.0
    broken: str = ""
    stops: bool = False
    bad: int = 9

    @property
    def hash(self) -> str:
        return f"weighted {self.weight}"

    def __call__(self, images: np.ndarray) -> Features:
        if self.stops:
            CALLS.append(len(images))
            if len(CALLS) > 1:
                raise Stopped
        means = (
            images.mean((2, 3)).sum(1),
            np.square(images).mean((2, 3)).sum(1),
            images[:, 0, 0, 0],
        )
        rows = self.weight * np.stack(means, axis=1)
        heads = {"rows": rows, "logits": 2 * rows, "spatial": rows[:, :1]}
        if self.broken:
            SEEN.extend(range(len(SEEN), len(SEEN) + len(images)))
            first = len(SEEN) - len(images)
            if first <= self.bad < len(SEEN):
                heads[self.broken] = heads[self.broken].copy()
                heads[self.broken][self.bad - first, 0] = np.nan
        return Features(**heads)


CALLS: list[int] = []
SEEN: list[int] = []


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of four images, extractors without code of the project, memories that are empty."""
    monkeypatch.setattr(extraction, "BATCH", 4)
    monkeypatch.setattr(extraction, "code_digest", lambda module: "code")
    CALLS.clear()
    SEEN.clear()


def made(path: Path, seed: int = 0, channels: int = 3) -> ImageSet:
    """N pictures in an array; the i-th has levels around 10 i."""
    draw = numpy_generator("test", seed, "pictures")
    x = draw.integers(0, 10, (N, SIDE, SIDE, channels)) + 10 * np.arange(N)[:, None, None, None]
    np.save(path, x.astype(np.uint8))
    return open_images(path)


def direct(extractor: Any, images: ImageSet, size: int | None, channels: int) -> np.ndarray:
    return extractor(from_levels(images.take(np.arange(images.count), size, channels))).rows


def check(found: Features, extractor: Any, images: ImageSet, size: int | None, channels: int):
    expected = direct(extractor, images, size, channels)
    assert found.rows.dtype == np.float32
    assert np.allclose(found.rows, expected, rtol=1e-6, atol=1e-6)
    assert np.allclose(found.logits, 2 * expected, rtol=1e-6, atol=1e-6)
    assert np.allclose(found.spatial, expected[:, :1], rtol=1e-6, atol=1e-6)


def test_features_in_the_cache_are_of_this_extractor_preprocessing_and_set(tmp_path: Path) -> None:
    """All in one cache, one after the other, each asked for twice: none is taken for another."""
    sets = [made(tmp_path / f"{seed}.npy", seed) for seed in range(2)]
    extractors = [Weighted(), Weighted(2.0)]
    cases = [
        (images, extractor, size, channels)
        for images in sets
        for extractor in extractors
        for size in (None, 4, 5)
        for channels in (1, 3)
    ]
    values = set()
    for images, extractor, size, channels in cases * 2:
        got = extract(images, {"pixels": extractor}, size, channels, tmp_path / "cache", silent)[
            "pixels"
        ]
        check(got, extractor, images, size, channels)
        values.add(got.rows.tobytes())
    assert len(values) == len(cases)
    assert len(list((tmp_path / "cache" / "features").iterdir())) == len(cases)


def test_features_by_other_code_are_not_taken(tmp_path: Path, monkeypatch) -> None:
    images, cache = made(tmp_path / "a.npy"), tmp_path / "cache"
    extract(images, {"pixels": Weighted()}, None, 3, cache, silent)
    monkeypatch.setattr(extraction, "code_digest", lambda module: "other code")
    with pytest.raises(Stopped):
        extract(images, {"pixels": Weighted(stops=True)}, None, 3, cache, silent)


def test_the_same_images_under_another_name_are_found_again(tmp_path: Path) -> None:
    images = made(tmp_path / "a.npy")
    extract(images, {"pixels": Weighted()}, None, 3, tmp_path / "cache", silent)
    (tmp_path / "b.npy").write_bytes((tmp_path / "a.npy").read_bytes())
    same = open_images(tmp_path / "b.npy")
    got = extract(same, {"pixels": Weighted(stops=True)}, None, 3, tmp_path / "cache", silent)[
        "pixels"
    ]
    check(got, Weighted(), images, None, 3)
    assert not CALLS


@dataclass(frozen=True)
class Counting:
    """A collection that notes which images are read."""

    inner: Collection
    read: list[int]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def items(self, index: np.ndarray) -> Iterator[Any]:
        for place, item in zip(index, self.inner.items(index)):
            self.read.append(int(place))
            yield item


def test_a_pass_reads_every_image_once_for_all_extractors(tmp_path: Path) -> None:
    """And only for those that lack their features; the progress ends at 1."""
    images, shares = made(tmp_path / "a.npy"), []
    counting = Counting(images.collection, [])
    images = replace(images, collection=counting)
    two = {"pixels": Weighted(), "random_conv": Weighted(2.0)}
    found = extract(images, two, None, 3, tmp_path / "cache", shares.append)
    assert counting.read == list(range(N))
    assert shares[-1] == 1
    assert shares == sorted(shares)
    for name, extractor in two.items():
        check(found[name], extractor, images, None, 3)
    counting.read.clear()
    extract(images, two, None, 3, tmp_path / "cache", silent)
    assert not counting.read
    seen: list[int] = []

    def third(x: np.ndarray) -> Features:
        seen.append(len(x))
        return Weighted(3.0)(x)

    third.hash = "third"  # type: ignore[attr-defined]
    stopping = replace(two["pixels"], stops=True)
    extract(images, {"pixels": stopping, "clip": third}, None, 3, tmp_path / "cache", silent)
    assert counting.read == list(range(N))
    assert sum(seen) == N
    assert not CALLS


def test_an_interrupted_pass_leaves_nothing(tmp_path: Path) -> None:
    images, cache = made(tmp_path / "a.npy"), tmp_path / "cache"
    with pytest.raises(Stopped):
        extract(
            images,
            {"pixels": Weighted(), "random_conv": Weighted(2.0, stops=True)},
            None,
            3,
            cache,
            silent,
        )
    assert len(CALLS) == 2
    assert not list((cache / "features").iterdir())
    two = {"pixels": Weighted(), "random_conv": Weighted(2.0)}
    for name, found in extract(images, two, None, 3, cache, silent).items():
        check(found, two[name], images, None, 3)


KILLED = """
import os, signal, sys
import numpy as np
from pathlib import Path
from harness.evaluate import extraction
from harness.evaluate.source import open_images
from harness.metrics.features import Features

extraction.BATCH, extraction.code_digest, seen = 4, lambda module: "code", []

def extractor(x):
    seen.append(x)
    if len(seen) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return Features(np.full((len(x), 3), 7.0))

extractor.hash = "weighted 1.0"
extraction.extract(
    open_images(sys.argv[1]), {"pixels": extractor}, None, 3, Path(sys.argv[2]), lambda share: None
)
"""


def test_a_killed_pass_leaves_nothing_that_looks_finished(tmp_path: Path) -> None:
    """What it wrote is wrong on purpose: nothing of it is found later, and it is swept away."""
    images, cache = made(tmp_path / "a.npy"), tmp_path / "cache"
    command = [sys.executable, "-c", KILLED, str(tmp_path / "a.npy"), str(cache)]
    path = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path})
    assert done.returncode == -signal.SIGKILL
    (left,) = (cache / "features").iterdir()
    assert left.name.startswith(".")
    got = extract(images, {"pixels": Weighted()}, None, 3, cache, silent)["pixels"]
    check(got, Weighted(), images, None, 3)
    (whole,) = (cache / "features").iterdir()
    assert not whole.name.startswith(".")


@pytest.mark.parametrize("head", ["rows", "logits", "spatial"])
@pytest.mark.parametrize(("bad", "named"), [(0, "0 to 3"), (9, "8 to 11"), (24, "24 to 24")])
def test_features_that_are_not_finite_are_refused_with_their_images(
    head, bad, named, tmp_path: Path
) -> None:
    images, cache = made(tmp_path / "a.npy"), tmp_path / "cache"
    words = f"features of pixels.*NaN or infinite {head} in images {named}"
    with pytest.raises(Problem, match=words):
        extract(images, {"pixels": Weighted(broken=head, bad=bad)}, None, 3, cache, silent)
    assert not list((cache / "features").iterdir())


@pytest.mark.parametrize("most", [1, 2, 7, 24, 25, 26])
@pytest.mark.parametrize(("size", "channels"), [(None, 3), (4, 1)])
def test_an_extractor_is_fitted_evenly_over_the_reference(
    most, size, channels, tmp_path: Path, monkeypatch
) -> None:
    """The images grow brighter along the set: the places of those chosen are told by that."""
    given: list[tuple[np.ndarray, Path | None]] = []

    class Fitted:
        @classmethod
        def fit(cls, images: np.ndarray, weights: Path | None) -> None:
            given.append((images, weights))

    table: dict[str, Any] = {"stub": Fitted}
    monkeypatch.setattr(extraction, "EXTRACTORS", table)
    monkeypatch.setattr(extraction, "FITTED", most)
    images = made(tmp_path / "a.npy")
    fitted("stub", images, size, channels, tmp_path / "weights")
    (((got, weights)),) = given
    assert weights == tmp_path / "weights"
    assert got.shape[1:] == (channels, size or SIDE, size or SIDE)
    places = np.floor((got.mean((1, 2, 3)) + 1) * 12.75).astype(int)
    assert len(places) == min(most, N)
    every = from_levels(images.take(np.arange(N), size, channels))
    assert np.array_equal(got, every[places])
    gaps = np.diff([*places, N])
    assert places[0] == 0
    assert gaps.min() >= N // len(places)
    assert gaps.max() <= -(-N // len(places))


def test_labels_of_a_set_go_with_its_features(save, x: np.ndarray, tmp_path: Path) -> None:
    """Which are not kept: the same images in other folders have other classes."""
    names = [[f"{'ab'[(i + k) % 2]}/{i:02}.png" for i in range(6)] for k in range(2)]
    for k in range(2):
        files = dict(zip(names[k], x))
        images = open_images(save(tmp_path / f"set{k}", files))
        got = extract(images, {"pixels": Weighted()}, None, 3, tmp_path / "cache", silent)["pixels"]
        assert images.labels is not None
        assert np.array_equal(got.labels, images.labels)  # type: ignore[arg-type]
