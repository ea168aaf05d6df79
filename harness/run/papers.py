"""The papers' own settings, named with their bill: what no small machine can run.

Ambient Diffusion Omni (Daras et al. 2025, appendix E) trains the DDPM++ network of EDM (Karras et
al. 2022, tables 1 and 7; Song et al. 2021) on CIFAR-10, FFHQ and AFHQ at 64 pixels, and annotates
with the encoder half of it. Counted here is that network, block by block: 128 channels, times 2 at
each of three resolutions from 32 pixels on, times 1, 2, 2, 2 from 64 on; four blocks a resolution
and five on the way up; attention at 16 pixels and in the middle. The embedding of 512 numbers is of
the noise level and of the nine parameters of EDM's augmentation. The count is ours; its check is
the number of parameters that EDM prints, 55.7 million for CIFAR-10.

The operations of a training are three forward passes an image, those of a sample 35 passes (Heun,
18 steps). The length is what a paper gives for its longest training; the best checkpoints lie near
20 million images on CIFAR-10 and 30 million on FFHQ.
"""

from dataclasses import dataclass

CHANNELS, EMBEDDING, AUGMENTATION = 128, 512, 9
BLOCKS, ATTENTION, COLOURS = 4, 16, 3
PASSES, CALLS = 3, 35  # of an image in training, of a sample


@dataclass(frozen=True)
class Count:
    """Parameters, and floating-point operations of one image, products only."""

    parameters: int = 0
    flops: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.parameters + other.parameters, self.flops + other.flops)


def _affine(fan_in: int, fan_out: int, places: int = 1, kernel: int = 1) -> Count:
    """A convolution at so many places, or a linear map at one; with a bias."""
    weights = fan_in * fan_out * kernel**2
    return Count(weights + fan_out, 2 * weights * places)


def _block(
    fan_in: int, fan_out: int, side: int, moved: bool = False, attends: bool = False
) -> Count:
    """A residual block that ends at side x side places; moved from another resolution or not."""
    places = side * side
    count = Count(2 * (fan_in + fan_out))  # two group norms
    count += _affine(fan_in, fan_out, places, 3) + _affine(fan_out, fan_out, places, 3)
    count += _affine(EMBEDDING, fan_out)
    if moved or fan_in != fan_out:
        count += _affine(fan_in, fan_out, places)
    if attends:
        count += Count(2 * fan_out, 2 * 2 * places * places * fan_out)
        count += _affine(fan_out, 3 * fan_out, places) + _affine(fan_out, fan_out, places)
    return count


def ddpmpp(side: int, multiples: tuple[int, ...]) -> Count:
    """DDPM++ on colour images of side x side pixels, with so many times its channels a level."""
    count = _affine(CHANNELS, EMBEDDING) + _affine(EMBEDDING, EMBEDDING)
    count += Count(AUGMENTATION * CHANNELS, 2 * AUGMENTATION * CHANNELS)  # without a bias
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


@dataclass(frozen=True)
class Setting:
    """One training of a paper: million images seen, samples drawn, side of the images."""

    name: str
    side: int
    multiples: tuple[int, ...]
    million: int
    samples: int
    source: str

    @property
    def network(self) -> Count:
        return ddpmpp(self.side, self.multiples)

    @property
    def training(self) -> float:
        """Operations of one training."""
        return float(PASSES * self.million * 10**6 * self.network.flops)

    @property
    def sampling(self) -> float:
        """Operations of its samples."""
        return float(CALLS * self.samples * self.network.flops)


LONG, WIDE = (2, 2, 2), (1, 2, 2, 2)
OMNI = "Daras et al. 2025, appendix E"
SETTINGS = (
    Setting("CIFAR-10, corrupted", 32, LONG, 200, 50_000, OMNI),
    Setting("FFHQ-64, corrupted", 64, WIDE, 100, 50_000, OMNI),
    Setting("AFHQ-64, other animals", 64, WIDE, 40, 5_239, OMNI),
)


def listing() -> str:
    """A table of the settings: the network, the length, and what one training and its samples
    cost in operations."""
    lines = [
        f"{'one training of the papers':26} {'parameters':>10} {'forward':>12} {'images':>8} "
        f"{'training':>9} {'sampling':>9}"
    ]
    for each in SETTINGS:
        network = each.network
        lines.append(
            f"{each.name:26} {network.parameters / 1e6:9.1f}M {network.flops / 1e9:6.1f} GFLOP "
            f"{each.million:4d} M {each.training:11.2e} {each.sampling:9.2e}"
        )
    return "\n".join([*lines, f"DDPM++ of EDM, 35 passes a sample; {OMNI}"])
