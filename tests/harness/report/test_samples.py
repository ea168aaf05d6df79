"""Grids of samples: every pixel is where it belongs, and has the value that it had."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from safetensors.numpy import save_file

from harness.geneval.results import Result, write_results
from harness.records.record import measured
from harness.report.contact import Shown, sheet
from harness.report.kept_samples import gone
from harness.report.results import Results
from harness.report.samples import Grid, grids, picture, start, together
from harness.scenes.captions import prompt_of


def save(folder: Path, samples: np.ndarray) -> None:
    folder.mkdir(parents=True)
    save_file({"samples": samples}, folder / "samples.safetensors")


def opened(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def test_an_image_is_enlarged_pixel_by_pixel_in_its_place() -> None:
    images = np.linspace(-1, 1, 10 * 3 * 8 * 8, dtype=np.float32).reshape(10, 3, 8, 8)
    sheet = opened(picture(images))
    assert sheet.shape == (2 * 26 - 2, 8 * 26 - 2, 3)  # two rows; 24 pixels an image, 2 between
    levels = np.round(images * 127.5 + 127.5)
    for i in (0, 7, 9):
        y, x = i // 8 * 26, i % 8 * 26
        tile = sheet[y : y + 24, x : x + 24]
        for dy in range(3):
            assert (tile[dy::3, dy::3].transpose(2, 0, 1) == levels[i]).all()
    assert (sheet[24:26] == 255).all()


def test_values_out_of_range_are_clipped_and_what_is_no_number_is_black() -> None:
    images = np.array([-5, 5, np.nan, np.inf], np.float32).reshape(1, 1, 2, 2)
    assert opened(picture(images))[0:24:12, 0:24:12].tolist() == [[0, 255], [0, 255]]


def test_grids_are_64_evenly_spaced_samples_of_replicate_0(tmp_path: Path) -> None:
    samples = np.zeros((2, 127, 1, 8, 8), np.float32)
    samples[0] = np.linspace(-1, 1, 127)[:, None, None, None]
    samples[1] = 1
    save(tmp_path / "sample" / "key", samples)
    real, grid = grids(results(tmp_path))
    assert gone(results(tmp_path)) == 0
    assert (real.caption, real.cell) == ("real images (digits)", "")
    assert (grid.caption, grid.cell) == ("arm clean", "c1")
    first = opened(grid.png)[::26, ::26].ravel()
    expected = np.round(np.linspace(-1, 1, 127)[::2] * 127.5 + 127.5)
    assert (first == expected).all()


def test_a_cell_whose_samples_are_gone_has_no_grid_and_is_counted(tmp_path: Path) -> None:
    assert grids(results(tmp_path)) == []
    assert gone(results(tmp_path)) == 1


def test_the_damaged_images_are_the_real_ones_under_the_cells_corruption(tmp_path: Path) -> None:
    save(tmp_path / "sample" / "key", np.zeros((1, 4, 1, 8, 8), np.float32))
    found = grids(results(tmp_path, corruption={"name": "gaussian_blur", "sigma": 1.0}))
    real, damaged = (image(grid) for grid in found[:2])
    assert found[1].caption == "the same, gaussian blur 1.0"
    assert 0 < np.var(damaged[:, 1:] - damaged[:, :-1]) < np.var(real[:, 1:] - real[:, :-1])


def image(grid: Grid) -> np.ndarray:
    """The first image of a grid, 8x8."""
    return opened(grid.png)[0:24:3, 0:24:3].astype(float)


def results(cache: Path, **first: Any) -> Results:
    record = measured(
        1.0, study="s", cell_id="c1", params={"arm": "clean"}, metric="a", unit="1",
        tier="tolerance", replicate=0,
    )  # fmt: skip
    run = {
        "cell_id": "c1",
        "config": [{"stage": "train", "dataset": {"name": "digits"}, **first}],
        "stages": {"train": {"key": "t"}, "sample": {"key": "key"}},
    }
    return Results("s", "smoke", [record], [run], cache=cache)


def test_judged_images_stand_by_task_under_their_captions_with_their_marks(tmp_path: Path) -> None:
    prompts = [prompt_of("a circle"), prompt_of("a red square")]
    samples = np.full((1, 2, 3, 8, 8), -1, np.float32)
    save(tmp_path / "sample" / "key", samples)
    (tmp_path / "geneval" / "verdicts").mkdir(parents=True)
    verdicts = [
        Result(f"{i:05d}", each.tag, each.prompt, i == 0, "" if i == 0 else "no", each.json, "{}")
        for i, each in enumerate(prompts)
    ]
    write_results(tmp_path / "geneval" / "verdicts" / "results-0.jsonl", verdicts)
    run = results(tmp_path)
    config, stages = run.runs[0]["config"], run.runs[0]["stages"]
    stages["geneval"] = {"key": "verdicts"}
    config.append({"stage": "geneval", "pairing": "own"})
    (grid,) = [each for each in grids(run) if each.cell]
    asked = [
        Shown(each.tag, each.prompt, i == 0, lambda: np.zeros((8, 8, 3), np.uint8))
        for i, each in enumerate(prompts)
    ]
    assert grid.judged
    assert grid.png == sheet(asked)
    config[-1]["pairing"] = "task"
    assert not [each for each in grids(run) if each.cell]


def test_a_loop_shows_the_samples_of_its_last_generation(tmp_path: Path) -> None:
    run = results(tmp_path)
    stages = run.runs[0]["stages"]
    stages.clear()
    for number in (0, 9, 10):
        shade = np.full((1, 4, 1, 8, 8), number / 10 - 1, np.float32)
        save(tmp_path / "generation" / f"key{number}", shade)
        stages[f"generation/{number}"] = {"key": f"key{number}"}
    stages["trajectory"] = {"key": "no samples"}
    dataset = run.runs[0]["config"].pop()["dataset"]
    run.runs[0]["config"].append({"stage": "generation", "training": {"dataset": dataset}})
    real, grid = grids(run)
    assert real.caption == "real images (digits)"
    assert image(grid)[0, 0] == 128  # x = 0
    assert gone(run) == 0


def test_a_loop_that_is_run_once_more_shows_its_own_end(tmp_path: Path) -> None:
    run = results(tmp_path)
    dataset = run.runs[0]["config"].pop()["dataset"]
    run.runs[0]["config"].append({"stage": "generation", "training": {"dataset": dataset}})
    stages = run.runs[0]["stages"]
    stages.clear()
    for name, level in (("again", 1.0), ("generation", -1.0)):
        save(tmp_path / name / "key", np.full((1, 4, 1, 8, 8), level, np.float32))
        stages[name] = {"key": "key"}
    assert image(grids(run)[1])[0, 0] == 255


def drawn(seed: dict[str, Any], side: int = 8, stage: str = "sample") -> dict[str, Any]:
    """A run whose samples a sampler drew."""
    sampling = {"stage": "sample", "copy": 0, "count": 64, "batch": 32, **seed}
    data = {"stage": "train", "dataset": {"name": "photos", "side": side}}
    return {"config": [data, sampling], "stages": {stage: {"key": "k"}}}


def test_arms_share_their_noise_where_data_stream_number_and_batch_are_the_same() -> None:
    one = start(drawn({"guidance": 1.0}))
    assert one == "sample 0, 64 images in batches of 32, photos (side 8)"
    assert start(drawn({"guidance": 4.0})) == one
    others = [{"copy": 1}, {"count": 32}, {"batch": 64}]
    assert one not in {start(drawn(other)) for other in others}
    assert start(drawn({}, side=16)) != one


def test_what_no_known_sampler_drew_shares_nothing() -> None:
    assert start(drawn({}, stage="generation")) == ""
    assert start({"config": [], "stages": {"sample": {"key": "k"}}}) == ""


def test_grids_of_one_noise_stand_together() -> None:
    order = [Grid(name, b"", start=noise) for name, noise in zip("rabcd", ["", "x", "y", "x", ""])]
    names = [[grid.caption for grid in group] for group in together(order)]
    assert names == [["r", "b", "d"], ["a", "c"]]
    assert together([]) == []
