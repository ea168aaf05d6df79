"""The stage ``annotate``: an annotation alone, its levels kept and described, and nothing trained.

The images of a replicate are those of a training on the same dataset, corruption and pool; an
annotator is given the same images and the same stream, so the levels are those that a training
would use. Each replicate leaves ``levels-<k>.safetensors``, which the annotator ``file`` reads, and
the rows

    sigma_min_mean, sigma_min_sd   over the images whose sigma_min is finite; none without any
    sigma_min_never                the share of images that are never admitted from above
    sigma_max_mean                 over all images
    share_at_<sigma>               the share of imperfect images admitted at sigma, without a buffer
    annotation_flops               products counted, training of the annotator included
    <measurement>/<sigma>          what the annotator measured, such as ``clean_probability/0.2``

n is the number of images behind a row. The levels of one replicate share one annotator: their
spread over images is no error of their mean, for which replicates are there.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.annotate import ANNOTATORS
from harness.cell import Part, Upstream, nested, part
from harness.corrupt import CORRUPTIONS
from harness.data import DATASETS
from harness.table import Table
from harness.theorem import row
from harness.train.pooling import Pooling
from harness.train.training import Training

if TYPE_CHECKING:
    import numpy as np

ADMITTED_AT = (0.05, 0.2, 1.0)
SCORES = ("sigma_min_mean", "sigma_min_sd", "sigma_min_never", "sigma_max_mean", "annotation_flops")
UNIT = "units of the images"


@dataclass(frozen=True)
class Annotation:
    """Parameters of the stage ``annotate``: those of a training that say which images it sees."""

    dataset: Part
    corruption: Part | None
    annotator: Part
    clean_fraction: float = 0.1
    other: Part | None = None
    pooling: Pooling = field(default_factory=Pooling)

    def __post_init__(self) -> None:
        self.training()

    def training(self) -> Training:
        """A training on these images, for its material. Raises ``Problem`` where there is none."""
        return Training(
            dataset=self.dataset,
            pool="mixed",
            network=part("mlp"),
            objective=part("denoising"),
            images=256,
            clean_fraction=self.clean_fraction,
            corruption=self.corruption,
            annotator=self.annotator,
            other=self.other,
            pooling=self.pooling,
        )

    def named_parts(self) -> list[tuple[Table, Part]]:
        """Every part that this annotation calls for, with the table that it is a row of."""
        named: tuple[tuple[Table, Any], ...] = (
            (DATASETS, (self.dataset, self.other)),
            (ANNOTATORS, self.annotator),
            (CORRUPTIONS, self.corruption),
        )
        return [(table, each) for table, value in named for each in nested(value)]

    def entries(self) -> list[str]:
        """The table rows that this annotation calls for, as ``module:attribute``."""
        return [table.entry(each.name) for table, each in self.named_parts()]


def annotate(
    params: Annotation,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave ``measurements.json`` and ``levels-<k>.safetensors`` of each replicate in ``out``."""
    from harness.annotate.file import write_levels
    from harness.annotate.parameter import require_levels
    from harness.data.load import load
    from harness.train.material import case, collect

    training = params.training()
    train = load(params.dataset.name, **params.dataset.kwargs()).train
    annotator = ANNOTATORS.make(params.annotator)
    rows: list[dict[str, Any]] = []
    for k in range(replicates):
        seen = case(training, train, collect(training, train, k), k, device)
        measured: list[dict[str, Any]] = []
        if hasattr(annotator, "explained"):
            levels, measured = annotator.explained(seen)
        else:
            levels = annotator(seen)
        require_levels(f"levels by {params.annotator}", levels, len(seen.imperfect))
        write_levels(out / f"levels-{k}.safetensors", levels, seen.imperfect)
        rows += described(k, levels)
        flops = annotator.flops(train.shape, len(seen.clean), len(seen.imperfect))
        rows.append(row(k, "annotation_flops", flops, "FLOP", higher_is_better=False, tier="exact"))
        rows += [row(k, **each) for each in measured]
        progress((k + 1) / replicates)
    (out / "measurements.json").write_text(json.dumps(rows, indent=1, allow_nan=False))


def described(replicate: int, levels: "np.ndarray") -> list[dict[str, Any]]:
    """The rows that describe levels [n, 2]."""
    import numpy as np

    low, high = levels.astype(np.float64).T
    finite, count = low[np.isfinite(low)], len(low)
    rows = []
    if len(finite):
        rows.append(row(replicate, "sigma_min_mean", finite.mean(), UNIT, n=len(finite)))
        rows.append(row(replicate, "sigma_min_sd", finite.std(), UNIT, n=len(finite)))
    rows.append(row(replicate, "sigma_min_never", 1 - len(finite) / count, "1", n=count))
    rows.append(row(replicate, "sigma_max_mean", high.mean(), UNIT, n=count))
    for sigma in ADMITTED_AT:
        share = ((sigma > low) | (sigma < high)).mean()
        rows.append(row(replicate, f"share_at_{sigma:g}", float(share), "1", n=count))
    return rows
