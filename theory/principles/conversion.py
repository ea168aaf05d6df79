"""Five parameterisations, one prediction: each from each other, exactly.

Lai et al. (2025), the equivalence of the parameterisations; for a path x_t = alpha x_0 + sigma eps,

    E[x_0|x] = (x - sigma E[eps|x]) / alpha       score = -E[eps|x] / sigma
    E[v|x] = alpha E[eps|x] - sigma E[x_0|x]      u = alpha' E[x_0|x] + sigma' E[eps|x]    (printed)

and all their compositions: twenty conversions, by the theorem of ``theory.principles.prediction``

    target = (A_j B_k - B_j A_k) / D_k x + (D_j / D_k) source.

``exact`` is the target's first coordinate from its own definition, a conditional mean within the
components of a mixture; ``printed`` converts the source's. They agree to rounding, times the
condition of the conversion (``theory.principles.precision``).

*Where it breaks.* The conversion is void where D_k = 0: at alpha = 0 (t = 1 of vp and of linear) a
prediction of noise or score says nothing of the data, so that a sampler that starts there, at zero
terminal signal, cannot run on it (Lin et al. 2024, arXiv 2305.08891); v and velocity can.
Identities for v that suppose alpha^2 + sigma^2 = 1, such as x_0 = alpha x - sigma v, hold on the
variance-preserving paths only; ``preserving_only`` is that shortcut, for data from v.
"""

from typing import Any, ClassVar, final

import numpy as np

from theory.law import Law, Params, Value
from theory.mixture import Array, Mixture
from theory.parameter import choice, points, positive, same_dimension, vector, weights
from theory.principles.prediction import (
    KINDS,
    PATHS,
    Point,
    convert,
    determinant,
    path,
    predict,
)

PRINCIPLES = "Lai et al. 2025, The Principles of Diffusion Models (arXiv 2510.21890)"

PLACE = {
    "path": choice("the path", PATHS),
    "time": positive("time t along the path"),
}
MIXTURE = {
    "weights": weights("weights of the components of x_0"),
    "means": points("their means"),
    "variances": vector("their variances, the same in every direction", above=0),
    "at": vector("the point x"),
}
EXAMPLE = {
    "path": "vp",
    "time": 0.4,
    "weights": [0.3, 0.5, 0.2],
    "means": [[-1.0, 0.5], [1.0, 0.0], [0.5, -2.0]],
    "variances": [0.04, 0.25, 0.1],
    "at": [0.4, -0.3],
}


def read_place(law: Law, values: tuple[Any, ...]) -> Point:
    """The path and the time of the first two parameters."""
    try:
        return path(*values)
    except ValueError as error:
        raise law.refuse(f"path={values[0]!r} and time={values[1]}", str(error)) from error


def read_mixture(law: Law, values: tuple[Any, ...]) -> tuple[Mixture, Array]:
    """The mixture and the point [1, d], checked together."""
    share, means, variances, at = values
    if not len(share) == len(means) == len(variances):
        raise law.refuse(
            f"{len(share)} weights, {len(means)} means and {len(variances)} variances",
            "give one of each a component",
        )
    same_dimension(law.name, means=means, at=at)
    return Mixture(share, means, variances), at[None, :]


@final
class Conversion(Law):
    """The first coordinate of one prediction, from another; parameters below."""

    name = "principles.conversion"
    statement = (
        "x = alpha E[x_0|x] + sigma E[eps|x] turns each of data, noise, score, v and velocity "
        "into each other"
    )
    source = f"{PRINCIPLES}, equivalence of the parameterisations"
    unit = "units of the target"
    parameters: ClassVar = (
        PLACE
        | MIXTURE
        | {
            "source": choice("the prediction that is converted", KINDS),
            "target": choice("the prediction that is asked for", KINDS),
        }
    )
    example: ClassVar = EXAMPLE | {"source": "noise", "target": "data"}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        at, law, x, _, target = self._read(params)
        return Value(float(predict(law, x, target, at)[0, 0]))

    def printed(self, params: Params) -> Value | None:
        at, law, x, source, target = self._read(params)
        if determinant(source, at) == 0:
            return None
        found = convert(predict(law, x, source, at), x, source, target, at)
        return Value(float(found[0, 0]))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``amplification`` |D_j / D_k|, and the shortcut for v where it is asked for."""
        at, law, x, source, target = self._read(params)
        if determinant(source, at) == 0:
            return {}
        factor = abs(determinant(target, at) / determinant(source, at))
        values = {"amplification": Value(factor, unit="target / source")}
        if (source, target) == ("v", "data"):
            shortcut = at.alpha * x - at.sigma * predict(law, x, "v", at)
            values["preserving_only"] = Value(float(shortcut[0, 0]))
        return values

    def _read(self, params: Params) -> tuple[Point, Mixture, Array, str, str]:
        *first, source, target = self.read(params)
        law, x = read_mixture(self, tuple(first[2:]))
        return read_place(self, tuple(first[:2])), law, x, source, target
