"""What the threshold on a classifier measures: Vincze-Le Cam, not total variation.

*Rule* (Daras et al. 2025, section 3.1). A classifier c tells clean from corrupted samples under
noise sigma; corrupted data are used from the first sigma on at which its mean probability of
clean, over corrupted data, exceeds 1/2 - epsilon (0.45 in the paper).

*Printed* (section 4): with an optimal classifier this is the first time at which TV(P_sigma,
Q_sigma) <= epsilon; the optimal classifier exactly tracks TV.

*What holds, derived here.* For equal numbers of both the optimal classifier is c* = p / (p + q),
and

    E_q[c*] = int p q / (p + q) = 1/2 - VC / 4,      VC = int (p - q)^2 / (p + q),   (identity)
    2 TV^2 <= VC <= 2 TV.                                                            (ordering)

Proof of the identity: 4 p q = (p + q)^2 - (p - q)^2; divide by 4 (p + q), integrate. Of the
ordering: |p - q| <= p + q gives VC <= int |p - q| = 2 TV; Cauchy and Schwarz on |p - q| /
sqrt(p + q) times sqrt(p + q) give (2 TV)^2 <= 2 VC. Hence

    1/2 - TV/2 <= E_q[c*] <= 1/2 - TV^2/2,      while "tracks TV" would be 1/2 - TV,

so that the rule is VC < 4 epsilon, and with s(t) the first sigma at which TV <= t,

    s(sqrt(2 epsilon)) <= accepted level <= s(2 epsilon) <= s(epsilon).

The printed level s(epsilon) is never reached earlier than the rule accepts: at the rule's own level
TV lies between 2 epsilon and sqrt(2 epsilon), up to 6 times epsilon at 0.05. For p, q with
different means TV falls as 1/sigma and VC as 1/sigma^2, so that the two levels differ by a factor
of order 1/sqrt(epsilon).

*A rule that does track TV*: the accuracy of the optimal classifier, which is 1/2 int max(p, q) =
(1 + TV) / 2. Corrupted data accepted where the accuracy is at most (1 + epsilon) / 2 are accepted
from s(epsilon) on, exactly (``accuracy_rule``).

*What neither rule sees*: how many samples there are. Both levels depend on p, q and epsilon alone,
while the level from which on biased data lower the error grows with the number of clean samples
(``theory.ambient.switching_law``). For Beta(2,2) against Beta(4,4) the thresholds 0.45 and 0.47
accept at every noise, 0.49 from 0.146 on; the errors cross near 0.63 with 100 clean samples and
near 2.6 with 1600.
"""

from typing import ClassVar, final

import numpy as np

from theory.ambient.contraction import OMNI, PAIR
from theory.ambient.crossing import first_at_most
from theory.density import Density, Line
from theory.distance import total_variation, vincze_le_cam
from theory.law import Law, Params, Value
from theory.parameter import inside, line
from theory.quadrature import Array, integrate, sign_changes


def mean_probability(p: Line, q: Line) -> float:
    """E_q[c*] = ``int p q / (p + q)`` in [0, 1/2], atoms included."""
    atomic = sum(p.atoms[a] * q.atoms[a] / (p.atoms[a] + q.atoms[a]) for a in sorted(_both(p, q)))

    def integrand(x: Array) -> Array:
        log_p, log_q = p.log_pdf(x), q.log_pdf(x)
        there = np.isfinite(log_p) & np.isfinite(log_q)
        log_p, log_q = np.where(there, log_p, 0.0), np.where(there, log_q, 0.0)
        return np.where(there, np.exp(log_p + log_q - np.logaddexp(log_p, log_q)), 0.0)

    return float(atomic) + integrate(integrand, np.union1d(p.edges(2.0), q.edges(2.0)))


def accuracy(p: Line, q: Line) -> float:
    """The share that c* > 1/2 gets right, ``1/2 int max(p, q)`` in [1/2, 1], atoms included."""
    points = p.atoms.keys() | q.atoms.keys()
    atomic = sum(max(p.atoms.get(a, 0.0), q.atoms.get(a, 0.0)) for a in sorted(points))
    grid = np.union1d(p.edges(1 / 8), q.edges(1 / 8))
    cuts = sign_changes(lambda x: p.pdf(x) - q.pdf(x), grid)
    edges = np.unique(np.concatenate([grid[::16], grid[-1:], cuts]))
    return 0.5 * float(atomic + integrate(lambda x: np.maximum(p.pdf(x), q.pdf(x)), edges))


def _both(p: Line, q: Line) -> set[float]:
    return p.atoms.keys() & q.atoms.keys()


def _scale(p: Density, q: Density) -> float:
    """A noise of the size of the pair: their spreads, and how far apart they are."""
    return float(np.sqrt(p.variance + q.variance + (p.mean - q.mean) ** 2)) or 1.0


def accepted_level(p: Density, q: Density, epsilon: float) -> float:
    """The first sigma from which on E_q[c*] >= 1/2 - epsilon; 0 where no noise is needed."""
    return first_at_most(
        lambda sigma: 0.5 - mean_probability(p.noised(sigma), q.noised(sigma)),
        epsilon,
        _scale(p, q),
    )


def distance_level(p: Density, q: Density, distance: float) -> float:
    """The first sigma from which on TV(P_sigma, Q_sigma) <= distance; 0 where none is needed."""
    return first_at_most(
        lambda sigma: total_variation(p.noised(sigma), q.noised(sigma)), distance, _scale(p, q)
    )


def accuracy_level(p: Density, q: Density, epsilon: float) -> float:
    """The first sigma from which on the accuracy of c* is at most (1 + epsilon) / 2."""
    return first_at_most(
        lambda sigma: accuracy(p.noised(sigma), q.noised(sigma)), (1 + epsilon) / 2, _scale(p, q)
    )


@final
class ClassifierMean(Law):
    """The optimal classifier's mean probability of clean; parameters p, q, sigma."""

    name = "ambient.classifier_mean"
    statement = (
        "the mean probability of clean that the optimal classifier gives to corrupted data tracks "
        "total variation: E_q[c*] = 1/2 - TV(P_sigma, Q_sigma)"
    )
    source = f"{OMNI}, section 4"
    unit = "1"
    parameters = PAIR
    example: ClassVar = {"p": "normal(0,1)", "q": "normal(1,1)", "sigma": 1.124}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        p, q, sigma = self.read(params)
        return Value(mean_probability(p.noised(sigma), q.noised(sigma)))

    def printed(self, params: Params) -> Value | None:
        p, q, sigma = self.read(params)
        return Value(0.5 - total_variation(p.noised(sigma), q.noised(sigma)))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``identity``, its two bounds by TV, and ``accuracy_tv``, TV read off the accuracy."""
        p, q, sigma = self.read(params)
        p, q = p.noised(sigma), q.noised(sigma)
        tv = total_variation(p, q)
        return {
            "identity": Value(0.5 - vincze_le_cam(p, q) / 4),
            "at_least": Value(0.5 - tv / 2),
            "at_most": Value(0.5 - tv * tv / 2),
            "tv": Value(tv),
            "accuracy_tv": Value(2 * accuracy(p, q) - 1),
        }


@final
class ThresholdRule(Law):
    """The noise level from which on the rule accepts corrupted data; parameters p, q, epsilon."""

    name = "ambient.threshold_rule"
    statement = (
        "the threshold E_q[c*] > 1/2 - epsilon accepts corrupted data from the first noise level "
        "on at which TV(P_sigma, Q_sigma) <= epsilon"
    )
    source = f"{OMNI}, sections 3.1 and 4"
    unit = "units of the line"
    parameters: ClassVar = {
        "p": line("law of the clean data"),
        "q": line("law of the corrupted data"),
        "epsilon": inside("how far below 1/2 the threshold lies", 0.0, 0.5, default=0.05),
    }
    example: ClassVar = {"p": "normal(0,1)", "q": "normal(1,1)", "epsilon": 0.05}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(accepted_level(*self.read(params)))

    def printed(self, params: Params) -> Value | None:
        return Value(distance_level(*self.read(params)))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """TV at the accepted level, the levels that enclose it, and that of the accuracy rule."""
        p, q, epsilon = self.read(params)
        level = accepted_level(p, q, epsilon)
        return {
            "tv": Value(total_variation(p.noised(level), q.noised(level)), unit="1"),
            "at_most": Value(distance_level(p, q, 2 * epsilon)),
            "at_least": Value(distance_level(p, q, (2 * epsilon) ** 0.5)),
            "accuracy_rule": Value(accuracy_level(p, q, epsilon)),
        }
