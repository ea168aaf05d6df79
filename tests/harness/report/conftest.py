"""Tiny studies: records, runs and verdicts as a run leaves them, with the values a test names."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.claims.claim import write_claims
from harness.claims.decide import decide_all
from harness.records.atomic import write_json_lines
from harness.records.files import write_jsonl
from harness.records.publish import published
from harness.records.record import Record, measured, unmeasured
from harness.report.layouts import LAYOUTS
from harness.report.results import Results
from harness.run.code import ROOT
from harness.scale import read_sizes
from harness.studies import STUDIES

from .by_hand import blur as blur
from .by_hand import damages as damages
from .by_hand import detections as detections
from .by_hand import further as further
from .by_hand import guided as guided
from .by_hand import laws as laws
from .by_hand import pairs as pairs
from .made_up import records_of
from .opened import page as page
from .opened import window as window
from .whole import made as made

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
def studies(
    blur: list[Record],
    laws: list[Record],
    pairs: list[Record],
    damages: list[Record],
    further: list[Record],
    detections: list[Record],
    guided: list[Record],
) -> dict[str, list[Record]]:
    """The records of every study that has a layout: by hand where a test names their values, of
    laws alone the committed ones, of all others made up from the cells that they ask for."""
    every = (laws, pairs, damages, blur, further, detections, guided)
    found = {records[0].study: records for records in every}
    other = "metric_sensitivity_cifar"
    found[other] = [replace(row, study=other) for row in damages]
    for study, shown in LAYOUTS.items():
        if shown.parts == ("laws",):
            found[study] = published(ROOT / "results", "smoke", study)
        elif study not in found:
            found[study] = records_of(study, STUDIES[study].cells(read_sizes("smoke")))
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
    """The run behind a cell: one stage of six seconds; where it has an arm, images."""
    images = {"dataset": {"name": "photos", "side": 8}} if "arm" in params else {}
    return {
        "cell_id": cell,
        "params": params,
        "replicates": 2,
        "config": [{"stage": "measure", "metrics": ["a"], **images}],
        "stages": {"measure": {"key": "k", "seconds": 6.0, "commit": "abc123", "torch": "2.0"}},
    }
