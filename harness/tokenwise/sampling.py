"""What a cell asks of the drawing of tokens."""

from dataclasses import dataclass
from typing import final

from harness.cell import later
from harness.problem import Problem
from harness.scenes.suite import Suite
from harness.tokens.manner import Manner


@final
@dataclass(frozen=True)
class TokenSampling:
    """Parameters of the stage ``sample_tokens``; guidance to steps as in ``harness.tokens.manner``.

    suite: the captions to draw; else those of random training images, where there is a condition.
    """

    count: int  # samples of each replicate
    guidance: float = 0.0
    temperature: float = 1.0
    solver: str = "heun"
    steps: int = 24
    batch: int = 500
    copy: int = 0
    suite: Suite | None = later(None)

    def __post_init__(self) -> None:
        for name in ("count", "batch"):
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise Problem("samples", f"{name}={value!r}", "give a whole number from 1")
        if self.suite is not None and self.count != self.suite.count:
            got = f"a suite of {self.suite.count}"
            raise Problem(f"{self.count} samples", got, "ask for as many as the suite has")
        _ = self.manner

    @property
    def manner(self) -> Manner:
        """Raises ``Problem`` for what is none."""
        return Manner(self.guidance, self.temperature, self.solver, self.steps)

    def entries(self) -> list[str]:
        return []
