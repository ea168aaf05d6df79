"""A user's own parts: a Python file, named on the command line, that adds rows to the tables.

    from harness.corrupt import CORRUPTIONS
    CORRUPTIONS.add("fog", f"{__name__}:Fog")

``patina --plugin FILE COMMAND ...`` imports the file by its path before anything else, in this
process and in those that it starts. This is the one place where code is imported by path. The file
takes part in the keys of the stages that use its rows as a module of the project does: an edit
makes them again, a comment does not. Two files of one name are refused.
"""

import importlib.util
import os
import sys
from pathlib import Path

from harness.problem import Problem

VARIABLE = "PATINA_PLUGINS"  # how the processes that a run starts are told of them
PREFIX = "patina_plugin_"

_loaded: dict[str, Path] = {}


def source(module: str) -> Path | None:
    """The file of a module that was loaded as a plugin; None for any other."""
    return _loaded.get(module)


def load(paths: list[str]) -> None:
    """Import files and leave word of them for child processes; again is no harm.

    Raises ``Problem`` where a file is missing or another of the same name is loaded, and for any
    error of the file itself, naming it.
    """
    for given in paths:
        _load(Path(given).resolve())
    if _loaded:
        os.environ[VARIABLE] = os.pathsep.join(str(path) for path in _loaded.values())


def inherit() -> None:
    """Load the files that the process which started this one had."""
    load([path for path in os.environ.get(VARIABLE, "").split(os.pathsep) if path])


def _load(path: Path) -> None:
    name = PREFIX + path.stem
    if _loaded.get(name) == path:
        return
    asked, fix = f"the plugin {path}", "give a Python file that adds rows to tables"
    if not path.is_file() or path.suffix != ".py" or not path.stem.isidentifier():
        raise Problem(asked, "no Python file of that name", fix)
    if name in _loaded:
        raise Problem(asked, f"{_loaded[name]}, of the same name, loaded before", "rename one")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    _loaded[name] = path
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name], _loaded[name]
        if isinstance(error, Problem):
            raise
        raise Problem(asked, f"{type(error).__name__}: {error}", "mend the file") from error
