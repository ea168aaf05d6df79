"""Each plain loss is the variational bound, weighted: the weight is a ratio of determinants.

The variational view bounds -log p by a sum over noise levels which, in continuous time, is (Kingma
et al. 2021, arXiv 2107.00630; Kingma and Gao 2023, arXiv 2303.00848)

    1/2 int E |eps - eps_hat|^2 (-d lambda/dt) dt,

which depends on the path only through its end points. A plain loss in the prediction k, int E |k -
k_hat|^2 dt, is the same integral with a weight w inside: by the theorem of
``theory.principles.prediction``, |k - k_hat|^2 = (D_k / alpha)^2 |eps - eps_hat|^2, and by -d
lambda/dt = 2 D_u / (alpha sigma), D_u = alpha sigma' - sigma alpha',

    w = (D_k / alpha)^2 / (-lambda' / 2) = D_k^2 sigma / (alpha D_u).                    (printed)

For the velocity w = D_u exp(-lambda / 2): exp(-lambda / 2) on the linear path (rectified flow),
pi/2 of it on vp; for v on vp, 2/pi of it: flow matching and v-prediction with the cosine schedule
weigh the levels alike (Kingma and Gao 2023, section 3). For the noise, alpha sigma / D_u; weighted
by g^2 / 2, the score's loss has w = 1 (likelihood weighting, Song et al. 2021, arXiv 2101.09258).

Between two predictions the weight is (D_j / D_k)^2. Relative to the loss in the data
(``relative_to_data`` = (D_k / sigma)^2): noise has SNR = alpha^2 / sigma^2; v, where variance is
preserved, SNR + 1 (Salimans and Ho 2022, section 4); the velocity of the linear path (1 +
sqrt(SNR))^2.

``exact`` is measured on a field: the mean squared difference of two laws' predictions k under p_t,
by -lambda' / 2 times that of their noise predictions, each from its own definition. At alpha = 0
every w is infinite: such a time is refused.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.law import Law, Params, Value
from theory.line_mixture import mixture
from theory.mixture import Mixture
from theory.parameter import choice, line
from theory.principles.conversion import PLACE, read_place
from theory.principles.field import mean_square
from theory.principles.prediction import KINDS, Point, determinant


def weight(kind: str, at: Point) -> float:
    """w of the plain loss in a prediction, relative to the variational bound; alpha > 0."""
    return determinant(kind, at) ** 2 * at.sigma / (at.alpha * at.determinant)


@final
class LossWeight(Law):
    """The weight of a plain loss relative to the variational bound; parameters below."""

    name = "principles.loss_weight"
    statement = "E|k - k_hat|^2 = w (-lambda'/2) E|eps - eps_hat|^2, w = D_k^2 sigma / (alpha D_u)"
    source = "Kingma and Gao 2023 (arXiv 2303.00848); in determinants derived here"
    unit = "squared units of the prediction by time"
    parameters: ClassVar = PLACE | {
        "kind": choice("the prediction that the loss compares", KINDS),
        "p": line("law of x_0, of normals and atoms"),
        "q": line("law whose prediction the network makes instead"),
    }
    example: ClassVar = {
        "path": "linear",
        "time": 0.6,
        "kind": "velocity",
        "p": "0.3*normal(-1,0.3)+0.7*normal(1,0.3)",
        "q": "0.35*normal(-1,0.3)+0.65*normal(1,0.35)",
    }

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        at, kind, p, q = self._read(params)
        noise = mean_square(p, q, "noise", at)
        if noise == 0:
            raise self.refuse("two laws with one prediction, whose losses are 0", "give another q")
        return Value(mean_square(p, q, kind, at) / (0.5 * at.log_ratio_rate * noise))

    def printed(self, params: Params) -> Value | None:
        at, kind, _, _ = self._read(params)
        return Value(weight(kind, at))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The weight relative to the loss in the data, and exp(-lambda / 2) = sigma / alpha."""
        at, kind, _, _ = self._read(params)
        relative = (determinant(kind, at) / at.sigma) ** 2
        return {
            "relative_to_data": Value(relative, unit="squared units of the prediction / data"),
            "exponential": Value(at.sigma / at.alpha, unit="1"),
            "log_ratio": Value(2 * math.log(at.alpha / at.sigma), unit="nats"),
        }

    def _read(self, params: Params) -> tuple[Point, str, Mixture, Mixture]:
        name, time, kind, p, q = self.read(params)
        at = read_place(self, (name, time))
        if at.alpha == 0:
            raise self.refuse(f"time={time}, without signal", "give a time with alpha > 0")
        return at, kind, mixture(p), mixture(q)
