"""What a cell asks of its sampler."""

from dataclasses import dataclass, field

from harness.cell import Part, later, part
from harness.problem import Problem
from harness.sample import SAMPLERS
from harness.sample.chosen_guidance import require_guidance
from harness.scenes.suite import Suite


@dataclass(frozen=True)
class Sampling:
    """Parameters of the stage ``sample``."""

    count: int  # samples of each replicate
    sampler: Part = field(default_factory=lambda: part("heun"))
    batch: int = 500
    copy: int = 0  # as in the training: another number gives other streams
    guidance: float = later(0.0)  # w; a conditional denoiser alone takes one
    suite: Suite | None = later(None)  # the captions to draw; else those of the training images
    checkpoint: int | None = later(None)  # i of those that the training kept; None for the end

    def __post_init__(self) -> None:
        require_guidance("samples at guidance", self.guidance)
        for name in ("count", "batch"):
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise Problem("samples", f"{name}={value!r}", "give a whole number from 1")
        if self.checkpoint is not None and (
            type(self.checkpoint) is not int or self.checkpoint < 1
        ):
            got = "checkpoints are counted from 1"
            raise Problem(
                f"checkpoint={self.checkpoint}", got, "give their number, None for the end"
            )
        if self.suite is not None and self.count != self.suite.count:
            got = f"a suite of {self.suite.count}"
            raise Problem(f"{self.count} samples", got, "ask for as many as the suite has")

    @property
    def passes(self) -> int:
        """How often a call of the denoiser asks its network."""
        return 1 if self.guidance == 0 else 2

    def entries(self) -> list[str]:
        return [SAMPLERS.entry(self.sampler.name)]
