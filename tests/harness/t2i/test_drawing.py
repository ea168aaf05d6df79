"""Drawing: a folder of scenes of any number takes the memory of one."""

import tracemalloc
from pathlib import Path

import pytest

from harness.cli import main


def test_the_pictures_of_a_suite_are_never_held_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def draw(name: str, size: int, images: int) -> None:
        given = ["--size", f"{size}", "--images", f"{images}", "--prompts-per-task", "1"]
        assert main(["geneval", "scenes", "--out", f"{tmp_path / name}", *given, "--quiet"]) == 0

    draw("warm", 24, 1)  # imports take memory too
    tracemalloc.start()
    draw("many", 256, 10)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(list((tmp_path / "many").rglob("samples/*.png"))) == 60
    assert peak < 60 * 256 * 256 * 3  # the bytes of all pictures; they were held as floats too
