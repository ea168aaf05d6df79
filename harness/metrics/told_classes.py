"""The classes that a classifier tells apart, by name: column k of its logits is class k.

A reading that holds the class that a classifier gives against the class that was asked for needs
both to mean the same by a number. How many there are does not show it: ten digits are not ten kinds
of object.
"""

import json
from pathlib import Path

from harness.data.images import Images
from harness.metrics.weights import read_safetensors
from harness.problem import Problem

CIFAR10 = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip


def told_classes(extractor: str, weights: Path | None) -> tuple[str, ...]:
    """The names of the classes of an extractor.

    weights: the file that the stage ``classifier`` left, for an extractor that is trained. Raises
    ``Problem`` without it, and for an extractor whose classes have no names here.
    """
    asked = f"classes by {extractor}"
    if extractor == "resnet56":
        return CIFAR10
    if not extractor.startswith("trained_"):
        raise Problem(asked, "no names of its classes", "use trained_digits or another trained one")
    fix = "put the stage 'classifier' before this one"
    if weights is None:
        raise Problem(asked, "no classifier among the stages", fix)
    _, metadata = read_safetensors(weights, fix)
    names = json.loads(metadata.get("classifier", "{}")).get("classes")
    if names is None:
        raise Problem(asked, f"a file {weights} without their names", fix)
    return tuple(names)


def require_told(what: str, extractor: str, weights: Path | None, images: Images) -> None:
    """Refuse, with ``what`` named, a classifier whose classes are not those of a dataset."""
    told = told_classes(extractor, weights)
    if told != images.group_names:
        raise Problem(
            f"{what} of {images.name!r}, which holds {_some(images.group_names)}",
            f"a classifier of {_some(told)}",
            "use a classifier of the same classes",
        )


def _some(names: tuple[str, ...]) -> str:
    """The names, the first few of many."""
    shown = ", ".join(names[:4])
    return f"{shown}, ... ({len(names)} classes)" if len(names) > 4 else shown or "none"
