"""A specification curve as a drawing for a page: effects above, the choices behind each below.

After Simonsohn, Simmons and Nelson (2020, Nature Human Behaviour 4:1208, figure 2). From left to
right the specifications of a claim, those that favour it most first. Above: the effect with its
95 % interval, up being the claimed direction, and as small open marks the same with each replicate
alone. So that readings of several metrics share an axis, an effect is counted in margins, the
differences that the claim itself calls too small to matter; where a reading declares none, in the
largest effect of its metric. What lies beyond +-``REACH`` ends at the edge. Below: a row a choice.
A filled point is a test of the claim's own rule.

The drawing is SVG text with classes and no colours of its own, so that a page gives it those of its
scheme; every point has a title, which a browser shows as a tooltip.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import final

from harness.claims.specification import Curve, Specification
from harness.report.number import change, with_interval
from harness.report.words import words

WIDTH, LEFT, RIGHT = 720.0, 190.0, 10.0
HEIGHT, TOP, ROW = 180.0, 12.0, 15.0  # of the effects, above them, of one choice
REACH = 5.0
Key = tuple[str, str]  # metric, condition


@final
@dataclass(frozen=True)
class _Choice:
    """A row below the curve: its label, and the positions that it holds for."""

    label: str
    held: frozenset[int]


def drawn(curve: Curve) -> str:
    """The curve of a claim as one ``<svg>`` element; "" where it has no specification."""
    shown = [one for one in curve.specifications if one.data != "one replicate"]
    if not shown:
        return ""
    unit = _units(shown)
    shown.sort(key=lambda one: (-_height(one, unit), one.metric, one.condition, one.left))
    runs: dict[Key, list[Specification]] = {}
    for one in curve.specifications:
        if one.data == "one replicate":
            runs.setdefault((one.metric, one.condition), []).append(one)
    rows = _choices(shown)
    total = TOP + HEIGHT + 14 + ROW * len(rows)
    parts = [
        f'<svg class="specification" viewBox="0 0 {WIDTH:g} {total:g}" role="img" '
        f'aria-label="{escape(_spoken(curve), quote=True)}">',
        *_axis(),
    ]
    for position, one in enumerate(shown):
        x = _across(position, len(shown))
        if one.data == "all":
            for run in runs.get((one.metric, one.condition), ()):
                parts.append(_dot(x, run, unit, "run", 1.8))
        parts += _point(x, one, unit)
    for line, row in enumerate(rows):
        y = TOP + HEIGHT + 20 + ROW * line
        parts.append(f'<text class="choice" x="{LEFT - 8:g}" y="{y + 4:.1f}">{escape(row.label)}')
        parts.append("</text>")
        for position in sorted(row.held):
            x = _across(position, len(shown))
            parts.append(f'<rect x="{x - 1.2:.2f}" y="{y - 4:.1f}" width="2.4" height="8"/>')
    return "".join([*parts, "</svg>"])


def _spoken(curve: Curve) -> str:
    """The curve for those who do not see it."""
    agree = 0.0 if curve.agree is None else curve.agree
    text = f"Specification curve of {curve.claim}: {agree:.0%} of the choices have its direction"
    alone = "" if curve.one_run is None else f", {curve.one_run:.0%} of the single runs"
    return f"{text}{alone}; {curve.resolved_for} intervals for it, {curve.resolved_against} against"


def _units(shown: Sequence[Specification]) -> Mapping[str, float]:
    """What an effect of each metric is counted in."""
    largest: dict[str, float] = {}
    for one in shown:
        largest[one.metric] = max(largest.get(one.metric, 0.0), abs(one.effect))
    margins = {one.metric: one.margin for one in shown}
    return {name: margins[name] or largest[name] or 1.0 for name in largest}


def _height(one: Specification, unit: Mapping[str, float]) -> float:
    """The effect in its unit, positive in the claimed direction."""
    return one.effect * one.claimed / unit[one.metric]


def _across(position: int, count: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (position + 0.5) / count


def _up(height: float) -> float:
    inside = max(-REACH, min(REACH, height))
    return TOP + HEIGHT * (0.5 - inside / (2 * REACH))


def _axis() -> list[str]:
    """The line of no effect, the band of a margin, and the words beside them."""
    parts = [
        f'<rect class="band" x="{LEFT:g}" y="{_up(1):.1f}" width="{WIDTH - LEFT - RIGHT:g}" '
        f'height="{_up(-1) - _up(1):.1f}"/>',
        f'<path class="zero" d="M{LEFT:g} {_up(0):.1f}H{WIDTH - RIGHT:g}"/>',
    ]
    ends = (f"{REACH:g} margins as claimed", "no effect", f"{REACH:g} the other way")
    for height, text in zip((REACH, 0.0, -REACH), ends):
        parts.append(f'<text class="choice" x="{LEFT - 8:g}" y="{_up(height) + 4:.1f}">{text}')
        parts.append("</text>")
    return parts


def _point(x: float, one: Specification, unit: Mapping[str, float]) -> list[str]:
    """An effect with its interval."""
    parts = []
    if one.low is not None and one.high is not None:
        ends = sorted(_up(end * one.claimed / unit[one.metric]) for end in (one.low, one.high))
        parts.append(f'<path class="interval" d="M{x:.2f} {ends[0]:.1f}V{ends[1]:.1f}"/>')
    return [*parts, _dot(x, one, unit, "planned" if one.planned else "open", 3.0)]


def _dot(x: float, one: Specification, unit: Mapping[str, float], kind: str, size: float) -> str:
    y = _up(_height(one, unit))
    return (
        f'<circle class="{kind}" cx="{x:.2f}" cy="{y:.1f}" r="{size:g}">'
        f"<title>{escape(_said(one))}</title></circle>"
    )


def _said(one: Specification) -> str:
    """A specification in words: what was chosen and the effect."""
    logs = one.unit == "log ratio"
    values = [change(v) if logs else v for v in (one.effect, one.low, one.high)]
    effect = f"{with_interval(*values)} {'%' if logs else one.unit}".rstrip()
    data = {
        "all": f"{one.n} pairs",
        "one replicate": f"replicate {one.left} alone",
        "without a photograph": f"without {one.left}, {one.n} pairs",
    }[one.data]
    return f"{words(one.metric)}, {one.condition}, {data}: {effect}"


def _choices(shown: Sequence[Specification]) -> list[_Choice]:
    """The rows below: each metric, each level that varies, a photograph left out."""

    def rows(names: Iterable[str], of: Sequence[set[str]]) -> list[_Choice]:
        found = [
            _Choice(name, frozenset(i for i, own in enumerate(of) if name in own)) for name in names
        ]
        return [row for row in found if row.held]

    metrics = [{words(one.metric)} for one in shown]
    factors = [{name: words(value) for name, value in one.factors} for one in shown]
    levels = [{f"{words(name)}: {level}" for name, level in own.items()} for own in factors]
    left = [{"a photograph left out"} if one.left else set() for one in shown]
    named = sorted({name for own in metrics for name in own})
    ordered = sorted({(name, *_rank(level)) for own in factors for name, level in own.items()})
    every = [f"{words(name)}: {level}" for name, _, level in ordered]
    varied = [level for level in every if not all(level in own for own in levels)]
    return [*rows(named, metrics), *rows(varied, levels), *rows(["a photograph left out"], left)]


def _rank(level: str) -> tuple[float, str]:
    """Levels that begin with a number by its size, before the others by their letters."""
    number = re.match(r"\d+(\.\d+)?", level)
    return (float(number.group()) if number else math.inf, level)
