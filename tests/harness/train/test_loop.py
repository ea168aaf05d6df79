"""The loop over a whole training: checkpoints, the last share, noisy images alone, divergence."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from harness.cell import Upstream, part
from harness.metrics.measure import measure
from harness.metrics.measurement import Measurement
from harness.nets.checkpoint import build, restore
from harness.nets.dct import dct_matrix
from harness.objectives.denoising import Denoising
from harness.problem import Problem
from harness.sample.draw import draw
from harness.sample.sampling import Sampling
from harness.table import Table
from harness.train.loop import kept, scales, train
from harness.train.material import Material
from harness.train.training import Training

PHOTOS = part("photos", side=8, channels=1)
BLUR = part("gaussian_blur", sigma=0.8)
NOISE = part("gaussian_noise", sigma=0.2)
MIXED = {"pool": "mixed", "corruption": BLUR, "annotator": part("fixed", sigma_min=0.3)}


@dataclass(frozen=True)
class Broken(Denoising):
    """Denoising that breaks the copies from the second on."""

    def pair(self, x0, *given):  # type: ignore[no-untyped-def]
        xt, target = super().pair(x0, *given)
        target = target.clone()
        target[1:, 0] = float("nan")
        return xt, target


def training(**changes: object) -> Training:
    given: dict[str, object] = {
        "dataset": PHOTOS,
        "pool": "clean",
        "network": part("mlp", width=16, blocks=1),
        "objective": part("denoising"),
        "images": 640,
        "batch": 32,
        "warmup": 64,
    }
    return Training(**{**given, **changes})  # type: ignore[arg-type]


def trained(asked: Training, folder: Path, replicates: int = 1) -> Path:
    folder.mkdir(exist_ok=True)
    train(asked, replicates, {}, folder, "cpu", lambda share: None)
    return folder


def test_a_checkpoint_is_the_training_that_ends_there(tmp_path: Path) -> None:
    asked = {**MIXED, "objective": part("ambient"), "constant": 100}
    whole = trained(training(checkpoints=4, **asked), tmp_path / "whole", 2)
    assert sorted(path.name for path in whole.glob("*.safetensors")) == [
        *(f"weights-{i}.safetensors" for i in (1, 2, 3)),
        "weights.safetensors",
    ]
    for images, name in ((160, "weights-1"), (480, "weights-3"), (640, "weights")):
        short = trained(training(images=images, **asked), tmp_path / f"{images}", 2)
        found, expected = (
            (folder / f"{file}.safetensors").read_bytes()
            for folder, file in ((whole, name), (short, "weights"))
        )
        assert found == expected, name
        assert len(list(short.glob("*.safetensors"))) == 1


def test_checkpoints_are_evenly_spaced_and_no_more_than_steps() -> None:
    assert list(kept(10, 4)) == [2, 5, 8, 10]
    assert kept(10, 1) == {10: "weights.safetensors"}
    assert len(kept(7, 7)) == 7
    with pytest.raises(Problem, match="keep fewer, or train for longer"):
        kept(3, 4)


def test_samples_are_drawn_from_the_checkpoint_that_is_asked_for(tmp_path: Path) -> None:
    asked = training(checkpoints=2)
    whole = Upstream(asked, trained(asked, tmp_path / "whole"))
    short = Upstream(training(images=320), trained(training(images=320), tmp_path / "short"))

    def samples(upstream: Upstream, checkpoint: int | None) -> torch.Tensor:
        sampling = Sampling(5, part("heun", steps=4), checkpoint=checkpoint)
        draw(sampling, 1, {"train": upstream}, tmp_path, "cpu", lambda share: None)
        return load_file(tmp_path / "samples.safetensors")["samples"]

    assert torch.equal(samples(whole, 1), samples(short, None))
    assert torch.equal(samples(whole, 2), samples(whole, None))
    assert not torch.equal(samples(whole, 1), samples(whole, 2))
    with pytest.raises(Problem, match=r"keeps 2.*choose an earlier one"):
        samples(whole, 3)
    with pytest.raises(Problem, match="None for the end"):
        Sampling(5, checkpoint=0)


def test_the_last_share_is_trained_on_clean_images_alone(tmp_path: Path) -> None:
    plain, tuned, all_of_it, clean = (
        trained(training(per_mode=False, **asked), tmp_path / name)
        for name, asked in {
            "plain": {**MIXED, "checkpoints": 2},
            "tuned": {**MIXED, "checkpoints": 2, "finetune": 0.5},
            "all": {**MIXED, "finetune": 0.99},
            "clean": {},
        }.items()
    )

    def read(folder: Path, name: str = "weights") -> bytes:
        return (folder / f"{name}.safetensors").read_bytes()

    assert read(plain, "weights-1") == read(tuned, "weights-1")
    assert read(plain) != read(tuned)
    assert read(all_of_it) == read(clean)


def test_the_scale_of_data_seen_under_noise_is_that_of_the_data() -> None:
    """Two modes: one of the scale 0.5, one that the data does not use."""
    rng, n, sigma = np.random.default_rng(0), 4000, 0.3
    modes = np.stack([0.5 * rng.standard_normal(n), np.zeros(n)], 1)[:, None, None]
    clean = modes @ dct_matrix(2)  # [n, 1, 1, 2]
    noisy = (clean + sigma * rng.standard_normal(clean.shape)).astype(np.float32)
    levels = np.tile(np.float32([sigma, 0]), (n, 1))
    basis = build(part("mlp"), (1, 1, 2), [torch.Generator().manual_seed(0)]).basis
    material = Material(noisy, levels, np.zeros(n, bool))
    used, unused = scales(basis, 0, material, True)[0, 0] ** 2
    assert abs(used - 0.25) < 4 * (0.25 + sigma**2) * np.sqrt(2 / n)
    least = sigma**2 * np.sqrt(2 / n)
    assert least * 0.999 < unused < 5 * least
    both = scales(basis, 0, material, False) ** 2
    assert np.ptp(both) == 0
    assert abs(both[0, 0, 0] - 0.125) < 4 * (0.125 + sigma**2) * np.sqrt(2 / n)
    with pytest.raises(Problem, match="annotator oracle"):
        scales(basis, 0, Material(noisy, levels + np.inf, material.clean), True)


def test_noisy_images_alone_are_trained_on_above_their_noise(tmp_path: Path) -> None:
    """And the same images, taken for clean, at every level: another denoiser."""
    common = {"pool": "imperfect", "corruption": NOISE, "annotator": part("oracle")}
    folder = trained(training(objective=part("ambient", noised=True), **common), tmp_path / "n")
    summary = json.loads((folder / "training.json").read_text())
    assert summary["clean_images"] == [0]
    assert summary["sigma_min"] == [pytest.approx(0.2)]
    own = restore(folder / "weights.safetensors", "cpu").scales
    clean = trained(training(), tmp_path / "clean")
    known = restore(clean / "weights.safetensors", "cpu").scales
    strong = known > 0.4
    assert strong.any()
    assert ((own / known - 1).abs()[strong] < 0.1).all()


def test_never_admitted_images_leave_a_summary_that_is_strict_json(tmp_path: Path) -> None:
    asked = training(**{**MIXED, "annotator": part("fixed", sigma_min=None, sigma_max=0.1)})
    summary = json.loads((trained(asked, tmp_path) / "training.json").read_text())
    assert summary["sigma_min"] == [None]
    assert summary["corrupted_images"][0] > 0


def test_a_copy_that_diverges_has_rows_that_say_so_and_the_others_are_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {"broken": f"{__name__}:Broken", "denoising": "harness.objectives.denoising:Denoising"}
    monkeypatch.setattr("harness.train.loop.OBJECTIVES", Table("objective", rows))
    broken = training(objective=part("broken"), checkpoints=2)
    folder = trained(broken, tmp_path / "broken", 2)
    whole = trained(training(checkpoints=2), tmp_path / "whole", 2)
    for name in ("weights-1", "weights"):
        found, expected = (
            load_file(path / f"{name}.safetensors")["network.outward.weight"]
            for path in (folder, whole)
        )
        assert torch.equal(found[0], expected[0])
        assert found[1].isnan().all()
    text = (folder / "training.json").read_text()
    assert "NaN" not in text
    losses = [point["loss"] for point in json.loads(text)["curve"]]
    assert len(losses) == 20
    assert all(first is not None and second is None for first, second in losses)

    upstream = {"train": Upstream(broken, folder)}
    draw(Sampling(40, part("heun", steps=4)), 2, upstream, folder, "cpu", lambda share: None)
    upstream["sample"] = Upstream(None, folder)
    asked = Measurement(metrics=("denoising_loss", "high_frequency_ratio"), held_out=20)
    measure(asked, 2, upstream, tmp_path, "cpu", lambda share: None)
    rows = json.loads((tmp_path / "measurements.json").read_text())
    status = {(row["replicate"], row["status"]) for row in rows}
    assert status == {(0, "ok"), (1, "diverged")}
    assert all(row["reason"] for row in rows if row["status"] == "diverged")


def test_a_training_that_has_diverged_whole_stops_and_leaves_its_files(tmp_path: Path) -> None:
    asked = training(rate=1e30, checkpoints=3, images=3200)
    folder = trained(asked, tmp_path, 2)
    curve = json.loads((folder / "training.json").read_text())["curve"]
    assert len(curve) < 10
    assert curve[-1]["loss"] == [None, None]
    for name in ("weights-1", "weights-2", "weights"):
        found = load_file(folder / f"{name}.safetensors")["network.outward.weight"]
        assert not torch.isfinite(found).all()


@pytest.mark.parametrize(
    "network",
    [part("mlp", width=16, blocks=1), part("unet", width=4), part("dit", width=16, depth=1)],
    ids=str,
)
def test_a_copy_that_is_not_a_number_leaves_the_gradients_of_the_others(network) -> None:
    draws = torch.Generator().manual_seed(1)
    x = torch.randn(2, 3, 1, 8, 8, generator=draws)
    gradients = []
    for spoilt in (x, torch.stack([x[0], x[1] * float("nan")])):
        stack = build(network, (1, 8, 8), [torch.Generator().manual_seed(k) for k in range(2)])
        stack.weighted_error(spoilt, x, torch.full((2, 3), 0.5)).sum().backward()
        gradients.append([p.grad[0] for p in stack.parameters() if p.grad is not None])
    for whole, spoilt in zip(*gradients):
        assert torch.equal(whole, spoilt)
