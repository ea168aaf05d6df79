"""Objectives: what a denoiser is asked to predict, from what, and at which noise levels."""

from harness.table import Table

OBJECTIVES = Table(
    "objective",
    {
        "denoising": "harness.objectives.denoising:Denoising",
        "ambient": "harness.objectives.ambient:Ambient",
    },
)
