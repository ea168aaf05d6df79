"""What ``patina fit`` takes, and the words of its ``--help``."""

import argparse
from pathlib import Path

FIT = "Fit scaling laws to your own points: exponents with intervals, and how far to trust them."
WAY = """\
example: a file points.csv such as

  N,D,loss,run
  1e6,2e7,4.31,small-1
  1e6,4e7,4.02,small-1
  1e6,2e7,4.29,small-2
  ...

and then

  patina fit points.csv --x N,D --y loss --run run --at 1e9,2e10 --out fit/
  patina fit points.csv --x N --y loss --form power,power_with_floor

One column under --x fits power laws with and without a floor, a broken one and an exponential; two
fit E + A N^-alpha + B D^-beta and its alternatives. Lines of one size are replicates. Lines of one
run (its checkpoints, say) belong together, so name each training run for itself. The table gives
each parameter with two 95 % intervals: from resampled runs, and from the likelihood. A fit needs 5
sizes over a factor of 10. AICc: less is better, and below 2 apart is a draw. The held-out error is
that of predicting the largest fifth of the sizes from the others: read it before you extrapolate.

The star marks the sound form of least AICc; "!" says what is wrong with a form. "open" is an end
that the points do not set, "none" an interval that would say more than they do. Runs that are equal
to the last digit, and a loss that does not change, are refused. Where runs differ as wholes by more
than their noise, give --delta above that difference. Points times draws are at most 1e8: a million
lines at --bootstrap 100, minutes a form."""


def add(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("file", type=Path, metavar="FILE.csv", help="points, names on the first line")
    sub.add_argument("--x", required=True, metavar="N[,D]", help="the columns of sizes")
    sub.add_argument("--y", required=True, metavar="loss", help="the column to explain")
    sub.add_argument("--run", metavar="COLUMN", help="which run a line is of (each its own)")
    sub.add_argument("--form", metavar="NAME[,NAME]", help="these forms alone")
    sub.add_argument(
        "--at", action="append", default=[], metavar="N[,D]",
        help="predict the loss there; may be given again",
    )  # fmt: skip
    sub.add_argument(
        "--delta", type=float, default=1e-3,
        help="log residuals beyond count in proportion to their size (0.001)",
    )  # fmt: skip
    sub.add_argument("--bootstrap", type=int, default=1000, metavar="B", help="draws (1000)")
    sub.add_argument("--seed", type=int, default=0, help="of the draws")
    sub.add_argument(
        "--out", type=Path, default=Path("fit"), metavar="DIR",
        help="where fit.json and fit.pdf, .svg, .png go (fit/)",
    )  # fmt: skip
