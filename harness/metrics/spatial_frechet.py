"""Spatial Fréchet distance: that of features which keep where in the image something is.

The Fréchet distance (``harness.metrics.frechet``) of the extractor's ``spatial`` head. Source:
Nash, Menick, Dieleman and Battaglia, Generating images with sparse representations, ICML 2021,
whose sFID takes the first 7 channels of an intermediate map of the FID network (``mixed_6/conv`` in
the evaluator of guided diffusion, ADM: 7·17·17 = 2,023 numbers), since pooled features are blind to
where things are. On any other extractor it is another number, which is not called sFID.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from harness.metrics.estimate import Estimate
from harness.metrics.features import Features, require_pair
from harness.metrics.frechet import FRECHET
from harness.metrics.sensitivity import Kind
from harness.problem import Problem


def _spatial(what: str, features: Features) -> Features:
    """The spatial head ``[N, s]`` as features of its own, made once, or ``Problem``."""
    spatial = features.spatial
    if spatial is None:
        raise Problem(what, "features without a spatial head", "use an extractor that has one")
    if spatial.ndim != 2 or len(spatial) != len(features):
        raise Problem(
            what, f"an array of shape {spatial.shape}", f"give [{len(features)}, s], one row a row"
        )
    return features.once("spatial features", lambda: Features(spatial))


@final
@dataclass(frozen=True)
class SpatialFrechet:
    """FD of the spatial head of samples and reference; sFID on the FID network only.

    Range 0 to infinity, 0 is right, lower is better. Bias: upward, as of every Fréchet distance:
    about c / n on either side, with c the larger the more spatial features there are; compare at
    one n. Cost: O(n s² + s³) for s spatial features. Least n: 2. Cannot see: anything beyond their
    mean and covariance, memorised samples, repeats of images, and whatever the channels that were
    left out would have shown.
    """

    unit: ClassVar[str] = "1"
    higher_is_better: ClassVar[bool | None] = False
    needs: ClassVar[str] = "spatial"
    right: ClassVar[float | None] = 0.0
    sees: ClassVar[tuple[Kind, ...]] = ("noise",)
    blind: ClassVar[tuple[Kind, ...]] = ()

    def least(self, dimension: int) -> int:
        """The fewest samples accepted on either side."""
        return 2

    def __call__(
        self,
        samples: Features | np.ndarray,
        reference: Features | np.ndarray,
        generator: np.random.Generator,
    ) -> Estimate:
        """The distance of ``.spatial`` ``[N, s]`` and ``[M, s]``; the generator is not used.

        The standard error is that of ``harness.metrics.frechet``. Raises ``Problem`` for too few
        rows, no spatial head, another number of its features, or NaN.
        """
        what = "spatial_fd"
        a, b = require_pair(what, samples, reference, self.least(0))
        heads = (_spatial(f"{what} of samples", a), _spatial(f"{what} of a reference", b))
        return FRECHET(*require_pair(what, *heads, self.least(0)), generator)


SPATIAL_FD = SpatialFrechet()
