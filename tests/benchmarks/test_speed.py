"""How fast the parts are that a run spends its time in: ``make bench``.

Each benchmark states its floor: the operations over the rate of a float32 matrix product on one
core, which the first one measures here and now.
"""

import numpy as np
import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture

from harness.cell import part
from harness.metrics.frechet import frechet_distance
from harness.nets.checkpoint import build
from harness.run.code import _digest, _module, code_digest
from harness.sample.heun import Heun
from theory import LAWS

SHAPE = (1, 8, 8)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def denoiser(name: str, stack: int) -> torch.nn.Module:
    width = {"mlp": 240, "unet": 16}[name]
    init = [torch.Generator().manual_seed(k) for k in range(stack)]
    return build(part(name, width=width), SHAPE, init)


def test_matrix_product(benchmark: BenchmarkFixture) -> None:
    """The floor: 2 * 1024^3 operations."""
    a = torch.randn(1024, 1024, generator=torch.Generator().manual_seed(0))
    benchmark(torch.matmul, a, a)


@pytest.mark.parametrize(
    ("name", "stack", "batch"), [("mlp", 8, 256), ("mlp", 1, 256), ("unet", 3, 256)]
)
def test_training_step(benchmark: BenchmarkFixture, name: str, stack: int, batch: int) -> None:
    """stack * batch images: 5.2 GFLOP for the MLP's stack of eight, 12 GFLOP for the U-Net's."""
    net = denoiser(name, stack)
    optimiser = torch.optim.Adam(net.parameters(), fused=True)
    x0 = torch.randn(stack, batch, *SHAPE, generator=torch.Generator().manual_seed(0))
    sigma = torch.full((stack, batch), 0.5)

    def step() -> None:
        error = net.weighted_error(x0, x0, sigma)  # type: ignore[operator]
        optimiser.zero_grad(set_to_none=True)
        error.mean().backward()
        optimiser.step()

    benchmark(step)


@pytest.mark.parametrize("name", ["mlp", "unet"])
def test_sampling(benchmark: BenchmarkFixture, name: str) -> None:
    """500 samples of one copy in 35 calls: 15 GFLOP for the MLP, 89 GFLOP for the U-Net."""
    net = denoiser(name, 1)
    noise = torch.randn(1, 500, *SHAPE, generator=torch.Generator().manual_seed(0))
    benchmark.pedantic(Heun(18), (net, noise), rounds=3)


@pytest.mark.parametrize("dimension", [128, 512])
def test_frechet_distance(benchmark: BenchmarkFixture, dimension: int) -> None:
    rng = np.random.default_rng(0)
    a, b = (np.cov(rng.standard_normal((4 * dimension, dimension)).T) for _ in range(2))
    mean = np.zeros(dimension)
    benchmark(frechet_distance, mean, a, mean, b)


@pytest.mark.parametrize("law", list(LAWS))
def test_law(benchmark: BenchmarkFixture, law: str) -> None:
    from harness.theorem import LAW_TABLE

    found = LAW_TABLE[law]
    benchmark.pedantic(
        lambda: found().exact(found.example, np.random.default_rng(0)), rounds=3, warmup_rounds=1
    )


def test_digest_of_the_code(benchmark: BenchmarkFixture) -> None:
    """Paid at every start of Snakemake."""

    def digest() -> str:
        _module.cache_clear()
        _digest.cache_clear()
        return code_digest("harness.metrics.measure")

    benchmark.pedantic(digest, rounds=5)
