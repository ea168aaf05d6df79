"""Training on captions, number by number: who is told, whose scales, the average of the weights."""

import json
from math import sqrt
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from harness.cell import part
from harness.data.load import load
from harness.nets import BASES
from harness.nets.checkpoint import restore
from harness.objectives import OBJECTIVES
from harness.train.condition import Condition
from harness.train.drawing import Drawing
from harness.train.loop import train
from harness.train.material import gather
from harness.train.training import Training

BLUR = {"corruption": part("gaussian_blur", sigma=0.8)}
MIXED = {"pool": "mixed", **BLUR, "annotator": part("fixed", sigma_min=0.5)}
ARMS: dict[str, dict[str, Any]] = {
    "oracle": {"pool": "oracle"},
    "clean": {"pool": "clean"},
    "mixed": MIXED,
    "ambient": {**MIXED, "objective": part("ambient")},
}
PATCHES = part("patch_pca", patch=4, keep=4)


def training(**changes: Any) -> Training:
    given: dict[str, Any] = {
        "dataset": part("digits"),
        "pool": "oracle",
        "network": part("mlp", width=16, blocks=1),
        "objective": part("denoising"),
        "images": 256,
        "batch": 64,
        "clean_fraction": 0.2,
    }
    return Training(**{**given, **changes})


def draws(asked: Training, replicate: int = 0) -> Drawing:
    material = gather(asked, load("digits").train, replicate)
    objective = OBJECTIVES[asked.objective.name](**asked.objective.kwargs())
    return Drawing(material, objective, asked, replicate, "cpu")


def told(asked: Training, replicate: int = 0) -> Tensor:
    """Who is told a caption in three batches, one after the other."""
    draw = draws(asked, replicate)
    return torch.cat([draw()[-1].any(1) for _ in range(3)])


def test_who_is_told_is_the_same_in_every_arm_and_another_in_every_replicate_and_copy() -> None:
    condition = Condition("label", 0.4)
    first = told(training(condition=condition))
    for name, arm in ARMS.items():
        assert torch.equal(told(training(**arm, condition=condition)), first), name
    assert not torch.equal(told(training(condition=condition), replicate=1), first)
    assert not torch.equal(told(training(condition=condition, copy=1)), first)
    assert not torch.equal(first[:64], first[64:128])


def test_a_condition_changes_no_other_draw() -> None:
    plain, with_labels = draws(training()), draws(training(condition=Condition("label", 0.4)))
    for _ in range(3):
        one, other = plain(), with_labels()
        assert len(one) + 1 == len(other)
        for drawn, same in zip(one, other):
            assert torch.equal(drawn, same)


def test_who_is_told_depends_on_neither_image_nor_noise_level() -> None:
    n = 20_000
    asked = training(condition=Condition("label", 0.4), batch=n, images=n)
    x0, sigma, *_, tokens = draws(asked)()
    images = load("digits").train
    place = {x.tobytes(): i for i, x in enumerate(images.pixels)}
    index = torch.tensor([place[x.tobytes()] for x in x0.numpy()]).float()
    is_told = tokens.any(1).float()
    assert abs(float(is_told.mean()) - 0.6) < 4 * sqrt(0.24 / n)
    for other in (sigma.log(), index):
        assert abs(float(torch.corrcoef(torch.stack([is_told, other]))[0, 1])) < 4 / sqrt(n)


def test_without_dropout_every_image_is_told() -> None:
    assert told(training(condition=Condition("label", 0.0))).all()


def test_noise_levels_have_the_declared_law() -> None:
    n = 20_000
    asked = training(batch=n, images=n, log_sigma_mean=0.7, log_sigma_std=0.3)
    log = draws(asked)()[1].log()
    assert abs(float(log.mean()) - 0.7) < 4 * 0.3 / sqrt(n)
    assert abs(float(log.std()) - 0.3) < 4 * 0.3 / sqrt(2 * n)


@pytest.mark.parametrize("basis", [part("dct"), PATCHES])
@pytest.mark.parametrize("per_mode", [True, False])
@pytest.mark.parametrize("arm", ["oracle", "clean", "mixed"])
def test_scales_and_components_are_those_of_the_clean_training_images(
    arm: str, per_mode: bool, basis: Any, tmp_path: Path
) -> None:
    asked = training(**ARMS[arm], basis=basis, per_mode=per_mode, images=64)
    train(asked, 2, {}, tmp_path, "cpu", lambda share: None)
    found, digits = restore(tmp_path / "weights.safetensors", "cpu"), load("digits")
    own = BASES[basis.name](digits.shape, 2, **basis.kwargs())
    seen = {x.tobytes() for x in digits.train.pixels}
    for k in (0, 1):
        material = gather(asked, digits.train, k)
        clean = material.pixels[material.clean]
        assert {x.tobytes() for x in clean} <= seen
        scales = torch.as_tensor(own.measure(k, clean, per_mode), dtype=torch.float32)
        assert torch.allclose(found.scales[k, 0], scales, rtol=1e-5)
    for name, value in own.state_dict().items():
        assert torch.equal(found.basis.state_dict()[name], value)


def test_the_kept_weights_are_the_stated_average(tmp_path: Path) -> None:
    """Its half-life is a share h of the images seen. After steps to p1 and p2 from p0 it is

    a1 = p0 + (1 - 2^(-1/h)) (p1 - p0),   a2 = a1 + (1 - 2^(-1/(2 h))) (p2 - a1).
    """

    def weights(name: str, steps: int, ema: float) -> Tensor:
        (tmp_path / name).mkdir()
        asked = training(images=64 * steps, ema=ema, rate=0.1, warmup=1)
        train(asked, 1, {}, tmp_path / name, "cpu", lambda share: None)
        state = restore(tmp_path / name / "weights.safetensors", "cpu").state_dict()
        return state["network.inward.weight"]

    start = weights("start", 1, 1e9)
    one, two = weights("one", 1, 1e-9), weights("two", 2, 1e-9)
    assert (one - start).abs().min() > 0.05  # the first step of Adam is of the size of the rate
    for h in (0.3, 2.0):
        first = start + (1 - 2 ** (-1 / h)) * (one - start)
        second = first + (1 - 2 ** (-1 / (2 * h))) * (two - first)
        assert torch.allclose(weights(f"{h}", 2, h), second, atol=1e-5)


def test_what_is_kept_of_a_training(tmp_path: Path) -> None:
    asked, shares = training(**MIXED, images=64 * 101 + 63), []
    train(asked, 2, {}, tmp_path, "cpu", shares.append)
    found = json.loads((tmp_path / "training.json").read_text())
    count = load("digits").train.count
    assert found["clean_images"] == [round(0.2 * count)] * 2
    assert found["corrupted_images"] == [count - round(0.2 * count)] * 2
    assert found["sigma_min"] == [0.5, 0.5]
    images = [point["images"] for point in found["curve"]]
    assert images[0] == 64
    assert images[-1] == 64 * 101  # whole batches
    assert images == sorted(set(images))
    assert 40 <= len(images) <= 60
    assert shares[-1] == 1
    assert shares == sorted(shares)
    # What a network is to give has variance one, and an untrained one gives next to nothing.
    assert all(0.6 < loss < 1.6 for loss in found["curve"][0]["loss"])
