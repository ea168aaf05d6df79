"""What every perturbation of an embedded condition promises, over the table of examples."""

import math

import pytest
import torch
from torch import Tensor

from harness.cell import part
from harness.corrupt import PERTURBATIONS, PERTURBED
from harness.problem import Problem
from harness.streams import torch_generator
from harness.train.condition import Condition

ROWS = [
    pytest.param(name, example, id=f"{name}-{'-'.join(map(str, example.values()))}")
    for name in PERTURBATIONS
    for example in PERTURBED[name]
]
every_example = pytest.mark.parametrize(("name", "example"), ROWS)
DRAWN_FROM_NOTHING = ("label_smoothing",)
K, B, T, D = 2, 6000, 3, 5


def stream(number: int = 0) -> torch.Generator:
    return torch_generator("test", number, "perturbation")


def conditions() -> tuple[Tensor, Tensor]:
    """One condition of three words of several norms a copy, B times, and the mean of classes."""
    c = torch.randn(K, 1, T, D, generator=stream(1)) * torch.tensor([0.2, 1.0, 3.0])[:, None]
    return c.expand(-1, B, -1, -1), torch.randn(K, 1, T, D, generator=stream(2))


def perturbed(name: str, example: dict[str, object], c: Tensor, mean: Tensor) -> Tensor:
    row, generators = PERTURBATIONS[name](**example), [stream(3), stream(4)]
    drawn = [row.draw(c.shape[1:], each) for each in generators]
    moved = None if drawn[0] is None else torch.stack(drawn)
    return row(c, moved, lambda: mean)


def test_every_row_has_examples_and_no_example_lacks_a_row() -> None:
    assert set(PERTURBED) == set(PERTURBATIONS)
    assert all(PERTURBED.values())


@every_example
def test_a_row_is_plain_data_and_a_condition_takes_it(name, example) -> None:
    row = PERTURBATIONS[name](**example)
    assert hash(row) == hash(PERTURBATIONS[name](**example))
    assert Condition("label", perturbation=part(name, **example)).perturbed() == row
    assert row.fixed is example.get("fixed", False)


@every_example
def test_the_condition_is_moved_as_far_as_stated(name, example) -> None:
    """Word by word: the mean square of how far, over B draws, within 4 standard errors."""
    c, mean = conditions()
    before = c.clone()
    away = perturbed(name, example, c, mean) - c
    square = away.double().square().sum(-1)  # [K, B, T]
    expected = PERTURBATIONS[name](**example).squared(c, mean)
    assert expected.shape == (K, B, T)
    error = (square.mean(1) - expected.double().mean(1)).abs()
    assert (error <= 4 * square.std(1) / math.sqrt(B) + 1e-5 * expected.mean(1)).all()
    assert torch.equal(c, before)


@every_example
def test_what_is_drawn_leaves_the_mean_of_a_condition(name, example) -> None:
    if name in DRAWN_FROM_NOTHING:
        return
    c, mean = conditions()
    away = (perturbed(name, example, c, mean) - c).double()
    assert (away.mean(1).abs() <= 4 * away.std(1) / math.sqrt(B) + 1e-6).all()
    # Coordinates, words, images and copies are moved each by itself.
    flat = away[0].flatten(1).T  # [T D, B]
    if flat.any():
        off = torch.corrcoef(flat) - torch.eye(T * D)
        assert off.abs().max() < 5 / math.sqrt(B)  # of 105 pairs
        assert abs(float((away[0] * away[1]).mean())) < 4 * float((away[0] * away[1]).std()) / (
            math.sqrt(B * T * D)
        )


@every_example
def test_one_state_of_the_generator_gives_one_result_and_no_other_is_used(name, example) -> None:
    row, state = PERTURBATIONS[name](**example), torch.get_rng_state()
    one, again = (row.draw((4, T, D), stream()) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), state)
    if name in DRAWN_FROM_NOTHING:
        assert one is None
        return
    assert torch.equal(one, again)
    assert one.shape == (4, T, D)
    assert one.dtype == torch.float32
    generator = stream()
    row.draw((4, T, D), generator)
    assert not torch.equal(generator.get_state(), stream().get_state())  # whatever the strength


@every_example
def test_nothing_is_moved_at_the_strength_zero(name, example) -> None:
    c, mean = conditions()
    moved = perturbed(name, example, c, mean)
    nothing = 0.0 in example.values()
    assert torch.equal(moved, c) is nothing


@every_example
def test_the_gradient_reaches_the_embedding(name, example) -> None:
    c, mean = conditions()
    c = c[:, :7].clone().requires_grad_()
    row = PERTURBATIONS[name](**example)
    drawn = row.draw((7, T, D), stream())
    row(c, drawn, lambda: mean).sum().backward()
    assert c.grad is not None
    assert (c.grad.mean((0, 1)) > 0).all()


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        *[
            (name, {"gamma": gamma}, "finite gamma of 0 or more")
            for name in ("cep_uniform", "cep_gaussian")
            for gamma in (-0.1, math.inf, math.nan, True, "1", None)
        ],
        *[("embedding_dropout", {"rate": rate}, "0 <= rate < 1") for rate in (-0.1, 1.0, math.nan)],
        *[("label_smoothing", {"share": s}, "0 <= share < 1") for s in (-0.1, 1.0, math.nan)],
        ("embedding_dropout", {"rate": "0.1"}, "rate='0.1', no number; give 0 <= rate < 1"),
        ("label_smoothing", {"share": True}, "share=True, no number; give 0 <= share < 1"),
        ("cep_gaussian", {"fixed": 3}, "embedding perturbation; got fixed=3; give True or False"),
        ("cep_uniform", {"sigma": 1.0}, "its parameters are gamma, fixed"),
        ("cep_uniforn", {}, "did you mean 'cep_uniform'"),
    ],
)
def test_a_strength_out_of_range_and_an_unknown_row_are_refused(name, given, message) -> None:
    with pytest.raises(Problem, match=message):
        Condition("label", perturbation=part(name, **given))
