"""A part of a dataset by the names of its classes or its sources: digits 0 to 4, four photographs.

``load`` takes ``classes=`` and ``sources=`` for every dataset, a user's own ones too, unless the
dataset reads a parameter of that name by itself. What is chosen is chosen by name; an order of
names means nothing, and the images keep theirs.

What stays as it was: pixels, split, regions, labels and the list of class names. A label means the
same in two parts of one dataset, so that one part can stand beside another, with a condition or
without one, and a classifier of all classes reads both. Classes that are left out have no images.
Sources are counted anew, from 0: they say which photographs there are, and a part has fewer. What
else limits a dataset comes first: of a part of limited images there are fewer.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from harness.data.images import Images
from harness.problem import Problem

KEYS = ("classes", "sources")
Names = Iterable[object] | str | int | None


def selected(images: Images, *, classes: Names = None, sources: Names = None) -> Images:
    """The images of these classes that were cut from these sources; None takes all of them.

    Names are strings; a whole number is the name that it spells, and one string is one name, or
    several with commas. Raises ``Problem`` for a name that the set does not know, a name given
    twice, no name at all, and a part without an image.
    """
    keep, said = np.ones(images.count, np.bool_), []
    for noun, given, index, known in (
        ("classes", classes, images.labels, images.classes),
        ("sources", sources, images.source, images.sources),
    ):
        if given is not None:
            names = names_among(given, known if index is not None else (), noun, images.name)
            keep &= np.isin(index, numbers(names, known))  # type: ignore[arg-type]
            said += names
    if not said:
        return images
    name = f"{images.name} ({', '.join(said)})"
    part = replace(images, name=name).part(keep)
    left, source = np.unique(part.source, return_inverse=True)
    return replace(part, source=source, sources=tuple(images.sources[i] for i in left))


def names_among(given: Names, known: tuple[str, ...], noun: str, dataset: str) -> list[str]:
    """What was asked for as names, in the order of the known ones; a ``Problem`` for any other."""
    if isinstance(given, str):
        given = [given] if given in known else [name.strip() for name in given.split(",")]
    names = [str(name) for name in (given if isinstance(given, Iterable) else [given])]
    asked = f"{noun}={', '.join(names)} of the dataset {dataset!r}"
    if not known:
        raise Problem(asked, f"a dataset without {noun}", f"leave out {noun}=")
    fix = f"choose from {', '.join(known)}"
    strange = [name for name in names if name not in known]
    if strange or not names:
        raise Problem(asked, f"the unknown name {strange[0]!r}" if strange else "no name", fix)
    if len(set(names)) < len(names):
        raise Problem(asked, "a name that stands there twice", "give each name once")
    return [name for name in dict.fromkeys(known) if name in names]


def numbers(names: Iterable[str], known: tuple[str, ...]) -> NDArray[np.int64]:
    """The numbers of some of the known names."""
    wanted = set(names)
    return np.array([number for number, name in enumerate(known) if name in wanted], np.int64)
