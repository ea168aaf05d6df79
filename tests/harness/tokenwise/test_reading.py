"""What is read of a token model: its held-out loss, its ceilings, and its operations."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from harness.cell import Upstream, part
from harness.data.load import load
from harness.problem import Problem
from harness.tokens.manner import Manner
from harness.tokens.model import build, cost
from harness.tokenwise.checkpoint import restore
from harness.tokenwise.counting import costs, form_of
from harness.tokenwise.loss import TokenLoss
from harness.tokenwise.reading import held_out_losses, measure
from harness.tokenwise.sampling import TokenSampling
from harness.train.condition import Condition

from .arms import rows_of, trained, training


def test_the_loss_of_a_uniform_law_is_the_logarithm_of_the_codes(tmp_path: Path) -> None:
    """A head of zero weights knows nothing: ln 8 nats a token, for every image, exactly."""
    asked = training("codes", "masked")
    trained(asked, tmp_path)
    model, pipelines = restore(tmp_path / "weights.safetensors", "cpu")
    with torch.no_grad():
        for weight in model.head.parameters():
            weight.zero_()
    held = load("digits").held_out.part(np.arange(10))
    found = held_out_losses(model, pipelines, asked, held, 3, "cpu")
    assert found == pytest.approx(np.full((2, 10), np.log(8)), rel=1e-6)


def test_the_held_out_loss_is_a_number_of_the_weights_alone(tmp_path: Path) -> None:
    upstream = trained(training("patches", "masked"), tmp_path)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        measure(TokenLoss(40, 2), 2, upstream, tmp_path / name, "cpu", lambda share: None)
    assert rows_of(tmp_path / "a") == rows_of(tmp_path / "b")
    (loss, *_) = rows_of(tmp_path / "a")
    assert loss["n"] == 40
    assert loss["standard_error"] > 0
    assert loss["unit"] == "1"


def test_patches_have_the_ceiling_of_real_images_and_codes_a_higher_one(tmp_path: Path) -> None:
    found = {}
    for arm in ("patches", "codes"):
        folder = tmp_path / arm
        upstream = trained(training(arm), folder)
        measure(TokenLoss(None, 1), 2, upstream, folder, "cpu", lambda share: None)
        found[arm] = {r["metric"]: r["value"] for r in rows_of(folder) if r["replicate"] == 0}
    assert found["patches"]["reconstruction_error"] < 1e-10
    assert found["patches"]["ceiling_fd_random_conv"] > 0.01  # other images than the truth's
    assert found["codes"]["ceiling_fd_random_conv"] > 2 * found["patches"]["ceiling_fd_random_conv"]


@pytest.mark.parametrize("arm", ["patches", "codes", "squared"])
@pytest.mark.parametrize("order", ["raster", "masked"])
def test_a_step_does_three_times_the_products_of_a_loss(arm: str, order: str) -> None:
    """As PyTorch counts them: one forward pass and two backward, less that of the first layers,
    whose input needs no gradient."""
    asked = training(arm, order, network=part("transformer", width=32, depth=2, heads=2))
    form, words = form_of(asked, (1, 8, 8)), Condition().words_of(load("digits").classes)
    model = build(form, asked.order, asked.network, asked.head, [torch.Generator()], words)
    kind = {"size": (1, 16, *form.tail)}
    x = torch.randint(0, 8, **kind) if form.discrete else torch.randn(**kind)
    with FlopCounterMode(display=False) as counter:
        model(x, torch.ones(1, 16, 1, dtype=torch.long), [torch.Generator()]).sum().backward()
    counted = 3 * 16 * costs(asked, (1, 8, 8), load("digits").classes).loss
    assert 0.93 < counter.get_total_flops() / counted <= 1.0


def test_operations_are_rows(tmp_path: Path) -> None:
    asked = training("codes")
    upstream = trained(asked, tmp_path)
    sampling = TokenSampling(5, guidance=1.0)
    upstream["sample_tokens"] = Upstream(sampling, tmp_path)
    measure(TokenLoss(20, 1), 2, upstream, tmp_path, "cpu", lambda share: None)
    found = {r["metric"]: r for r in rows_of(tmp_path) if r["replicate"] == 1}
    words = Condition("label").words_of(load("digits").classes)
    form = form_of(asked, (1, 8, 8))
    one = cost(form, asked.order, asked.network, asked.head, words, Manner(guidance=1.0))
    assert found["training_flops"]["value"] == 3 * 96 * one.loss
    assert found["sampling_flops"]["value"] == one.sample
    assert found["sampling_flops"]["tier"] == "exact"
    w = 8
    block, tables = 3 * w * w + w * w + 8 * w * w + 9 * w, 8 * w + 2 * 16 * w + w + 11 * w + w
    assert found["parameters"]["value"] == block + tables + w * 8 + 8


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tokeniser": part("patches", patch=3)}, "a patch that divides both"),
        ({"head": part("cross_entropy")}, "diffusion or squared for patches"),
        ({"network": part("transformer", wide=3)}, "its own parameters"),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Problem, match=said):
        costs(training(**changes), (1, 8, 8), load("digits").classes)
