"""The material of one replicate: its images, which are clean, and their annotations.

The held-out images are never touched. Of the others a clean subset is drawn by region; the rest is
corrupted once, and the annotator sees the clean subset and the corrupted rest, as an author would.
The pixels of an image are seen either clean or corrupted, never both.
"""

from dataclasses import dataclass

import numpy as np
import torch

from harness.annotate import ANNOTATORS
from harness.corrupt import CORRUPTIONS
from harness.data.images import Images
from harness.data.subset import clean_subset
from harness.streams import numpy_generator, torch_generator
from harness.train.training import Training


@dataclass(frozen=True)
class Material:
    """What one replicate trains on."""

    pixels: np.ndarray  # float32 [n, C, H, W]
    levels: np.ndarray  # float32 [n, 2]: (sigma_min, sigma_max); zeros for a clean image
    clean: np.ndarray  # bool [n]
    tokens: np.ndarray | None = None  # int64 [n, T], what the denoiser is told of each


def corrupt(pixels: np.ndarray, training: Training, replicate: int) -> np.ndarray:
    """The images [n, C, H, W] after the cell's corruption, in the replicate's own stream."""
    assert training.corruption is not None
    corruption = CORRUPTIONS[training.corruption.name](**training.corruption.kwargs())
    generator = torch_generator(str(training.dataset), replicate, "corrupt")
    return corruption(torch.tensor(pixels), generator).numpy()


def gather(training: Training, train: Images, replicate: int) -> Material:
    """The pool of one replicate, from the training part of a dataset."""
    dataset = str(training.dataset)
    tokens = None if training.condition is None else training.condition.tokens(train)
    if training.pool == "oracle":
        levels = np.zeros((train.count, 2), np.float32)
        return Material(train.pixels, levels, np.ones(train.count, bool), tokens)
    split = numpy_generator(dataset, replicate, f"split {training.clean_fraction}")
    clean = clean_subset(train, training.clean_fraction, split)
    if training.pool == "clean":
        pixels, tokens = train.pixels[clean], None if tokens is None else tokens[clean]
        levels = np.zeros((len(pixels), 2), np.float32)
        return Material(pixels, levels, np.ones(len(pixels), bool), tokens)
    assert training.annotator is not None
    pixels = corrupt(train.pixels, training, replicate)
    pixels[clean] = train.pixels[clean]
    annotate = ANNOTATORS[training.annotator.name](**training.annotator.kwargs())
    levels = np.zeros((train.count, 2), np.float32)
    levels[~clean] = annotate(
        pixels[clean], pixels[~clean], numpy_generator(dataset, replicate, "annotate")
    )
    return Material(pixels, levels, clean, tokens)
