"""Training on captions: told as often as stated, and what is told is learned."""

from math import sqrt
from pathlib import Path

import numpy as np
import pytest
import torch

from harness.cell import Part, Upstream, part, plain
from harness.data.load import load
from harness.nets.checkpoint import restore
from harness.objectives.denoising import Denoising
from harness.problem import Problem
from harness.sample.draw import draw
from harness.sample.sampling import Sampling
from harness.scenes.suite import Suite
from harness.train.condition import Condition
from harness.train.drawing import Drawing
from harness.train.loop import train
from harness.train.material import gather
from harness.train.training import Training

SCENES = part("scenes", size=24, layout="grid", count=600)


def training(**changes: object) -> Training:
    given: dict[str, object] = {
        "dataset": SCENES,
        "pool": "oracle",
        "network": part("dit", width=16, depth=1, heads=2),
        "objective": part("denoising"),
        "images": 256,
        "batch": 64,
        "basis": part("patch_pca", patch=8, keep=8),
        "condition": Condition("caption", 0.25),
    }
    return Training(**{**given, **changes})  # type: ignore[arg-type]


def test_captions_go_with_their_images_and_are_dropped_at_the_stated_rate() -> None:
    images = load("scenes", **SCENES.kwargs()).train
    material = gather(training(), images, 0)
    assert material.tokens is not None
    draws = Drawing(material, Denoising(), training(images=4000, batch=4000), 0, "cpu")
    x0, *_, tokens = draws()
    told = tokens.any(1)
    assert abs(float(told.float().mean()) - 0.75) < 4 * sqrt(0.75 * 0.25 / 4000)
    by_image = {x.tobytes(): row for x, row in zip(material.pixels, material.tokens)}
    for image, row, is_told in zip(x0.numpy()[:200], tokens.numpy(), told.numpy()):
        assert not is_told or (by_image[image.tobytes()] == row).all()


def test_a_clean_pool_keeps_the_captions_of_its_images() -> None:
    images = load("scenes", **SCENES.kwargs()).train
    material = gather(training(pool="clean", clean_fraction=0.2), images, 0)
    tokens = Condition().tokens(images)
    by_image = {x.tobytes(): row for x, row in zip(images.pixels, tokens)}
    assert material.tokens is not None
    assert len(material.tokens) == len(material.pixels) == round(0.2 * images.count)
    for image, row in zip(material.pixels, material.tokens):
        assert (by_image[image.tobytes()] == row).all()


def test_a_caption_is_told_word_by_word_and_a_label_as_one() -> None:
    images = load("scenes", **SCENES.kwargs()).held_out
    assert images.labels is not None
    names = [images.classes[label] for label in images.labels]
    assert Condition() == Condition("caption", 0.1)
    for kind, length, count in (("caption", 7, 25), ("label", 1, 400)):
        words = Condition(kind).words(images)
        assert (words.length, words.count) == (length, count)
        told = Condition(kind).tokens(images)
        back = [" ".join(words.known[token - 1] for token in row if token) for row in told]
        assert back == names


@pytest.mark.parametrize(
    ("network", "by"),
    [
        (part("dit", width=32, depth=1, heads=2), None),
        (part("mlp", width=32, blocks=2), None),
        (part("mlp", width=32, blocks=2, embedding="learned"), part("cep_gaussian", gamma=1.0)),
    ],
    ids=str,
)
def test_a_label_is_learned(network: Part, by: Part | None, tmp_path: Path) -> None:
    """Digits: under their own label they are denoised better than under another, at high noise."""
    asked = training(
        dataset=part("digits"),
        network=network,
        basis=part("dct"),
        condition=Condition("label", perturbation=by),
        images=40_000,
        batch=128,
        rate=3e-3,
        log_sigma_mean=0.5,
    )
    train(asked, 1, {}, tmp_path, "cpu", lambda share: None)
    denoiser = restore(tmp_path / "weights.safetensors", "cpu")
    held_out = load("digits").held_out
    x0 = torch.tensor(held_out.pixels)[None]
    sigma = torch.full(x0.shape[:2], 2.0)
    xt = x0 + 2 * torch.randn(x0.shape, generator=torch.Generator().manual_seed(0))
    own = torch.as_tensor(Condition("label").tokens(held_out))[None]
    other = own % 10 + 1
    with torch.no_grad():
        gain = denoiser.weighted_error(xt, x0, sigma, other)
        gain = (gain - denoiser.weighted_error(xt, x0, sigma, own))[0]
    assert gain.mean() > 4 * gain.std() / len(gain) ** 0.5


def test_samples_are_of_the_suite_or_of_the_training_captions(tmp_path: Path) -> None:
    asked = training()
    train(asked, 2, {}, tmp_path, "cpu", lambda share: None)
    upstream = {"train": Upstream(asked, tmp_path)}
    suite = Suite(2)
    for name, sampling in {
        "suite": Sampling(12, part("heun", steps=3), suite=suite, guidance=1.0),
        "own": Sampling(12, part("heun", steps=3)),
    }.items():
        (tmp_path / name).mkdir()
        draw(sampling, 2, upstream, tmp_path / name, "cpu", lambda share: None)
        assert (tmp_path / name / "samples.safetensors").is_file()
    plain_training = training(condition=None)
    train(plain_training, 1, {}, tmp_path, "cpu", lambda share: None)
    with pytest.raises(Problem, match="train it with a condition"):
        draw(
            Sampling(12, suite=suite), 1, {"train": Upstream(plain_training, tmp_path)},
            tmp_path / "own", "cpu", lambda share: None,
        )  # fmt: skip


def test_what_was_added_later_leaves_older_configurations_as_they_were() -> None:
    old = plain(training(basis=part("dct"), condition=None))
    assert {"basis", "condition"} & set(old) == set()
    new = plain(training())
    assert new["condition"] == {"kind": "caption", "dropout": 0.25}
    assert new["basis"] == {"name": "patch_pca", "patch": 8, "keep": 8}
    assert {"guidance", "suite"} & set(plain(Sampling(10))) == set()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Condition("sound"), "caption, label"),
        (lambda: Condition(dropout=1.0), r"dropout=1\.0, a share outside.*give 0 <= dropout < 1"),
        (lambda: Condition(dropout=-0.1), r"dropout=-0\.1, a share outside"),
        (lambda: Condition("label", "0.1"), "a condition; got dropout='0.1', no number"),  # type: ignore[arg-type]
        (lambda: Condition("label", True), "dropout=True, no number; give 0 <= dropout < 1"),
        (
            lambda: Condition("label", 0.1, "cep_uniform"),  # type: ignore[arg-type]
            r"perturbed by 'cep_uniform'; got no part.*give part\(\"cep_uniform\", \.\.\.\)",
        ),
        (lambda: Condition(["label"]), "caption, label"),  # type: ignore[arg-type]
        (lambda: Condition().words(load("photos", side=8, channels=1)), "with classes"),
        (lambda: Sampling(10, suite=Suite(2)), "as many as the suite has"),
    ],
)
def test_conditions_that_make_no_sense_are_refused(make, message: str) -> None:
    with pytest.raises(Problem, match=message):
        make()


def test_held_out_images_are_denoised_under_their_own_captions() -> None:
    from harness.metrics.denoising_loss import denoising_curve

    images = np.zeros((5, 1, 2, 2), np.float32)
    tokens = np.arange(5)[:, None]
    seen = []

    def denoise(x: torch.Tensor, sigma: torch.Tensor, told: torch.Tensor) -> torch.Tensor:
        seen.append(told[:, 0].tolist())
        return x

    noise = torch.Generator().manual_seed(0)
    denoising_curve(denoise, images, np.array([1.0]), noise, batch=2, condition=tokens)
    assert seen == [[0, 1], [2, 3], [4]]
