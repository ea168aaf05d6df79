"""The bill of token models by hand: operations of training, drawing and the held-out loss."""

from typing import Any

import pytest

from harness.cell import Cell, Stage, factors, part
from harness.data.load import load
from harness.run import token_bill
from harness.run.bill import bill, bills, core_seconds
from harness.run.card import LIMIT, image_count, jobs, seconds
from harness.run.token_bill import work
from harness.scale import read_sizes
from harness.studies import STUDIES
from harness.tokens.manner import Manner
from harness.tokenwise.counting import costs
from harness.tokenwise.loss import TokenLoss
from harness.tokenwise.sampling import TokenSampling
from harness.tokenwise.training import TokenTraining
from harness.train.condition import Condition

CODES = part("codebook", patch=2, codes=16)
CLASSES = tuple("0123456789")


def training(order: str = "raster", **changes: Any) -> TokenTraining:
    given: dict[str, Any] = {
        "dataset": part("digits"),
        "tokeniser": part("patches", patch=2),
        "order": part(order),
        "network": part("transformer", width=8, depth=3, heads=2),
        "head": part("diffusion", hidden=8, blocks=2, draws=2),
        "images": 640,
        "condition": Condition("label", 0.1),
    }
    return TokenTraining(**{**given, **changes})


def cell(asked: TokenTraining, replicates: int = 3, **sampling: Any) -> Cell:
    stages = (
        Stage("train_tokens", asked),
        Stage("sample_tokens", TokenSampling(50, steps=4, **sampling)),
        Stage("token_loss", TokenLoss(100, 2)),
    )
    return Cell(factors(a=1), stages, replicates)


@pytest.mark.parametrize("guidance", [0.0, 1.0])
def test_operations_are_those_of_the_model(guidance: float) -> None:
    asked = training()
    found = bill(cell(asked, guidance=guidance))
    one = costs(asked, (1, 8, 8), CLASSES, Manner(guidance, steps=4))
    counted = {
        "train_tokens": 3 * 3 * 640 * one.loss,
        "sample_tokens": 3 * 50 * one.sample,
        "token_loss": 3 * 2 * 100 * one.loss,
    }
    assert found["counted"] == counted
    assert found["flops"] == sum(counted.values())


def test_slots_in_layers_and_calls_by_hand() -> None:
    done = work(training(), Manner(guidance=1.0, steps=4))
    assert done.rows == 3 * (16 + 1) + 2 * 16 * 2
    assert (done.codes, done.width) == (0, 8)
    assert (done.passes, done.calls) == (16 * 3, 16 * 7)
    assert done.drawn == 2 * (3 * 16 + 16 * 7 * 2)
    masked = work(training("masked"), Manner(steps=4))
    assert (masked.passes, masked.calls) == (8 * 3, 8 * 7)
    assert masked.drawn == 8 * 3 * 17 + 16 * 7 * 2
    codes = work(training(tokeniser=CODES, head=part("cross_entropy")), None)
    assert (codes.rows, codes.codes, codes.drawn) == (3 * 17, 16 * 16, 0)


def test_seconds_of_a_training_by_hand() -> None:
    asked = training()
    found = bill(cell(asked))
    own = 3 * 640 * (3 * 17 + 2 * 16 * 2) * token_bill.ROW
    steps = 5 * (token_bill.STEP + 3 * token_bill.COPY)
    flops = found["counted"]["train_tokens"] / token_bill.RATE
    assert found["seconds"]["train_tokens"] == pytest.approx(flops + own + steps + token_bill.DATA)
    longer = bill(cell(training(images=6400)))["seconds"]["train_tokens"] - token_bill.DATA
    assert longer == pytest.approx(10 * (flops + own + steps))
    dearer = bill(cell(training(source=CODES)))["seconds"]["train_tokens"]
    tokens = image_count(part("digits")) * 16
    held = 3 * token_bill.NEAREST * 16 * (min(50_000, tokens) * 50 + tokens)
    assert dearer - found["seconds"]["train_tokens"] == pytest.approx(2 / 7 * held)


def test_a_training_that_two_cells_share_is_paid_for_once() -> None:
    one, two = cell(training()), cell(training(), guidance=1.0)
    found = bills([one, two])
    assert found[0]["seconds"]["train_tokens"] > 0
    assert found[1]["seconds"]["train_tokens"] == 0
    assert found[1]["seconds"]["sample_tokens"] > 0


def test_the_grid_keeps_to_its_budgets() -> None:
    study = STUDIES["fluid_grid"]
    assert sum(core_seconds(study.cells(read_sizes("cpu")))) < 120 * 60
    assert sum(core_seconds(study.cells(read_sizes("smoke")))) < 30
    cut = jobs(study.cells(read_sizes("gpu")))
    assert len(cut) > 1
    for job in cut:
        assert sum(sum(seconds(each).values()) for each in job) < 1.3 * LIMIT


def test_a_card_waits_for_steps_and_calls() -> None:
    small, large = training(), training(images=6400)
    one, ten = (seconds(cell(each))["train_tokens"] - token_bill.DATA for each in (small, large))
    assert ten == pytest.approx(10 * one)
    assert one > 5 * token_bill.CARD_STEP
    causal, masked = (
        seconds(cell(training(order)))["sample_tokens"] for order in ("raster", "masked")
    )
    assert causal - masked == pytest.approx(
        8 * (3 / 2 + 7) * token_bill.CARD_CALL, rel=0.02
    )  # eight steps fewer


def test_classes_are_those_of_the_digits() -> None:
    assert load("digits").classes == CLASSES
