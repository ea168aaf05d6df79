"""Processes: one training by several processes at once, each with a card of its own.

    torchrun --standalone --nproc-per-node 8 -m harness shard ambient_blur 0-of-6 --scale gpu

makes one shard of a study, its trainings by eight processes. They leave their stages in the cache
as one process would, so that ``patina run`` finds them there. On a CPU it is the same, to try it.

**Division.** A step of a batch of B images is divided over n processes, which must divide B. Every
process holds the same material and weights, draws the whole batch from the same streams, all of
them, and keeps its own B/n images: the drawing costs it B, the network B/n. The loss of a copy is
the mean over its images and all parts are of one size, so the mean over processes of their
gradients is the gradient of the whole batch. All take it, and take the same step. That is plain
synchronous data parallelism (as Goyal et al. 2017, section 3), but for one thing: the numbers drawn
do not depend on n. So n processes train what one does, but for the order in which numbers are
added up: float32 rounds a gradient otherwise by some 1e-7 of it, and later steps start from there.
That holds for every objective: what an extra term draws is divided in the same way.

What is measured on the material (annotations, data scales, the basis) is taken from process 0: an
annotator that is trained on one card may round otherwise on another.

**Who does what.** Process 0 runs the shard: it alone looks into the cache, writes, samples and
measures. The others wait until it trains (:func:`told`), do their part, and write into a folder
that is thrown away. Where a training fails in one process the run stops: torchrun ends the others.

Without torchrun there is one process, and every function here gives back what it was given.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor, nn

from harness.problem import Problem
from harness.train.drawing import Drawing
from harness.train.material import Material

WAIT = timedelta(days=7)  # process 0 may sample and measure for long while the others wait
END = ""
LONGEST = 64  # bytes of a message


def count() -> int:
    """n, the processes that train together."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """The number of this process, from 0."""
    return dist.get_rank() if count() > 1 else 0


@contextmanager
def together(device: str) -> Iterator[None]:
    """Join the processes of torchrun, which names them in the environment; each takes a card.

    device: "cpu" or "cuda". Raises ``Problem`` where there are fewer cards than processes here.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield
        return
    if torch.device(device).type == "cuda":
        own, cards = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
        if own >= cards:
            fix = "give torchrun as many processes a node as there are cards"
            raise Problem(f"a card for process {own} of this node", f"{cards} cards", fix)
        torch.cuda.set_device(own)
        dist.init_process_group("cpu:gloo,cuda:nccl", timeout=WAIT)
    else:
        dist.init_process_group("gloo", timeout=WAIT)
    try:
        yield
    finally:
        dist.destroy_process_group()


class Divided:
    """A drawing of which this process keeps its part of every batch."""

    def __init__(self, whole: Drawing) -> None:
        self.whole, self.batch = whole, whole.training.batch
        if self.batch % count():
            fix = "take a number of processes that divides the batch"
            raise Problem(f"batches of {self.batch} images", f"{count()} processes", fix)
        size = self.batch // count()
        self.own = slice(rank() * size, (rank() + 1) * size)

    def __call__(self) -> tuple[Tensor, ...]:
        """What :class:`Drawing` draws, of this process's images."""
        return tuple(each[self.own] for each in self.whole())

    def normal(self, stream: str, shape: tuple[int, ...]) -> Tensor:
        """Standard normals of a stream, of this process's images."""
        return self.whole.normal(stream, (self.batch, *shape[1:]))[self.own]

    def below(self, limit: Tensor) -> Tensor:
        """Noise levels below the limits of this process's images; those of others do not matter."""
        limits = limit.new_ones(self.batch)
        limits[self.own] = limit
        return self.whole.below(limits)[self.own]

    def clean_alone(self) -> None:
        self.whole.clean_alone()


def divided(drawing: Drawing) -> Drawing | Divided:
    """A drawing of this process's part of every batch."""
    return drawing if count() == 1 else Divided(drawing)


def agree(materials: Iterable[Material], denoiser: nn.Module) -> None:
    """Give annotations, weights and scales, in place, the numbers that they have in process 0."""
    if count() > 1:
        levels = [torch.from_numpy(each.levels) for each in materials]
        for each in (*levels, *denoiser.state_dict().values()):
            dist.broadcast(each, src=0)


def average(parameters: Iterable[nn.Parameter]) -> None:
    """Make every gradient the mean of those of all processes."""
    if count() == 1:
        return
    gradients = [each.grad for each in parameters if each.grad is not None]
    for each, found in zip(gradients, _mean(gradients)):
        each.copy_(found)


def mean(value: Tensor) -> Tensor:
    """The mean over all processes of a tensor, without its gradient."""
    return value if count() == 1 else _mean([value.detach()])[0]


def _mean(values: list[Tensor]) -> list[Tensor]:
    """The means of tensors over all processes, in one message."""
    joined = torch.cat([each.flatten() for each in values])
    dist.all_reduce(joined)
    joined /= count()
    parts = joined.split([each.numel() for each in values])
    return [part.view_as(each) for part, each in zip(parts, values)]


def tell(message: str) -> None:
    """Process 0 says what it is going to train, ``END`` that there is no more."""
    if count() > 1:
        sent = torch.tensor(list(message.encode().ljust(LONGEST)), dtype=torch.uint8)
        dist.broadcast(sent, src=0)


def told() -> str:
    """Wait for what process 0 says."""
    heard = torch.zeros(LONGEST, dtype=torch.uint8)
    dist.broadcast(heard, src=0)
    return bytes(heard.tolist()).decode().strip()
