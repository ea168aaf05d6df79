"""The file of chosen guidance: what is written is read; what is not right names file and line."""

import json
from pathlib import Path

import pytest

from harness.problem import Problem
from harness.sample.chosen_guidance import NAME, ChosenGuidance, require_guidance
from harness.sample.sampling import Sampling


def test_what_is_written_is_read(tmp_path: Path) -> None:
    chosen = ChosenGuidance((0.0, -1.0, 0.1, 2.5), 2)
    chosen.write(tmp_path)
    assert ChosenGuidance.read(tmp_path, 4) == chosen


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "an empty line"),
        ('{"guidance": [0.0, 1.0], "copy"', "JSON"),
        ('{"guidance": [0.0, 1.0], "copy": 2, "copy": 3}', "the key 'copy' twice"),
        ('{"guidance": [0.0, NaN], "copy": 2}', "the constant NaN"),
        ("[0.0, 1.0]", "no object of guidance and copy"),
        ('{"guidance": [0.0, 1.0]}', "no object of guidance and copy"),
        ('{"guidance": [0.0, 1.0], "copy": 2, "more": 1}', "no object of guidance and copy"),
        ('{"guidance": [0.0], "copy": 2}', "1 of them"),
        ('{"guidance": [0.0, 1.0, 2.0], "copy": 2}', "3 of them"),
        ('{"guidance": 1.0, "copy": 2}', "no list of them"),
        ('{"guidance": [0.0, -1.01], "copy": 2}', "-1.01"),
        ('{"guidance": [0.0, true], "copy": 2}', "True"),
        ('{"guidance": [0.0, "1"], "copy": 2}', "'1'"),
        ('{"guidance": [0.0, 1.0], "copy": 2.0}', "the copy 2.0"),
        ('{"guidance": [0.0, 1.0], "copy": true}', "the copy True"),
    ],
)
def test_a_file_that_is_not_right_is_named_with_its_line(
    text: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(Problem, match=message) as refused:
        ChosenGuidance.read(tmp_path, 2)
    assert f"{tmp_path / NAME}, line 1" in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"guidance\.json.*run the stage that chooses it again"):
        ChosenGuidance.read(tmp_path, 2)


@pytest.mark.parametrize("w", [100.5, 1e9])
def test_a_weight_beyond_all_use_is_refused(w: float) -> None:
    with pytest.raises(Problem, match=rf"w {w}; got more than 100; give w"):
        require_guidance("w", w)
    with pytest.raises(Problem, match=r"samples at guidance.*more than 100"):
        Sampling(10, guidance=w)


@pytest.mark.parametrize("name", ["count", "batch"])
@pytest.mark.parametrize("value", [0, -5, 10.0, "10", True, None])
def test_samples_come_in_whole_numbers(name: str, value: object) -> None:
    assert getattr(Sampling(**{"count": 1, name: 1}), name) == 1
    with pytest.raises(Problem, match=f"samples; got {name}={value!r}; give a whole number from 1"):
        Sampling(**{"count": 10, name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("w", [-1, -1.0, 0, 0.25, 7, 100])
def test_weights_from_minus_one_on_are_taken(w: float, tmp_path: Path) -> None:
    assert require_guidance("w", w) == w
    assert json.dumps(require_guidance("w", w)) == json.dumps(float(w))


@pytest.mark.parametrize("w", [-1.0001, float("inf"), float("-inf"), float("nan"), None, "1", True])
def test_other_weights_are_refused(w: object) -> None:
    with pytest.raises(Problem, match="no number from -1 on"):
        require_guidance("w", w)
