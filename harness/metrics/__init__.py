"""Metrics: a number about samples, with its bias, its cost and what it cannot see.

A row of ``METRICS`` is an instance. It states ``unit``, ``higher_is_better``, ``extractor`` (a row
of ``EXTRACTORS``, or None), ``least(dimension)`` (the fewest samples it accepts) and ``needs``,
which says how it is called; each call gives an ``harness.metrics.estimate.Estimate``:

    features       metric(samples, reference, generator)         float64 features [N, d]
    images         metric(samples, reference, generator)         float32 images [N, C, H, W]
    train_images   metric(samples, held_out, train, generator)   float32 images [N, C, H, W]
    curve          metric(curve)                                 float64 [sigmas, images]

A row of ``EXTRACTORS`` is a class with ``fit(reference)``; what that returns maps images to
float64 features and has a ``name`` and a ``hash``.
"""

from harness.table import Table

METRICS = Table(
    "metric",
    {
        "denoising_loss": "harness.metrics.denoising_loss:DENOISING_LOSS",
        "fd_zca_pixels": "harness.metrics.frechet:ZCA_PIXELS",
        "fd_random_conv": "harness.metrics.frechet:RANDOM_CONV",
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
    },
)
