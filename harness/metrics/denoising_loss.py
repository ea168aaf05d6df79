r"""Held-out denoising loss: the denoiser's error over all noise levels, in nats.

.. math::  L = \int_{.02}^{20} \frac{E |D(x + \sigma n, \sigma) - x|^2}{\sigma^2} \, d\ln\sigma,
           \qquad x \sim \text{held-out clean images},\; n \sim N(0, I)

Why this weight. I-MMSE (Guo, Shamai and Verdú, Mutual information and minimum mean-square error in
Gaussian channels, IEEE Trans. Information Theory 51(4), 2005, theorem 2): with the signal-to-noise
ratio :math:`\gamma = \sigma^{-2}`, :math:`dI/d\gamma = \mathrm{mmse}/2` in nats. As
:math:`d\gamma = -2 \gamma \, d\ln\sigma`, the best denoiser has

.. math::  L^* = \int \frac{\mathrm{mmse}(\sigma)}{\sigma^2} \, d\ln\sigma = I(.02) - I(20),

the information about the image that is gained between the two ends. Another denoiser that is the
best one for some law q has a surplus (Verdú, Mismatched estimation and relative entropy, IEEE
Trans. Information Theory 56(8), 2010) of

.. math::  L - L^* = KL(p_{.02} \| q_{.02}) - KL(p_{20} \| q_{20}),

where the subscript means after adding noise of that level: the divergence of the score model from
the data, in nats an image. L* is unknown for photographs, so only differences of L have a meaning
between arms, and they do not depend on it.

The integral is a trapezoid on 25 logarithmic levels. For one Gaussian mode of variance
:math:`\lambda` the exact value is
:math:`\tfrac12 \ln\frac{1 + \lambda/\sigma_{min}^2}{1 + \lambda/\sigma_{max}^2}`, and the trapezoid
of step h is off by at most :math:`h^2 / 24 = 3.5 \cdot 10^{-3}` nats a mode (Euler and Maclaurin,
at an end that falls on :math:`\sigma^2 = \lambda`), and by :math:`5 \cdot 10^{-4}` for
:math:`\lambda` from 0.01 to 10. Modes much weaker than :math:`.02^2` count for nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
import torch
from torch import Tensor

from harness.metrics.estimate import Estimate, mean
from harness.metrics.sensitivity import Kind
from harness.problem import Problem

Denoise = Callable[..., Tensor]


def denoising_curve(
    denoise: Denoise,
    images: np.ndarray | Tensor,
    sigmas: np.ndarray,
    generator: torch.Generator,
    batch: int = 1024,
    condition: np.ndarray | None = None,
) -> np.ndarray:
    """Squared error over sigma² of every image at every noise level: float64 ``[S, N]``.

    ``denoise(x, sigma)`` maps noisy images ``[B, C, H, W]`` and levels ``[B]`` to estimates of the
    clean ones, ``images`` are clean, float32 ``[N, C, H, W]``; all is computed where the generator
    lives. A conditional one is called ``denoise(x, sigma, condition)``, with the images' own rows
    of ``condition``, tokens int64 ``[N, T]``. The noise of a level is drawn for all images at once,
    so that it depends on the generator alone, neither on the denoiser nor on ``batch``: arms that
    are given the same stream see the same noise. Values of a denoiser that diverged are returned as
    they are; ``DenoisingLoss`` refuses them.
    """
    clean = images if isinstance(images, Tensor) else torch.tensor(images)
    clean = clean.to(generator.device, torch.float32)
    told = None if condition is None else torch.as_tensor(condition, device=clean.device)
    curve = np.empty((len(sigmas), len(clean)))
    with torch.no_grad():
        for row, level in enumerate(sigmas):
            noise = torch.randn(clean.shape, generator=generator, device=generator.device)
            for start in range(0, len(clean), batch):
                x0 = clean[start : start + batch]  # [B, C, H, W]
                sigma = torch.full((len(x0),), float(level), device=x0.device)
                xt = x0 + float(level) * noise[start : start + batch]
                own = () if told is None else (told[start : start + batch],)
                error = (denoise(xt, sigma, *own) - x0).double().square().flatten(1).sum(1)  # [B]
                curve[row, start : start + batch] = error.cpu().numpy() / float(level) ** 2
    return curve


@final
@dataclass(frozen=True)
class DenoisingLoss:
    """The integral of a denoising curve over ln sigma, in nats an image.

    Range 0 to infinity, lower is better; the least value is that of the best denoiser and unknown.
    Bias: none over the draw of images and noise; the trapezoid as the module states.
    Cost: ``points`` passes of the network over the images. Least n: 2. Cannot see: what the sampler
    does, nor the network where it is never asked, off the noised held-out images; and as a mean
    over levels it lets one level hide another, so look at the curve. The standard error covers
    images and noise, with the network held fixed; patches of one photograph are not independent,
    for which see ``by_group``.
    """

    sigma_min: float = 0.02
    sigma_max: float = 20.0
    points: int = 25
    unit: ClassVar[str] = "nats"
    higher_is_better: ClassVar[bool | None] = False
    needs: ClassVar[str] = "curve"
    sees: ClassVar[tuple[Kind, ...]] = ()
    blind: ClassVar[tuple[Kind, ...]] = ()
    right: ClassVar[float | None] = None

    @property
    def sigmas(self) -> np.ndarray:
        """The noise levels, ascending, float64 ``[points]``."""
        return np.geomspace(self.sigma_min, self.sigma_max, self.points)

    def least(self, dimension: int) -> int:
        """The fewest images accepted."""
        return 2

    def per_image(self, curve: np.ndarray) -> np.ndarray:
        """The loss of every image ``[N]``, from a curve ``[points, N]`` on ``sigmas``."""
        if curve.ndim != 2 or len(curve) != self.points:
            raise Problem(
                "denoising_loss of a curve",
                f"an array of shape {curve.shape}",
                f"give [{self.points}, images], on the levels of .sigmas",
            )
        if curve.shape[1] < 2:
            raise Problem("denoising_loss", f"{curve.shape[1]} images", "give at least 2")
        if not np.isfinite(curve).all():
            raise Problem(
                "denoising_loss", "NaN or infinite values", "see whether the network diverged"
            )
        return np.trapezoid(curve, np.log(self.sigmas), axis=0)

    def __call__(self, curve: np.ndarray) -> Estimate:
        """The mean loss, from a curve ``[points, N]`` of ``denoising_curve`` on ``sigmas``.

        Raises ``Problem`` for another number of levels, fewer than 2 images, or NaN.
        """
        return mean(self.per_image(curve))

    def by_group(self, curve: np.ndarray, source: np.ndarray) -> dict[str, Estimate]:
        """The mean loss of each source, such as a photograph, by its name; ``source`` ``[N]``.

        A source with one image has no standard error.
        """
        loss = self.per_image(curve)
        source = np.asarray(source)
        if source.shape != loss.shape:
            raise Problem(
                "denoising_loss by source", f"{source.shape} sources", f"give {len(loss)} of them"
            )
        groups = {str(name): loss[source == name] for name in np.unique(source)}
        return {
            name: mean(values) if len(values) > 1 else Estimate(float(values[0]), None, 1)
            for name, values in groups.items()
        }


DENOISING_LOSS = DenoisingLoss()
