r"""The diffusion loss of a token (Li et al. 2024, MAR): its law given h by a small denoiser.

The denoiser is a residual perceptron with adaptive layer norms, told the noise level and h, and
preconditioned as images are (``harness.nets.preconditioning``, Karras et al. 2022) with the data
scale 1, which standardised tokens have:

.. math::
    D(x, \sigma, h) = \frac{x}{1 + \sigma^2}
      + \frac{\sigma}{\sqrt{1 + \sigma^2}} F\Big(\frac{x}{\sqrt{1 + \sigma^2}}, \sigma, h\Big),
    \qquad \text{loss} = \frac{1 + \sigma^2}{\sigma^2} |D(z + \sigma n, \sigma, h) - z|^2 / d

at ``draws`` draws of (sigma, n) a token, since the head costs little beside the network that made
h; ln sigma is normal. EDM's mean -1.2 for images of the scale 1/2 is -0.5 here, and the deviation
1.4 rather than 1.2, for given its neighbours a token's law can be much narrower than 1. The
minimiser is E[z | x, h] at every sigma, hence the law itself.

**What differs from MAR's own.** There the head is a DDPM: it predicts the noise under a cosine
schedule of 1000 levels, which weighs levels otherwise, learns the variance of its steps too, and
draws by 100 ancestral steps. Here it predicts by EDM's mixture of noise and token, at continuous
levels, and draws by 24 of Heun's steps (47 calls), or by ancestral ones, whose noise a temperature
scales. Block, conditioning by sum, draws a token (4) and temperature are MAR's.
"""

from collections.abc import Sequence
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from harness.nets.stacked import Linear, fourier
from harness.problem import Problem
from harness.tokens.chance import Generators, normal
from harness.tokens.head import Cost, Head
from harness.tokens.manner import Manner
from harness.tokens.solver import ancestral, calls, heun

FEATURES = 32


class _Block(nn.Module):
    """x, y [K, M, hidden] -> x: a perceptron behind a layer norm that y shifts, scales, gates."""

    def __init__(self, hidden: int, generators: Sequence[torch.Generator]) -> None:
        super().__init__()
        self.hidden = hidden
        self.modulation = Linear(hidden, 3 * hidden, generators, gain=0.3)
        self.first = Linear(hidden, hidden, generators)
        self.second = Linear(hidden, hidden, generators)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        shift, scale, gate = self.modulation(y).chunk(3, -1)
        normed = F.layer_norm(x, (self.hidden,)) * (1 + scale) + shift
        return x + gate * self.second(F.silu(self.first(normed)))


class Diffusion(Head):
    """Tokens of so many numbers (size). hidden, blocks: of the perceptron; draws: a token in a
    loss; level_mean, level_std: of ln sigma."""

    discrete: ClassVar[bool] = False

    def __init__(
        self,
        width: int,
        size: int,
        generators: Sequence[torch.Generator],
        hidden: int = 64,
        blocks: int = 2,
        draws: int = 4,
        level_mean: float = -0.5,
        level_std: float = 1.4,
    ) -> None:
        super().__init__()
        if hidden < 1 or blocks < 1 or draws < 1 or not level_std > 0:
            got = f"hidden={hidden}, blocks={blocks}, draws={draws}, level_std={level_std}"
            raise Problem("a diffusion head", got, "give 1 or more, and levels that vary")
        self.size, self.hidden, self.draws = size, hidden, draws
        self.level_mean, self.level_std = level_mean, level_std
        self.inward = Linear(size, hidden, generators)
        self.noise = Linear(FEATURES, hidden, generators)
        self.tell = Linear(width, hidden, generators)
        self.blocks = nn.ModuleList([_Block(hidden, generators) for _ in range(blocks)])
        self.last = Linear(hidden, 2 * hidden, generators, gain=0.3)
        self.outward = Linear(hidden, size, generators, gain=0.1)

    def denoise(self, x: Tensor, sigma: Tensor, told: Tensor) -> Tensor:
        """D of x [K, M, size] at sigma [K, M], told [K, M, hidden] (``tell`` of h)."""
        level = sigma[..., None]
        norm = (1 + level**2).sqrt()
        y = F.silu(self.noise(fourier(sigma.log() / 4, FEATURES)) + told)
        inner = self.inward(x / norm)
        for block in self.blocks:
            inner = block(inner, y)
        shift, scale = self.last(y).chunk(2, -1)
        inner = F.layer_norm(inner, (self.hidden,)) * (1 + scale) + shift
        return x / norm**2 + level / norm * self.outward(inner)

    def loss(self, h: Tensor, target: Tensor, generators: Generators) -> Tensor:
        shape, count = h.shape[:3], h.shape[1] * h.shape[2] * self.draws
        told = self.tell(h.flatten(1, 2)).repeat_interleave(self.draws, 1)  # [K, B S draws, .]
        z = target.flatten(1, 2).repeat_interleave(self.draws, 1)
        sigma = (self.level_mean + self.level_std * normal((count,), generators)).exp()
        level = sigma[..., None]
        x = z + level * normal((count, self.size), generators)
        error = (1 + level**-2) * (self.denoise(x, sigma, told) - z).square()
        return error.mean(-1).view(*shape, self.draws).mean(-1)

    def sample(
        self, h: Tensor, free: Tensor | None, pull: float, manner: Manner, generators: Generators
    ) -> Tensor:
        """Raises ``Problem`` for a temperature other than 1 of Heun's method, which has none."""
        told = self.tell(h.flatten(1, 2))  # [K, B S, .]
        untold = None if free is None else self.tell(free.flatten(1, 2))

        def estimate(x: Tensor, level: float) -> Tensor:
            sigma = x.new_full(x.shape[:2], level)
            if untold is None:
                return self.denoise(x, sigma, told)
            both = torch.cat([x, x], 1), torch.cat([sigma, sigma], 1), torch.cat([told, untold], 1)
            with_it, without = self.denoise(*both).chunk(2, 1)
            return with_it + pull * (with_it - without)

        def draw() -> Tensor:
            return normal((told.shape[1], self.size), generators)

        if manner.solver == "ancestral":
            found = ancestral(estimate, draw, manner.steps, manner.temperature)
        elif manner.temperature == 1:
            found = heun(estimate, draw(), manner.steps)
        else:
            got = f"temperature={manner.temperature}"
            raise Problem("samples of a diffusion head by heun", got, "take the solver ancestral")
        return found.unflatten(1, h.shape[1:3])

    @staticmethod
    def flops(
        width: int,
        size: int,
        hidden: int = 64,
        blocks: int = 2,
        draws: int = 4,
        level_mean: float = -0.5,
        level_std: float = 1.4,
        solver: str = "heun",
        steps: int = 24,
    ) -> Cost:
        """Those of a sample without guidance, which doubles them."""
        call = hidden * (2 * size + FEATURES + hidden * (5 * blocks + 2))
        tell = width * hidden
        return Cost(2 * (tell + draws * call), 2 * (tell + calls(solver, steps) * call))
