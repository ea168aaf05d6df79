"""EDM preconditioning (Karras et al. 2022, table 1), scalar or one scale for each mode of a basis.

For data of scale s and noise of scale sigma the denoiser is

    D(x, sigma) = c_skip x + c_out F(c_in x, ln(sigma)/4),
    c_skip = s^2/(s^2 + sigma^2),
    c_out = sigma s/sqrt(s^2 + sigma^2),
    c_in = 1/sqrt(s^2 + sigma^2)

so that the network F sees and gives numbers of variance one, and the loss weight is 1/c_out^2 =
(sigma^2 + s^2)/(sigma s)^2. EDM takes one s for the whole image. Natural images are far from
that: their power falls by orders of magnitude from the lowest to the highest frequency, and with
one s the network must learn the spectrum first. In an orthonormal basis (``BASES``), where white
noise stays white, each mode k can have its own s_k: then D with F = 0 is the optimal linear
denoiser of data that is uncorrelated in it (a stationary Gaussian field in the DCT, Gaussian
patches in their principal components), and F learns only what is not Gaussian. The minimiser of
the loss is the same in all; the weights, 1/sigma^2 + 1/s_k^2 for mode k, differ.

A conditional denoiser is D(x, sigma, c): its network is told a caption too, by its tokens or by
what they embed to, a vector a word (``embed``), which can be moved on the way.

All of this is float32; on a card the network alone is not (``harness.nets.precision``).
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from harness.data.words import Words
from harness.nets.basis import Basis
from harness.nets.precision import called


class Denoiser(nn.Module):
    """A stack of K preconditioned networks: x [K, B, C, H, W], sigma [K, B] -> E[x0 | x].

    basis: where modes are weighed, a row of ``BASES``. scales: [K, *mode shape], one a mode (all
    equal for EDM's own, scalar form). words: what a condition is made of, None without one.
    precision: what the network's products are rounded to, None for the custom of the device.
    standin: called in the network's place where it is set, such as the network compiled.
    """

    scales: Tensor
    precision: torch.dtype | None = None
    standin: Callable[..., Tensor] | None = None

    def __init__(
        self, network: nn.Module, basis: Basis, scales: Tensor, words: Words | None = None
    ) -> None:
        super().__init__()
        self.network, self.basis, self.words = network, basis, words
        self.register_buffer("scales", scales[:, None])  # [K, 1, *mode shape]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of the images."""
        return self.basis.shape

    def embed(self, tokens: Tensor) -> Tensor:
        """What tokens int64 [K, B, T] are to the network: a vector of d numbers each, with d last.

        Raises ``ValueError`` where it takes no condition.
        """
        if self.words is None:
            raise ValueError("a denoiser without a condition embeds nothing")
        return self.network.embed(tokens)  # type: ignore[operator]

    def embedding_norm(self) -> Tensor:
        """The mean norm of what its words embed to, [K]; the null caption is no word."""
        assert self.words is not None
        rows = torch.arange(1, self.words.count, device=self.scales.device)
        return self.embed(rows.expand(len(self.scales), 1, -1)).norm(dim=-1).mean((1, 2))

    def forward(self, x: Tensor, sigma: Tensor, condition: Tensor | None = None) -> Tensor:
        """The estimate, like x; condition: tokens int64 [K, B, T] where the network takes them,
        or vectors [K, B, T, d]."""
        return self.basis.centre + self.basis.pixels(self._estimate(x, sigma, condition))

    def _estimate(self, x: Tensor, sigma: Tensor, condition: Tensor | None) -> Tensor:
        """The modes of the estimate less the centre, [K, B, *mode shape]."""
        basis, level = self.basis, sigma[:, :, None, None, None]  # [K, B, 1, 1, 1]
        norm = torch.sqrt(self.scales**2 + level**2)  # [K, B, *mode shape]
        modes = basis.modes(x - basis.centre)
        inward = basis.seen(modes / norm)
        given = () if condition is None else (condition,)
        told = (inward, sigma.log() / 4, *given)
        outward = basis.unseen(called(self.standin or self.network, told, self.precision))
        skip, out = (self.scales / norm) ** 2, level * self.scales / norm
        return skip * modes + out * outward

    def weighted_error(
        self, x: Tensor, target: Tensor, sigma: Tensor, condition: Tensor | None = None
    ) -> Tensor:
        """EDM's weighted squared error of the estimate of each image x, [K, B].

        The sum over modes of (d/c_out)^2, d the modes of D(x, sigma) - target. The basis is
        orthonormal, so there is no need to go back to pixels.
        """
        level = sigma[:, :, None, None, None]
        weight = 1 / level**2 + 1 / self.scales**2  # = 1/c_out^2, [K, B, *mode shape]
        estimate = self._estimate(x, sigma, condition)
        error = estimate - self.basis.modes(target - self.basis.centre)
        return (weight * error**2).sum(dim=(2, 3, 4))
