"""The result of an evaluation: a table on the screen, a file of everything, and its records.

``r.json`` says what was asked, what the sets are, what was noticed about them, and every number
with its interval; ``r.jsonl`` beside it holds the same numbers as records, one row a reading and
range, which ``patina compare`` reads. Intervals are 95 %: the value plus and minus 1.96 standard
errors. With several ranges of the samples the mean, the standard deviation and the least value
stand beside the values themselves; the least of three is what papers tend to report, and it is no
mean.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness import __version__
from harness.cell import digest
from harness.evaluate.evaluation import Found
from harness.evaluate.measuring import Measured
from harness.records.files import to_text
from harness.records.record import Record, measured, unmeasured

Z95 = 1.959964
SCHEMA = "patina evaluation 1"
NOTHING = "–"


def word(name: str) -> str:
    """What a reading is called on the screen. Only the FID network's distance is called FID."""
    return {"fd_inception": "FID", "fd_infinity_inception": "FID at infinity"}.get(name, name)


def records(found: Found) -> list[Record]:
    """One record a row. What identifies a row is the reference and how it was measured, so that
    `patina compare` sets two kinds of samples side by side."""
    identity = digest({**_settings(found), "seed": 0})
    reference = found.reference.digest if found.reference else found.statistics.digest  # type: ignore[union-attr]
    params = {"reference": reference[:16]}
    rows = []
    for each in found.rows:
        metric = each.reading.instance
        common: dict[str, Any] = {
            "study": "evaluate",
            "cell_id": identity,
            "params": params,
            "metric": each.reading.name + ("/floor" if each.kind == "floor" else ""),
            "unit": metric.unit,
            "tier": "tolerance",
            "replicate": each.place,
            "higher_is_better": metric.higher_is_better,
        }
        if each.estimate is None:
            rows.append(unmeasured(each.status, each.reason, **common))
        else:
            value, error, n = each.estimate
            rows.append(measured(value, error, n=n, **common))
    return rows


def _settings(found: Found) -> dict[str, Any]:
    asked = found.asked
    return {
        "metrics": [each.reading.name for each in found.rows if each.place == 0],
        "extractors": {name: each.hash for name, each in found.extractors.items()},
        "preprocess": found.preprocess,
        "ranges": asked.ranges,
        "bootstrap": asked.bootstrap,
        "seed": asked.seed,
    }


def summary(rows: Sequence[Measured]) -> dict[str, Any]:
    """The numbers of one reading over its ranges; None where there is no number."""
    estimates = [row.estimate for row in rows if row.estimate is not None]
    values = [each.value for each in estimates]
    if not values:
        return {"value": None, "reason": rows[0].reason}
    mean = sum(values) / len(values)
    error = estimates[0].standard_error if len(values) == 1 else None
    spread = None
    if len(values) > 1:
        spread = (sum((value - mean) ** 2 for value in values) / (len(values) - 1)) ** 0.5
    return {
        "value": mean,
        "standard_error": error,
        "interval_95": None if error is None else [mean - Z95 * error, mean + Z95 * error],
        "standard_deviation": spread,
        "least": min(values) if len(values) > 1 else None,
        "values": values,
        "n": estimates[0].n,
        "reason": next((row.reason for row in rows if row.reason), ""),
    }


def readings(found: Found) -> dict[str, dict[str, Any]]:
    """The summary of every reading, with that of its floor where it was asked for."""
    names = list(dict.fromkeys(row.reading.name for row in found.rows))
    out = {}
    for name in names:
        own = [row for row in found.rows if row.reading.name == name]
        samples = summary([row for row in own if row.kind == "samples"])
        floor = [row for row in own if row.kind == "floor"]
        metric = own[0].reading.instance
        expected = getattr(metric, "expected", None)
        count = found.reference.count if found.reference else 0
        out[name] = {
            **samples,
            "unit": metric.unit,
            "higher_is_better": metric.higher_is_better,
            "right": metric.right,
            "equal_laws": expected(samples["n"], count)
            if expected and count and samples["value"] is not None
            else None,
            **(_floor(floor) if floor else {}),
        }
    return out


def _floor(rows: Sequence[Measured]) -> dict[str, Any]:
    """What a reading says of two halves of the reference, of how many images, or why nothing."""
    found = summary(rows)
    return {"floor": found["value"], "floor_n": found.get("n"), "floor_reason": rows[0].reason}


def contents(found: Found) -> dict[str, Any]:
    """Everything, as plain data."""
    return {
        "schema": SCHEMA,
        "tool": f"patina {__version__}",
        "settings": _settings(found),
        "generated": found.generated.describe(),
        "reference": found.reference.describe()
        if found.reference
        else {
            "statistics": found.asked.reference,
            "digest": found.statistics.digest,  # type: ignore[union-attr]
            "count": found.statistics.moments.count,  # type: ignore[union-attr]
        },
        "notes": list(found.notes),
        "readings": readings(found),
    }


def files(found: Found, out: Path) -> dict[Path, bytes]:
    """``out`` and its records beside it, as bytes."""
    text = json.dumps(contents(found), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return {out.with_suffix(".jsonl"): to_text(records(found)).encode(), out: text.encode()}


def table(found: Found) -> str:
    """The table on the screen: one line a reading."""
    several, floor = found.asked.ranges > 1, found.asked.floor
    head = ["reading", "mean", "sd", "least"] if several else ["reading", "value", "95 % interval"]
    lines = [[*head, "right", "n", *(["two halves of reference", "n"] if floor else [])]]
    reasons = []
    for name, each in readings(found).items():
        if each["reason"]:
            reasons.append(f"{word(name)}: {each['reason']}")
        if each["value"] is None:
            line = [word(name), *[NOTHING] * (len(head) - 1)]
        elif several:
            shown = (each[key] for key in ("value", "standard_deviation", "least"))
            line = [word(name), *map(_short, shown)]
        else:
            low_high = each["interval_95"]
            interval = NOTHING if low_high is None else " to ".join(map(_short, low_high))
            line = [word(name), _short(each["value"]), interval]
        line += [_right(each), str(each.get("n", NOTHING))]
        if floor:
            line += [_short(each["floor"]), str(each["floor_n"] or NOTHING)]
            if each.get("floor_reason") and each["floor_reason"] != each["reason"]:
                reasons.append(f"{word(name)} of two halves: {each['floor_reason']}")
        lines.append(line)
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    text = [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths))
        ).rstrip()
        for line in lines
    ]
    text.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([*text, *(f"no number for {reason}" for reason in reasons)])


def _short(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.4g}"


def _right(each: dict[str, Any]) -> str:
    """Where a number should be: its mean for equal laws, its right value, or the better way."""
    if each["equal_laws"] is not None:
        return f"{each['equal_laws']:.3g}"
    if each["right"] is not None:
        return f"{each['right']:g}"
    return {True: "higher", False: "lower", None: NOTHING}[each["higher_is_better"]]
