"""Whether the imperfect images of a training can be of use, tried before anything is run.

An annotator that reads the noise of the images needs images that were noised; a level that is the
same for all must lie within the noise that a training sees, or nothing is ever admitted and the arm
is the clean one under another name; and the clean images are to be one at least.
"""

from functools import cache

import numpy as np

from harness.annotate import ANNOTATORS
from harness.annotate.case import Case
from harness.annotate.parameter import TOP
from harness.cell import Part
from harness.objectives import OBJECTIVES
from harness.problem import Problem
from harness.run.card import image_count
from harness.train.training import Training

BY_NOISE = "oracle"  # which asks for Gaussian noise
ONE_LEVEL = "fixed"
NONE = np.zeros((0, 1, 1, 1), np.float32)


def require_annotated(training: Training) -> None:
    """Refuse a pool of which nothing is clean or nothing ever admitted. Raises ``Problem``."""
    count = image_count(training.dataset)
    if training.pool in ("clean", "mixed") and round(training.clean_fraction * count) < 1:
        asked = f"clean_fraction={training.clean_fraction:g} of {training.dataset}"
        got, fix = f"none of its {count:,} images clean", f"give 1/{count} or more"
        raise Problem(asked, got, fix)
    if training.annotator is None or training.pool not in ("mixed", "imperfect"):
        return
    annotator = training.annotator
    if annotator.name == BY_NOISE:  # which looks at the corruption and at no image
        given = Case(NONE, NONE, np.random.default_rng(0), training.corruption)
        ANNOTATORS.make(annotator)(given)
    levels = annotator.kwargs()
    low, high = levels.get("sigma_min", 0.0), levels.get("sigma_max", 0.0)
    if annotator.name == ONE_LEVEL and low is not None and high == 0:
        buffer = _buffer(training.objective)
        if buffer * low >= TOP:
            asked = f"the annotator {annotator} with the buffer {buffer:.3g}"
            got = f"no imperfect image admitted at any noise level: the grid ends at {TOP:g}"
            raise Problem(asked, got, "give a lower sigma_min, or train on the pool 'clean'")


@cache
def _buffer(objective: Part) -> float:
    """Times sigma_min, from where on an image is admitted; 1 of an objective that names none."""
    return float(getattr(OBJECTIVES.make(objective), "buffer", 1.0))
