"""Claims with their verdicts as the report shows them: a word, an effect, a mark and the reasons.

A mark is a small drawing of an effect and its interval: against 0 and within the margin for a
contrast of two arms, against 1 for the ratio of a bound to an exact value, against the threshold
for a share. It carries no number that does not stand in words beside it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

from harness.report.deciding import SHUT, deciding, shut
from harness.report.number import ABSENT, change, plain, smallest, with_interval
from harness.report.words import words

WIDTH = 180.0  # of a mark, in its own units
EDGE = 6.0
LETTERS = {
    "seen": "S",
    "reversed": "R",
    "equivalent": "E",
    "unresolved": "N",
    "split": "M",
    "void": "V",
}


@final
@dataclass(frozen=True)
class Mark:
    """Positions on [0, WIDTH]: an interval, its middle, a reference line and a margin around it."""

    low: float
    middle: float
    high: float
    line: float | None
    margin: tuple[float, float] | None = None
    whole: bool = True  # whether the interval lies within the drawing

    width: float = WIDTH


@final
@dataclass(frozen=True)
class Tested:
    """One condition of a verdict, in words; the word is the one that it would have by itself.

    main: it decided the verdict."""

    condition: str
    metric: str
    word: str
    pairs: int
    effect: str
    p: str
    smallest: str
    needed: str
    dropped: tuple[str, ...]
    mark: Mark | None
    main: bool = False


@final
@dataclass(frozen=True)
class Decided:
    """A claim with its verdict.

    effect, mark: of a verdict that rests on no paired tests; of a shut gate, that it is. about:
    what the marks' lines and bands stand for. tests: the paired ones.
    """

    claim: Mapping[str, Any]
    verdict: Mapping[str, Any]
    letter: str
    effect: str
    mark: Mark | None
    about: str
    tests: tuple[Tested, ...]
    pools: tuple[str, ...]


def decided(claim: Mapping[str, Any]) -> Decided:
    """One line of ``claims.jsonl`` as the report shows it."""
    verdict, rule = claim["verdict"], claim["rule"]
    readings = {reading["metric"]: reading for reading in rule.get("metrics", ())}
    effect, mark, about = _summary(verdict)
    main = deciding(rule, verdict)
    tests = [
        _tested(c, readings.get(c["metric"], {}), at in main)
        for at, c in enumerate(verdict["conditions"])
    ]
    if shut(verdict):
        effect = SHUT
    if tests:
        about = "line: no effect; band: the margin, below which a difference is too small to matter"
    return Decided(
        claim=claim,
        verdict=verdict,
        letter=LETTERS.get(verdict["outcome"], "?"),
        effect=effect,
        mark=mark,
        about=about,
        tests=tuple(tests),
        pools=tuple(_pool(pool) for pool in verdict["pools"]),
    )


def _summary(verdict: Mapping[str, Any]) -> tuple[str, Mark | None, str]:
    """Effect, mark and what the mark shows, of a verdict about laws; nothing of another."""
    numbers, value = verdict["numbers"], verdict["effect"]
    if value is None:
        return "", None, ""
    if "threshold" in numbers:
        share = [100 * x for x in (value, verdict["low"], verdict["high"])]
        text = f"{plain(share[0])} % of cells [{plain(share[1])}, {plain(share[2])}]"
        mark = _on(0.0, 1.0, verdict["low"], value, verdict["high"], numbers["threshold"])
        return text, mark, f"share of cells from 0 to 100 %; line: {numbers['threshold']:.0%}"
    if "allowed" in numbers:
        allowed, high = numbers["allowed"], verdict["high"]
        share = [plain(100 * x) for x in (value, verdict["low"], high, allowed)]
        text = f"{share[0]} % of {numbers['trials']} [{share[1]}, {share[2]}]"
        mark = _on(0.0, 1.1 * max(high, allowed), verdict["low"], value, high, allowed)
        return text, mark, f"share from 0, with its 95 % interval; line: {share[3]} %"
    if "tightness_low" in numbers:
        low, high = numbers["tightness_low"], numbers["tightness_high"]
        text = f"bound / exact from {plain(low)} to {plain(high)}"
        if not (0 < low <= high):
            return text, None, ""
        mark = _on(
            min(0, math.log(low)), math.log(10 * high), math.log(low), None, math.log(high), 0
        )
        return text, mark, "bound / exact, logarithmic; line: 1, below which a bound is broken"
    return "", None, ""


def _tested(c: Mapping[str, Any], reading: Mapping[str, Any], main: bool) -> Tested:
    logs = c["unit"] == "log ratio"
    effect, low, high, least = (
        change(c[name]) if logs else c[name]
        for name in ("effect", "low", "high", "smallest_resolvable")
    )
    unit = "%" if logs else "" if c["unit"] == "1" else c["unit"]
    p = c["p_holm"]
    needed = c["replicates_needed"]
    return Tested(
        condition=c["condition"],
        metric=words(c["metric"]),
        word=c["word"],
        pairs=c["n"],
        effect=ABSENT if effect is None else f"{with_interval(effect, low, high)} {unit}".rstrip(),
        p=ABSENT if p is None else "< 0.0001" if p < 1e-4 else plain(p, 2),
        smallest=ABSENT if least is None else f"{smallest(least, unit)} {unit}".rstrip(),
        needed=ABSENT if needed is None else f"+{needed}",
        dropped=tuple(c["dropped"]),
        mark=_forest(c, float(reading.get("margin", 0.0))),
        main=main,
    )


def _forest(c: Mapping[str, Any], margin: float) -> Mark | None:
    """An effect against 0 on its own scale, wide enough for the effect and twice the margin."""
    if c["effect"] is None:
        return None
    low = c["effect"] if c["low"] is None else c["low"]
    high = c["effect"] if c["high"] is None else c["high"]
    most = 8 * max(abs(c["effect"]), margin) or 1.0  # beyond it an interval is cut off
    reach = max(min(max(abs(low), abs(high)), most), 2 * margin, 1e-12) * 1.05
    band = (-margin, margin) if margin else None
    return _on(-reach, reach, low, c["effect"], high, 0.0, band)


def _on(
    left: float,
    right: float,
    low: float,
    middle: float | None,
    high: float,
    line: float | None,
    band: tuple[float, float] | None = None,
) -> Mark:
    """Values on [left, right] as positions; what lies outside ends at the edge."""

    def at(x: float) -> float:
        share = (x - left) / (right - left) if right > left else 0.5
        return round(EDGE + min(1.0, max(0.0, share)) * (WIDTH - 2 * EDGE), 2)

    return Mark(
        low=at(low),
        middle=at(low if middle is None else middle),
        high=at(high),
        line=None if line is None else at(line),
        margin=None if band is None else (at(band[0]), at(band[1])),
        whole=left <= low and high <= right,
    )


def _pool(pool: Mapping[str, Any]) -> str:
    """The shared variance of a metric's contrasts, with its diagnostics, as a sentence."""
    if pool["sd"] is None:
        return f"{words(pool['metric'])}: no contrast has two pairs"
    shared = "one variance for all" if pool["pooled"] else "too unequal to pool: each has its own"
    return (
        f"{words(pool['metric'])}: {pool['contrasts']} contrasts, standard deviation of a pair "
        f"{plain(pool['sd'])} with {plain(pool['df'])} degrees of freedom, largest by smallest "
        f"{plain(pool['sd_ratio'])}, Bartlett's p {plain(pool['bartlett_p'])}, correlation "
        f"{plain(pool['correlation'])}; {shared}"
    )
