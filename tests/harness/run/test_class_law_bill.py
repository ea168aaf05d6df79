"""The bill of a class law by hand: closed forms, linear networks, samples of a small network."""

from typing import Any

import pytest

from harness.cell import Cell, Stage, factors, part
from harness.data.load import load
from harness.metrics.class_law import ClassLaw
from harness.run import bill as module
from harness.run.bill import bill, class_names, forward_flops, image_shape
from harness.train.condition import Condition
from harness.train.per_class_linear import PerClassLinear
from harness.train.training import Training

LAW: dict[str, Any] = {
    "weights": (0.5, 0.5),
    "means": ((0.1, 0.0, 0.0), (0.0, 0.1, 0.0)),
    "deviation": 0.1,
    "count": 40,
    "held_out": 2,
    "labelled": True,
}
MIXTURE = part("gaussian_mixture", **LAW)
TRAINING = Training(
    dataset=MIXTURE,
    pool="clean",
    network=part("mlp", width=8, blocks=1),
    objective=part("denoising"),
    images=2560,
    condition=Condition("label"),
)
HEUN = part("heun", steps=5)  # 9 calls


def cell(*stages: Stage) -> Cell:
    return Cell(factors(arm="clean"), stages, 3)


def test_shape_and_classes_of_a_mixture_are_known_without_drawing_it() -> None:
    images = load("gaussian_mixture", **LAW)
    assert image_shape(MIXTURE) == images.shape
    assert class_names(MIXTURE) == images.classes
    plain = part("gaussian_mixture", count=40, held_out=2)
    assert class_names(plain) == ()


def test_a_closed_form_has_nothing_to_count() -> None:
    found = bill(cell(Stage("class_law", ClassLaw("optimum", TRAINING, 0.3))))
    assert found["flops"] == 0
    assert found["seconds"] == {"class_law": pytest.approx(3 * module.CLOSED)}


def test_linear_networks_cost_two_products_a_step_at_each_class_and_level() -> None:
    asked = PerClassLinear(TRAINING, 0.3, steps=70, batch=16)
    found = bill(cell(Stage("linear", asked), Stage("class_law", ClassLaw("linear"))))
    flops = 3 * 70 * 2 * 8 * (2 * 2 * 16 * 3 * 5)  # 5 features, 3 numbers, forth and back
    assert found["flops"] == found["counted"]["linear"] == flops
    assert found["seconds"]["linear"] == pytest.approx(flops / module.LINEAR)


@pytest.mark.parametrize(("guidance", "passes"), [(0.0, 1), (0.5, 2)])
def test_samples_of_each_class_cost_a_pass_or_two_a_call(guidance: float, passes: int) -> None:
    law = ClassLaw("network", count=20, sampler=HEUN, guidance=guidance)
    found = bill(cell(Stage("train", TRAINING), Stage("class_law", law)))
    forward = forward_flops(TRAINING)
    assert found["counted"]["train"] == 3 * 3 * 2560 * forward
    calls = 9 * 2 * passes
    assert found["counted"]["class_law"] == 3 * calls * 20 * forward
    rate = module.RATE["mlp"]
    own = found["counted"]["train"] / rate + 3 * 10 * module.TOLD
    assert found["seconds"]["train"] == pytest.approx(own)
    own = found["counted"]["class_law"] / rate + 3 * (module.CLOSED + calls * module.CALL)
    assert found["seconds"]["class_law"] == pytest.approx(own)
    assert found["flops"] == sum(found["counted"].values())
