import os
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.data.batch import read_batch
from harness.problem import Problem

Write = Callable[[Any], bytes]
DATA = np.random.default_rng(0).integers(0, 256, (4, 300), np.uint8)
BATCH = {b"labels": [3, 0, 1, 9], b"data": DATA, b"filenames": [b"a.png"] * 4}


def test_a_batch_as_python_2_wrote_it_reads_as_numpy_reads_it(python2_pickle: Write) -> None:
    written = python2_pickle(BATCH)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # numpy.core's old name
        trusted = pickle.loads(written, encoding="bytes")
    batch = read_batch(written, "it")
    assert batch["labels"] == trusted[b"labels"] == [3, 0, 1, 9]
    assert batch["filenames"] == trusted[b"filenames"]
    np.testing.assert_array_equal(batch["data"], trusted[b"data"])
    np.testing.assert_array_equal(batch["data"], DATA)


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_a_batch_as_python_3_writes_it(protocol: int) -> None:
    batch = read_batch(pickle.dumps({"labels": [1], "data": DATA}, protocol), "it")
    np.testing.assert_array_equal(batch["data"], DATA)


class Call:
    """Pickles as a call of a function, as hostile files do."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.call


def test_a_hostile_pickle_is_refused_before_it_runs(tmp_path: Path) -> None:
    witness = tmp_path / "ran"
    for call in (Call(open, str(witness), "w"), Call(os.mkdir, str(witness)), Call(exec, "1")):
        for protocol in (0, 2, 4):
            with pytest.raises(Problem, match=r"calls for .*; do not use that file"):
                read_batch(pickle.dumps({"data": call}, protocol), "it")
    assert not witness.exists()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(
            b"\x80\x02cnumpy\nndarray\nJ\xff\xff\xff\x7f\x85R.", "numpy.ndarray as", id="huge"
        ),
        pytest.param(pickle.dumps({"x": np.zeros(2)}, 2), "an array of f8", id="floats"),
        pytest.param(
            pickle.dumps({"x": np.array([None])}, 2), "an array of O8", id="array of objects"
        ),
        pytest.param(
            pickle.dumps({"x": np.asfortranarray(DATA)}, 2),
            "an array that is not of bytes",
            id="order",
        ),
        pytest.param(b"\x80\x02Pfile\n.", "the outside object", id="persistent"),
        pytest.param(b"\x80\x02U\x01kQ.", "the outside object", id="persistent, binary"),
        pytest.param(
            b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x03\x00\x00\x00zip\x86R.",
            "_codecs.encode with 'zip'",
            id="another codec",
        ),
        pytest.param(
            b"\x80\x02cnumpy.core.multiarray\n_reconstruct\nNK\x00\x85U\x01b\x87R.",
            "an array built from None",
            id="another base",
        ),
    ],
)
def test_names_and_arguments_that_no_batch_needs_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(Problem, match=f"the batch it; got a pickle that calls for {message}"):
        read_batch(data, "it")


def test_a_truncated_pickle_is_broken_at_every_length(python2_pickle: Write) -> None:
    written = python2_pickle(BATCH)
    for length in [*range(0, 200, 7), len(written) - 1]:
        with pytest.raises(Problem, match="a broken pickle"):
            read_batch(written[:length], "it")


@pytest.mark.parametrize("value", [[1, 2], 3, b"text"])
def test_a_batch_is_a_dictionary(python2_pickle: Write, value: Any) -> None:
    with pytest.raises(Problem, match=r"a broken pickle .*and no dictionary"):
        read_batch(python2_pickle(value), "it")


def test_a_shape_that_the_bytes_do_not_fill_is_broken(python2_pickle: Write) -> None:
    written = python2_pickle({b"data": DATA}).replace(b"J\x04\x00\x00\x00", b"J\xff\xff\x00\x00")
    with pytest.raises(Problem, match=r"a broken pickle .*reshape"):
        read_batch(written, "it")
