r"""The reach of a window: up to which noise level it serves a denoiser as well as the whole image.

Daras et al. (2025, section 3.2) use images of another law below the noise level up to which the
optimal denoiser of a pixel needs no more than a crop of k pixels, if crops of k look alike. They
read that level off networks trained on natural images, once, for images of 64 pixels. Here it is
measured on the clean data at hand, in closed form (ours).

*Model*: a Gaussian field whose DCT-II modes are independent, in each principal colour, with the
powers of the clean images: the model of the spectral annotator, a stationary field that is mirrored
at the border. Its covariance K is known far better than that of the images one pixel with another,
which a thousand images do not fix: whole images would seem more predictable than they are.

*Error* of the centre pixel t, summed over colours, from a window w of k x k pixels in which it is
as central as can be (of an even side the first of the two at the centre; the field is symmetric):

.. math::  E_k(\sigma) = \sum_j v_{jt}^2\, \frac{\lambda_j \sigma^2}{\lambda_j + \sigma^2},
           \qquad K_{ww} = \sum_j \lambda_j v_j v_j^\top,

the posterior variance, which is that of conditioning (``theory.ambient.locality``) in a form whose
terms are all positive.

*Reach*: the largest sigma up to which :math:`E_k \le (1 + \delta) E_{whole}` throughout. The excess
is of order sigma^4 at low noise and falls again, relatively, at high noise, where no pixel tells of
another: the first crossing counts. ``delta`` is 0.02 by default; on 32 x 32 photographs windows of
2, 4, 8 and 16 pixels then reach to 0.016, 0.046, 0.40 and 1.2, where the paper's map has 0.05, 0.15
and 0.2 for 4, 8 and 16: natural images have structure that no spectrum has, and what lies beyond
a window is then worth more than this model says. The whole image reaches to the top of the noise
grid.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from harness.annotate.parameter import TOP
from harness.nets.dct import dct_matrix

GRID = np.geomspace(1e-4, TOP, 256)  # where a first crossing is looked for


@dataclass(frozen=True, eq=False)
class Window:
    """What the error of the centre pixel is made of, seen in a window."""

    weights: np.ndarray  # [m], v_jt^2
    powers: np.ndarray  # [m], lambda_j

    def error(self, sigma: float) -> float:
        """Mean squared error of the optimal denoiser at a noise level."""
        noise = sigma**2
        return float(self.weights @ (self.powers * noise / (self.powers + noise)))


def cut(covariance: np.ndarray, shape: tuple[int, int], size: int) -> Window:
    """The window of size x size pixels, cut off at the border, of the centre pixel of a field of
    H x W pixels with a covariance [H W, H W]."""
    centre = [(side - 1) // 2 for side in shape]
    # An even side has two pixels at its centre: the window of the first reaches to the second.
    start = [
        c - ((size - 1) // 2 if side % 2 == 0 else size // 2) for c, side in zip(centre, shape)
    ]
    down, across = (np.arange(max(a, 0), min(a + size, side)) for a, side in zip(start, shape))
    index = np.add.outer(down * shape[1], across).ravel()
    values, vectors = np.linalg.eigh(covariance[np.ix_(index, index)])
    here = int(np.flatnonzero(index == centre[0] * shape[1] + centre[1])[0])
    return Window(vectors[here] ** 2, np.maximum(values, 0))


def reaches(powers: np.ndarray, sizes: Sequence[int], delta: float) -> list[float]:
    """The reach of windows of each size; powers [C, H, W] of the modes, one field a colour."""
    shape = (powers.shape[1], powers.shape[2])
    modes = np.kron(dct_matrix(shape[0]), dct_matrix(shape[1]))  # [H W, H W]
    fields = [modes.T @ (power.reshape(-1, 1) * modes) for power in powers]
    here = modes[:, (shape[0] - 1) // 2 * shape[1] + (shape[1] - 1) // 2]
    whole = [Window(here**2, power.ravel()) for power in powers]
    found = []
    for size in sizes:
        windows = [cut(field, shape, size) for field in fields] if size < max(shape) else whole
        found.append(_reach(windows, whole, delta))
    return found


def _reach(windows: list[Window], whole: list[Window], delta: float) -> float:
    """The first crossing of the excess over the whole image's error, or the top of the grid."""

    def excess(sigma: float) -> float:
        few, all_of_it = (sum(each.error(sigma) for each in kind) for kind in (windows, whole))
        return few - (1 + delta) * all_of_it

    above = np.flatnonzero([excess(sigma) > 0 for sigma in GRID])
    if not len(above):
        return TOP
    if above[0] == 0:
        return 0.0
    return float(brentq(excess, GRID[above[0] - 1], GRID[above[0]], rtol=1e-6))
