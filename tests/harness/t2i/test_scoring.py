"""Scoring from the shell: ceiling, floor, every way in, all files or none, and hostile inputs."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from harness.cli import main
from harness.geneval.detection import Detected, Found
from harness.geneval.detections import Appender, Header, read_detections
from harness.geneval.generator import published_prompts
from harness.geneval.prompt import Prompt, write_prompts
from harness.geneval.results import read_results
from harness.geneval.rules import Rules
from harness.geneval.vocabulary import COCO, TASKS
from harness.problem import Problem
from harness.records import atomic
from harness.records.files import read_jsonl
from harness.scenes.captions import SCENES
from harness.streams import numpy_generator
from harness.t2i.drawing import deranged

Run = Callable[..., str]


def overall(path: Path) -> float:
    return json.loads(path.with_suffix(".json").read_text())["score"]["overall"]


def test_scenes_as_drawn_are_all_right_and_shuffled_ones_are_not(tmp_path: Path, run: Run) -> None:
    for name, more in (("ceiling", ()), ("floor", ("--shuffled",))):
        given = ("--prompts-per-task", 6, "--images", 2, "--size", 24, *more)
        said = run("scenes", "--out", tmp_path / name, *given)
        assert "33 prompts: single_object 3, two_object 6" in said
        out = tmp_path / f"{name}.jsonl"
        run("score", tmp_path / name, "--detector", "scenes", "--out", out, "--no-pictures")
    assert overall(tmp_path / "ceiling.jsonl") == 1
    assert overall(tmp_path / "floor.jsonl") < 0.5
    one, other = (
        [(p.parent.parent.name, p.read_bytes()) for p in sorted((tmp_path / n).rglob("0*.png"))]
        for n in ("ceiling", "floor")
    )
    assert sorted(data for _, data in one) == sorted(data for _, data in other)
    assert all(a != b for a, b in zip(one, other))
    with Image.open(tmp_path / "floor" / "contact.png") as sheet:
        assert sheet.width > 900


def test_no_place_stays_in_a_derangement_and_all_are_possible() -> None:
    stream = numpy_generator("test", 0, "derangement")
    drawn = [tuple(deranged(3, stream).tolist()) for _ in range(400)]
    assert abs(drawn.count((1, 2, 0)) - 200) < 4 * 10  # the other one is (2, 0, 1)
    assert set(drawn) == {(1, 2, 0), (2, 0, 1)}
    with pytest.raises(Problem, match="two or more"):
        deranged(1, stream)


def test_every_way_in_gives_the_same_verdicts(
    scenes: Path, prompts: list[Prompt], tmp_path: Path, run: Run
) -> None:
    ways = {name: tmp_path / f"{name}.jsonl" for name in ("at once", "two steps", "no images")}
    found, suite = tmp_path / "d.jsonl", tmp_path / "prompts.jsonl"
    write_prompts(suite, prompts)
    run("score", scenes, "--detector", "scenes", "--out", ways["at once"], "--no-pictures")
    said = run("detect", scenes, "--detector", "scenes", "--out", found, "--prompts", suite)
    assert "12 of 12 images now, 0 before" in said
    assert "0 of 12 images now, 12 before" in run(
        "detect", scenes, "--detector", "scenes", "--out", found
    )
    run("score", scenes, "--detections", found, "--out", ways["two steps"], "--no-pictures")
    run("score", "--detections", found, "--prompts", suite, "--out", ways["no images"])
    texts = {path.read_bytes() for path in ways.values()}
    assert len(texts) == 1
    records = {path.with_suffix(".records.jsonl").read_bytes() for path in ways.values()}
    assert len(records) == 1
    results = read_results(ways["at once"], SCENES)
    assert [r.filename for r in results][:2] == ["00000/samples/0000.png", "00000/samples/0001.png"]
    assert [r.prompt for r in results][::2] == [prompt.prompt for prompt in prompts]


def test_given_results_are_scored_and_written_only_where_asked(
    scenes: Path, tmp_path: Path, run: Run
) -> None:
    out, again = tmp_path / "r.jsonl", tmp_path / "again.jsonl"
    run("score", scenes, "--detector", "scenes", "--out", out)
    before = {path: path.read_bytes() for path in tmp_path.glob("r.*")}
    assert "nothing written" in run("score", out)
    assert "among what was given" in run("score", out, "--out", out, status=2)
    assert {path: path.read_bytes() for path in tmp_path.glob("r.*")} == before
    run("score", out, "--out", again)
    assert again.read_bytes() == out.read_bytes()
    one, other = (json.loads(p.with_suffix(".json").read_text()) for p in (out, again))
    assert one["score"] == other["score"]
    assert (one["detector"], other["detector"]) == ("scenes", "not stated")
    assert one["sha256"]["prompts"] == other["sha256"]["prompts"]


def test_the_summary_says_where_everything_is_from_and_the_records_compare(
    scenes: Path, tmp_path: Path, run: Run, prompts: list[Prompt], write
) -> None:
    out, other = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    run("score", scenes, "--detector", "scenes", "--out", out, "--seed", 3,
        "--prompt-variant", "rewritten", "--rule", "nms=0.9")  # fmt: skip
    said = json.loads((tmp_path / "a.json").read_text())
    assert said["detector"] == "scenes"
    assert said["prompt_variant"] == "rewritten"
    assert said["rules"] == {**Rules().config(), "nms": 0.9}
    assert said["seed"] == 3
    assert set(said["sha256"]) == {"detections", "images", "prompts"}
    assert any("rewritten" in note for note in said["notes"])
    rows = {row.metric: row for row in read_jsonl(tmp_path / "a.records.jsonl")}
    assert set(rows) == {*TASKS, "overall", "correct_images", "correct_prompts"}
    assert rows["overall"].value == said["score"]["overall"] == 1
    low, high = said["score"]["bootstrap"]
    assert rows["overall"].standard_error == pytest.approx((high - low) / 3.919928)
    run("score", scenes, "--detector", "scenes", "--out", other, "--prompt-variant", "raw")
    shuffled = write(tmp_path / "shuffled", prompts, order=[1, 2, 3, 4, 5, 0])
    run("score", shuffled, "--detector", "scenes", "--out", tmp_path / "c.jsonl")
    sides = [read_jsonl(tmp_path / f"{name}.records.jsonl") for name in "bc"]
    assert [row.key() for row in sides[0]] == [row.key() for row in sides[1]]
    assert main(["compare", *[f"{tmp_path}/b.records.jsonl"] * 2]) == 0
    run("score", scenes, "--detector", "scenes", "--out", tmp_path / "d.jsonl", "--no-pictures",
        "--prompt-variant", "rewritten")  # fmt: skip
    identity = {
        name: {row.cell_id for row in read_jsonl(tmp_path / f"{name}.records.jsonl")}
        for name in "abcd"
    }
    assert identity["b"] == identity["c"]  # two sets of images, judged alike
    assert len(set.union(*identity.values())) == 3  # other rules and other prompts are another cell


def test_all_files_or_none_are_written(
    scenes: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "r.jsonl"
    run("score", scenes, "--detector", "scenes", "--out", out)
    names = {path.name for path in tmp_path.glob("r.*")}
    assert names == {"r.jsonl", "r.json", "r.records.jsonl", "r.detections.jsonl", "r.sheet.png",
                     "r.scores.pdf", "r.scores.svg", "r.scores.png"}  # fmt: skip
    before = {path: path.read_bytes() for path in tmp_path.glob("r.*")}
    original = atomic.write_bytes

    def full(path: Path, data: bytes) -> None:
        if "sheet" in str(path):
            raise Problem("writing", "No space left on device", "free some space")
        original(path, data)

    monkeypatch.setattr(atomic, "write_bytes", full)
    given = ("--detector", "scenes", "--out", out, "--seed", 9)
    assert "No space" in run("score", scenes, *given, status=2)
    assert {path: path.read_bytes() for path in tmp_path.glob("r.*")} == before
    assert not list(tmp_path.glob(".r*"))
    made = json.loads((tmp_path / "r.json").read_text())["files"]
    assert made == {
        path.name.removeprefix("r"): hashlib.sha256(data).hexdigest()
        for path, data in before.items()
        if path.name not in ("r.json", "r.detections.jsonl")
    }


def detections(path: Path, objects: dict[str, tuple[Found, ...]], words=SCENES) -> Path:
    path.unlink(missing_ok=True)
    with Appender(path, Header("by hand", {}, words)) as file:
        for name, found in objects.items():
            file.append(Detected(name, 24, 24, found))
    return path


def test_detections_of_other_images_and_missing_ones_are_refused(
    scenes: Path, tmp_path: Path, run: Run
) -> None:
    names = [f"{n:05}/samples/{i:04}.png" for n in range(6) for i in range(2)]
    path, out = tmp_path / "d.jsonl", tmp_path / "r.jsonl"
    few = detections(path, dict.fromkeys(names[:-1], ()))
    said = run("score", scenes, "--detections", few, "--out", out, status=2)
    assert "1 not detected, the first 00005/samples/0001.png" in said
    many = detections(path, dict.fromkeys([*names, "00006/samples/0000.png"], ()))
    said = run("score", scenes, "--detections", many, "--out", out, status=2)
    assert "1 of other images, the first 00006/samples/0000.png" in said
    unsigned = detections(path, dict.fromkeys(names, ()))
    assert "12 images were detected without their sha256" in run(
        "score", scenes, "--detections", unsigned, "--out", out
    )


def test_images_that_changed_after_detection_are_refused(
    scenes: Path, tmp_path: Path, run: Run, noise
) -> None:
    found, out = tmp_path / "d.jsonl", tmp_path / "r.jsonl"
    run("detect", scenes, "--detector", "scenes", "--out", found)
    Image.fromarray(noise(24, 24)).save(scenes / "00002/samples/0001.png")
    said = run("score", scenes, "--detections", found, "--out", out, status=2)
    assert "00002/samples/0001.png; got those of other bytes" in said
    assert not out.exists()
    cached = out.with_suffix(".detections.jsonl")
    found.rename(cached)
    said = run("score", scenes, "--detector", "scenes", "--out", out, status=2)
    assert f"the image has changed: remove or rename {cached}" in said
    cached.unlink()
    run("score", scenes, "--detector", "scenes", "--out", out, "--no-pictures")


def test_pictures_of_an_earlier_score_do_not_stay_beside_new_numbers(
    scenes: Path, tmp_path: Path, run: Run
) -> None:
    out = tmp_path / "r.jsonl"
    given = ("score", scenes, "--detector", "scenes", "--out", out)
    run(*given)
    said = run(*given, "--rule", "threshold=1", "--no-pictures")
    for suffix in (".scores.png", ".scores.pdf", ".scores.svg", ".sheet.png"):
        assert f"removed {out.with_suffix(suffix)}: of an earlier score" in said
        assert not out.with_suffix(suffix).exists()
    assert set(json.loads((tmp_path / "r.json").read_text())["files"]) == {
        ".jsonl", ".records.jsonl",
    }  # fmt: skip


def test_rules_unlike_the_published_ones_and_few_prompts_are_said(
    scenes: Path, tmp_path: Path, run: Run
) -> None:
    out = tmp_path / "r.jsonl"
    given = ("score", scenes, "--detector", "scenes", "--out", out, "--no-pictures")
    said = run(*given, "--rule", "threshold=0.1")
    assert "WARNING: RULES UNLIKE THE PUBLISHED ONES: threshold 0.1 for 0.3; " in said
    assert "the interval over prompts of single_object rests on 1 prompt, of two_object" in said
    assert json.loads((tmp_path / "r.json").read_text())["warnings"]
    assert "WARNING" not in run(*given)


def test_a_detector_that_finds_nothing_is_warned_of(scenes: Path, tmp_path: Path, run: Run) -> None:
    run("detect", scenes, "--detector", "scenes", "--out", tmp_path / "good.jsonl")
    good = read_detections(tmp_path / "good.jsonl").images
    path, out = tmp_path / "d.jsonl", tmp_path / "r.jsonl"

    def warnings(empty: int) -> str:
        kept = {d.image: () if i < empty else d.objects for i, d in enumerate(good)}
        given = ("--detections", detections(path, kept), "--out", out, "--no-pictures")
        run("score", scenes, *given)
        return " ".join(json.loads((tmp_path / "r.json").read_text())["warnings"])

    assert warnings(0) == ""
    assert warnings(2) == ""  # of the ten that are not counting: a fifth, and no more
    assert "NO OBJECT AT ALL in 30%" in warnings(3)
    assert "EVERY TASK" not in warnings(11)
    assert "EVERY TASK SCORES 0" in warnings(12)
    said = run("score", scenes, "--detections", path, "--out", out, "--no-pictures")
    assert "WARNING: NO OBJECT AT ALL in 100%" in said


def test_published_scores_stand_beside_the_published_suite_alone(
    tmp_path: Path, run: Run, scenes: Path
) -> None:
    prompts = published_prompts()
    suite, out = tmp_path / "prompts.jsonl", tmp_path / "r.jsonl"
    assert "553 prompts: single_object 80" in run("prompts", "--out", suite)
    seen = {
        f"{number:05}/samples/0000.png": tuple(
            Found(wanted.klass, 0.95, (1, 1, 9, 9), wanted.color)
            for wanted in prompt.include
            for _ in range(wanted.count)
        )
        for number, prompt in enumerate(prompts)
    }
    path = tmp_path / "d.jsonl"
    with Appender(path, Header("by hand", {}, COCO)) as file:
        for name, found in list(seen.items())[:200:1]:
            file.append(Detected(name, 24, 24, found))
    said = run("score", "--detections", path, "--prompts", suite, "--out", out)
    assert "quoted" in said
    assert "IF-XL" in said
    assert "353 of 553 prompts have no image" in said
    assert "200 prompts, not the 553 published ones" in said
    assert "quoted" not in run("score", scenes, "--detector", "scenes", "--out", out)
