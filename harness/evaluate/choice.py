"""Which readings are asked for: names, groups of names, and what each needs to be possible.

A name is a metric, which is then read on every extractor asked for, or a full reading such as
``fd_pixels``. A group stands for several. ``all`` takes every metric that the two sets and the
extractors make possible, and names what it left out with the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

from harness.metrics import METRICS
from harness.metrics.features import Features
from harness.metrics.reading import Reading, reading
from harness.problem import Problem

GROUPS: dict[str, tuple[str, ...]] = {
    "prdc": ("precision", "recall", "density", "coverage"),
    "is": ("inception_score",),
    "spectrum": ("spectrum_distance", "high_frequency_ratio", "high_frequency_error"),
    "memorisation": ("authpct", "mifid_like"),
    "patch_fd": ("patch_fd_2", "patch_fd_4", "patch_fd_8"),
}
DEFAULT = "fd,kid,prdc"
OF_FEATURES = ("features", "logits", "spatial", "classes")
UNFIT = ("denoising_loss",)  # needs a network and not samples


@final
@dataclass(frozen=True)
class Given:
    """What there is to measure on. extractors: their names; held_out: whether such a set is given;
    images: whether the images of the reference are there, and not its statistics alone."""

    extractors: tuple[str, ...]
    held_out: bool
    images: bool


def chosen(names: str, given: Given) -> tuple[list[Reading], list[str]]:
    """The readings of names with commas, each once, and what ``all`` left out, in words.

    Raises ``Problem`` for an unknown name, and for a named metric that is not possible here.
    """
    wanted: list[Reading] = []
    left: list[str] = []
    for name in filter(None, (each.strip().lower().replace("-", "_") for each in names.split(","))):
        if name == "all":
            for metric in METRICS:
                why = _impossible(metric, given)
                if why is None:
                    wanted += _expanded(metric, given)
                elif metric not in UNFIT:
                    left.append(f"{metric}: {why}")
            continue
        for each in GROUPS.get(name, (name,)):
            found = reading(each) if each not in METRICS else Reading(each)
            why = _impossible(found.metric, given)
            if found.extractor is not None and needs(found.metric) not in OF_FEATURES:
                raise Problem(
                    f"the reading {each}",
                    f"{found.metric}, a metric of images, with an extractor",
                    f"say {found.metric}",
                )
            if why is None and found.extractor not in (None, *given.extractors):
                why = f"the extractor {found.extractor} is not among those asked for"
            if why is not None:
                raise Problem(f"the metric {each}", why, _fix(found.metric, given))
            wanted += [found] if found.extractor else _expanded(found.metric, given)
    if not wanted:
        raise Problem("an evaluation", "no metric", f"name some, such as --metrics {DEFAULT}")
    return list(dict.fromkeys(wanted)), left


def possible(
    readings: list[Reading], samples: Mapping[str, Features]
) -> tuple[list[Reading], list[str]]:
    """The readings whose extractor has the head that they need, and the others with the reason."""
    kept, left = [], []
    for each in readings:
        head = needs(each.metric)
        found = samples.get(each.extractor or "")
        if head in ("logits", "spatial") and found is not None and getattr(found, head) is None:
            left.append(f"{each.name}: the extractor gives no {head}")
        else:
            kept.append(each)
    return kept, left


def needs(metric: str) -> str:
    """What a metric is called with; imports its module."""
    return str(METRICS[metric].needs)


def _expanded(metric: str, given: Given) -> Sequence[Reading]:
    """The readings of a metric: one an extractor, or itself."""
    if needs(metric) in OF_FEATURES:
        return [Reading(metric, extractor) for extractor in given.extractors]
    return [Reading(metric)]


def _impossible(metric: str, given: Given) -> str | None:
    """Why a metric is not possible here; None where it is, as far as one sees before extraction."""
    kind = needs(metric)
    if kind == "curve":
        return "it is of a denoiser and not of samples"
    if kind == "labels":
        return "it asks which class each sample was asked for, which images alone do not say"
    if kind == "train_images" and not given.held_out:
        return "it compares with fresh images, and there is no held-out set"
    if not given.images and metric != "fd":
        return "the reference is a file of statistics, which holds moments alone"
    return None


def _fix(metric: str, given: Given) -> str:
    if needs(metric) in ("curve", "labels"):
        return "leave it out"
    if not given.images:
        return "give the images of the reference"
    if needs(metric) == "train_images":
        return "give --held-out IMAGES, of which the model saw none"
    return "leave it out, or name its extractor with --extractor"
