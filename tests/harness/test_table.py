"""Tables: rows are found, unknown ones are named, and every row of the project exists."""

import ast
from pathlib import Path

import pytest

from harness.annotate import ANNOTATORS
from harness.corrupt import CORRUPTIONS
from harness.data import DATASETS
from harness.metrics import EXTRACTORS, METRICS
from harness.nets import NETWORKS
from harness.objectives import OBJECTIVES
from harness.problem import Problem
from harness.run import STAGES
from harness.sample import SAMPLERS
from harness.studies import STUDIES
from harness.table import Table
from harness.theorem import LAW_TABLE

TABLES = (
    ANNOTATORS, CORRUPTIONS, DATASETS, EXTRACTORS, LAW_TABLE, METRICS, NETWORKS, OBJECTIVES,
    SAMPLERS, STAGES, STUDIES,
)  # fmt: skip
ROWS = [(table, name) for table in TABLES for name in table]
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("table", "name"), ROWS, ids=[f"{t.noun}-{n}" for t, n in ROWS])
def test_every_row_leads_to_a_part(table: Table, name: str) -> None:
    assert table[name] is not None


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(Problem, match=r"no row of that name; did you mean 'jpeg'\? .*motion_blur"):
        CORRUPTIONS["jpg"]


def test_a_new_row_is_added_and_a_taken_name_refused() -> None:
    table = Table("part", {"dumps": "json:dumps"})
    table.add("loads", "json:loads")
    assert table["loads"]("3") == 3
    with pytest.raises(Problem, match="taken"):
        table.add("dumps", "json:loads")


TABLES = [
    path for package in ("harness", "theory") for path in ROOT.glob(f"{package}/*/__init__.py")
]


@pytest.mark.parametrize("path", sorted(TABLES), ids=lambda path: path.parent.name)
def test_a_package_holds_its_table_and_nothing_else(path: Path) -> None:
    """Keys leave these files out of the code's digest, so they must hold no code."""
    allowed = (ast.Expr, ast.ImportFrom, ast.Assign, ast.AnnAssign)
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        assert isinstance(node, allowed), ast.dump(node)[:80]
        if isinstance(node, ast.ImportFrom):
            assert node.module == "harness.table"
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            assert getattr(node.value.func, "id", "") == "Table"
