"""Statements of theory about imperfect data, each with its exact value beside the printed one.

One package a paper, whose docstring is the paper's setting and notation; in it one module a
statement, whose docstring is a page of theory, and a table ``LAWS`` of the laws that a study, the
command line and the tests can ask for. ``theory.law`` says what a law is. What the papers share is
beside the packages: densities on the line and their distances (``density``, ``distance``,
``kernel_density``, ``quadrature``), Gaussians (``gaussian``), mixtures in any dimension
(``mixture``), noise schedules (``schedule``).
"""

from theory import (
    ambient,
    classifier,
    ctrl,
    cycle,
    difficulty,
    loops,
    painters,
    principles,
    rates,
    restart,
    slight_corruption,
    smooth,
    tweedie,
)

LAWS: dict[str, str] = (
    ambient.LAWS
    | tweedie.LAWS
    | slight_corruption.LAWS
    | loops.LAWS
    | restart.LAWS
    | painters.LAWS
    | difficulty.LAWS
    | rates.LAWS
    | ctrl.LAWS
    | classifier.LAWS
    | smooth.LAWS
    | cycle.LAWS
    | principles.LAWS
)
