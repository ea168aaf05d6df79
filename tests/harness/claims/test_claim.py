"""Claims as data: what is refused, and the file of claims with their verdicts."""

import math
from pathlib import Path

import numpy as np
import pytest

from harness.claims.bound import BoundHolds, SignAgreement
from harness.claims.claim import Claim, read_claims, write_claims
from harness.claims.decide import decide_all
from harness.claims.gate import Gate
from harness.claims.paired import Equivalence, PairedEffect
from harness.claims.reading import Reading
from harness.problem import Problem

LOSS = Reading("loss", "lower", margin=0.05)
GATE = Gate("oracle", "loss", 0.9, 1.1, LOSS, "clean")
RULES = [
    PairedEffect((LOSS,), "gated", {"arm": "clean"}, ({"blur": 0.4},), gate=GATE),
    Equivalence((LOSS,), "gated", "clean"),
    BoundHolds("exact", "bound"),
    SignAgreement("bound", "exact"),
]


def test_claims_and_verdicts_survive_their_file(rows, law, tmp_path: Path) -> None:
    claims = [Claim(f"c{i}", "it is so", "A, eq. 1", "s", r, "here") for i, r in enumerate(RULES)]
    table = rows("clean", np.ones(3), blur=0.4) + rows("gated", [0.8, 0.9, 0.7], blur=0.4)
    table += law("exact", [0.1, 0.2]) + law("bound", [0.3, math.nan])
    verdicts = decide_all(claims, table)
    path = tmp_path / "claims.jsonl"
    write_claims(path, claims, verdicts)
    lines = read_claims(path)
    assert [line["rule"]["kind"] for line in lines] == [type(rule).__name__ for rule in RULES]
    assert [line["verdict"]["word"] for line in lines] == [verdict.word for verdict in verdicts]
    assert lines[0]["verdict"]["conditions"][0]["effect"] == verdicts[0].conditions[0].effect
    assert lines[1]["verdict"]["pools"][0]["sd"] == verdicts[1].pools[0].sd
    assert lines[0]["rule"]["gate"]["high"] == 1.1
    first = path.read_bytes()
    write_claims(path, claims, decide_all(claims, table))
    assert path.read_bytes() == first


def test_a_file_of_another_version_or_verdicts_of_other_claims_are_refused(tmp_path: Path) -> None:
    claim = Claim("c", "x", "y", "s", RULES[1], "here")
    path = tmp_path / "claims.jsonl"
    with pytest.raises(Problem, match="do not match"):
        write_claims(path, [claim], [])
    path.write_text('{"schema_version":"7.0.0"}\n')
    with pytest.raises(Problem, match=r"claims.jsonl:1.*7.0.0.*1.0.0"):
        read_claims(path)


def test_a_claim_without_a_source_or_of_another_regime_is_refused() -> None:
    with pytest.raises(Problem, match="no source"):
        Claim("c", "x", "", "s", RULES[1], "here")
    with pytest.raises(Problem, match="paper, here"):
        Claim("c", "x", "y", "s", RULES[1], "elsewhere")  # type: ignore[arg-type]
