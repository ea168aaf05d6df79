"""Where biased data help, measured, and where the printed bounds say so.

At each noise level the ratio e2 / e1 of the error with biased samples to the error without lies
below 1 by more than 4 standard errors (they help), above 1 by as much (they hurt), or neither (not
resolved). The bounds say "help" where B2 / B1 is below 1: with the constants of the proofs
(explicit), and with every constant one, as section 4 of the paper prints them (order).
"""

from collections.abc import Sequence
from typing import Any, Literal

from harness.claims.bound import ERRORS
from harness.report.bounds import value
from harness.report.layout import Layout
from harness.report.number import ABSENT, plain
from harness.report.results import Group, Results
from harness.report.sheet import Part

Sign = Literal["help", "hurt", "unresolved"]
BOUNDS = ("printed", "order_ratio")


def measured(group: Group) -> Sign:
    """What the errors say at one point."""
    row = next((row for row in group.of("exact") if row.value is not None), None)
    if row is None or row.value is None:
        return "unresolved"
    if abs(row.value - 1) <= ERRORS * (row.standard_error or 0.0):
        return "unresolved"
    return "help" if row.value < 1 else "hurt"


def predicted(group: Group, bound: str) -> Sign:
    """What a bound says at one point."""
    ratio = value(group, bound)
    if ratio is None or ratio == 1:
        return "unresolved"
    return "help" if ratio < 1 else "hurt"


def spans(levels: Sequence[float], there: Sequence[bool]) -> str:
    """The runs of increasing levels at which something holds: ``0.01 to 0.02, 1 to 5``."""
    runs: list[list[float]] = []
    before = False
    for level, now in zip(levels, there):
        if now and before:
            runs[-1].append(level)
        elif now:
            runs.append([level])
        before = now
    texts = [
        plain(run[0]) if len(run) == 1 else f"{plain(run[0])} to {plain(run[-1])}" for run in runs
    ]
    return ", ".join(texts) or "nowhere"


def settings(results: Results) -> dict[tuple[str, str, int], list[Group]]:
    """The points of each pair and number of clean samples, by increasing sigma."""
    found: dict[tuple[str, str, int], list[Group]] = {}
    for group in results.ordered(("n1", "sigma")):
        p = group.params
        if p.get("law") == "switching_point":
            n1 = p.get("n1")
            key = (str(p.get("p")), str(p.get("q")), n1 if isinstance(n1, int) else 0)
            found.setdefault(key, []).append(group)
    first = {key[:2]: i for i, key in reversed(list(enumerate(found)))}
    return dict(sorted(found.items(), key=lambda item: (first[item[0][:2]], item[0][2])))


def switching(results: Results, layout: Layout) -> Part:
    """The part ``switching``: one row a pair and number of clean samples."""
    body, tidy = [], []
    for (p, q, n1), groups in settings(results).items():
        row = _tidy(p, q, n1, groups)
        body.append(
            (
                f"{p} | {q}",
                str(n1),
                f"{row['resolved']} of {row['points']}",
                row["helps_at"],
                row["printed_says"],
                f"{row['printed_agrees']} of {row['resolved']}" if row["resolved"] else ABSENT,
                row["order_ratio_says"],
                f"{row['order_ratio_agrees']} of {row['resolved']}" if row["resolved"] else ABSENT,
            )
        )
        tidy.append(row)
    return Part(
        name="switching",
        caption="Noise levels σ at which nine biased samples for each of n1 clean ones lower the "
        "error of the kernel estimate: as measured (by more than 4 standard errors), and as the "
        "printed bounds say, with the proofs' constants (explicit) and with every constant one "
        "(order); and at how many of the resolved levels a bound says what is so.",
        header=(
            "clean | biased",
            "n1",
            "resolved",
            "help at σ",
            "explicit says",
            "right",
            "order says",
            "right",
        ),
        labels=1,
        body=tuple(body),
        tidy=tuple(tidy),
    )


def _tidy(p: str, q: str, n1: int, groups: Sequence[Group]) -> dict[str, Any]:
    levels = [float(group.params.get("sigma") or 0.0) for group in groups]
    truth = [measured(group) for group in groups]
    row: dict[str, Any] = {
        "law": "switching_point",
        "on": f"{p} | {q}",
        "n1": n1,
        "points": len(groups),
        "failed": sum(bool(group.failures) for group in groups),
        "resolved": sum(sign != "unresolved" for sign in truth),
        "helps_at": spans(levels, [sign == "help" for sign in truth]),
    }
    for bound in BOUNDS:
        says = [predicted(group, bound) for group in groups]
        row[f"{bound}_says"] = spans(levels, [sign == "help" for sign in says])
        row[f"{bound}_agrees"] = sum(
            sign == other for sign, other in zip(truth, says) if sign != "unresolved"
        )
    return row
