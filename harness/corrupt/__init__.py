"""Corruptions: what happened to the images before anyone could learn from them.

A corruption is a frozen dataclass of its parameters. ``corruption(x, generator)`` maps float32
images ``[B, C, H, W]`` in [-1, 1] to images of the same shape and dtype, and
``corruption.spectrum(height, width)`` states what it does to the DCT-II power spectrum, or None
where no such statement holds. ``EXAMPLES`` gives, for each row, the parameters that drive the
generic tests: whoever adds a row adds examples and writes no further test to be tested. One that
does not take both grey images and those of 3 channels lists the numbers that it takes in
``channels`` and refuses the others.
"""

from harness.table import Table

CORRUPTIONS = Table(
    "corruption",
    {
        "gaussian_blur": "harness.corrupt.gaussian_blur:GaussianBlur",
        "jpeg": "harness.corrupt.jpeg:Jpeg",
        "motion_blur": "harness.corrupt.motion_blur:MotionBlur",
        "down_up": "harness.corrupt.down_up:DownUp",
        "pixelate": "harness.corrupt.pixelate:Pixelate",
        "gaussian_noise": "harness.corrupt.gaussian_noise:GaussianNoise",
        "random_mask": "harness.corrupt.random_mask:RandomMask",
        "box_mask": "harness.corrupt.box_mask:BoxMask",
        "colour_shift": "harness.corrupt.colour_shift:ColourShift",
        "contrast": "harness.corrupt.contrast:Contrast",
        "saturation": "harness.corrupt.saturation:Saturation",
        "mixed": "harness.corrupt.mixed:Mixed",
    },
)

EXAMPLES: dict[str, tuple[dict[str, object], ...]] = {
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
    "down_up": ({"factor": 2}, {"factor": 4}, {"factor": 3, "kernel": "bicubic"}),
    "pixelate": ({"factor": 2}, {"factor": 3}, {"factor": 4}),
    "gaussian_noise": ({"sigma": 0.05}, {"sigma": 0.2}),
    "random_mask": ({"share": 0.3}, {"share": 0.9, "fill": -1.0}),
    "box_mask": ({"share": 0.25}, {"share": 0.6, "fill": 0.5}),
    "colour_shift": (
        {"red": 0.3, "green": 0.3, "blue": 0.3},
        {"red": 0.3},
        {"red": -0.5, "green": 0.1, "blue": 0.4},
    ),
    "contrast": ({"factor": 0.5}, {"factor": 0.1}, {"factor": 2.0}),
    "saturation": ({"factor": 0.5}, {"factor": 0.0}, {"factor": 3.0}),
    "mixed": (
        {"of": ({"name": "gaussian_blur", "sigma": 0.8}, {"name": "gaussian_noise", "sigma": 0.2})},
        {"of": ({"name": "pixelate", "factor": 2}, {"name": "jpeg", "quality": 15})},
    ),
}

# What happens to the embedded condition in training (``harness.corrupt.perturbation``);
# ``PERTURBED`` drives the generic tests.
PERTURBATIONS = Table(
    "perturbation",
    {
        "cep_uniform": "harness.corrupt.cep:CepUniform",
        "cep_gaussian": "harness.corrupt.cep:CepGaussian",
        "embedding_dropout": "harness.corrupt.embedding_dropout:EmbeddingDropout",
        "label_smoothing": "harness.corrupt.label_smoothing:LabelSmoothing",
    },
)

PERTURBED: dict[str, tuple[dict[str, object], ...]] = {
    "cep_uniform": ({}, {"gamma": 0.5}, {"gamma": 10.0}, {"gamma": 0.0}, {"fixed": True}),
    "cep_gaussian": ({}, {"gamma": 0.1}, {"gamma": 5.0}, {"gamma": 0.0}, {"fixed": True}),
    "embedding_dropout": ({}, {"rate": 0.5}, {"rate": 0.0}),
    "label_smoothing": ({}, {"share": 0.5}, {"share": 0.0}),
}

# What happened to the labels. ``row.law(classes, prior)`` is the law of what a label of each class
# becomes where it is corrupted, float64 ``[C, C]`` (``harness.corrupt.transition``), by the shares
# of the classes. One with ``row.pairs(labels, count, generator)`` lets images swap their labels, by
# pairs. ``RELABELLED`` drives the generic tests, on digits or on the captions of scenes.
RELABELLINGS = Table(
    "relabelling",
    {
        "flips": "harness.corrupt.flips:Flips",
        "confusions": "harness.corrupt.confusions:Confusions",
        "swaps": "harness.corrupt.swaps:Swaps",
        "edits": "harness.corrupt.edits:Edits",
    },
)

RELABELLED: dict[str, tuple[dict[str, object], ...]] = {
    "flips": ({},),
    "confusions": ({"groups": ((3, 8, 5), (4, 9))}, {"groups": (tuple(range(10)),)}),
    "swaps": ({},),
    "edits": ({},),
}
