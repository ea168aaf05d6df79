"""Corruptions: what happened to the images before anyone could learn from them.

A corruption is a frozen dataclass of its parameters. ``corruption(x, generator)`` maps float32
images ``[B, C, H, W]`` in [-1, 1] to images of the same shape and dtype, and
``corruption.spectrum(height, width)`` states what it does to the DCT-II power spectrum, or None
where no such statement holds. ``EXAMPLES`` gives, for each row, the parameters that drive the
generic tests: whoever adds a row adds examples and writes no further test to be tested.
"""

from harness.table import Table

CORRUPTIONS = Table(
    "corruption",
    {
        "gaussian_blur": "harness.corrupt.gaussian_blur:GaussianBlur",
        "jpeg": "harness.corrupt.jpeg:Jpeg",
        "motion_blur": "harness.corrupt.motion_blur:MotionBlur",
        "gaussian_noise": "harness.corrupt.gaussian_noise:GaussianNoise",
    },
)

EXAMPLES: dict[str, tuple[dict[str, float], ...]] = {
    "gaussian_blur": (
        {"sigma": 0.4},
        {"sigma": 0.8},
        {"sigma": 3.0},
        {"sigma": 1.0, "truncate": 2.0},
    ),
    "jpeg": ({"quality": 15}, {"quality": 50}, {"quality": 90}),
    "motion_blur": (
        {"length": 3.0, "angle": 0.0},
        {"length": 4.5, "angle": 90.0},
        {"length": 5.0, "angle": 30.0},
        {"length": 20.0, "angle": 135.0},
    ),
    "gaussian_noise": ({"sigma": 0.05}, {"sigma": 0.2}),
}
