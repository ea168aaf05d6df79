"""Materials in words: a data set and a corruption, from the configuration of a run.

A row of a table that has no words of its own here is named as it stands, with its parameters.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.report.number import plain
from harness.report.words import words

Given = Mapping[str, Any]

DAMAGES = {  # each corruption with the parameters that its configuration always has
    "gaussian_blur": "Gaussian blur of {sigma} px",
    "jpeg": "JPEG of quality {quality}",
    "motion_blur": "motion blur of {length} px at {angle}°",
    "down_up": "sampling down and up by {factor}",
    "pixelate": "pixelation by {factor}",
    "gaussian_noise": "Gaussian noise of {sigma}",
    "random_mask": "a random mask of the share {share}",
    "box_mask": "a box mask of the share {share}",
    "colour_shift": "a colour shift",
    "contrast": "contrast × {factor}",
    "saturation": "saturation × {factor}",
}
KINDS = {"dead_leaves": "dead leaves", "power_law": "fields with a power law"}


def damage(given: Given) -> str:
    """A corruption: ``Gaussian blur of 0.8 px``."""
    return damages([given])


def damages(every: Sequence[Given]) -> str:
    """Several corruptions; those that differ in one number are said once, ``0.4 and 0.8 px``."""
    kinds: dict[str, list[Given]] = {}
    for given in every:
        same = kinds.setdefault(str(given["name"]), [])
        if given not in same:
            same.append(given)
    return listed([text for found in kinds.values() for text in _of_a_kind(found)])


def _of_a_kind(found: Sequence[Given]) -> list[str]:
    """Corruptions of one name: in one text where a single number tells them apart."""
    names = dict.fromkeys(name for given in found for name in given if name != "name")
    apart = [name for name in names if len({str(given.get(name)) for given in found}) > 1]
    if len(found) > 1 and len(apart) == 1 and all(_number(given.get(apart[0])) for given in found):
        values = listed([plain(v, 6) for v in sorted(float(given[apart[0]]) for given in found)])
        return [_one({**found[0], apart[0]: values})]
    return [_one(given) for given in found]


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _one(given: Given) -> str:
    """One corruption; parameters that its text does not speak of stand behind, in brackets."""
    name = str(given["name"])
    if name == "mixed":
        return f"a mix of {damages(given['of'])}"
    text, own = DAMAGES.get(name, words(name)), dict(given)
    for key in given:
        if f"{{{key}}}" in text:
            text = text.replace(f"{{{key}}}", _text(own.pop(key)))
    return text + _bracketed({key: value for key, value in own.items() if key != "name"})


def dataset(given: Given) -> str:
    """A data set: ``grey photographs of 8 × 8 px (astronaut and coffee alone)``."""
    own = dict(given)
    name = str(own.pop("name"))
    if name == "gaussian_mixture":
        return _mixture(given)
    side = own.pop("side", own.pop("size", None))
    colour = {1: "grey ", 3: "colour "}.get(own.pop("channels", None), "")
    if name == "digits":
        side, called = 8, "digits"
    elif name == "photos":
        called = "photographs"
    elif name == "procedural":
        called = KINDS.get(own["kind"], words(own["kind"]))
        own.pop("kind")
    else:
        called = words(name)
    for key in ("count", "limit", "labelled", "layout"):  # how many are drawn, what they are told
        own.pop(key, None)
    of = [_part(own.pop(key)) for key in ("classes", "sources") if own.get(key)]
    size = f" of {side} × {side} px" if side else ""
    return colour + called + size + "".join(f" ({each})" for each in of) + _bracketed(own)


def _part(names: Any) -> str:
    """The classes or sources of which a data set holds these alone."""
    each = names.split(",") if isinstance(names, str) else list(names)
    return listed([words(str(name).strip()) for name in each]) + " alone"


def _mixture(given: Given) -> str:
    means = given["means"]
    if all(_number(mean) for mean in means):
        places = listed([plain(float(mean)) for mean in means])
        spread = plain(float(given["deviation"]))
        return f"a mixture of Gaussians on the line (means {places}, deviation {spread})"
    if len(means) == 1:
        return f"a Gaussian in {len(means[0])} dimensions"
    return f"a mixture of {len(means)} Gaussians in {len(means[0])} dimensions"


def _bracketed(own: Given) -> str:
    """Parameters as ``(red 0.3, green 0)``; nothing for none."""
    if not own:
        return ""
    return f" ({', '.join(f'{words(key)} {_text(value)}' for key, value in own.items())})"


def _text(value: Any) -> str:
    return plain(float(value), 6) if _number(value) else str(value)


def listed(texts: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *before, last = texts or ("",)
    return f"{', '.join(before)} and {last}" if before else last
