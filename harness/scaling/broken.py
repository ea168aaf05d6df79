r"""A power law with one smooth break, of either direction.

.. math::  L = A N^{-\alpha} \Big(1 + (N / N_0)^{1/w}\Big)^{-(\beta - \alpha) w}

falls as :math:`N^{-\alpha}` well below :math:`N_0` and as :math:`N^{-\beta}` well above. Source:
Caballero, Gupta, Rish and Krueger, Broken Neural Scaling Laws, ICLR 2023, equation 1 with one break
and no floor. The width w of the break, in ln N, is held at 1/2 here, since few sizes do not
determine it: between N_0 / e and e N_0 lies most of the turn.

ln L is linear in ln A and, given N_0, in alpha and beta too; a start is the best of a grid over the
break, the rest by least squares.
"""

from dataclasses import dataclass
from typing import final

import numpy as np

from harness.scaling.form import Frame, Value
from harness.scaling.huber import loss

WIDTH = 0.5
PLACES = 21  # of the break, over the span of the sizes


@final
@dataclass(frozen=True)
class BrokenPower:
    """theta = (ln A, alpha, beta, ln N0)."""

    formula: str = "A N^-alpha (1 + (N / N0)^2)^((alpha - beta) / 2)"
    parameters: tuple[str, ...] = ("A", "alpha", "beta", "N0")
    variables: int = 1
    logged: tuple[bool, ...] = (True, False, False, True)

    def features(self, x: np.ndarray, frame: Frame) -> np.ndarray:
        """ln size ``[n]``."""
        return np.log(x[:, 0]) - frame.centre[0]

    def limits(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The break lies from the second size to the last but one: each exponent needs two sizes.

        Without that, points of one power law have their best break outside them, at no end.
        """
        ends = np.full((2, 4), [[-np.inf], [np.inf]])
        levels = np.unique(features)
        inner = levels[1:-1] if len(levels) > 2 else levels
        ends[:, 3] = inner[[0, -1]]
        return ends[0], ends[1]

    def searched(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Those of the break."""
        return self.limits(features)

    def level(self, theta: np.ndarray, features: np.ndarray) -> np.ndarray:
        a, alpha, beta, place = theta.T[:, :, None]
        beyond = WIDTH * np.logaddexp(0, (features - place) / WIDTH)
        return a - alpha * features - (beta - alpha) * beyond

    def at(self, theta: np.ndarray, features: np.ndarray) -> Value:
        _, alpha, beta, place = theta.T[:, :, None]
        beyond = WIDTH * np.logaddexp(0, (features - place) / WIDTH)  # [B, n]
        turned = 0.5 + 0.5 * np.tanh((features - place) / (2 * WIDTH))
        f = theta[:, :1] - alpha * features - (beta - alpha) * beyond
        slope = np.stack(
            [np.ones_like(f), beyond - features, -beyond, (beta - alpha) * turned], axis=1
        )
        curve = -(beta - alpha) * turned * (1 - turned) / WIDTH

        def bend(c: np.ndarray) -> np.ndarray:
            found = np.zeros((len(c), 4, 4))
            mixed = (c * turned).sum(1)
            found[:, 1, 3] = found[:, 3, 1] = -mixed
            found[:, 2, 3] = found[:, 3, 2] = mixed
            found[:, 3, 3] = (c * curve).sum(1)
            return found

        return Value(f, slope, bend)

    def starts(self, features: np.ndarray, y: np.ndarray, delta: float, count: int) -> np.ndarray:
        """From losses ``y [n]`` over the frame's level."""
        low, high = self.limits(features)
        places = np.linspace(low[3], high[3], PLACES)
        found = []
        for place in places:
            beyond = WIDTH * np.logaddexp(0, (features - place) / WIDTH)
            basis = np.stack([np.ones_like(features), beyond - features, -beyond], 1)
            solved = np.linalg.lstsq(basis, np.log(y), rcond=None)[0]
            found.append([*solved, place])
        theta = np.array(found)
        score = loss(self.level(theta, features) - np.log(y), delta).sum(1)
        return theta[np.argsort(score, kind="stable")[: 2 * count : 2]]

    def printed(self, theta: np.ndarray, frame: Frame) -> np.ndarray:
        found = np.array(theta, float)
        found[..., 0] += frame.level + found[..., 1] * frame.centre[0]
        found[..., 3] += frame.centre[0]
        return found

    def held(self, printed: np.ndarray, frame: Frame) -> np.ndarray:
        found = np.array(printed, float)
        found[..., 0] -= frame.level + found[..., 1] * frame.centre[0]
        found[..., 3] -= frame.centre[0]
        return found


BROKEN_POWER = BrokenPower()
