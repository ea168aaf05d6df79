"""Files of detections: the form, checked line by line."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.geneval.detection import SLACK, Detected, Found
from harness.geneval.detections import Appender, Header, read_detections
from harness.geneval.vocabulary import COCO, Vocabulary
from harness.problem import Problem

HEADER = Header("exact", {"net.pth": "a" * 64}, COCO, {"size": 800, "colors": {"crop": True}})
COW = Found("cow", 0.5, (1.0, 2.0, 30.0, 40.5), "red")


def seen(index: int = 0, *objects: Found) -> Detected:
    """The detections of one image of 64 x 48 pixels."""
    return Detected(f"00000/samples/{index:04}.png", 64, 48, objects or (COW,), f"{index:064x}")


def written(path: Path, *images: Detected, header: Header = HEADER) -> Path:
    path.write_text("".join(f"{line.json}\n" for line in (header, *images)))
    return path


def test_what_is_appended_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "f.jsonl"
    images = (seen(1, COW, Found("dog", 1.0, (0, 0, 64, 48))), replace(seen(0), objects=()))
    with Appender(path, HEADER) as file:
        for detected in images:
            file.append(detected)
    read = read_detections(path)
    assert read.header == HEADER
    assert read.images == images
    assert read.by_image() == {detected.image: detected for detected in images}
    assert path.read_text() == written(tmp_path / "g", *images).read_text()


def test_the_form_of_the_file(tmp_path: Path) -> None:
    shapes = Vocabulary("shapes", ("cow", "disc"), ("red", "teal"))
    header = Header("exact", {}, shapes)
    bare = Detected("0.png", 9, 8, (Found("disc", 1.0, (0.0, 1.0, 2.0, 3.0)),))
    first, second = written(tmp_path / "f", bare, header=header).read_text().splitlines()
    assert json.loads(first) == {
        "format": "geneval-detections",
        "version": 1,
        "detector": "exact",
        "weights": {},
        "vocabulary": {"name": "shapes", "classes": ["cow", "disc"], "colors": ["red", "teal"]},
        "settings": {},
    }
    box = {"class": "disc", "score": 1.0, "box": [0.0, 1.0, 2.0, 3.0]}
    assert json.loads(second) == {
        "image": "0.png", "sha256": "", "width": 9, "height": 8, "objects": [box],
    }  # fmt: skip
    assert read_detections(tmp_path / "f").images == (bare,)


def with_object(**changes) -> dict:
    """An image whose only object differs from COW."""
    return {**seen().config(), "objects": [{**COW.config(), **changes}]}


BAD_IMAGES = [
    ({k: v for k, v in seen().config().items() if k != "sha256"}, "'sha256'"),
    ({**seen().config(), "colour": 1}, "unknown key 'colour'"),
    ({**seen().config(), "image": ""}, "a text"),
    ({**seen().config(), "image": "/root/0.png"}, "relative to the images"),
    ({**seen().config(), "image": "a/../0.png"}, "relative to the images"),
    ({**seen().config(), "image": "a\\0.png"}, "relative to the images"),
    ({**seen().config(), "sha256": "A" * 64}, "64 hexadecimal digits"),
    ({**seen().config(), "sha256": "a" * 63}, "64 hexadecimal digits"),
    ({**seen().config(), "sha256": None}, "64 hexadecimal digits"),
    ({**seen().config(), "width": 0}, "a whole number >= 1"),
    ({**seen().config(), "height": 48.0}, "a whole number >= 1"),
    ({**seen().config(), "objects": {}}, "a list"),
    ({**seen().config(), "objects": [3]}, "objects 0"),
    (with_object(colour="red"), "unknown key 'colour'"),
    (with_object(**{"class": "crow"}), "choose from person, bicycle"),
    (with_object(color="mauve"), "choose from red, orange"),
    (with_object(color=None), "a text"),
    (with_object(score=1.0000001), "a number from 0 to 1"),
    (with_object(score=-0.1), "a number from 0 to 1"),
    (with_object(score=True), "a number from 0 to 1"),
    (with_object(score="0.5"), "a number from 0 to 1"),
    (with_object(box=[1, 2, 3]), "4 finite numbers"),
    (with_object(box=[1, 2, 3, "4"]), "4 finite numbers"),
    (with_object(box=[1, 2, 3, 10**400]), "4 finite numbers"),
    (with_object(box=[30, 2, 1, 40]), "x0 <= x1 and y0 <= y1"),
    (with_object(box=[1, 40, 30, 2]), "x0 <= x1 and y0 <= y1"),
    (with_object(box=[-0.02, 2, 30, 40]), "within the image of 64 x 48"),
    (with_object(box=[1, -0.02, 30, 40]), "within the image of 64 x 48"),
    (with_object(box=[1, 2, 64.02, 40]), "within the image of 64 x 48"),
    (with_object(box=[1, 2, 30, 48.02]), "within the image of 64 x 48"),
]


@pytest.mark.parametrize(("mapping", "named"), BAD_IMAGES)
def test_an_image_that_is_not_as_described_is_named_by_file_and_line(
    mapping, named, tmp_path: Path
) -> None:
    path = written(tmp_path / "f", seen(1))
    path.write_text(f"{path.read_text()}{json.dumps(mapping)}\n{seen(2).json}\n")
    with pytest.raises(Problem, match=named) as caught:
        read_detections(path)
    assert f"{path}:3" in str(caught.value)
    with pytest.raises(Problem, match=named):  # a run does not go on with such a file
        Appender(path, HEADER)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("", "an empty line"),
        ("{", "one JSON value"),
        (seen().json.replace("0.5", "NaN"), "NaN"),
        (seen().json.replace("0.5", "1e999"), "a number beyond any float"),
        (seen().json.replace("0.5", "1" + "0" * 400), "a number from 0 to 1"),
        (seen().json.replace("[1.0", "[-Infinity"), "Infinity"),
        (seen().json.replace("40.5", "1" + "0" * 400), "4 finite numbers"),
        (seen().json.replace('"width"', '"width": 1, "width"'), "'width' twice"),
        (seen(1).json, r"0001.png' of .*f:2 again at .*f:3"),
        (HEADER.json, "the key 'image'"),
    ],
)
def test_a_line_that_is_no_image_or_one_again_is_named(line, named, tmp_path: Path) -> None:
    path = written(tmp_path / "f", seen(1))
    path.write_text(f"{path.read_text()}{line}\n{seen(2).json}\n")
    with pytest.raises(Problem, match=named) as caught:
        read_detections(path)
    assert f"{path}:3" in str(caught.value)


def test_a_box_may_reach_the_edge_and_beyond_it_by_the_rounding(tmp_path: Path) -> None:
    for box in ((0, 0, 64, 48), (-SLACK, -SLACK, 64 + SLACK, 48 + SLACK), (5, 5, 5, 5)):
        path = written(tmp_path / "f", seen(0, Found("cow", 0.0, box)))
        assert read_detections(path).images[0].objects[0].box == box
    assert 8192 * 2.0**-23 < SLACK < 0.02


def changed(**changes) -> dict:
    return {**HEADER.config(), **changes}


WORDS = HEADER.config()["vocabulary"]


@pytest.mark.parametrize(
    ("mapping", "named"),
    [
        (seen().config(), "the format 'geneval-detections'"),
        (changed(format="geneval-results"), "the format 'geneval-detections'"),
        (changed(version=2), "version 1"),
        (changed(version=True), "version 1"),
        (changed(version="1"), "version 1"),
        ({k: v for k, v in changed().items() if k != "version"}, "version 1"),
        ({k: v for k, v in changed().items() if k != "detector"}, "'detector'"),
        ({k: v for k, v in changed().items() if k != "settings"}, "'settings'"),
        (changed(machine="x"), "unknown key 'machine'"),
        (changed(detector=" "), "a text"),
        (changed(weights=[]), "an object"),
        (changed(weights={"net": "abc"}), "64 hexadecimal digits"),
        (changed(settings=[]), "an object"),
        (changed(vocabulary="coco"), "an object"),
        (changed(vocabulary={**WORDS, "classes": []}), "different names"),
        (changed(vocabulary={**WORDS, "classes": ["cow", "cow"]}), "different names"),
        (changed(vocabulary={**WORDS, "colors": ["red", 3]}), "different names"),
        (changed(vocabulary={**WORDS, "colors": "red"}), "different names"),
        (changed(vocabulary={**WORDS, "words": []}), "unknown key 'words'"),
        (changed(vocabulary={**WORDS, "classes": ["cow", "dog"]}), "the 80 classes of .* got 2 cl"),
        (changed(vocabulary={**WORDS, "colors": ["teal"]}), "1 colors, 'teal' among them"),
        (changed(vocabulary={**WORDS, "classes": WORDS["classes"][::-1]}), "in order"),
        (changed(settings={"size": "\ud800"}), "one half of a surrogate pair"),
    ],
)
def test_a_file_without_a_good_header_is_refused(mapping, named, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text(f"{json.dumps(mapping)}\n{seen().json}\n")
    with pytest.raises(Problem, match=named) as caught:
        read_detections(path)
    assert f"{path}:1" in str(caught.value)


def test_a_file_that_is_absent_empty_cut_off_or_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f"
    with pytest.raises(Problem, match="No such file"):
        read_detections(path)
    path.write_text("")
    with pytest.raises(Problem, match="an empty file"):
        read_detections(path)
    path.write_bytes(written(path, seen()).read_bytes()[:-1])
    with pytest.raises(Problem, match=r"f:2.*goes on where the file ends"):
        read_detections(path)
    path.write_bytes(f"{HEADER.json}\n".encode() + b"\xff\n")
    with pytest.raises(Problem, match=r"not UTF-8 at .*f:2"):
        read_detections(path)
