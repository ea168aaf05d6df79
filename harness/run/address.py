"""What a place names, as ``patina explain`` and ``patina rerun`` take it (``harness.run.explain``).

A value of a factor may hold commas: one inside brackets is part of it, and so is one that no
``name=`` follows. ``p=normal(0,1),q=normal(1,1)`` are two factors, and so are
``annotator=spectral, 0.4,network=mlp``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import final

from harness.claims.claim import Claim
from harness.problem import Problem
from harness.studies import STUDIES

CLAIM = "claim."
OPENING, CLOSING = "([{", ")]}"
FACTOR = re.compile(r"\s*[A-Za-z_]\w*=")
FORM = "write STUDY:METRIC:factor=value,factor=value:replicate"


@final
@dataclass(frozen=True)
class Address:
    """A place, read. claim, with number, the name of one of its numbers or nothing; or a metric
    with factors and a replicate; or, without a metric, the network of a setting."""

    study: str
    claim: Claim | None = None
    number: str = ""
    metric: str = ""
    factors: Mapping[str, str] = field(default_factory=dict)
    replicate: int | None = None


def claims() -> dict[str, Claim]:
    """Every claim by its id."""
    return {claim.id: claim for name in STUDIES for claim in STUDIES[name].claims}


def read(asked: str) -> Address:
    """Read a place; a ``Problem`` for one that is none, with what is near."""
    if not asked.strip():
        fix = "name a claim (patina claims), a key of the paper's numbers.json, or STUDY:METRIC"
        raise Problem("an empty place", "nothing to look for", fix)
    known = claims()
    name = asked.removeprefix(CLAIM)
    owner = next((c for c in known if name == c or name.startswith(f"{c}.")), None)
    if owner is not None:
        return Address(known[owner].study, known[owner], name[len(owner) + 1 :])
    if ":" in asked and not asked.startswith(CLAIM):
        return _point(asked)
    if asked.startswith("method."):
        got = "a constant of the method, which no run makes"
        raise Problem(asked, got, "read it in harness/report/facts.py")
    study, _, rest = asked.removeprefix("gate.").partition(".")
    if study in STUDIES and rest:
        return Address(study, factors={"network": rest.split(".")[0]})
    fix = "name a claim (patina claims), a key of the paper's numbers.json, or STUDY:METRIC"
    near = [each for each in known if name.split(".")[0][:8] in each][:3]
    raise Problem(asked, "no such place", fix + (f"; near: {', '.join(near)}" if near else ""))


def _point(asked: str) -> Address:
    """A metric of a study, with factors and a replicate where these are named."""
    study, metric, *more = asked.split(":")
    STUDIES.entry(study)
    factors: dict[str, str] = {}
    replicate = None
    for text in more:
        if text.isdigit():
            replicate = int(text)
        elif text:
            for pair in _pairs(text):
                key, mark, value = pair.partition("=")
                if not mark:
                    raise Problem(asked, f"{pair!r}, which is no factor=value", FORM)
                factors[key.strip()] = value.strip()
    return Address(study, metric=metric, factors=factors, replicate=replicate)


def _pairs(text: str) -> Iterator[str]:
    """The factors of a text, cut at each comma that another factor follows."""
    depth = start = 0
    for place, sign in enumerate(text):
        depth = max(0, depth + (sign in OPENING) - (sign in CLOSING))
        if sign == "," and depth == 0 and FACTOR.match(text, place + 1):
            yield text[start:place]
            start = place + 1
    yield text[start:]
