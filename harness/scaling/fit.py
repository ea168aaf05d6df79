"""One form fitted to points: the least Huber sum of log residuals, from the best of a grid.

What is minimised is ``sum of rho(ln L(x) - ln y)`` (``harness.scaling.huber``), over all parameters
at once. The starts are the best places, apart from each other, of a grid over the exponents with
the rest solved (``harness.scaling.sums``); each is polished by ``harness.scaling.descent``, and the
least sum is kept. Hoffmann et al. 2022 started an optimiser of all five parameters at each point of
a grid instead, and their published optimum was not the least one (Besiroglu et al. 2024).
"""

from dataclasses import dataclass
from typing import final

import numpy as np

from harness.problem import Problem
from harness.scaling import FORMS
from harness.scaling.descent import minimise
from harness.scaling.form import Form, Frame
from harness.scaling.huber import DELTA, aicc

STARTS = 3
ENOUGH = 4000  # points, evenly over the sizes, from which a start is as good as from more


@final
@dataclass(frozen=True)
class Fit:
    """A form at its optimum."""

    name: str
    form: Form
    frame: Frame
    theta: np.ndarray  # [p], in the frame
    delta: float
    total: float  # the sum of rho
    residuals: np.ndarray  # [n], ln of the points over the law
    done: bool

    @property
    def printed(self) -> np.ndarray:
        """The parameters ``[p]`` in the units of the points, logarithms where ``form.logged``."""
        return self.form.printed(self.theta, self.frame)

    @property
    def parameters(self) -> dict[str, float]:
        """The parameters in the units of the points."""
        with np.errstate(over="ignore"):
            values = np.where(self.form.logged, np.exp(self.printed), self.printed)
        return dict(zip(self.form.parameters, map(float, values)))

    @property
    def aicc(self) -> float | None:
        """None where there are too few points."""
        return aicc(self.total, len(self.residuals), len(self.theta), self.delta)

    def predict(self, x: np.ndarray, theta: np.ndarray | None = None) -> np.ndarray:
        """The loss at sizes ``[m, v]``: ``[m]``, or ``[B, m]`` of parameter vectors ``[B, p]``."""
        features = self.form.features(np.asarray(x, float), self.frame)
        every = self.theta[None] if theta is None else theta
        found = np.exp(self.form.level(every, features) + self.frame.level)
        return found[0] if theta is None else found


def fit(name: str, x: np.ndarray, y: np.ndarray, delta: float = DELTA, starts: int = STARTS) -> Fit:
    """Fit a form to sizes ``[n, v]`` and losses ``[n]``.

    Raises ``Problem`` for a form of other variables, or with more parameters than there are sizes.
    """
    form: Form = FORMS[name]
    if form.variables != x.shape[1]:
        fix = f"forms of {x.shape[1]} are {', '.join(suited(x.shape[1]))}"
        raise Problem(f"the form {name}, of {form.variables} variables", f"{x.shape[1]}", fix)
    if not delta > 0:
        raise Problem(f"a Huber loss of delta {delta}", "no width above 0", "give 0.001, say")
    sizes, needed = len(np.unique(x, axis=0)), len(form.parameters)
    if sizes < needed:
        fix = "measure more sizes, or fit a form of fewer parameters"
        raise Problem(f"the {needed} parameters of {name}", f"{sizes} sizes", fix)
    frame = Frame.of(x, y)
    features = form.features(x, frame)
    wanted = np.log(y) - frame.level
    some = np.lexsort(x.T)[:: max(1, len(x) // ENOUGH)] if len(x) > ENOUGH else np.arange(len(x))
    begun = form.starts(form.features(x[some], frame), np.exp(wanted[some]), delta, starts)
    found = minimise(form, features, wanted[None], begun, delta)
    best = int(np.argmin(found.total))
    theta = found.theta[best]
    residuals = wanted - form.level(theta[None], features)[0]
    return Fit(
        name, form, frame, theta, delta, float(found.total[best]), residuals, bool(found.done[best])
    )


def suited(variables: int) -> list[str]:
    """The forms of so many variables."""
    return [name for name in FORMS if FORMS[name].variables == variables]
