"""The data sets: images with their split, their regions, their licence and their hash.

A row is a function ``name(**parameters) -> harness.data.images.Images`` with keyword-only
parameters; ``harness.data.load.load`` calls it by name, refuses a parameter that it lacks, and
takes a part of any set by the names of its ``classes`` or ``sources``.

``digits``, ``photos`` and ``textures`` come with scikit-learn and scikit-image, and ``scenes``,
``procedural`` images and a ``gaussian_mixture`` are drawn, so that they need no network and no
path; ``cifar10`` reads the official archive; ``npz`` and ``folder`` read a user's own images.
``cifar10_jpeg75`` needs files that do not come with the project.
"""

from harness.table import Table

DATASETS = Table(
    "dataset",
    {
        "digits": "harness.data.digits:digits",
        "photos": "harness.data.photos:photos",
        "textures": "harness.data.textures:textures",
        "procedural": "harness.data.procedural:procedural",
        "gaussian_mixture": "harness.data.gaussian_mixture:gaussian_mixture",
        "scenes": "harness.data.scenes:scenes",
        "cifar10": "harness.data.cifar10:cifar10",
        "cifar10_jpeg75": "harness.data.cifar10_jpeg75:cifar10_jpeg75",
        "npz": "harness.data.npz:npz",
        "folder": "harness.data.folder:folder",
    },
)
