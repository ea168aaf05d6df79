"""Files of results: the published form, read and written without loss."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.geneval.detection import Detected, Found
from harness.geneval.prompt import Prompt, Wanted
from harness.geneval.results import KEYS, Result, read_results, write_results
from harness.geneval.rules import judge
from harness.geneval.vocabulary import Vocabulary
from harness.problem import Problem

PROMPT = Prompt("colors", (Wanted("cow", color="red"),), "a photo of a red cow")
SEEN = Detected("a/0.png", 64, 64, (Found("cow", 0.875, (1.5, 2.0, 30.25, 40.0), "blue"),))
WRONG = Result.of("out/00000/samples/0000.png", PROMPT, judge(PROMPT, SEEN))
RIGHT = replace(WRONG, filename="out/00000/samples/0001.png", correct=True, reason="")


def by_pandas(results) -> str:
    """The file as the published evaluator writes it."""
    frame = pd.DataFrame([asdict(result) for result in results], columns=list(KEYS))
    return frame.to_json(orient="records", lines=True)


def test_the_form_of_a_line() -> None:
    assert WRONG.json == "".join(
        (
            r'{"filename":"out\/00000\/samples\/0000.png","tag":"colors",',
            r'"prompt":"a photo of a red cow","correct":false,',
            r'"reason":"expected red cow>=1, found 0 red; and 1 blue",',
            r'"metadata":"{\"tag\": \"colors\", \"include\": [{\"class\": \"cow\", ',
            r'\"count\": 1, \"color\": \"red\"}], \"prompt\": \"a photo of a red cow\"}",',
            r'"details":"{\"cow\": [[1.5, 2.0, 30.25, 40.0, 0.875]]}"}',
        )
    )


def test_a_file_that_pandas_wrote_is_read_and_written_back_unchanged(tmp_path: Path) -> None:
    results = (WRONG, RIGHT, replace(WRONG, filename="z", reason="one\ntwo"))
    (tmp_path / "f").write_text(by_pandas(results))
    assert read_results(tmp_path / "f") == results
    write_results(tmp_path / "g", read_results(tmp_path / "f"))
    assert (tmp_path / "g").read_bytes() == (tmp_path / "f").read_bytes()
    frame = pd.read_json(tmp_path / "g", orient="records", lines=True)
    assert frame.correct.tolist() == [False, True, False]


def test_every_character_is_written_as_pandas_does() -> None:
    text = "".join(map(chr, [*range(0x3000), 0x4E00, 0xD7FF, 0xE000, 0xFFFF, 0x1F600, 0x10FFFF]))
    result = replace(WRONG, reason=text, filename="\\u007f\x7f\\\x7f/")
    assert f"{result.json}\n" == by_pandas([result])
    assert json.loads(result.json)["reason"] == text


@settings(max_examples=60, deadline=None, derandomize=True)
@given(name=st.text(min_size=1).filter(str.strip), text=st.text(min_size=1).filter(str.strip))
def test_what_is_written_is_read(tmp_path_factory, name, text) -> None:
    path = tmp_path_factory.mktemp("results") / "f"
    prompt = replace(PROMPT, prompt=text)
    result = replace(Result.of(name, prompt, judge(prompt, SEEN)), reason=text)
    write_results(path, [result])
    assert read_results(path) == (result,)
    assert path.read_text() == by_pandas([result])


def test_metadata_of_another_spelling_are_kept_as_they_stand(tmp_path: Path) -> None:
    """The published summary groups by this text, so it must not be made anew."""
    own = replace(WRONG, metadata=json.dumps(PROMPT.config(), indent=1), details=' {"cow" :[ ]}')
    write_results(tmp_path / "f", [own])
    assert read_results(tmp_path / "f") == (own,)


def line(**changes) -> str:
    return json.dumps({**asdict(RIGHT), **changes})


METADATA = PROMPT.config()


@pytest.mark.parametrize(
    ("second", "named"),
    [
        ("", "an empty line"),
        ("{", "one JSON value"),
        ("[1]", "an object"),
        (json.dumps({k: v for k, v in asdict(RIGHT).items() if k != "details"}), "'details'"),
        (line(score=1), "unknown key 'score'"),
        (WRONG.json, r"0000.png' of .*f:1 again"),
        (line(filename=""), "a text"),
        (line(filename=3), "a text"),
        (line(correct=1), "true or false"),
        (line(correct=None), "true or false"),
        (line(correct="true"), "true or false"),
        (line(correct=False), "empty where the image is right"),
        (line(reason="found 0"), "empty where the image is right"),
        (line(reason=None), "a text"),
        (line(tag="counting"), "'colors', as in the metadata"),
        (line(prompt="a photo"), "'a photo of a red cow', as in the metadata"),
        (line(metadata=METADATA), "a text"),
        (line(metadata="{"), "f:2, metadata"),
        (line(metadata="[]"), "f:2, metadata"),
        (line(metadata=json.dumps({**METADATA, "include": []})), "f:2, metadata"),
        (line(metadata=json.dumps({**METADATA, "tag": "shape"})), "choose from single_object"),
        (line(details="[]"), "f:2, details"),
        (line(details='{"crow": []}'), "unknown key 'crow'"),
        (line(details='{"cow": [[1, 2, 3, 4]]}'), "lists of 5 finite numbers"),
        (line(details='{"cow": [[1, 2, 3, 4, true]]}'), "lists of 5 finite numbers"),
        (line(details='{"cow": {}}'), "lists of 5 finite numbers"),
        (line(details='{"cow": [[1, 2, 3, 4, NaN]]}'), "NaN"),
    ],
)
def test_a_line_that_is_no_result_is_named_by_file_and_line(second, named, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text(f"{WRONG.json}\n{second}\n{line(filename='z')}\n")
    with pytest.raises(Problem, match=named) as caught:
        read_results(path)
    assert f"{path}:2" in str(caught.value)


def test_a_file_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="No such file"):
        read_results(tmp_path / "f")
    for text in ("", "\n"):  # pandas writes the second for none
        (tmp_path / "f").write_text(text)
        with pytest.raises(Problem, match="an empty file"):
            read_results(tmp_path / "f")
    (tmp_path / "f").write_bytes(b"\xff\n")
    with pytest.raises(Problem, match="not UTF-8"):
        read_results(tmp_path / "f")
    with pytest.raises(Problem, match="none"):
        write_results(tmp_path / "f", [])
    with pytest.raises(Problem, match=r"0001\.png' twice"):
        write_results(tmp_path / "f", [RIGHT, WRONG, RIGHT])
    assert (tmp_path / "f").read_bytes() == b"\xff\n"


def test_results_of_another_world_have_its_words(tmp_path: Path) -> None:
    shapes = Vocabulary("shapes", ("disc",), ("teal",))
    prompt = Prompt("colors", (Wanted("disc", color="teal"),), "a teal disc")
    seen = Detected("0.png", 9, 9, (Found("disc", 1.0, (0, 0, 5, 5), "teal"),))
    result = Result.of("0.png", prompt, judge(prompt, seen, vocabulary=shapes))
    write_results(tmp_path / "f", [result])
    assert read_results(tmp_path / "f", shapes) == read_results(tmp_path / "f", None) == (result,)
    with pytest.raises(Problem, match=r"f:1, metadata"):
        read_results(tmp_path / "f")
