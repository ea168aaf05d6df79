r"""The stage ``sigma_max``: up to which noise images of another law are used, and by which map.

It follows the stage ``annotate``, reads the levels that this left, and trains nothing. Of each
replicate it leaves the rows

    sigma_max_admitted      the share of imperfect images that are admitted at low noise at all
    sigma_max_log_mean      the mean of ln sigma_max over these; none without any
    sigma_max_log_sd        its standard deviation over these images
    sigma_max/crop=<k>      the map: the reach of a crop of k x k pixels, on the clean images

The *map* is the law of locality on the data at hand (``harness.annotate.reach``): sigma_max(k) is
the largest noise level up to which the centre of a window of k pixels is known, from that window
alone, to within a relative error ``delta`` of what the whole image tells of it. It grows with k.
Daras et al. (2025, section 3.2) read such a map off trained networks, once, on images of 64 x 64
pixels; their released code holds 0.01, 0.05, 0.15, 0.2, 0.35, 0.55, 0.7 and 1 for crops of 1, 4, 8,
16, 24, 32, 48 and 64 pixels (``theory.ambient.locality``). The whole image is no crop: it serves at
every level. An annotator of crops gives an image a level of this map, or 0.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from harness.annotate.parameter import require_count
from harness.cell import Upstream
from harness.problem import Problem
from harness.theorem import row
from harness.train.annotation import UNIT, Annotation

if TYPE_CHECKING:
    import numpy as np

SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48)  # pixels; those of the paper's map among them
METRICS = ("sigma_max_admitted", "sigma_max_log_mean", "sigma_max_log_sd")
MAP = "sigma_max/crop="


@final
@dataclass(frozen=True)
class SigmaMax:
    """sizes: of the crops, in pixels; None for those of ``SIZES`` that are smaller than the image.
    delta: the relative error that is allowed, as that of the annotator ``crops``."""

    sizes: tuple[int, ...] | None = None
    delta: float = 0.02

    def __post_init__(self) -> None:
        for size in self.sizes or ():
            require_count("a size of the map of crops", size)
        if not (0 < self.delta < float("inf") and self.sizes != ()):
            got = f"delta={self.delta}, sizes={self.sizes}"
            raise Problem("a map of crops", got, "give a number above 0, and a size")

    def entries(self) -> list[str]:
        """No row of any table."""
        return []

    def asked(self, sides: tuple[int, ...]) -> list[int]:
        """The sizes of crops of images of these sides, in order; a ``Problem`` for larger ones."""
        least = min(sides)
        if self.sizes is None:
            return [size for size in SIZES if size < least]
        if max(self.sizes) > least:
            fix = f"give sizes of at most {least} pixels"
            raise Problem(f"crops of {max(self.sizes)} pixels", f"images of {sides}", fix)
        return sorted(set(self.sizes))


def describe(
    params: SigmaMax,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave ``measurements.json`` of an annotation in ``out``."""
    from harness.annotate.file import read_levels
    from harness.data.load import load
    from harness.train.material import collect

    asked: Annotation = upstream["annotate"].params
    training = asked.training()
    train = load(asked.dataset.name, **asked.dataset.kwargs()).train
    rows: list[dict[str, Any]] = []
    for k in range(replicates):
        levels, _ = read_levels(upstream["annotate"].folder / f"levels-{k}.safetensors")
        rows += spread(k, levels[:, 1])
        made = collect(training, train, k)
        rows += mapped(k, made.pixels[made.clean], params)
        progress((k + 1) / replicates)
    (out / "measurements.json").write_text(json.dumps(rows, indent=1, allow_nan=False))


def spread(replicate: int, high: "np.ndarray") -> list[dict[str, Any]]:
    """The rows that describe sigma_max [n]; of an image that is used at every level there is no
    logarithm, and it counts as admitted."""
    import numpy as np

    admitted = high > 0
    logs = np.log(high[admitted & np.isfinite(high)].astype(np.float64))
    share, mean, sd = METRICS
    rows = [row(replicate, share, float(admitted.mean()), "1", n=len(high))]
    if len(logs):
        rows.append(row(replicate, mean, float(logs.mean()), f"ln {UNIT}", n=len(logs)))
        rows.append(row(replicate, sd, float(logs.std()), "1", n=len(logs)))
    return rows


def mapped(replicate: int, clean: "np.ndarray", params: SigmaMax) -> list[dict[str, Any]]:
    """The rows of the map, measured on clean images [n, C, H, W]."""
    from harness.annotate.reach import reaches
    from harness.annotate.spectral import colour_axes, power

    sizes = params.asked(clean.shape[2:])
    powers = power(clean, colour_axes(clean)).reshape(clean.shape[1:])
    return [
        row(replicate, f"{MAP}{size}", reach, UNIT, n=len(clean))
        for size, reach in zip(sizes, reaches(powers, sizes, params.delta))
    ]
