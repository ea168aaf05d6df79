"""A reading: a metric, and for a metric of features the extractor that they come from.

The name of a reading is the metric's own, ``spectrum_distance``, or that of the metric and of the
extractor, ``fd_random_conv``; this is what a record calls it.
"""

from dataclasses import dataclass
from typing import Any, final

from harness.metrics import EXTRACTORS, METRICS
from harness.problem import Problem


@final
@dataclass(frozen=True)
class Reading:
    """metric: a row of ``METRICS``; extractor: a row of ``EXTRACTORS``, or None."""

    metric: str
    extractor: str | None = None

    @property
    def name(self) -> str:
        return self.metric if self.extractor is None else f"{self.metric}_{self.extractor}"

    @property
    def instance(self) -> Any:
        """The metric itself; imports its module."""
        return METRICS[self.metric]

    def entries(self) -> list[str]:
        """The rows of the tables that it calls for."""
        rows = [METRICS.entry(self.metric)]
        return rows if self.extractor is None else [*rows, EXTRACTORS.entry(self.extractor)]


def reading(name: str) -> Reading:
    """The reading of a name. Raises ``Problem`` where no metric and extractor make it up."""
    if name in METRICS:
        return Reading(name)
    for extractor in EXTRACTORS:
        metric = name.removesuffix(f"_{extractor}")
        if metric != name and metric in METRICS:
            return Reading(metric, extractor)
    if not any(name.startswith(f"{metric}_") for metric in METRICS):
        METRICS.entry(name)  # refuses it, with the nearest name
    raise Problem(
        f"the reading {name!r}",
        "a metric of an extractor that is not known",
        f"the known extractors are {', '.join(EXTRACTORS)}",
    )
