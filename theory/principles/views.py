"""Three views, one divergence: variational, score and flow losses integrate to the same number.

Let p_t and q_t be the laws of x_t for two laws of x_0. Along any path (Lai et al. 2025; for the
score Song et al. 2021, arXiv 2101.09258, theorem 2; in lambda Kingma et al. 2021, arXiv 2107.00630)

    KL(p_t0 || q_t0) - KL(p_t1 || q_t1) = int_t0^t1 E_p_t of

        variational, noise   (-lambda' / 2) |eps_p - eps_q|^2
        variational, data    (-SNR' / 2) |x0_p - x0_q|^2
        score                (g^2 / 2) |grad log p_t - grad log q_t|^2
        flow                 (2 / g^2) |u_p - u_q|^2                                      dt.

*Proof.* Both densities solve the same Fokker-Planck equation, p_t' = -div(f x p - (g^2/2) grad p).
Differentiating KL under the integral and integrating by parts, the drift cancels and -(g^2/2) E_p
|grad log p - grad log q|^2 remains. The other rows are this one by |k - k'|^2 = (D_k / D_s)^2 |s -
s'|^2 (``theory.principles.prediction``) and g^2 = -sigma^2 lambda'. In general, the integrand is
|k_p - k_q|^2 / w_k with the weight of ``theory.principles.loss_weight``.

So a denoising loss at all levels, in any parameterisation and with its own weight, *is* a relative
entropy of the data (up to the remainder at t1). Unweighted losses are not: they weigh the levels
differently, and their minimiser differs wherever the network cannot attain 0.

*Invariance.* Substituting lambda for t, the path enters only through the end points: two paths
between the same two signal-to-noise ratios give the same number (Kingma et al. 2021, section 5.1).

``exact`` is the difference of two divergences by quadrature; ``printed`` integrates the view's
predictions, each from its own definition, by Gauss-Legendre quadrature in lambda-even panels of
time. Times t0 < t1 with alpha(t1) > 0.
"""

from itertools import pairwise
from typing import ClassVar, final

import numpy as np

from theory.law import Law, Params, Value
from theory.line_mixture import mixture
from theory.mixture import Mixture
from theory.parameter import choice, line, positive
from theory.principles.conversion import PRINCIPLES, read_place
from theory.principles.field import divergence, mean_square
from theory.principles.loss_weight import weight
from theory.principles.prediction import KINDS, PATHS, path

PANELS, NODES = 6, 12


def integral(p: Mixture, q: Mixture, name: str, start: float, end: float, kind: str) -> float:
    """int E |k_p - k_q|^2 / w_k dt from ``start`` to ``end``, in nats."""
    x, w = np.polynomial.legendre.leggauss(NODES)
    edges = _edges(name, start, end)
    total = 0.0
    for low, high in pairwise(edges):
        half = (high - low) / 2
        for node, share in zip(x, w):
            at = path(name, low + half * (1 + float(node)))
            total += half * float(share) * mean_square(p, q, kind, at) / weight(kind, at)
    return total


def _edges(name: str, start: float, end: float) -> list[float]:
    """Times that are about even in lambda: even in log(t / (last - t)), last the path's end."""
    if name in ("ve", "ou"):
        return np.geomspace(start, end, PANELS + 1).tolist()
    logit = np.linspace(np.log(start / (1 - start)), np.log(end / (1 - end)), PANELS + 1)
    found: list[float] = (1 / (1 + np.exp(-logit))).tolist()
    return [start, *found[1:-1], end]


@final
class Views(Law):
    """A difference of divergences, and one view's integral of it; parameters below."""

    name = "principles.views"
    statement = (
        "KL(p_t0||q_t0) - KL(p_t1||q_t1) = int E|k_p - k_q|^2 / w_k dt for every prediction k, "
        "noise and data in the variational view, score, and velocity in the flow view"
    )
    source = f"{PRINCIPLES}; Song et al. 2021 (arXiv 2101.09258), theorem 2; Kingma et al. 2021"
    unit = "nats"
    parameters: ClassVar = {
        "path": choice("the path", PATHS),
        "start": positive("time t0"),
        "end": positive("time t1 > t0"),
        "kind": choice("the prediction in which the view has its loss", KINDS),
        "p": line("law of x_0, of normals and atoms"),
        "q": line("another law of x_0"),
    }
    example: ClassVar = {
        "path": "vp",
        "start": 0.1,
        "end": 0.9,
        "kind": "score",
        "p": "0.3*normal(-1,0.3)+0.7*normal(1,0.3)",
        "q": "0.35*normal(-1,0.3)+0.65*normal(1,0.35)",
    }

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        name, start, end, _, p, q = self._read(params)
        return Value(divergence(p, q, path(name, start)) - divergence(p, q, path(name, end)))

    def printed(self, params: Params) -> Value | None:
        name, start, end, kind, p, q = self._read(params)
        return Value(integral(p, q, name, start, end, kind))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``remainder``: KL(p_t1 || q_t1), what the levels beyond t1 still hold."""
        name, _, end, _, p, q = self._read(params)
        return {"remainder": Value(divergence(p, q, path(name, end)))}

    def _read(self, params: Params) -> tuple[str, float, float, str, Mixture, Mixture]:
        name, start, end, kind, p, q = self.read(params)
        if start >= end:
            raise self.refuse(f"start={start} and end={end}", "give start < end")
        _, last = (read_place(self, (name, time)) for time in (start, end))
        if last.alpha == 0:
            raise self.refuse(f"end={end}, without signal", "give a time with alpha > 0")
        return name, start, end, kind, mixture(p), mixture(q)
