"""Studies of what the others measure with: verdicts, metrics, the detector and its scorer."""

from harness.report.columns import DAMAGES, SCORES
from harness.report.layout import Layout

INSTRUMENTS: dict[str, Layout] = {
    "calibration": Layout(parts=("rates",), figure="calibration", rows=("arm",)),
    "metric_sensitivity": Layout(parts=("floors",), figure="metric_sensitivity", order=DAMAGES),
    "metric_sensitivity_cifar": Layout(
        parts=("floors",), figure="metric_sensitivity", order=DAMAGES
    ),
    "scenes_detector": Layout(
        parts=("detection",),
        figure="scenes_detector",
        rows=("size", "layout", "damage", "severity"),
        order=("none", "blur", "noise", "jpeg"),
    ),
    "scenes_t2i": Layout(
        parts=("means", "specifications"),
        figure="scenes_t2i",
        rows=("arm", "guidance"),
        columns=SCORES,
        order=("renderer", "model", "shuffled", "chance"),
    ),
}
