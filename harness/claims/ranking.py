r"""Claims about classes: those that score higher on one reading improve faster on another.

A class c has a score, ``recognisability/c``, and an error, ``error/c``, of n images at each size
N along a factor. Its rate is that at which the error falls, the slope by least squares of

.. math::  -\ln \frac{n\,e_c(N) + 1/2}{n + 1} \quad\text{in}\quad \ln N,

the half an image added since a class of few images can have no error at all. Within a replicate the
classes are ranked by score and by rate (equal ones share the mean of their ranks); their
correlation (Spearman) is what the replicate says.

**Ranking**\ (score, error, along, arm, baseline, better): the mean correlation over replicates is
above 0 ("higher") or below. With a baseline, the correlation of the arm's score with the arm's rate
is held against that with the baseline's rate: a class that is easy for anyone scores high and
improves fast whatever is learned from. The difference of two correlations is another quantity than
one, and shares no variance with it. Student's interval over replicates, which see other images of
the same classes; it says nothing of other classes. The score is the mean over the sizes. Refused,
and so not resolved: below three sizes, below five classes, where a run failed, and where all
classes have one score or one rate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, final

import numpy as np

from harness.claims.contrast import Arm, Contrast, by_replicate, label, levels, select
from harness.claims.curve import Curve
from harness.claims.family import Family
from harness.claims.fitting import as_finding, as_verdict
from harness.claims.reading import Reading
from harness.claims.verdict import Regime, Verdict
from harness.records.record import Plain, Record

LEAST_CLASSES, LEAST_SIZES = 5, 3
MANY = 1e9  # test images of a class where the rows do not say it


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks ``[C]`` from 0; equal values share the mean of theirs."""
    below = (values[None] < values[:, None]).sum(1)
    equal = (values[None] == values[:, None]).sum(1)
    return below + (equal - 1) / 2


def spearman(one: np.ndarray, two: np.ndarray) -> float:
    """The correlation of ranks of ``[C]`` and ``[C]``; NaN where all of one are equal."""
    a, b = (ranks(each) - (len(each) - 1) / 2 for each in (one, two))
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale else float("nan")


@final
@dataclass(frozen=True)
class Ranking:
    """Classes of a higher ``score`` have an ``error`` that falls faster ``along`` a size."""

    score: str
    error: str
    along: str
    arm: Arm
    baseline: Arm | None = None
    better: Literal["lower", "higher"] = "higher"
    where: Mapping[str, Plain] = field(default_factory=dict)

    def __post_init__(self) -> None:
        Reading(self.score, self.better)

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics, over all classes, and the factors that the rule speaks of."""
        arms = (self.arm, self.baseline) if self.baseline else (self.arm,)
        own = {name for arm in arms for name in levels(arm)}
        return {self.score, self.error}, {self.along, *self.where, *own}

    def classes(self, rows: Sequence[Record]) -> tuple[str, ...]:
        """The classes that the arm has a score of."""
        stem = f"{self.score}/"
        found = dict.fromkeys(row.metric for row in rows if row.metric.startswith(stem))
        kept = [metric for metric in found if select(rows, metric, self.where, self.arm)]
        return tuple(metric.removeprefix(stem) for metric in kept)

    def rows(self, rows: Sequence[Record]) -> list[Record]:
        """The rows that it is made of."""
        found: list[Record] = []
        for name in self.classes(rows):
            found += select(rows, f"{self.score}/{name}", self.where, self.arm)
            for arm in (self.arm, self.baseline) if self.baseline else (self.arm,):
                found += select(rows, f"{self.error}/{name}", self.where, arm)
        return found

    def _rates(
        self, rows: Sequence[Record], arm: Arm, classes: tuple[str, ...]
    ) -> tuple[dict[int | None, np.ndarray], str | None]:
        """The rate of each class ``[C]`` by replicate, or why there are none."""
        curves = [Curve(f"{self.error}/{name}", self.along, arm, where=self.where)
                  for name in classes]  # fmt: skip
        every = [curve.values(rows) for curve in curves]
        problem = next((each.problem for each in every if each.problem), None)
        if problem is None and len(every[0].sizes) < LEAST_SIZES:
            got = f"{len(every[0].sizes)} sizes of {label(arm)} {curves[0].condition}"
            problem = f"{got}, where a rate needs {LEAST_SIZES}"
        if problem is None and any(e.replicates != every[0].replicates for e in every):
            problem = f"not the same replicates in every class of {label(arm)}"
        if problem is not None:
            return {}, problem
        counts = np.array([self._images(rows, curve) for curve in curves])[:, None, None]
        errors = np.stack([each.y for each in every])  # [C, k, m]
        z = np.log(every[0].sizes) - np.log(every[0].sizes).mean()
        rate = -np.log((counts * errors + 0.5) / (counts + 1)) @ z / (z @ z)  # [C, k]
        return dict(zip(every[0].replicates, rate.T)), None

    def _images(self, rows: Sequence[Record], curve: Curve) -> float:
        """The test images of a class."""
        return float(next((row.n for row in curve.rows(rows) if row.n), MANY))

    def _scores(
        self, rows: Sequence[Record], classes: tuple[str, ...]
    ) -> tuple[dict[int | None, np.ndarray], str | None]:
        """The score of each class ``[C]``, by replicate, the mean over the sizes."""
        found: dict[int | None, list[float]] = {}
        for name in classes:
            metric = f"{self.score}/{name}"
            own: dict[int | None, list[float]] = {}
            for size in Curve(metric, self.along, self.arm, where=self.where).sizes(rows):
                at = by_replicate(rows, metric, {**self.where, self.along: size}, self.arm)
                for replicate, row in at.items():
                    if row.value is None:
                        return {}, f"{metric} of replicate {replicate} {row.status}"
                    own.setdefault(replicate, []).append(row.value)
            for replicate, values in own.items():
                found.setdefault(replicate, []).append(float(np.mean(values)))
        whole = {r: np.array(each) for r, each in found.items() if len(each) == len(classes)}
        return whole, None

    def _found(
        self, rows: Sequence[Record]
    ) -> tuple[list[int | None], np.ndarray, tuple[np.ndarray, ...], str | None]:
        """Replicates, scores ``[k, C]``, rates ``[k, C]`` of each arm; or why there are none."""
        classes = self.classes(rows)
        problem = None
        if len(classes) < LEAST_CLASSES:
            problem = f"{len(classes)} classes with a {self.score}, where ranks need "
            problem += f"{LEAST_CLASSES}"
        scores: dict[int | None, np.ndarray] = {}
        sides: list[dict[int | None, np.ndarray]] = []
        if problem is None:
            scores, problem = self._scores(rows, classes)
        for arm in (self.arm, self.baseline) if self.baseline else (self.arm,):
            if problem is None:
                rates, problem = self._rates(rows, arm, classes)
                sides.append(rates)
        shared = [r for r in scores if all(r in side for side in sides)] if not problem else []
        if problem is None and not shared:
            problem = f"no replicate has a {self.score} and an {self.error} of every class"
        if problem is not None:
            return [], np.empty((0, 0)), (), problem
        return (
            shared,
            np.array([scores[r] for r in shared]),
            tuple(np.array([side[r] for r in shared]) for side in sides),
            None,
        )

    def by_class(self, rows: Sequence[Record]) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        """Scores ``[k, C]`` and the rates ``[k, C]`` of the arm and of the baseline.

        Empty where there are none; classes in the order of ``classes``.
        """
        return self._found(rows)[1:3]

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """The one test: of the mean correlation, or of its difference."""
        shared, scores, sides, problem = self._found(rows)
        found = [
            sum(sign * spearman(own, side[k]) for sign, side in zip((1.0, -1.0), sides))
            for k, own in enumerate(scores)
        ]
        if problem is None and not np.isfinite(found).all():
            problem = f"all classes have one {self.score}, or one rate of {self.error}"
        against = f"with the rate of {label(self.baseline)}" if self.baseline else "0"
        what = "difference of rank correlations" if self.baseline else "rank correlation"
        return (
            Contrast(
                f"{what} of {self.score} and the rate of {self.error} in {self.along}",
                "difference", label(self.arm), against,
                label(self.where) if self.where else "all classes", "1",
                () if problem else tuple(map(float, found)),
                () if problem else tuple(shared), (), problem,
            ),
        )  # fmt: skip

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        return ()

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study."""
        (test,) = self.planned(rows)
        finding = as_finding(test, family, self.better)
        count = len(self.classes(rows))
        head = f"{test.metric}, {label(self.arm)}"
        head += f" less that {test.baseline}" if self.baseline else ""
        numbers: dict[str, float | int | str | None] = {"classes": count, "runs": len(test.values)}
        if test.problem is None:
            numbers["correlation"] = float(np.mean(test.values))
            head += f": {numbers['correlation']:+.2f} over {count} classes, {len(test.values)} runs"
        return as_verdict(finding.outcome, regime, head, [finding], family, numbers)
