"""Consistency of a perfect denoiser, where every expectation is known; and of wrong ones."""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from harness.objectives.consistency import Consistency, step_deviation, step_mean
from harness.objectives.objective import Batch
from harness.problem import Problem
from theory.mixture import Mixture
from theory.tweedie.coarse_sampler import move
from theory.tweedie.transition import denoise

BUMPS = Mixture(np.array([0.3, 0.7]), np.array([[-1.0], [1.0]]), np.array([0.09, 0.09]))
NORMAL = Mixture(np.array([1.0]), np.array([[0.0]]), np.array([0.25]))
N = 40_000


class Exact(nn.Module):
    """E[x0 | x] of a law on the line, times 1 + error; weights are 1/sigma^2."""

    def __init__(self, law: Mixture, error: float = 0.0) -> None:
        super().__init__()
        self.law, self.error = law, error
        self.scales = torch.full((1, 1, 1, 1, 1), 1e12, dtype=torch.float64)
        self.basis = self
        self.asked: list[float] = []

    def modes(self, x: Tensor) -> Tensor:
        return x

    def forward(self, x: Tensor, sigma: Tensor) -> Tensor:
        level = float(sigma[0, 0])
        self.asked.append(level)
        found = denoise(self.law, x.flatten().numpy(), level)
        return (1 + self.error) * torch.as_tensor(found).view_as(x)


def noise(count: int = N, seed: int = 0) -> Callable[[], Tensor]:
    g = torch.Generator().manual_seed(seed)
    return lambda: torch.randn(1, count, 1, 1, 1, generator=g, dtype=torch.float64)


def residuals(objective: Consistency, law: Mixture, sigma: float, error: float = 0.0) -> Tensor:
    """Estimates of r^2 [N] at points of the law under noise sigma, in its squared units."""
    points = law.sample(N, np.random.default_rng(1))
    x = torch.as_tensor(points).view(1, N, 1, 1, 1) + sigma * noise(seed=5)()
    level = torch.full((1, N), sigma, dtype=torch.float64)
    return objective.residual(Exact(law, error), x, level, noise())[0] * sigma**2  # type: ignore[arg-type]


def moments(law: Mixture, sigma: float, lower: float) -> tuple[float, float]:
    """E r^2 and E Var(h(X_s)|X_t) of the perfect denoiser under one ancestral step."""
    x = np.linspace(-8, 8, 4001)
    mass = np.exp(law.noised(sigma).log_density(x[:, None])) * (x[1] - x[0])
    mean, width = move(law, x, sigma, lower, "ancestral")
    z, weight = np.polynomial.hermite_e.hermegauss(60)
    ends = denoise(law, (mean[:, None] + width * z).ravel(), lower).reshape(len(x), -1)
    weight = weight / weight.sum()
    expected = ends @ weight
    residual = expected - denoise(law, x, sigma)
    return float(mass @ residual**2), float(mass @ (ends**2 @ weight - expected**2))


def near(values: Tensor, expected: float) -> bool:
    return bool(abs(values.mean() - expected) < 4 * values.std() / math.sqrt(len(values)))


@pytest.mark.parametrize("antithetic", [False, True])
@pytest.mark.parametrize("trajectories", [2, 4])
@pytest.mark.parametrize(
    ("law", "gap"), [(NORMAL, math.log(2)), (BUMPS, math.log(2)), (BUMPS, 0.3)]
)
def test_the_product_is_unbiased(
    law: Mixture, gap: float, trajectories: int, antithetic: bool
) -> None:
    objective = Consistency(gap=gap, trajectories=trajectories, antithetic=antithetic)
    squared, _ = moments(law, 1.0, math.exp(-gap))
    found = residuals(objective, law, 1.0)
    assert near(found, squared) or float(found.abs().max()) < 1e-20  # exact, for a linear one


@pytest.mark.parametrize("count", [1, 4, 6])
def test_the_average_is_biased_by_the_variance_of_a_trajectory_over_their_number(
    count: int,
) -> None:
    """From noise 1 to 0.5; on a mixture of their own the notes have 0.154, .0385 and .0257."""
    for law in (NORMAL, BUMPS):
        squared, variance = moments(law, 1.0, 0.5)
        objective = Consistency(
            estimator="average", gap=math.log(2), trajectories=count, antithetic=False
        )
        found = residuals(objective, law, 1.0)
        assert near(found, squared + variance / count)
        assert not near(found, squared)
    # N(0, s^2): the gain below, squared, times the variance of the step.
    gain = 0.25 / (0.25 + 0.25)
    assert moments(NORMAL, 1.0, 0.5)[1] == pytest.approx(gain**2 * 0.25 * 0.75)


def test_the_residual_is_of_the_second_order_for_a_perfect_denoiser_else_of_the_first() -> None:
    sizes = {gap: math.sqrt(moments(BUMPS, 1.0, math.exp(-gap))[0]) for gap in (0.1, 0.05)}
    assert math.log2(sizes[0.1] / sizes[0.05]) == pytest.approx(2, abs=0.15)
    for gap in (0.2, 0.1):
        # h = (1 + e) s^2/(s^2 + sigma^2) x: r = (A_s (1 + k (A_t - 1)) - A_t) x in closed form.
        high, low = (1.1 * 0.25 / (0.25 + level**2) for level in (1.0, math.exp(-gap)))
        slope = low * (1 + (1 - math.exp(-2 * gap)) * (high - 1)) - high
        expected = slope**2 * (0.25 + 1)
        found = residuals(Consistency(gap=gap), NORMAL, 1.0, error=0.1)
        assert near(found, expected)
        sizes[gap] = math.sqrt(expected)
    assert math.log2(sizes[0.2] / sizes[0.1]) == pytest.approx(1, abs=0.2)


def test_antithetic_trajectories_are_as_right_and_far_less_noisy() -> None:
    plain, paired = (
        residuals(Consistency(gap=0.1, antithetic=each), BUMPS, 0.5) for each in (False, True)
    )
    squared, _ = moments(BUMPS, 0.5, 0.5 * math.exp(-0.1))
    assert near(plain, squared)
    assert near(paired, squared)
    assert paired.std() < plain.std() / 5


def test_a_step_has_the_mean_and_the_deviation_of_the_ancestral_sampler() -> None:
    x = torch.linspace(-2, 2, 9, dtype=torch.float64).view(1, 9, 1, 1, 1)
    high, low = torch.full((1, 9), 0.8).double(), torch.full((1, 9), 0.5).double()
    mean, width = move(BUMPS, x.flatten().numpy(), 0.8, 0.5, "ancestral")
    found = step_mean(x, Exact(BUMPS)(x, high), high, low)
    assert np.allclose(found.flatten().numpy(), mean, atol=1e-12)
    assert torch.allclose(step_deviation(high, low), torch.tensor(width).double())


def test_points_below_the_noise_of_the_data_have_the_law_of_their_level() -> None:
    """The reverse process of a perfect denoiser, from images noised to b sigma_n e^gap.

    Normal data: a step from a to b leaves the variance (C_b/C_a)^2 C_a + b^2 (1 - b^2/a^2), C = s^2
    + sigma^2, short of C_b by what the step leaves out.
    """
    objective = Consistency(gap=0.2, steps=3)
    seen = torch.as_tensor(NORMAL.sample(N, np.random.default_rng(1))).view(1, N, 1, 1, 1)
    floor, target = 0.4, 0.1
    denoiser = Exact(NORMAL)
    asked: list[Tensor] = []

    def below(limit: Tensor) -> Tensor:
        asked.append(limit)
        return torch.full_like(limit, target)

    images = seen + floor * noise(seed=7)()
    batch = Batch(images, torch.full((1, N), floor).double(), (), noise(seed=8), below)
    reached: list[Tensor] = []
    object.__setattr__(objective, "residual", lambda _, x, *rest: reached.append(x) or x.flatten(1))
    objective.extra(denoiser, batch)  # type: ignore[arg-type]
    top = math.sqrt(4 / 3) * floor * math.exp(0.2)
    assert float(asked[0].min()) == pytest.approx(top)
    assert denoiser.asked == pytest.approx([top * (target / top) ** (k / 3) for k in range(3)])
    variance, levels = 0.25 + top**2, [*denoiser.asked, target]
    for high, low in pairwise(levels):
        share = ((0.25 + low**2) / (0.25 + high**2)) ** 2
        variance = share * variance + low**2 * (1 - (low / high) ** 2)
    found = reached[0].var()
    assert abs(found - variance) < 4 * variance * math.sqrt(2 / N)


@pytest.mark.parametrize(
    ("gradient", "by_start", "by_end"), [("ends", True, True), ("lower", False, True)]
)
def test_the_gradient_goes_where_it_is_said_to(gradient: str, by_start: bool, by_end: bool) -> None:
    found = gradients(gradient)
    assert (found[0] != 0, found[1] != 0) == (by_start, by_end)


def test_the_gradient_through_all_is_that_of_the_squared_residual() -> None:
    """h = a x above and c x below: d = (c (1 + k (a - 1)) - a) x, antithetic noise cancels."""
    a, c, x = 0.6, 0.7, 2.0
    share = 1 - math.exp(-0.6)
    inner = 1 + share * (a - 1)
    away = (c * inner - a) * x
    weight = 2 * 3.0 * away
    assert gradients("all") == pytest.approx([weight * (c * share - 1) * x, weight * inner * x])
    assert gradients("ends") == pytest.approx([weight * -x, weight * inner * x])
    assert gradients("lower") == pytest.approx([0, weight * inner * x])


def gradients(gradient: str) -> list[float]:
    """Of 3 r^2 at sigma = 1, x = 2, with respect to the two gains."""
    gains = torch.tensor([0.6, 0.7], dtype=torch.float64, requires_grad=True)

    class Linear(Exact):
        def forward(self, x: Tensor, sigma: Tensor) -> Tensor:
            return gains[int(float(sigma[0, 0]) < 1)] * x

    objective = Consistency(gap=0.3, gradient=gradient)
    x, sigma = torch.full((1, 1, 1, 1, 1), 2.0).double(), torch.ones(1, 1).double()
    (3 * objective.residual(Linear(NORMAL), x, sigma, noise(1)).sum()).backward()  # type: ignore[arg-type]
    assert gains.grad is not None
    return [float(each) for each in gains.grad]


def test_passes_count_what_is_asked_of_the_network() -> None:
    """Three steps without a gradient, the point, and two antithetic trajectories; and the loss."""
    for objective, ends in ((Consistency(steps=3), 4), (Consistency(antithetic=False, steps=3), 2)):
        denoiser = Exact(NORMAL)
        below: Callable[[Tensor], Tensor] = lambda limit: limit / 2  # noqa: E731
        given = Batch(noise(5)(), torch.full((1, 5), 0.3).double(), (), noise(5), below)
        objective.extra(denoiser, given)  # type: ignore[arg-type]
        assert len(denoiser.asked) == 3 + 1 + 1  # the trajectories' ends are asked for at once
        assert objective.passes == pytest.approx(1 + 3 / 3 + 1 + ends)
    assert Consistency(weight=0.0).passes == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"estimator": "mean"}, "choose from product, average"),
        ({"gradient": "none"}, "choose from ends, all, lower"),
        ({"weight": -1.0}, "0 or more"),
        ({"gap": 0.0}, "above 0"),
        ({"gap": math.nan}, "above 0"),
        ({"steps": 0}, "a step at least"),
        ({"trajectories": 1}, "2 trajectories"),
        ({"estimator": "average", "trajectories": 0}, "1 trajectories"),
        ({"cap": 1.0}, "a cap above 1"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(given: dict[str, object], message: str) -> None:
    with pytest.raises(Problem, match=message):
        Consistency(**given)  # type: ignore[arg-type]
