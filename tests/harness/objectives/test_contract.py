"""What every objective promises, over the table of examples."""

import math

import pytest
import torch
from torch import Tensor

from harness.cell import part, plain
from harness.nets.checkpoint import build
from harness.objectives import EXAMPLES, OBJECTIVES
from harness.objectives.denoising import Denoising
from harness.objectives.objective import Batch, Objective

ROWS = [
    pytest.param(name, example, id=f"{name}-{'-'.join(map(str, example.values()))}")
    for name in OBJECTIVES
    for example in EXAMPLES[name]
]
every_example = pytest.mark.parametrize(("name", "example"), ROWS)
MOVED = ("input_perturbation",)  # its input has more noise than its level says
every_plain_example = pytest.mark.parametrize(
    ("name", "example"), [row for row in ROWS if row.values[0] not in MOVED]
)
N = 100_000


def draws(count: int, number: int, seed: int = 0) -> list[Tensor]:
    g = torch.Generator().manual_seed(seed)
    return [torch.randn(1, count, 1, 1, 1, generator=g).double() for _ in range(number)]


def batch(sigma_min: Tensor, seed: int = 0) -> Batch:
    """Two copies of 5 images, and what is drawn for them."""
    g = torch.Generator().manual_seed(seed)

    def normal() -> Tensor:
        return torch.randn(2, 5, 1, 2, 2, generator=g)

    def below(limit: Tensor) -> Tensor:
        return limit * torch.rand(limit.shape, generator=g)

    return Batch(normal(), sigma_min, (), normal, below)


def test_every_row_has_examples_and_no_example_lacks_a_row() -> None:
    assert set(EXAMPLES) == set(OBJECTIVES)
    assert all(EXAMPLES.values())


def test_a_parameter_that_is_not_given_takes_no_part_in_the_identity_of_a_cell() -> None:
    assert plain(part("ambient", cap=4.0)) == {"name": "ambient", "cap": 4.0}
    assert OBJECTIVES["ambient"]() == OBJECTIVES["ambient"](cap=4.0)


@every_example
def test_buffer_and_passes_are_at_least_one(name: str, example: dict[str, object]) -> None:
    objective: Objective = OBJECTIVES[name](**example)
    assert 1 <= objective.buffer < math.inf
    assert 1 <= objective.passes < math.inf
    assert hash(objective) == hash(OBJECTIVES[name](**example))


@every_plain_example
def test_an_image_that_counts_as_clean_is_denoised_plainly(
    name: str, example: dict[str, object]
) -> None:
    objective: Objective = OBJECTIVES[name](**example)
    x0, noise, frozen = draws(50, 3)
    sigma = torch.linspace(0.01, 5, 50).double().view_as(x0)
    given = (x0, sigma, torch.zeros_like(x0), noise, frozen)
    for found, expected in zip(objective.pair(*given), Denoising().pair(*given)):
        assert torch.allclose(found, expected, atol=1e-12)
    factor = objective.factor(sigma[..., 0, 0, 0], torch.zeros(1, 50).double())
    assert factor is None or torch.equal(factor, torch.ones_like(factor))


@every_plain_example
@pytest.mark.parametrize("excess", [1.05, 1.5])
def test_the_input_has_the_noise_of_its_level_and_the_target_is_unbiased(
    name: str, example: dict[str, object], excess: float
) -> None:
    """For N(0, s^2) the target regresses on the input with the gain s^2/(s^2 + sigma^2)."""
    objective: Objective = OBJECTIVES[name](**example)
    s, level = 0.5, 0.3
    x0, noise, frozen, seen = draws(N, 4, seed=3)
    image = s * x0 + level * seen if objective.noised else s * x0
    sigma = torch.full_like(x0, level * objective.buffer * excess)
    given = (image, sigma, torch.full_like(x0, level), noise, frozen)
    xt, target = (each.flatten() for each in objective.pair(*given))
    total = s**2 + float(sigma[0, 0, 0, 0, 0]) ** 2
    assert abs(xt.var() - total) < 4 * total * math.sqrt(2 / N)
    residual = target - s**2 / total * xt
    for moment in (residual, residual * xt):
        assert abs(moment.mean()) < 4 * moment.std() / math.sqrt(N)


@every_example
def test_factors_lie_in_0_to_1_and_rise_with_the_level(
    name: str, example: dict[str, object]
) -> None:
    objective: Objective = OBJECTIVES[name](**example)
    sigma = torch.linspace(1.0001, 100, 400)[None] * objective.buffer * 0.3
    factor = objective.factor(sigma, torch.full_like(sigma, 0.3))
    if factor is not None:
        assert ((factor > 0) & (factor <= 1)).all()
        assert (factor.diff() >= 0).all()
        assert factor[0, -1] > 0.99


@every_example
def test_what_is_added_is_drawn_from_its_streams_alone_and_is_0_for_clean_images(
    name: str, example: dict[str, object]
) -> None:
    objective: Objective = OBJECTIVES[name](**example)
    denoiser = build(part("mlp", width=8, blocks=1), (1, 2, 2), generators())
    sigma_min = torch.tensor([[0.3, 0.0, 0.1, 0.3, 0.0], [0.2, 0.2, 0.0, 0.0, 1.0]])
    state = torch.get_rng_state()
    found, again = (objective.extra(denoiser, batch(sigma_min)) for _ in range(2))
    if found is None:
        assert again is None
        return
    assert torch.equal(found, again)  # type: ignore[arg-type]
    assert torch.equal(torch.get_rng_state(), state)
    assert found.shape == (2, 5)
    assert torch.isfinite(found).all()
    assert torch.equal(found == 0, sigma_min == 0)
    found.sum().backward()
    for parameter in denoiser.parameters():
        assert torch.isfinite(parameter.grad).all()  # type: ignore[arg-type]


def generators() -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in (1, 2)]
