"""Objectives: what a denoiser is asked to predict, from what, and at which noise levels.

An objective is a frozen dataclass of its parameters, an ``harness.objectives.objective.Objective``:

    buffer                 an image is admissible where sigma > buffer * sigma_min
    pair(..)               the noisy input and the target of an image at a level
    factor(..)             the weight of its squared error; None, unless said otherwise, for 1
    extra(denoiser, ..)    what is added to it, such as a tie between levels; nothing otherwise
    passes                 passes of the network for a training image, which the bill counts
    fresh, noised          what the noise of an annotation is: drawn anew, or in the image already

Its module states the population minimiser. ``EXAMPLES`` gives, for each row, the parameters that
drive the generic tests: whoever adds a row adds examples and writes no further test to be tested.
"""

from harness.table import Table

OBJECTIVES = Table(
    "objective",
    {
        "denoising": "harness.objectives.denoising:Denoising",
        "ambient": "harness.objectives.ambient:Ambient",
        "consistency": "harness.objectives.consistency:Consistency",
        "input_perturbation": "harness.objectives.input_perturbation:InputPerturbation",
    },
)

EXAMPLES: dict[str, tuple[dict[str, object], ...]] = {
    "denoising": ({}, {"buffer": 1.3}),
    "ambient": (
        {},
        {"cap": 2.0},
        {"cap": None},
        {"cap": None, "weight": "one"},
        {"cap": None, "clip": 2.0},
        {"fresh": True},
        {"noised": True},
    ),
    "consistency": (
        {},
        {"weight": 0.0},
        {"weight": 0.5, "gap": 0.5, "antithetic": False, "gradient": "all"},
        {"estimator": "average", "trajectories": 4, "antithetic": False, "steps": 1},
        {"trajectories": 3, "gradient": "lower", "cap": None},
    ),
    "input_perturbation": ({}, {"gamma": 1.0}, {"gamma": 0.0}),
}
