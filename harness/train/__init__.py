"""Training: the material, the pool of admissible images, the loop, and what a cell asks of it."""

from harness.table import Table

# What mends the samples of a model before the next one is trained on them
# (``harness.train.corrector``).
CORRECTORS = Table(
    "corrector",
    {
        "centres": "harness.train.centres:Centres",
        "oracle": "harness.train.nearest_image:NearestImage",
        "biased": "harness.train.other_class:OtherClass",
    },
)
