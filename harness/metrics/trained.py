"""Trained extractors: the features of a small classifier of the very dataset that is looked at.

``trained_digits``, ``trained_photos`` and ``trained_cifar10`` are the network of
``harness.metrics.classifier``, trained on the training part of that dataset. ``rows`` are its 64
pooled features, ``logits`` its classes (of ``photos``, which have no labels, the seven photographs
that a patch may come from), ``spatial`` the first seven of its last maps (4×4 cells for sides 8, 16
and 32, so 112 numbers).

A study trains the network in a stage of its own and gives its file. Without a file the network is
looked for in the user's cache, in ``extractors/KEY`` where the key is the hash of its parameters,
its code and torch's version, and trained there once if it is not; the times are for one core.

    row               steps x batch, width   held-out accuracy   of the most frequent   one core
    trained_digits    1200 x 32, 16          0.99                0.10                   6 s
    trained_photos    1600 x 64, 32          0.62 (8 x 8 grey)   0.17                   18 s
    trained_cifar10   2000 x 64, 24          0.61 (JPEG 75)      0.10                   6 min

What it sees, as the Fréchet distance of half a training part, damaged, to the other half, in units
of that of the undamaged half (means of four draws): of photos (8 x 8, grey) a blur of 0.8 pixels
40, white noise of standard deviation 0.05 50, one of seven photographs left out 5; of digits the
same blur 60 and one of ten classes left out 4, but noise of 0.1 only 1.1: their strokes drown it.
Cannot see what no class needs. It knows the dataset that it judges, so it serves that dataset
alone, and two networks give two different numbers: the hash says which it was.
"""

import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, final

import numpy as np

from harness.cell import digest, part, plain
from harness.data.cifar10 import cache_folder
from harness.metrics import classifier
from harness.metrics.classifier import Classifier, forward, shapes, train_classifier
from harness.metrics.extractor import hash_of
from harness.metrics.features import Features
from harness.metrics.inference import infer, require_images
from harness.metrics.weights import read_safetensors, require_arrays
from harness.problem import Problem

if TYPE_CHECKING:
    from torch import Tensor

MAPS = 7  # of the spatial features
BATCH = 256


@final
@dataclass(frozen=True, eq=False)
class Trained:
    """Features of a trained classifier; d = 64."""

    name: str
    shape: tuple[int, int, int]  # C, H, W
    arrays: dict[str, np.ndarray]

    @property
    def channels(self) -> int:
        return self.shape[0]

    @property
    def side(self) -> int:
        return self.shape[1]

    def state(self) -> dict[str, np.ndarray]:
        """Its numbers: the weights, and the shape of an image."""
        return {"shape": np.array(self.shape, np.int64), **self.arrays}

    @cached_property
    def hash(self) -> str:
        """sha256 of its name, the weights and the shape."""
        return hash_of(self.name, self.state())

    def __call__(self, images: np.ndarray) -> Features:
        """Features of images ``[N, C, H, W]``: rows [N, 64], logits [N, K], spatial [N, 7·h·w],
        float32.

        Raises ``Problem`` for NaN and for another shape than the network's.
        """
        x = require_images(self.name, images, self.side, (self.channels,))
        return infer(x, self._forward, BATCH)

    @cached_property
    def _tensors(self) -> "dict[str, Tensor]":
        import torch

        return {name: torch.tensor(array) for name, array in self.arrays.items()}

    def _forward(self, x: "Tensor") -> "tuple[Tensor, Tensor, Tensor]":
        rows, logits, maps = forward(x, self._tensors)
        return rows, logits, maps[:, :MAPS].flatten(1)


@final
@dataclass(frozen=True)
class TrainedOn:
    """A row of the extractors: the classifier of one dataset, and how it is trained.

    Where ``side`` and ``channels`` are None the dataset comes in several, and takes them as
    parameters.
    """

    name: str
    dataset: str
    steps: int
    batch: int
    rate: float
    width: int
    side: int | None
    channels: int | None

    def recipe(self, shape: tuple[int, int, int]) -> Classifier:
        """The parameters of the stage ``classifier`` for images (C, H, W)."""
        data = part(self.dataset)
        if self.side is None:
            data = part(self.dataset, side=shape[1], channels=shape[0])
        return Classifier(data, self.steps, self.batch, self.rate, self.width)

    def fit(self, reference: np.ndarray, weights: Path | None = None) -> Trained:
        """The classifier for images of the reference's shape ``[N, C, H, W]``.

        Its weights are those in the file, or else those in the user's cache, trained now if they
        are not there. Raises ``Problem`` for a file that is broken or of another network, for a
        reference of another shape, and where the cache is not writable.
        """
        allowed = (1, 3) if self.channels is None else (self.channels,)
        doing = "for a reference of"
        x = require_images(self.name, reference, self.side, allowed, doing)
        side = x.shape[3]
        require_images(self.name, x, side, allowed, doing)  # square
        shape = (x.shape[1], side, side)
        if weights is None:
            path = self._cached(self.recipe(shape))
            return self._read(path, shape, f"delete the folder {path.parent} and run it again")
        fix = f"give a file that the stage 'classifier' left for {self.dataset}, or none"
        return self._read(Path(weights).expanduser(), shape, fix)

    def restore(self, state: Mapping[str, np.ndarray]) -> Trained:
        """The extractor that left this state; ``Problem`` where that is not one of this row."""
        what, fix = f"the state of {self.name}", "make the file of statistics again"
        arrays = dict(state)
        shape = np.asarray(arrays.pop("shape", ()))
        if (
            shape.shape != (3,)
            or shape.dtype.kind != "i"
            or not (0 < shape.min() <= shape.max() <= 1 << 12)
        ):
            raise Problem(what, "no shape (C, H, W) of images", fix)
        channels, height, width = (int(n) for n in shape)
        return self._built(what, (channels, height, width), arrays, fix)

    def _built(
        self,
        what: str,
        shape: tuple[int, int, int],
        arrays: Mapping[str, np.ndarray],
        fix: str,
    ) -> Trained:
        """The extractor of some arrays, after a look at each of them."""
        classes, first = (
            len(np.atleast_1d(arrays.get(name, ())))
            for name in ("linear.bias", "level0.conv1.bias")
        )
        return Trained(
            self.name, shape, require_arrays(what, arrays, shapes(shape, classes, first), fix)
        )

    def _read(self, path: Path, shape: tuple[int, int, int], fix: str) -> Trained:
        """The extractor in a file of weights of this dataset, for images (C, H, W)."""
        what = f"the weights {path}"
        arrays, metadata = read_safetensors(path, fix)
        try:
            header = json.loads(metadata["classifier"])
            trained_on, trained_for = header["dataset"]["name"], tuple(header["shape"])
        except (KeyError, ValueError, TypeError) as error:
            raise Problem(what, "no header of a classifier", fix) from error
        if trained_on != self.dataset:
            raise Problem(f"{what} for {self.dataset}", f"a classifier of {trained_on!r}", fix)
        if trained_for != shape:
            raise Problem(f"{what} for images {shape}", f"a classifier of {trained_for}", fix)
        return self._built(what, shape, arrays, fix)

    def _cached(self, recipe: Classifier) -> Path:
        """The file of weights in the user's cache, trained now if it is not there."""
        folder = cache_folder() / "extractors" / _key(recipe)
        if not (folder / "weights.safetensors").is_file():
            try:
                self._train(recipe, folder)
            except OSError as error:
                raise Problem(
                    f"{self.name} trained into {folder}",
                    str(error),
                    "free some space, make it writable, or set XDG_CACHE_HOME to another place",
                ) from error
        return folder / "weights.safetensors"

    def _train(self, recipe: Classifier, folder: Path) -> None:
        """Train in a folder beside the place, which gets its name when it is whole."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))

        def progress(share: float) -> None:
            text = f"\r{self.name}: training its classifier, once, into {folder}: {share:.0%}"
            print(text, end="", file=sys.stderr, flush=True)

        try:
            train_classifier(recipe, 1, {}, work, "cpu", progress)
            print(file=sys.stderr)
            if folder.is_dir() and not (folder / "weights.safetensors").is_file():
                shutil.rmtree(folder)  # not whole
            try:
                work.rename(folder)
            except OSError:
                if not (folder / "weights.safetensors").is_file():  # nobody else was faster
                    raise
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _key(recipe: Classifier) -> str:
    """What decides the network: its parameters, its code, and torch."""
    source = Path(classifier.__file__).read_bytes()
    code = hashlib.sha256(source).hexdigest()
    return digest({"recipe": plain(recipe), "code": code, "torch": version("torch")})


DIGITS = TrainedOn("trained_digits", "digits", 1200, 32, 6e-3, 16, side=8, channels=1)
PHOTOS = TrainedOn("trained_photos", "photos", 1600, 64, 5e-3, 32, side=None, channels=None)
CIFAR10 = TrainedOn("trained_cifar10", "cifar10", 2000, 64, 4e-3, 24, side=32, channels=3)
