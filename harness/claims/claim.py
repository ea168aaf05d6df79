"""A claim: what a paper states, where it states it, and the rule that decides it.

The rule is data in the study's own file, written before the run: which readings, which arms, which
conditions, what margin. Nobody chooses a verdict; :func:`harness.claims.decide.decide_all` applies
the rules to the records.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, final

from harness.claims.bound import BoundHolds, SignAgreement
from harness.claims.fitted import Fits
from harness.claims.formula import Agreement
from harness.claims.ordering import Ordering
from harness.claims.paired import Equivalence, PairedEffect
from harness.claims.ranking import Ranking
from harness.claims.sensitivity import Sensitivity
from harness.claims.shape import Monotone, Signed
from harness.claims.share import ShareWithin
from harness.claims.switching import Switch
from harness.claims.verdict import WORDS, Regime, Verdict
from harness.problem import Problem
from harness.records.atomic import write_json_lines
from harness.records.files import read_json_lines
from harness.records.record import READABLE, SCHEMA_VERSION

Rule = (
    PairedEffect
    | Equivalence
    | BoundHolds
    | SignAgreement
    | Agreement
    | Signed
    | Monotone
    | ShareWithin
    | Sensitivity
    | Fits
    | Switch
    | Ranking
    | Ordering
)


@final
@dataclass(frozen=True)
class Claim:
    """One statement and how it is decided.

    source: paper with section or equation. regime: "paper" where the check is the paper's own
    setting (every law is), else "here". confirmatory: it enters the study's Holm family; an
    exploratory claim is adjusted over its own tests and marked.
    """

    id: str
    statement: str
    source: str
    study: str
    rule: Rule
    regime: Regime
    confirmatory: bool = True

    def __post_init__(self) -> None:
        if self.regime not in WORDS:
            got = f"the regime {self.regime!r}"
            raise Problem(f"the claim {self.id}", got, f"the known ones are {', '.join(WORDS)}")
        for name in ("id", "statement", "source", "study"):
            if not getattr(self, name):
                raise Problem(f"the claim {self.id!r}", f"no {name}", f"give its {name}")

    def config(self) -> dict[str, Any]:
        """The claim as plain data, the rule with its name.

        A field that a rule was given later (``metadata={"later": True}``) is left out where it is
        null, so that claims which do not use it keep their digest.
        """
        unused = {
            each.name
            for each in fields(self.rule)
            if each.metadata.get("later") and getattr(self.rule, each.name) is None
        }
        rule = {"kind": type(self.rule).__name__}
        rule |= {name: value for name, value in asdict(self.rule).items() if name not in unused}
        names = ("id", "statement", "source", "study", "regime", "confirmatory")
        return {**{name: getattr(self, name) for name in names}, "rule": rule}


def lines_of(claims: Sequence[Claim], verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Claims with their verdicts as plain data, in the order given."""
    if [claim.id for claim in claims] != [verdict.claim for verdict in verdicts]:
        got = f"{len(claims)} claims and {len(verdicts)} verdicts that do not match"
        raise Problem("claims with their verdicts", got, "give decide_all's verdicts, in order")
    return [
        {"schema_version": SCHEMA_VERSION, **claim.config(), "verdict": verdict.config()}
        for claim, verdict in zip(claims, verdicts)
    ]


def write_claims(path: Path | str, claims: Sequence[Claim], verdicts: Sequence[Verdict]) -> None:
    """Write claims with their verdicts, one a line, in the order given; whole or not at all."""
    write_json_lines(path, lines_of(claims, verdicts))


def read_claims(path: Path | str) -> list[dict[str, Any]]:
    """The lines of a file of claims, as plain data; a :class:`Problem` for an unknown version."""
    lines = read_json_lines(path)
    for number, line in enumerate(lines, 1):
        if line.get("schema_version") not in READABLE:
            raise Problem(
                f"a readable claim at {path}:{number}",
                f"schema_version {line.get('schema_version')!r}",
                f"the readable versions are {', '.join(READABLE)}",
            )
    return lines
