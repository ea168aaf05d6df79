"""What a cell asks of its sampler."""

from dataclasses import dataclass, field

from harness.cell import Part, part
from harness.sample import SAMPLERS


@dataclass(frozen=True)
class Sampling:
    """Parameters of the stage ``sample``."""

    count: int  # samples of each replicate
    sampler: Part = field(default_factory=lambda: part("heun"))
    batch: int = 500
    copy: int = 0  # as in the training: another number gives other streams

    def entries(self) -> list[str]:
        return [SAMPLERS.entry(self.sampler.name)]
