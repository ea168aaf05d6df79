"""Metrics: a number about samples, with its bias, its cost and what it cannot see.

A row of ``METRICS`` is an instance. It states ``unit``, ``higher_is_better``, ``least(dimension)``
(the fewest samples it accepts; class by class, the fewest of a class), its ``right`` value or None,
which damages it ``sees`` and to which it is ``blind`` (``harness.metrics.sensitivity``), and
``needs``, which says how it is called; each call gives an ``harness.metrics.estimate.Estimate``:

    features       metric(samples, reference, generator)         Features
    logits         the same, where the extractor is a classifier
    spatial        the same, where the extractor keeps where something is
    classes        the same, where the reference has labels or the extractor is a classifier
    labels         the same, where the samples have the class that each was asked for
    images         metric(samples, reference, generator)         float32 images [N, C, H, W]
    train_images   metric(samples, held_out, train, generator)   float32 images [N, C, H, W]
    curve          metric(curve)                                 float64 [sigmas, images]

A metric of features belongs to an extractor, and its reading is named after both: ``fd_pixels``.

A row of ``EXTRACTORS`` has ``fit(reference, weights)``; what that returns maps images to
``harness.metrics.features.Features`` and has a ``name``, a ``hash`` over the numbers that it holds,
``state()`` with these numbers, and the ``side`` and ``channels`` that it takes (None: any).
``restore(state)`` of the row gives it back.
"""

from harness.table import Table

METRICS = Table(
    "metric",
    {
        "denoising_loss": "harness.metrics.denoising_loss:DENOISING_LOSS",
        "fd": "harness.metrics.frechet:FRECHET",
        "fd_infinity": "harness.metrics.frechet_infinity:FRECHET_INFINITY",
        "spatial_fd": "harness.metrics.spatial_frechet:SPATIAL_FD",
        "patch_fd_2": "harness.metrics.patch_frechet:PATCH_FD_2",
        "patch_fd_4": "harness.metrics.patch_frechet:PATCH_FD_4",
        "patch_fd_8": "harness.metrics.patch_frechet:PATCH_FD_8",
        "kid": "harness.metrics.kid:KID",
        "kernel_distance": "harness.metrics.kernel_distance:KERNEL_DISTANCE",
        "sliced_w2": "harness.metrics.sliced:SLICED_W2",
        "mind": "harness.metrics.sliced:MIND",
        "precision": "harness.metrics.prdc:PRECISION",
        "recall": "harness.metrics.prdc:RECALL",
        "density": "harness.metrics.prdc:DENSITY",
        "coverage": "harness.metrics.prdc:COVERAGE",
        "inception_score": "harness.metrics.inception_score:INCEPTION_SCORE",
        "per_class_fd": "harness.metrics.per_class_fd:PER_CLASS_FD",
        "per_class_w2": "harness.metrics.per_class_w2:PER_CLASS_W2",
        "class_accuracy": "harness.metrics.class_accuracy:CLASS_ACCURACY",
        "class_tilt": "harness.metrics.class_tilt:CLASS_TILT",
        "sample_entropy": "harness.metrics.sample_entropy:SAMPLE_ENTROPY",
        "relative_mahalanobis": "harness.metrics.relative_mahalanobis:RELATIVE_MAHALANOBIS",
        "authpct": "harness.metrics.memorisation:AUTHPCT",
        "mifid_like": "harness.metrics.memorisation:MIFID_LIKE",
        "high_frequency_ratio": "harness.metrics.spectrum:HIGH_FREQUENCY_RATIO",
        "high_frequency_error": "harness.metrics.spectrum:HIGH_FREQUENCY_ERROR",
        "spectrum_distance": "harness.metrics.spectrum:SPECTRUM_DISTANCE",
        "nearest_neighbour_ratio": "harness.metrics.nearest_neighbour:NEAREST_NEIGHBOUR_RATIO",
    },
)

EXTRACTORS = Table(
    "extractor",
    {
        "zca_pixels": "harness.metrics.zca:ZcaPixels",
        "random_conv": "harness.metrics.random_conv:RandomConv",
        "pixels": "harness.metrics.pixels:Pixels",
        "trained_digits": "harness.metrics.trained:DIGITS",
        "trained_photos": "harness.metrics.trained:PHOTOS",
        "trained_cifar10": "harness.metrics.trained:CIFAR10",
        "trained_textures": "harness.metrics.trained_textures:TEXTURES",
        "resnet56": "harness.metrics.resnet56:ResNet56",
        "inception": "harness.metrics.pretrained:INCEPTION",
        "dinov2": "harness.metrics.pretrained:DINOV2",
        "clip": "harness.metrics.pretrained:CLIP",
    },
)
