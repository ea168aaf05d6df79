"""Generation: the published draws, a stopped run that goes on, and settings that stay."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from harness.geneval.prompt import Prompt
from harness.problem import Problem
from harness.scenes.captions import SCENES
from harness.t2i.claim import claimed
from harness.t2i.folder import read_folder
from harness.t2i.generation import Setting, generate
from harness.t2i.made_by import read_settings, same_settings, write_settings
from harness.t2i.pipeline import Pipeline


class Sampler:
    """Draws noise; a second draw within each call, as a stochastic sampler does. stop: the number
    of images after which the power goes."""

    def __init__(self, stop: int | None = None) -> None:
        self.texts: list[str] = []
        self.stop, self.made = stop, 0

    def __call__(
        self, text: str, count: int, generator: torch.Generator | None
    ) -> Sequence[Image.Image]:
        if self.stop is not None and self.made >= self.stop:
            raise KeyboardInterrupt
        self.texts.append(text)
        self.made += count
        x = torch.rand((count, 4, 5, 3), generator=generator)
        torch.rand(3, generator=generator)
        return [Image.fromarray(np.asarray((each * 256).byte())) for each in x]


def contents(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_the_images_are_those_of_a_global_seed_set_anew_for_each_prompt(
    tmp_path: Path, prompts: list[Prompt]
) -> None:
    setting = Setting(images=3)
    assert generate(prompts, Sampler(), tmp_path, setting) == 18
    with torch.random.fork_rng():
        for number, prompt in enumerate(prompts):
            torch.manual_seed(42)  # as published: the global generator, image after image
            for index in range(3):
                (wanted,) = Sampler()(prompt.prompt, 1, None)
                with Image.open(tmp_path / f"{number:05}/samples/{index:05}.png") as image:
                    assert (np.asarray(image) == np.asarray(wanted)).all()
    assert [each.prompt for each in read_folder(tmp_path, SCENES, prompts, 3).sampled] == prompts


@pytest.mark.parametrize("stop", [1, 4, 5, 17])
def test_a_stopped_run_goes_on_and_gives_the_same_bytes(
    stop: int, tmp_path: Path, prompts: list[Prompt]
) -> None:
    setting, whole, part = Setting(images=3), tmp_path / "whole", tmp_path / "part"
    generate(prompts, Sampler(), whole, setting)
    with pytest.raises(KeyboardInterrupt):
        generate(prompts, Sampler(stop), part, setting)
    again = Sampler()
    assert generate(prompts, again, part, setting) == 18 - stop
    assert again.made <= 18 - stop + 2  # no finished prompt is drawn again
    assert contents(part) == contents(whole)
    done = Sampler()
    assert generate(prompts, done, part, setting) == 0
    assert done.made == 0


def test_a_batch_is_one_call_and_the_last_one_is_smaller(
    tmp_path: Path, prompts: list[Prompt]
) -> None:
    counts: list[int] = []

    def draw(text: str, count: int, generator: torch.Generator) -> Sequence[Image.Image]:
        counts.append(count)
        return Sampler()(text, count, generator)

    generate(prompts[:1], draw, tmp_path, Setting(images=5, batch=2))
    assert counts == [2, 2, 1]


def test_other_settings_and_other_prompts_are_refused_in_a_folder(
    tmp_path: Path, prompts: list[Prompt]
) -> None:
    generate(prompts[:2], Sampler(), tmp_path, Setting(images=1), model={"model": "a"})
    before = contents(tmp_path)
    said = json.loads(before["generation.json"])
    assert said["model"] == "a"
    assert said["seed"] == 42
    assert said["guidance"] == 9.0
    for setting, model, words in (
        (Setting(images=1, seed=43), "a", "with seed 43"),
        (Setting(images=1), "b", "with model 'b'"),
    ):
        with pytest.raises(Problem, match=words):
            generate(prompts[:2], Sampler(), tmp_path, setting, model={"model": model})
    with pytest.raises(Problem, match="another prompt"):
        generate(prompts[1:], Sampler(), tmp_path, Setting(images=1), model={"model": "a"})
    assert contents(tmp_path) == before


def test_other_weights_of_one_name_are_refused_and_named(
    tmp_path: Path, prompts: list[Prompt]
) -> None:
    def run(**weights: str) -> int:
        said = {"model": "sd", "weights": {"unet": "1", "vae": "2", **weights}}
        return generate(prompts[:2], Sampler(), tmp_path, Setting(images=1), model=said)

    assert run() == 2
    before = contents(tmp_path)
    (tmp_path / "00001/samples/00000.png").unlink()
    with pytest.raises(Problem, match=r"with weights\.vae '3' in .* got images with '2'"):
        run(vae="3")
    with pytest.raises(Problem, match=r"with weights\.text '4' in .* got images with None"):
        run(text="4")
    assert run() == 1
    assert contents(tmp_path) == before


def test_a_run_that_draws_nothing_leaves_the_folder_free(
    tmp_path: Path, prompts: list[Prompt]
) -> None:
    def fails(*_: Any) -> Sequence[Image.Image]:
        raise Problem("1 images", "sides that it does not draw", "give others")

    with pytest.raises(Problem, match="does not draw"):
        generate(prompts, fails, tmp_path, Setting(images=1, seed=1))
    assert contents(tmp_path) == {}
    write_settings(tmp_path, {"seed": 1})  # killed before its first image
    (tmp_path / "00000").mkdir()
    (tmp_path / "00000/metadata.jsonl").write_text(prompts[3].json)
    assert generate(prompts[:1], Sampler(), tmp_path, Setting(images=1)) == 1
    assert read_folder(tmp_path, SCENES).sampled[0].prompt == prompts[0]
    found = read_settings(tmp_path)
    assert found is not None
    assert found["seed"] == 42


def test_libraries_may_change_within_a_folder_and_images_without_settings_may_not(
    tmp_path: Path,
) -> None:
    assert not same_settings(tmp_path, {"seed": 1})
    write_settings(tmp_path, {"seed": 1, "versions": {"torch": "1"}})
    (tmp_path / "00000/samples").mkdir(parents=True)
    (tmp_path / "00000/samples/0000.png").write_bytes(b"an image")
    assert same_settings(tmp_path, {"seed": 1, "versions": {"torch": "2"}})
    with pytest.raises(Problem, match=r"with steps 3 .* got images with None"):
        same_settings(tmp_path, {"seed": 1, "steps": 3})
    (tmp_path / "generation.json").unlink()
    assert read_settings(tmp_path) is None
    with pytest.raises(Problem, match="images without it"):
        same_settings(tmp_path, {"seed": 1})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "one JSON value"),
        ('{"model": "\\ud800"}', "one half of a surrogate pair"),
        ('{"guidance": 1e400}', "a number beyond any float"),
        ("[]", "an object"),
    ],
)
def test_settings_that_no_summary_can_quote_are_refused_by_name(
    text: str, words: str, tmp_path: Path
) -> None:
    (tmp_path / "generation.json").write_text(text)
    with pytest.raises(Problem, match=words) as caught:
        read_settings(tmp_path)
    assert str(tmp_path / "generation.json") in str(caught.value)
    with pytest.raises(Problem, match="surrogate"):  # nor are they written
        same_settings(tmp_path / "new", {"negative_prompt": "\udcff"})


def test_two_runs_into_one_folder_are_refused(tmp_path: Path, prompts: list[Prompt]) -> None:
    with claimed(tmp_path), pytest.raises(Problem, match="another run"):
        generate(prompts, Sampler(), tmp_path, Setting())
    assert generate(prompts[:1], Sampler(), tmp_path, Setting(images=1)) == 1
    (tmp_path / "file").write_text("x")
    with pytest.raises(Problem, match="file exists"), claimed(tmp_path / "file"):
        pass


def test_a_pipeline_that_makes_too_few_is_named(tmp_path: Path, prompts: list[Prompt]) -> None:
    with pytest.raises(Problem, match="1 images of 'a circle'; got 0"):
        generate(prompts, lambda *_: [], tmp_path, Setting())


@pytest.mark.parametrize(
    "wrong",
    [{"images": 0}, {"steps": 0}, {"batch": 0}, {"seed": -1}, {"height": 4}, {"guidance": math.nan},
     {"guidance": math.inf}, {"height": 64}, {"width": 64}],
    ids=str,
)  # fmt: skip
def test_settings_that_mean_nothing_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Problem, match=f"--{next(iter(wrong))}"):
        Setting(**wrong)


class Pipe:
    """A pipeline of diffusers that draws two images of one size."""

    def __init__(self, size: tuple[int, int] = (48, 64), says: Exception | None = None) -> None:
        self.size, self.says = size, says
        self.asked: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def __call__(self, *given: Any, **options: Any) -> Any:
        self.asked.append((given, options))
        if self.says is not None:
            raise self.says
        images = [Image.new("RGB", self.size)] * 2
        return SimpleNamespace(images=images, nsfw_content_detected=[False, True])


def test_the_pipeline_is_called_as_diffusers_takes_it_and_black_images_are_counted() -> None:
    pipe, generator = Pipe(), torch.Generator()
    setting = Setting(steps=7, guidance=3.5, height=64, width=48, negative_prompt="fog")
    drawn = Pipeline(pipe, setting)
    assert [image.size for image in drawn("a cow", 2, generator)] == [(48, 64)] * 2
    assert drawn.flagged == 1
    options = {
        "num_inference_steps": 7,
        "guidance_scale": 3.5,
        "num_images_per_prompt": 2,
        "generator": generator,
        "height": 64,
        "width": 48,
        "negative_prompt": "fog",
    }
    assert pipe.asked == [(("a cow",), options)]


def test_what_a_pipeline_does_not_draw_is_one_line() -> None:
    said = ValueError("`height` has to be divisible by 8.\nSee the docs")
    setting = Setting(height=33, width=32)
    with pytest.raises(Problem, match=r"1 images of 'a cow'; got ValueError: .* by 8\.;") as caught:
        Pipeline(Pipe(says=said), setting)("a cow", 1, torch.Generator())
    assert "\n" not in str(caught.value)
    with pytest.raises(Problem, match="images of 32 x 33 pixels; got images of 48 x 64 pixels"):
        Pipeline(Pipe(), setting)("a cow", 1, torch.Generator())
    assert len(Pipeline(Pipe(), Setting())("a cow", 2, torch.Generator())) == 2
    with pytest.raises(Problem, match="got OverflowError: int too big"):
        Pipeline(Pipe(says=OverflowError("int too big")), setting)("a cow", 1, torch.Generator())
    with pytest.raises(MemoryError):
        Pipeline(Pipe(says=MemoryError()), setting)("a cow", 1, torch.Generator())
