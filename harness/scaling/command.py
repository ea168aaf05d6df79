"""What ``patina fit`` does with its options."""

import argparse
import json
import math
from collections.abc import Callable, Sequence
from typing import Any

from harness.problem import Problem
from harness.records.atomic import write_together
from harness.scaling.bootstrap import FEWEST
from harness.scaling.cautions import notes
from harness.scaling.choice import Comparison, Interval, Prediction, compare
from harness.scaling.points import FAR
from harness.scaling.read import read

Pictures = Callable[[Comparison, Sequence[Prediction]], dict[str, bytes]]


def fit(options: argparse.Namespace, pictures: Pictures) -> int:
    """Fit, print the table, leave the JSON and the figure (bytes by the endings of their names)."""
    if options.bootstrap < FEWEST:
        fix = f"give {FEWEST} or more, for its 95 % intervals"
        raise Problem(f"--bootstrap {options.bootstrap}", "too few draws", fix)
    if options.seed < 0:
        raise Problem(f"--seed {options.seed}", "a number below 0", "give 0 or more")
    if not 0 < options.delta < math.inf:
        raise Problem(f"--delta {options.delta}", "no width above 0", "give 0.001, say")
    places = [_place(text) for text in options.at]
    points = read(options.file, _names(options.x, "--x"), options.y, options.run)
    for place in places:
        points.place(place)
    forms = _names(options.form, "--form") if options.form is not None else None
    try:
        found = compare(points, forms, options.delta, options.bootstrap, options.seed)
    except Problem as problem:
        raise Problem(f"{problem.asked} ({options.file})", problem.got, problem.fix) from problem
    predictions = [found.predict(found.chosen, place) for place in places]
    result = as_json(found, predictions, options.delta)
    text = json.dumps(result, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    made = {options.out / "fit.json": text.encode()}
    for kind, data in pictures(found, predictions).items():
        made[options.out / f"fit.{kind}"] = data
    write_together(made)
    print(table(found, predictions))
    print("\n".join(f"wrote {path}" for path in made))
    return 0


def _names(text: str, option: str) -> list[str]:
    found = [name.strip() for name in text.split(",") if name.strip()]
    if not found:
        raise Problem(option, "no name", "give one, or several with commas")
    return found


def _place(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise Problem(f"--at {text}", "no numbers", "give one a variable: 1e9,2e10") from None


def as_json(found: Comparison, predictions: Sequence[Prediction], delta: float) -> dict[str, Any]:
    """Everything that was found, as plain values; null for an end that the points do not set,
    and for a whole interval that would be narrower than the losses' rounding or than a miss."""
    points = found.points
    return {
        "variables": list(points.names),
        "points": len(points.y),
        "sizes": int(points.sizes.max()) + 1,
        "runs": int(points.run.max()) + 1,
        "delta": delta,
        "chosen": found.marked,
        "shown": found.chosen,
        "least_held_out_error": found.continues,
        "aicc_of_a_constant": found.level,
        "forms": {name: _row(found, name) for name in found.rows},
        "predictions": [
            {
                "at": list(p.at),
                "value": p.value,
                "interval": [p.low, p.high],
                "times_beyond_the_sizes": p.reach,
                "too_far": p.far,
            }
            for p in predictions
        ],
        "notes": notes(found),
    }


def _row(found: Comparison, name: str) -> dict[str, Any]:
    row = found.rows[name]
    law = row.fit
    return {
        "formula": law.form.formula,
        "parameters": {
            parameter: {
                "value": value if math.isfinite(value) else None,
                "bootstrap_95": row.bootstrap[i],
                "profile_95": row.profile[i],
            }
            for i, (parameter, value) in enumerate(law.parameters.items())
        },
        "correlation": row.correlation.tolist(),
        "huber_sum": law.total,
        "aicc": law.aicc,
        "held_out": {
            "mean_absolute_error": row.held_out.error,
            "mean_error": row.held_out.bias,
            "points": row.held_out.n,
            "times_beyond_the_sizes": row.held_out.reach,
        },
        "log_residuals": law.residuals.tolist(),
        "ended": law.done,
        "at_bound": list(row.at_bound),
        "missed_over_spread_of_runs": row.apart,
        "draws": len(row.replicates.theta),
        "draws_ended": row.replicates.ended,
    }


def table(found: Comparison, predictions: Sequence[Prediction]) -> str:
    """What the command prints."""
    points = found.points
    lines = [
        f"{len(points.y)} points, {points.sizes.max() + 1} sizes, {points.run.max() + 1} runs",
        "",
        f"  {'form':24}{'AICc':>10}{'held-out error':>16}{'bias':>10}",
    ]
    order = sorted(found.rows, key=lambda n: (n != found.chosen, found.rows[n].fit.aicc or 0))
    for name in order:
        row = found.rows[name]
        score = "–" if row.fit.aicc is None else f"{row.fit.aicc:.1f}"
        error = "–" if row.held_out.error is None else f"{100 * row.held_out.error:.2f} %"
        bias = "–" if row.held_out.bias is None else f"{100 * row.held_out.bias:+.2f} %"
        mark = "*" if name == found.marked else " "
        line = f"{mark} {name:24}{score:>10}{error:>16}{bias:>10}"
        lines.append(f"{line}  ! {row.state}" if row.state else line)
    first = found.rows[found.chosen]
    out = first.held_out
    lines += [f"  held out: {out.n} points, up to {out.reach:.3g} times the largest kept", ""]
    for name in order:
        row = found.rows[name]
        lines.append(f"{name}: {row.fit.form.formula}")
        head = f"  {'':8}{'':>12}  {'95 % from runs':26}{'95 % from the likelihood':26}"
        lines.append(head.rstrip())
        for i, (parameter, value) in enumerate(row.fit.parameters.items()):
            ends = f"{_ends(row.bootstrap[i]):26}{_ends(row.profile[i])}"
            lines.append(f"  {parameter:8}{value:>12.4g}  {ends}")
    for p in predictions:
        at = ", ".join(f"{n} = {v:g}" for n, v in zip(points.names, p.at))
        lines += ["", f"at {at}: {p.value:.4g} ({p.low:.4g} to {p.high:.4g}), {found.chosen}"]
        if p.far:
            lines.append(f"  ! {p.reach:.3g} times beyond the sizes: over {FAR:g}, do not trust it")
    said = [f"note: {words}" for words in notes(found)]
    return "\n".join(lines + [""] * bool(said) + said)


def _ends(interval: Interval | None) -> str:
    if interval is None:
        return "none"
    low, high = ("open" if end is None else f"{end:.4g}" for end in interval)
    return f"{low} to {high}"
