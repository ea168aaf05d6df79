"""The claims of the studies of a run, decided from their records and listed for a person."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.claims.claim import read_claims, write_claims
from harness.claims.decide import decide_all
from harness.claims.place import named
from harness.claims.verdict import EVERY_WORD
from harness.problem import Problem
from harness.records.files import read_json_lines, read_jsonl
from harness.studies import STUDIES


def decide(scale: str, records: Sequence[Path], out: Path) -> None:
    """Decide every claim of the studies whose records are given; write ``claims.jsonl``."""
    # A run of some studies leaves the records of the others where they are: all of them count.
    paths = {path.resolve() for path in records}
    paths |= {path.resolve() for path in out.parent.glob("*/records.jsonl")}
    rows = [row for path in sorted(paths) for row in read_jsonl(path)]
    rows = [row for row in rows if row.study in STUDIES]
    present = {row.study for row in rows}
    claims = [claim for name in STUDIES if name in present for claim in STUDIES[name].claims]
    datasets = dataset_of([path.with_name("runs.jsonl") for path in paths])
    out.parent.mkdir(parents=True, exist_ok=True)
    write_claims(out, claims, decide_all(claims, rows, scale, datasets=datasets))


def dataset_of(paths: Iterable[Path]) -> dict[str, str]:
    """The dataset of each cell, in words, from the files of runs that are there."""
    found: dict[str, str] = {}
    for path in paths:
        for run in read_json_lines(path) if path.is_file() else ():
            given = [stage["dataset"] for stage in run["config"] if stage.get("dataset")]
            found[run["cell_id"]] = " and ".join(sorted({named(each) for each in given}))
    return found


def interval(verdict: dict[str, Any]) -> str:
    """An effect with its interval, as a person reads it."""
    effect, low, high = verdict["effect"], verdict["low"], verdict["high"]
    if effect is None:
        return ""
    text = f"{effect:.3g}"
    if low is not None and high is not None:
        text += f" [{low:.3g}, {high:.3g}]"
    return f"{text} {verdict.get('unit') or ''}".rstrip()


def read(path: Path) -> list[dict[str, Any]]:
    """The claims of a build; a :class:`Problem` where none is."""
    if not path.is_file():
        fix = "run `make` first, or read the published ones: patina claims --from results/v1"
        raise Problem(f"the claims in {path}", "no such file", fix)
    return read_claims(path)


def check_filters(sources: Sequence[str], paper: str | None, verdict: str | None) -> None:
    """Refuse a text that no source of a claim has, and a verdict that is no word."""
    if verdict is not None and verdict not in EVERY_WORD:
        close = difflib.get_close_matches(verdict, EVERY_WORD, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        fix = f"{hint}the known words are {', '.join(EVERY_WORD)}"
        raise Problem(f"the verdict {verdict!r}", "no such word", fix)
    if paper is not None and not any(_of_paper(source, paper) for source in sources):
        papers = dict.fromkeys(source.split(" (")[0] for source in sources if "(" in source)
        fix = f"there are {'; '.join(papers)}" if papers else "name other studies"
        raise Problem(f"claims whose source has {paper!r}", f"none of {len(sources)}", fix)


def chosen(
    claims: Iterable[dict[str, Any]], paper: str | None = None, verdict: str | None = None
) -> list[dict[str, Any]]:
    """The claims with a text in their source, in any case of letters, and with a verdict."""
    return [
        claim
        for claim in claims
        if (paper is None or _of_paper(claim["source"], paper))
        and (verdict is None or claim["verdict"]["word"] == verdict)
    ]


def _of_paper(source: str, text: str) -> bool:
    return text.casefold() in source.casefold()


def within(claim: Mapping[str, Any]) -> bool:
    """Whether an effect that is resolved is too small to matter: the 90 % interval of the test that
    the verdict hangs on lies within the margin that its reading declares."""
    verdict = claim["verdict"]
    if verdict["outcome"] not in ("seen", "reversed"):
        return False
    margins = {each["metric"]: each["margin"] for each in claim["rule"].get("metrics", ())}
    for test in verdict["conditions"]:
        if all(test[name] == verdict[name] for name in ("effect", "low", "high", "p_value")):
            margin = margins.get(test["metric"], 0.0)
            ends = (test["low90"], test["high90"])
            return None not in ends and -margin < ends[0] and ends[1] < margin
    return False


def listing(claims: Iterable[dict[str, Any]]) -> str:
    """Claims as a person reads them: word, effect, statement and reason."""
    pages = []
    for claim in claims:
        verdict = claim["verdict"]
        pages.append(
            f"{claim['id']}: {verdict['word'].upper()}  {interval(verdict)}"
            f"{', within the margin' if within(claim) else ''}\n"
            f"  {claim['statement']}\n  {claim['source']}\n  {verdict['reason']}\n"
        )
    return "\n".join(pages)
