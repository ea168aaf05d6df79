"""A conditional network trained on two Gaussians, guided beside the exact denoisers of both.

Class k has the law N(m_k, s^2), m = -0.3 and 0.3, s = 0.1, so that

    D(x, sigma, k) = m_k + s^2/(s^2 + sigma^2) (x - m_k),

and the unconditional D is that of the mixture (``theory.mixture``). The same sampler is led by the
exact ones and by the network, from the same noise: what differs is what was learned. Guidance moves
the mean of a class outwards; how far is what the exact ones say.
"""

import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from harness.cell import Part, part
from harness.nets.checkpoint import restore
from harness.nets.preconditioning import Denoiser
from harness.sample.guidance import Guided
from harness.sample.heun import Heun
from harness.train.condition import Condition
from harness.train.loop import train
from harness.train.training import Training
from theory.mixture import Mixture

MEAN, SPREAD = 0.3, 0.1
STEPS, BATCH, COUNT = 400, 512, 1000
NOISE = torch.randn(1, 2 * COUNT, 1, 1, 1, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(2 * COUNT) % 2
SAMPLER = Heun(18, sigma_min=0.02, sigma_max=3.0)


class Exact:
    """The denoisers of both classes, 1 and 2, and of the mixture under 0."""

    both = Mixture(np.array([0.5, 0.5]), np.array([[-MEAN], [MEAN]]), np.array(SPREAD**2))

    def __call__(self, x: Tensor, sigma: Tensor, tokens: Tensor) -> Tensor:
        level, word = float(sigma[0, 0]), tokens[:, :, 0, None, None, None]
        mean = torch.where(word == 1, -MEAN, MEAN)
        told = mean + SPREAD**2 / (SPREAD**2 + level**2) * (x - mean)
        free = self.both.denoise(x.numpy().reshape(-1, 1), level).reshape(x.shape)
        return torch.where(word > 0, told, torch.as_tensor(free, dtype=x.dtype))


def trained(folder: Path, by: Part | None = None) -> Denoiser:
    asked = Training(
        dataset=part(
            "gaussian_mixture", means=(-MEAN, MEAN), deviation=SPREAD, count=10_000, labelled=True
        ),
        pool="oracle",
        network=part("mlp", width=24, blocks=1),
        objective=part("denoising"),
        images=STEPS * BATCH,
        batch=BATCH,
        rate=6e-3,
        warmup=5000,
        constant=STEPS * BATCH // 3,
        ema=0.1,
        log_sigma_mean=-1.4,
        log_sigma_std=0.9,
        condition=Condition("label", 0.2, by),
    )
    train(asked, 1, {}, folder, "cpu", lambda share: None)
    return restore(folder / "weights.safetensors", "cpu")


def samples(denoiser: Denoiser | Exact, weight: float) -> np.ndarray:
    """Samples [2, COUNT] of both classes, each led away from its middle: outwards is up."""
    tokens = (LABELS + 1).view(1, -1, 1)
    x = SAMPLER(Guided(denoiser, tokens, weight), NOISE).flatten()  # type: ignore[arg-type]
    return (x * (2 * LABELS - 1)).view(COUNT, 2).T.double().numpy()


@cache
def exact(weight: float) -> np.ndarray:
    return samples(Exact(), weight)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Denoiser:
    return trained(tmp_path_factory.mktemp("clean"))


def test_the_exact_denoisers_end_in_the_classes_and_guidance_moves_them_outwards() -> None:
    for own in exact(0.0):
        assert abs(own.mean() - MEAN) < 4 * SPREAD / COUNT**0.5
        assert abs(own.std() - SPREAD) < 4 * SPREAD / (2 * COUNT) ** 0.5 + 0.005
    assert exact(1.0).mean() - exact(0.0).mean() > 0.3 * SPREAD
    assert exact(4.0).mean() - exact(1.0).mean() > 0.3 * SPREAD


@pytest.mark.parametrize("weight", [0.0, 1.0, 4.0])
def test_a_trained_network_is_guided_as_the_exact_denoisers_are(
    clean: Denoiser, weight: float
) -> None:
    """Within a tenth of a deviation, times 1 + w, by which guidance enlarges what is wrong.

    Measured: half of it at most.
    """
    away = (samples(clean, weight) - exact(weight)) / SPREAD  # sample by sample
    assert np.abs(away.mean(1)).max() < 0.1 * (1 + weight)
    assert away.std(1).max() < 0.15


@pytest.mark.parametrize("gamma", [1.0, 4.0])
def test_noise_on_the_condition_mixes_the_classes_as_bayes_says(
    gamma: float, tmp_path: Path
) -> None:
    """Told c_1, the network takes c_2 and the null for as likely as q = e^(-d/gamma^2) to 1.

    Under the null, a fifth of the training, an image is of either class. In between, at gamma =
    2.3, the network is less sure than it could be: 0.88 of the samples are right, not 0.94.
    """
    denoiser = trained(tmp_path, part("cep_gaussian", gamma=gamma))
    q = math.exp(-16 / gamma**2)
    expected = (0.4 + 0.1 * q) / (0.4 + 0.6 * q)
    found = (samples(denoiser, 0.0) > 0).mean()
    error = math.sqrt(expected * (1 - expected) / (2 * COUNT))
    assert abs(found - expected) < 4 * error + 0.005  # a class of three deviations
