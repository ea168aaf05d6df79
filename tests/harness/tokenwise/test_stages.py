"""Token models as stages: what one leaves the next, paired by construction, and what is counted."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from torch.utils.flop_counter import FlopCounterMode

from harness.cell import Cell, Stage, Upstream, factors, part
from harness.data.load import load
from harness.metrics.geneval import GenEval
from harness.metrics.measurement import Measurement
from harness.problem import Problem
from harness.run.shard import run_cell
from harness.scenes.suite import Suite
from harness.tokens.manner import Manner
from harness.tokens.model import Model, build, cost
from harness.tokenwise import loop
from harness.tokenwise.checkpoint import restore
from harness.tokenwise.counting import costs, form_of
from harness.tokenwise.draw import draw
from harness.tokenwise.loop import clip, train, visits
from harness.tokenwise.loss import TokenLoss, loss_of
from harness.tokenwise.pipeline import fitted, loaded
from harness.tokenwise.reading import held_out_losses, measure
from harness.tokenwise.sampling import TokenSampling
from harness.tokenwise.training import TokenTraining
from harness.train.condition import Condition

DIGITS = part("digits")
SCENES = part("scenes", size=24, layout="grid", count=120)
NET = part("transformer", width=8, depth=1, heads=2)
CODES = part("codebook", codes=8, patch=2, steps=3, limit=400)
PATCHES = part("patches", patch=2)
DIFFUSION = part("diffusion", hidden=8, blocks=1, draws=2)
ARMS: dict[str, dict[str, Any]] = {
    "patches": {"tokeniser": PATCHES, "head": DIFFUSION},
    "codes": {"tokeniser": CODES, "head": part("cross_entropy")},
    "quantised": {"tokeniser": PATCHES, "source": CODES, "head": DIFFUSION},
    "squared": {"tokeniser": PATCHES, "head": part("squared")},
}


def training(arm: str = "patches", order: str = "raster", **changes: Any) -> TokenTraining:
    given = {
        "dataset": DIGITS,
        "order": part(order),
        "network": NET,
        "images": 96,
        "batch": 32,
        "condition": Condition("label", 0.25),
        **ARMS[arm],
    }
    return TokenTraining(**{**given, **changes})


def trained(asked: TokenTraining, out: Path, replicates: int = 2) -> dict[str, Upstream]:
    out.mkdir(parents=True, exist_ok=True)
    train(asked, replicates, {}, out, "cpu", lambda share: None)
    return {"train_tokens": Upstream(asked, out)}


def rows_of(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "measurements.json").read_text())
    return found


@pytest.mark.parametrize("arm", list(ARMS))
@pytest.mark.parametrize("order", ["raster", "random", "masked"])
def test_every_arm_is_trained_drawn_measured_and_read(arm: str, order: str, tmp_path: Path) -> None:
    stages = (
        Stage("train_tokens", training(arm, order)),
        Stage("token_loss", TokenLoss(20, 1)),
        Stage("sample_tokens", TokenSampling(12, guidance=0.5, steps=2)),
        Stage("measure", Measurement(("high_frequency_error",), ())),
    )

    class Quiet:
        def of(self, *_: Any) -> Any:
            return lambda share: None

    rows = run_cell(Cell(factors(arm=arm), stages, 2), tmp_path, "cpu", Quiet())  # type: ignore[arg-type]
    assert {row["status"] for row in rows} == {"ok"}
    names = {row["metric"] for row in rows}
    head = ARMS[arm]["head"].name
    assert {loss_of(head), "ceiling_fd_random_conv", "parameters", "high_frequency_error"} <= names
    (made,) = tmp_path.glob("sample_tokens/*/samples.safetensors")
    arrays = load_file(made)
    assert arrays["samples"].shape == (2, 12, 1, 8, 8)
    assert arrays["labels"].shape == (2, 12)
    assert np.abs(arrays["samples"]).max() <= 1
    if arm == "codes":  # every patch is a code's
        _, pipelines = restore(next(tmp_path.glob("train_tokens/*/weights.safetensors")), "cpu")
        for own, images in zip(pipelines, arrays["samples"]):
            assert np.array_equal(own.decode(own.encode(images)), images)


def test_scenes_are_drawn_for_a_suite_and_judged(tmp_path: Path) -> None:
    suite = Suite(2)
    asked = training(
        dataset=SCENES, tokeniser=part("patches", patch=4), condition=Condition("caption", 0.1)
    )
    sampling = TokenSampling(suite.count, suite=suite, steps=2)

    class Quiet:
        def of(self, *_: Any) -> Any:
            return lambda share: None

    stages = (
        Stage("train_tokens", asked),
        Stage("token_loss", TokenLoss(None, 1)),
        Stage("sample_tokens", sampling),
        Stage("geneval", GenEval(suite)),
    )
    rows = run_cell(Cell(factors(a=1), stages, 1), tmp_path, "cpu", Quiet())  # type: ignore[arg-type]
    found = {row["metric"]: row for row in rows}
    assert found["geneval"]["n"] == suite.count
    assert found["ceiling_geneval"]["value"] == 1.0  # patches lose nothing


def test_the_same_training_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        trained(training("codes", "masked"), tmp_path / name)
    one, two = ((tmp_path / n / "weights.safetensors").read_bytes() for n in ("one", "two"))
    assert one == two


def test_a_copy_in_a_stack_is_the_one_alone(tmp_path: Path) -> None:
    alone = trained(training(), tmp_path / "alone", 1)["train_tokens"].folder
    stack = trained(training(), tmp_path / "stack", 2)["train_tokens"].folder
    one, both = (load_file(each / "weights.safetensors") for each in (alone, stack))
    for name, array in one.items():
        if name.startswith("model."):
            assert np.allclose(both[name][:1], array, atol=1e-5)
    first, second = both["model.network.place"]
    assert not np.allclose(first, second)


def test_arms_of_a_replicate_see_the_same_images_in_the_same_sequence() -> None:
    one, two = training("codes", "masked"), training("squared", "raster", rate=3e-3)
    for replicate in range(2):
        for a, b in zip(visits(one, 50, 120, replicate), visits(two, 50, 120, replicate)):
            assert np.array_equal(a, b)
    assert not np.array_equal(visits(one, 50, 120, 0)[0], visits(one, 50, 120, 1)[0])
    other = visits(replace(one, copy=1), 50, 120, 0)
    assert not np.array_equal(visits(one, 50, 120, 0)[0], other[0])


def test_each_pass_has_every_image_once_and_the_told_rate_is_the_dropout() -> None:
    seen, untold = visits(training(), 50, 20_000, 0)
    assert all(sorted(part_) == list(range(50)) for part_ in seen.reshape(-1, 50))
    assert not np.array_equal(seen[:50], seen[50:100])
    assert abs(untold.mean() - 0.25) < 4 * (0.25 * 0.75 / 20_000) ** 0.5
    assert not visits(training(condition=None), 50, 100, 0)[1].any()


def test_a_step_shows_each_copy_its_own_images_and_what_they_are_told(
    tmp_path: Path, monkeypatch
) -> None:
    seen: list[tuple[torch.Tensor, torch.Tensor]] = []
    real = Model.forward

    def spied(self: Model, tokens: Any, condition: Any, generators: Any) -> torch.Tensor:
        seen.append((tokens, condition))
        return real(self, tokens, condition, generators)

    monkeypatch.setattr(Model, "forward", spied)
    asked = training("codes")
    trained(asked, tmp_path)
    images = load("digits").train
    words = Condition("label").tokens(images)
    assert len(seen) == 3
    for k in range(2):
        rows, untold = visits(asked, images.count, 96, k)
        told = np.where(untold[:, None], 0, words[rows])
        tokens = fitted(asked, k).encode(images.pixels)[rows]
        for step, (x, condition) in enumerate(seen):
            now = slice(32 * step, 32 * step + 32)
            assert np.array_equal(x[k].numpy(), tokens[now])
            assert np.array_equal(condition[k].numpy(), told[now])
        assert untold.any()


def test_images_are_drawn_for_the_class_that_stands_beside_them(
    tmp_path: Path, monkeypatch
) -> None:
    """In batches of 3, the last one of 1; tokens that say the class decode to it."""
    upstream = trained(training(), tmp_path)
    asked: list[torch.Tensor] = []
    real = Model.draw

    def spied(self: Model, told: Any, *given: Any) -> torch.Tensor:
        asked.append(told)
        return real(self, told, *given)

    monkeypatch.setattr(Model, "draw", spied)
    draw(TokenSampling(7, steps=2, batch=3), 2, upstream, tmp_path, "cpu", lambda share: None)
    labels = load_file(tmp_path / "samples.safetensors")["labels"]
    images = load("digits")
    words = Condition("label").words(images).tokens(images.classes)
    assert [each.shape[1] for each in asked] == [3, 3, 1]
    assert np.array_equal(torch.cat(asked, 1).numpy(), words[labels])
    assert not np.array_equal(labels[0], labels[1])


def test_arms_of_a_replicate_share_their_codes_and_replicates_do_not(tmp_path: Path) -> None:
    codes = [fitted(training("codes"), k).state()["tokeniser.centres"] for k in range(2)]
    source = fitted(training("quantised"), 1).state()["source.centres"]
    assert np.array_equal(codes[1], source)
    assert not np.array_equal(codes[0], codes[1])


def test_quantised_patches_hold_what_the_codes_do_and_no_more() -> None:
    pixels = loaded(DIGITS).held_out.pixels[:30]
    quantised, codes = fitted(training("quantised"), 0), fitted(training("codes"), 0)
    assert np.allclose(
        quantised.decode(quantised.encode(pixels)), codes.decode(codes.encode(pixels)), atol=1e-5
    )
    tokens = quantised.encode(pixels).reshape(-1, 4).round(4)
    assert len(np.unique(tokens, axis=0)) <= 8


def test_the_tokeniser_sees_no_held_out_image() -> None:
    images = load("digits")
    made = fitted(training(), 0).state()["tokeniser.mean"]
    cut = images.train.pixels.reshape(-1, 4, 2, 4, 2).transpose(0, 1, 3, 2, 4).reshape(-1, 4)
    assert np.allclose(made, cut.mean(0), atol=1e-6)


def test_a_diverged_copy_is_rows_and_the_others_go_on(tmp_path: Path, monkeypatch) -> None:
    real = loop.build

    def spoiled(*given: Any) -> Any:
        model = real(*given)
        with torch.no_grad():
            model.network.place[1] = float("nan")
        return model

    monkeypatch.setattr(loop, "build", spoiled)
    upstream = trained(training("codes", "random"), tmp_path / "t")
    assert json.loads((tmp_path / "t/training.json").read_text())["curve"][-1]["loss"][1] is None
    measure(TokenLoss(20, 1), 2, upstream, tmp_path, "cpu", lambda share: None)
    losses = [r for r in rows_of(tmp_path) if r["metric"] == loss_of("cross_entropy")]
    assert [row["status"] for row in losses] == ["ok", "diverged"]
    draw(TokenSampling(5), 2, upstream, tmp_path, "cpu", lambda share: None)
    samples = load_file(tmp_path / "samples.safetensors")["samples"]
    assert np.isfinite(samples[0]).all()
    assert np.isnan(samples[1]).any()


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


def test_gradients_are_clipped_copy_by_copy() -> None:
    weight = torch.nn.Parameter(torch.zeros(3, 2, 2))
    weight.grad = torch.stack([torch.full((2, 2), v) for v in (0.1, 10.0, float("nan"))])
    clip([weight])
    assert torch.equal(weight.grad[0], torch.full((2, 2), 0.1))
    assert weight.grad[1].norm() == pytest.approx(3.0)
    assert weight.grad[2].isnan().all()


@pytest.mark.parametrize("arm", ["patches", "codes"])
def test_products_rounded_to_bfloat16_move_a_loss_by_little(arm: str, monkeypatch) -> None:
    """As on a card; the loss stays float32, and gradients reach every weight."""
    monkeypatch.setitem(loop.OF_DEVICE, "cpu", torch.bfloat16)
    asked = training(arm, network=part("transformer", width=32, depth=2, heads=2))
    words = Condition().words_of(load("digits").classes)
    parts = asked.order, asked.network, asked.head
    form = form_of(asked, (1, 8, 8))
    model = build(form, *parts, [torch.Generator().manual_seed(0)], words)
    x = torch.as_tensor(fitted(asked, 0).encode(loaded(DIGITS).train.pixels[:64]))[None]
    told = torch.ones(1, 64, 1, dtype=torch.long)
    full = model(x, told, [torch.Generator().manual_seed(1)]).mean()
    with loop.rounded("cpu"):
        short = model(x, told, [torch.Generator().manual_seed(1)]).mean()
    assert short.dtype == torch.float32
    assert 0 < abs(short / full - 1) < 0.02
    short.backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def test_a_file_of_other_weights_is_named(tmp_path: Path) -> None:
    (tmp_path / "weights.safetensors").write_bytes(b"nothing")
    with pytest.raises(Problem, match=r"weights\.safetensors"):
        restore(tmp_path / "weights.safetensors", "cpu")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"images": 16}, "a batch of 32"),
        ({"rate": 0.0}, "rate=0"),
        ({"ema": 1.0}, "ema=1"),
        ({"batch": 0}, "batch=0"),
        ({"condition": Condition("label", 0.1, part("cep_uniform", gamma=1.0))}, "perturbation"),
    ],
)
def test_what_is_no_training_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Problem, match=said):
        training(**changes)


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


def test_samples_of_a_model_without_a_condition_have_no_labels(tmp_path: Path) -> None:
    upstream = trained(training(condition=None), tmp_path)
    draw(TokenSampling(7, steps=2, batch=3), 2, upstream, tmp_path, "cpu", lambda share: None)
    arrays = load_file(tmp_path / "samples.safetensors")
    assert set(arrays) == {"samples"}
    assert arrays["samples"].shape == (2, 7, 1, 8, 8)
    with pytest.raises(Problem, match="train it with a condition"):
        draw(TokenSampling(7, guidance=1.0), 2, upstream, tmp_path, "cpu", lambda share: None)
