"""A scale: the global sizes in ``config/<scale>.yaml``, and nothing else.

What a study compares stands in the study; how much of it is run stands here. An unknown key is an
error that names the known ones.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from harness.cell import from_mapping
from harness.data import DATASETS
from harness.problem import Problem

CONFIG = Path(__file__).resolve().parents[1] / "config"


@dataclass(frozen=True)
class Sizes:
    """The sizes of one scale."""

    scale: str
    runnable: bool  # False for the papers' own settings, which have a bill but no small machine
    device: str  # cpu or cuda
    dataset: dict[str, Any]  # the image dataset of the image studies and its parameters
    images: int  # length of a training with the MLP, in images seen
    unet_images: int  # the same with the U-Net
    unet_width: int
    samples: int  # samples of each replicate with the MLP
    unet_samples: int  # the same with the U-Net
    scenes: dict[str, Any]  # the captioned world of the text-to-image studies: its parameters
    scene_images: int  # length of a training on scenes, in images seen
    scene_samples: int  # samples of each task and replicate
    held_out: int | None  # held-out images behind the denoising loss; null takes all
    replicates: int  # of the arms of a headline contrast
    replicates_other: int  # of all other arms
    annotator_steps: int  # of the training of a classifier that annotates
    calibration_groups: int  # A/A groups, each of `replicates` pairs
    calibration_images: int
    law_datasets: int  # data sets behind a Monte Carlo row of a law
    law_draws: int  # draws behind a Monte Carlo row of a law that takes single draws
    pack: int  # a job takes so many times the cells that its study states

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "held_out" and value is None:
                continue
            if field.type in (int, int | None) and (type(value) is not int or value < 1):
                fix = "give a whole number of at least 1"
                raise Problem(f"{field.name}={value}", "no size", fix)
        if self.device not in ("cpu", "cuda"):
            raise Problem(f"device={self.device}", "no such device", "use cpu or cuda")
        if not (isinstance(self.dataset, dict) and self.dataset.get("name") in DATASETS):
            known = ", ".join(DATASETS)
            raise Problem(f"dataset={self.dataset}", "no dataset", f"name one of {known}")

    @property
    def hurried(self) -> bool:
        """Whether it runs every part of the line in seconds, for numbers that mean nothing."""
        return self.samples < 1000


def scales() -> list[str]:
    """The names of the scales that have a file."""
    return sorted(path.stem for path in CONFIG.glob("*.yaml"))


def read_sizes(scale: str) -> Sizes:
    """The sizes of a scale by name."""
    path = CONFIG / f"{scale}.yaml"
    if scale not in scales():
        raise Problem(
            f"the scale {scale!r}", "no such file", f"the known scales are {', '.join(scales())}"
        )
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Problem(f"sizes in {path.name}", f"no YAML: {error}", "mend the file") from error
    if not isinstance(given, dict):
        raise Problem(f"sizes in {path.name}", f"{type(given).__name__}", "write a table of sizes")
    return from_mapping(Sizes, {"scale": scale, **given}, f"config/{path.name}")
