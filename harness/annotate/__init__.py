"""Annotators: from which noise level on, or up to which, an imperfect image may be used.

An annotator is a frozen dataclass of its parameters. ``annotator(case)`` gives float32 [n, 2], the
levels (sigma_min, sigma_max) of the n imperfect images of a ``harness.annotate.case.Case``, in the
units of the images: an image is admissible where sigma > buffer * sigma_min or sigma < sigma_max.
A level that is never reached from above is inf, and 0 and 0 admit an image everywhere. All that is
drawn comes from the case's generator.

``annotator.flops(shape, clean, imperfect)`` counts the products that it takes to annotate so many
images of a shape (C, H, W), training included, as those of the networks are counted. One that
measures more than levels has ``explained(case)``, the levels with its measurements by name; the
stage ``annotate`` leaves these as rows.
"""

from harness.table import Table

ANNOTATORS = Table(
    "annotator",
    {
        "fixed": "harness.annotate.fixed:Fixed",
        "spectral": "harness.annotate.spectral:Spectral",
        "bayes": "harness.annotate.bayes:Bayes",
        "oracle": "harness.annotate.oracle:Oracle",
        "classifier": "harness.annotate.classifier:Classifier",
        "crops": "harness.annotate.crops:Crops",
        "quality": "harness.annotate.quality:Quality",
        "shuffled": "harness.annotate.shuffled:Shuffled",
        "file": "harness.annotate.file:File",
    },
)
