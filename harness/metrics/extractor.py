"""What an extractor is known by: the sha256 of the numbers that it holds, and of its name."""

import hashlib
from collections.abc import Mapping

import numpy as np


def hash_of(name: str, state: Mapping[str, np.ndarray]) -> str:
    """64 hexadecimal digits for an extractor's name and its arrays, with their names and shapes.

    Machines whose linear algebra rounds differently fit different numbers and so differ here.
    """
    stored = hashlib.sha256(name.encode())
    for key in sorted(state):
        array = np.ascontiguousarray(state[key])
        stored.update(f"/{key} {array.dtype.str} {array.shape}".encode())
        stored.update(array.tobytes())
    return stored.hexdigest()
