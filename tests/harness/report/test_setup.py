"""The setup of a study in words: data, damage, what is clean, and how often each cell was run."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.cell import Cell
from harness.corrupt import CORRUPTIONS, EXAMPLES
from harness.data import DATASETS
from harness.records.files import read_json_lines, read_jsonl
from harness.report.layouts import layout
from harness.report.materials import damage, damages, dataset, listed
from harness.report.results import Results
from harness.report.setup import levels, setup, told
from harness.report.show import sheet_of
from harness.run.code import ROOT
from harness.scale import read_sizes
from harness.studies import STUDIES

from .made_up import records_of


def of(study: str, cells: list[Cell]) -> Results:
    """A study as a run leaves it: records, and runs with the cells' configurations."""
    runs = [{"cell_id": cell.cell_id, "config": cell.config(), "stages": {}} for cell in cells]
    return Results(study, "smoke", records_of(study, cells), runs, cache=Path("none"))


def grid(study: str) -> list[Cell]:
    found: list[Cell] = STUDIES[study].cells(read_sizes("smoke"))
    return found


def published(study: str, scale: str = "cpu") -> Results:
    folder = ROOT / "results" / "v1" / scale / study
    runs = read_json_lines(folder / "runs.jsonl")
    return Results(study, scale, read_jsonl(folder / "records.jsonl"), runs)


def train(pool: str, clean: float = 0.1, **given: Any) -> dict[str, Any]:
    data = {"name": "digits"}
    return {"stage": "train", "dataset": data, "pool": pool, "clean_fraction": clean, **given}


def ran(*stages: dict[str, Any]) -> Results:
    runs = [{"cell_id": str(at), "config": [stage]} for at, stage in enumerate(stages)]
    return Results("some_study", "smoke", [], runs)


@pytest.mark.parametrize("name", list(CORRUPTIONS))
def test_every_corruption_has_words_that_name_each_of_its_numbers(name: str) -> None:
    said = [damage({"name": name, **given}) for given in EXAMPLES[name]]
    assert len(set(said)) == len(said)
    for text, given in zip(said, EXAMPLES[name]):
        assert "{" not in text
        for value in given.values():
            assert not isinstance(value, int | float) or f"{abs(value):g}" in text


@pytest.mark.parametrize(
    ("every", "said"),
    [
        ([{"name": "gaussian_blur", "sigma": 0.8}], "Gaussian blur of 0.8 px"),
        ([{"name": "jpeg", "quality": q} for q in (75, 15, 75)], "JPEG of quality 15 and 75"),
        (
            [{"name": "jpeg", "quality": 15}, {"name": "pixelate", "factor": 2}],
            "JPEG of quality 15 and pixelation by 2",
        ),
        (
            [{"name": "motion_blur", "length": n, "angle": a} for n, a in ((3, 45), (5, 0))],
            "motion blur of 3 px at 45° and motion blur of 5 px at 0°",
        ),
        ([{"name": "down_up", "factor": 2, "kernel": "bicubic"}],
         "sampling down and up by 2 (kernel bicubic)"),
        ([{"name": "own_damage", "strength": 0.5}], "own damage (strength 0.5)"),
    ],
)  # fmt: skip
def test_damages_in_words(every: list[dict[str, Any]], said: str) -> None:
    assert damages(every) == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "photos", "side": 8, "channels": 1}, "grey photographs of 8 × 8 px"),
        ({"name": "photos", "side": 16, "channels": 3, "sources": ["china", "flower"]},
         "colour photographs of 16 × 16 px (china and flower alone)"),
        ({"name": "digits", "classes": [0, 1, 2]}, "digits of 8 × 8 px (0, 1 and 2 alone)"),
        ({"name": "cifar10_jpeg75", "classes": "cat,dog"}, "CIFAR-10, JPEG 75 (cat and dog alone)"),
        ({"name": "procedural", "kind": "dead_leaves", "side": 8, "channels": 1, "count": 9},
         "grey dead leaves of 8 × 8 px"),
        ({"name": "gaussian_mixture", "means": [-0.5, 0.5], "deviation": 0.08},
         "a mixture of Gaussians on the line (means −0.5 and 0.5, deviation 0.08)"),
        ({"name": "gaussian_mixture", "means": [[0.0] * 64], "deviation": 0.1},
         "a Gaussian in 64 dimensions"),
        ({"name": "gaussian_mixture", "means": [[0.0] * 8] * 4, "deviation": 0.1},
         "a mixture of 4 Gaussians in 8 dimensions"),
        ({"name": "folder", "path": "pictures"}, "folder (path pictures)"),
    ],
)  # fmt: skip
def test_a_data_set_in_words(given: dict[str, Any], said: str) -> None:
    assert given["name"] in DATASETS
    assert dataset(given) == said


def test_a_list_in_words() -> None:
    assert [listed(x) for x in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "", "a", "a and b", "a, b and c"
    ]  # fmt: skip


def test_the_setup_of_a_study_is_that_of_its_runs() -> None:
    assert setup(of("ambient_blur", grid("ambient_blur"))) == (
        "trained on grey photographs of 8 × 8 px; imperfect: Gaussian blur of 0.4 and 0.8 px; "
        "10 % of the images clean; 2 replicates a cell"
    )
    assert told(published("class_tilt", "gpu")).startswith("Trained on digits of 8 × 8 px; ")


def test_a_study_of_laws_alone_has_no_setup() -> None:
    assert told(published("ambient_rules", "smoke")) == ""


def test_what_is_clean_is_a_share_of_the_images_that_are_seen() -> None:
    blur = {"name": "gaussian_blur", "sigma": 0.8}
    mixed = train("mixed", corruption=blur)
    assert "; 10 % of the images clean" in setup(ran(mixed, train("clean", 0.5)))
    nine = {"multiplicity": 9.0, "classes": None}
    told = setup(ran(train("mixed", 0.001, pooling=nine)))
    assert "; 10 % of the images of a training clean" in told
    two = setup(ran(mixed, train("mixed", 0.3, corruption=blur)))
    assert "; 10 and 30 % of the images clean" in two
    shares = [train("mixed", share, corruption=blur) for share in (0.5, 0.01, 0.1, 0.3)]
    assert "; 1 to 50 % of the images clean" in setup(ran(*shares))
    beside = setup(ran(train("mixed", other={"name": "textures", "side": 8})))
    assert beside.endswith("; imperfect: textures of 8 × 8 px; 10 % of the former clean")


def test_nothing_is_called_clean_where_no_pool_is_mixed() -> None:
    noisy = train("imperfect", 1.0, corruption={"name": "gaussian_noise", "sigma": 0.2})
    assert setup(ran(noisy)) == "trained on digits of 8 × 8 px; imperfect: Gaussian noise of 0.2"


def test_many_damages_are_counted() -> None:
    each = [{"name": "contrast", "factor": f} for f in (0.1, 0.2, 0.3, 0.4, 0.5)]
    found = setup(ran(*(train("mixed", corruption=one) for one in each)))
    assert "; imperfect: 5 corruptions; " in found


def test_a_row_without_a_label_has_the_damage_of_its_configuration() -> None:
    """That the MLPs of ambient_loss meet a blur of 0.6 stands in their configuration alone."""
    found = levels(of("ambient_loss", grid("ambient_loss")))
    blurs = {(p["network"], p["arm"]): p.get("blur") for p in found.values()}
    assert blurs["mlp", "ambient"] == 0.6
    assert blurs["mlp", "gated"] == 0.6
    assert blurs["unet", "gated"] == 0.8
    assert blurs["mlp", "clean"] is None
    assert blurs["mlp", "oracle"] is None


def test_a_level_is_called_as_other_cells_of_the_study_call_it() -> None:
    found = levels(of("annotators", grid("annotators")))
    gated = [p for p in found.values() if p["arm"] == "gated"]
    assert {p["corruption"] for p in gated} == {"blur 0.8"}
    assert {p["data"] for p in gated} == {"photographs"}
    assert {p.get("corruption") for p in found.values() if p["arm"] == "clean"} == {None}


def test_a_cell_keeps_its_own_label_where_another_calls_the_same_otherwise() -> None:
    first, *others = (
        c for c in grid("ambient_jpeg") if c.labels().get("corruption") == "quality 15"
    )
    named = {**first.labels(), "corruption": "strong"}
    cells = [replace(first, factors=tuple(sorted(named.items()))), *others]
    found = levels(of("ambient_jpeg", cells))
    assert found[first.cell_id]["corruption"] == "strong"
    assert {found[cell.cell_id]["corruption"] for cell in others} == {"quality 15"}


def test_a_cell_of_several_trainings_has_the_damage_of_the_one_that_meets_it() -> None:
    results = of("ambient_loss", grid("ambient_loss"))
    for run in results.runs:
        run["config"] = [train("clean", corruption=None), *run["config"]]
    assert 0.6 in {p.get("blur") for p in levels(results).values()}


def test_a_network_that_an_older_reference_does_not_name_is_that_of_its_configuration() -> None:
    results = of("memorisation", grid("memorisation"))
    old = [
        replace(row, params={k: v for k, v in row.params.items() if k != "network"})
        for row in results.records
        if row.params["network"] == "mlp"
    ]
    older = replace(results, records=old)
    assert {p["network"] for p in levels(older).values()} == {"mlp"}
    means = next(part for part in sheet_of(older).parts if part.name == "means")
    assert {row[means.header.index("network")] for row in means.body} == {"MLP"}


def test_no_factor_is_added_that_the_study_does_not_have() -> None:
    results = of("class_tilt", grid("class_tilt"))
    assert levels(results) == {group.cell_id: group.params for group in results.groups}


@pytest.mark.parametrize("study", ["annotators", "ambient_loss"])
@pytest.mark.parametrize("name", ["means", "effects", "leave_one_out"])
def test_every_row_of_a_table_names_its_damage(study: str, name: str) -> None:
    factor = "corruption" if study == "annotators" else "blur"
    assert factor in layout(study).rows
    part = next(
        p for p in sheet_of(of(study, grid(study))).parts if p.name.replace(" ", "_") == name
    )
    at, arm = part.header.index(factor), part.header.index("arm")
    bare = {row[arm] for row in part.body if row[at] == "–"}
    assert part.body
    assert bare <= {"clean", "oracle"}


def test_the_table_of_means_names_the_setup_above_its_rows() -> None:
    results = of("class_tilt", grid("class_tilt"))
    part = next(p for p in sheet_of(results).parts if p.name == "means")
    assert told(results) in part.caption
    assert "Gaussian blur of 0.8 px; 30 % of the images clean" in part.caption


def test_a_tidy_row_has_the_damage_too() -> None:
    results = of("ambient_loss", grid("ambient_loss"))
    part = next(p for p in sheet_of(results).parts if p.name == "means")
    ambient = [row for row in part.tidy if row["arm"] == "ambient" and row["network"] == "mlp"]
    assert ambient
    assert {row["blur"] for row in ambient} == {0.6}


def test_the_setup_stands_once_in_a_table() -> None:
    results = of("cep", grid("cep"))
    captions = [part.caption for part in sheet_of(results).parts]
    assert sum(told(results) in caption for caption in captions) == 1
