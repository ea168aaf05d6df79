"""Studies: each is one table, with its cells at each scale and the claims that it can decide."""

from harness.table import Table

STUDIES = Table(
    "study",
    {
        "ambient_laws": "harness.studies.ambient_laws:STUDY",
        "ambient_rules": "harness.studies.ambient_rules:STUDY",
        "ambient_losses": "harness.studies.ambient_losses:STUDY",
        "tweedie_laws": "harness.studies.tweedie_laws:STUDY",
        "principles_laws": "harness.studies.principles_laws:STUDY",
        "slight_corruption_laws": "harness.studies.slight_corruption_laws:STUDY",
        "difficulty_laws": "harness.studies.difficulty_laws:STUDY",
        "rates_laws": "harness.studies.rates_laws:STUDY",
        "ctrl_laws": "harness.studies.ctrl_laws:STUDY",
        "classifier_laws": "harness.studies.classifier_laws:STUDY",
        "smooth_laws": "harness.studies.smooth_laws:STUDY",
        "cycle_laws": "harness.studies.cycle_laws:STUDY",
        "restart_laws": "harness.studies.restart_laws:STUDY",
        "painters_laws": "harness.studies.painters_laws:STUDY",
        "loops_laws": "harness.studies.loops_laws:STUDY",
        "calibration": "harness.studies.calibration:STUDY",
        "metric_sensitivity": "harness.studies.metric_sensitivity:STUDY",
        "metric_sensitivity_cifar": "harness.studies.metric_sensitivity_cifar:STUDY",
        "scenes_detector": "harness.studies.scenes_detector:STUDY",
        "scenes_t2i": "harness.studies.scenes_t2i:STUDY",
        "ambient_blur": "harness.studies.ambient_blur:STUDY",
        "ambient_blur_more": "harness.studies.ambient_blur_more:STUDY",
        "ambient_jpeg": "harness.studies.ambient_jpeg:STUDY",
        "ambient_motion": "harness.studies.ambient_motion:STUDY",
        "ambient_other": "harness.studies.ambient_other:STUDY",
        "ambient_loss": "harness.studies.ambient_loss:STUDY",
        "ambient_ood": "harness.studies.ambient_ood:STUDY",
        "annotators": "harness.studies.annotators:STUDY",
        "clean_fraction": "harness.studies.clean_fraction:STUDY",
        "ambient_scenes": "harness.studies.ambient_scenes:STUDY",
    },
)
