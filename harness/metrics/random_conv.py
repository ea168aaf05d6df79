r"""Random convolutions on whitened pixels: 128 features that see texture and need no training.

.. math::  h_1 = \mathrm{relu}(K_1 * z), \quad h_2 = \mathrm{relu}(K_2 * h_1), \qquad
           f = \big( \operatorname{mean} h_l,\; \sqrt{\operatorname{mean} h_l^2} \big)_{l = 1, 2}

with z the whitened image (``harness.metrics.zca``), 32 kernels of 3×3 a layer, drawn once from
N(0, 2 / fan-in) (He et al., Delving deep into rectifiers, ICCV 2015), half-sample reflection at
the border, and means over all positions. So there are 4·32 features, whatever the side and the
number of channels. That random filters make useful features of images is known since Jarrett et
al., What is the best multi-stage architecture for object recognition, ICCV 2009.

Each kernel of the second layer is shifted to sum to 0 over its nine places in each map. The maps
are not negative, so the sum of a plain kernel would decide alone whether it ever fires or always;
so each fires at about half of the places.

The root of the mean square, not the mean square itself: the contrast of patches has heavy tails,
and squared it makes the covariance so noisy that damage drowns. On 8×8 grey photographs a blur of
0.4 pixels stands at 6 times the distance between two clean halves with the root, at 1.5 times
without.

Sees blur, noise, motion, and what separates photographs from Gaussian fields of the same
covariance. Sees little of JPEG at quality 90 and of a mild class imbalance, and nothing of where
in the image something is, since it averages over positions.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, final

import numpy as np

from harness.metrics.zca import ZcaPixels
from harness.streams import numpy_generator

KERNELS = 32  # a layer
POSITIONS = 16384  # pixels a piece: the patches of one piece fit a cache


def _layer(maps: np.ndarray, kernels: np.ndarray) -> np.ndarray:
    """relu of a 3×3 convolution: ``[N, H, W, C]`` and ``[9 C, K]`` to ``[N, H, W, K]``."""
    count, height, width, channels = maps.shape
    padded = np.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="symmetric")
    window = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    patches = window.reshape(count * height * width, channels * 9)
    return np.maximum(patches @ kernels, 0).reshape(count, height, width, -1)


@final
@dataclass(frozen=True, eq=False)
class RandomConv:
    """Pooled random convolutions; d = 128. Costs O(N d²) for the whitening, d = C·H·W there, and
    about 20,000 products a pixel for the convolutions, in float32.
    """

    zca: ZcaPixels
    first: np.ndarray  # float32 [9 C, 32]
    second: np.ndarray  # float32 [9·32, 32]
    name: ClassVar[str] = "random_conv"

    @classmethod
    def fit(cls, reference: np.ndarray) -> "RandomConv":
        """Fit the whitening on clean reference images ``[N, C, H, W]``; the kernels are fixed.

        They come from a stream of their own and depend on the number of channels only. Raises
        ``Problem`` as ``ZcaPixels.fit``.
        """
        zca = ZcaPixels.fit(reference)
        draw = numpy_generator("extractor", 0, "random-conv")
        first, second = (
            draw.normal(scale=np.sqrt(2 / (9 * maps)), size=(maps, 9, KERNELS))
            for maps in (zca.shape[0], KERNELS)
        )
        second -= second.mean(1, keepdims=True)
        stacked = [k.reshape(-1, KERNELS).astype(np.float32) for k in (first, second)]
        return cls(zca, *stacked)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Features of images ``[N, C, H, W]``: float64 ``[N, 128]``.

        Raises ``Problem`` for NaN or for images of another shape than the reference.
        """
        height, width = self.zca.shape[1:]
        white = self.zca(images).reshape(-1, *self.zca.shape).transpose(0, 2, 3, 1)
        white = white.astype(np.float32)  # [N, H, W, C]
        features = np.empty((len(white), 4 * KERNELS))
        step = max(1, POSITIONS // (height * width))
        for start in range(0, len(white), step):
            h1 = _layer(white[start : start + step], self.first)  # [B, H, W, K]
            h2 = _layer(h1, self.second)
            pooled = [
                part
                for h in (h1, h2)
                for part in (h.mean((1, 2)), np.sqrt(np.square(h).mean((1, 2))))
            ]
            features[start : start + step] = np.concatenate(pooled, axis=1)
        return features

    @cached_property
    def hash(self) -> str:
        """sha256 of its numbers: the kernels and the whitening."""
        stored = hashlib.sha256(f"{self.name}/{self.zca.hash}".encode())
        for array in (self.first, self.second):
            stored.update(np.ascontiguousarray(array).tobytes())
        return stored.hexdigest()
