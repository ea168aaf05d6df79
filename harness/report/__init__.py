"""What one reads: tables, figures, the report and the paper, made from records and nothing else.

``harness.report.layouts`` says for each study which parts its table has and which figure it gets.
A row of ``PARTS`` is a function ``(results, layout) -> Part`` and a row of ``FIGURES`` a function
``(results) -> matplotlib Figure``, both of a ``harness.report.results.Results``.
"""

from harness.table import Table

PARTS = Table(
    "part of a table",
    {
        "means": "harness.report.means:means",
        "further": "harness.report.means:further",
        "costs": "harness.report.means:costs",
        "effects": "harness.report.effects:effects",
        "resolvable": "harness.report.effects:resolvable",
        "leave_one_out": "harness.report.leave_one_out:leave_one_out",
        "floors": "harness.report.floors:floors",
        "bounds": "harness.report.bounds:bounds",
        "laws": "harness.report.laws:laws",
        "switching": "harness.report.switching:switching",
        "rates": "harness.report.rates:rates",
        "detection": "harness.report.detection:detection",
        "annotations": "harness.report.annotations:annotations",
        "crops": "harness.report.crops:crops",
        "crop_map": "harness.report.crops:crop_map",
        "specifications": "harness.report.specifications:specifications",
        "published": "harness.report.published:published",
    },
)

FIGURES = Table(
    "figure",
    {
        "cells": "harness.report.figures.cells:draw",
        "ambient_laws": "harness.report.figures.ambient_laws:draw",
        "ambient_rules": "harness.report.figures.ambient_rules:draw",
        "ambient_losses": "harness.report.figures.ambient_losses:draw",
        "tweedie_laws": "harness.report.figures.tweedie_laws:draw",
        "principles_laws": "harness.report.figures.principles_laws:draw",
        "slight_corruption_laws": "harness.report.figures.slight_corruption_laws:draw",
        "difficulty_laws": "harness.report.figures.difficulty_laws:draw",
        "rates_laws": "harness.report.figures.rates_laws:draw",
        "ctrl_laws": "harness.report.figures.ctrl_laws:draw",
        "classifier_laws": "harness.report.figures.classifier_laws:draw",
        "smooth_laws": "harness.report.figures.smooth_laws:draw",
        "cycle_laws": "harness.report.figures.cycle_laws:draw",
        "restart_laws": "harness.report.figures.restart_laws:draw",
        "painters_laws": "harness.report.figures.painters_laws:draw",
        "loops_laws": "harness.report.figures.loops_laws:draw",
        "calibration": "harness.report.figures.calibration:draw",
        "metric_sensitivity": "harness.report.figures.metric_sensitivity:draw",
        "metric_sensitivity_cifar": "harness.report.figures.metric_sensitivity:draw",
        "scenes_detector": "harness.report.figures.scenes_detector:draw",
        "scenes_t2i": "harness.report.figures.scenes_t2i:draw",
        "ambient_blur": "harness.report.figures.ambient_blur:draw",
        "arms": "harness.report.figures.arms:draw",
        "fluid_grid": "harness.report.figures.fluid_grid:draw",
        "fluid_length": "harness.report.figures.fluid_length:draw",
        "gmm_bridge": "harness.report.figures.gmm_bridge:draw",
        "ambient_scaling": "harness.report.figures.ambient_scaling:draw",
        "cep_scaling": "harness.report.figures.cep_scaling:draw",
        "cep_bridge": "harness.report.figures.cep_bridge:draw",
        "synthetic_scaling": "harness.report.figures.synthetic_scaling:draw",
        "self_consuming": "harness.report.figures.self_consuming:draw",
    },
)
