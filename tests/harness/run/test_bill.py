"""The bill by hand: products of network, sampler and loss; what cells share is paid for once."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from harness.cell import Cell, Stage, factors, part
from harness.data.load import load
from harness.metrics.attack import Attack
from harness.metrics.best_guidance import GuidanceChoice
from harness.metrics.geneval import GenEval
from harness.metrics.measurement import Measurement
from harness.nets.checkpoint import build
from harness.run import bill as module
from harness.run.bill import bill, bills, class_names, core_seconds, forward_flops, image_shape
from harness.sample.sampling import Sampling
from harness.scale import read_sizes
from harness.scenes.suite import Suite
from harness.studies import STUDIES
from harness.train.condition import Condition
from harness.train.training import Training

REFERENCES = Path(__file__).parents[3] / "results" / "v1" / "cpu"
SUITE = Suite(10)
HEUN = part("heun", steps=5)
LOSS = Measurement(("denoising_loss",), ())


def training(**changes: Any) -> Training:
    given: dict[str, Any] = {
        "dataset": part("scenes", count=600),
        "pool": "oracle",
        "network": part("dit", width=16, depth=2, heads=2),
        "objective": part("denoising"),
        "images": 1000,
        "basis": part("patch_pca", patch=4, keep=20),
        "condition": Condition(),
    }
    return Training(**{**given, **changes})


def cell(
    *last: Stage, asked: Training | None = None, replicates: int = 3, w: float | None = 1.0
) -> Cell:
    """A training, its samples at a guidance (none for None), and further stages."""
    stages = [Stage("train", asked or training())]
    if w is not None:
        stages.append(Stage("sample", Sampling(60, HEUN, guidance=w, suite=SUITE)))
    return Cell(factors(w=w or 0), (*stages, *last), replicates)


def by_hand(tokens: int) -> int:
    """Forward passes of the training above: 36 places of 20 components, so many tokens."""
    w, count = 16, 36 + tokens
    block = count * 12 * w * w + 2 * count * count * w + 6 * w * w
    caption = w * w if tokens else 0
    return 2 * (2 * block + 64 * w + 2 * 36 * 20 * w + caption)


def test_a_forward_pass_is_that_of_the_modes_that_are_seen_and_of_the_words() -> None:
    assert forward_flops(training()) == by_hand(7)
    assert forward_flops(training(condition=None)) == by_hand(0)
    assert forward_flops(training(condition=Condition("label"))) == by_hand(1)
    larger = training(dataset=part("scenes", count=600, size=32))
    assert forward_flops(larger) > 1.5 * by_hand(7)


@pytest.mark.parametrize(
    "dataset",
    [
        part("scenes", count=60),
        part("scenes", count=60, size=32, layout="free"),
        part("digits"),
        part("photos", side=8, channels=3),
        part("photos"),
        part("procedural", side=4, count=100),
    ],
)
def test_shape_and_classes_of_a_dataset_are_known_without_drawing_it(dataset: Any) -> None:
    images = load(dataset.name, **dataset.kwargs())
    assert image_shape(dataset) == images.shape
    assert class_names(dataset) == images.classes


@pytest.mark.parametrize(("w", "passes"), [(0.0, 1), (1.0, 2), (-1.0, 2)])
def test_a_call_with_guidance_costs_two_passes(w: float, passes: int) -> None:
    counted = bill(cell(Stage("geneval", GenEval(SUITE)), w=w))["counted"]
    assert counted["train"] == 3 * 3 * 1000 * by_hand(7)
    assert counted["sample"] == 3 * 60 * 9 * passes * by_hand(7)
    assert counted["geneval"] == 0


def test_the_denoising_loss_costs_a_pass_an_image_and_level() -> None:
    for held_out, images in ((50, 50), (None, 1500)):
        measured = Stage("measure", replace(LOSS, held_out=held_out))
        assert bill(cell(measured))["counted"]["measure"] == 3 * 25 * images * by_hand(7)
    other = Stage("measure", Measurement(("fd_random_conv",), ("random_conv",)))
    assert bill(cell(other))["counted"]["measure"] == 0


def test_seconds_are_operations_at_the_rate_of_the_network_and_a_share_for_the_rest() -> None:
    found = bill(cell(Stage("geneval", GenEval(SUITE)), Stage("measure", LOSS)))
    seconds, counted = found["seconds"], found["counted"]
    assert list(seconds) == ["train", "sample", "geneval", "measure"]
    own = 3 * (module.FIXED + 60 * module.PER_SAMPLE)
    rate = module.RATE["dit"]
    told = 3 * module.TOLD * 1000 / training().batch
    asked = counted["sample"] / by_hand(7) / module.DRAWN * module.TOLD
    drawn = own + module.TRUTH * 600 * 24 * 24
    for name, rest in (("train", told), ("sample", asked), ("measure", drawn), ("geneval", own)):
        fast = 1.0 if name == "train" else module.FORWARD
        assert seconds[name] == pytest.approx(counted[name] / rate / fast + rest)
    assert found["flops"] == sum(counted.values())
    mlp = bill(cell(asked=training(network=part("mlp"), basis=part("dct"), condition=None)))
    assert mlp["seconds"]["train"] == pytest.approx(mlp["counted"]["train"] / module.RATE["mlp"])


def test_an_attack_without_samples_is_billed_on_both_of_its_sides() -> None:
    asked = Attack(levels=(0.5, 1.0), count=20, sampler=HEUN, inpainter=None, calibrated=False)
    found = bill(cell(Stage("attack", asked), w=None))["counted"]
    assert set(found) == {"train", "attack"}
    assert found["attack"] == 3 * (20 + 20) * 2 * 9 * by_hand(7)


def test_a_choice_of_guidance_costs_its_grid_and_what_follows_it_two_passes() -> None:
    choice = Stage("guide", GuidanceChoice(20, (0.0, 0.5, 1.0), sampler=HEUN))
    last = Stage("sample", Sampling(60, HEUN, suite=SUITE))
    found = bill(cell(choice, last, w=None))
    assert found["counted"]["guide"] == 3 * 20 * 9 * (1 + 2 + 2) * by_hand(7)
    assert found["counted"]["sample"] == 3 * 60 * 9 * 2 * by_hand(7)
    own = 3 * (module.FIXED + 3 * 20 * module.PER_SAMPLE)
    rate, counted = module.RATE["dit"] * module.FORWARD, found["counted"]["guide"]
    own += counted / by_hand(7) / module.DRAWN * module.TOLD
    assert found["seconds"]["guide"] == pytest.approx(counted / rate + own)
    assert bill(cell(last, w=None))["counted"]["sample"] == 3 * 60 * 9 * by_hand(7)


def test_cells_share_what_all_before_it_shares() -> None:
    judged, shuffled = Stage("geneval", GenEval(SUITE)), Stage("geneval", GenEval(SUITE, "task"))
    own = [
        cell(judged),
        cell(shuffled),  # the same samples
        cell(judged, w=0.0),  # the same training
        cell(judged, asked=training(images=2000)),  # a like sample stage, of another training
        cell(judged, replicates=2),  # other replicates are another stack
        cell(judged),
    ]
    free = [
        {name for name, seconds in each["seconds"].items() if seconds == 0} for each in bills(own)
    ]
    assert free == [
        set(),
        {"train", "sample"},
        {"train"},
        set(),
        set(),
        {"train", "sample", "geneval"},
    ]
    for each, alone in zip(bills(own), map(bill, own)):
        assert each["flops"] == sum(each["counted"].values())
        for name, seconds in each["seconds"].items():
            assert seconds in (0, alone["seconds"][name])
    assert core_seconds(own)[5] == 0
    assert core_seconds(own)[1] == pytest.approx(bill(own[1])["seconds"]["geneval"])


def test_the_bill_of_a_training_step_is_what_a_step_does() -> None:
    """Three passes: the counter of PyTorch sees one forward and two backward, less the first layer.

    Beside the network stand the turns into the basis, which are left out as small.
    """
    asked = training()
    words = asked.condition.words_of(class_names(asked.dataset)) if asked.condition else None
    shape = image_shape(asked.dataset)
    denoiser = build(asked.network, shape, [torch.Generator()], asked.basis, words)
    x, tokens = torch.ones(1, 8, *shape), torch.ones(1, 8, 7, dtype=torch.long)
    with FlopCounterMode(display=False) as counter:
        denoiser.weighted_error(x, x, torch.ones(1, 8), tokens).sum().backward()
    assert 0.9 < counter.get_total_flops() / (8 * 3 * by_hand(7)) < 1.25


def recorded() -> list[tuple[str, str, float, float]]:
    """Of each published study at cpu scale whose runs have the time that cores worked, in every
    stage, and of each processor: names, these core-seconds, and what is billed for these stages."""
    found = []
    for path in sorted(REFERENCES.glob("*/runs.jsonl")):
        study = path.parent.name
        cells = {cell.cell_id: cell for cell in STUDIES[study].cells(read_sizes("cpu"))}
        spent: dict[str, list[float]] = {}
        seen = set()
        for line in path.read_text("utf-8").splitlines():
            run = json.loads(line)
            owed = bill(cells[run["cell_id"]])["seconds"] if run["cell_id"] in cells else {}
            for name, stage in run["stages"].items():
                if name in owed and stage["key"] not in seen and "core_seconds" in stage:
                    both = spent.setdefault(stage["processor"], [0.0, 0.0])
                    both[0] += stage["core_seconds"]
                    both[1] += owed[name]
                    seen.add(stage["key"])
        found += [(study, where, *both) for where, both in spent.items() if both[0] > 60]
    return found


def test_the_bill_is_within_a_quarter_of_what_the_published_runs_took() -> None:
    """On the kind of machine on which the rates were measured; on another, within a factor of 2."""
    found = recorded()
    measured = "Intel(R) Xeon(R) Processor @ 2.50GHz"
    assert {"ambient_blur", "tweedie_noisy_only"} <= {
        s for s, where, *_ in found if where == measured
    }
    assert {"captions", "self_consuming"} <= {s for s, where, *_ in found if where != measured}
    for study, where, worked, billed in found:
        low, high = (0.75, 1.25) if where == measured else (0.5, 2.0)
        assert low < billed / worked < high, (study, where, worked, billed)


def test_classifiers_cost_their_updates_and_the_judge_a_pass_of_each_sample() -> None:
    """By hand: pairs of 3 x 3 convolutions at 64 and at 16 places, and a linear layer of 64."""
    forward = 2 * (9 * (16 + 256) * 64 + 9 * (256 + 16 * 64) * 16 + 640)
    cells = STUDIES["synthetic_scaling"].cells(read_sizes("cpu"))
    real = bill(cells[0])
    assert set(real["counted"]) == {"supervised"}
    assert real["counted"]["supervised"] == real["flops"] == 6 * 3 * 600 * 32 * forward
    both = bill(cells[-1])
    assert list(both["counted"]) == ["classifier", "train", "sample", "supervised"]
    samples = cells[-1].stages[2].params.count
    assert both["counted"]["supervised"] == 6 * (3 * 600 * 32 + samples) * forward
    alone = bill(replace(cells[-1], stages=cells[-1].stages[:-1]))
    for name in ("classifier", "train", "sample"):
        assert both["counted"][name] == alone["counted"][name]
        assert both["seconds"][name] == alone["seconds"][name]
    own = real["seconds"]["supervised"]
    assert own == pytest.approx(
        module.TRIED + real["flops"] / module.CONVOLUTIONS + module.UPDATE * 600 * 6
    )
    shared = [each["seconds"]["train"] for each in bills(cells[18:]) if "train" in each["seconds"]]
    assert [seconds > 0 for seconds in shared] == [True] + [False] * (len(shared) - 1)
