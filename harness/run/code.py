"""The digest of the code that a stage depends on: what it computes, not how it is commented.

The digest of a module is the sha256 of its syntax tree without comments, layout and docstrings.
A stage depends on the module of its function, on the modules of the table rows that its parameters
name, and on whatever these import of the project. A package's ``__init__`` holds nothing but a
table of rows: it takes no part, since the rows in use are named by the configuration. So a comment
changes nothing, a new row changes nothing, and a changed objective changes the cells that use it.
"""

import ast
import contextlib
import hashlib
import json
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from harness.plugin import source
from harness.problem import Problem

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("harness", "theory")
MEMORY = Path("build/cache/code.json")  # digests by content: parsing takes a second, this does not
TOOLS = ("execnet", "pytest-xdist")  # new in the lock; pytest stays, or every key would move


def _path(module: str) -> Path | None:
    """The file of a module of the project or of a plugin; None for a package's table and for other
    people's modules."""
    if (plugin := source(module)) is not None:
        return plugin
    if module.split(".")[0] not in PACKAGES:
        return None
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    return path if path.is_file() else None


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:] or [ast.Pass()]
    return tree


def _imports(tree: ast.Module) -> list[str]:
    """Dotted names that a module may import: ``from a.b import c`` gives a.b and a.b.c."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return sorted(name for name in names if name.split(".")[0] in PACKAGES)


@cache
def _module(module: str) -> tuple[str, frozenset[str]]:
    """Digest of one module's own code, and the project modules that it imports."""
    path = _path(module)
    assert path is not None, module
    digest, names = read_source(path.read_bytes())
    return digest, frozenset(name for name in names if _path(name) is not None)


def read_source(source: bytes) -> tuple[str, list[str]]:
    """Digest of a file's code, and the names that it may import; remembered by its content."""
    known = remembered()
    key = hashlib.sha256(source + sys.version.encode()).hexdigest()
    if key not in known:
        tree = ast.parse(source)
        names = _imports(tree)
        dump = spell(_without_docstrings(tree))
        known[key] = (hashlib.sha256(dump.encode()).hexdigest(), names)
    return known[key]


def spell(tree: ast.Module) -> str:
    """A syntax tree in words, the same ones in every version of Python.

    Python 3.12 gave functions and classes a list of type parameters, which nothing here has, and
    3.13 leaves empty lists out: as 3.11 says it, so that a build made by one is known by another.
    """
    every = {"show_empty": True} if sys.version_info >= (3, 13) else {}
    return ast.dump(tree, **every).replace(", type_params=[]", "")


@cache
def remembered() -> dict[str, tuple[str, list[str]]]:
    """What earlier runs read in source files; nothing where there is no readable memory."""
    try:
        found = json.loads(MEMORY.read_text(encoding="utf-8"))
        return {key: (str(digest), list(names)) for key, (digest, names) in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def remember() -> None:
    """Keep for later runs what was read in source files; the build works without it."""
    from harness.records.atomic import write_json

    known = remembered()
    if MEMORY.parent.is_dir() and known:
        with contextlib.suppress(Problem):
            write_json(MEMORY, known)


def closure(modules: Iterable[str]) -> list[str]:
    """The project modules that the given ones reach by imports, themselves included, sorted."""
    reached: set[str] = set()
    waiting = [module for module in modules if _path(module) is not None]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting.extend(_module(module)[1])
    return sorted(reached)


@cache
def _digest(modules: frozenset[str]) -> str:
    lines = [f"{module} {_module(module)[0]}" for module in closure(modules)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def code_digest(*modules: str) -> str:
    """Sixteen hexadecimal digits for the code that the given modules depend on."""
    return _digest(frozenset(modules))


def package_digest(*packages: str) -> str:
    """The digest of every module of some packages, templates and all, with what they import."""
    modules, others = set(), hashlib.sha256()
    for package in packages:
        folder = ROOT.joinpath(*package.split("."))
        for path in sorted(folder.rglob("*")):
            if path.suffix == ".py" and path.name != "__init__.py":
                modules.add(".".join(path.relative_to(ROOT).with_suffix("").parts))
            elif path.is_file() and path.suffix in {".html", ".css", ".typ", ".bib", ".js", ".csv"}:
                others.update(path.name.encode() + path.read_bytes())
    return code_digest(*modules)[:8] + others.hexdigest()[:8]


@cache
def lock_digest() -> str:
    """The digest of the locked versions, without their comments and hashes.

    What only runs the tests (``TOOLS``) is left out: it makes no number.
    """
    path = ROOT / "requirements.lock"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    pins = sorted(
        line.split()[0]
        for line in lines
        if "==" in line and not line.startswith("#") and line.split("==")[0] not in TOOLS
    )
    return hashlib.sha256("\n".join(pins).encode()).hexdigest()[:16]
