"""What tests of the data sets share: a set of images, and pickles as Python 2 wrote them."""

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from harness.data.images import Images


def _set(**changes: Any) -> Images:
    generator = np.random.default_rng(0)
    given: dict[str, Any] = {
        "name": "tiny",
        "pixels": generator.uniform(-1, 1, (6, 1, 2, 2)).astype(np.float32),
        "test": np.array([False, False, False, False, True, True]),
        "region": np.array([0, 0, 1, 2, 3, 3]),
        "source": np.array([0, 0, 0, 1, 1, 1]),
        "sources": ("here", "there"),
        "labels": np.array([0, 1, 2, 0, 1, 2]),
        "classes": ("a", "b", "c"),
        "licence": "CC0",
        "citation": "nobody",
    }
    return Images(**(given | changes))


def _python2(value: Any) -> bytes:
    """A value as the opcodes that Python 2 and its numpy write under protocol 2."""
    if isinstance(value, bytes):
        short = len(value) < 256
        size = bytes([len(value)]) if short else struct.pack("<i", len(value))
        return (b"U" if short else b"T") + size + value
    if isinstance(value, int):
        return b"J" + struct.pack("<i", value)
    if isinstance(value, list):
        return b"](" + b"".join(map(_python2, value)) + b"e"
    if isinstance(value, dict):
        return b"}(" + b"".join(_python2(k) + _python2(v) for k, v in value.items()) + b"u"
    array = np.asarray(value)
    return b"".join(
        (
            b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R",
            b"(K\x01",
            *(_python2(int(size)) for size in array.shape),
            b"\x86cnumpy\ndtype\n",
            _python2(array.dtype.str[1:].encode()),
            b"K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89",
            _python2(array.tobytes()),
            b"tb",
        )
    )


@pytest.fixture
def make_images() -> Callable[..., Images]:
    """Six images of a set in four regions, with any field changed."""
    return _set


@pytest.fixture
def python2_pickle() -> Callable[[Any], bytes]:
    """Pickles bytes, whole numbers, lists, dictionaries and 2-d arrays as Python 2 does."""
    return lambda value: b"\x80\x02" + _python2(value) + b"."
