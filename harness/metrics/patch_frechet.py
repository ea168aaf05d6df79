r"""Patch Fréchet distance: that of the raw pixels of all patches of one side.

The Fréchet distance (``harness.metrics.frechet``) between the patches of side s of the samples and
those of the reference, :math:`C s^2` pixels each, pooled over the places of an image: the squared
W2 distance between the Gaussians with their means and covariances. Patches of one place are not
told from those of another.

Places. The corners of patches along an axis of length H are the H - s + 1 whole numbers from 0 to
H - s, or, where these are more than 8, the 8 nearest to an even division of that range: at most 64
patches an image, always the same ones, those at the border included. Overlapping patches say much
the same, so that more would cost more and tell little.

Why patches. What a denoiser does at noise level :math:`\sigma` depends on a neighbourhood that
shrinks with :math:`\sigma`: so the theory of local denoisers (Kamb and Ganguli, An analytic theory
of creativity in convolutional diffusion models, ICML 2025; Niedoba et al., Towards a mechanistic
explanation of diffusion model generalization, ICML 2025) and the use of data from elsewhere at low
noise only (Daras et al., Ambient diffusion omni, NeurIPS 2025, which measures the crop that a level
needs). A set whose patches of side s have the law of the reference's may serve at the levels that
see s pixels, however wrong its whole images are. This distance says how far apart those patches are
in mean and covariance, which is all that a linear denoiser of s by s pixels can tell. FD of patches
through the FID network (patch-FID: Chai et al., Any-resolution training for high-resolution image
synthesis, ECCV 2022) is another number.

Standard error, to first order. Patches of one image are dependent, images are not: with
:math:`\phi` the derivative of FD along a patch, its square is the variance over images of the mean
of :math:`\phi` over the patches of an image, over their number, summed over both sets.
"""

from dataclasses import dataclass
from typing import ClassVar, cast, final

import numpy as np

from harness.metrics.estimate import Estimate
from harness.metrics.features import Features
from harness.metrics.frechet import distance_of, influences
from harness.metrics.requirement import require, require_alike
from harness.metrics.sensitivity import Kind
from harness.problem import Problem

PLACES = 8  # along an axis


def places(length: int, side: int) -> np.ndarray:
    """The first pixels of the patches along an axis: int ``[P]``, at most ``PLACES``."""
    count = min(length - side + 1, PLACES)
    return np.rint(np.linspace(0, length - side, count)).astype(int)


@final
@dataclass(frozen=True, eq=False)
class Patches:
    """The patches of images ``[N, C, H, W]`` as rows ``[N P, C s²]`` that are cut when read.

    The P patches of an image are neighbours. It stands where an array of features does.
    """

    images: np.ndarray
    side: int
    ndim: ClassVar[int] = 2

    @property
    def each(self) -> int:
        """P, the number of patches of an image."""
        height, width = self.images.shape[2:]
        return len(places(height, self.side)) * len(places(width, self.side))

    @property
    def shape(self) -> tuple[int, int]:
        return len(self), self.images.shape[1] * self.side**2

    def __len__(self) -> int:
        return len(self.images) * self.each

    def __getitem__(self, rows: slice) -> np.ndarray:
        start, stop, _ = rows.indices(len(self))
        first = start // self.each
        images = self.images[first : -(-stop // self.each)]
        window = np.lib.stride_tricks.sliding_window_view(
            images, (self.side, self.side), axis=(2, 3)
        )  # [B, C, H - s + 1, W - s + 1, s, s]
        down, across = (places(length, self.side) for length in images.shape[2:])
        cut = window[:, :, down[:, None], across].transpose(0, 2, 3, 1, 4, 5)
        flat = cut.reshape(-1, self.shape[1])
        return flat[start - first * self.each : stop - first * self.each]

    def __array__(self, dtype: np.dtype | None = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(dtype or self.images.dtype, copy=False)

    def features(self) -> Features:
        """These rows as features."""
        return Features(cast(np.ndarray, self))


@final
@dataclass(frozen=True)
class PatchFrechet:
    """FD of the raw pixels of patches of one side, over the places of an image.

    Range 0 to infinity, 0 is right, lower is better; it is in squared pixel units, summed over the
    pixels of a patch, so it grows with the side: compare arms, not sides. Bias: upward by about
    c / n on either side, n counting images, since patches of one image are dependent. Cost: O(N P
    d² + d³) for P at most 64 patches of d = C s² pixels an image. Least n: 2. The standard error
    clusters by image and is None where the patches are no more than d. Cannot see: anything beyond
    the mean and covariance of patches, so not that a Gaussian field of the same spectrum is no
    picture, and nothing larger than the patch, such as a face with two noses; nor repeats and
    copies; nor where a patch is.
    """

    side: int
    unit: ClassVar[str] = "1"
    higher_is_better: ClassVar[bool | None] = False
    needs: ClassVar[str] = "images"
    right: ClassVar[float | None] = 0.0
    sees: ClassVar[tuple[Kind, ...]] = ("noise", "blur", "colour")
    blind: ClassVar[tuple[Kind, ...]] = ("gaussian",)

    def least(self, dimension: int) -> int:
        """The fewest samples accepted on either side."""
        return 2

    def __call__(
        self, samples: np.ndarray, reference: np.ndarray, generator: np.random.Generator
    ) -> Estimate:
        """The distance of images ``[N, C, H, W]`` and ``[M, C, H, W]``; the generator is not used.

        ``n`` counts images. Raises ``Problem`` for NaN, too few images, different numbers of
        channels, different sides, or a patch that is larger than the images.
        """
        what = f"patch_fd_{self.side}"
        a = require(f"{what} of samples", samples, axes=4, least=self.least(0))
        b = require(f"{what} of a reference", reference, axes=4, least=self.least(0))
        require_alike(f"{what} of images", a, b)
        if min(a.shape[2:]) < self.side:
            raise Problem(
                f"{what} of images",
                f"images of {a.shape[2]} by {a.shape[3]} pixels",
                f"give images of a side of {self.side} or more",
            )
        patches = Patches(a, self.side), Patches(b, self.side)
        first, second = (each.features() for each in patches)
        value = distance_of(first, second)
        along = None
        if min(len(first), len(second)) > first.dimension:
            along = influences(first, second)
        if along is None:
            return Estimate(value, None, len(a))
        variance = 0.0
        for derivative, each in zip(along, patches):
            by_image = derivative.reshape(-1, each.each).mean(1)
            variance += by_image.var(ddof=1) / len(by_image)
        return Estimate(value, float(np.sqrt(variance)), len(a))


PATCH_FD_2 = PatchFrechet(2)
PATCH_FD_4 = PatchFrechet(4)
PATCH_FD_8 = PatchFrechet(8)
