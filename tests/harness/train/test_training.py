"""The loop: replicates independent, arms paired, corrupted images where they belong."""

from pathlib import Path

import numpy as np
import pytest
import torch

from harness.cell import Upstream, part
from harness.data.load import load
from harness.nets.checkpoint import restore
from harness.problem import Problem
from harness.sample.draw import draw
from harness.sample.sampling import Sampling
from harness.train.loop import rate_at, train
from harness.train.material import gather
from harness.train.pooling import Pooling
from harness.train.training import Training

PHOTOS = part("photos", side=8, channels=1)
BLUR = part("gaussian_blur", sigma=0.8)


def training(**changes: object) -> Training:
    given: dict[str, object] = {
        "dataset": PHOTOS,
        "pool": "clean",
        "network": part("mlp", width=16, blocks=1),
        "objective": part("denoising"),
        "images": 640,
        "batch": 32,
    }
    return Training(**{**given, **changes})  # type: ignore[arg-type]


def weights(asked: Training, replicates: int, folder: Path) -> dict[str, torch.Tensor]:
    folder.mkdir(exist_ok=True)
    train(asked, replicates, {}, folder, "cpu", lambda share: None)
    return restore(folder / "weights.safetensors", "cpu").state_dict()


def test_a_replicate_in_a_stack_is_the_replicate_alone(tmp_path: Path) -> None:
    stack = weights(training(), 3, tmp_path / "stack")
    alone = weights(training(), 1, tmp_path / "alone")
    for name in ("network.inward.weight", "network.outward.bias", "scales"):
        assert torch.allclose(stack[name][:1], alone[name], atol=1e-4), name


def test_the_same_training_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        weights(training(), 2, tmp_path / name)
    first, second = ((tmp_path / n / "weights.safetensors").read_bytes() for n in ("a", "b"))
    assert first == second


def test_another_copy_shares_the_split_and_nothing_else(tmp_path: Path) -> None:
    images = load("photos", side=8, channels=1).train
    first, second = (gather(training(copy=copy), images, 0) for copy in (0, 1))
    assert np.array_equal(first.pixels, second.pixels)
    a, b = (weights(training(copy=c), 1, tmp_path / str(c)) for c in (0, 1))
    assert not torch.allclose(a["network.inward.weight"], b["network.inward.weight"], atol=0.01)


def test_arms_of_one_replicate_share_the_clean_subset() -> None:
    images = load("photos", side=8, channels=1).train
    clean = gather(training(), images, 1)
    mixed = gather(
        training(pool="mixed", corruption=BLUR, annotator=part("fixed", sigma_min=0.5)), images, 1
    )
    assert len(clean.pixels) == round(0.1 * images.count)
    assert np.array_equal(mixed.pixels[mixed.clean], clean.pixels)
    assert (mixed.levels[mixed.clean] == 0).all()
    assert (mixed.levels[~mixed.clean, 0] == 0.5).all()
    # Every other image is blurred; one that the blur did not change has nothing to blur.
    same = (mixed.pixels == images.pixels).all(axis=(1, 2, 3)) & ~mixed.clean
    assert (np.ptp(mixed.pixels[same], axis=(1, 2, 3)) == 0).all()


def test_replicates_have_other_clean_subsets() -> None:
    images = load("photos", side=8, channels=1).train
    first, second = (gather(training(), images, k) for k in (0, 1))
    assert not np.array_equal(first.pixels, second.pixels)


def test_gate_keeps_corrupted_images_from_low_noise(tmp_path: Path) -> None:
    """With corrupted images that are never admitted the arm is the clean arm, to the bit."""
    closed = training(
        pool="mixed", corruption=BLUR, annotator=part("fixed", sigma_min=None), per_mode=False
    )
    gated = weights(closed, 1, tmp_path / "gated")
    clean = weights(training(per_mode=False), 1, tmp_path / "clean")
    assert torch.equal(gated["network.outward.weight"], clean["network.outward.weight"])


def test_ambient_with_level_zero_is_plain_training(tmp_path: Path) -> None:
    common = {"pool": "mixed", "corruption": BLUR, "annotator": part("fixed", sigma_min=0.0)}
    plain = weights(training(**common), 1, tmp_path / "plain")
    ambient = weights(training(objective=part("ambient"), **common), 1, tmp_path / "ambient")
    for name, tensor in plain.items():
        assert torch.allclose(tensor, ambient[name], atol=1e-4), name


def test_training_beats_the_optimal_linear_denoiser_on_held_out_images(tmp_path: Path) -> None:
    asked = training(pool="oracle", images=64_000, network=part("mlp", width=64), rate=3e-3)
    weights(asked, 1, tmp_path / "long")
    denoiser = restore(tmp_path / "long" / "weights.safetensors", "cpu")
    x0 = torch.tensor(load("photos", side=8, channels=1).held_out.pixels)[None]
    sigma = torch.full(x0.shape[:2], 0.3)
    xt = x0 + 0.3 * torch.randn(x0.shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        trained = denoiser.weighted_error(xt, x0, sigma)
        for parameter in denoiser.network.outward.parameters():  # type: ignore[union-attr]
            parameter.zero_()  # a silent network leaves the linear denoiser of the spectrum
        linear = denoiser.weighted_error(xt, x0, sigma)
    gain = (linear - trained).flatten()  # paired, image by image
    assert gain.mean() > 4 * gain.std() / len(gain) ** 0.5


def test_samples_start_from_one_noise_for_all_arms(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    found = {}
    for name, asked in (("a", training()), ("b", training(pool="oracle"))):
        weights(asked, 2, tmp_path / name)
        upstream = {"train": Upstream(asked, tmp_path / name)}
        draw(
            Sampling(40, part("heun", steps=8)), 2, upstream, tmp_path / name, "cpu", lambda s: None
        )
        found[name] = load_file(tmp_path / name / "samples.safetensors")["samples"]
    a, b = (x.flatten(2) - x.flatten(2).mean() for x in found.values())
    assert a.shape == (2, 40, 64)
    correlation = (a * b).sum() / (a.norm() * b.norm())
    assert correlation > 0.9  # the same noise through two nearly linear flows


def test_rate_warms_up_holds_and_falls_as_a_root() -> None:
    asked = training(rate=1.0, warmup=320, constant=3200)
    assert rate_at(0, asked) == pytest.approx(0.1)
    assert rate_at(1600, asked) == 1
    assert rate_at(4 * 3200, asked) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pool": "dirty"}, "choose from clean, mixed, imperfect, oracle"),
        ({"pool": "mixed"}, "name an annotator"),
        ({"pool": "mixed", "annotator": part("fixed")}, "name a corruption, or another dataset"),
        ({"pool": "imperfect"}, "name an annotator"),
        (
            {
                "pool": "imperfect",
                "annotator": part("fixed"),
                "corruption": part("gaussian_blur", sigma=1.0),
            },
            "other corruptions need clean images",
        ),
        ({"draw": "noise"}, "choose from"),
        ({"finetune": 0.5}, "a share, of a mixed pool"),
        ({"checkpoints": 0}, "keep 1 or more"),
        ({"pooling": Pooling(multiplicity=2.0)}, "use a mixed pool"),
        ({"clean_fraction": 0.0}, "give a share"),
        ({"images": 3}, "one batch at least"),
    ],
)
def test_a_training_that_makes_no_sense_is_refused(
    changes: dict[str, object], message: str
) -> None:
    with pytest.raises(Problem, match=message):
        training(**changes)


def test_unknown_rows_name_the_known_ones() -> None:
    with pytest.raises(Problem, match=r"did you mean 'mlp'.*unet"):
        training(network=part("mpl")).entries()
