"""A ticker: one line on the screen about every few seconds, with the time to come."""

import sys
import time
from collections.abc import Callable
from typing import TextIO, final

from harness.run.progress import clock

INTERVAL = 5.0  # seconds between two lines


@final
class Ticker:
    """Says how far the steps of an evaluation are. quiet: says nothing."""

    def __init__(
        self,
        quiet: bool = False,
        stream: TextIO | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.quiet, self.stream, self.now = quiet, stream or sys.stderr, now

    def step(self, what: str) -> Callable[[float], None]:
        """A function to call with the share of a step that is done.

        A share that is less than the one before begins another pass of the same step, with a time
        to come of its own.
        """
        started = printed = self.now()
        before = 0.0

        def report(share: float) -> None:
            nonlocal started, printed, before
            now = self.now()
            if share < before:
                started = now
            before = share
            if now - printed >= INTERVAL and 0 < share < 1:
                printed = now
                to_come = (now - started) / share * (1 - share)
                self.say(f"{what}: {share:.0%}, about {clock(to_come)} to come")

        return report

    def say(self, text: str) -> None:
        """One line."""
        if not self.quiet:
            print(text, file=self.stream, flush=True)
