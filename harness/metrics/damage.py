"""Known damages: what each metric sees, before any network is trained.

The training images are cut at random into two halves, ``count`` images of each are drawn; those of
one half are damaged and stand in for the samples, those of the other are the truth. With no damage
the distance of the two is the floor of a metric: an unpaired effect below it cannot be seen at this
size. The halves and the draws of a replicate are the same for every damage, and what a damage draws
is nested over its severities, so that severities are paired.

    kind         severity: what it means
    none         -
    regions      -: no damage, but the halves hold different regions of the photographs
    noise        the standard deviation of white noise
    blur         the width of a Gaussian blur in pixels
    jpeg         100 less the quality
    colour       what is added to the first channel, before clipping to [-1, 1]
    dropped      how many groups are left out, fresh images of the others in their place
    imbalance    how many times more frequent the most favoured group is than the least
    duplicates   the share of images that are replaced by repeats of the others
    copies       the share of images that are copies of images of the truth
    gaussian     the share of images that are draws of a Gaussian field with the mean and the
                 covariance of the half
    relabelled   the share of images whose classes go round among them: each has that of the next

Groups are the classes, and where there are none the photographs. A group so large that the others
could not fill its place is not dropped.

Where ``told``, the samples come with classes, as those of a conditional model do: each with that
which it had before its damage, a draw of the field with that of the image in whose place it stands.
Relabelling changes nothing else, and so asks for it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from harness.cell import Part, Upstream, later, nested, part
from harness.corrupt import CORRUPTIONS
from harness.data import DATASETS
from harness.data.images import Images
from harness.data.load import load
from harness.data.subset import clean_subset
from harness.metrics.sensitivity import KINDS
from harness.problem import Problem
from harness.streams import numpy_generator, torch_generator

FLOORS = ("none", "regions")
SHARE = 0.45  # of a half that is drawn: the rest fills the place of what is dropped


@dataclass(frozen=True)
class Damage:
    """Parameters of the stage ``damage``; count: images on either side, at most SHARE of a half."""

    dataset: Part
    kind: str = "none"
    severity: float = 0.0
    count: int = 2000
    told: bool = later(False)  # whether the samples come with the class of each

    def __post_init__(self) -> None:
        if self.kind not in (*FLOORS, *KINDS):
            known = ", ".join((*FLOORS, *KINDS))
            raise Problem(f"the damage {self.kind!r}", "no such one", f"choose from {known}")
        if self.kind == "relabelled" and not self.told:
            raise Problem("classes that go round", "samples without classes", "say told=True")

    @property
    def corruption(self) -> Part | None:
        """The row of the table of corruptions that does it, where one does."""
        if self.kind == "noise":
            return part("gaussian_noise", sigma=self.severity)
        if self.kind == "blur":
            return part("gaussian_blur", sigma=self.severity)
        if self.kind == "jpeg":
            return part("jpeg", quality=int(100 - self.severity))
        return None

    def entries(self) -> list[str]:
        named = ((DATASETS, self.dataset), (CORRUPTIONS, self.corruption))
        return [table.entry(each.name) for table, value in named for each in nested(value)]


def damage(
    params: Damage,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave ``samples`` and ``truth``, float32 [K, n, C, H, W], and the groups of the latter.

    These are int64 [K, n]; where told, ``labels`` are those of the samples.
    """
    label = str(params.dataset)
    train = load(params.dataset.name, **params.dataset.kwargs()).train
    kept: dict[str, list[np.ndarray]] = {"samples": [], "truth": [], "truth_groups": []}
    if params.told:
        kept["labels"] = []
    for k in range(replicates):
        stream = numpy_generator(label, k, "halves")
        if params.kind == "regions":
            half = clean_subset(train, 0.5, stream)
        else:
            half = stream.permutation(train.count) < train.count // 2
        count = min(params.count, int(SHARE * min(half.sum(), (~half).sum())))
        pool, other = (stream.permutation(np.flatnonzero(side)) for side in (half, ~half))
        truth = other[:count]
        samples, labels = _damaged(params, train, pool, count, truth, k)
        kept["samples"].append(samples)
        if params.told:
            kept["labels"].append(labels)
        kept["truth"].append(train.pixels[truth])
        kept["truth_groups"].append(train.groups[truth])
        progress((k + 1) / replicates)
    stacked = {name: np.stack(arrays) for name, arrays in kept.items()}
    save_file(stacked, out / "samples.safetensors")


def _damaged(
    params: Damage, train: Images, pool: np.ndarray, count: int, truth: np.ndarray, replicate: int
) -> tuple[np.ndarray, np.ndarray]:
    """``count`` images of the half ``pool`` after their damage, and the group of each before it.

    pool, truth: indices in random order, those of the truth.
    """
    stream = numpy_generator(str(params.dataset), replicate, f"damage {params.kind}")
    chosen = pool[:count]
    match params.kind:
        case "dropped":
            chosen = _dropped(train.groups[pool], pool, count, int(params.severity), stream)
        case "imbalance":
            chosen = _imbalanced(train.groups[pool], pool, count, params.severity, stream)
        case "duplicates":
            distinct = max(1, round(count * (1 - params.severity)))
            chosen = chosen[np.arange(count) % distinct]
    pixels, groups = train.pixels[chosen], train.groups[chosen]
    if params.corruption is not None:
        import torch

        corruption = CORRUPTIONS[params.corruption.name](**params.corruption.kwargs())
        noise = torch_generator(str(params.dataset), replicate, "damage")
        return corruption(torch.tensor(pixels), noise).numpy(), groups
    if params.kind == "colour":
        shifted = pixels.copy()
        shifted[:, 0] = np.clip(shifted[:, 0] + params.severity, -1, 1)
        return shifted, groups
    replaced = round(count * params.severity)
    if params.kind == "copies":
        chosen = np.concatenate([truth[:replaced], chosen[replaced:]])
        return train.pixels[chosen], train.groups[chosen]
    if params.kind == "gaussian":
        field = _field(train.pixels[pool], count, stream)
        return np.concatenate([field[:replaced], pixels[replaced:]]), groups
    if params.kind == "relabelled":
        return pixels, np.concatenate([np.roll(groups[:replaced], -1), groups[replaced:]])
    return pixels, groups


def _dropped(
    groups: np.ndarray, pool: np.ndarray, count: int, drop: int, stream: np.random.Generator
) -> np.ndarray:
    """``count`` of the pool without ``drop`` groups, which are dropped in a random order."""
    left = np.ones(len(pool), bool)
    dropped = 0
    for group in stream.permutation(np.unique(groups)):
        without = left & (groups != group)
        if dropped < drop and without.sum() >= count:
            left, dropped = without, dropped + 1
    if dropped < drop:
        raise Problem(
            f"a half without {drop} of {len(np.unique(groups))} groups",
            f"too few images left for {count} after {dropped}",
            "drop fewer, or draw fewer images",
        )
    return pool[left][:count]


def _imbalanced(
    groups: np.ndarray, pool: np.ndarray, count: int, ratio: float, stream: np.random.Generator
) -> np.ndarray:
    """``count`` of the pool, its groups favoured by 1 to ``ratio`` in a geometric row."""
    names = stream.permutation(np.unique(groups))
    favour = ratio ** (np.arange(len(names)) / max(len(names) - 1, 1))
    held = np.array([(groups == name).sum() for name in names])
    wanted = held * favour / (held * favour).sum() * count
    taken = np.minimum(np.floor(wanted).astype(int), held)
    for i in np.argsort(taken - wanted, kind="stable"):  # the largest remainders are filled first
        taken[i] += min(held[i] - taken[i], max(count - taken.sum(), 0), 1)
    for i in range(len(names)):  # what a group that is too small could not give
        taken[i] += min(held[i] - taken[i], count - taken.sum())
    parts = [pool[groups == name][:take] for name, take in zip(names, taken)]
    return np.concatenate(parts)


def _field(pixels: np.ndarray, count: int, stream: np.random.Generator) -> np.ndarray:
    """``count`` draws of a Gaussian field with the mean and covariance of images [N, C, H, W]."""
    flat = pixels.reshape(len(pixels), -1).astype(np.float64)
    values, vectors = np.linalg.eigh(np.cov(flat.T))
    white = stream.standard_normal((count, flat.shape[1])) * np.sqrt(np.maximum(values, 0))
    drawn = flat.mean(0) + white @ vectors.T
    return drawn.astype(np.float32).reshape(count, *pixels.shape[1:])
