"""A CIFAR batch: the one kind of pickle that the official archive holds, read without trust.

A pickle is a program: reading one with ``pickle.load`` runs whatever it names. A batch is a
dictionary of text, numbers, lists and one uint8 array, pickled by Python 2 (protocol 2; its text
comes as bytes), and needs four names to be rebuilt: numpy's ``_reconstruct``, ``ndarray`` and
``dtype``, and ``_codecs.encode`` where Python 3 wrote it. Each of the four is answered here by a
function that does that one thing and refuses other arguments, and the array is built from its
shape and its bytes without numpy's own unpickling. Every other name is refused with a Problem
before anything runs.
"""

import io
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np

from harness.problem import Problem


def read_batch(data: bytes, where: str) -> dict[str, Any]:
    """The dictionary of one batch with its keys as text; ``where`` names it in errors.

    Raises Problem for a name that is not allowed, and for bytes that are no whole pickle of a
    dictionary.
    """
    asked = f"the batch {where}"
    try:
        value = _Reader(io.BytesIO(data), encoding="bytes").load()
        if not isinstance(value, dict):
            raise TypeError(f"a {type(value).__name__} and no dictionary")
        return {
            _text(key): entry.levels if isinstance(entry, _Array) else entry
            for key, entry in value.items()
        }
    except _Refused as error:
        raise Problem(
            asked,
            f"a pickle that calls for {error}",
            "do not use that file: a real batch holds arrays, numbers and text alone",
        ) from error
    except Exception as error:  # a broken pickle raises nearly anything
        raise Problem(
            asked, f"a broken pickle ({type(error).__name__}: {error})", "fetch the file again"
        ) from error


class _Refused(Exception):
    """A name or an argument that no batch needs."""


class _Reader(pickle.Unpickler):
    """An unpickler that knows four names; subclassing is the only way that pickle offers."""

    def find_class(self, module: str, name: str) -> Any:
        known = _KNOWN.get((module, name))
        if known is None:
            raise _Refused(f"{module}.{name}")
        return known

    def persistent_load(self, pid: Any) -> Any:
        raise _Refused(f"the outside object {pid!r}")


class _Levels:
    """Stands for the type uint8; what the pickle says of its byte order changes nothing."""

    def __setstate__(self, state: Any) -> None:
        pass


class _Array:
    """Stands for an array until the pickle gives its shape and bytes."""

    levels: np.ndarray

    def __setstate__(self, state: Any) -> None:
        _, shape, kind, columns_first, content = state
        if not isinstance(kind, _Levels) or columns_first or not isinstance(content, bytes):
            raise _Refused("an array that is not of bytes in C order")
        self.levels = np.frombuffer(content, np.uint8).reshape(shape)


def _reconstruct(kind: Any, shape: Any, code: Any) -> _Array:
    if kind is not _ndarray:
        raise _Refused(f"an array built from {kind!r}")
    return _Array()


def _ndarray(*_: Any) -> None:
    """The name numpy.ndarray, which a batch passes on and never calls."""
    raise _Refused("numpy.ndarray as a function")


def _dtype(code: Any, *_: Any) -> _Levels:
    if _text(code) not in ("u1", "|u1"):
        raise _Refused(f"an array of {_text(code)}")
    return _Levels()


def _encode(text: Any, codec: Any) -> bytes:
    """Bytes as Python 3 writes them under protocol 2: text in Latin-1."""
    if not isinstance(text, str) or _text(codec) != "latin1":
        raise _Refused(f"_codecs.encode with {codec!r}")
    return text.encode("latin1")


def _text(value: Any) -> str:
    return value.decode("latin1") if isinstance(value, bytes) else str(value)


_KNOWN: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy", "ndarray"): _ndarray,
    ("numpy", "dtype"): _dtype,
    ("_codecs", "encode"): _encode,
}
