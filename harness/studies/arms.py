"""Arms: the ways to use a pool of clean and corrupted images, with everything else shared.

clean     only the clean images
all       clean and corrupted as equals
gated     plain denoising, a corrupted image only where sigma > sigma_min
ambient   the ambient loss, a corrupted image only where sigma > b sigma_min (the buffer)
buffered  plain denoising with the buffer of ``ambient``: what differs from it is the loss alone
oracle    every image clean: the ceiling
"""

import difflib
import math
from dataclasses import fields
from typing import Any

from harness.cell import Cell, Part, Stage, factors, part
from harness.metrics.measurement import Measurement
from harness.problem import Problem
from harness.sample.sampling import Sampling
from harness.scale import Sizes
from harness.train.training import Training

_PLAIN = part("denoising")
_EVERYWHERE = part("fixed", sigma_min=0.0)
_SPECTRAL = part("spectral", threshold=0.45)
NARROW = 8  # width of an annotator at a scale whose numbers mean nothing

ARMS: dict[str, dict[str, Any]] = {
    "clean": {"pool": "clean", "objective": _PLAIN},
    "all": {"pool": "mixed", "objective": _PLAIN, "annotator": _EVERYWHERE},
    "gated": {"pool": "mixed", "objective": _PLAIN, "annotator": _SPECTRAL},
    "ambient": {"pool": "mixed", "objective": part("ambient", cap=4.0), "annotator": _SPECTRAL},
    "buffered": {
        "pool": "mixed",
        "objective": part("denoising", buffer=math.sqrt(4 / 3)),
        "annotator": _SPECTRAL,
    },
    "oracle": {"pool": "oracle", "objective": _PLAIN},
}


def arm(name: str) -> dict[str, Any]:
    """The pool, objective and annotator of an arm."""
    if name not in ARMS:
        raise Problem(
            f"the arm {name!r}", "no arm of that name", f"the known ones are {', '.join(ARMS)}"
        )
    return ARMS[name]


def dataset(sizes: Sizes) -> Part:
    """The image dataset of a scale."""
    given = dict(sizes.dataset)
    return part(given.pop("name"), **given)


def annotator(name: str, sizes: Sizes, **given: Any) -> Part:
    """An annotator that is trained, for as many steps as a scale has; narrow where its numbers mean
    nothing."""
    narrow = {"width": NARROW} if sizes.hurried else {}
    return part(name, steps=sizes.annotator_steps, **narrow, **given)


def measurement(sizes: Sizes) -> Measurement:
    """What a trained arm is read by. The Fréchet distance of whitened pixels, which no claim names,
    takes minutes of a core at 32 x 32 pixels in colour: it is left out where a card waits for it.
    """
    if sizes.device == "cpu":
        return Measurement(held_out=sizes.held_out)
    metrics = tuple(name for name in Measurement().metrics if name != "fd_zca_pixels")
    return Measurement(metrics, ("random_conv",), sizes.held_out)


def network(name: str, sizes: Sizes) -> tuple[Part, int, int]:
    """A network, the length of its training and the number of its samples at a scale."""
    if name == "unet":
        return part("unet", width=sizes.unet_width), sizes.unet_images, sizes.unet_samples
    return part(name), sizes.images, sizes.samples


def trained(
    name: str,
    sizes: Sizes,
    replicates: int,
    net: str = "mlp",
    corruption: Part | None = None,
    labels: dict[str, Any] | None = None,
    sampling: dict[str, Any] | None = None,
    **training: Any,
) -> Cell:
    """The cell of one arm; ``labels`` are its further factors, or give it another name as ``arm``;
    ``training`` overrides defaults. Raises ``Problem`` for one that a training does not have."""
    chosen = arm(name)
    _require_known(training)
    shape, images, samples = network(net, sizes)
    mixed = chosen["pool"] == "mixed"
    asked = {
        "dataset": dataset(sizes),
        "network": shape,
        "images": images,
        "corruption": corruption if mixed or "pooling" in training else None,
        **chosen,
        **training,
    }
    return Cell(
        factors=factors(**{"arm": name, "network": net, **(labels or {})}),
        stages=(
            Stage("train", Training(**asked)),
            Stage("sample", Sampling(count=samples, **(sampling or {}))),
            Stage("measure", measurement(sizes)),
        ),
        replicates=replicates,
    )


def _require_known(training: dict[str, Any]) -> None:
    """Refuse what is no parameter of a training."""
    known = [each.name for each in fields(Training)]
    for key in training:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            fix = f"{hint}the known ones are {', '.join(known)}"
            raise Problem(f"a training with {key}={training[key]!r}", "no parameter of it", fix)
