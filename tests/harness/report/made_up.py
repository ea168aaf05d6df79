"""Records made up for any study, from the cells that it asks for and the metrics that it speaks of.

A study that gets a layout, claims or a part of a table needs nothing here: what they name is found.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from harness.cell import Cell
from harness.metrics.measurement import SAMPLES
from harness.records.record import Record, measured
from harness.report import detection
from harness.report.layouts import layout
from harness.studies import STUDIES
from harness.train import sigma_max

ARMS = {"clean": 0.0, "all": -0.02, "gated": -0.05, "ambient": -0.05, "buffered": -0.05}
LOSSES = ("denoising_loss", "denoising_loss/china", "denoising_loss/coffee")  # two photographs
LEVELS = ("denoising_error/0.02", "denoising_error/2")
SHARES = ("detection_error", "verdict_error", "largest_detection_error")


def records_of(study: str, cells: Sequence[Cell]) -> list[Record]:
    """What the cells could have measured; the same for the same cells."""
    rng = np.random.default_rng(0)
    return [row for cell in cells for row in _records(study, cell, rng)]


def _records(study: str, cell: Cell, rng: np.random.Generator) -> list[Record]:
    labels, found = cell.labels(), []
    lawful = "law" in labels
    for replicate in range(1 if lawful else cell.replicates):
        if lawful:
            values = _law(study, cell)
        else:
            effect = ARMS.get(str(labels.get("arm")), -0.1)
            effect += 0.1 * len(str(labels.get("damage", "")))
            names = _metrics(study, cell)
            values = {name: math.exp(effect + 0.005 * rng.standard_normal()) for name in names}
        for metric, value in values.items():
            row: dict[str, Any] = {"study": study, "cell_id": cell.cell_id, "params": labels}
            row |= {"metric": metric, "unit": "1", "tier": "tolerance", "n": 100}
            number = value / 10 if metric.startswith(SHARES) else value
            found.append(measured(number, 1e-6, replicate=None if lawful else replicate, **row))
    return found


def _metrics(study: str, cell: Cell) -> list[str]:
    """What the stages of a cell measure, the layout shows and the claims name."""
    shown = layout(study)
    named = [metric for stage in cell.stages for metric in getattr(stage.params, "metrics", ())]
    if "floors" in shown.parts:
        return named
    named += [*SAMPLES, *LOSSES, *LEVELS, *shown.columns]
    named += [metric for metric, _ in shown.against.readings] if shown.against else []
    named += [metric for claim in STUDIES[study].claims for metric in claim.rule.named()[0]]
    named += detection.METRICS if "detection" in shown.parts else ()
    named += [f"{sigma_max.MAP}{size}" for size in (1, 2)] if "crop_map" in shown.parts else ()
    return list(dict.fromkeys(named))


def _law(study: str, cell: Cell) -> dict[str, float]:
    """Rows of a law that are easy to check: slopes of -2 and -1/2, switches at 0.5 and 1."""
    p = cell.labels()
    name = str(p["law"])
    if study != "ambient_laws":
        named = {metric for claim in STUDIES[study].claims for metric in claim.rule.named()[0]}
        base = {"exact": 0.5, "printed": 1.0, "printed/exact": 2.0, "void": 0.0}
        return base | dict.fromkeys(named - set(base), 0.7)
    sigma = float(p["sigma"])
    if name == "kernel_estimate":
        n = float(p["n"]) ** -0.5
        return {"exact": n, "printed": 9 * n, "expectation": 1.5 * n, "void": 0.0}
    if name == "switching_point":
        ratio = {"exact": 0.5, "printed": 1.0, "order_ratio": 0.0, "asymptotic_ratio": 99.0}
        return {metric: 2.0 if sigma < switch else 0.5 for metric, switch in ratio.items()}
    exact = {"exact": 0.01 / sigma**2, "large_noise": 0.01 / sigma**2, "void": 0.0}
    bounded = {} if "normal" in str(p["p"]) else {"printed": 30.0 / sigma}
    return {**exact, **bounded, "dobrushin": 20.0 / sigma}
