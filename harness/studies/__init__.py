"""Studies: each is one table, with its cells at each scale and the claims that it can decide."""

from harness.table import Table

STUDIES = Table(
    "study",
    {
        "ambient_laws": "harness.studies.ambient_laws:STUDY",
        "calibration": "harness.studies.calibration:STUDY",
        "metric_sensitivity": "harness.studies.metric_sensitivity:STUDY",
        "ambient_blur": "harness.studies.ambient_blur:STUDY",
        "ambient_blur_more": "harness.studies.ambient_blur_more:STUDY",
    },
)
