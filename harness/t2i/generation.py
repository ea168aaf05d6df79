"""Generation: the images of a suite of prompts, drawn as the published generator draws them.

The published setting: four images a prompt, one at a time, 50 steps, guidance 9, and the seed 42
set anew for each prompt, from which its images are drawn one after the other. The second image of a
prompt therefore depends on how many numbers the first one took. Here a generator of the device,
with that seed and for that prompt alone, goes through the calls of the pipeline one after the
other: the same numbers, without global state.

A run can be killed and begun again. A prompt whose images are all there is left alone; one with
some missing is drawn again from its seed, and only what is missing is written, so that the images
are those of a run that was never stopped. That costs one prompt at most for each stop. A file
``generation.json`` beside the prompts holds the settings, with the sha256 of the weights; other
settings are refused in that folder, and so are other weights of the same name. The file is written
with the first image, so that a run that fails before leaves the folder free. ``batch`` images come
from one call: faster, and other images, since one call draws the noise of all of them at once.

Source of the setting: the published code of Ghosh, Hajishirzi and Schmidt, GenEval, 2023.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from harness.evaluate.ticker import Ticker
from harness.geneval.prompt import Prompt
from harness.problem import Problem
from harness.t2i.claim import claimed
from harness.t2i.folder import same_prompt, sample_path, write_image, write_prompt
from harness.t2i.made_by import same_settings, write_settings

if TYPE_CHECKING:
    import torch
    from PIL import Image

Draw = Callable[[str, int, "torch.Generator"], "Sequence[Image.Image]"]


@final
@dataclass(frozen=True)
class Setting:
    """How images are drawn; the defaults are the published ones. height, width: in pixels, None as
    the model has it; batch: images from one call."""

    images: int = 4
    seed: int = 42
    steps: int = 50
    guidance: float = 9.0
    height: int | None = None
    width: int | None = None
    negative_prompt: str | None = None
    batch: int = 1

    def __post_init__(self) -> None:
        for name in ("images", "steps", "batch"):
            if getattr(self, name) < 1:
                raise Problem(f"--{name} {getattr(self, name)}", "none", "give 1 or more")
        if not 0 <= self.seed < 1 << 63:
            raise Problem(f"--seed {self.seed}", "no seed", "give 0 or more")
        for name in ("height", "width"):
            value = getattr(self, name)
            if value is not None and value < 8:
                raise Problem(f"--{name} {value}", "no side of an image", "give 8 or more pixels")
        if (self.height is None) != (self.width is None):
            given, other = ("height", "width") if self.width is None else ("width", "height")
            fix = "give both: a model may draw its own size where one is missing"
            raise Problem(f"--{given} {getattr(self, given)}", f"no --{other}", fix)
        if not math.isfinite(self.guidance):
            raise Problem(f"--guidance {self.guidance}", "no number", "give 9, say")


def generate(
    prompts: Sequence[Prompt],
    draw: Draw,
    out: Path,
    setting: Setting,
    device: str = "cpu",
    ticker: Ticker | None = None,
    model: Mapping[str, Any] | None = None,
) -> int:
    """Write the images of all prompts; the number of those that this call has written.

    draw: (text, count, generator) to as many images; model: what ``generation.json`` says of it.
    """
    import torch

    ticker = ticker or Ticker(quiet=True)
    said = {**(model or {}), **asdict(setting)}
    with claimed(out):
        known = same_settings(out, said)
        step, written = ticker.step("generating"), 0
        for number, prompt in enumerate(prompts):
            same_prompt(out, number, prompt)
            paths = [sample_path(out, number, i) for i in range(setting.images)]
            if not all(path.is_file() for path in paths):
                generator = torch.Generator(device).manual_seed(setting.seed)
                for start in range(0, setting.images, setting.batch):
                    some = paths[start : start + setting.batch]
                    made = draw(prompt.prompt, len(some), generator)
                    if len(made) != len(some):
                        got, asked = f"{len(made)}", f"{len(some)} images of {prompt.prompt!r}"
                        raise Problem(asked, got, "use a pipeline that makes as many as asked")
                    if not known:
                        write_settings(out, said)
                        known = True
                    write_prompt(out, number, prompt)
                    for path, image in zip(some, made):
                        if not path.is_file():
                            write_image(path, image)
                            written += 1
            step((number + 1) / len(prompts))
    return written
