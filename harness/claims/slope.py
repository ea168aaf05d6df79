"""An effect rises or falls along a size (a rule of ``harness.claims.fitted``)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

import numpy as np

from harness.claims.contrast import Contrast
from harness.claims.curve import Curve
from harness.claims.family import Family
from harness.claims.fitting import as_contrast, as_finding, as_verdict
from harness.claims.reading import Reading
from harness.claims.verdict import Regime, Verdict
from harness.records.record import Record


@final
@dataclass(frozen=True)
class Slope:
    """An effect rises ("higher") or falls ("lower") along a size, by replicate."""

    curve: Curve
    better: Literal["lower", "higher"]
    margin: float = 0.0

    def __post_init__(self) -> None:
        Reading("slope", self.better, self.margin)  # which refuses what is no direction or margin

    @property
    def curves(self) -> tuple[Curve, ...]:
        return (self.curve,)

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        return self.curve.named()

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """The one test: of the slope."""
        values = self.curve.values(rows)
        problem, slopes = values.problem, np.empty(0)
        if problem is None and len(values.sizes) < 3:
            problem = f"{len(values.sizes)} sizes {self.curve.condition}, where a slope needs 3"
        if problem is None:
            z = np.log10(values.sizes)
            z = z - z.mean()
            slopes = values.y @ z / (z @ z)
        unit = f"{values.unit} a decade" if values.unit not in ("", "1") else "a decade"
        return (
            as_contrast(
                self.curve, "slope", slopes, values.replicates if problem is None else (), "0",
                unit, values.dropped, problem,
            ),
        )  # fmt: skip

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        return ()

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study."""
        (test,) = self.planned(rows)
        finding = as_finding(test, family, self.better, self.margin)
        values = self.curve.values(rows)
        numbers = values.counts
        head = f"{self.curve.name} {self.curve.condition}"
        if test.problem is None:
            means = values.y.mean(0)
            numbers |= {"effect_first": float(means[0]), "effect_last": float(means[-1])}
            ends = f"from {means[0]:+.3g} to {means[-1]:+.3g} {values.unit}"
            head += f", {values.extent}, {ends}".rstrip()
        return as_verdict(finding.outcome, regime, head, [finding], family, numbers)
