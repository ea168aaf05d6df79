"""Imports run one way, and reading a plan stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ORDER = (
    "problem", "plugin", "table", "streams", "cell", "records", "geneval", "scenes", "data",
    "scale", "theorem", "lawbook", "scaling", "corrupt", "nets", "tokens", "sample", "objectives",
    "annotate", "train", "metrics", "tokenwise", "claims", "studies", "run", "evaluate", "report",
    "t2i", "arguments", "cli", "__main__",
)  # fmt: skip


def imported(path: Path) -> set[str]:
    """The project modules that a file imports anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("path", sorted(ROOT.glob("harness/**/*.py")), ids=lambda p: p.name)
def test_a_module_imports_only_what_stands_before_it(path: Path) -> None:
    own = path.relative_to(ROOT / "harness").with_suffix("").parts[0]
    if own == "__init__":
        return
    for name in imported(path):
        if name.startswith("harness."):
            assert ORDER.index(name.split(".")[1]) <= ORDER.index(own), f"{path.name}: {name}"


@pytest.mark.parametrize("path", sorted(ROOT.glob("theory/**/*.py")), ids=lambda p: p.name)
def test_theory_needs_neither_harness_nor_torch(path: Path) -> None:
    roots = {name.split(".")[0] for name in imported(path)}
    assert not roots & {"harness", "torch"}


@pytest.mark.parametrize(
    "code",
    [
        "from harness.arguments import parser; parser().format_help()",
        "from harness.run.plan import Plan; p = Plan.read('smoke', 'all');"
        "[p.shard_digest(s, f'0-of-{len(p.shards(s))}') for s in p.studies]",
        "import harness.run.collect",
    ],
    ids=["help", "plan", "shard"],
)
def test_help_plan_and_what_runs_a_law_load_neither_torch_nor_pandas(code: str) -> None:
    check = "import sys; sys.exit(bool({'torch', 'pandas', 'matplotlib'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{check}"], cwd=ROOT, check=False)
    assert done.returncode == 0
