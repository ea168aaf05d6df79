"""What a denoiser is told in training: who is perturbed, by which draws, and what is kept of it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from harness.cell import Part, part, plain
from harness.data.load import load
from harness.data.words import Words
from harness.nets.checkpoint import build, restore
from harness.objectives.consistency import Consistency
from harness.objectives.denoising import Denoising
from harness.objectives.objective import Batch
from harness.train.condition import Condition
from harness.train.drawing import Drawing
from harness.train.loop import train
from harness.train.material import gather
from harness.train.telling import Telling
from harness.train.training import Training

CEP = part("cep_gaussian", gamma=0.8)
FIXED = part("cep_uniform", gamma=0.8, fixed=True)
DIGITS = load("digits").train
WIDTH, BATCH = 16, 64


def training(by: Part | None = None, kind: str = "label", **changes: Any) -> Training:
    given: dict[str, Any] = {
        "dataset": part("digits"),
        "pool": "oracle",
        "network": part("mlp", width=16, blocks=1),
        "objective": part("denoising"),
        "images": 10 * BATCH,
        "batch": BATCH,
        "warmup": BATCH,
        "condition": Condition(kind, 0.3, by),
    }
    return Training(**{**given, **changes})


def drawing(by: Part | None, replicate: int = 0, **changes: Any) -> Drawing:
    asked = training(by, **changes)
    material = gather(asked, DIGITS, replicate)
    return Drawing(material, Denoising(), asked, replicate, "cpu", WIDTH)


def trained(folder: Path, asked: Training, replicates: int = 1) -> dict[str, Tensor]:
    folder.mkdir(exist_ok=True)
    train(asked, replicates, {}, folder, "cpu", lambda share: None)
    return load_file(folder / "weights.safetensors")


@pytest.mark.parametrize("by", [CEP, FIXED, part("label_smoothing")], ids=str)
def test_a_perturbation_moves_no_other_draw(by: Part) -> None:
    plain_draws, moved = drawing(None), drawing(by)
    for _ in range(3):
        one, other = plain_draws(), moved()
        assert len(other) == len(one) + (by.name != "label_smoothing")
        for drawn, same in zip(one, other):
            assert torch.equal(drawn, same)


def test_what_is_drawn_is_fresh_at_each_visit_and_has_the_stated_size() -> None:
    draws = drawing(CEP, images=4000, batch=4000)
    first, second = (draws()[-1] for _ in range(2))
    assert first.shape == (4000, 1, WIDTH)
    assert len(first.flatten(1).unique(dim=0)) == 4000
    assert not torch.equal(first, second)
    square = first.square().sum((1, 2))
    assert abs(float(square.mean()) - 0.64) < 4 * float(square.std()) / 4000**0.5


def test_a_fixed_perturbation_is_one_draw_an_image_of_the_replicates_material() -> None:
    of_image: dict[bytes, Tensor] = {}
    draws, visits = drawing(FIXED, images=2000, batch=2000), 0
    for _ in range(2):
        x0, *_, moved = draws()
        for image, own in zip(x0.numpy(), moved):
            visits += image.tobytes() in of_image
            assert torch.equal(of_image.setdefault(image.tobytes(), own), own)
    assert visits > 2000
    kept = torch.stack(list(of_image.values())).flatten(1)
    assert len(kept.unique(dim=0)) == len(of_image) > 1000
    square = kept.square().sum(1)
    assert abs(float(square.mean()) - 0.64 / 3) < 4 * float(square.std()) / len(kept) ** 0.5


@pytest.mark.parametrize("by", [CEP, FIXED], ids=str)
def test_arms_of_a_replicate_are_paired_and_replicates_and_copies_are_not(by: Part) -> None:
    own = drawing(by)()[-1]
    stronger = part(by.name, **{**by.kwargs(), "gamma": 1.6})
    assert torch.allclose(drawing(stronger)()[-1], 2 * own, rtol=1e-6)
    first = drawing(by).moved(torch.arange(BATCH))
    for other in (drawing(by, replicate=1), drawing(by, copy=1)):
        assert not torch.allclose(other.moved(torch.arange(BATCH)), first, atol=0.05)


def test_captions_are_perturbed_word_by_word() -> None:
    scenes = part("scenes", size=24, layout="grid", count=100)
    asked = training(CEP, "caption", dataset=scenes)
    material = gather(asked, load("scenes", **scenes.kwargs()).train, 0)
    *_, tokens, moved = Drawing(material, Denoising(), asked, 0, "cpu", 8)()
    assert moved.shape == (*tokens.shape, 8) == (BATCH, 7, 8)
    assert len(moved.flatten(0, 1).unique(dim=0)) == BATCH * 7


CLASSES = ("a b", "c", "b c")


def told(by: Part | None, drawn: bool = True) -> tuple[Any, Tensor, Tensor | None, Tensor]:
    """A denoiser of two copies with learned tables, tokens, draws and what is told."""
    words = Words.of(CLASSES)
    row = part("mlp", width=8, embedding="learned", embedding_width=5)
    denoiser = build(
        row, (1, 8, 8), [torch.Generator().manual_seed(k) for k in (0, 1)], words=words
    )
    g = torch.Generator().manual_seed(1)
    tokens = torch.randint(0, words.count, (2, 6, 2), generator=g)
    tokens[:, 0] = 0
    moved = torch.randn(2, 6, 2, 5, generator=g) if drawn else None
    given = (tokens,) if moved is None else (tokens, moved)
    telling = Telling(denoiser, Condition("caption", perturbation=by), CLASSES)
    assert telling.width == (0 if by is None else 5)
    return denoiser, tokens, moved, telling(given)[0]


def test_without_a_perturbation_tokens_are_told_as_they_are() -> None:
    _, tokens, _, found = told(None, drawn=False)
    assert found is tokens
    assert Telling(None, None, ())(()) == ()  # type: ignore[arg-type]


def test_what_is_drawn_is_added_to_the_embedding_of_the_null_caption_too() -> None:
    denoiser, tokens, moved, found = told(CEP)
    assert torch.equal(found, denoiser.embed(tokens) + moved)
    denoiser, tokens, moved, found = told(part("embedding_dropout"))
    assert torch.equal(found, denoiser.embed(tokens) * moved)
    for k in (0, 1):  # the null
        assert not torch.equal(found[k, 0], denoiser.embed(tokens)[k, 0])


def test_captions_are_smoothed_to_the_mean_of_all_classes_alike() -> None:
    denoiser, tokens, _, found = told(part("label_smoothing", share=0.4), drawn=False)
    captions = torch.as_tensor(denoiser.words.tokens(CLASSES))
    for k in (0, 1):
        table = denoiser.network.embed.table[k]
        mean = sum(table[caption] for caption in captions) / len(CLASSES)  # [T, d]
        for b in range(6):
            assert torch.allclose(found[k, b], 0.6 * table[tokens[k, b]] + 0.4 * mean, atol=1e-6)


@pytest.mark.parametrize("kind", ["fixed", "learned", "normalised"])
def test_a_training_at_the_strength_zero_is_the_one_without(kind: str, tmp_path: Path) -> None:
    """To the last bit: what is told goes through the same products."""
    net = part("mlp", width=16, blocks=1, embedding=kind)
    clean = trained(tmp_path / "clean", training(network=net))
    for by in (part("cep_uniform", gamma=0.0), part("label_smoothing", share=0.0)):
        same = trained(tmp_path / by.name, training(by, network=net))
        for name, weight in clean.items():
            assert torch.equal(same[name], weight), name
    moved = trained(tmp_path / "moved", training(CEP, network=net))
    assert not torch.equal(moved["network.told.0.weight"], clean["network.told.0.weight"])


def test_a_fixed_embedding_comes_out_as_it_went_in_and_a_learned_one_does_not(
    tmp_path: Path,
) -> None:
    start = torch.eye(11)
    for kind in ("fixed", "learned", "normalised"):
        asked = training(CEP, network=part("mlp", width=16, blocks=1, embedding=kind))
        table = trained(tmp_path / kind, asked, 2)["network.embed.table"]
        for own in table:
            gram = own @ own.T
            assert torch.allclose(gram, start, atol=1e-6) is (kind == "fixed")


@pytest.mark.parametrize(
    "network",
    [
        part("mlp", width=16, blocks=1, embedding="learned"),
        part("mlp", width=16, blocks=1, embedding="normalised"),
        part("dit", width=16, depth=1, heads=2),
    ],
    ids=str,
)
def test_the_norm_is_kept_along_the_curve_and_is_a_row_of_the_kept_weights(
    network: Part, tmp_path: Path
) -> None:
    asked = training(network=network, rate=0.05, ema=0.5)
    trained(tmp_path, asked, 2)
    denoiser = restore(tmp_path / "weights.safetensors", "cpu")
    words = torch.arange(1, 11).expand(2, 1, -1)
    norms = denoiser.embed(words)[:, 0].norm(dim=-1).mean(1).tolist()
    rows = json.loads((tmp_path / "measurements.json").read_text())
    assert [row["metric"] for row in rows] == ["embedding_norm"] * 2
    assert [row["replicate"] for row in rows] == [0, 1]
    assert [row["value"] for row in rows] == pytest.approx(norms, rel=1e-6)
    assert all((row["n"], row["unit"], row["status"]) == (10, "1", "ok") for row in rows)
    curve = json.loads((tmp_path / "training.json").read_text())["curve"]
    kept = np.array([point["embedding_norm"] for point in curve])
    assert kept.shape == (10, 2)
    if network.kwargs().get("embedding") == "normalised":
        assert np.allclose(kept, 1)
    else:
        assert abs(kept[-1, 0] - rows[0]["value"]) > 1e-4  # the average lags behind
        assert (np.diff(kept[:, 0]) != 0).all()


def test_a_row_is_left_by_labels_alone_and_nothing_without_a_condition(tmp_path: Path) -> None:
    trained(tmp_path, training(kind="caption"))
    assert not (tmp_path / "measurements.json").exists()
    point = json.loads((tmp_path / "training.json").read_text())["curve"][0]
    assert point["embedding_norm"] == [pytest.approx(1, rel=1e-6)]
    trained(tmp_path, training(condition=None))
    assert not (tmp_path / "measurements.json").exists()
    point = json.loads((tmp_path / "training.json").read_text())["curve"][0]
    assert set(point) == {"images", "loss"}


def test_the_norm_of_a_copy_that_has_diverged_is_no_number(tmp_path: Path) -> None:
    trained(tmp_path, training(rate=1e30, network=part("mlp", width=16, embedding="learned")))
    assert json.loads((tmp_path / "measurements.json").read_text())[0]["status"] == "diverged"
    text = (tmp_path / "training.json").read_text()
    assert json.loads(text)["curve"][-1]["embedding_norm"] == [None]
    assert "NaN" not in text


def test_an_objectives_extra_term_is_told_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Consistency asks the network several times for an image, of one perturbed condition."""
    seen: list[tuple[Tensor, ...]] = []
    extra = Consistency.extra

    def listen(self: Consistency, denoiser: Any, batch: Batch) -> Tensor | None:
        seen.append(batch.tokens)
        return extra(self, denoiser, batch)

    monkeypatch.setattr(Consistency, "extra", listen)
    noisy = {"corruption": part("gaussian_noise", sigma=0.2), "annotator": part("oracle")}
    loss = part("consistency", steps=1, antithetic=False)
    trained(tmp_path, training(CEP, pool="imperfect", objective=loss, images=2 * BATCH, **noisy))
    (first,), (second,) = seen
    assert first.shape == second.shape == (1, BATCH, 1, WIDTH)
    assert torch.isfinite(
        load_file(tmp_path / "weights.safetensors")["network.inward.weight"]
    ).all()


def test_a_perturbation_is_part_of_the_identity_of_a_cell_and_its_absence_is_not() -> None:
    assert plain(Condition("label")) == {"kind": "label", "dropout": 0.1}
    assert plain(Condition("label", perturbation=CEP)) == {
        "kind": "label",
        "dropout": 0.1,
        "perturbation": {"name": "cep_gaussian", "gamma": 0.8},
    }
