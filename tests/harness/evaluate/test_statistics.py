"""Statistics files: merging, refusing, and coming back as they were."""

import json
from pathlib import Path

import numpy as np
import pytest

from harness.evaluate.statistics import Statistics, is_statistics, merged, read_statistics
from harness.metrics.features import PIECE
from harness.metrics.moments import Moments
from harness.problem import Problem
from harness.streams import numpy_generator

ROWS = numpy_generator("test", 0, "statistics").normal(2, 1, (2 * PIECE + 100, 3))


def statistics(rows: np.ndarray, digest: str, **changes: object) -> Statistics:
    given = {
        "extractor": "pixels",
        "extractor_hash": "a" * 64,
        "preprocess": "uint8 3x8x8, as it is",
        "parts": (digest,),
        "moments": Moments.of(rows),
        "state": {"centre": np.arange(3.0)},
        **changes,
    }
    return Statistics(**given)  # type: ignore[arg-type]


def test_a_file_comes_back_as_it_was(tmp_path: Path) -> None:
    first = statistics(ROWS, "one")
    first.save(tmp_path / "s.npz")
    assert is_statistics(tmp_path / "s.npz")
    again = read_statistics(tmp_path / "s.npz")
    assert (again.extractor, again.extractor_hash, again.preprocess, again.parts) == (
        first.extractor, first.extractor_hash, first.preprocess, first.parts,
    )  # fmt: skip
    assert again.moments.count == len(ROWS)
    for a, b in (
        (again.moments.sums, first.moments.sums),
        (again.moments.products, first.moments.products),
    ):
        assert np.array_equal(a.high, b.high)
        assert np.array_equal(a.low, b.low)
    assert np.array_equal(again.state["centre"], first.state["centre"])


def test_shards_merge_to_the_bits_of_the_whole_in_any_order(tmp_path: Path) -> None:
    whole = Moments.of(ROWS)
    cuts = (slice(0, PIECE), slice(PIECE, 2 * PIECE), slice(2 * PIECE, None))
    paths = []
    for i, cut in enumerate(cuts):
        paths.append(tmp_path / f"{i}.npz")
        statistics(ROWS[cut], f"part {i}").save(paths[-1])
    for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
        found = merged([paths[i] for i in order])
        assert found.moments.count == len(ROWS)
        assert np.array_equal(found.moments.total, whole.total)
        assert np.array_equal(found.moments.outer, whole.outer)
        assert found.parts == ("part 0", "part 1", "part 2")


def test_a_shard_counts_once_and_an_overlap_is_refused() -> None:
    a, b, c = (statistics(ROWS[i::3], name) for i, name in enumerate("abc"))
    assert (a + a).moments.count == a.moments.count
    assert ((a + b) + a).moments.count == (a + b).moments.count
    assert (a + (a + b)).moments.count == (a + b).moments.count
    with pytest.raises(Problem, match="1 image sets in both"):
        (a + b) + (b + c)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"extractor": "resnet56"}, "one extractor"),
        ({"extractor_hash": "b" * 64}, "hash of pixels"),
        ({"preprocess": "uint8 3x16x16, as it is"}, "preprocessing"),
    ],
    ids=["extractor", "hash", "preprocessing"],
)
def test_statistics_of_other_things_are_refused_with_the_reason(change, words) -> None:
    with pytest.raises(Problem, match=words):
        statistics(ROWS, "a") + statistics(ROWS, "b", **change)


def good() -> dict[str, np.ndarray]:
    """The arrays of a file that reads."""
    about = {
        "schema": "patina statistics 1",
        "tool": "0",
        "extractor": "pixels",
        "extractor_hash": "a",
        "preprocess": "uint8 3x8x8, as it is",
        "parts": ["x"],
        "count": 5,
    }
    sums, products = np.zeros(2), np.zeros((2, 2))
    arrays = {"sums": sums, "sums_low": sums, "products": products, "products_low": products}
    return {"about": np.array(json.dumps(about)), **arrays}


def about(**changes: object) -> np.ndarray:
    return np.array(json.dumps({**json.loads(str(good()["about"])), **changes}))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"about": about(schema="patina statistics 9")}, "patina statistics 9"),
        ({"about": about(count=-1)}, "count of -1"),
        ({"about": about(count=10**300)}, "count of 1000"),
        ({"about": about(parts=5)}, "parts"),
        ({"about": about(parts=[])}, "parts"),
        ({"about": about(preprocess="x")}, "preprocessing"),
        ({"products": np.array([[1.0, 2.0], [0.0, 1.0]])}, "outer products"),
        ({"products": np.full((2, 2), 1e299)}, "outer products"),
        ({"products": -np.eye(2)}, "negative variance"),
        ({"about": np.array("{")}, "do not read"),
        ({"about": np.array("[]")}, "schema"),
        ({"products": np.zeros((2, 3))}, "products"),
        ({"products": np.zeros((2, 2), np.float32)}, "float32"),
        ({"sums": np.array([0, np.nan])}, "NaN"),
        ({"sums": np.zeros((2, 2))}, "sums"),
        ({"products_low": None}, "products_low"),
    ],
)
def test_a_file_that_is_wrong_says_how(tmp_path: Path, change, words) -> None:
    arrays = {key: value for key, value in {**good(), **change}.items() if value is not None}
    np.savez(tmp_path / "s.npz", **arrays)
    with pytest.raises(Problem, match=words):
        read_statistics(tmp_path / "s.npz")


def test_a_cut_file_and_a_pickle_are_refused(tmp_path: Path) -> None:
    statistics(ROWS, "one").save(tmp_path / "s.npz")
    whole = (tmp_path / "s.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    assert not is_statistics(tmp_path / "cut.npz")
    with pytest.raises(Problem, match="do not read"):
        read_statistics(tmp_path / "cut.npz")
    np.savez(
        tmp_path / "p.npz",
        **{**good(), "sums": np.array([print], dtype=object)},
        allow_pickle=True,
    )
    with pytest.raises(Problem, match="do not read"):
        read_statistics(tmp_path / "p.npz")
    assert not is_statistics(tmp_path / "absent.npz")
