"""How large the perturbation of the embeddings is: CEP-U and CEP-G.

Conditional embedding perturbation trains on c(y) + delta, with a fresh delta for each sample and
step, in R^d, d the dimension of the embedding:

    CEP-U   delta uniform on (-gamma/sqrt d, gamma/sqrt d) in each coordinate: sd gamma/sqrt(3 d)
    CEP-G   delta ~ N(0, gamma/sqrt d I):                                     sd gamma/sqrt d

The second argument of N is a covariance everywhere else in the paper, which would make the standard
deviation sqrt(gamma/sqrt d): 0.210 for gamma = 1, d = 512. That it is a standard deviation is read
here from one sentence, which speaks of a noise of "approximately 0.04 eps, close to the theoretical
noise level of 0.03 eps": with d = 512 and n_k = 1300 images a class, gamma/sqrt d = 0.0442 and
1/sqrt(n_k) = 0.0277, the order of Theorem 2's condition. The paper does not say so. The reading
agrees with its strength, E|delta|^2 (equation 43): only so is that gamma^2 whatever d is (gamma^2/3
for CEP-U).

``exact`` is the standard deviation of a coordinate by that reading, ``printed`` the one that the
notation says; they agree for CEP-U. Sharper: E|delta|^2; 1/sqrt n, the order at which Theorem 2
speaks; and the gamma of the theory for an embedding of length |c|, ``sd/|c|``
(``theory.slight_corruption.linear_network``), which a learnt embedding can make small by growing.
"""

import math
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from theory.law import Law, Params, Value
from theory.parameter import choice, integer, positive
from theory.slight_corruption.linear_network import CORRUPTION

Array = npt.NDArray[np.float64]


def deviation(kind: str, gamma: float, d: int) -> float:
    """The standard deviation of a coordinate of delta, as the paper's numbers have it."""
    return gamma / math.sqrt(3 * d if kind == "uniform" else d)


def perturbation(
    kind: str, gamma: float, size: tuple[int, int], generator: np.random.Generator
) -> Array:
    """delta [k, d] for k samples: CEP-U or CEP-G, d the dimension of the embedding."""
    width = gamma / math.sqrt(size[1])
    if kind == "uniform":
        return generator.uniform(-width, width, size)
    return generator.normal(0.0, width, size)


@final
class CEPNoise(Law):
    """The standard deviation of a coordinate of delta; parameters kind, gamma, d, n, norm.

    That of CEP-G is inferred from the paper's "approximately 0.04 eps", not stated there.
    """

    name = "slight_corruption.cep_noise"
    statement = "CEP-U: uniform on (-gamma/sqrt d, gamma/sqrt d); CEP-G: N(0, (gamma/sqrt d) I)"
    source = f"{CORRUPTION}, the definition of CEP"
    unit = "embedding units"
    parameters: ClassVar = {
        "kind": choice("distribution of delta", ("uniform", "gaussian")),
        "gamma": positive("strength", default=1.0),
        "d": integer("dimension of the embedding"),
        "n": integer("samples of a class", default=1300),
        "norm": positive("length |c| of an embedding", default=1.0),
    }
    example: ClassVar = {"kind": "gaussian", "gamma": 1.0, "d": 512}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        kind, gamma, d, *_ = self.read(params)
        return Value(deviation(kind, gamma, d))

    def printed(self, params: Params) -> Value | None:
        kind, gamma, d, *_ = self.read(params)
        if kind == "uniform":
            return Value(deviation(kind, gamma, d))
        return Value(math.sqrt(gamma / math.sqrt(d)))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        kind, gamma, d, n, norm = self.read(params)
        own = deviation(kind, gamma, d)
        return {
            "mean_square_length": Value(
                gamma**2 / (3 if kind == "uniform" else 1), unit="embedding units squared"
            ),
            "theory": Value(1 / math.sqrt(n), unit="1"),
            "relative_gamma": Value(own / norm, unit="1"),
        }
