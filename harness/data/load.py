"""The door to every data set: ``load(name, **parameters) -> Images``.

A data set is a function with keyword-only parameters (a row of ``harness.data.DATASETS``). What
it accepts is its signature, and ``classes`` and ``sources``, which choose a part of any set by
name (``harness.data.selection``); a parameter that it lacks, or one that it needs and was not
given, is refused here, once for all of them.
"""

import difflib
import inspect
from typing import Any

from harness.data import DATASETS
from harness.data.images import Images
from harness.data.selection import KEYS, selected
from harness.problem import Problem


def load(name: str, /, **params: Any) -> Images:
    """The images of a named data set.

    Raises Problem for an unknown name, an unknown or missing parameter (naming the known ones),
    and whatever the data set itself finds wrong with its input.
    """
    dataset = DATASETS[name]
    own = inspect.signature(dataset).parameters
    known = (*own, *(key for key in KEYS if key not in own))
    listing = ", ".join(known)
    for param in params:
        if param not in known:
            close = difflib.get_close_matches(param, known, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise Problem(
                f"the parameter {param!r} of the dataset {name!r}",
                "a parameter that nothing reads",
                f"{hint}the known ones are {listing}",
            )
    for param, entry in own.items():
        if entry.default is inspect.Parameter.empty and param not in params:
            raise Problem(
                f"the dataset {name!r}",
                f"no {param!r}",
                f"give {param}=...; its parameters are {listing}",
            )
    images = dataset(**{key: value for key, value in params.items() if key in own})
    if not isinstance(images, Images):
        raise Problem(
            f"the dataset {name!r}",
            f"a {type(images).__name__}",
            "return harness.data.images.Images",
        )
    return selected(images, **{key: value for key, value in params.items() if key not in own})
