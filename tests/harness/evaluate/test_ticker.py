"""The ticker, with a clock of its own."""

import io

import numpy as np

from harness.evaluate.ticker import Ticker
from harness.metrics.features import WATCH, Features, Watch


def test_a_line_every_five_seconds_with_the_time_to_come() -> None:
    time, out = [0.0], io.StringIO()
    report = Ticker(stream=out, now=lambda: time[0]).step("work")
    for second in range(1, 21):
        time[0] = second
        report(second / 20)
    lines = out.getvalue().splitlines()
    assert lines == [
        "work: 25%, about 15 s to come",
        "work: 50%, about 10 s to come",
        "work: 75%, about 5 s to come",
    ]


def test_another_pass_has_a_time_of_its_own() -> None:
    time, out = [0.0], io.StringIO()
    report = Ticker(stream=out, now=lambda: time[0]).step("work")
    for now, share in ((100.0, 1.0), (110.0, 0.1), (120.0, 0.6)):
        time[0] = now
        report(share)
    assert out.getvalue().splitlines()[-1] == "work: 60%, about 7 s to come"


def test_quiet_says_nothing() -> None:
    time, out = [0.0], io.StringIO()
    report = Ticker(quiet=True, stream=out, now=lambda: time[0]).step("work")
    time[0] = 50
    report(0.5)
    assert not out.getvalue()


def test_only_the_outermost_pass_over_features_is_heard() -> None:
    heard: list[float] = []
    watch = Watch(heard.append)
    a, b = Features(np.zeros((10, 2))), Features(np.zeros((6, 2)))
    a.memory[WATCH] = b.memory[WATCH] = watch
    for _ in a.pieces(5):
        for _ in b.pieces(2):
            pass
    assert heard == [0.5, 1.0]
    next(b.pieces(2))  # left in the middle
    for _ in b.pieces(3):
        pass
    assert heard == [0.5, 1.0, 0.5, 1.0]
