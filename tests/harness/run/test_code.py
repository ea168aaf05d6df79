"""The digest of code: comments do not count, what is used does, and nothing else."""

import ast
import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.cell import Cell, Stage, factors
from harness.run import code
from harness.run.key import stage_keys
from harness.scale import read_sizes
from harness.studies import STUDIES

Edit = Callable[[str, str, str], None]


def _forget() -> None:
    for cached in (code._module, code._digest, code.lock_digest):
        cached.cache_clear()


@pytest.fixture
def edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edit]:
    """Edit a file of a copy of the project that the digests are taken of."""
    for package in code.PACKAGES:
        shutil.copytree(code.ROOT / package, tmp_path / package)
    shutil.copy(code.ROOT / "requirements.lock", tmp_path)
    monkeypatch.setattr(code, "ROOT", tmp_path)
    _forget()

    def change(name: str, old: str, new: str) -> None:
        path = tmp_path / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        _forget()

    yield change
    monkeypatch.undo()
    _forget()


def keys() -> dict[str, dict[str, str]]:
    cells = STUDIES["ambient_blur"].cells(read_sizes("smoke"))
    return {str(cell): stage_keys(cell, "cpu") for cell in cells}


def changed(before: dict[str, dict[str, str]]) -> dict[str, set[str]]:
    """For each stage the arms whose key is another one now."""
    arms: dict[str, set[str]] = {}
    for name, now in keys().items():
        for stage, key in now.items():
            if key != before[name][stage]:
                arms.setdefault(stage, set()).add(name.split()[0])
    return arms


def test_comments_docstrings_and_layout_change_nothing(edit: Edit) -> None:
    before = keys()
    edit("harness/metrics/spectrum.py", "import numpy", "# a remark\n\n\nimport numpy")
    edit("harness/train/loop.py", '"""The training loop', '"""A training loop')
    assert changed(before) == {}


def test_an_edited_metric_measures_again_and_trains_nothing(edit: Edit) -> None:
    before = keys()
    edit("harness/metrics/spectrum.py", "import numpy as np\n", "import numpy as np\n\nEXTRA = 1\n")
    assert set(changed(before)) == {"measure"}


def test_an_edited_objective_trains_the_arms_that_use_it(edit: Edit) -> None:
    before = keys()
    edit("harness/objectives/ambient.py", "sigma**2 / gap.sqrt()", "(sigma**2) / gap.sqrt() * 1")
    assert changed(before) == {stage: {"arm=ambient"} for stage in ("train", "sample", "measure")}


def test_an_edited_formula_of_theory_trains_the_arms_that_ask_it(edit: Edit) -> None:
    before = keys()
    edit(
        "theory/ambient/spectral_annotator.py",
        "import numpy as np\n",
        "import numpy as np\n\nEXTRA = 1\n",
    )
    assert changed(before)["train"] == {"arm=ambient", "arm=gated"}


def test_a_new_row_in_a_table_changes_nothing(edit: Edit) -> None:
    before = keys()
    edit(
        "harness/corrupt/__init__.py",
        '"jpeg":',
        '"haze": "harness.corrupt.jpeg:Jpeg",\n        "jpeg":',
    )
    assert changed(before) == {}


def test_another_locked_version_runs_everything(edit: Edit) -> None:
    before = keys()
    edit("requirements.lock", "torch==", "torch==9.")
    assert all(set(now) == set(before[name]) for name, now in keys().items())
    assert all(key != before[n][s] for n, now in keys().items() for s, key in now.items())


def test_replicates_and_device_are_in_the_key_and_labels_are_not() -> None:
    cell = STUDIES["ambient_blur"].cells(read_sizes("smoke"))[0]
    assert stage_keys(cell, "cpu") != stage_keys(cell, "cuda")
    more = Cell(cell.factors, cell.stages, cell.replicates + 1)
    assert stage_keys(more, "cpu") != stage_keys(cell, "cpu")
    other = Cell(factors(arm="x"), cell.stages, cell.replicates)
    assert stage_keys(other, "cpu") == stage_keys(cell, "cpu")


def test_closure_follows_imports_inside_functions() -> None:
    reached = code.closure(["harness.metrics.measure"])
    assert "harness.nets.checkpoint" in reached
    assert "harness.run.shard" not in reached
    assert not any(name.endswith("__init__") for name in reached)


def test_a_stage_before_changes_the_stages_after_it() -> None:
    cell = STUDIES["ambient_blur"].cells(read_sizes("smoke"))[0]
    other = STUDIES["ambient_blur"].cells(read_sizes("cpu"))[0]
    mixed = Cell(cell.factors, (other.stages[0], *cell.stages[1:]), cell.replicates)
    first, second = stage_keys(cell, "cpu"), stage_keys(mixed, "cpu")
    assert isinstance(cell.stages[0], Stage)
    assert all(first[stage] != second[stage] for stage in first)


def test_what_was_read_is_remembered_by_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = b"import harness.cell\nfrom theory import law\nimport numpy\nX = 1\n"
    monkeypatch.setattr(code, "MEMORY", tmp_path / "cache" / "code.json")
    code.remembered.cache_clear()
    fresh = code.read_source(source)
    assert fresh[1] == ["harness.cell", "theory", "theory.law"]
    assert code.read_source(b"# a comment\n" + source)[0] == fresh[0]
    assert code.read_source(source.replace(b"1", b"2"))[0] != fresh[0]
    code.remember()
    assert not (tmp_path / "cache").exists()  # there is no build here
    (tmp_path / "cache").mkdir()
    code.remember()
    code.remembered.cache_clear()
    monkeypatch.setattr(code.ast, "parse", lambda source: pytest.fail("it was read before"))
    assert code.read_source(source) == fresh
    monkeypatch.undo()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 3}', "null"])
def test_a_broken_memory_is_no_memory(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = tmp_path / "code.json"
    memory.write_text(text)
    monkeypatch.setattr(code, "MEMORY", memory)
    code.remembered.cache_clear()
    assert code.remembered() == {}
    code.remembered.cache_clear()


def test_a_syntax_tree_is_spelled_alike_in_every_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a function and a class with the list of type parameters that Python 3.12 gives them."""
    source = "@cache\ndef f(x: int = 1) -> int:\n    return x\n\nclass A(B):\n    y = f'{f(2)!r}'\n"
    plain = code.spell(ast.parse(source))
    assert hashlib.sha256(plain.encode()).hexdigest()[:16] == "9220af5fce8cda5c"
    for kind in (ast.FunctionDef, ast.ClassDef):
        if "type_params" not in kind._fields:
            monkeypatch.setattr(kind, "_fields", (*kind._fields, "type_params"))
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            setattr(node, "type_params", [])  # noqa: B010, as 3.12 has it
    assert "type_params=[]" in ast.dump(tree)
    assert code.spell(tree) == plain


def test_a_tool_of_the_tests_moves_no_key_and_a_library_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def digest(*pins: str) -> str:
        (tmp_path / "requirements.lock").write_text(
            "".join(f"{pin} \\\n  --hash=x\n" for pin in pins)
        )
        code.lock_digest.cache_clear()
        return code.lock_digest()

    monkeypatch.setattr(code, "ROOT", tmp_path)
    try:
        alone = digest("numpy==2.4.6")
        assert digest("numpy==2.4.6", *(f"{tool}==1.0" for tool in code.TOOLS)) == alone
        assert digest("numpy==2.4.7") != alone
        assert digest("numpy==2.4.6", "pytest-x==1") != alone
    finally:
        code.lock_digest.cache_clear()
