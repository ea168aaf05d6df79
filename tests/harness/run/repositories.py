"""A repository of its own whose code states some claims, with the reference that it published."""

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from harness.claims.claim import Claim
from harness.claims.paired import PairedEffect
from harness.records.publish import Manifest, publish
from harness.run import address, ledger, redecide, reference, verify
from harness.run.anew import Anew
from harness.studies.scenes_t2i import GENEVAL, STUDY
from harness.table import Table

SOURCE = Path(__file__).resolve().parents[3] / "results" / "v1" / "cpu" / STUDY.name
OTHER = "others"  # a study that was never published
PLACE = Path("results", "v1", "cpu", STUDY.name)
FIRST, GUIDED, STRONG, OPEN = STUDY.claims  # the last is exploratory
BESIDE = Claim(
    id="others-captions-and-guidance",
    statement="Strong guidance raises the score under other captions.",
    source="a test",
    study=STUDY.name,
    rule=PairedEffect(
        (GENEVAL,), {"arm": "shuffled", "guidance": 4.0}, {"arm": "shuffled", "guidance": 2.0}
    ),
    regime="here",
    confirmatory=False,
)  # its variance is large: pooled with the others, it takes the word of GUIDED
PACKAGE = """
import json
from pathlib import Path
class Said:
    def __init__(self, given): self.given = given
    def config(self): return self.given
class Study:
    claims = [Said(one) for one in json.loads((Path(__file__).parent / "claims.json").read_text())]
STUDIES = {"scenes_t2i": Study}
"""


def git(repo: Path, *arguments: str) -> str:
    who = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(repo), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit(repo: Path) -> str:
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "--allow-empty", "-m", "next")
    return git(repo, "rev-parse", "HEAD")


class Repository:
    """A repository whose code states some claims, and their published reference."""

    def __init__(self, path: Path, patch: pytest.MonkeyPatch) -> None:
        self.path, self.patch, self.folder = path, patch, path / PLACE
        git(path, "init", "-q")
        for package in ("harness/studies", "harness", "theory"):
            (path / package).mkdir(parents=True, exist_ok=True)
            (path / package / "__init__.py").touch()
        (path / "harness" / "studies" / "__init__.py").write_text(PACKAGE)
        (path / ".gitignore").write_text("/build/\n__pycache__/\n")
        shutil.copytree(SOURCE, path / "build" / "cpu" / STUDY.name)

    def state(self, *claims: Claim) -> str:
        """Commit code that states these claims."""
        table = Table("study", {name: f"{name}:STUDY" for name in (STUDY.name, OTHER)})
        for name in table:
            module = ModuleType(name)
            module.STUDY = replace(STUDY, name=name, claims=claims if name == STUDY.name else ())  # type: ignore[attr-defined]
            self.patch.setitem(sys.modules, name, module)
        for reader in (redecide, reference, verify, ledger, address):
            self.patch.setattr(reader, "STUDIES", table)
        given = json.dumps([claim.config() for claim in claims])
        (self.path / "harness" / "studies" / "claims.json").write_text(given)
        return commit(self.path)

    def publish(self, *claims: Claim) -> Manifest:
        self.state(*claims)
        lines = reference.read(self.path / "build", "cpu", STUDY.name).claims
        where = ("cpu", self.path / "build", self.path / "results", self.path)
        made = publish(STUDY.name, *where, claims=lines, lock="lock")
        commit(self.path)
        return made

    def decide(self) -> Anew:
        (found,) = redecide.redecide([STUDY.name], "cpu", self.path / "results", self.path)
        return found

    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "MANIFEST.json").read_text())
        return found

    def changelog(self) -> list[str]:
        return (self.path / "results" / "CHANGELOG.md").read_text().splitlines()[2:]

    def files(self) -> dict[str, str]:
        """Every file of the results and its hash."""
        files = [path for path in (self.path / "results").rglob("*") if path.is_file()]
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    return Repository(tmp_path, monkeypatch)
