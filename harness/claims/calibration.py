"""The line calibrated on itself: false verdicts where nothing differs, found effects where one is.

Two arms that differ in nothing (A/A) are run through the whole line over many replicates. Their
paired effects are cut into disjoint groups of the size that a claim has, and each group becomes a
synthetic study that the rules of real claims decide. A word of seen or reversed is then false. The
share of studies with such a word has the exact interval of Clopper and Pearson (1934, Biometrika
26:404) and is held against the stated 5 %.

With a planted effect, added to every pair of one arm and of the size that a study of this shape
finds with 80 % power (taken with the standard deviation of all pairs), the share of studies that
see it is held against those 80 %. Both stated rates assume normal effects; the A/A pairs are what
they are, and a miss says that they are not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from harness.claims.claim import Claim
from harness.claims.decide import decide_all
from harness.claims.paired import PairedEffect
from harness.claims.power import LEVEL, POWER, smallest_resolvable
from harness.claims.reading import Reading
from harness.problem import Problem
from harness.records.record import Record, measured


@final
@dataclass(frozen=True)
class Calibration:
    """A counted rate against a stated one, for one metric.

    studies: synthetic studies of ``conditions`` groups of ``group_size`` pairs; counted: those
    with a false word, or those in which the planted effect was seen at every condition. low, high:
    95 %, Clopper and Pearson. effect: what was planted, 0 for A/A. left_over: pairs not used.
    """

    metric: str
    what: str
    studies: int
    group_size: int
    conditions: int
    counted: int
    rate: float
    low: float
    high: float
    stated: float
    effect: float
    left_over: int

    @property
    def ok(self) -> bool:
        """Whether the interval allows the stated rate: at most it for false verdicts, at least it
        for power."""
        return (
            self.low <= self.stated if self.what == "false verdicts" else self.high >= self.stated
        )


def false_verdict_rate(
    pairs: Mapping[str, Sequence[float]], group_size: int, conditions: int = 1
) -> list[Calibration]:
    """The rate of false words among A/A pairs.

    pairs: for each metric the paired effects [n_pairs], on the scale on which claims are read.
    conditions: how many groups make one study, whose tests are pooled and adjusted together.
    Errors: a :class:`Problem` for pairs that do not make one study or are not finite.
    """
    return [_calibrate(metric, values, group_size, conditions) for metric, values in pairs.items()]


def planted_power(
    pairs: Mapping[str, Sequence[float]], group_size: int, conditions: int = 1
) -> list[Calibration]:
    """The rate at which a planted effect is seen; arguments and errors as above.

    With several conditions one group of each study carries the effect and has to be seen.
    """
    return [
        _calibrate(metric, values, group_size, conditions, planted=True)
        for metric, values in pairs.items()
    ]


def _calibrate(
    metric: str,
    values: Sequence[float],
    group_size: int,
    conditions: int,
    planted: bool = False,
) -> Calibration:
    effects = np.asarray(values, dtype=float)  # [n_pairs]
    size = group_size * conditions
    studies = len(effects) // size if group_size >= 2 and conditions >= 1 else 0
    if studies == 0:
        raise Problem(
            f"a calibration of {metric} in studies of {conditions} groups of {group_size}",
            f"{len(effects)} pairs",
            "give groups of 2 pairs or more, and pairs for at least one study",
        )
    if not np.isfinite(effects).all():
        raise Problem(f"finite effects of {metric}", "NaN or infinite ones", "leave those out")
    effect, groups = 0.0, effects[: studies * size].reshape(studies, conditions, group_size)
    if planted:
        sd, df = float(np.std(effects, ddof=1)), float(conditions * (group_size - 1))
        effect = smallest_resolvable(sd, group_size, df, LEVEL / conditions)
        groups = groups + effect * (np.arange(conditions) == 0)[:, None]
    counted = sum(_counts(metric, group, planted) for group in groups)
    low, high = clopper_pearson(counted, studies)
    return Calibration(
        metric=metric,
        what="planted effects seen" if planted else "false verdicts",
        studies=studies,
        group_size=group_size,
        conditions=conditions,
        counted=counted,
        rate=counted / studies,
        low=low,
        high=high,
        stated=POWER if planted else LEVEL,
        effect=effect,
        left_over=len(effects) - studies * size,
    )


def _counts(metric: str, group: np.ndarray, planted: bool) -> bool:
    """Whether a synthetic study [conditions, group_size] of one claim a condition counts."""
    rows: list[Record] = []
    for condition, effects in enumerate(group):
        for replicate, effect in enumerate(effects):
            for arm, value in (("treated", float(effect)), ("control", 0.0)):
                params = {"arm": arm, "condition": condition}
                rows.append(
                    measured(
                        value,
                        study="calibration",
                        cell_id=f"{arm}-{condition}",
                        params=params,
                        metric=metric,
                        unit="",
                        tier="tolerance",
                        replicate=replicate,
                    )
                )
    reading = Reading(metric, better="higher", scale="difference")
    claims = [
        Claim(
            id=f"condition {condition}",
            statement="the treated arm is higher",
            source="none",
            study="calibration",
            rule=PairedEffect((reading,), "treated", "control", ({"condition": condition},)),
            regime="here",
        )
        for condition in range(len(group))
    ]
    outcomes = [verdict.outcome for verdict in decide_all(claims, rows)]
    if planted:
        return outcomes[0] == "seen"
    return any(outcome in ("seen", "reversed") for outcome in outcomes)


def clopper_pearson(successes: int, trials: int) -> tuple[float, float]:
    """The exact 95 % interval of a share: where each tail of the binomial is half of the level."""
    from scipy.special import betaincinv

    low = betaincinv(successes, trials - successes + 1, LEVEL / 2) if successes else 0.0
    high = 1.0
    if successes < trials:
        high = betaincinv(successes + 1, trials - successes, 1 - LEVEL / 2)
    return float(low), float(high)
