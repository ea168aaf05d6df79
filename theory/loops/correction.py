"""The idealised correction of samples, and its strength.

Gillman et al. 2024, section 4: a corrector of strength gamma in [0, infinity] replaces the model by

    pi_gamma p = (p + gamma p*) / (1 + gamma),

a mixture that keeps a share 1 / (1 + gamma) of the model's samples and draws the others from the
best model p*: an oracle. gamma = 0 is no correction, and gamma infinite gives samples of p* alone,
which are then as good as real data. In any convex distance it takes the model to p* by the factor
1 / (1 + gamma); expectations follow the mixture, and so does the variance,

    mean      (m + gamma m*) / (1 + gamma)
    variance  (v + gamma v*) / (1 + gamma) + gamma (m - m*)^2 / (1 + gamma)^2,

whose last term is the spread between the two parts. Practical correctors are other things: a
simulator of physics, the nearest of a few cluster centres, rejection sampling from a histogram.
What a corrector does that pulls to another place is in ``theory.loops.biased_corrector``, and what
the released rejection sampler does in ``theory.loops.toy``.
"""

import math
from typing import Any

from theory.parameter import REQUIRED, Parameter

FULL = "full"  # the strength of a corrector that keeps nothing; infinity is no JSON
GILLMAN = "Gillman et al. 2024, Self-Correcting Self-Consuming Loops (arXiv 2402.07087)"
BERTRAND = "Bertrand et al. 2024, On the Stability of Iterative Retraining (arXiv 2310.00429)"
MAD = "Alemohammad et al. 2024, Self-Consuming Generative Models Go MAD (arXiv 2307.01850)"


def strength(meaning: str, default: Any = REQUIRED) -> Parameter:
    """A strength of correction, a number of 0 or more or the word ``full``, as a float."""
    kind = f"a number of 0 or more, or {FULL}"

    def convert(value: Any) -> float:
        if value == FULL:
            return math.inf
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"got {type(value).__name__}; give {kind}")
        if not (math.isfinite(value) and value >= 0):
            raise ValueError(f"got {value}; give {kind}")
        return float(value)

    return Parameter(meaning, kind, convert, default)


def kept(gamma: float) -> float:
    """The share 1 / (1 + gamma) of samples that a corrector leaves; 0 for an infinite gamma."""
    return 0.0 if math.isinf(gamma) else 1 / (1 + gamma)


def replaced(gamma: float) -> float:
    """The share gamma / (1 + gamma) of samples that come from p*; 1 for an infinite gamma."""
    return 1.0 if math.isinf(gamma) else gamma / (1 + gamma)


def spread_between(gamma: float) -> float:
    """gamma / (1 + gamma)^2, the variance of a corrected sample by (m - m*)^2; at most 1/4."""
    return kept(gamma) * replaced(gamma)
