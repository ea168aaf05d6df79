"""The published folder: read whole, in order, and refused by name where it is not as published."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harness.geneval.prompt import Prompt
from harness.problem import Problem
from harness.scenes.captions import SCENES, prompt_of
from harness.t2i import folder as module
from harness.t2i.folder import (
    image_bytes,
    picture,
    read_folder,
    sample_path,
    write_image,
    write_prompt,
)  # fmt: skip


def test_prompts_and_images_come_in_the_order_of_their_numbers(
    scenes: Path, prompts: list[Prompt]
) -> None:
    samples = scenes / "00001" / "samples"
    for index in (10, 9, 100):
        shutil.copy(samples / "0000.png", samples / f"{index:05}.png")
    read = read_folder(scenes, SCENES, prompts)
    assert [each.prompt for each in read.sampled] == prompts
    assert [Path(name).name for name in read.sampled[1].images] == [
        "0000.png", "0001.png", "00009.png", "00010.png", "00100.png",
    ]  # fmt: skip
    assert read.images["00003/samples/0001.png"] == prompts[3]
    assert list(read.images)[:3] == [
        "00000/samples/0000.png", "00000/samples/0001.png", "00001/samples/0000.png",
    ]  # fmt: skip


def test_what_is_written_is_read_back(tmp_path: Path, prompts: list[Prompt], noise) -> None:
    for number, prompt in enumerate(prompts):
        write_prompt(tmp_path, number, prompt)
        write_image(sample_path(tmp_path, number, 0), Image.fromarray(noise(8, 9, number)))
    read = read_folder(tmp_path, SCENES, prompts, per_prompt=1)
    assert [each.prompt for each in read.sampled] == prompts
    name = "00002/samples/00000.png"
    assert (picture(image_bytes(tmp_path, name), name) == noise(8, 9, 2)).all()
    assert not list(tmp_path.rglob(".*"))
    write_prompt(tmp_path, 0, prompts[0])
    with pytest.raises(Problem, match="another prompt"):
        write_prompt(tmp_path, 0, prompts[1])


def text(name: str, content: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        (root / name).write_text(content)

    return change


def move(name: str, to: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        (root / name).rename(root / to)

    return change


LINE = prompt_of("a circle").json
WRONG: dict[str, tuple[Callable[[Path], None], str]] = {
    "no metadata": (lambda r: (r / "00002/metadata.jsonl").unlink(), "00002/metadata.jsonl; got N"),
    "no JSON": (text("00002/metadata.jsonl", "{"), "00002/metadata.jsonl:1"),
    "empty metadata": (text("00002/metadata.jsonl", " \n"), "00002/metadata.jsonl:1"),
    "two prompts": (text("00002/metadata.jsonl", f"{LINE}\n{LINE}\n"), "got 2 lines"),
    "unknown class": (
        text("00002/metadata.jsonl", LINE.replace('"circle"', '"bench"')),
        "00002/metadata.jsonl:1, include 0; got 'bench'",
    ),
    "no samples": (lambda r: shutil.rmtree(r / "00002/samples"), "00002/samples; got no such"),
    "samples are empty": (
        lambda r: [p.unlink() for p in (r / "00002/samples").iterdir()],  # type: ignore[func-returns-value, return-value]
        "00002/samples; got none",
    ),
    "jpeg": (move("00002/samples/0000.png", "00002/samples/0000.jpg"), "got 0000.jpg"),
    "upper case": (move("00002/samples/0000.png", "00002/samples/0000.PNG"), "got 0000.PNG"),
    "a named png": (move("00002/samples/0000.png", "00002/samples/best.png"), "got best.png"),
    "one number twice": (
        move("00002/samples/0000.png", "00002/samples/00001.png"),
        "00002/samples; got 00001.png and 0001.png",
    ),
    "a gap": (lambda r: shutil.rmtree(r / "00002"), "no folder 00002 among 5"),
    "one prompt in two folders": (
        text("00002/metadata.jsonl", LINE), "got that of ",
    ),
    "two folders of one number": (lambda r: (r / "2").mkdir(), "got 00002 and 2"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_as_published_is_named(name: str, scenes: Path) -> None:
    change, words = WRONG[name]
    change(scenes)
    with pytest.raises(Problem) as caught:
        read_folder(scenes, SCENES)
    assert words in str(caught.value)
    assert str(scenes) in str(caught.value)


def test_no_folder_and_no_numbers_are_named(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no such file"):
        read_folder(tmp_path / "absent", SCENES)
    with pytest.raises(Problem, match="no folder with a number"):
        read_folder(tmp_path, SCENES)
    (tmp_path / "outputs" / "00000").mkdir(parents=True)
    with pytest.raises(Problem, match="folders such as outputs"):
        read_folder(tmp_path, SCENES)


def test_other_files_and_folders_are_left_alone_and_named(scenes: Path) -> None:
    (scenes / "grids").mkdir()
    (scenes / "generation.json").write_text("{}")
    (scenes / "00001" / "grid.png").write_text("published, beside the samples")
    (scenes / "00001" / "samples" / "times.txt").write_text("3 s")
    (scenes / "00001" / "samples" / ".00002.png.tmp").write_text("of a killed run")
    read = read_folder(scenes, SCENES)
    assert len(read.images) == 12
    assert read.notes == (
        "folders that are no numbers are left alone: grids",
        "left alone: 00001/samples/times.txt",
    )


def test_names_that_are_no_text_are_shown_on_one_line(scenes: Path) -> None:
    samples = os.fsencode(scenes / "00001" / "samples")
    for name in (b"\xff.txt", b"two\nlines"):
        (Path(os.fsdecode(samples)) / os.fsdecode(name)).write_bytes(b"")
    Path(os.fsdecode(os.fsencode(scenes) + b"/\xfe")).mkdir()
    notes = read_folder(scenes, SCENES).notes
    assert notes == (
        r"folders that are no numbers are left alone: \udcfe",
        r"left alone: 00001/samples/two\nlines",
        r"left alone: 00001/samples/\udcff.txt",
    )
    (Path(os.fsdecode(samples + b"/\xff.png"))).write_bytes(b"")
    with pytest.raises(Problem, match=r"got \\udcff\.png; save it"):
        read_folder(scenes, SCENES)


def test_prompts_with_fewer_images_are_noted_and_refused_where_the_number_is_given(
    scenes: Path,
) -> None:
    (scenes / "00004/samples/0000.png").unlink()
    assert read_folder(scenes, SCENES).notes == (
        "1 of 6 prompts have fewer than 2 images: 00004 (1)",
    )
    with pytest.raises(Problem, match=r"00004/samples; got no 0000\.png"):
        read_folder(scenes, SCENES, per_prompt=2)
    with pytest.raises(Problem, match=r"00000/samples; got 2 images"):
        read_folder(scenes, SCENES, per_prompt=1)
    with pytest.raises(Problem, match=r"got no 0002\.png, 0003\.png"):
        read_folder(scenes, SCENES, per_prompt=4)


def test_a_suite_is_held_against_the_folder(scenes: Path, prompts: list[Prompt]) -> None:
    other = [*prompts[:3], prompt_of("a blue circle"), *prompts[4:]]
    with pytest.raises(Problem, match=r"'a blue circle' in .*00003/metadata\.jsonl"):
        read_folder(scenes, SCENES, other)
    with pytest.raises(Problem, match="got the folder 00005"):
        read_folder(scenes, SCENES, prompts[:5])
    with pytest.raises(Problem, match="no folder 00006 among 6"):
        read_folder(scenes, SCENES, [*prompts, prompt_of("a square")])


def test_a_sample_that_is_no_picture_or_too_large_is_named(
    scenes: Path, monkeypatch: pytest.MonkeyPatch, noise
) -> None:
    name = "00000/samples/0000.png"
    whole = (scenes / name).read_bytes()
    for data in (b"", b"a text", whole[:-30], whole[:60]):
        with pytest.raises(Problem, match=r"0000\.png; got bytes that do not decode"):
            picture(data, name)
    with pytest.raises(Problem, match="got no such file"):
        image_bytes(scenes, "00000/samples/0009.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)  # of twice that or more Pillow reads none
    with pytest.raises(Problem, match="DecompressionBombError"):
        picture(whole, name)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 300)  # and of more than that it warns
    with pytest.raises(Problem, match=r"0000\.png; got .*DecompressionBombWarning"):
        picture(whole, name)
    monkeypatch.setattr(module, "LARGEST", len(whole) - 1)
    with pytest.raises(Problem, match=r"0000\.png; got 0 MiB where at most"):
        image_bytes(scenes, name)


def test_a_grey_and_a_tagged_picture_are_read_as_shown(tmp_path: Path) -> None:
    levels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    turned = Image.Exif()
    turned[0x0112] = 6  # a quarter turn to the right
    Image.fromarray(levels).save(tmp_path / "a.png", exif=turned)
    found = picture(image_bytes(tmp_path, "a.png"), "a.png")
    assert (found == np.rot90(levels, -1)[..., None]).all()
    assert found.shape == (4, 3, 3)
