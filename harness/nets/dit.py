"""A transformer on the places of an image and the words of its caption.

DiT (Peebles and Xie, "Scalable diffusion models with transformers", ICCV 2023): each block is
self-attention and a two-layer perceptron, both behind a layer norm whose shift, scale and gate are
affine functions of the noise level (adaLN; the gates are small at the start, where adaLN-Zero has
zero). Here every place of the image is a token (in the basis ``patch_pca`` a place is a patch), and
the words of the caption are further tokens of the same sequence ("in-context conditioning", section
3.2 there), so that each place can attend to each word; their mean is added to the noise level's
embedding, which tells every place at once what the caption is about. A word that is 0 fills up a
short caption and has an embedding of its own, as does every position of the caption and every
place. The embedding of the words is learned (``embed``); what is told of a word by its place in the
caption is added to it inside, and no perturbation of the condition reaches that.

Width 80, depth 3 and 9 + 7 tokens make about 0.37M parameters and 8 MFLOP an image.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from harness.nets.embedding import embedded, looked_up
from harness.nets.stacked import Linear, fourier, normal, require_sizes
from harness.problem import Problem

FEATURES = 64
SPREAD = 4  # the perceptron is so many times as wide as a token


class _Block(nn.Module):
    """Tokens h [K, B, T, w] and the noise embedding e [K, B, w] -> tokens."""

    def __init__(self, width: int, heads: int, generators: Sequence[torch.Generator]) -> None:
        super().__init__()
        self.heads, self.width = heads, width
        self.modulation = Linear(width, 6 * width, generators, gain=0.1)
        self.attend = Linear(width, 3 * width, generators)
        self.merge = Linear(width, width, generators)
        self.widen = Linear(width, SPREAD * width, generators)
        self.narrow = Linear(SPREAD * width, width, generators)

    def forward(self, h: Tensor, e: Tensor) -> Tensor:
        shift, scale, gate, shift2, scale2, gate2 = self.modulation(e)[:, :, None].chunk(6, -1)
        normal = F.layer_norm(h, (self.width,)) * (1 + scale) + shift
        h = h + gate * _flat(self.merge, self._attention(normal))
        normal = F.layer_norm(h, (self.width,)) * (1 + scale2) + shift2
        return h + gate2 * _flat(self.narrow, F.silu(_flat(self.widen, normal)))

    def _attention(self, h: Tensor) -> Tensor:
        stack, batch, count, width = h.shape
        parts = _flat(self.attend, h).view(stack * batch, count, 3, self.heads, -1)
        query, key, value = parts.permute(2, 0, 3, 1, 4).flatten(1, 2).unbind()  # [K B heads, T, .]
        logits = torch.bmm(query, key.transpose(1, 2)) / math.sqrt(width // self.heads)
        mixed = torch.bmm(logits.softmax(-1), value)
        return mixed.view(stack, batch, self.heads, count, -1).transpose(2, 3).flatten(3)


def _flat(layer: Linear, h: Tensor) -> Tensor:
    """A stacked layer applied to every token [K, B, T, w]."""
    return layer(h.flatten(1, 2)).unflatten(1, h.shape[1:3])


def _require(width: int, depth: int, heads: int) -> None:
    """Refuse what makes no network. Raises ``Problem``."""
    require_sizes("dit", width=width, depth=depth, heads=heads)
    if width % heads:
        fix = "choose a width that the heads divide"
        raise Problem(f"{heads} heads", f"a width of {width}", fix)


class DiT(nn.Module):
    """A stack of K: x [K, B, C, H, W], c_noise [K, B], condition or None -> like x.

    words: how many different tokens there are with 0, length: T; both 0 without a condition. One
    is tokens int64 [K, B, T], or what they embed to, [K, B, T, width].
    """

    def __init__(
        self,
        shape: tuple[int, int, int],
        generators: Sequence[torch.Generator],
        width: int = 80,
        depth: int = 3,
        heads: int = 4,
        words: int = 0,
        length: int = 0,
    ) -> None:
        super().__init__()
        _require(width, depth, heads)
        channels, places = shape[0], shape[1] * shape[2]
        self.width, self.length = width, length
        self.noise = Linear(FEATURES, width, generators)
        self.inward = Linear(channels, width, generators)
        self.place = nn.Parameter(normal((places, width), 0.5, generators))  # [K, places, w]
        if words:
            self.word = nn.Parameter(normal((words, width), 1.0, generators))  # [K, words, w]
            self.position = nn.Parameter(normal((length, width), 0.5, generators))
            self.caption = Linear(width, width, generators)
        self.blocks = nn.ModuleList([_Block(width, heads, generators) for _ in range(depth)])
        self.outward = Linear(width, channels, generators, gain=0.1)

    def embed(self, tokens: Tensor) -> Tensor:
        """Words int64 [K, B, T] as vectors [K, B, T, width], whatever their positions."""
        return looked_up(self.word, tokens)

    def forward(self, x: Tensor, c_noise: Tensor, condition: Tensor | None = None) -> Tensor:
        h = _flat(self.inward, x.flatten(3).transpose(2, 3)) + self.place[:, None]
        places, e = h.shape[2], self.noise(fourier(c_noise, FEATURES))  # [K, B, w]
        if self.length:
            words = embedded(self, condition) + self.position[:, None]
            h = torch.cat([h, words], dim=2)  # [K, B, places + T, w]
            e = e + self.caption(F.silu(words.mean(2)))
        e = F.silu(e)
        for block in self.blocks:
            h = block(h, e)
        out = _flat(self.outward, F.layer_norm(h[:, :, :places], (self.width,)))
        return out.transpose(2, 3).unflatten(3, x.shape[3:])

    @staticmethod
    def flops(
        shape: tuple[int, int, int],
        width: int = 80,
        depth: int = 3,
        heads: int = 4,
        words: int = 0,
        length: int = 0,
    ) -> int:
        """Floating-point operations of one forward pass of one image, products only.

        Raises ``Problem`` for parameters that make no network, as building one does.
        """
        _require(width, depth, heads)
        places = shape[1] * shape[2]
        count = places + length
        block = 6 * width * width + count * width * width * (4 + 2 * SPREAD)
        block += 2 * count * count * width
        ends = FEATURES * width + 2 * places * shape[0] * width + (width * width if words else 0)
        return 2 * (ends + depth * block)
