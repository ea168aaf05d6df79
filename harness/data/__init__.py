"""The data sets: images with their split, their regions, their licence and their hash.

A row is a function ``name(**parameters) -> harness.data.images.Images`` with keyword-only
parameters; ``harness.data.load.load`` calls it by name and refuses a parameter that it lacks.
``digits`` and ``photos`` come with scikit-learn and scikit-image, so they need no network and no
path; ``scenes`` is rendered; ``cifar10`` reads the official archive; ``npz`` and ``folder`` read a
user's own images. ``cifar10_jpeg75`` needs files that do not come with the project.
"""

from harness.table import Table

DATASETS = Table(
    "dataset",
    {
        "digits": "harness.data.digits:digits",
        "photos": "harness.data.photos:photos",
        "scenes": "harness.data.scenes:scenes",
        "cifar10": "harness.data.cifar10:cifar10",
        "cifar10_jpeg75": "harness.data.cifar10_jpeg75:cifar10_jpeg75",
        "npz": "harness.data.npz:npz",
        "folder": "harness.data.folder:folder",
    },
)
