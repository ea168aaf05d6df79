"""The stage that measures excess risks: its rows against denoisers and samples made by hand."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from harness.cell import part
from harness.data.gaussian_mixture import kernel, law
from harness.data.load import load
from harness.metrics.denoising_loss import DENOISING_LOSS
from harness.metrics.excess_risk import NAMES, SCORES, SIGMAS, Excess, evaluate
from harness.metrics.mixture_risk import Setting, place, squared
from harness.nets.checkpoint import restore
from harness.problem import Problem
from harness.train.material import gather
from harness.train.pooling import Pooling
from harness.train.training import Training

CLEAN: dict[str, Any] = {"weights": (0.5, 0.5), "means": (-0.5, 0.5), "deviation": 0.08}
OTHER: dict[str, Any] = {"weights": (0.5, 0.5), "means": (-0.4, 0.4), "deviation": 0.05}
P, Q = law(**CLEAN), law(**OTHER)
V = 0.25 + 0.08**2
Rows = dict[str, list[float]]


def training(arm: str, sigma_min: float = 0.0, **more: Any) -> Training:
    """An arm with 10 of 1000 clean samples, and 20 imperfect ones where it sees any."""
    mixed: dict[str, Any] = {
        "other": part("gaussian_mixture", **OTHER, count=500, held_out=2, seed=1),
        "annotator": part("fixed", sigma_min=sigma_min),
        "pooling": Pooling(multiplicity=2.0),
    }
    return Training(
        dataset=part("gaussian_mixture", **CLEAN, count=1000, held_out=2),
        pool=arm,
        network=part("mlp", width=8, blocks=1),
        objective=part("denoising"),
        images=640,
        batch=64,
        warmup=64,
        clean_fraction=0.01,
        **(mixed if arm == "mixed" else {}),
        **more,
    )


def left(asked: Excess, replicates: int, folder: Path) -> list[dict[str, Any]]:
    folder.mkdir(exist_ok=True)
    evaluate(asked, replicates, {}, folder, "cpu", lambda share: None)
    found: list[dict[str, Any]] = json.loads((folder / "measurements.json").read_text())
    return found


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Rows]:
    """run(asked, replicates): the values of each metric, by replicate."""

    def rows(asked: Excess, replicates: int) -> Rows:
        found: Rows = {}
        name = f"run {len(list(tmp_path.iterdir()))}"
        for row in left(asked, replicates, tmp_path / name):
            found.setdefault(row["metric"], []).append(row["value"])
        return found

    return rows


def samples(asked: Training, replicate: int) -> np.ndarray:
    """All samples of a replicate's pool, [n, 1], the clean ones first."""
    made = gather(asked, load(asked.dataset.name, **asked.dataset.kwargs()).train, replicate)
    return made.pixels.reshape(-1, 1).astype(float)


def by_hand(points: np.ndarray, sigma: float) -> float:
    at = place(P, sigma)
    return float(squared(kernel(points).denoise(at.points[:, None], sigma)[:, 0] - at.truth, at))


def test_the_levels_are_every_second_one_of_the_denoising_loss() -> None:
    assert pytest.approx(DENOISING_LOSS.sigmas[::2]) == SIGMAS
    assert len(set(NAMES)) == len(SIGMAS) == 13


def test_a_replicate_of_the_optimum_is_the_mean_over_its_own_data_sets(
    run: Callable[..., Rows],
) -> None:
    asked = training("mixed")
    found = run(Excess(asked, of="optimum", datasets=2), 2)
    for name, sigma in list(zip(NAMES, SIGMAS))[::4]:
        risks = [by_hand(samples(asked, k), sigma) for k in range(4)]
        assert found[f"excess/{name}"] == pytest.approx(np.reshape(risks, (2, 2)).mean(1))
        at = place(P, sigma)
        x = at.points[:, None]
        each = np.stack([kernel(samples(asked, k)).denoise(x, sigma)[:, 0] for k in range(4)])
        spread = 4 / 3 * squared(each - each.mean(axis=0), at)
        assert found[f"variance/{name}"] == pytest.approx(spread.reshape(2, 2).mean(1))


def test_a_gated_sample_counts_above_its_level_alone(run: Callable[..., Rows]) -> None:
    gate = SIGMAS[6]
    clean, gated, every = (
        run(Excess(each, of="optimum"), 2)
        for each in (training("clean"), training("mixed", gate), training("mixed"))
    )
    for name, sigma in zip(NAMES, SIGMAS):
        same = every if sigma > gate else clean
        assert gated[f"excess/{name}"] == same[f"excess/{name}"]
        assert clean[f"excess/{name}"] != every[f"excess/{name}"]


def test_a_sample_with_an_upper_level_counts_below_it(run: Callable[..., Rows]) -> None:
    asked = replace(training("mixed"), annotator=part("fixed", sigma_min=None, sigma_max=SIGMAS[4]))
    clean, low, every = (
        run(Excess(each, of="optimum"), 2) for each in (training("clean"), asked, training("mixed"))
    )
    for name, sigma in zip(NAMES, SIGMAS):
        same = every if sigma < np.float32(SIGMAS[4]) else clean
        assert low[f"excess/{name}"] == same[f"excess/{name}"]


def test_the_buffer_of_an_objective_raises_the_level(run: Callable[..., Rows]) -> None:
    plain = training("mixed", SIGMAS[5])
    buffered = replace(plain, objective=part("denoising", buffer=SIGMAS[8] / SIGMAS[5] * 1.01))
    clean, found, every = (
        run(Excess(each, of="optimum"), 2)
        for each in (training("clean"), buffered, training("mixed"))
    )
    for name, sigma in zip(NAMES, SIGMAS):
        same = every if sigma > SIGMAS[8] * 1.005 else clean
        assert found[f"excess/{name}"] == same[f"excess/{name}"]


def test_the_population_is_exact_and_that_of_what_is_admitted(tmp_path: Path) -> None:
    gate = SIGMAS[6]
    rows = left(Excess(training("mixed", gate), of="population"), 1, tmp_path / "exact")
    assert {row["tier"] for row in rows} == {"exact"}
    found = {row["metric"]: row["value"] for row in rows}
    assert set(found) == {"excess", *(f"excess/{name}" for name in NAMES)}
    mixed = Setting(P, Q, 10, 20).law
    for name, sigma in zip(NAMES, SIGMAS):
        at = place(P, sigma)
        expected = squared(mixed.denoise(at.points[:, None], sigma)[:, 0] - at.truth, at)
        # D_p is that of p itself below the gate, in other words the risk is rounding
        assert found[f"excess/{name}"] == pytest.approx(expected if sigma > gate else 0, abs=1e-25)


def test_over_all_noise_a_part_is_its_integral_in_nats(tmp_path: Path) -> None:
    rows = left(Excess(training("clean"), of="optimum"), 3, tmp_path / "whole")
    for name in ("excess", "bias", "variance"):
        for k in range(3):
            own = {r["metric"]: r for r in rows if r["replicate"] == k}
            curve = [own[f"{name}/{at}"]["value"] / s**2 for at, s in zip(NAMES, SIGMAS)]
            h = np.log(1000) / 12
            expected = h * (sum(curve) - (curve[0] + curve[-1]) / 2)
            assert own[name]["value"] == pytest.approx(expected)
            assert own[name]["unit"] == "nats"
            assert own[f"{name}/0.02"]["unit"] == "squared units"


def test_beside_the_level_the_risk_is_in_units_of_the_law(run: Callable[..., Rows]) -> None:
    asked = training("mixed")
    found = run(Excess(asked, of="optimum", level=0.3), 2)
    for name, sigma in (("below", 0.15), ("above", 0.6)):
        risks = [by_hand(samples(asked, k), sigma) * 10 / V for k in range(2)]
        assert found[f"relative/{name}"] == pytest.approx(risks)
    assert set(found) <= set(SCORES)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Rows]:
    """A stage of networks: its folder and its rows, two replicates of two data sets, two copies."""
    folder = tmp_path_factory.mktemp("network")
    found: Rows = {}
    for row in left(Excess(training("clean"), datasets=2, level=0.3), 2, folder):
        found.setdefault(row["metric"], []).append(row["value"])
    return folder, found


def test_the_parts_of_networks_add_up(network: tuple[Path, Rows]) -> None:
    _, found = network
    assert set(found) == set(SCORES)
    for name in ("", *(f"/{name}" for name in NAMES)):
        parts = [np.array(found[kind + name]) for kind in ("bias", "variance", "trainings")]
        assert sum(parts) == pytest.approx(np.array(found["excess" + name]))
        assert min(parts[2]) > 0  # two copies have other initial weights and batches


def test_risk_and_departure_are_those_of_the_networks_that_are_left(
    network: tuple[Path, Rows],
) -> None:
    folder, found = network
    nets = [restore(folder / f"copy-{copy}" / "weights.safetensors", "cpu") for copy in range(2)]
    sigma, name = SIGMAS[5], NAMES[5]
    at = place(P, sigma)
    x = torch.tensor(at.points, dtype=torch.float32)[None, :, None, None, None]
    risks, departures = np.zeros(4), np.zeros(4)
    for net in nets:
        with torch.no_grad():
            level = torch.full((4, len(at.points)), sigma)
            own = net(x.expand(4, -1, 1, 1, 1), level)[..., 0, 0, 0].double().numpy()  # [4, G]
        for k in range(4):
            data = samples(training("clean"), k)
            best = kernel(data).denoise(at.points[:, None], sigma)[:, 0]
            risks[k] += squared(own[k] - at.truth, at) / 2
            departures[k] += squared(own[k] - best, at) / 2
    assert found[f"excess/{name}"] == pytest.approx(risks.reshape(2, 2).mean(1), rel=1e-5)
    assert found[f"departure/{name}"] == pytest.approx(departures.reshape(2, 2).mean(1), rel=1e-5)


def test_network_and_optimum_of_an_arm_see_the_same_samples(network: tuple[Path, Rows]) -> None:
    """The scale of a data set, measured on its own samples, stands beside its network."""
    for copy in range(2):
        net = restore(network[0] / f"copy-{copy}" / "weights.safetensors", "cpu")
        own = [(samples(training("clean"), k) ** 2).mean() ** 0.5 for k in range(4)]
        assert net.scales.flatten().tolist() == pytest.approx(own, rel=1e-6)


def test_where_a_network_sees_the_whole_pool_it_departs_from_the_population(
    run: Callable[..., Rows],
) -> None:
    found = run(Excess(training("oracle"), copies=1), 2)
    assert "trainings" not in found
    for name in NAMES:
        assert found[f"departure/{name}"] == pytest.approx(found[f"excess/{name}"])


def test_a_network_that_diverged_is_a_row_without_a_number(tmp_path: Path) -> None:
    rows = left(Excess(training("clean", rate=1e30), copies=1), 2, tmp_path / "diverged")
    assert {row["status"] for row in rows if row["metric"] == "excess"} == {"diverged"}
    assert all(row["value"] is None for row in rows if row["metric"] == "departure")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"of": "kernel"}, r"excess risk of 'kernel'.*network, optimum, population"),
        ({"copies": 0}, "copies=0; got none"),
        ({"datasets": 1.5}, "datasets=1.5; got none"),
        ({"level": 0.0}, r"level=0\.0; got no noise level"),
        ({"level": float("inf")}, "level=inf; got no noise level"),
        ({"training": replace(training("clean"), dataset=part("digits"))}, "not stated"),
        ({"training": replace(training("mixed"), other=part("digits"))}, "not stated"),
        (
            {"training": replace(training("clean"), dataset=part("gaussian_mixture", **CLEAN))},
            None,
        ),
        (
            {"training": replace(training("clean"), dataset=part("gaussian_mixture"))},
            "not stated; use gaussian_mixture, and give its weights",
        ),
        (
            {"training": replace(training("mixed"), corruption=part("gaussian_noise", sigma=0.1))},
            r"corruption gaussian_noise\(sigma=0.1\); got no mixture",
        ),
        ({"of": "optimum", "training": training("oracle")}, "optimum of the pool 'oracle'"),
    ],
)
def test_what_has_no_meaning_is_refused(changed: dict[str, Any], message: str | None) -> None:
    asked = {"training": training("clean"), **changed}
    if message is None:
        Excess(**asked)
        return
    with pytest.raises(Problem, match=message):
        Excess(**asked)
