r"""JPEG: a round trip through a real codec, 8 bits included.

1. To 8 bits: :math:`q = \mathrm{clip}(\mathrm{round}(127.5 (x + 1)), 0, 255)`, ties to even.
2. Encoded and decoded by Pillow (libjpeg): baseline, Huffman, the standard tables of Annex K
   scaled by the quality; one channel as grey, three as YCbCr with 4:2:0 chroma.
3. Back: :math:`q / 127.5 - 1`.

On each block of 8×8 the codec rounds DCT-II coefficient (u, v) to a multiple of its step
:math:`Q_{uv}` (in 8-bit units). So a mode much stronger than its step keeps its power and gains an
error of about :math:`Q^2 / 12`; a mode weaker than half its step is set to zero. That depends on
the image, so there is no linear statement about the spectrum and ``spectrum`` returns None. Sides
that are not multiples of 8 (16 with chroma) are padded by the encoder and cut by the decoder.

The mean of a block moves by about half the step of its DC mode over 8, at most. Values stay in
[-1, 1]. Even quality 95 is not the identity: the 8 bits alone add noise of standard deviation
:math:`1 / (127.5 \sqrt{12}) = 0.0023`.

Source: ITU-T T.81 (1992), A.3 and Annex K; libjpeg's ``jpeg_quality_scaling``.
"""

import io
from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from harness.problem import Problem


@final
@dataclass(frozen=True)
class Jpeg:
    """JPEG at a quality of 1 to 95, as libjpeg counts it."""

    quality: int

    def __post_init__(self) -> None:
        if not 1 <= self.quality <= 95 or self.quality != int(self.quality):
            raise Problem("quality of jpeg", repr(self.quality), "give a whole number from 1 to 95")

    def __call__(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Decoded images ``[B, C, H, W]`` in [-1, 1], C 1 or 3; the generator is not used.

        Raises ``Problem`` for another number of channels and for values that are not finite.
        """
        if x.shape[1] not in (1, 3):
            raise Problem("jpeg of images", f"{x.shape[1]} channels", "give 1 or 3 channels")
        if not torch.isfinite(x).all():
            raise Problem("jpeg of images", "NaN or infinite pixels", "mend the images first")
        level = np.rint(127.5 * (x.detach().cpu().double().numpy() + 1))
        level = np.clip(level, 0, 255).astype(np.uint8).transpose(0, 2, 3, 1)  # [B, H, W, C]
        decoded = np.stack([self._round_trip(image) for image in level]).transpose(0, 3, 1, 2)
        return torch.from_numpy(decoded / 127.5 - 1).to(x.device, x.dtype)  # [B, C, H, W]

    def _round_trip(self, image: np.ndarray) -> np.ndarray:
        """One image of 8 bits ``[H, W, C]`` through the codec."""
        grey = image.shape[-1] == 1
        stream = io.BytesIO()
        picture = Image.fromarray(image[..., 0] if grey else np.ascontiguousarray(image))
        chroma = {} if grey else {"subsampling": "4:2:0"}
        picture.save(stream, format="JPEG", quality=int(self.quality), **chroma)
        with Image.open(stream) as opened:
            return np.asarray(opened).reshape(image.shape)

    def spectrum(self, height: int, width: int) -> None:
        """None: rounding to a step is not linear, and what it does depends on the image."""
        return None
