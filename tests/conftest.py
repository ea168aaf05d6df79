"""What every test run shares: one thread, and a plain word on the tests that need more than that.

Tests marked ``devdata`` read ``PATINA_DATA``, a folder; those marked ``browser`` drive the program
``PATINA_BROWSER``, a Chromium, and those marked ``latex`` the program ``PATINA_LATEX``. Unset, they
are left out (deselected, never skipped) and the summary says how many; set to what is not there,
they fail.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("patina", deadline=None)  # a busy machine is no failure
settings.load_profile("patina")
for _name in ("OMP", "MKL", "OPENBLAS", "NUMEXPR", "VECLIB_MAXIMUM"):
    os.environ.setdefault(f"{_name}_NUM_THREADS", "1")  # before numpy and torch are imported

LEFT_OUT = pytest.StashKey[dict[str, int]]()
NEEDS = {  # marker: the variable, what it names, and an example
    "devdata": ("PATINA_DATA", "the development data", "DIR"),
    "browser": ("PATINA_BROWSER", "a browser", "chromium"),
    "latex": ("PATINA_LATEX", "LaTeX", "pdflatex"),
}
PROGRAMS = {"browser": "chromium", "latex": "texlive-latex-recommended"}  # of Debian


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = config.stash.setdefault(LEFT_OUT, {})
    for marker, (variable, _, _) in NEEDS.items():
        needy = [item for item in items if item.get_closest_marker(marker)]
        if needy and not os.environ.get(variable):
            left_out[marker] = len(needy)
            config.hook.pytest_deselected(items=needy)
            items[:] = [item for item in items if not item.get_closest_marker(marker)]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    folder = os.environ.get("PATINA_DATA", "")
    if item.get_closest_marker("devdata") and not Path(folder).is_dir():
        pytest.fail(f"PATINA_DATA={folder} is no folder: set it to one, or unset it", pytrace=False)
    for marker, package in PROGRAMS.items():
        variable, _, example = NEEDS[marker]
        program = os.environ.get(variable, "")
        if item.get_closest_marker(marker) and shutil.which(program) is None:
            fix = f"install Debian's {package} and set it to {example}, or unset it"
            pytest.fail(f"{variable}={program} is no program: {fix}", pytrace=False)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """One of several processes tells the one that writes the summary."""
    told = getattr(session.config, "workeroutput", None)
    if told is not None:
        told["left_out"] = session.config.stash.get(LEFT_OUT, {})


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Every process collects all tests, so that each has left out the same."""
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get("left_out", {})


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for marker, left_out in config.stash.get(LEFT_OUT, {}).items():
        variable, what, example = NEEDS[marker]
        terminalreporter.write_line(
            f"left out, as they need {what}: {left_out} "
            f"({variable}={example} in the environment runs them)"
        )


ROOT = Path(__file__).parents[1]
TINY = """\
runnable: true
device: cpu
dataset: {name: photos, side: 8, channels: 1}
images: 512
unet_images: 256
unet_width: 4
samples: 160
unet_samples: 160
held_out: 16
replicates: 2
replicates_other: 2
annotator_steps: 10
calibration_groups: 2
calibration_images: 256
law_datasets: 2
law_draws: 50
scenes: {size: 24, layout: grid, count: 120}
scene_images: 256
scene_samples: 2
pack: 6
"""


@pytest.fixture(scope="session")
def project() -> Callable[[Path], Path]:
    """Copies what the line needs into a folder, with a scale ``tiny``; gives the folder."""

    def copy(folder: Path) -> Path:
        for name in ("harness", "theory", "profiles", "config", "paper"):
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        for name in ("Snakefile", "requirements.lock"):
            shutil.copy(ROOT / name, folder / name)
        (folder / "config" / "tiny.yaml").write_text(TINY)
        return folder

    return copy
