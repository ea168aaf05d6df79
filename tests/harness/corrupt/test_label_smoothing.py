"""Label smoothing against the smoothed one-hot code that it is for orthonormal embeddings."""

import pytest
import torch

from harness.corrupt.label_smoothing import LabelSmoothing
from harness.nets.dct import dct_matrix

C, D, S = 5, 8, 0.3
ROWS = torch.as_tensor(dct_matrix(D)[: C + 1])  # the null, then the classes
MEAN = ROWS[1:].mean(0)


def smoothed(rows: torch.Tensor) -> torch.Tensor:
    return LabelSmoothing(S)(rows[None, :, None], None, lambda: MEAN)[0, :, 0]


def test_of_orthonormal_classes_it_is_the_smoothed_one_hot_code() -> None:
    found = smoothed(ROWS[1:]) @ ROWS[1:].T  # [C, C]
    assert torch.allclose(found, (1 - S) * torch.eye(C).double() + S / C, atol=1e-12)
    assert torch.allclose((smoothed(ROWS[1:]) @ ROWS[0]).abs().max(), torch.zeros(()).double())


def test_a_class_moves_by_s_squared_less_its_own_share_and_the_null_by_more() -> None:
    away = (smoothed(ROWS) - ROWS).square().sum(1)
    assert away[1:].tolist() == pytest.approx([S**2 * (1 - 1 / C)] * C)
    assert float(away[0]) == pytest.approx(S**2 * (1 + 1 / C))
    assert torch.allclose(LabelSmoothing(S).squared(ROWS, MEAN), away)


def test_the_mean_of_the_classes_stays() -> None:
    assert torch.allclose(smoothed(ROWS[1:]).mean(0), MEAN)


def test_the_gradient_passes_through_the_mean_too() -> None:
    """Of the code of class 0 in the direction of class 1: s/C."""
    table = ROWS[1:].clone().requires_grad_()
    found = LabelSmoothing(S)(table[None, :1, None], None, lambda: table.mean(0))
    found.sum().backward()
    expected = torch.full((C, D), S / C).double()
    expected[0] += 1 - S
    assert torch.allclose(table.grad, expected)  # type: ignore[arg-type]
