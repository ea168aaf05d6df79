"""Dead leaves: discs of all sizes that hide one another, the simplest law with occlusion.

Leaves fall on the plane for ever, at uniform places and in a uniform order, and what is seen from
above is the image (Matheron 1968). Here a leaf is a disc; the density of its radius r is
proportional to r^-3 between r_0 = 2 pixels and r_1 = the side of the image, which makes images near
enough the same at all scales (Lee, Mumford and Huang 2001, "Occlusion models for natural images",
IJCV 41); its colour is uniform in [-1, 1]^C. Networks that were trained to see on such images do
well on photographs (Baradad et al. 2021, "Learning to see by looking at
noise").

What is known. A pixel's value is uniform on [-1, 1]: mean 0, variance 1/3. Two pixels at a distance
h have one value where one leaf covers both, and independent ones else. Of the leaves that cover the
one or the other, the topmost decides, so that

    P(one leaf at h) = g(h) / (2 g(0) - g(h)),            g(h) = E area(D_r and D_r + h),
    area(D_r and D_r + h) = 2 r^2 acos(h / 2r) - h / 2 sqrt(4 r^2 - h^2)   for h < 2 r, else 0,

and the covariance of two pixels is a third of that probability, in each channel; channels are
independent given the leaves.

How it is drawn. Leaves are laid one under the other, from the topmost down, until they hide all
pixels: what is seen then has the law of leaves that have fallen for ever, without an error of a
finite time (Kendall and Thonnes 1999). A pixel shows the leaf over its centre, without smoothing.
Only leaves whose centre lies in the square of the pixels' centres, of side L = side - 1, widened by
r can be seen: of radius r that is a share proportional to r^-3 (L + 2 r)^2, which is

    L^2 r^-3 + 4 L r^-2 + 4 r^-1,

three power laws that are drawn by their inverse distribution functions.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

SMALLEST = 2.0  # pixels, the least radius
PIXELS = 1 << 16  # at a time, or one image
LEAVES = 16  # of an image at a time


@final
@dataclass(frozen=True)
class DeadLeaves:
    """Discs with radii from 2 pixels to the side of the image."""

    def draw(
        self, count: int, side: int, channels: int, generator: np.random.Generator
    ) -> NDArray[np.float32]:
        """``count`` images ``[count, channels, side, side]``, every pixel uniform on [-1, 1]."""
        images = np.empty((count, channels, side, side), np.float32)
        several = max(1, PIXELS // side**2)
        for start in range(0, count, several):
            covered(images[start : start + several], generator)
        return images


def covered(images: NDArray[np.float32], generator: np.random.Generator) -> None:
    """Cover images ``[n, C, side, side]`` in place, some leaves for each of them at a time."""
    n, channels, side, _ = images.shape
    image, row, column = (each.ravel() for each in np.indices((n, side, side), np.int32))
    while len(image):
        radius = radii((n, LEAVES), side, generator)
        place = generator.uniform(-1, 1, (2, n, LEAVES)) * ((side - 1) / 2 + radius)
        place, squared = (place + (side - 1) / 2).astype(np.float32), (radius**2).astype(np.float32)
        colour = generator.uniform(-1, 1, (n, LEAVES, channels)).astype(np.float32)
        down = row[:, None] - place[0][image]  # [pixels, leaves]
        right = column[:, None] - place[1][image]
        under = down * down + right * right <= squared[image]
        top, seen = under.argmax(1), under.any(1)  # argmax: the first leaf, which is the topmost
        where = image[seen]
        images[where, :, row[seen], column[seen]] = colour[where, top[seen]]
        image, row, column = image[~seen], row[~seen], column[~seen]


def radii(shape: tuple[int, ...], side: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Radii of leaves that may be seen in an image of that side, in pixels."""
    width, low, high = side - 1.0, SMALLEST, float(side)
    masses = np.array(
        [
            width**2 * (low**-2 - high**-2) / 2,  # of L^2 r^-3
            4 * width * (1 / low - 1 / high),  # of 4 L r^-2
            4 * np.log(high / low),  # of 4 r^-1
        ]
    )
    power = generator.choice(3, shape, p=masses / masses.sum())
    u = generator.random(shape)
    drawn = (
        (low**-2 + u * (high**-2 - low**-2)) ** -0.5,
        1 / (1 / low + u * (1 / high - 1 / low)),
        low * (high / low) ** u,
    )
    return np.choose(power, drawn)
