"""Patina measures what imperfect data does to generative models.

The packages stand in one order, and each imports only from those before it:

    problem, table, streams, cell, data, scale, theorem, corrupt, nets, sample, objectives,
    annotate, train, metrics, records, claims, studies, run, evaluate, report, cli

``theory`` stands before all of them and imports none of them.
"""

__version__ = "0.1.0"
