"""What the table of a study shows, and its figure. The rows are in ``harness.report.layouts``."""

from dataclasses import dataclass
from typing import final

from harness.claims.contrast import Scale


@final
@dataclass(frozen=True)
class Against:
    """Paired effects of every arm against one.

    baseline: the arm that the others are held against, in the cell that shares the other factors.
    readings: metrics, each with the scale of its effect. shared: factors with the level at which
    the baseline stands for all, where it has no cell at the others.
    """

    baseline: str
    readings: tuple[tuple[str, Scale], ...]
    shared: tuple[tuple[str, str], ...] = ()


@final
@dataclass(frozen=True)
class Layout:
    """parts: rows of ``PARTS``; rows: the factors that label a row, first those that group;
    columns: metrics, all without a slash where none is named; further: those of a second table of
    means; order: of the levels of factors;
    series: the factor that a figure of effects tells apart by colour and marker; elsewhere: lines
    of that figure, each with what it lacks and which study has it; told: what a caption of the
    figure and of the means says of all rows."""

    parts: tuple[str, ...] = ("means",)
    figure: str = "cells"
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    further: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    against: Against | None = None
    series: str = "arm"
    elsewhere: tuple[tuple[str, str], ...] = ()
    told: str = ""
