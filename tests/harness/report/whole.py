"""A whole report of made-up studies: calibration, laws, and arms of which a cell is hostile."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.records.record import Record
from harness.report.page import write_report
from harness.report.show import show

Build = Callable[..., Path]
Rows = Callable[..., list[Record]]
NAMES = ["ambient_laws", "calibration", "ambient_blur"]
HOSTILE = '</pre></details><script>alert("x")</script><img src=x onerror=alert(1)>&'


@pytest.fixture(scope="session")
def made(
    tmp_path_factory: pytest.TempPathFactory,
    left: Build,
    blur: list[Record],
    laws: list[Record],
    pairs: list[Record],
    failed: Rows,
) -> Path:
    """A build of three studies with its report; one cell failed with hostile words."""
    broken = failed(HOSTILE, 3, arm="buffered", network="mlp", blur=0.4)
    folder = left(tmp_path_factory.mktemp("build") / "smoke", [*blur, *broken], laws, pairs)
    show("calibration", folder)
    for study in ("ambient_blur", "ambient_laws"):
        figure = folder / "figures" / f"{study}.svg"
        figure.write_text(f"<svg xmlns='http://www.w3.org/2000/svg'>{study}</svg>", "utf-8")
    write_report(folder, NAMES)
    return folder
