"""The published prompts come from their seed, byte for byte."""

import hashlib
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from harness.geneval import generator
from harness.geneval.generator import COLORED, generate, published_prompts
from harness.geneval.prompt import Prompt, Wanted, read_prompts, write_prompts
from harness.geneval.vocabulary import COCO
from harness.problem import Problem

PROMPTS = published_prompts()


def of(tag: str) -> list[Prompt]:
    return [prompt for prompt in PROMPTS if prompt.tag == tag]


def test_the_bytes_are_the_published_ones_by_their_sha256(tmp_path: Path) -> None:
    write_prompts(tmp_path / "f", PROMPTS)
    data = (tmp_path / "f").read_bytes()
    digest = "5c48e0813e812e3c373fa5c8ed07a8f0a483be30272b4427b0559c8048e67c13"
    assert hashlib.sha256(data).hexdigest() == digest
    assert len(data) == 85209
    assert read_prompts(tmp_path / "f") == PROMPTS


@pytest.mark.devdata
def test_the_bytes_are_the_published_ones(tmp_path: Path) -> None:
    published = Path(os.environ["PATINA_DATA"]) / "geneval" / "evaluation_metadata.jsonl"
    write_prompts(tmp_path / "f", PROMPTS)
    assert (tmp_path / "f").read_bytes() == published.read_bytes()


def test_how_many_there_are_and_which_come_first_and_last() -> None:
    """Should NumPy's stream ever change, these say what the published file has."""
    tags = {"single_object": 80, "two_object": 99, "counting": 80, "colors": 94}
    assert dict(Counter(p.tag for p in PROMPTS)) == {**tags, "position": 100, "color_attr": 100}
    assert PROMPTS[0] == Prompt("single_object", (Wanted("bench"),), "a photo of a bench")
    assert PROMPTS[-1].tag == "color_attr"
    assert Counter(p.include[0].count for p in of("counting")) == {2: 26, 3: 28, 4: 26}
    relations = Counter(p.include[1].position[0] for p in of("position") if p.include[1].position)
    assert relations == {"left of": 19, "right of": 27, "above": 26, "below": 28}


def test_each_prompt_asks_for_what_its_text_says() -> None:
    assert sorted(p.include[0].klass for p in of("single_object")) == sorted(COCO.classes)
    for prompt in of("counting"):
        (wanted,), (least,) = prompt.include, prompt.exclude
        assert (least.klass, least.count) == (wanted.klass, wanted.count + 1)
        assert {2: "two", 3: "three", 4: "four"}[wanted.count] in prompt.prompt.split()
    for prompt in of("position"):
        target, one = prompt.include
        relation, group = one.position or ("", 1)
        assert group == 0
        before, after = prompt.prompt.split(f" {relation} ")
        assert before.endswith(f" {one.klass}")
        assert after.endswith(f" {target.klass}")
    for prompt in of("colors") + of("color_attr"):
        for wanted in prompt.include:
            assert f"{wanted.color} {wanted.klass}" in prompt.prompt
            assert wanted.klass != "person"
    for prompt in of("color_attr"):
        first, second = prompt.include
        assert first.klass != second.klass
        assert first.color != second.color
    assert {"an orange", "a red"} <= {" ".join(p.prompt.split()[3:5]) for p in of("colors")}


def test_only_the_person_is_never_coloured() -> None:
    assert (len(COLORED), set(COCO.classes) - set(COLORED)) == (79, {"person"})


def test_no_prompt_comes_twice_and_the_first_one_stays() -> None:
    assert len(set(PROMPTS)) == len(PROMPTS)
    many = generate(np.random.default_rng(1), draws=2000)
    assert len(set(many)) == len(many)
    colors = [p for p in many if p.tag == "colors"]
    assert 600 < len(colors) <= 79 * 10  # of 2,000 draws; there are 790 different ones


def test_another_stream_of_numpy_is_told_and_not_passed_off(monkeypatch) -> None:
    monkeypatch.setattr(generator, "SEED", 44)
    with pytest.raises(Problem, match=r"from NumPy .*, which draws other numbers"):
        published_prompts()
