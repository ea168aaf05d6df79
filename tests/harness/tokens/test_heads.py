"""Heads: each learns what it states of a token's law, and draws from what it has learned."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.stats import kstest, norm
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from harness.problem import Problem
from harness.tokens import HEADS
from harness.tokens.chance import normal
from harness.tokens.cross_entropy import CrossEntropy
from harness.tokens.diffusion import Diffusion
from harness.tokens.head import Head
from harness.tokens.manner import Manner
from harness.tokens.solver import levels
from harness.tokens.squared import Squared

# Two modes at a distance of 20 of their deviations, with mean 0 and variance 1 together.
SHARE, HIGH, LOW, DEVIATION = 0.7, 0.6547 * 0.99499, -1.5275 * 0.99499, 0.1


def generators(*seeds: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def two_modes(count: int, generator: torch.Generator) -> Tensor:
    """[1, count, 1, 1]"""
    high = torch.rand(count, generator=generator) < SHARE
    noise = torch.randn(count, generator=generator)
    return (torch.where(high, HIGH, LOW) + DEVIATION * noise).view(1, -1, 1, 1)


def chance_below(x: np.ndarray) -> np.ndarray:
    return SHARE * norm.cdf(x, HIGH, DEVIATION) + (1 - SHARE) * norm.cdf(x, LOW, DEVIATION)


class Exact(Diffusion):
    """The head with the closed form of E[z | x] in place of its perceptron: of the two modes, or of
    the normal law of a deviation whose mean is h."""

    def __init__(self, deviation: float | None = None) -> None:
        super().__init__(1, 1, generators(1))
        self.tell, self.deviation = nn.Identity(), deviation  # type: ignore[assignment]

    def denoise(self, x: Tensor, sigma: Tensor, told: Tensor) -> Tensor:
        square, x = sigma[..., None].double() ** 2, x.double()
        if self.deviation is not None:
            keep = self.deviation**2 / (self.deviation**2 + square)
            return (told + keep * (x - told)).float()
        total = DEVIATION**2 + square
        weight = [
            share.log() - (x - mode) ** 2 / (2 * total)
            for share, mode in ((torch.tensor(SHARE), HIGH), (torch.tensor(1 - SHARE), LOW))
        ]
        first = torch.sigmoid(weight[0] - weight[1])
        means = [mode + DEVIATION**2 / total * (x - mode) for mode in (HIGH, LOW)]
        return (first * means[0] + (1 - first) * means[1]).float()


def trained(head: Head, steps: int, rate: float, batch: int) -> None:
    """On fresh draws of the two modes at constant h; the rate falls to zero."""
    optimiser, draws = torch.optim.Adam(head.parameters()), torch.Generator().manual_seed(3)
    h = torch.ones(1, batch, 1, 4)
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = rate * min(1, (step + 1) / 20) * (1 - step / steps)
        loss = head.loss(h, two_modes(batch, draws), [draws]).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


def test_diffusion_recovers_two_modes_where_the_squared_error_draws_their_mean() -> None:
    """Of n samples, 4 standard errors and what 300 steps of training leave: 0.03 of the law (in
    the largest difference of chances) and 0.03 of a mode's place. The excess of the loss over that
    of the closed form, on the same draws, is the squared distance of the two denoisers."""
    head, n = Diffusion(4, 1, generators(1), hidden=32), 3000
    trained(head, 300, 5e-3, 128)
    ones = torch.ones(1, n, 1, 4)
    found = head.sample(ones, None, 0.0, Manner(), generators(5)).flatten().detach().numpy()
    assert kstest(found, chance_below).statistic < 4 * 0.5 / math.sqrt(n) + 0.03
    high = found[found > (HIGH + LOW) / 2]
    assert abs(len(high) / n - SHARE) < 4 * math.sqrt(SHARE * (1 - SHARE) / n) + 0.02
    assert abs(high.mean() - HIGH) < 4 * DEVIATION / math.sqrt(SHARE * n) + 0.03
    assert 0.7 * DEVIATION < high.std() < 1.4 * DEVIATION
    assert (np.abs(found - (HIGH + LOW) / 2) < 0.5).mean() < 0.02  # nothing between the modes
    with torch.no_grad():
        z = two_modes(20_000, torch.Generator().manual_seed(6))
        ours = head.loss(torch.ones(1, 20_000, 1, 4), z, generators(7))
        best = Exact().loss(torch.zeros(1, 20_000, 1, 1), z, generators(7))
    excess = (ours - best).flatten()
    error = float(excess.std()) / math.sqrt(len(excess))
    assert -4 * error < float(excess.mean()) < 0.03 + 4 * error

    mean = Squared(4, 1, generators(1))
    trained(mean, 300, 5e-2, 128)
    drawn = mean.sample(ones, None, 0.0, Manner(), generators(5)).detach()
    assert drawn.std() < 1e-6
    assert abs(float(drawn.mean())) < 4 / math.sqrt(300 * 128 / 4)  # late draws count most
    assert abs(float(drawn.mean()) - HIGH) > 5 * DEVIATION


def test_the_solvers_draw_from_the_law_of_an_exact_denoiser() -> None:
    """Kolmogorov and Smirnov at 4 standard errors, and what 100 steps leave of order 1."""
    n, h = 4000, torch.zeros(1, 4000, 1, 1)
    for manner, bias in ((Manner(steps=40), 0.0), (Manner(solver="ancestral", steps=100), 0.02)):
        found = Exact().sample(h, None, 0.0, manner, generators(8)).flatten().numpy()
        assert kstest(found, chance_below).statistic < 2 / math.sqrt(n) + bias, manner


def test_heun_is_of_order_two_and_ends_at_the_law() -> None:
    """Of a normal law the samples are an affine map of the start: its slope is the deviation."""
    errors = []
    for steps in (24, 48):
        head, h = Exact(0.5), torch.full((1, 2, 1, 1), 0.3)
        start = normal((2, 1), generators(2))
        found = head.sample(h, None, 0.0, Manner(steps=steps), generators(2)).view(-1)
        slope = float((found[1] - found[0]) / (start[0, 1, 0] - start[0, 0, 0]))
        errors.append(abs(slope / 0.5 - 1))
    assert errors[0] < 0.025
    assert 3 < errors[0] / errors[1] < 6


@pytest.mark.parametrize("temperature", [0.0, 0.6, 1.0])
def test_ancestral_steps_have_the_variance_of_their_recursion(temperature: float) -> None:
    """For a normal law each step is affine: x - m times (1 - r) k + r, and noise on top."""
    deviation, steps, n = 0.5, 30, 8000
    variance = levels(steps)[0] ** 2
    for level, following in pairwise(levels(steps)):
        keep, ratio = deviation**2 / (deviation**2 + level**2), following**2 / level**2
        variance *= ((1 - ratio) * keep + ratio) ** 2
        variance += temperature**2 * following**2 * (1 - ratio)
    manner = Manner(temperature=temperature, solver="ancestral", steps=steps)
    h = torch.full((1, n, 1, 1), 0.3)
    found = Exact(deviation).sample(h, None, 0.0, manner, generators(4)).flatten()
    assert abs(float(found.var()) / variance - 1) < 4 * math.sqrt(2 / n) + 1e-3
    expected = 0.3  # the start has the mean 0 rather than 0.3, which decays
    assert abs(float(found.mean()) - expected) < 4 * math.sqrt(variance / n) + 5e-3
    if temperature == 1:
        assert 0.8 < math.sqrt(variance) / deviation < 1


def test_guided_diffusion_of_two_normal_laws_has_the_moved_mean() -> None:
    """D_w of laws N(a, s^2) and N(b, s^2) is that of N(a + w (a - b), s^2)."""
    n, told, free = 3000, torch.full((1, 3000, 1, 1), 0.4), torch.full((1, 3000, 1, 1), -0.1)
    for weight in (0.0, 1.5):
        found = Exact(0.5).sample(told, free, weight, Manner(), generators(3)).flatten()
        assert abs(float(found.mean()) - 0.4 - weight * 0.5) < 4 * 0.5 / math.sqrt(n) + 0.01
        assert abs(float(found.std()) / 0.5 - 1) < 4 / math.sqrt(2 * n) + 0.025


def test_the_diffusion_loss_is_that_of_the_closed_form() -> None:
    """With F = 0 and data N(0, s^2): the mean of (sigma^2 s^2 + 1)/(1 + sigma^2), 1 for s = 1."""
    head, n = Diffusion(4, 2, generators(1), level_mean=-0.2, level_std=1.1), 6000
    for parameter in head.outward.parameters():
        parameter.data.zero_()
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    square = np.exp(2 * (-0.2 + 1.1 * nodes))
    for s in (1.0, 2.0):
        expected = float(((square * s**2 + 1) / (1 + square)) @ weights / weights.sum())
        z = s * normal((n, 1, 2), generators(2))
        found = head.loss(torch.zeros(1, n, 1, 4), z, generators(3)).detach().flatten()
        assert abs(float(found.mean()) - expected) < 4 * float(found.std()) / math.sqrt(n)


def test_more_draws_a_token_make_the_same_loss_with_less_variance() -> None:
    """The mean over 8 draws has an eighth of the variance given the token, on a constant one."""
    n, means = 3000, []
    for draws in (1, 8):
        head = Diffusion(4, 1, generators(1), draws=draws)
        loss = head.loss(torch.zeros(1, n, 1, 4), torch.zeros(1, n, 1, 1), generators(draws))
        means.append((float(loss.mean().detach()), float(loss.var().detach())))
    (one, spread), (eight, less) = means
    assert abs(one - eight) < 4 * math.sqrt((spread + less) / n)
    assert 5 < spread / less < 13


@pytest.mark.parametrize(
    ("temperature", "weight"), [(1.0, 0.0), (0.5, 0.0), (1.0, 2.0), (0.0, 1.0)]
)
def test_codes_are_drawn_by_tempered_and_guided_logits(temperature: float, weight: float) -> None:
    """Shares of n draws at 4 standard errors of the softmax; temperature 0 is the largest logit."""
    head, n = CrossEntropy(2, 3, generators(1)), 6000
    a, b = torch.tensor([0.5, 0.0, -1.0]), torch.tensor([0.8, 0.0, -0.5])
    head.outward.weight.data = torch.stack([a, b])[None]
    told = torch.tensor([1.0, 0.0]).expand(1, n, 1, 2)
    free = torch.tensor([0.0, 1.0]).expand(1, n, 1, 2) if weight else None
    manner = Manner(temperature=temperature)
    found = head.sample(told, free, weight, manner, generators(2)).flatten()
    logits = a + weight * (a - b)
    if not temperature:
        assert (found == logits.argmax()).all()
        return
    expected = (logits / temperature).softmax(0)
    shares = torch.bincount(found, minlength=3) / n
    assert ((shares - expected).abs() < 4 * (expected * (1 - expected) / n).sqrt()).all()


def test_the_cross_entropy_is_the_chance_of_the_code_in_nats() -> None:
    head, h = CrossEntropy(4, 6, generators(1, 2)), normal((5, 3, 4), generators(3, 4))
    target = torch.randint(6, (2, 5, 3), generator=torch.Generator().manual_seed(1))
    found = head.loss(h, target, [])
    for k in (0, 1):
        chances = (h[k] @ head.outward.weight[k] + head.outward.bias[k, 0]).softmax(-1)
        own = chances.gather(-1, target[k][..., None])[..., 0]
        assert torch.allclose(found[k].exp(), 1 / own, rtol=1e-4)


def test_the_guided_mean_is_moved() -> None:
    head, h, free = Squared(4, 2, generators(1)), *normal((2, 1, 3, 4), generators(2))[0][:, None]
    told, untold = (head.sample(each, None, 0.0, Manner(), []) for each in (h, free))
    assert torch.allclose(head.sample(h, free, 0.5, Manner(), []), 1.5 * told - 0.5 * untold)
    z = normal((1, 3, 2), generators(3))
    assert torch.allclose(head.loss(h, z, []), ((told - z) ** 2).sum(-1) / 2)


@pytest.mark.parametrize("name", list(HEADS))
def test_a_copy_equals_the_head_alone(name: str) -> None:
    stack, alone = HEADS[name](4, 5, generators(1, 2)), HEADS[name](4, 5, generators(2))
    h, target = normal((3, 2, 4), generators(3, 4)), normal((3, 2, 5), generators(5, 6))
    target = target[..., 0].abs().long().clamp(max=4) if stack.discrete else target
    together = stack.loss(h, target, generators(7, 8))
    assert together.shape == (2, 3, 2)
    single = alone.loss(h[1:], target[1:], generators(8))
    assert torch.allclose(together[1:], single, atol=1e-5)
    for solver in ("heun", "ancestral"):
        manner = Manner(solver=solver, steps=4)
        many = stack.sample(h, -h, 0.5, manner, generators(7, 8))
        assert many.shape == target.shape
        one = alone.sample(h[1:], -h[1:], 0.5, manner, generators(8))
        assert torch.allclose(many[1:].float(), one.float(), atol=1e-4)


@pytest.mark.parametrize("name", list(HEADS))
def test_stated_operations_equal_counted_ones(name: str) -> None:
    head = HEADS[name](4, 5, generators(1))
    h = torch.zeros(1, 1, 1, 4)
    target = torch.zeros(1, 1, 1, dtype=torch.long) if head.discrete else torch.zeros(1, 1, 1, 5)
    stated = HEADS[name].flops(4, 5)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        head.loss(h, target, generators(1))
    assert stated.loss == counter.get_total_flops()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        head.sample(h, None, 0.0, Manner(), generators(1))
    assert stated.sample == counter.get_total_flops()
    if name == "diffusion":
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            head.sample(h, None, 0.0, Manner(solver="ancestral", steps=7), generators(1))
        assert (
            Diffusion.flops(4, 5, solver="ancestral", steps=7).sample == counter.get_total_flops()
        )


def test_a_diverged_copy_draws_lost_tokens_and_the_others_do_not() -> None:
    h = normal((2, 1, 4), generators(1, 2))
    h[0] = math.nan
    codes = CrossEntropy(4, 5, generators(1, 2)).sample(h, None, 0.0, Manner(), generators(1, 2))
    assert (codes[0] == -1).all()
    assert (codes[1] >= 0).all()
    drawn = Diffusion(4, 5, generators(1, 2)).sample(h, None, 0.0, Manner(), generators(1, 2))
    assert drawn[0].isnan().all()
    assert drawn[1].isfinite().all()


def test_what_cannot_be_is_named() -> None:
    for wrong in ({"temperature": -1.0}, {"guidance": math.nan}, {"steps": 1}, {"solver": "rk4"}):
        with pytest.raises(Problem):
            Manner(**wrong)
    head, h = Diffusion(4, 5, generators(1)), torch.zeros(1, 1, 1, 4)
    with pytest.raises(Problem, match=r"temperature=0\.9; take the solver ancestral"):
        head.sample(h, None, 0.0, Manner(temperature=0.9), generators(1))
    for wrong in ({"hidden": 0}, {"blocks": 0}, {"draws": 0}, {"level_std": 0.0}):
        with pytest.raises(Problem, match="a diffusion head"):
            Diffusion(4, 5, generators(1), **wrong)


def test_normal_laws_come_out_as_wide_as_the_solvers_say() -> None:
    """Exact recursions, no draws: Heun +1 to +3.6 % in 24 steps, ancestral -4 to -10 % in 100."""
    for deviation in (0.02, 0.1, 0.5, 2.0):
        head, h = Exact(deviation), torch.zeros(1, 2, 1, 1)
        start = normal((2, 1), generators(2))
        found = head.sample(h, None, 0.0, Manner(), generators(2)).view(-1)
        slope = float((found[1] - found[0]) / (start[0, 1, 0] - start[0, 0, 0]))
        assert 0.01 < slope / deviation - 1 < 0.036
        variance = levels(100)[0] ** 2
        for level, following in pairwise(levels(100)):
            keep, ratio = deviation**2 / (deviation**2 + level**2), following**2 / level**2
            variance *= ((1 - ratio) * keep + ratio) ** 2
            variance += following**2 * (1 - ratio)
        assert -0.105 < math.sqrt(variance) / deviation - 1 < -0.04
