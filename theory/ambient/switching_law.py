"""How the level from which on biased data help grows with the clean data: as their square root.

Setting as in ``theory.ambient.switching_point``: a kernel estimate from n1 clean samples of p, one
from these and n2 biased ones of q, w = n2 / (n1 + n2); e1 and e2 are their mean total variations
from p_sigma. p and q agree in their means (where they do not, no level exists), and first differ in
the moment k >= 2, by m_k. The switching level sigma* is the last noise at which e1 = e2.

*Law, derived there.* With s the standard deviation of p and c_k = 1/2 int |He_k| phi,

    sigma* ~ (pi w |m_k| c_k sqrt(n1) / (k! s))^(1/(k-1)),                              (leading)

as n1 grows at a fixed share w: sqrt(n1) for k = 2, where it is pi phi(1) w |dVar| sqrt(n1) / s;
n1^(1/4) for k = 3. More clean data, a higher level. ``two_moments`` is the crossing of the two
errors of the expansion to second moments, with the sampling error of the mixed estimate that
(leading) leaves out: it makes e2 larger and the crossing 2 to 4 % higher at w = 0.9. What either
leaves out at small n1, where sigma* is not far above the spread, makes it lower (0.25 measured in
place of 0.34 for Beta(2,2) against Beta(4,4) at n1 = 25, 0.64 in place of 0.68 at 100).

*Printed* (Daras et al. 2025, section 4): t_min, from which on the upper bound for both kinds of
data is below that for clean ones (``theory.ambient.switching_bound``, constants of the proofs). It
scales otherwise. With L = n max(1, lambda) grid points, c0 = (1/n1 - 1/N) / 2 for Lipschitz
constants of 1 or more, N = n1 / (1 - w), and c1 tends to -w TV(p, q) D / 2 as n1 grows, so that

    t_min ~ |c1| / c0 = TV(p, q) D n1:                                                  (printed)

proportional to n1 where sigma* goes as sqrt(n1), and to the distance of the laws themselves where
sigma* asks for the difference of a moment. (``growth`` is the exponent of t_min between n1 and 4
n1; it tends to 1.)

*Measured* on common random numbers: one collection of data sets, drawn once, gives e1 and e2 at
every sigma, so that their mean difference is one smooth function of sigma, whose last zero Brent's
method finds below three times the leading level. The standard error of the zero is that of the
difference over its slope there. The level is 0 where biased data help at all noises down to a
fifteenth of the leading level: few clean samples can be worse than many biased ones everywhere.
"""

import math
from typing import ClassVar, final

import numpy as np
from scipy import optimize

from theory.ambient.contraction import OMNI
from theory.ambient.kernel_estimate import CHUNK, error_of
from theory.ambient.switching_bound import Setting, explicit_bounds, order_bounds
from theory.ambient.switching_point import large_noise_errors, predicted_switch
from theory.law import Law, Params, Value
from theory.mixture import Array
from theory.parameter import integer, line

START, STEP, STEPS = 3.0, 1.6, 8  # the search: from START times the leading level, downwards


def drawn(setting: Setting, datasets: int, generator: np.random.Generator) -> list[list[Array]]:
    """Data sets in batches, each [clean [rows, n1], biased [rows, n2]]."""
    rows = max(1, CHUNK // (setting.n1 + setting.n2))
    sizes = [min(rows, datasets - start) for start in range(0, datasets, rows)]
    return [
        [
            setting.p.sample((size, setting.n1), generator),
            setting.q.sample((size, setting.n2), generator),
        ]
        for size in sizes
    ]


def differences(setting: Setting, sigma: float, batches: list[list[Array]]) -> Array:
    """e1 - e2 on each data set [datasets]; positive where the biased samples help."""
    errors = [error_of(setting.p, sigma, *batch) for batch in batches]
    clean, mixed = np.concatenate(errors, axis=1)
    return np.asarray(clean - mixed)


def measured_switch(
    setting: Setting, start: float, datasets: int, generator: np.random.Generator
) -> Value | None:
    """The last sigma at which e1 = e2, with its standard error; 0 where biased data always help.

    start: the leading level, from ``START`` times which the search goes down. None where biased
    data do not help even there.
    """
    batches = drawn(setting, datasets, generator)

    def gain(sigma: float) -> float:
        """sigma^2 (e1 - e2), at large noise a straight line through the level."""
        return sigma**2 * float(differences(setting, sigma, batches).mean())

    high = START * start
    if gain(high) <= 0:
        return None
    for _ in range(STEPS):
        low = high / STEP
        if gain(low) <= 0:
            break
        high = low
    else:
        return Value(0.0)
    level = optimize.brentq(gain, low, high, xtol=1e-3 * low)
    at_level = level**2 * differences(setting, level, batches)
    slope = (gain(1.1 * level) - at_level.mean()) / (0.1 * level)
    error = at_level.std(ddof=1) / (math.sqrt(datasets) * slope)
    return Value(float(level), float(error))


def two_moment_switch(setting: Setting, start: float) -> float | None:
    """The sigma at which the expansion to second moments has e1 = e2; None within 1e4 of start."""

    def gain(log_sigma: float) -> float:
        clean, mixed = large_noise_errors(setting, math.exp(log_sigma))
        return math.log(clean / mixed)

    low, high = math.log(start) - 9, math.log(start) + 9
    if not gain(low) < 0 < gain(high):
        return None
    return math.exp(optimize.brentq(gain, low, high, xtol=1e-13))


@final
class SwitchingLaw(Law):
    """The measured switching level against t_min; parameters p, q, n1, n2, datasets."""

    name = "ambient.switching_law"
    statement = (
        "biased data help from the noise level t_min on at which the bound for clean and biased "
        "data together falls below that for the clean data alone"
    )
    source = f"{OMNI}, section 4, Theorems 4.1 and 4.2 combined"
    unit = "units of the line"
    tier = "tolerance"
    parameters: ClassVar = {
        "p": line("law of the clean data"),
        "q": line("law of the biased data, of the same mean"),
        "n1": integer("clean samples"),
        "n2": integer("biased samples"),
        "datasets": integer("independent data sets", least=2, default=400),
    }
    example: ClassVar = {
        "p": "beta(2,2)",
        "q": "beta(4,4)",
        "n1": 25,
        "n2": 225,
        "datasets": 60,
    }

    def _read(self, params: Params) -> tuple[Setting, int, float]:
        p, q, n1, n2, datasets = self.read(params)
        if p.variance == 0:
            raise self.refuse(f"p={params['p']!r}, without spread", "give one with a variance")
        setting = Setting(p, q, n1, n2)
        if (leading := predicted_switch(setting)) is None:
            raise self.refuse(
                f"p={params['p']!r} and q={params['q']!r}, which differ in their means or in no "
                "moment, so that no level exists",
                "give laws of one mean and different spread",
            )
        return setting, datasets, leading

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        setting, datasets, leading = self._read(params)
        found = measured_switch(setting, leading, datasets, self.drawing(generator))
        return Value(math.nan) if found is None else found

    def printed(self, params: Params) -> Value | None:
        setting, _, _ = self._read(params)
        bounds = explicit_bounds(setting)
        level = None if bounds is None else bounds.switch()
        return None if level is None else Value(level)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """Both predictions, t_min with every constant one, and the exponent of t_min in n1."""
        setting, _, leading = self._read(params)
        values = {"leading": Value(leading)}
        if (level := two_moment_switch(setting, leading)) is not None:
            values["two_moments"] = Value(level)
        larger = Setting(setting.p, setting.q, 4 * setting.n1, 4 * setting.n2)
        values["leading_growth"] = Value(
            math.log((predicted_switch(larger) or math.nan) / leading) / math.log(4), unit="1"
        )
        explicit, order = explicit_bounds(setting), order_bounds(setting)
        if order is not None and (level := order.switch()) is not None:
            values["order"] = Value(level)
        if explicit is not None and (level := explicit.switch()):
            grown = explicit_bounds(larger)
            if grown is not None and (other := grown.switch()):
                values["growth"] = Value(math.log(other / level) / math.log(4), unit="1")
        return values
