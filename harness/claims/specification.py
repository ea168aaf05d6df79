"""Specification curves: one claim under every choice that could as well have been made.

A claim about two arms names its readings and conditions before the run. Other choices were open,
and a reader may ask how much hangs on them. Simonsohn, Simmons and Nelson (2020, Nature Human
Behaviour 4:1208) compute the effect under all of them and show it sorted. Here the choices are

    metric      each reading of the claim; of a Fréchet distance, every extractor that the study has
    condition   every pair of cells, one an arm, that differ in nothing else: each level of blur,
                network, length or data that the study has, those that the claim does not name too
    data        all replicates; each replicate alone, which is what a paper with one run a setting
                reports; all without each photograph in turn (the held-out loss alone knows them)

The effect is the mean over the replicates that two cells share (``harness.claims.contrast``), with
a t interval of its own variance; a replicate alone has none. The specifications are not
independent, and no p-value is made of them: the curve describes, the claim's own rule decides.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, final

from harness.claims.contrast import Arm, Contrast, contrast, label, levels
from harness.claims.effects import estimate, pooled_sd
from harness.claims.paired import PairedEffect
from harness.claims.photographs import LOSS, by_photograph, photographs, shared, without
from harness.claims.reading import Reading
from harness.records.record import Plain, Record

Data = Literal["all", "one replicate", "without a photograph"]
Cell = tuple[dict[str, Plain], list[Record]]
FRECHET = "fd_"


@final
@dataclass(frozen=True)
class Specification:
    """The effect of one choice.

    effect, low, high (95 %, null with one pair): arm against baseline, in ``unit``. claimed: +1 if
    the claim says that the effect is positive, -1 if negative. left: the replicate that is used
    alone or the photograph that is left out. planned: the claim's own rule tests it. cells: that of
    the arm and that of the baseline. factors: the condition as data. margin: what is too small to
    matter for the reading, in ``unit``; 0 where none is declared.
    """

    metric: str
    condition: str
    data: Data
    left: str
    unit: str
    claimed: int
    n: int
    effect: float
    low: float | None = None
    high: float | None = None
    planned: bool = False
    cells: tuple[str, str] = ("", "")
    factors: tuple[tuple[str, Plain], ...] = ()
    margin: float = 0.0

    @property
    def agrees(self) -> bool:
        """Whether the effect has the direction that the claim names."""
        return self.effect * self.claimed > 0

    @property
    def resolved(self) -> int:
        """+1 where the interval lies on the claimed side of 0, -1 on the other, else 0."""
        if self.low is None or self.high is None or self.low <= 0 <= self.high:
            return 0
        return 1 if self.agrees else -1


@final
@dataclass(frozen=True)
class Curve:
    """The specifications of one claim, those that favour it most first.

    agree, one_run: the shares with the claimed direction among specifications of all replicates or
    all but a photograph, and among single replicates; null where there are none. resolved_for,
    resolved_against: how many intervals lie on either side of 0, of ``intervals``.
    """

    claim: str
    specifications: tuple[Specification, ...]

    def _share(self, *data: Data) -> float | None:
        found = [one.agrees for one in self.specifications if one.data in data]
        return sum(found) / len(found) if found else None

    @property
    def agree(self) -> float | None:
        return self._share("all", "without a photograph")

    @property
    def one_run(self) -> float | None:
        return self._share("one replicate")

    @property
    def intervals(self) -> int:
        return sum(one.low is not None for one in self.specifications)

    @property
    def resolved_for(self) -> int:
        return sum(one.resolved > 0 for one in self.specifications)

    @property
    def resolved_against(self) -> int:
        return sum(one.resolved < 0 for one in self.specifications)


def curve(claim: str, rule: PairedEffect, rows: Sequence[Record]) -> Curve:
    """The specification curve of a claim over the rows of its study. O(pairs of cells x rows)."""
    found: list[Specification] = []
    for reading in _readings(rule.metrics, {row.metric for row in rows}):
        parts = f"{reading.metric}/"  # the held-out loss of each photograph, among others
        of_metric = [r for r in rows if r.metric == reading.metric or r.metric.startswith(parts)]
        for where, arm, baseline in _pairs(rule.arm, rule.baseline, of_metric):
            found += _specified(reading, rule, where, arm, baseline)
    found.sort(key=lambda one: (-one.effect * one.claimed, one.metric, one.condition, one.left))
    return Curve(claim, tuple(found))


def _readings(named: Sequence[Reading], metrics: set[str]) -> list[Reading]:
    """The readings of a claim, and other extractors' for a Fréchet distance, each once."""
    every = {reading.metric: reading for reading in named}
    for reading in named:
        if reading.metric.startswith(FRECHET):
            for metric in sorted(metrics):
                if metric.startswith(FRECHET) and "/" not in metric:
                    every.setdefault(metric, replace(reading, metric=metric))
    return list(every.values())


def _cells(rows: Sequence[Record], arm: Arm) -> dict[str, Cell]:
    """The cells that an arm's factors select, with their factors and rows, by name."""
    cells: dict[str, Cell] = {}
    for row in rows:
        cells.setdefault(row.cell_id, (dict(row.params), []))[1].append(row)
    own = levels(arm).items()
    return {name: one for name, one in cells.items() if own <= one[0].items()}


def _pairs(
    arm: Arm, baseline: Arm, rows: Sequence[Record]
) -> Iterator[tuple[dict[str, Plain], list[Record], list[Record]]]:
    """Every condition at which both arms have a cell, with the rows of the two.

    Two cells are at one condition if no factor but those of the arms tells them apart; a factor
    that only one of them has is shared by all levels of the other, unless another cell stands
    nearer, with more factors in common.
    """
    apart = {*levels(arm), *levels(baseline)}
    ours, others = _cells(rows, arm), _cells(rows, baseline)
    for name in ours.keys() & others.keys():  # what answers to both stands for neither
        del ours[name], others[name]
    for params, own in ours.values():
        free = {name: value for name, value in params.items() if name not in apart}
        fitting = []
        for its, theirs in others.values():
            rest = {name: value for name, value in its.items() if name not in apart}
            both = free.keys() & rest.keys()
            if all(free[name] == rest[name] for name in both):
                fitting.append((len(both), rest, theirs))
        nearest = max((count for count, _, _ in fitting), default=0)
        for count, rest, theirs in fitting:
            if count == nearest:
                yield {**free, **rest}, own, theirs


def _named(rule: PairedEffect, reading: Reading, where: Mapping[str, Plain]) -> bool:
    """Whether the claim's own rule reads this metric at this condition."""
    return reading in rule.metrics and any(
        all(where.get(name, value) == value for name, value in condition.items())
        for condition in rule.conditions
    )


def _specified(
    reading: Reading,
    rule: PairedEffect,
    where: Mapping[str, Plain],
    arm: Sequence[Record],
    baseline: Sequence[Record],
) -> Iterator[Specification]:
    """All choices of data for one metric at one condition; none where it has no numbers."""
    whole = contrast([*arm, *baseline], reading.metric, rule.arm, rule.baseline, {}, reading.scale)
    planned, cells = _named(rule, reading, where), (arm[0].cell_id, baseline[0].cell_id)
    for data, left, given in _choices(whole, arm, baseline):
        found = estimate(given, pooled_sd([given]))
        if found is not None:
            yield Specification(
                reading.metric, label(where), data, left, given.unit, reading.sign, found.n,
                found.effect, found.low, found.high, planned and data == "all", cells,
                tuple(sorted(where.items())), reading.margin,
            )  # fmt: skip


def _choices(
    whole: Contrast, arm: Sequence[Record], baseline: Sequence[Record]
) -> Iterator[tuple[Data, str, Contrast]]:
    """The contrast of all replicates, of each alone, and without each photograph."""
    yield "all", "", whole
    if len(whole.values) > 1:
        for replicate, value in zip(whole.replicates, whole.values):
            yield (
                "one replicate",
                str(replicate),
                replace(whole, values=(value,), replicates=(replicate,)),
            )
    if whole.metric != LOSS or whole.scale != "log_ratio":
        return
    ours, theirs = by_photograph(arm), by_photograph(baseline)
    names, both = sorted(photographs(ours, theirs)), shared(ours, theirs)
    for name in names if len(names) > 1 and both else ():
        ratios = [math.log(without(ours[r], name) / without(theirs[r], name)) for r in both]
        left = replace(whole, values=tuple(ratios), replicates=tuple(both))
        yield "without a photograph", name, left
