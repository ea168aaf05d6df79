"""Tiny studies: records, runs and verdicts as a run leaves them, with the values a test names."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.claims.claim import write_claims
from harness.claims.decide import decide_all
from harness.geneval.vocabulary import TASKS
from harness.records.atomic import write_json_lines
from harness.records.files import write_jsonl
from harness.records.publish import published
from harness.records.record import Record, measured, unmeasured
from harness.report.layout import LAYOUTS
from harness.report.results import Results
from harness.run.code import ROOT
from harness.studies import STUDIES

Rows = Callable[..., list[Record]]
Build = Callable[..., Path]

PHOTOGRAPHS = {"chelsea": 3, "coffee": 5, "rocket": 8}  # with their numbers of images
UNITS = {"denoising_loss": "nats", "denoising_error": "nats"}
NEUTRAL = ("high_frequency_ratio", "nearest_neighbour_ratio")
LEVELS = (0.02, 0.2, 2.0, 20.0)


def cell_of(params: Mapping[str, Any]) -> str:
    return "cell-" + "-".join(str(params[name]) for name in sorted(params))


@pytest.fixture(scope="session")
def rows() -> Rows:
    """rows(metric, values, images=..., **params): one row a replicate; NaN gives a diverged one."""

    def make(
        metric: str,
        values: Sequence[float],
        study: str = "ambient_blur",
        images: int | None = None,
        standard_error: float | None = None,
        single: bool = False,
        **params: Any,
    ) -> list[Record]:
        return [
            measured(
                float(value),
                standard_error,
                study=study,
                cell_id=cell_of(params),
                params=params,
                replicate=None if single else replicate,
                metric=metric,
                unit=UNITS.get(metric.split("/")[0], "1"),
                higher_is_better=None if metric in NEUTRAL else False,
                n=images,
                tier="tolerance",
            )
            for replicate, value in enumerate(values)
        ]

    return make


@pytest.fixture(scope="session")
def failed() -> Rows:
    """failed(reason, replicates, **params): a cell that could not be run, as a shard leaves it."""

    def make(
        reason: str, replicates: int, study: str = "ambient_blur", **params: Any
    ) -> list[Record]:
        return [
            unmeasured(
                "failed",
                reason,
                study=study,
                cell_id=cell_of(params),
                params=params,
                replicate=replicate,
                metric="cell",
                unit="1",
                tier="tolerance",
            )
            for replicate in range(replicates)
        ]

    return make


@pytest.fixture(scope="session")
def trained(rows: Rows) -> Rows:
    """trained(seed, replicates, study, **params): everything that a trained cell is measured by."""

    def make(seed: int, replicates: int, study: str = "ambient_blur", **params: Any) -> Any:
        draw = np.random.default_rng(seed)
        size = {"study": study, **params}
        found: list[Record] = []
        for metric, level in (
            ("denoising_loss", 100),
            ("fd_random_conv", 2.0),
            ("fd_zca_pixels", 1.0),
            ("high_frequency_ratio", 0.95),
            ("high_frequency_error", 0.06),
            ("spectrum_distance", 0.2),
            ("nearest_neighbour_ratio", 1.2),
        ):
            found += rows(metric, level * np.exp(0.05 * draw.normal(size=replicates)), **size)
        for name, n in PHOTOGRAPHS.items():
            values = 100 * np.exp(0.05 * draw.normal(size=replicates))
            found += rows(f"denoising_loss/{name}", values, images=n, **size)
        for level in LEVELS:
            found += rows(f"denoising_error/{level:g}", draw.uniform(1, 2, replicates), **size)
        return found

    return make


@pytest.fixture(scope="session")
def blur(trained: Rows) -> list[Record]:
    """Records of ``ambient_blur``: every arm of the MLP, 8 and 3 replicates."""
    found = trained(0, 8, arm="clean", network="mlp") + trained(1, 3, arm="oracle", network="mlp")
    for sigma in (0.4, 0.8):
        found += trained(2, 8, arm="gated", network="mlp", blur=sigma)
        found += trained(3, 8, arm="ambient", network="mlp", blur=sigma)
        found += trained(4, 3, arm="all", network="mlp", blur=sigma)
    found += trained(5, 3, arm="clean", network="unet") + trained(
        6, 3, arm="oracle", network="unet"
    )
    found += trained(7, 3, arm="gated", network="unet", blur=0.8)
    found += trained(8, 3, arm="all", network="unet", blur=0.8)
    return found


@pytest.fixture(scope="session")
def law(rows: Rows) -> Callable[..., list[Record]]:
    """law(name, {metric: value}, errors={}, **params): the rows of one point of a law."""

    def make(
        name: str, values: Mapping[str, float], errors: Mapping[str, float] = {}, **params: Any
    ) -> list[Record]:
        return [
            row
            for metric, value in values.items()
            for row in rows(
                metric, [value], study="ambient_laws", standard_error=errors.get(metric),
                single=True, law=name, **params,
            )
        ]  # fmt: skip

    return make


@pytest.fixture(scope="session")
def laws(law: Callable[..., list[Record]]) -> list[Record]:
    """Records of ``ambient_laws``: three noise levels of each law."""
    found: list[Record] = []
    for p, q in (("beta(2,5)", "beta(5,2)"), ("beta(2,2)", "beta(4,4)")):
        for sigma in (0.1, 1.0, 10.0):
            values = {"exact": 0.2 / sigma, "printed": 0.5 / sigma, "dobrushin": 0.3 / sigma}
            void = float(sigma < 0.5)
            found += law("contraction_tv", {**values, "void": void}, p=p, q=q, sigma=sigma)
    for n in (25, 100):
        for sigma in (0.1, 1.0):
            values = {"exact": 0.1, "printed": 2.0, "expectation": 0.15, "void": 1.0}
            found += law(
                "kernel_estimate", values, {"exact": 0.01}, p="beta(2,5)", n=n, sigma=sigma
            )
    for sigma, ratio in ((0.1, 2.0), (1.0, 1.01), (10.0, 0.5)):
        values = {"exact": ratio, "printed": 0.9, "order_ratio": ratio, "void": 0.0}
        where = {"p": "beta(2,2)", "q": "beta(4,4)", "n1": 100, "n2": 900, "sigma": sigma}
        found += law("switching_point", values, {"exact": 0.05}, **where)
    return found


@pytest.fixture(scope="session")
def pairs(rows: Rows) -> list[Record]:
    """Records of ``calibration``: eight pairs, four groups of the smoke scale's size."""
    draw = np.random.default_rng(5)
    found: list[Record] = []
    for arm in ("copy 0", "copy 1"):
        for metric in ("denoising_loss", "fd_zca_pixels"):
            values = np.exp(0.1 * draw.normal(size=8))
            found += rows(metric, values, study="calibration", arm=arm)
    return found


@pytest.fixture(scope="session")
def damages(rows: Rows) -> list[Record]:
    """Records of ``metric_sensitivity``: the floor and two damages, one at two severities."""
    found: list[Record] = []
    kind = {"study": "metric_sensitivity", "dataset": "photos"}
    levels = (("none", 0.0, 1.0), ("blur", 0.4, 2.0), ("blur", 0.8, 8.0), ("noise", 0.2, 1.2))
    for damage, severity, size in levels:
        where = {**kind, "damage": damage, "severity": severity}
        for metric in ("fd_random_conv", "high_frequency_error"):
            found += rows(metric, [size, 1.5 * size], **where)
        found += rows("precision_random_conv", [1 - size / 20, 1 - size / 20], **where)
        found += rows("inception_score_trained_photos", [3 + size, 4 + 3 * size], **where)
    return found


@pytest.fixture(scope="session")
def detections(rows: Rows) -> list[Record]:
    """Records of ``scenes_detector``: two clean worlds, one of them under damages."""
    found: list[Record] = []
    levels = ((24, "none", 0.0, 0.0), (64, "none", 0.0, 0.0))
    for size, damage, severity, share in (
        *levels,
        (24, "blur", 0.6, 0.02),
        (24, "blur", 1.0, 0.5),
        (24, "noise", 0.4, 0.04),
        (24, "jpeg", 25.0, 0.2),
        (24, "jpeg", 75.0, 0.3),
    ):
        where = {"size": size, "layout": "grid", "damage": damage, "severity": severity}
        for kind in ("detection_error", "verdict_error"):
            for task in TASKS:
                found += rows(f"{kind}/{task}", [share], "scenes_detector", images=50, **where)
            found += rows(kind, [share], "scenes_detector", images=300, **where)
        found += rows("largest_detection_error", [share], "scenes_detector", images=50, **where)
        found += rows("allowed_error", [0.005], "scenes_detector", **where)
    return found


@pytest.fixture(scope="session")
def guided(rows: Rows) -> list[Record]:
    """Records of ``scenes_t2i``: the renderer, chance, and a model at two strengths of guidance."""
    arms = (
        *({"arm": arm} for arm in ("renderer", "chance")),
        *({"arm": arm, "guidance": w} for w in (0.0, 2.0) for arm in ("model", "shuffled")),
    )
    found: list[Record] = []
    for number, where in enumerate(arms):
        share = 1 / (1 + number)
        for metric in ("geneval", "binding_gap", *(f"geneval/{task}" for task in TASKS)):
            found += rows(metric, [share, 0.9 * share], "scenes_t2i", **where)
        if where["arm"] == "model":
            found += rows("fd_random_conv", [number, number + 1], "scenes_t2i", **where)
    return found


@pytest.fixture(scope="session")
def further(trained: Rows) -> list[Record]:
    """Records of ``ambient_blur_more``: one setting with its own baseline, one without."""
    kind = {"study": "ambient_blur_more", "network": "mlp"}
    found = trained(0, 4, arm="clean", setting="headline", **kind)
    found += trained(1, 4, arm="oracle", setting="headline", **kind)
    found += trained(2, 4, arm="clean", setting="2 % clean", **kind)
    for setting in ("2 % clean", "4 times longer", "64 sampler steps", "scalar preconditioning"):
        found += trained(3, 4, arm="gated", setting=setting, **kind)
    return found + trained(4, 3, arm="buffered", setting="buffered gate", **kind)


@pytest.fixture(scope="session")
def studies(
    blur: list[Record],
    laws: list[Record],
    pairs: list[Record],
    damages: list[Record],
    further: list[Record],
    detections: list[Record],
    guided: list[Record],
) -> dict[str, list[Record]]:
    """The records of every study that has a layout; of laws alone, the committed ones."""
    every = (laws, pairs, damages, blur, further, detections, guided)
    found = {records[0].study: records for records in every}
    other = "metric_sensitivity_cifar"
    found[other] = [replace(row, study=other) for row in damages]
    for study, shown in LAYOUTS.items():
        if shown.parts == ("laws",):
            found[study] = published(ROOT / "results", "smoke", study)
    return found


@pytest.fixture(scope="session")
def results() -> Callable[..., Results]:
    """results(records, claims=True): as read from a build at the smoke scale."""

    def make(records: list[Record], **rest: Any) -> Results:
        return Results(records[0].study, "smoke", records, cache=Path("none"), **rest)

    return make


@pytest.fixture(scope="session")
def left() -> Build:
    """left(folder, *records of studies): what a run leaves in build/<scale>."""

    def make(folder: Path, *studies: list[Record]) -> Path:
        for records in studies:
            study = records[0].study
            cells = {row.cell_id: dict(row.params) for row in records}
            write_jsonl(folder / study / "records.jsonl", records)
            runs = [run_of(cell, params) for cell, params in sorted(cells.items())]
            write_json_lines(folder / study / "runs.jsonl", runs)
        claims = [c for records in studies for c in STUDIES[records[0].study].claims]
        every = [row for records in studies for row in records]
        verdicts = decide_all(claims, every, folder.name, False)
        write_claims(folder / "claims.jsonl", claims, verdicts)
        return folder

    return make


@pytest.fixture
def build(tmp_path: Path, left: Build) -> Build:
    """build(*records of studies): the folder smoke of a test's own."""
    return lambda *studies: left(tmp_path / "smoke", *studies)


def run_of(cell: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The run behind a cell: one stage of six seconds."""
    return {
        "cell_id": cell,
        "params": params,
        "replicates": 2,
        "config": [{"stage": "measure", "metrics": ["a"]}],
        "stages": {"measure": {"key": "k", "seconds": 6.0, "commit": "abc123", "torch": "2.0"}},
    }
