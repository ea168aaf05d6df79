"""Detecting: each image once, whatever stops it, and never from other bytes than it says."""

import hashlib
import signal
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from harness.geneval.detection import Found
from harness.geneval.detections import Appender, read_detections
from harness.problem import Problem
from harness.scenes.captions import SCENES
from harness.t2i.detecting import detect, header
from harness.t2i.detectors import LARGEST, ScenesDetector, load
from harness.t2i.folder import read_folder

ROOT = Path(__file__).parents[3]


class Counting:
    """The exact detector; counts its images, and dies before image ``stop``."""

    name, vocabulary, weights, settings = "scenes", SCENES, {}, {}  # type: ignore[var-annotated]

    def __init__(self, stop: int | None = None) -> None:
        self.stop, self.seen = stop, 0
        self.batches: list[int] = []
        self.checked: list[tuple[int, int, str]] = []
        self.colored: list[Any] = []

    def check(self, size: tuple[int, int], name: str) -> None:
        self.checked.append((*size, name))

    def __call__(
        self, pictures: Sequence[np.ndarray], colored: Sequence[Collection[str] | None]
    ) -> list[tuple[Found, ...]]:
        if self.stop is not None and self.seen + len(pictures) > self.stop:
            raise KeyboardInterrupt
        self.seen += len(pictures)
        self.batches.append(len(pictures))
        self.colored += colored
        return ScenesDetector()(pictures, colored)


HEAD = header(ScenesDetector(), "raw")


def test_every_image_has_its_objects_its_size_and_its_hash(scenes: Path, tmp_path: Path) -> None:
    folder, out = read_folder(scenes, SCENES), tmp_path / "d.jsonl"
    assert detect(folder, ScenesDetector(), out, HEAD) == 12
    found = read_detections(out)
    assert [each.image for each in found.images] == list(folder.images)
    for each in found.images:
        data = (scenes / each.image).read_bytes()
        assert each.sha256 == hashlib.sha256(data).hexdigest()
        assert (each.width, each.height) == (24, 24)
    three = found.by_image()["00005/samples/0001.png"].objects
    assert sorted((o.klass, o.color) for o in three) == [("square", "blue"), ("triangle", "green")]


def test_width_and_height_are_not_exchanged(scenes: Path, tmp_path: Path, noise) -> None:
    class Blind(Counting):
        def __call__(self, pictures: Any, colored: Any) -> list[tuple[Found, ...]]:
            return [() for _ in pictures]

    Image.fromarray(noise(7, 11)).save(scenes / "00000/samples/0000.png")
    blind = Blind()
    detect(read_folder(scenes, SCENES), blind, tmp_path / "d.jsonl", HEAD)
    assert blind.checked[0] == (11, 7, str(scenes / "00000/samples/0000.png"))
    assert len(blind.checked) == 12
    first = read_detections(tmp_path / "d.jsonl").images[0]
    assert (first.width, first.height) == (11, 7)


@pytest.mark.parametrize("stop", [0, 1, 7, 11])
def test_a_stopped_run_goes_on_without_repeating_and_gives_the_same_bytes(
    stop: int, scenes: Path, tmp_path: Path
) -> None:
    folder, whole, part = read_folder(scenes, SCENES), tmp_path / "w", tmp_path / "p"
    detect(folder, Counting(), whole, HEAD)
    with pytest.raises(KeyboardInterrupt):
        detect(folder, Counting(stop), part, HEAD)
    again = Counting()
    assert detect(folder, again, part, HEAD) == 12 - stop
    assert again.seen == 12 - stop
    assert part.read_bytes() == whole.read_bytes()


KILLED = """
import os, signal, sys
from pathlib import Path
from harness.t2i import detecting
from harness.t2i.detectors import ScenesDetector
from harness.cli import main

class Dying:
    name, vocabulary, weights, settings = 'scenes', ScenesDetector.vocabulary, {}, {}
    seen = 0
    def check(self, size, name):
        pass
    def __call__(self, pictures, colored):
        if self.seen == 5:
            os.kill(os.getpid(), signal.SIGKILL)
        self.seen += 1
        return ScenesDetector()(pictures, colored)

detecting.load = lambda *_: Dying()
main(["geneval", "score", sys.argv[1], "--detector", "scenes", "--out", sys.argv[2]])
"""


def test_a_scoring_run_killed_outright_goes_on_to_the_same_files(
    scenes: Path, tmp_path: Path, run
) -> None:
    whole, part = tmp_path / "whole.jsonl", tmp_path / "part.jsonl"
    run("score", scenes, "--detector", "scenes", "--out", whole, "--quiet", "--no-pictures")
    given = [sys.executable, "-c", KILLED, str(scenes), str(part)]
    done = subprocess.run(given, cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert not part.exists()
    cached = tmp_path / "part.detections.jsonl"
    before = cached.read_bytes()
    assert before.count(b"\n") == 1 + 5
    cached.write_bytes(before + b'{"image": "00002/sam')  # torn in the middle of a line
    run("score", scenes, "--detector", "scenes", "--out", part, "--quiet", "--no-pictures")
    for suffix in (".jsonl", ".json", ".records.jsonl", ".detections.jsonl"):
        assert part.with_suffix(suffix).read_bytes() == whole.with_suffix(suffix).read_bytes()
    assert cached.read_bytes().startswith(before)


def test_batches_are_filled_over_what_is_done_and_the_last_is_smaller(
    scenes: Path, tmp_path: Path
) -> None:
    folder, out = read_folder(scenes, SCENES), tmp_path / "d.jsonl"
    with pytest.raises(KeyboardInterrupt):
        detect(folder, Counting(2), out, HEAD)
    counting = Counting()
    detect(folder, counting, out, HEAD, batch=4)
    assert counting.batches == [4, 4, 2]


def test_colours_are_asked_for_where_the_prompt_has_one(scenes: Path, tmp_path: Path) -> None:
    folder, counting = read_folder(scenes, SCENES), Counting()
    detect(folder, counting, tmp_path / "d", header(counting, "raw", "asked"))
    assert counting.colored[::2] == [
        set(), set(), set(), {"circle"}, set(), {"square", "triangle"},
    ]  # fmt: skip
    counting = Counting()
    detect(folder, counting, tmp_path / "e", HEAD)
    assert counting.colored == [None] * 12


def test_a_changed_image_another_detector_and_a_second_run_are_refused(
    scenes: Path, tmp_path: Path, noise
) -> None:
    folder, out = read_folder(scenes, SCENES), tmp_path / "d.jsonl"
    detect(folder, ScenesDetector(), out, HEAD)
    before = out.read_bytes()
    with Appender(out, HEAD), pytest.raises(Problem, match="another process"):
        detect(folder, ScenesDetector(), out, HEAD)
    with pytest.raises(Problem, match=r"settings\.prompt_variant 'rewritten'"):
        detect(folder, ScenesDetector(), out, header(ScenesDetector(), "rewritten"))
    Image.fromarray(noise(24, 24)).save(scenes / "00003/samples/0001.png")
    with pytest.raises(Problem, match=r"00003/samples/0001\.png .* got those of other bytes"):
        detect(folder, ScenesDetector(), out, HEAD)
    assert out.read_bytes() == before


def test_a_broken_image_is_named_and_what_was_detected_before_stays(
    scenes: Path, tmp_path: Path
) -> None:
    whole = (scenes / "00001/samples/0000.png").read_bytes()
    (scenes / "00001/samples/0000.png").write_bytes(whole[:40])
    folder, out = read_folder(scenes, SCENES), tmp_path / "d.jsonl"
    with pytest.raises(Problem, match=r"scenes/00001/samples/0000\.png; got bytes that do not"):
        detect(folder, ScenesDetector(), out, HEAD)
    assert len(read_detections(out).images) == 2
    (scenes / "00001/samples/0000.png").write_bytes(whole)
    assert detect(folder, ScenesDetector(), out, HEAD) == 10


@pytest.mark.parametrize(
    ("height", "width", "words"),
    [
        (32, 24, "a square picture of a scene in .*; got 24 x 32 pixels"),
        (23, 23, "24 to 1024 pixels along a side of .*; got 23 x 23 pixels"),
        (1025, 1025, "24 to 1024 pixels along a side of .*; got 1025 x 1025 pixels"),
    ],
)
def test_a_picture_that_is_no_scene_is_named_and_not_looked_at(
    height: int, width: int, words: str, scenes: Path, tmp_path: Path
) -> None:
    Image.new("RGB", (width, height)).save(scenes / "00001/samples/0001.png")
    out = tmp_path / "d.jsonl"
    with pytest.raises(Problem, match=words) as caught:
        detect(read_folder(scenes, SCENES), ScenesDetector(), out, HEAD)
    assert str(scenes / "00001/samples/0001.png") in str(caught.value)
    assert len(read_detections(out).images) == 3


def test_the_sides_of_a_scene_are_allowed_up_to_their_bounds() -> None:
    for side in (24, LARGEST):
        ScenesDetector().check((side, side), "f")


def test_the_exact_detector_takes_pictures_of_mixed_sizes(scenes: Path) -> None:
    with Image.open(scenes / "00005/samples/0000.png") as image:
        small = np.asarray(image)
    large = small.repeat(2, 0).repeat(2, 1)
    found = ScenesDetector()([small, large, large, small], [None] * 4)
    assert found[1] == found[2]
    assert found[0] == found[3] == ScenesDetector()([small], [None])[0]
    assert [o.klass for o in found[0]] == [o.klass for o in found[1]]


def test_detectors_are_known_by_name_and_weights_go_to_those_that_take_them() -> None:
    assert load("scenes").name == "scenes"
    with pytest.raises(Problem, match="choose from scenes, mask2former"):
        load("yolo")
    with pytest.raises(Problem, match="it has none"):
        load("scenes", weights="w")
    with pytest.raises(Problem, match="--device cpu; leave it out"):
        load("scenes", device="cpu")
