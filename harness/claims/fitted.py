r"""Claims about laws in a size: a metric is a power law, an exponent a number, an effect shrinks.

What is fitted is a curve (``harness.claims.curve``): the metric of an arm along a factor whose
levels are numbers (images, parameters), or, with a baseline, what the arm does to it. A run is a
replicate, at all sizes. Fits are refused, and the claim is then not resolved, below five sizes or
one decade, for a metric that is not above 0, and where a run failed.

**PowerLaw**\ (curves, margin): within each arm the metric is a power law that falls. With P the
nearer by AICc of ``power`` and ``power_with_floor``, and Q the nearer of ``exponential`` and
``broken_power``, all four fitted to the runs less each run's own level:

    seen       AICc(P) is at least 10 below that of ``exponential`` and at most 2 above that of
               ``broken_power`` (which holds ``power`` in itself); the largest sizes, held out, are
               predicted by P within ``margin`` of the best of the forms (as a share of the
               metric); and the exponent is above 0 (Holm)
    reversed   AICc(Q) is at least 10 below AICc(P), and Q also predicts the held-out sizes better
               than P; or the exponent is resolved below 0
    unresolved else

for each arm; over arms: seen if all are, reversed if one is.

**Exponent**\ (curve, low, high, form, gain): the exponent alpha of n^-alpha lies in [low, high],
either of which may be null. With both: seen if its 90 % interval over runs lies within (two
one-sided tests, nothing to adjust); reversed if it is resolved to lie outside (as ``Equivalence``).
With one: seen if it is resolved on the right side of it, reversed if on the other (Holm). "Falls as
1/n" is low = .75, high = 1.25, say. An effect not told from 0 has no exponent. A claim of a gain
names the side of 0 that is one (``harness.claims.gain``): seen only where the gain is resolved at
the end at which it is claimed to be largest, reversed only where it is at that at which it would be
by the exponent found.

The points must not reject the law: of an effect by the distance of its means from it
(``harness.claims.lack_of_fit``, p below .05), else ``Exponent`` and ``Steeper`` resolve nothing and
the sentence says by how much. Of a metric, by a floor: where the AICc of a law with one is lower by
10 or more than that of the law without that was fitted, and the sentence names the floor.

**Steeper**\ (curve, other, margin, form): the exponent of one curve is larger than that of another,
paired by replicate where both have it. As a paired effect on one metric.

**Floor**\ (curve, other): a metric has a floor above 0, and above that of another curve where one
is given. Seen if the floor of the law with one is resolved above 0 by the runs, the difference too
(Holm), and the AICc of that law is lower by 10 or more than without; reversed if the difference is
resolved below 0 and that holds of the other curve.

**Slope**\ (curve, better, margin, gain): an effect rises ("higher") or falls ("lower") with the
size: the slope of each replicate's effect in log10 of the size, least squares, from three sizes on.
As a paired effect on one metric; but where a step between neighbouring sizes is resolved (Holm over
the steps) against a slope that is, there is no trend, and nothing is resolved. A claim of a gain
that grows or shrinks names the side of 0 that is a gain, which a slope does not know: it is seen
only where the gain is resolved at the end at which it is claimed to be largest, and reversed only
where it is at the other end.

**Crossing**\ (curve, low, high, before): the effect changes its sign between two sizes that were
measured: at ``low`` it is below 0 (before = "lower") or above ("higher"), at ``high`` the reverse.
Seen if both are resolved (Holm), reversed if one is resolved the other way. Where the mean effect,
linear in the logarithm between neighbours, first changes its sign stands beside it, with the
interval of whole runs drawn; an open end lies beyond the sizes.

**Vanishing**\ (curve, gain, margin, toward): a gain is above the margin at some size, and below it
at the last size toward larger or smaller ones. Seen if both are resolved, of a test at each size
(Holm); reversed if at that last size it is resolved above. Where the mean gain falls below the
margin, and where below 0, stand beside it.

A verdict's sentence and numbers give exponent and floor by the fit to all points and by the mean
over runs, of which differences are made, interval over runs, interval of the bootstrap of
runs, sizes, runs and held-out error.

Simulated: five sizes over a factor of 25; 3 and 6 runs; .5 and 2 % noise of each point and of each
run (a test repeats a part). True power laws, with and without a floor, are called reversed in at
most 2 % of cases, and seen in 91 % or more at .5 %, in half or more at 2 %; exponentials and a law
with a break are never called seen. The 95 % interval of an exponent covers in 94 to 98 %, that of a
fit with a floor in 95 to 98 %, that of an effect's in 93 to 95 %, and in 91 % for 4 runs of noise
as large as the effect at the smallest size. Of no effect, 1 in 1,000 is said to fall as 1/n (within
.25). Floors, of errors from .5 on at six sizes over a factor of 32 with 6 runs, 200 studies each: a
curve without one is never said to have one; .03 and .07 are seen in all at 5 % noise, in 55 and 93
% at 15 %. Of two curves with one floor, with p = .05 a test, the difference is resolved in 7 to 11
% (in either direction), and the first is said to have the higher floor in 2 to 5 %.
"""

from harness.claims.crossing import Crossing
from harness.claims.exponent import Exponent, Steeper
from harness.claims.floor import Floor
from harness.claims.power_law import PowerLaw
from harness.claims.slope import Slope
from harness.claims.vanishing import Vanishing

__all__ = [
    "Crossing",
    "Exponent",
    "Fits",
    "Floor",
    "PowerLaw",
    "Slope",
    "Steeper",
    "Vanishing",
]

Fits = PowerLaw | Exponent | Steeper | Slope | Crossing | Floor | Vanishing
