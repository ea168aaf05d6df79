"""What does not suit the data is refused with its cell before anything is drawn or trained."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from harness.cell import Cell, Part, Stage, factors, part
from harness.corrupt import RELABELLINGS
from harness.data.load import load
from harness.metrics.measurement import Measurement
from harness.metrics.trajectory import Generation
from harness.nets import NETWORKS
from harness.problem import Problem
from harness.run import STAGES
from harness.run.asked import check_parts
from harness.run.suited import require_suited
from harness.sample.sampling import Sampling
from harness.train.condition import Condition
from harness.train.generation import material
from harness.train.relabelling import Relabelling
from harness.train.self_consuming import FULL, Loop
from harness.train.training import Training

DIGITS, LABEL = part("digits"), Condition("label")
SCENES, CIFAR = part("scenes", count=10**9), part("cifar10")  # neither can be drawn or read here
FLIPS, EDITS = part("flips"), part("edits")
MIXTURE = {"weights": (0.5, 0.5), "means": ((0.0, 1.0), (1.0, 0.0)), "count": 10**12}


def training(**changes: Any) -> Training:
    given: dict[str, Any] = {
        "dataset": DIGITS,
        "pool": "oracle",
        "network": part("mlp"),
        "objective": part("denoising"),
        "images": 512,
        "condition": LABEL,
    }
    return Training(**{**given, **changes})


def told(by: Part, **changes: Any) -> Training:
    return training(relabelling=Relabelling(by, 0.1), **changes)


def confused(*groups: tuple[Any, ...], **changes: Any) -> Training:
    return told(part("confusions", groups=groups), **changes)


def generation(loop: Loop | None, samples: int = 500, **changes: Any) -> Generation:
    given: dict[str, Any] = {
        "number": 0 if loop is None else 1,
        "training": training(),
        "sampling": Sampling(samples),
        "measurement": Measurement(("fd_random_conv",), ("random_conv",)),
        "parts": 5,
    }
    return Generation(**{**given, **changes}, loop=loop)


WRONG: dict[str, tuple[Any, str]] = {
    "an unknown class": (confused((3, 12)), "the class 12.*no such class.*from 0 to 9"),
    "an unknown name": (confused(("3", "cat")), "the class 'cat'.*no such class.*8, 9"),
    "a class twice": (confused((3, 8), (8, 5)), "the class '8' twice; give each class once"),
    "a class of scenes": (
        confused((3, 399), dataset=SCENES), "the class 399.*0 to 398.*a square, .*, others$",
    ),
    "a class of cifar10": (
        confused(("cat", "frogs"), dataset=CIFAR), "the class 'frogs'.*airplane, automobile",
    ),
    "a class left out": (
        confused((3, 8), dataset=part("digits", classes=(3, 4))), r"\(3, 8\).*'3' alone",
    ),
    "a class of cifar10 left out": (
        confused((3, 5), dataset=part("cifar10", classes=("cat", "frog"))),
        r"\(3, 5\).*'cat' alone",
    ),
    "edits without captions": (told(EDITS), "the class '0'.*a sentence of no scene.*take scenes"),
    "an unknown class of the data": (
        training(dataset=part("cifar10", classes=("catt", "dog"))), "'catt'; choose from airplane",
    ),
    "no classes": (training(dataset=part("photos", side=32)), "no classes.*two classes or more"),
    "textures": (told(FLIPS, dataset=part("textures", side=32)), "no classes.*two classes or more"),
    "one class": (told(FLIPS, dataset=part("digits", classes=(4,))), "the one class '4'.*two"),
    "one class of cifar10": (
        training(dataset=part("cifar10", classes=("dog",))), "the one class 'dog'.*two",
    ),
    "one photograph": (
        training(dataset=part("photos", side=32, labelled=True, sources=("china",))),
        "the one class 'china'.*two",
    ),
    "other classes": (
        training(
            pool="mixed", other=part("photos", side=8, labelled=True),
            annotator=part("fixed", sigma_min=0.5),
        ),
        "captions of photos.*other classes.*the same classes",
    ),
    "an embedding": (
        training(network=part("mlp", embedding="learnt")), "'learnt'.*fixed, learned, normalised",
    ),
    "an embedding of a U-Net": (
        training(network=part("unet", embedding="learnt")), "'learnt'.*fixed, learned, normalised",
    ),
    "an embedding without width": (
        training(network=part("mlp", embedding="learned", embedding_width=0)),
        "the width 0.*give 1 or more",
    ),
    "a width of a U-Net": (
        training(network=part("unet", embedding_width="16")), "the width '16'.*give 1 or more",
    ),
    "a narrow embedding": (
        training(network=part("mlp", embedding_width=10)), "11 orthogonal vectors.*11 or more",
    ),
    "a key of another network": (
        training(network=part("dit", embedding="learned")),
        r"dit\(embedding=learned\).*'embedding'; the network's parameters are width, depth, heads",
    ),
    "an unknown key": (
        training(network=part("mlp", with_=3)),
        "'with_'.*the network's parameters are width, blocks, embedding, embedding_width$",
    ),
    "a text for a width": (
        training(network=part("mlp", width="128")), "width='128'; give a whole number from 1",
    ),
    "a broken number of blocks": (training(network=part("mlp", blocks=1.5)), "blocks=1.5; give a"),
    "no U-Net": (training(network=part("unet", width=0)), "width=0; give a whole number from 1"),
    "no depth": (training(network=part("dit", depth=True)), "depth=True; give a whole number"),
    "heads": (training(network=part("dit", heads=3)), "3 heads.*width of 80.*the heads divide"),
    "without a condition too": (
        training(network=part("mlp", embedding="learnt"), condition=None), "'learnt'",
    ),
    "patches": (
        training(basis=part("patch_pca", patch=2, kept=4)), "on the basis patch_pca.*'kept'",
    ),
    "a bias of all classes": (
        generation(Loop(1.0, 1.0, part("biased", shift=10))), "biased by 10 .*got 10 classes",
    ),
    "twice all classes": (
        generation(Loop(1.0, FULL, part("biased", shift=20))), "biased by 20 classes.*no multiple",
    ),
    "a bias on scenes": (
        generation(Loop(1.0, 1.0, part("biased", shift=399)), training=training(dataset=SCENES)),
        "biased by 399 classes.*got 399 classes",
    ),
    "no centres": (generation(Loop(1.0, 1.0, part("centres", count=0))), "0 cluster centres"),
    "a corrector's key": (
        generation(Loop(1.0, 1.0, part("oracle", count=3))), "the corrector oracle.*count",
    ),
    "too large a lambda": (generation(Loop(2.0)), "568 synthetic.*500 samples; draw as many"),
    "one sample too few": (generation(Loop(1.0), 283), "284 synthetic images.*got 283 samples"),
    "too small a lambda": (generation(Loop(1 / 285)), "got 284 real ones; give a larger lambda"),
    "too many parts": (generation(None, parts=200), "200 parts.*class 0; ask for fewer parts"),
    "no fresh images left": (
        generation(Loop(1.0, real="fresh"), number=5), "images for generation 5 .*got 5 parts",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("wrong", "said"), WRONG.values(), ids=WRONG)
def test_what_does_not_suit_its_data_stops_with_its_cell_and_the_fix(wrong: Any, said: str) -> None:
    name = "generation" if isinstance(wrong, Generation) else "train"
    fine = Cell(factors(arm="fine"), (Stage("train", training()),), 1)
    cells = [fine, Cell(factors(arm="wrong", network="x"), (Stage(name, wrong),), 1)]
    with pytest.raises(Problem, match=said) as found:
        check_parts("mine", cells)
    assert found.value.asked.endswith(" in the cell arm=wrong network=x of mine")


@pytest.mark.parametrize(
    "fine",
    [
        confused((3, 8, 5), (4, 9)),
        confused(("3", "8"), dataset=part("digits", classes=(3, 8))),
        confused(("cat", "dog"), dataset=part("cifar10", classes=("cat", "dog"))),
        told(EDITS, dataset=SCENES, condition=Condition()),
        told(FLIPS, dataset=part("gaussian_mixture", labelled=True, deviation=0.1, **MIXTURE)),
        training(dataset=part("photos", side=32, labelled=True)),
        training(network=part("unet", embedding="learned", embedding_width=1)),
        training(network=part("mlp", embedding_width=11)),
        training(dataset=part("textures", side=32), condition=None),
        training(dataset=part("digits", classes=(4,)), condition=None),
        generation(Loop(1.0, 1.0, part("biased", shift=9)), 284),
        generation(Loop(1 / 284)),
        generation(Loop(50.0), training=training(dataset=SCENES)),  # how many is known by a draw
        generation(Loop(1.0, real="fresh"), number=4),
        generation(None, 2),
    ],
    ids=repr,
)
def test_what_suits_its_data_is_taken_and_nothing_large_is_drawn(fine: Any) -> None:
    require_suited(fine)


def test_nothing_is_run_before_every_cell_has_been_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in STAGES:
        monkeypatch.setitem(STAGES._rows, name, "nowhere:nothing")
    cells = [
        Cell(factors(arm=str(k)), (Stage("train", each),), 1)
        for k, each in enumerate([*[training()] * 3, confused((3, 12))])
    ]
    with pytest.raises(Problem, match="arm=3 of mine"):
        check_parts("mine", cells)


def test_no_weight_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(*_: Any, **__: Any) -> None:
        raise AssertionError("a weight was drawn")

    monkeypatch.setattr("torch.randn", drawn)
    for name in NETWORKS:
        require_suited(training(network=part(name)))


def test_a_network_of_another_hand_without_a_count_is_left_to_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(NETWORKS._rows, "own", "builtins:object")
    require_suited(training(network=part("own", anything=1)))


@pytest.mark.parametrize("parts", [1, 5, 7])
@pytest.mark.parametrize("ratio", [0.25, 1.0, 1.9])
def test_as_many_samples_are_asked_for_as_a_generation_takes(parts: int, ratio: float) -> None:
    """Against the material itself: the least number that is taken, and one less."""
    images, loop = load("digits").train, Loop(ratio)
    n = sum(int((images.labels == k).sum()) // parts for k in range(10))
    need = int(np.floor(ratio * n))
    for count, enough in ((need, True), (need - 1, False)):
        asked = generation(loop, count, parts=parts)
        drawn = {"samples": np.zeros((count, 1, 8, 8), np.float32),
                 "labels": np.arange(count) % 10}  # fmt: skip
        if enough:
            require_suited(asked)
            made = material(asked.training, images, 0, parts, 1, loop, **drawn)
            assert len(made.pixels) == n + need
            continue
        messages = []
        for refuse in (
            lambda asked=asked: require_suited(asked),
            lambda drawn=drawn: material(training(), images, 0, parts, 1, loop, **drawn),
        ):
            with pytest.raises(Problem) as found:
                refuse()
            messages.append(str(found.value))
        assert messages[0] == messages[1]


@pytest.mark.parametrize("by", list(RELABELLINGS))
def test_all_relabellings_are_held_against_the_classes(by: str) -> None:
    given = {"groups": ((0, 1),)} if by == "confusions" else {}
    relabelling = Relabelling(part(by, **given), 0.1)
    scenes = training(dataset=SCENES, relabelling=relabelling)
    require_suited(scenes)
    with pytest.raises(Problem, match="no classes"):
        require_suited(replace(scenes, dataset=part("photos", side=32)))
