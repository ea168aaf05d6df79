"""An appender: a killed run goes on, and nothing that another made is touched."""

import errno
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.geneval import detections
from harness.geneval.detection import Detected, Found
from harness.geneval.detections import Appender, Header, read_detections
from harness.geneval.vocabulary import COCO
from harness.problem import Problem

ROOT = Path(__file__).parents[3]
WORDS = replace(COCO, name="mine")
HEADER = Header("exact", {"net.pth": "a" * 64}, WORDS, {"size": 800, "colors": {"crop": True}})
COW = Found("cow", 0.5, (1.0, 2.0, 30.0, 40.5), "red")


def seen(index: int = 0, *objects: Found) -> Detected:
    """The detections of one image of 64 x 48 pixels."""
    return Detected(f"00000/samples/{index:04}.png", 64, 48, objects or (COW,), f"{index:064x}")


def written(path: Path, *images: Detected, header: Header = HEADER) -> Path:
    path.write_text("".join(f"{line.json}\n" for line in (header, *images)))
    return path


IMAGES = [seen(i) for i in range(3)]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(data=st.data())
def test_cut_off_anywhere_it_goes_on_to_the_same_bytes(tmp_path_factory, data) -> None:
    path = written(tmp_path_factory.mktemp("cut") / "f", *IMAGES)
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    with Appender(path, HEADER) as file:
        lines = whole[:cut].count(b"\n")
        assert file.done == {d.image: d.sha256 for d in IMAGES[: max(lines - 1, 0)]}
        for detected in IMAGES:
            if not file.has(detected.image, detected.sha256):
                file.append(detected)
    assert path.read_bytes() == whole


def test_a_torn_last_line_is_dropped_before_anything_is_written(tmp_path: Path) -> None:
    path = written(tmp_path / "f", *IMAGES[:2])
    whole = path.read_bytes()
    path.write_bytes(whole + IMAGES[2].json.encode())  # whole but for its line feed: not sure
    Appender(path, HEADER).close()
    assert path.read_bytes() == whole


def test_a_process_that_is_killed_leaves_a_file_to_go_on_with(tmp_path: Path) -> None:
    """Killed outright after its second image; its lock goes with it."""
    path = tmp_path / "f"
    code = (
        "import sys, time; sys.path.insert(0, 'tests/harness/geneval')\n"
        "from test_appender import HEADER, IMAGES, Appender\n"
        f"file = Appender({str(path)!r}, HEADER)\n"
        "file.append(IMAGES[0]); file.append(IMAGES[1])\n"
        "print('ready', flush=True); sys.stdin.read()"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert worker.stdout is not None
    assert worker.stdin is not None
    try:
        assert worker.stdout.readline() == b"ready\n"
        with pytest.raises(Problem, match="another process that writes to it"):
            Appender(path, HEADER)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
        worker.stdin.close()
    with Appender(path, HEADER) as file:
        assert list(file.done) == [d.image for d in IMAGES[:2]]
        file.append(IMAGES[2])
    assert read_detections(path).images == tuple(IMAGES)


def test_two_writers_at_once_are_refused_and_the_lock_ends_with_the_first(tmp_path: Path) -> None:
    path = tmp_path / "f"
    with Appender(path, HEADER) as file:
        with pytest.raises(Problem, match="another process that writes to it"):
            Appender(path, HEADER)
        file.append(seen())
    Appender(path, HEADER).close()


@pytest.mark.parametrize(
    ("header", "named"),
    [
        (replace(HEADER, detector="other"), "detector 'other'"),
        (replace(HEADER, weights={"net.pth": "b" * 64}), "weights.net.pth 'bbb"),
        (replace(HEADER, weights={}), "weights.net.pth 'none'"),
        (replace(HEADER, weights={**HEADER.weights, "clip.pt": "c" * 64}), "weights.clip.pt 'ccc"),
        (replace(HEADER, settings={**HEADER.settings, "size": 801}), "settings.size 801"),
        (replace(HEADER, settings={"size": 800}), "settings.colors 'none'"),
        (replace(HEADER, vocabulary=COCO), "vocabulary.name 'coco'"),
        (replace(HEADER, vocabulary=replace(WORDS, colors=("red",))), "vocabulary.colors"),
    ],
)
def test_a_file_of_another_detector_is_left_alone(header, named, tmp_path: Path) -> None:
    path = written(tmp_path / "f", seen())
    before = path.read_bytes()
    with pytest.raises(Problem, match=named) as caught:
        Appender(path, header)
    assert f"{path}:1" in str(caught.value)
    assert caught.value.fix == f"remove or rename {path}, or write to another file"
    assert path.read_bytes() == before
    Appender(path, Header(**vars(HEADER))).close()  # an equal one is not refused


@pytest.mark.parametrize("data", [b"no line feed", b"\x89PNG", b"a line\n", b"{}\n{"])
def test_a_file_of_another_kind_is_left_alone(data, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(data)
    with pytest.raises(Problem):
        Appender(path, HEADER)
    assert path.read_bytes() == data


def test_an_image_is_done_once_and_by_its_bytes(tmp_path: Path) -> None:
    with Appender(tmp_path / "f", HEADER) as file:
        assert not file.has(seen().image, seen().sha256)
        file.append(seen())
        assert file.has(seen().image, seen().sha256)
        with pytest.raises(Problem, match="again"):
            file.append(replace(seen(), sha256="b" * 64))
        with pytest.raises(Problem, match="those of other bytes"):
            file.has(seen().image, "b" * 64)


def test_what_a_detector_gives_wrong_is_not_written(tmp_path: Path) -> None:
    with Appender(tmp_path / "f", HEADER) as file:
        for bad in (
            replace(COW, box=(0, 0, 65, 40)),
            replace(COW, score=float("nan")),
            replace(COW, klass="crow"),
        ):
            with pytest.raises(Problem, match=r"0000\.png of .*f, objects 0"):
                file.append(seen(0, bad))
        single = tuple(np.float32([1.5, 2.25, 30, 40]))
        file.append(seen(0, Found("cow", np.float32(0.5), single)))  # type: ignore[arg-type]
    (detected,) = read_detections(tmp_path / "f").images
    assert detected.objects == (Found("cow", 0.5, (1.5, 2.25, 30.0, 40.0)),)


def test_a_full_disk_leaves_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f"
    write = os.pwrite

    def half(descriptor: int, data: bytes, offset: int) -> int:
        if len(data) < 40:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data[: len(data) // 2], offset)

    with Appender(path, HEADER) as file:
        file.append(seen(0))
        before = path.read_bytes()
        monkeypatch.setattr(detections.os, "pwrite", half)
        with pytest.raises(Problem, match="No space left"):
            file.append(seen(1))
        monkeypatch.undo()
        assert path.read_bytes() == before
        assert not file.has(seen(1).image, seen(1).sha256)
        file.append(seen(1))
    assert read_detections(path).images == (seen(0), seen(1))


def test_each_image_is_on_the_disk_before_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, sizes = tmp_path / "f", []
    monkeypatch.setattr(detections.os, "fsync", lambda _: sizes.append(path.stat().st_size))
    with Appender(path, HEADER) as file:
        for detected in IMAGES:
            file.append(detected)
    lines = path.read_bytes().splitlines(keepends=True)
    assert sizes == list(np.cumsum([len(line) for line in lines]))


def test_a_folder_or_a_path_through_a_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="Is a directory"):
        Appender(tmp_path, HEADER)
    (tmp_path / "f").write_text("")
    with pytest.raises(Problem, match="writing"):
        Appender(tmp_path / "f" / "g", HEADER)
