"""The command: hostile files and wrong requests are answered in one line, and help teaches."""

import json
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main
from harness.geneval.rules import Rules
from harness.problem import Problem
from harness.t2i.scoring import read_rules

Run = Callable[..., str]
ROOT = Path(__file__).parents[3]

LINE = (
    '{"tag": "single_object", "include": [{"class": "circle", "count": 1}], "prompt": "a circle"}'
)


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("00001/samples/0000.png", "a text", "00001/samples/0000.png; got bytes that do not"),
        ("00001/metadata.jsonl", f"{LINE}\n{LINE}\n", "00001/metadata.jsonl; got 2 lines"),
        ("00001/metadata.jsonl", LINE.replace('"circle"', '"unicorn"'), "got 'unicorn'"),
        ("00001/metadata.jsonl", "{NaN}", "00001/metadata.jsonl:1"),
    ],
    ids=["text as image", "two lines", "unknown class", "no JSON"],
)
def test_hostile_files_are_named_in_one_line(
    file: str, content: str, words: str, scenes: Path, tmp_path: Path, run: Run
) -> None:
    (scenes / file).write_text(content)
    out = tmp_path / "r.jsonl"
    said = run("score", scenes, "--detector", "scenes", "--out", out, status=2)
    assert words in said
    assert said.startswith("patina: asked for ")
    assert said.count("\n") == 1
    assert not out.exists()


def test_a_bomb_is_named(scenes: Path, tmp_path: Path, run: Run) -> None:
    path = scenes / "00001/samples/0000.png"
    data = bytearray(path.read_bytes())
    data[16:24] = struct.pack(">II", 20_000, 20_000)  # what its header says of its size
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    path.write_bytes(data)
    said = run("score", scenes, "--detector", "scenes", "--out", tmp_path / "r.jsonl", status=2)
    assert "00001/samples/0000.png; got bytes that do not decode (DecompressionBombError" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["score"], "no images and no results"),
        (["score", "IMAGES"], "no detections"),
        (["score", "IMAGES", "--detector", "scenes", "--out", "r.json"], "name it results.jsonl"),
        (["score", "IMAGES", "--detector", "scenes", "--rule", "nmss=1"], "NAME=VALUE of thresh"),
        (["score", "IMAGES", "--detector", "scenes", "--rule", "nms=nan"], "give a number"),
        (["score", "IMAGES", "--detector", "scenes", "--rule", "nms=2"], "above 0"),
        (["score", "IMAGES", "--detector", "scenes", "--batch", "0"], "give 1 or more"),
        (["score", "IMAGES", "--detector", "scenes", "--images-per-prompt", "4"], "no 0002.png"),
        (["score", "nowhere", "--detector", "scenes"], "no such file"),
        (["score", "nowhere.jsonl"], "results nowhere.jsonl; got no such file"),
        (["score", "IMAGES", "--detections", "nowhere.jsonl"], "nowhere.jsonl"),
        (["score", "IMAGES", "--detector", "scenes", "--weights", "w"], "it has none"),
        (["score", "IMAGES", "--detector", "scenes", "--device", "cpu"], "--device cpu; leave it"),
        (["score", "IMAGES", "--detector", "scenes", "--colors", "asked"], "reads all colours"),
        (["detect", "IMAGES", "--detector", "scenes", "--device", "x", "--out", "d"], "leave it"),
        (["detect", "IMAGES", "--detector", "scenes", "--out", "IMAGES"], "got a folder"),
        (["detect", "IMAGES", "--detector", "scenes", "--out", "."], "--out .; got a folder"),
        (["score", "IMAGES", "--detector", "scenes", "--out", "."], "--out .; got a folder"),
        (["prompts", "--out", "."], "--out .; got a folder"),
        (["prompts", "--seed", "3"], "--seed 3; leave it out"),
        (["scenes", "--out", "new", "--size", "1000000"], "give at most 1024"),
        (["scenes", "--out", "IMAGES"], "images without it"),
        (["scenes", "--out", "new", "--size", "25"], "multiple of 8"),
        (["scenes", "--out", "new", "--images", "0"], "give 1 or more"),
        (["scenes", "--out", "new", "--prompts-per-task", "0"], "at least 1"),
        (["prompts", "--scenes", "0"], "give 1 or more"),
        (["generate", "--prompts", "no.jsonl", "--model", "m", "--out", "o"], "no.jsonl"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_wrong_request_is_answered_in_one_line(
    arguments: list[str], words: str, scenes: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, run: Run,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    said = run(*(str(scenes) if each == "IMAGES" else each for each in arguments), status=2)
    assert words in said
    assert said.count("\n") == 1
    assert not Path("results.jsonl").exists()


@pytest.mark.parametrize("action", ["prompts", "scenes", "detect", "score", "generate"])
def test_an_empty_name_is_no_place(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["geneval", action, "--out", ""])
    assert caught.value.code == 2
    assert capsys.readouterr().err.endswith("error: argument --out: an empty name\n")


UNREAD = [["--weights", "w"], ["--color-weights", "w"], ["--batch", "2"], ["--device", "cpu"],
          ["--colors", "all"], ["--prompt-variant", "rewritten"]]  # fmt: skip
OF_RESULTS = [*UNREAD, ["--rule", "nms=0.9"], ["--images-per-prompt", "4"], ["--prompts", "p"],
              ["--detections", "d"], ["--detector", "scenes"]]  # fmt: skip


@pytest.mark.parametrize("option", OF_RESULTS, ids="".join)
def test_options_that_nothing_reads_are_refused(
    option: list[str], scenes: Path, tmp_path: Path, run: Run
) -> None:
    found, results, new = (tmp_path / name for name in ("d.jsonl", "r.jsonl", "new.jsonl"))
    run("detect", scenes, "--detector", "scenes", "--out", found)
    run("score", scenes, "--detections", found, "--out", results, "--no-pictures")
    said = run("score", results, *option, "--out", new, status=2)
    assert f"the score of the results {results}; got {option[0]}; leave it out" in said
    if option in UNREAD:
        said = run("score", scenes, "--detections", found, *option, "--out", new, status=2)
        assert f"a score without a detector to run; got {option[0]}; leave it out" in said
    assert not new.exists()


PRINTS = """
import sys
from harness.cli import main
sys.exit(main(["geneval", *sys.argv[1:]]))
"""


@pytest.mark.parametrize("action", ["prompts", "score"])
def test_a_full_disk_behind_the_screen_is_one_line(
    action: str, scenes: Path, tmp_path: Path
) -> None:
    out = tmp_path / "r.jsonl"
    more = [str(scenes), "--detector", "scenes", "--out", str(out)] if action == "score" else []
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", PRINTS, action, *more],
            cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("patina: asked for printing to standard output; got no space")
    assert done.stderr.count("\n") == 1
    assert not out.exists()


def test_a_name_that_is_no_text_is_printed_and_recorded(
    scenes: Path, tmp_path: Path, run: Run
) -> None:
    strange = tmp_path / os.fsdecode(b"\xff")
    scenes.rename(strange)
    (strange / "00001/samples" / os.fsdecode(b"\xfe.txt")).write_bytes(b"")
    out = strange / "r.jsonl"
    said = run("score", strange, "--detector", "scenes", "--out", out)
    assert f"wrote {tmp_path}/\\udcff/r.jsonl" in said
    notes = json.loads(out.with_suffix(".json").read_text())["notes"]
    assert r"left alone: 00001/samples/\udcfe.txt" in notes


def test_rules_are_read_by_name() -> None:
    assert read_rules([]) == Rules()
    assert read_rules(["threshold=0.5", "max_objects=3"]) == Rules(threshold=0.5, max_objects=3)
    with pytest.raises(Problem, match="give a number"):
        read_rules(["max_objects=2.5"])


def test_prompts_go_to_standard_output_as_lines_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["geneval", "prompts", "--scenes", "2"]) == 0
    said = capsys.readouterr()
    assert len([json.loads(line) for line in said.out.splitlines()]) == 12
    assert said.err.startswith("12 prompts: single_object 2")


@pytest.mark.parametrize("action", ["", "prompts", "scenes", "generate", "detect", "score"])
def test_help_has_an_example(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["geneval", *filter(None, [action]), "--help"])
    assert f"  patina geneval {action or 'prompts'} " in capsys.readouterr().out
