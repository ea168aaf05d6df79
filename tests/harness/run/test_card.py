"""The bill of a card by hand, and jobs that keep to their limit and lose nothing."""

import math
from dataclasses import replace
from typing import Any

import pytest
import torch

from harness.cell import Cell, Part, Stage, factors, part
from harness.data.load import load
from harness.metrics.best_guidance import GuidanceChoice
from harness.metrics.measurement import Measurement
from harness.nets.unet import UNet
from harness.run import bill as bill_module
from harness.run import card
from harness.run.bill import bill
from harness.run.card import LIMIT, START, image_count, job_seconds, jobs, seconds
from harness.sample.sampling import Sampling
from harness.scale import read_sizes
from harness.studies import STUDIES
from harness.train.training import Training

CIFAR = part("cifar10", classes="cat,dog")
NUMBERS, SIZE = 10_000 * 3072, 3072
FORWARD = UNet.flops((3, 32, 32), 80)


def trained(name: str = "clean", net: Part | None = None, replicates: int = 3, **more: Any) -> Cell:
    mixed = {"pool": "mixed", "corruption": part("gaussian_blur", sigma=0.8),
             "annotator": part("fixed", sigma_min=0.3)}  # fmt: skip
    given = {
        "dataset": CIFAR,
        "network": net or part("unet", width=80),
        "objective": part("denoising"),
        "images": 300_000,
        **({"pool": "clean"} if name == "clean" else mixed),
        **more,
    }
    measured = Measurement(("fd_random_conv", "denoising_loss"), ("random_conv",), 2000)
    return Cell(
        factors(arm=name),
        (
            Stage("train", Training(**given)),
            Stage("sample", Sampling(2500)),
            Stage("measure", measured),
        ),
        replicates,
    )


def test_a_training_costs_its_operations_its_steps_and_the_host() -> None:
    clean, mixed = seconds(trained()), seconds(trained("gated"))
    flops = 3 * 300_000 * 3 * FORWARD
    steps = 300_000 / 256 * (2e-3 + 3 * 4e-4)
    assert clean["train"] == pytest.approx(flops / 60e12 + steps + 1e-7 * NUMBERS)
    assert 90 < clean["train"] < 110  # about 100 s a cell
    assert mixed["train"] - clean["train"] == pytest.approx(3 * 1.6e-7 * NUMBERS)
    assert mixed["measure"] - clean["measure"] == pytest.approx(3 * 1e-7 * NUMBERS)
    learned = replace_annotator(trained("gated"), part("crops", from_above=part("spectral")))
    assert seconds(learned)["train"] - mixed["train"] == pytest.approx(3 * 20)


def replace_annotator(cell: Cell, annotator: Part) -> Cell:
    train, *rest = cell.stages
    return replace(cell, stages=(Stage("train", replace(train.params, annotator=annotator)), *rest))


def test_what_is_not_compiled_runs_at_half_the_rate() -> None:
    found = seconds(trained())
    calls = 35
    assert found["sample"] == pytest.approx(
        2500 * calls * 3 * FORWARD / 30e12 + 3e-3 * calls * math.ceil(2500 / 500)
    )
    card_share = 25 * 2000 * 3 * FORWARD / 30e12
    host = 3 * (0.13 + 1.7e-4 * 2500 + 2.5e-7 * NUMBERS + 6.5e-7 * 2500 * SIZE)
    assert found["measure"] == pytest.approx(card_share + (1e-7 + 1e-6) * NUMBERS + host)


def test_whitened_pixels_cost_the_cube_of_an_image() -> None:
    cell = trained()
    wide = Stage(
        "measure", replace(cell.stages[2].params, extractors=("random_conv", "zca_pixels"))
    )
    dear = seconds(replace(cell, stages=(*cell.stages[:2], wide)))["measure"]
    more = (3.4e-9 + 3 * 2.5e-9) * SIZE**3
    assert dear - seconds(cell)["measure"] == pytest.approx(more)
    assert more > 300


def test_consistency_takes_its_passes_in_steps_too() -> None:
    plain = part("ambient", noised=True)
    noisy = {
        "pool": "imperfect",
        "corruption": part("gaussian_noise", sigma=0.2),
        "annotator": part("oracle"),
    }
    one, many = (
        seconds(trained("gated", part("mlp"), objective=each, **noisy))["train"]
        for each in (plain, part("consistency"))
    )
    host = 1e-7 * NUMBERS + 3 * 1.6e-7 * NUMBERS
    assert (many - host) / (one - host) == pytest.approx(2 + 4 + 4 / 3)


@pytest.mark.parametrize(
    "dataset", [part("digits"), part("photos"), part("photos", side=32, channels=3),
                part("photos", side=16), part("procedural", side=8, count=300)], ids=str
)  # fmt: skip
def test_the_count_of_images_is_known_without_reading_them(dataset: Part) -> None:
    known, found = image_count(dataset), load(dataset.name, **dataset.kwargs()).train.count
    assert 0.7 < found / known <= 1


def test_a_part_of_the_classes_has_its_share_of_the_images() -> None:
    assert image_count(CIFAR) == 10_000
    assert image_count(part("cifar10", classes=("cat",))) == 5_000
    assert image_count(part("cifar10_jpeg75")) == 50_000


def test_cells_that_are_not_trained_cost_what_they_cost_a_core() -> None:
    law = STUDIES["ambient_rules"].cells(read_sizes("gpu"))[0]
    assert seconds(law) == bill(law)["seconds"]


def test_a_job_starts_once_and_compiles_each_network_once() -> None:
    clean, gated = trained(), trained("gated")
    apart = [job_seconds([each]) for each in (clean, gated)]
    assert job_seconds([clean]) == pytest.approx(START + 40 + sum(seconds(clean).values()))
    assert job_seconds([clean, gated]) == pytest.approx(sum(apart) - START - 40)
    wider = trained("gated", part("unet", width=96))
    more = trained("gated", replicates=4)
    for other in (wider, more):  # kernels of their own
        both = job_seconds([clean]) + job_seconds([other])
        assert job_seconds([clean, other]) == pytest.approx(both - START)


def test_what_two_cells_of_a_job_share_is_paid_for_once() -> None:
    cell = trained()
    again = replace(cell, stages=(*cell.stages[:1], Stage("sample", Sampling(100))))
    own = job_seconds([cell])
    assert job_seconds([cell, cell]) == pytest.approx(own)
    assert job_seconds([cell, again]) == pytest.approx(own + seconds(again)["sample"])


def test_jobs_hold_all_cells_in_order_within_the_limit_and_no_two_could_be_one() -> None:
    cells = [
        trained("clean" if k % 2 else "gated", images=30_000 * (k + 1), replicates=1 + k % 3)
        for k in range(12)
    ]
    for limit in (100.0, 300.0, LIMIT, 1e9):
        found = jobs(cells, limit)
        assert [cell for job in found for cell in job] == cells
        for job, after in zip(found, [*found[1:], None]):
            assert job_seconds(job) <= limit or len(job) == 1
            assert after is None or job_seconds([*job, after[0]]) > limit
    assert len(jobs(cells, 1e9)) == 1
    assert len(jobs(cells, 1.0)) == len(cells)
    assert jobs([]) == []


def test_what_an_earlier_job_made_is_not_counted_on() -> None:
    """A job that is run by itself keeps to the limit too."""
    first = trained()
    twins = [
        replace(first, stages=(*first.stages[:1], Stage("sample", Sampling(n)))) for n in (9, 8)
    ]
    other = trained("gated")
    found = jobs([twins[0], other, twins[1]], job_seconds([twins[0]]) + 1)
    assert [len(job) for job in found] == [1, 1, 1]


def test_a_job_trains_one_network_and_the_arms_of_a_network_stay_together() -> None:
    small, large = part("mlp"), part("unet", width=80)
    law = STUDIES["ambient_rules"].cells(read_sizes("gpu"))[0]
    cells = [trained("clean", small), law, trained("gated", small),
             trained("clean", large), trained("gated", large)]  # fmt: skip
    assert [len(job) for job in jobs(cells, 1e9)] == [3, 2]
    assert [len(job) for job in jobs([law, *cells[3:]], 1e9)] == [3]


@pytest.mark.parametrize(("scale", "low", "high"), [("gpu", 2e6, 7e6), ("published", 54e6, 58e6)])
def test_the_networks_of_a_scale_are_as_large_as_it_says(
    scale: str, low: float, high: float
) -> None:
    width = read_sizes(scale).unet_width
    made = UNet((3, 32, 32), [torch.Generator()], width)
    assert low < sum(p.numel() for p in made.parameters()) < high


def test_the_scale_of_one_card_is_32_pixels_and_about_100_seconds_a_cell() -> None:
    sizes = read_sizes("gpu")
    assert card.image_shape(part(sizes.dataset["name"])) == (3, 32, 32)
    cells = [c for c in STUDIES["ambient_blur"].cells(sizes) if c.labels()["network"] == "unet"]
    assert len(cells) >= 2
    for cell in cells:
        assert 80 < seconds(cell)["train"] < 125


def test_a_choice_of_guidance_calls_the_network_at_every_weight() -> None:
    plain = trained()
    choice = GuidanceChoice(1200, (0.0, 1.0), batch=500)
    train, sample, measure = plain.stages
    guided = replace(plain, stages=(train, Stage("guide", choice), sample, measure))
    found, before = seconds(guided), seconds(plain)
    calls = 35 * (1 + 2)
    host = bill_of_host(2 * 1200)
    flops = 3 * 1200 * calls * FORWARD
    assert found["guide"] == pytest.approx(flops / 30e12 + 3e-3 * calls * 3 + 3 * host)
    assert found["sample"] == pytest.approx(2 * before["sample"])
    assert found["measure"] == before["measure"]


def bill_of_host(samples: int) -> float:
    """Seconds of a replicate's features and readings of so many samples."""
    return bill_module.FIXED + bill_module.PER_SAMPLE * samples + 6.5e-7 * samples * SIZE


def test_classifiers_on_a_card_cost_their_updates_data_and_tests() -> None:
    cells = STUDIES["synthetic_scaling"].cells(read_sizes("gpu"))
    numbers = 30_000 * SIZE  # of six classes
    for cell in (cells[0], cells[-1]):
        flops = bill(cell)["counted"]["supervised"]
        found = seconds(cell)
        assert found["supervised"] == pytest.approx(flops / 30e12 + 2000 * 6e-3 + 1.6e-7 * numbers)
    assert set(seconds(cells[0])) == {"supervised"}
    for job in jobs(cells):
        assert job_seconds(job) <= LIMIT
