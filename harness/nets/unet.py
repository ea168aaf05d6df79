"""A small U-Net: two resolutions, in the manner of EDM and DDPM++ without attention.

Each block is norm, silu, convolution, an added affine function of the noise level's features, norm,
silu, convolution, and a skip connection, the sum scaled by 1/sqrt(2) (Karras et al. 2022, appendix
F.1). One block at the full resolution on the way down and up, four at the half. Width 16 on 8x8
images makes about 125k parameters and 5 MFLOP an image.

With a condition, an affine function of the mean of its embedded words is added in each block beside
that of the noise level, as EDM adds its class embedding.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from harness.nets.embedding import Embedding, embedded, require_embedding, width_for
from harness.nets.stacked import Conv2d, GroupNorm, Linear, fourier, require_sizes

FEATURES = 64
TOLD = 0.5  # deviation of what the condition adds at the start


class _Block(nn.Module):
    def __init__(self, fan_in: int, fan_out: int, generators: Sequence[torch.Generator]) -> None:
        super().__init__()
        stack, device = len(generators), generators[0].device
        self.norm1 = GroupNorm(fan_in, stack, device)
        self.conv1 = Conv2d(fan_in, fan_out, generators)
        self.noise = Linear(FEATURES, fan_out, generators)
        self.norm2 = GroupNorm(fan_out, stack, device)
        self.conv2 = Conv2d(fan_out, fan_out, generators, gain=0.1)
        self.skip = Conv2d(fan_in, fan_out, generators, kernel=1) if fan_in != fan_out else None

    def forward(self, x: Tensor, shift: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x))) + shift[..., None, None]
        h = self.conv2(F.silu(self.norm2(h)))  # [K, B, C, H, W]
        return (h + (x if self.skip is None else self.skip(x))) / math.sqrt(2)


def _halve(x: Tensor) -> Tensor:
    return F.avg_pool2d(x.flatten(0, 1), 2).unflatten(0, x.shape[:2])


def _double(x: Tensor) -> Tensor:
    return x.repeat_interleave(2, dim=-1).repeat_interleave(2, dim=-2)


def _require(words: int, width: object, kind: object, d: object) -> None:
    """Refuse what makes no network. Raises ``Problem``."""
    require_sizes("unet", width=width)
    require_embedding(words, kind, d)


class UNet(nn.Module):
    """A stack of K U-Nets: x [K, B, C, H, W], c_noise [K, B] -> [K, B, C, H, W]; even H and W.

    With words (different tokens with 0) and length T it takes a condition too: tokens int64
    [K, B, T], or what they embed to, [K, B, T, d]. embedding, embedding_width: its kind and d.
    """

    def __init__(
        self,
        shape: tuple[int, int, int],
        generators: Sequence[torch.Generator],
        width: int = 16,
        words: int = 0,
        length: int = 0,
        embedding: str = "fixed",
        embedding_width: int | None = None,
    ) -> None:
        super().__init__()
        _require(words, width, embedding, embedding_width)
        channels, w = shape[0], width
        self.inward = Conv2d(channels, w, generators)
        self.down = _Block(w, w, generators)
        self.low = _Block(w, 2 * w, generators)
        self.middle = nn.ModuleList([_Block(2 * w, 2 * w, generators) for _ in range(3)])
        self.rise = _Block(4 * w, 2 * w, generators)
        self.up = _Block(3 * w, w, generators)
        self.norm = GroupNorm(w, len(generators), generators[0].device)
        self.outward = Conv2d(w, channels, generators, gain=0.1)
        self.words = words
        if words:
            self.embed = Embedding(words, generators, embedding, embedding_width)
            d = self.embed.width
            gain = TOLD * math.sqrt(d)  # c has the norm 1
            self.told = nn.ModuleList(
                [Linear(d, fan_out, generators, gain) for fan_out in (w, *[2 * w] * 5, w)]
            )

    def forward(self, x: Tensor, c_noise: Tensor, condition: Tensor | None = None) -> Tensor:
        down, low, *middle, rise, up = self._shifts(c_noise, condition)
        high = self.down(self.inward(x), down)  # [K, B, w, H, W]
        half = self.low(_halve(high), low)  # [K, B, 2w, H/2, W/2]
        h = half
        for block, shift in zip(self.middle, middle):
            h = block(h, shift)
        h = self.rise(torch.cat([h, half], dim=2), rise)
        h = self.up(torch.cat([_double(h), high], dim=2), up)  # [K, B, w, H, W]
        return self.outward(F.silu(self.norm(h)))

    def _shifts(self, c_noise: Tensor, condition: Tensor | None) -> list[Tensor]:
        """What noise level and condition add in each block, [K, B, its channels]."""
        noise = fourier(c_noise, FEATURES)  # [K, B, F]
        blocks = (self.down, self.low, *self.middle, self.rise, self.up)
        shifts = [block.noise(noise) for block in blocks]
        if self.words:
            c = embedded(self, condition).mean(2)  # [K, B, d]
            shifts = [shift + told(c) for shift, told in zip(shifts, self.told)]
        return shifts

    @staticmethod
    def flops(
        shape: tuple[int, int, int],
        width: int = 16,
        words: int = 0,
        length: int = 0,
        embedding: str = "fixed",
        embedding_width: int | None = None,
    ) -> int:
        """Floating-point operations of one forward pass of one image, products only.

        Raises ``Problem`` for parameters that make no network, as building one does.
        """
        _require(words, width, embedding, embedding_width)
        channels, height, breadth = shape
        w, full = width, height * breadth
        told = FEATURES + (width_for(words, embedding_width) if words else 0)

        def block(fan_in: int, fan_out: int, area: int) -> int:
            skip = fan_in * fan_out if fan_in != fan_out else 0
            return 2 * (area * (9 * fan_out * (fan_in + fan_out) + skip) + told * fan_out)

        ends = 2 * full * 9 * channels * w * 2
        outer = block(w, w, full) + block(3 * w, w, full)
        inner = block(w, 2 * w, full // 4) + block(4 * w, 2 * w, full // 4)
        return ends + outer + inner + 3 * block(2 * w, 2 * w, full // 4)
