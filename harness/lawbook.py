"""The laws from the shell: what there is, what each takes, and its answer at one's own point.

    patina law                                      every law with its statement
    patina law slight_corruption                    those of one paper
    patina law slight_corruption.entropy_gain       what it takes, and an example
    patina law slight_corruption.entropy_gain --gamma 0.2 --mu 1,0,0 --cov 1,1,1

A value is a number, a word, a list ``1,0,0``, a matrix ``1,0.5;0.5,1`` (``1,2;`` where it has one
row), or a file ``@cov.json`` that holds one as JSON. The answer is one JSON object; numbers that
are not finite are null.
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.problem import Problem
from harness.theorem import LAW_TABLE

if TYPE_CHECKING:
    from theory.law import Law, Value


def listing(paper: str = "") -> str:
    """Every law, or those of one paper: its name, and under it what it states."""
    lines = []
    for name in LAW_TABLE:
        if paper in ("", name.partition(".")[0]):
            lines += [name, f"    {LAW_TABLE[name].statement}"]
    lines += ["", "patina law NAME says what a law takes, and gives an example."]
    return "\n".join(lines)


def is_paper(name: str) -> bool:
    """Whether a name is that of a paper, rather than of one of its laws."""
    return any(row.partition(".")[0] == name for row in LAW_TABLE)


def law_of(name: str) -> "Law":
    """The law of a name; a :class:`Problem` for an unknown one lists those of its paper, or all."""
    paper = name.partition(".")[0]
    own = [row for row in LAW_TABLE if row.partition(".")[0] == paper]
    if name not in LAW_TABLE and own:
        raise Problem(f"the law {name!r}", f"no such law of {paper}", f"it has {', '.join(own)}")
    law: Law = LAW_TABLE[name]()
    return law


def description(name: str) -> str:
    """One law: statement, source, parameters with their kinds, and a command to try."""
    law = law_of(name)
    width = max(len(key) for key in law.parameters)
    example = " ".join(f"--{key} {_text(value)}" for key, value in law.example.items())
    how = "closed form or quadrature" if law.tier == "exact" else "Monte Carlo"
    return "\n".join(
        [
            name,
            f"  {law.statement}",
            f"  {law.source}",
            f"  unit: {law.unit}; exact value by {how}",
            "",
            *(f"  --{key:{width}}  {parameter}" for key, parameter in law.parameters.items()),
            "",
            f"  patina law {name} {example}",
        ]
    )


def answer(name: str, arguments: Sequence[str]) -> dict[str, Any]:
    """The law at the point that the arguments give, as plain data.

    arguments: ``--name value`` or ``--name=value`` for each parameter, and ``--seed`` for a law
    that draws. Errors: a :class:`Problem` for an unknown name or a value that the law refuses.
    """
    import numpy as np

    law = law_of(name)
    params = _params(law, arguments)
    seed = params.pop("seed", 0) if "seed" not in law.parameters else 0
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise Problem(f"--seed {seed}", "no seed", "give a whole number of 0 or more")
    try:
        with np.errstate(all="ignore"):  # what is not finite is said to be so, below
            exact = law.exact(params, np.random.default_rng(seed))
            printed = law.printed(params)
            void = bool(law.void(params)) or not (printed is None or math.isfinite(printed.value))
            beside = law.sharper(params, np.random.default_rng(seed))
    except (ArithmeticError, MemoryError) as error:
        raise Problem(
            f"the law {name} at {params}",
            f"numbers out of range: {error}",
            "give parameters nearer to 1",
        ) from error
    except (ValueError, np.linalg.LinAlgError) as error:
        raise _problem(name, error) from error
    tightness = None if printed is None or not exact.value else printed.value / exact.value
    found: dict[str, Any] = {
        "law": name,
        "statement": law.statement,
        "source": law.source,
        "parameters": params,
        "unit": law.unit,
        "exact": _finite(exact.value),
        "printed": None if printed is None else _finite(printed.value),
        "tightness": None if tightness is None else _finite(tightness),
        "void": void,
    }
    if void:
        found["why"] = (
            "an assumption fails here, or the statement is no stronger than a trivial one"
        )
    if not math.isfinite(exact.value):
        found["why"] = f"the exact value is {exact.value}: none there, or out of a float's range"
    if exact.standard_error is not None:
        found["stderr"] = _finite(exact.standard_error)
        found["seed"] = seed
    found["beside"] = {key: _plain(law, value) for key, value in beside.items()}
    return found


def _params(law: "Law", arguments: Sequence[str]) -> dict[str, Any]:
    """The parameters of a command line."""
    params: dict[str, Any] = {}
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        key, mark, text = word.removeprefix("--").partition("=")
        if not word.startswith("--") or not key:
            raise Problem(
                f"the law {law.name} with {word!r}",
                "a value without a parameter",
                f"write --NAME VALUE; the parameters are {', '.join(law.parameters)}",
            )
        if not mark:
            if not waiting or waiting[0].startswith("--"):
                raise Problem(f"--{key}", "no value", f"write --{key} VALUE")
            text = waiting.pop(0)
        if key in params:
            raise Problem(f"--{key}", "two values", "give it once")
        params[key] = _value(key, text)
    return params


def _value(key: str, text: str) -> Any:
    """A number, a list, a matrix or a word from text, or what a file ``@FILE`` holds."""
    if text.startswith("@") or text.endswith(".json"):
        path = Path(text.removeprefix("@"))
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise Problem(f"--{key} from {path}", f"no JSON: {error}", "mend the file") from error
    try:
        if ";" in text:
            rows = text.removesuffix(";").split(";")
            return [[_number(item) for item in row.split(",")] for row in rows]
        if "," in text and "(" not in text:
            return [_number(item) for item in text.split(",")]
        return _number(text)
    except ValueError:
        return text  # a word, or a density


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _text(value: Any) -> str:
    """A value as one would type it."""
    if isinstance(value, list | tuple):
        nested = any(isinstance(item, list | tuple) for item in value)
        rows = ";".join(map(_text, value)) + (";" if len(value) == 1 else "")
        return f'"{rows}"' if nested else ",".join(map(_text, value))
    return f'"{value}"' if isinstance(value, str) and set(value) & set("()*; ") else str(value)


def _problem(name: str, error: Exception) -> Problem:
    """The law's own words as a Problem: it says what was asked, what was got, and the fix."""
    text = str(error)
    asked, mark, rest = text.partition("; got ")
    if not mark:
        asked, mark, rest = text.partition(": got ")
    got, _, fix = rest.partition("; ")
    if not mark:
        return Problem(f"the law {name}", text, f"see `patina law {name}`")
    return Problem(asked.removeprefix("asked for "), got, fix or f"see `patina law {name}`")


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _plain(law: "Law", value: "Value") -> dict[str, Any]:
    """One value that stands beside, with its unit and its standard error where it has one."""
    found: dict[str, Any] = {"value": _finite(value.value), "unit": value.unit or law.unit}
    if value.standard_error is not None:
        found["stderr"] = _finite(value.standard_error)
    return found
