"""The stage that measures the law of each class: closed forms, linear networks and denoisers."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from torch import Tensor

from harness.cell import Upstream, part
from harness.metrics import class_gaussians, class_law
from harness.metrics.class_law import CLOSED, SCORES, ClassLaw, evaluate, matched
from harness.metrics.lemma_distance import networks
from harness.nets import checkpoint
from harness.problem import Problem
from harness.sample.heun import Heun
from harness.train.condition import Condition
from harness.train.per_class_linear import LEVELS, PerClassLinear, told_points, true_law
from harness.train.relabelling import Relabelling
from harness.train.training import Training

LAW: dict[str, Any] = {
    "weights": (0.5, 0.5),
    "means": ((0.125, 0.0, 0.0), (0.0, 0.125, 0.0)),
    "deviation": 0.125,
    "count": 400,
    "held_out": 2,
    "labelled": True,
}
HEUN = part("heun", steps=60, sigma_min=0.002, sigma_max=30.0, rho=100.0)
Rows = dict[str, list[float]]


def training(**changes: Any) -> Training:
    """40 of 400 images, 20 a class."""
    given: dict[str, Any] = {
        "dataset": part("gaussian_mixture", **LAW),
        "pool": "clean",
        "network": part("mlp", width=8, blocks=1, embedding_width=16),
        "objective": part("denoising"),
        "images": 512,
        "clean_fraction": 0.1,
        "condition": Condition("label"),
    }
    return Training(**{**given, **changes})


def left(
    asked: ClassLaw, folder: Path, replicates: int = 2, **upstream: Upstream
) -> list[dict[str, Any]]:
    folder.mkdir(exist_ok=True, parents=True)
    evaluate(asked, replicates, upstream, folder, "cpu", lambda share: None)
    found: list[dict[str, Any]] = json.loads((folder / "measurements.json").read_text())
    return found


def values(rows: list[dict[str, Any]]) -> Rows:
    found: Rows = {}
    for row in rows:
        found.setdefault(row["metric"], []).append(row["value"])
    return found


def truth(asked: Training, replicates: int = 2) -> tuple[class_gaussians.Gaussians, np.ndarray]:
    """What was seen of each class, and the true means."""
    return class_gaussians.fitted(told_points(asked, replicates)), true_law(asked.dataset).means


@pytest.mark.parametrize("of", CLOSED)
@pytest.mark.parametrize("eta", [0.0, 0.2])
def test_a_closed_form_is_read_from_the_moments_of_what_is_told(
    of: str, eta: float, tmp_path: Path
) -> None:
    moved = Relabelling(part("flips"), eta) if eta else None
    asked = training(relabelling=moved)
    rows = left(ClassLaw(of, asked, 0.8), tmp_path)
    fit, true = truth(asked)
    counts = np.array([[len(x) for x in own] for own in told_points(asked, 2)], float)
    law = {
        "optimum": lambda: class_gaussians.optimum(fit, 0.8),
        "printed": lambda: class_gaussians.printed(fit, 0.8),
        "free": lambda: class_gaussians.free(fit, counts, 0.8),
    }[of]()
    found = values(rows)
    for name, expected in class_gaussians.readings(law, fit, true).items():
        assert found[name] == pytest.approx(expected)
    assert {row["tier"] for row in rows} == {"exact"}
    assert ("scaled_gain" in found) == (of != "free")
    if of != "free":
        assert found["toward_printed"] == pytest.approx([float(of == "printed")] * 2, abs=1e-12)
        gain = class_gaussians.scaled_gain(law, fit, true, counts, 0.8)
        assert found["scaled_gain"] == pytest.approx(gain)


def test_without_noise_no_lemma_is_held_against_another(tmp_path: Path) -> None:
    found = values(left(ClassLaw("optimum", training()), tmp_path))
    assert set(found) == set(SCORES[:5])
    assert found["mean_kept"] == pytest.approx([1, 1])


def trained_linear(folder: Path, noise: float, off: float = 0.0, lost: bool = False) -> Upstream:
    """The stage before: the printed lemma's own networks, moved a little, one copy lost."""
    folder.mkdir(parents=True, exist_ok=True)
    fit, _ = truth(training())
    spread = class_gaussians.printed(fit, noise).covariance
    weight, bias = networks(fit, spread, noise, np.array(LEVELS))
    code = np.random.default_rng(0).standard_normal((*bias.shape, 2))  # of the other class
    for k in range(2):
        code[:, k, :, :, k] = bias[:, k]
    weight = weight + off * np.random.default_rng(1).standard_normal(weight.shape)
    if lost:
        weight[1, 0, 3, 0, 1] = np.nan
    save_file({"weight": weight, "code": code}, folder / "linear.safetensors")
    return Upstream(PerClassLinear(training(), noise), folder)


def test_linear_networks_generate_by_their_own_flow_at_the_clean_code(tmp_path: Path) -> None:
    """Those of the printed lemma generate its law, and stand where it stands."""
    before = trained_linear(tmp_path / "linear", 0.8)
    rows = left(ClassLaw("linear"), tmp_path / "law", linear=before)
    exact = values(left(ClassLaw("printed", training(), 0.8), tmp_path / "printed"))
    found = values(rows)
    assert set(found) == set(exact) - {"scaled_gain"}
    for name in found:
        assert found[name] == pytest.approx(exact[name], abs=1e-5), name
    assert {row["tier"] for row in rows} == {"tolerance"}
    other = values(
        left(
            ClassLaw("linear"),
            tmp_path / "other",
            linear=trained_linear(tmp_path / "off", 0.8, off=0.02),
        )
    )
    assert abs(other["class_w2_squared"][0] - found["class_w2_squared"][0]) > 1e-4


def test_a_copy_that_diverged_is_a_row_without_a_number(tmp_path: Path) -> None:
    before = trained_linear(tmp_path / "linear", 0.8, lost=True)
    rows = left(ClassLaw("linear"), tmp_path / "law", linear=before)
    assert {row["status"] for row in rows if row["replicate"] == 0} == {"ok"}
    assert {row["status"] for row in rows if row["replicate"] == 1} == {"diverged"}


def test_matched_noise_has_its_moments_exactly_and_no_others() -> None:
    z = matched((64, 3), torch.Generator().manual_seed(0)).numpy()
    assert z.shape == (64, 3)
    np.testing.assert_allclose(z.mean(0), 0, atol=1e-14)
    np.testing.assert_allclose(z.T @ z / 64, np.eye(3), atol=1e-12)
    assert abs((z**4).mean() - 3) < 4 * math.sqrt(96 / z.size) + 0.2  # near a normal's
    assert abs((z**3).mean()) > 1e-6  # and drawn
    with pytest.raises(Problem, match="3 draws in 3 dimensions; give more than 3"):
        matched((3, 3), torch.Generator())


class Affine:
    """A stack of denoisers of classes with these moments, in place of a trained one."""

    def __init__(self, means: np.ndarray, spreads: np.ndarray, unit: float) -> None:
        from harness.data.words import Words

        self.words = Words.of(("mode 1", "mode 2"), whole=True)
        self.shape = (1, 1, 3)
        self.means = torch.tensor(means * unit)  # [R, K, d]
        self.spreads = torch.tensor(spreads * unit**2)

    def __call__(self, x: Tensor, sigma: Tensor, tokens: Tensor) -> Tensor:
        rows, told = x[:, :, 0, 0].double(), tokens[:, :, 0]
        made = torch.zeros_like(rows)
        pooled = (self.means.mean(1), self.spreads.mean(1))
        for token in (0, 1, 2):
            mean, spread = (
                pooled if token == 0 else (self.means[:, token - 1], self.spreads[:, token - 1])
            )
            level = float(sigma[0, 0]) ** 2
            inverse = torch.linalg.inv(spread + level * torch.eye(3))
            gain = spread @ inverse  # [R, d, d]
            own = mean[:, None] + (rows - mean[:, None]) @ gain.transpose(1, 2)
            made = torch.where((told == token)[..., None], own, made)
        return made[:, :, None, None].to(x.dtype)


def test_the_moments_of_an_affine_denoiser_are_those_of_its_law(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 12 samples a class already, to what the solver and single precision leave."""
    fit, true = truth(training())
    law = class_gaussians.optimum(fit, 0.5)
    monkeypatch.setattr(checkpoint, "restore", lambda *_: Affine(*law, 0.125))
    before = Upstream(training(), tmp_path)
    exact = class_gaussians.readings(law, fit, true)
    for count in (12, 200):
        asked = ClassLaw("network", count=count, sampler=HEUN)
        rows = left(asked, tmp_path / str(count), train=before)
        found = values(rows)
        assert {row["n"] for row in rows} == {2 * count}
        for name, expected in exact.items():
            assert found[name] == pytest.approx(expected, rel=0.02, abs=0.005), name
    assert set(found) == set(exact)


def test_guidance_is_away_from_what_is_denoised_under_the_null_caption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal covariances: D_w is that of a mean moved by w times the way from the common mean."""
    fit, true = truth(training())
    shared = np.broadcast_to(np.diag([0.8, 1.0, 1.2]), fit.covariance.shape).copy()
    monkeypatch.setattr(checkpoint, "restore", lambda *_: Affine(fit.mean, shared, 0.125))
    before = Upstream(training(), tmp_path)
    asked = ClassLaw("network", count=20, sampler=HEUN, guidance=0.5)
    found = values(left(asked, tmp_path / "guided", train=before))
    moved = fit.mean + 0.5 * (fit.mean - fit.mean.mean(1, keepdims=True))
    expected = class_gaussians.readings(class_gaussians.Gaussians(moved, shared), fit, true)
    for name in ("class_w2_squared", "class_w2_squared/mean", "mean_kept", "class_entropy"):
        assert found[name] == pytest.approx(expected[name], rel=0.02), name


def test_a_trained_denoiser_is_measured_and_one_that_diverged_has_no_numbers(
    tmp_path: Path,
) -> None:
    from harness.train.loop import train

    asked = ClassLaw("network", count=8, sampler=part("heun", steps=4))
    for rate, status in ((1e-3, "ok"), (1e30, "diverged")):
        folder, given = tmp_path / status, training(rate=rate)
        folder.mkdir()
        train(given, 2, {}, folder, "cpu", lambda share: None)
        rows = left(asked, folder / "law", train=Upstream(given, folder))
        assert {row["status"] for row in rows} == {status}
        again = left(asked, folder / "again", train=Upstream(given, folder))
        assert rows == again


def test_guidance_of_a_denoiser_that_was_never_told_nothing_is_refused(tmp_path: Path) -> None:
    before = Upstream(training(condition=Condition("label", 0.0)), tmp_path)
    with pytest.raises(Problem, match=r"guidance=0.5; got a denoiser that was never told nothing"):
        left(ClassLaw("network", guidance=0.5), tmp_path / "law", train=before)
    other = replace(training(), dataset=part("digits"))
    with pytest.raises(Problem, match="no labelled mixture"):
        left(ClassLaw("network"), tmp_path / "law", train=Upstream(other, tmp_path))


def test_units_and_directions_are_stated(tmp_path: Path) -> None:
    rows = {row["metric"]: row for row in left(ClassLaw("optimum", training(), 0.8), tmp_path)}
    assert set(rows) == set(SCORES)
    assert rows["class_w2_squared"]["unit"] == rows["scaled_gain"]["unit"] == "class variances"
    assert rows["class_w2_squared/mean"]["unit"] == "class variances"
    assert rows["class_entropy"]["unit"] == "nats"
    assert rows["mean_kept"]["unit"] == rows["toward_printed"]["unit"] == "1"
    lower = {name for name, row in rows.items() if row["higher_is_better"] is False}
    assert lower == {name for name in SCORES if name.startswith(("class_w2", "parameter_error"))}


def test_only_what_samples_names_a_sampler() -> None:
    assert ClassLaw("optimum", training()).entries() == training().entries()
    assert ClassLaw("linear").entries() == []
    assert ClassLaw("network").entries() == ["harness.sample.heun:Heun"]
    assert Heun().calls == 35
    assert (*CLOSED, "linear", "network") == class_law.KINDS


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"of": "lemma"}, "class law of 'lemma'; got no such; choose from optimum, printed"),
        ({"of": "optimum"}, "class law of 'optimum'; got no training"),
        ({"of": "linear", "training": training()}, "got a training, which the stage before has"),
        ({"of": "optimum", "training": replace(training(), condition=None)}, "condition=None"),
        ({"of": "optimum", "training": training(), "noise": -1.0}, "noise=-1.0"),
        ({"of": "linear", "noise": 0.1}, "noise=0.1 on a code; got a network that was trained"),
        ({"of": "network", "count": 0}, "count=0; got none"),
        ({"of": "network", "guidance": math.nan}, "guidance nan"),
    ],
)
def test_what_has_no_meaning_is_refused(changes: dict[str, Any], answer: str) -> None:
    with pytest.raises(Problem, match=answer):
        ClassLaw(**changes)
