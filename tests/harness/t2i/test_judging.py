"""Judging: which prompt an image is of, no image twice, and prompts that the rules can fulfil."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from harness.geneval.detection import Detected, Found
from harness.geneval.detections import Appender, Detections, Header, read_detections
from harness.geneval.prompt import Prompt, Wanted
from harness.geneval.results import Result
from harness.geneval.rules import Judgement, Rules
from harness.problem import Problem
from harness.scenes.captions import SCENES
from harness.t2i.folder import read_folder
from harness.t2i.judging import of_folder, of_prompts, of_results

CIRCLE = Found("circle", 1.0, (1, 1, 9, 9), "red")


def detections(path: Path, names: Sequence[str], sides: Sequence[int] = ()) -> Detections:
    """Detections of a circle in each image, 24 pixels wide where no side is given."""
    with Appender(path, Header("by hand", {}, SCENES)) as file:
        for i, name in enumerate(names):
            side = sides[i] if i < len(sides) else 24
            file.append(Detected(name, side, side, (CIRCLE,)))
    return read_detections(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "d.jsonl"


def test_an_image_is_of_the_prompt_whose_number_it_has(path: Path, prompts: list[Prompt]) -> None:
    names = ["00000/samples/0000.png", "3/17.png", "005/samples/0.png"]
    judged = of_prompts(prompts, detections(path, names), path, Rules())
    got = {result.filename: result.prompt for result in judged.results}
    assert got == {name: prompts[n].prompt for name, n in zip(names, (0, 3, 5))}
    assert judged.notes == ("3 of 6 prompts have no image, the first 00001",)


@pytest.mark.parametrize(
    "name",
    [
        "\u0661/samples/0000.png",  # ONE of the Arabic-Indic digits
        "00000/samples/\u0661.png",
        "1/samples/a.png",
        "1/samples/0000.jpg",
        "x/1/samples/0000.png",
        "0000.png",
        f"{'9' * 5000}/samples/0000.png",
        f"1/samples/{'9' * 5000}.png",
    ],
    ids=lambda name: ascii(name)[:20],
)
def test_a_name_that_is_no_number_of_a_prompt_is_refused_with_its_line(
    name: str, path: Path, prompts: list[Prompt]
) -> None:
    found = detections(path, ["00000/samples/0000.png", name])
    with pytest.raises(Problem, match=r"d\.jsonl:3; got") as caught:
        of_prompts(prompts, found, path, Rules())
    assert len(str(caught.value)) < 400


def test_a_number_beyond_the_prompts_is_refused_with_its_line(
    path: Path, prompts: list[Prompt]
) -> None:
    found = detections(path, ["00005/samples/0000.png", "00006/samples/0000.png"])
    with pytest.raises(Problem, match=r"one of 6 prompts at .*d\.jsonl:3; got '00006/samples"):
        of_prompts(prompts, found, path, Rules())


@pytest.mark.parametrize(
    "second", ["00000/samples/00000.png", "0/samples/0000.png", "00000/0000.png", "0/0.png"]
)
def test_two_names_of_one_image_are_refused_with_both_lines(
    second: str, path: Path, prompts: list[Prompt]
) -> None:
    names = ["00000/samples/0001.png", "00000/samples/0000.png", second]
    with pytest.raises(Problem, match=r"0000\.png' at .*d\.jsonl:3 and .* at .*d\.jsonl:4"):
        of_prompts(prompts, detections(path, names), path, Rules())


def test_two_names_of_one_image_are_refused_in_results(tmp_path: Path) -> None:
    prompt = Prompt("colors", (Wanted("circle", color="red"),), "a red circle")
    one = Result.of("out/0/samples/0.png", prompt, Judgement(True, "", {}))

    def written(*names: str) -> Path:
        path = tmp_path / "r.jsonl"
        results = [replace(one, filename=name) for name in names]
        path.write_text("".join(f"{json.dumps(asdict(result))}\n" for result in results))
        return path

    for name in ("a/0/samples/0.png", "out/0/samples/00010.png", "out/10/samples/0.png", "best"):
        assert len(of_results(written(one.filename, name)).results) == 2
    with pytest.raises(Problem, match=r"at .*r\.jsonl:1 and .* at .*r\.jsonl:3"):
        of_results(written(one.filename, "best", "out/00000/samples/0000.png"))


def test_the_number_of_images_is_held_where_it_is_given(path: Path, prompts: list[Prompt]) -> None:
    names = [f"{n}/samples/{i}.png" for n in range(6) for i in range(2)]
    found = detections(path, names[:-1])
    with pytest.raises(Problem, match=r"2 images of the prompt 00005 in .*d\.jsonl; got 1"):
        of_prompts(prompts, found, path, Rules(), 2)
    with pytest.raises(Problem, match=r"1 images of the prompt 00000 in .*d\.jsonl; got 2"):
        of_prompts(prompts, found, path, Rules(), 1)
    path.unlink()
    assert len(of_prompts(prompts, detections(path, names), path, Rules(), 2).results) == 12


def test_more_objects_than_the_rules_count_are_refused(path: Path) -> None:
    many = Prompt("counting", (Wanted("circle", 16),), "sixteen", (Wanted("circle", 17),))
    found = detections(path, ["0/samples/0.png"])
    with pytest.raises(Problem, match=r"17 circle in 'sixteen'; got rules that count 16"):
        of_prompts([many], found, path, Rules())
    assert not of_prompts([many], found, path, Rules(max_objects=17)).results[0].correct
    two = Prompt("counting", (Wanted("circle", 2),), "two")
    with pytest.raises(Problem, match="2 circle in 'two'; got rules that count 1"):
        of_prompts([two], found, path, Rules(max_objects=1))


def test_images_of_other_sizes_are_noted_with_the_first_of_each(
    path: Path, prompts: list[Prompt], scenes: Path
) -> None:
    names = [f"{n:05}/samples/{i:04}.png" for n in range(6) for i in range(2)]
    note = (
        "images of 2 sizes: 11 of 24 x 24 pixels, the first '00000/samples/0000.png'; "
        "1 of 48 x 48 pixels, the first '00001/samples/0000.png'"
    )
    found = detections(path, names, [24, 24, 48])
    assert note in of_prompts(prompts, found, path, Rules()).notes
    assert note in of_folder(read_folder(scenes, SCENES), found, path, Rules()).notes
    path.unlink()
    found = detections(path, names)
    assert of_prompts(prompts, found, path, Rules()).notes == ()


def test_a_vocabulary_named_scenes_is_that_of_scenes(
    path: Path, prompts: list[Prompt], scenes: Path
) -> None:
    words = replace(SCENES, classes=SCENES.classes[::-1])
    names = [f"{n:05}/samples/{i:04}.png" for n in range(6) for i in range(2)]
    found = detections(path, names)
    other = Detections(replace(found.header, vocabulary=words), found.images)
    with pytest.raises(Problem, match=r"3 classes of the vocabulary 'scenes', in order, at .*:1"):
        of_prompts(prompts, other, path, Rules())
    with pytest.raises(Problem, match=r"3 classes of the vocabulary 'scenes'"):
        of_folder(read_folder(scenes, SCENES), other, path, Rules())
