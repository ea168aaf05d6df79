"""What the report opens with: how often the line errs, and how often it finds what is there.

Two sentences about calibration's rates (``harness.report.rates``), false verdicts and planted
effects, each rate beside what was stated for it and with its 95 % interval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

from harness.report.words import words

FALSE, PLANTED = "false verdicts", "planted effects seen"
TEXT = {
    (FALSE, True): "Where two arms differ in nothing, the whole line sees a difference at a rate "
    "that agrees with the stated {stated} at most: each 95 % interval holds it or lies below.",
    (FALSE, False): "Where two arms differ in nothing, the whole line sees a difference more often "
    "than the stated {stated} on {bad}: the 95 % interval lies above.",
    (PLANTED, True): "An effect of the size that is stated to be found in {stated} of studies is "
    "found at a rate that agrees with it: each 95 % interval holds {stated} or lies above.",
    (PLANTED, False): "An effect of the size that is stated to be found in {stated} of studies is "
    "found less often on {bad}: the 95 % interval lies below.",
}


@final
@dataclass(frozen=True)
class Rate:
    """A rate on one metric, in words: counted of studies, and its 95 % interval in per cent."""

    metric: str
    counted: str
    rate: str
    interval: str
    kept: bool


@final
@dataclass(frozen=True)
class Sentence:
    """A sentence about one stated rate, with the numbers that it rests on."""

    text: str
    kept: bool
    rates: tuple[Rate, ...]


def opening(rows: Sequence[Mapping[str, Any]]) -> tuple[Sentence, ...]:
    """The sentences of a calibration's tidy rows: one of false verdicts, one of planted effects;
    none for a kind that no row has."""
    found = []
    for what in (FALSE, PLANTED):
        own = [row for row in rows if row["what"] == what]
        if own:
            kept = all(row["ok"] for row in own)
            stated = f"{100 * own[0]['stated']:g} %"
            bad = ", ".join(words(row["metric"]) for row in own if not row["ok"])
            text = TEXT[what, kept].format(stated=stated, bad=bad)
            found.append(Sentence(text, kept, tuple(map(_rate, own))))
    return tuple(found)


def _rate(row: Mapping[str, Any]) -> Rate:
    return Rate(
        metric=words(row["metric"]),
        counted=f"{row['counted']} of {row['studies']}",
        rate=f"{100 * row['rate']:.1f} %",
        interval=f"{100 * row['low']:.1f} to {100 * row['high']:.1f} %",
        kept=bool(row["ok"]),
    )
