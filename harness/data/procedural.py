"""procedural: images that a program draws from nothing, for pools of another origin.

The kinds, each a law of its own with its marginals and its covariance in closed form:

    dead_leaves  discs that hide one another: edges and occlusion (``harness.data.dead_leaves``)
    power_law    noise with the spectrum of photographs: no edge (``harness.data.power_law``)
    waves        sines of sines, as shaders draw them (``harness.data.waves``)

Held out is every tenth image. Images are independent, each is its own region, and none is read
from a file: the same parameters give the same images, another seed or kind gives independent ones.
Another kind of processor may round a pixel otherwise in its last bit; the content hash tells.
"""

import numpy as np

from harness.data.dead_leaves import DeadLeaves
from harness.data.images import Images
from harness.data.power_law import PowerLaw
from harness.data.waves import Waves
from harness.problem import Problem
from harness.streams import numpy_generator

KINDS = {"dead_leaves": DeadLeaves, "power_law": PowerLaw, "waves": Waves}
LEAST = 10  # images, so that one is held out


def procedural(
    *,
    kind: str = "dead_leaves",
    side: int = 8,
    channels: int = 1,
    count: int = 12000,
    seed: int = 0,
    exponent: float | None = None,
) -> Images:
    """``count`` images ``[channels, side, side]`` in [-1, 1], without labels.

    kind: one of ``KINDS``; side: from 4 to 64 pixels; channels: 1 or 3; seed: chooses among
    independent sets; exponent: from 0 to 4, of the kind power_law alone (2 where it is not given).
    Raises Problem for any other.
    """
    if kind not in KINDS:
        raise Problem(
            f"the kind {kind!r}", "no kind of that name", f"choose from {', '.join(KINDS)}"
        )
    if type(side) is not int or not 4 <= side <= 64:
        raise Problem("a side of procedural images", f"{side!r}", "give 4 to 64 (pixels)")
    if channels not in (1, 3) or isinstance(channels, bool):
        raise Problem("a number of channels", f"{channels!r}", "give 1 (grey) or 3 (colour)")
    if type(count) is not int or count < LEAST:
        raise Problem(f"{count!r} procedural images", "too few", f"ask for {LEAST} or more")
    if exponent is not None and kind != "power_law":
        fix = "leave it out, or use power_law"
        raise Problem(f"exponent={exponent}", f"the kind {kind!r}", fix)
    if type(exponent) is int:
        exponent = float(exponent)
    law = KINDS[kind]() if exponent is None else PowerLaw(exponent)
    generator = numpy_generator(f"procedural {law} {side} {channels} {count}", seed, "procedural")
    return Images.unrelated(
        name="procedural",
        pixels=law.draw(count, side, channels, generator),
        test=np.arange(count) % 10 == 9,
        labels=None,
        classes=(),
        licence="CC0 1.0 (drawn by this project)",
        citation=f"{kind}, drawn by this project, module {KINDS[kind].__module__}",
    )
