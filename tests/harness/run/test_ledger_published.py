"""The ledger of what is published, its table in the README, and the command that prints both."""

import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.claims.systems import FILE, read
from harness.claims.verdict import EVERY_WORD
from harness.cli import main
from harness.run.code import ROOT
from harness.run.ledger import Ledger, ledger
from harness.run.ledger_text import END, START, markdown
from harness.studies import STUDIES

from .ledgers import table

RESULTS = ROOT / "results"
OF_NONE = {"metric_sensitivity", "metric_sensitivity_cifar", "scenes_detector", "scenes_t2i"}
"""Studies of metrics, of the detector and of guidance: their claims are of no system."""


@pytest.fixture(scope="module")
def held() -> Ledger:
    return ledger(RESULTS, "cpu")


def test_every_study_is_of_a_system_or_named_as_of_none(held: Ledger) -> None:
    """A new study stands under ``related`` of its system in systems.toml, or in OF_NONE here."""
    related = {name for one in held.systems for name in one.system.related}
    claimed = {name for name in STUDIES if STUDIES[name].claims}
    assert related | OF_NONE == claimed
    assert {each.claim.study for each in held.others} == OF_NONE


def test_every_claim_is_counted_once(held: Ledger) -> None:
    found = [each.claim.id for one in held.systems for each in one.entries]
    found += [each.claim.id for each in held.others]
    assert sorted(found) == sorted(each.id for name in STUDIES for each in STUDIES[name].claims)


def test_a_claim_is_of_one_system_whichever_way_it_is_looked_for(held: Ledger) -> None:
    """Counted again from the file of systems, the claims and the manifests as they lie there."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["system"]
    for row, one in zip(rows, held.systems, strict=True):
        every = [each for name in STUDIES for each in STUDIES[name].claims]
        starts = tuple(row.get("sources", ["\0"]))
        own = {each.id for each in every if each.source.startswith(starts)}
        foreign = tuple(s for other in rows for s in other.get("sources", []))
        near = {
            each.id
            for each in every
            if each.study in row.get("related", []) and not each.source.startswith(foreign)
        }
        assert {each.claim.id for each in one.entries} == own | near
        assert {each.claim.id for each in one.entries if each.own} == own


def brute(group: str | None) -> tuple[int, int, Counter[str]]:
    """Systems, those without a verdict, and the words of a group, from the files alone."""
    word = {}
    for path in (RESULTS / "v1" / "cpu").glob("*/MANIFEST.json"):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        word.update({(path.parent.name, key): v["word"] for key, v in manifest["claims"].items()})
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["system"]
    of: dict[str, list[str]] = {row["id"]: [] for row in rows}
    for name in STUDIES:
        for each in STUDIES[name].claims:
            home = [r for r in rows if any(map(each.source.startswith, r.get("sources", [])))]
            home = home or [r for r in rows if name in r.get("related", [])]
            for row in home:
                of[row["id"]].append(word.get((name, each.id), "not published"))
    members = [row["id"] for row in rows if group in (None, row["group"])]
    none = sum(set(of[name]) <= {"not published"} for name in members)
    return len(members), none, Counter(text for name in members for text in of[name])


def test_the_numbers_of_the_readme_are_those_of_the_manifests_counted_another_way() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    _, lines = table(text.split(START)[1].split(END)[0])
    assert len(lines) == 7
    for name, line in lines.items():
        systems, none, counts = brute(None if name == "**all**" else name)
        assert (line.pop("systems"), line.pop("not yet checked")) == (systems, none), MEND
        assert line.pop("claims") == sum(counts.values()), MEND
        assert +Counter(line) == counts, MEND


MEND = "README.md is out of date; this mends it: .venv/bin/patina ledger --into README.md"


def test_the_readme_is_up_to_date(held: Ledger) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.split(START)[1].split(END)[0] == f"\n{markdown(held)}\n", MEND


def test_every_published_word_is_a_word(held: Ledger) -> None:
    found = {each.word for one in held.systems for each in one.entries}
    assert found <= {*EVERY_WORD, "not published"}


Told = Callable[..., str]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """What the command says with some options: on standard error where it is to fail."""

    def run(*options: str, status: int = 0) -> str:
        assert main(["ledger", "--results", str(RESULTS), *options]) == status
        out, err = capsys.readouterr()
        return err if status else out

    return run


def test_the_command_prints_every_system_some_and_their_table(told: Told) -> None:
    text = told()
    for one in read():
        assert len(re.findall(rf"^  {re.escape(one.id)} ", text, re.MULTILINE)) == 1
    none = [one for one in read() if not (one.sources or one.related)]
    assert len(re.findall(r"^  \S+ +not checked: ", text, re.MULTILINE)) == len(none)
    some = told("--system", "restart,mar")
    assert re.findall(r"^(\S+): ", some, re.MULTILINE) == ["mar", "restart"]
    assert all(f" {each.id}: " in some for each in STUDIES["restart_laws"].claims)
    void = told("--verdict", "void").split("patina explain")[0]
    listed = re.findall(r"^    (?:~ )?[a-z0-9.-]+: (.*)$", void, re.MULTILINE)
    assert listed
    assert ("  states: " in some, "  states: " in void) == (True, False)
    assert all(line.startswith("void") for line in listed)
    assert table(told("--markdown"))[1]["**all**"]["systems"] == 52


def test_the_command_writes_its_table_into_a_file(told: Told, tmp_path: Path) -> None:
    path = tmp_path / "R.md"
    path.write_text(f"{START}\n{END}\n")
    assert told("--into", str(path)) == f"{path}: written\n"
    assert path.read_text() == f"{START}\n{told('--markdown')}{END}\n"
    assert told("--into", str(path)) == f"{path}: is up to date\n"


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--system", "restat"], "did you mean 'restart'"),
        (["--verdict", "suported"], "did you mean 'supported'"),
        (["--scale", "published"], "cpu, gpu"),
        (["--markdown", "--system", "mar"], "leave out --system"),
        (["--into", "none.md", "--verdict", "void"], "leave out --system"),
        (["--into", "none.md"], "No such file"),
    ],
    ids=" ".join,
)
def test_the_command_answers_what_it_cannot_do_with_what_it_can(
    told: Told, options: list[str], named: str
) -> None:
    assert named in told(*options, status=2)


def test_reading_the_ledger_loads_neither_torch_nor_pandas() -> None:
    code = (
        "import sys; from pathlib import Path; from harness.run.ledger import ledger\n"
        "from harness.run.ledger_text import markdown\n"
        "markdown(ledger(Path('results'), 'cpu'))\n"
        "sys.exit(bool({'torch', 'pandas', 'matplotlib'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
