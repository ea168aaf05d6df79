"""The laws of errors by number of images: their exponents and floors, as claims.

The readings, arms and curves of ``harness.studies.synthetic_scaling``, and its claims on how the
error falls. An exponent of a law without a floor is smaller where the curve has a floor, whatever
its own exponent is. The first run showed this of samples: the claims on exponents became
exploratory, since their rule now resolves nothing where the points ask for a floor, and floors are
claimed beside them.
"""

from typing import Any

from harness.claims.claim import Claim
from harness.claims.contrast import Arm, Where
from harness.claims.curve import Curve
from harness.claims.fitted import Floor, PowerLaw, Steeper
from harness.claims.reading import Reading

NAME = "synthetic_scaling"
FAN = "Scaling Laws of Synthetic Images (Fan et al. 2023)"
ABSTRACT = f"{FAN}, abstract"
GUIDANCES = ("0", "1", "3")
MAIN = "1"
CHANGED, ADDED = "(Rule changed after the first run.)", "(Added after the first run.)"
ERROR = Reading("error", "lower", margin=0.01, scale="difference")
OUTSIDE = Reading("error_out", "lower", margin=0.01, scale="difference")
SCARCE, MOST = (1 / 32, 1 / 16), 1.0  # of the largest number


def arm(name: str, guidance: str = MAIN, **given: Any) -> Arm:
    """An arm of samples, at a guidance."""
    return {"arm": name, "guidance": guidance, **given}


def curve(who: Arm, metric: str = ERROR.metric) -> Curve:
    """A metric of an arm by number."""
    return Curve(metric, "count", who)


LAWS: dict[str, Arm] = {"real images": "real", "samples": arm("synthetic")}


def gain(name: str = "both", metric: str = ERROR.metric) -> Curve:
    """What samples beside real images do to a metric, by number of real images."""
    return Curve(metric, "count", arm(name), "real", "difference")


def at(*shares: float) -> tuple[Where, ...]:
    """Conditions: numbers of images, by the largest."""
    return tuple({"share": share} for share in shares)


def claim(id: str, statement: str, source: str, rule: Any, confirmatory: bool = True) -> Claim:
    return Claim(id, statement, source, NAME, rule, "here", confirmatory)


EXPONENT = claim(
    "synthetic-has-the-smaller-exponent",
    "The error of a classifier of samples (w = 1) falls with their number at a smaller exponent "
    f"than that of a classifier of real images. {CHANGED}",
    ABSTRACT,
    Steeper(curve("real"), curve(arm("synthetic"))),
    confirmatory=False,
)
GUIDED = claim(
    "guidance-lowers-the-exponent",
    "The error of a classifier of samples falls with their number at a larger exponent without "
    f"guidance than at w = 3. {CHANGED}",
    f"{ABSTRACT} (guidance changes the slope); the direction is ours: guidance costs diversity",
    Steeper(curve(arm("synthetic", "0")), curve(arm("synthetic", "3"))),
    confirmatory=False,
)
LAWS_AND_FLOORS = (
    *(
        claim(
            f"error-of-{name.replace(' ', '-')}-is-a-power-law",
            f"The error of classifiers of {name} is a power law of their number, with or without a "
            "floor.",
            f"{FAN}, section 3",
            PowerLaw((curve(who),)),
            confirmatory=False,
        )
        for name, who in LAWS.items()
    ),
    *(
        claim(
            f"synthetic-has-the-smaller-exponent-at-{w}",
            f"The same as at w = 1, at w = {w}. {CHANGED}",
            ABSTRACT,
            Steeper(curve("real"), curve(arm("synthetic", w))),
            confirmatory=False,
        )
        for w in GUIDANCES
        if w != MAIN
    ),
    *(
        claim(
            f"samples-have-a-floor-at-{w}",
            "The error of classifiers of samples has a floor above 0, below which their number "
            f"does not bring it, at w = {w}. {ADDED}",
            "derived here: a model misses what it has not learned",
            Floor(curve(arm("synthetic", w))),
            confirmatory=False,
        )
        for w in GUIDANCES
    ),
    claim(
        "samples-have-the-higher-floor",
        f"The floor of samples (w = 1) is above that of real images. {ADDED}",
        "derived here: a model misses what it has not learned",
        Floor(curve(arm("synthetic")), curve("real")),
        confirmatory=False,
    ),
    claim(
        "guidance-raises-the-floor",
        f"The floor of samples at w = 3 is above that without guidance. {ADDED}",
        "derived here: guidance costs diversity",
        Floor(curve(arm("synthetic", "3")), curve(arm("synthetic", "0"))),
        confirmatory=False,
    ),
    claim(
        "synthetic-has-the-smaller-exponent-above-floors",
        "With a floor in both laws, the error of samples (w = 1) falls to its own at a smaller "
        f"exponent than that of real images. {ADDED}",
        ABSTRACT,
        Steeper(curve("real"), curve(arm("synthetic")), form="power_with_floor"),
        confirmatory=False,
    ),
)
