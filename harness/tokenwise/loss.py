"""What a cell asks of the stage ``token_loss`` (``harness.tokenwise.reading``), and its rows."""

from dataclasses import dataclass
from typing import final

from harness.metrics import EXTRACTORS, METRICS
from harness.metrics.measurement import Measurement
from harness.problem import Problem
from harness.tokens import HEADS

UNITS = {"cross_entropy": "nats"}
LIKENESS = Measurement(("fd_random_conv",), ("random_conv",))
COSTS = ("parameters", "training_flops", "sampling_flops")
CEILINGS = ("ceiling_fd_random_conv", "ceiling_geneval", "reconstruction_error")
LOSS = "token_loss"
SCORES = (*(f"{LOSS}/{head}" for head in HEADS), *CEILINGS, *COSTS)


def loss_of(head: str) -> str:
    """The name of the loss of a head."""
    return f"{LOSS}/{head}"


@final
@dataclass(frozen=True)
class TokenLoss:
    """Parameters of the stage ``token_loss``.

    held_out: about so many of the held-out images, None for all; rounds: draws of order, mask and
    noise of each.
    """

    held_out: int | None = None
    rounds: int = 4

    def __post_init__(self) -> None:
        for name in ("held_out", "rounds"):
            value = getattr(self, name)
            least = 2 if name == "held_out" else 1
            if value is not None and (type(value) is not int or value < least):
                raise Problem("a held-out loss", f"{name}={value!r}", f"give {least} or more")

    def entries(self) -> list[str]:
        return [METRICS.entry("fd"), EXTRACTORS.entry("random_conv")]
