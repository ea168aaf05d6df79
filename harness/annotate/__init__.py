"""Annotators: from which noise level on, or up to which, an imperfect image may be used."""

from harness.table import Table

ANNOTATORS = Table(
    "annotator",
    {
        "fixed": "harness.annotate.fixed:Fixed",
        "spectral": "harness.annotate.spectral:Spectral",
    },
)
