"""The papers' networks, counted: parameters, and floating-point operations of one image.

``ddpmpp`` is the network of EDM (Karras et al. 2022, tables 1 and 7; Song et al. 2021), ``latent``
the U-Net of latent diffusion (Rombach et al. 2022, tables 12 and 13), ``dit`` the transformer of
Peebles and Xie (2023, table 1). Counted are products, two operations each, block by block; norms,
activations and the softmax are left out. The counts are ours; their check is the number of
parameters that each paper or its code prints: 55.7 and 61.8 million (DDPM++), 400.92 (LDM-4),
859.52 (Stable Diffusion 1.5) and 675 (DiT-XL/2).
"""

from dataclasses import dataclass
from functools import partial

CHANNELS, EMBEDDING, AUGMENTATION = 128, 512, 9  # of DDPM++
BLOCKS, ATTENTION, COLOURS = 4, 16, 3
PAIR = 2  # residual blocks a resolution of a latent U-Net, three on the way up


@dataclass(frozen=True)
class Count:
    """Parameters, and floating-point operations of one image, products only."""

    parameters: int = 0
    flops: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.parameters + other.parameters, self.flops + other.flops)

    def times(self, number: int) -> "Count":
        """So many of them."""
        return Count(number * self.parameters, number * self.flops)


def _affine(
    fan_in: int, fan_out: int, places: int = 1, kernel: int = 1, bias: bool = True
) -> Count:
    """A convolution at so many places, or a linear map at one."""
    weights = fan_in * fan_out * kernel**2
    return Count(weights + fan_out * bias, 2 * weights * places)


def _attention(width: int, places: int, others: int | None = None) -> Count:
    """The products of attention alone: places look at places, or at so many others."""
    return Count(0, 2 * 2 * places * (others or places) * width)


def _block(
    fan_in: int,
    fan_out: int,
    side: int,
    moved: bool = False,
    attends: bool = False,
    embedding: int = EMBEDDING,
) -> Count:
    """A residual block that ends at side x side places; moved from another resolution or not."""
    places = side * side
    count = Count(2 * (fan_in + fan_out))  # two group norms
    count += _affine(fan_in, fan_out, places, 3) + _affine(fan_out, fan_out, places, 3)
    count += _affine(embedding, fan_out)
    if moved or fan_in != fan_out:
        count += _affine(fan_in, fan_out, places)
    if attends:
        count += Count(2 * fan_out) + _attention(fan_out, places)
        count += _affine(fan_out, 3 * fan_out, places) + _affine(fan_out, fan_out, places)
    return count


def ddpmpp(side: int, multiples: tuple[int, ...]) -> Count:
    """DDPM++ on colour images of side x side pixels, with so many times its channels a level.

    128 channels, times 2 at each of three resolutions from 32 pixels on, times 1, 2, 2, 2 from 64
    on; four blocks a resolution and five on the way up; attention at 16 pixels and in the middle.
    The embedding of 512 numbers is of the noise level and of the nine parameters of EDM's
    augmentation.
    """
    count = _affine(CHANNELS, EMBEDDING) + _affine(EMBEDDING, EMBEDDING)
    count += _affine(AUGMENTATION, CHANNELS, bias=False)
    count += _affine(COLOURS, CHANNELS, side * side, 3)
    width, left = CHANNELS, [CHANNELS]
    for level, multiple in enumerate(multiples):
        here = side >> level
        if level:
            count += _block(width, width, here, moved=True)
            left.append(width)
        for _ in range(BLOCKS):
            count += _block(width, multiple * CHANNELS, here, attends=here == ATTENTION)
            width = multiple * CHANNELS
            left.append(width)
    here = side >> (len(multiples) - 1)
    count += _block(width, width, here, attends=True) + _block(width, width, here)
    for level in reversed(range(len(multiples))):
        here = side >> level
        if level < len(multiples) - 1:
            count += _block(width, width, here, moved=True)
        for index in range(BLOCKS + 1):
            last = index == BLOCKS and here == ATTENTION
            out = multiples[level] * CHANNELS
            count += _block(width + left.pop(), out, here, attends=last)
            width = out
    return count + Count(2 * width) + _affine(width, COLOURS, side * side, 3)


def _transformer(width: int, side: int, context: int, length: int) -> Count:
    """Attention to itself and to the condition's vectors, and a gated layer 4 times as wide."""
    places = side * side
    plain = partial(_affine, bias=False)
    count = Count(2 * width) + _affine(width, width, places).times(2)  # in and out, a group norm
    count += Count(3 * 2 * width)  # three layer norms
    count += plain(width, width, places).times(3) + _attention(width, places)
    count += plain(width, width, places) + plain(context, width, length).times(2)
    count += _attention(width, places, length) + _affine(width, width, places).times(2)
    return count + _affine(width, 8 * width, places) + _affine(4 * width, width, places)


def latent(
    side: int,
    channels: int,
    multiples: tuple[int, ...],
    attends: tuple[int, ...],
    context: int,
    length: int,
    colours: int,
) -> Count:
    """The U-Net of latent diffusion on side x side latents of so many ``colours``.

    attends: the levels (0: the finest) with a transformer after each block. context, length: the
    size of a vector of the condition, and how many there are.
    """
    embedding = 4 * channels
    block = partial(_block, embedding=embedding)
    seen = partial(_transformer, context=context, length=length)
    count = _affine(channels, embedding) + _affine(embedding, embedding)
    count += _affine(colours, channels, side * side, 3)
    width, left = channels, [channels]
    for level, multiple in enumerate(multiples):
        here = side >> level
        for _ in range(PAIR):
            count += block(width, multiple * channels, here)
            width = multiple * channels
            count += seen(width, here) if level in attends else Count()
            left.append(width)
        if level < len(multiples) - 1:
            count += _affine(width, width, (here // 2) ** 2, 3)
            left.append(width)
    here = side >> (len(multiples) - 1)
    count += block(width, width, here).times(2) + seen(width, here)
    for level in reversed(range(len(multiples))):
        here = side >> level
        for _ in range(PAIR + 1):
            count += block(width + left.pop(), multiples[level] * channels, here)
            width = multiples[level] * channels
            count += seen(width, here) if level in attends else Count()
        if level:
            count += _affine(width, width, (2 * here) ** 2, 3)
    return count + Count(2 * width) + _affine(width, colours, side * side, 3)


def dit(side: int, patch: int, width: int, depth: int, colours: int, classes: int) -> Count:
    """DiT: adaptive layer norm from zero; it estimates the noise and its variance."""
    tokens, pixels = (side // patch) ** 2, colours * patch**2
    block = _affine(width, 3 * width, tokens) + _affine(width, width, tokens)
    block += _attention(width, tokens) + _affine(width, 6 * width)
    block += _affine(width, 4 * width, tokens) + _affine(4 * width, width, tokens)
    count = block.times(depth) + _affine(pixels, width, tokens)
    count += _affine(256, width) + _affine(width, width) + Count((classes + 1) * width)
    return count + _affine(width, 2 * width) + _affine(width, 2 * pixels, tokens)
