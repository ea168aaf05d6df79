"""A stack of classifiers: each is the one alone, whatever the others see."""

import numpy as np
import torch

from harness.cell import part
from harness.data.load import load
from harness.metrics import classifier
from harness.metrics.classifier import Classifier
from harness.metrics.stacked_classifier import Shown, fit, forward, forward_flops
from harness.metrics.supervised import Supervised, chosen
from harness.streams import torch_generator

SHORT = Classifier(part("digits"), steps=3, batch=16, rate=1e-3, width=8)


def test_a_stack_is_its_classifiers_one_by_one() -> None:
    draw = torch_generator("test", 0, "stack")
    shape, copies = (2, 8, 8), 3
    weights = {
        name: torch.randn((copies, *each), generator=draw, dtype=torch.float64)
        for name, each in classifier.shapes(shape, 5, 6).items()
    }
    x = torch.randn(copies, 4, *shape, generator=draw, dtype=torch.float64)
    found, shared = forward(x, weights), forward(x[0], weights)
    for k in range(copies):
        own = {name: each[k] for name, each in weights.items()}
        assert torch.allclose(found[k], classifier.forward(x[k], own)[1], rtol=1e-9)
        assert torch.allclose(shared[k], classifier.forward(x[0], own)[1], rtol=1e-9)


def test_a_replicate_learns_the_same_whatever_the_others_see() -> None:
    train = load("digits").train
    shown = [chosen(Supervised.of(SHORT, 0.5, unseen=100), train, k) for k in range(3)]
    lost = Shown(np.full_like(shown[1].pixels, np.nan), shown[1].labels)
    whole, _ = fit(SHORT, shown, 10)
    beside, curve = fit(SHORT, [shown[0], lost, shown[2]], 10)
    for name in whole:
        for k in (0, 2):
            assert torch.allclose(whole[name][k], beside[name][k], atol=1e-6)
    assert not beside["linear.bias"][1].isfinite().all()
    assert curve[-1]["loss"][1] is None


def test_the_count_of_operations_is_that_of_the_framework() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    for shape, width, classes in (((1, 8, 8), 16, 10), ((3, 32, 32), 24, 10), ((1, 4, 4), 5, 3)):
        weights = {
            name: torch.zeros((2, *each))
            for name, each in classifier.shapes(shape, classes, width).items()
        }
        with FlopCounterMode(display=False) as counter:
            forward(torch.zeros(2, 3, *shape), weights)
        assert counter.get_total_flops() == 6 * forward_flops(shape, classes, width)
