"""The way of an image to its tokens and back, fitted on the training images of a replicate.

Every replicate has a tokeniser of its own, from one stream whatever the arm: two arms of one
replicate that ask for the same codebook have the same codes.
"""

from functools import lru_cache
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from harness.cell import Part
from harness.data.images import Images
from harness.data.load import load
from harness.streams import numpy_generator
from harness.tokens import TOKENISERS
from harness.tokens.form import Form
from harness.tokens.tokeniser import Tokeniser
from harness.tokenwise.training import TokenTraining

Arrays = dict[str, NDArray[Any]]


@final
class Pipeline:
    """A tokeniser, and the one that all images go through before it, if any."""

    def __init__(self, tokeniser: Part, source: Part | None = None) -> None:
        self.tokeniser: Tokeniser = TOKENISERS.make(tokeniser)
        self.source: Tokeniser | None = None if source is None else TOKENISERS.make(source)

    @property
    def form(self) -> Form:
        return self.tokeniser.form

    def fit(self, images: NDArray[Any], dataset: str, replicate: int) -> None:
        """Learn from training images float32 [N, C, H, W]."""
        if self.source is not None:
            self.source.fit(images, numpy_generator(dataset, replicate, "tokeniser"))
        stream = numpy_generator(dataset, replicate, "tokeniser")
        self.tokeniser.fit(self.seen(images), stream)

    def seen(self, images: NDArray[Any]) -> NDArray[Any]:
        """Images as the tokeniser sees them."""
        return images if self.source is None else self.source.decode(self.source.encode(images))

    def encode(self, images: NDArray[Any]) -> NDArray[Any]:
        """Tokens float32 [N, T, d], or codes int64 [N, T]."""
        return self.tokeniser.encode(self.seen(images))

    def decode(self, tokens: NDArray[Any]) -> NDArray[np.float32]:
        """Images of tokens; NaN where a diverged model drew them."""
        return self.tokeniser.decode(tokens)

    def state(self) -> Arrays:
        """What both have learned, by name."""
        named = {"tokeniser": self.tokeniser, "source": self.source}
        return {
            f"{name}.{key}": np.ascontiguousarray(array)
            for name, each in named.items()
            if each is not None
            for key, array in each.state().items()
        }

    def restore(self, state: Arrays) -> None:
        """Be as the one, of the same parts, that gave this state."""
        for name, each in (("tokeniser", self.tokeniser), ("source", self.source)):
            if each is not None:
                own = {key: array for key, array in state.items() if key.startswith(f"{name}.")}
                each.restore({key.partition(".")[2]: array for key, array in own.items()})


def drawn(training: TokenTraining) -> bool:
    """Whether fitting the tokeniser draws anything, so that replicates differ in it."""
    return training.source is not None or training.tokeniser.name != "patches"


def fitted(training: TokenTraining, replicate: int) -> Pipeline:
    """The pipeline of a replicate; cells of one job that ask for the same have it once."""
    parts = training.dataset, training.tokeniser, training.source
    return _fitted(*parts, replicate if drawn(training) else 0)


@lru_cache(maxsize=12)
def _fitted(dataset: Part, tokeniser: Part, source: Part | None, replicate: int) -> Pipeline:
    made = Pipeline(tokeniser, source)
    made.fit(loaded(dataset).train.pixels, str(dataset), replicate)
    return made


def encoded(training: TokenTraining, replicate: int) -> NDArray[Any]:
    """The tokens of the training images of a replicate."""
    parts = training.dataset, training.tokeniser, training.source
    return _encoded(*parts, replicate if drawn(training) else 0)


@lru_cache(maxsize=4)
def _encoded(dataset: Part, tokeniser: Part, source: Part | None, replicate: int) -> NDArray[Any]:
    made = _fitted(dataset, tokeniser, source, replicate).encode(loaded(dataset).train.pixels)
    made.setflags(write=False)
    return made


@lru_cache(maxsize=1)  # cells of one job are of one dataset
def loaded(dataset: Part) -> Images:
    """A dataset, drawn or read once for the cells of a job."""
    return load(dataset.name, **dataset.kwargs())
