"""The errors of the detector are counted as they are: planted ones, and no others."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.cell import part
from harness.geneval.detection import Detected, Found
from harness.geneval.vocabulary import TASKS
from harness.metrics import detection_errors as stage
from harness.metrics.detection_errors import DetectionErrors, detection, differs
from harness.problem import Problem
from harness.scenes.detector import detect

RED = Found("circle", 1.0, (2.0, 3.0, 8.0, 9.0), "red")
BLUE = Found("square", 1.0, (12.0, 13.0, 18.0, 19.0), "blue")


def seen(*objects: Found) -> Detected:
    return Detected("a", 24, 24, objects)


def measured(tmp_path: Path, asked: DetectionErrors, replicates: int = 1) -> dict[str, Any]:
    """The rows of replicate 0 by metric; what the stage reports of its progress rises to 1."""
    shares: list[float] = []
    detection(asked, replicates, {}, tmp_path, "cpu", shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    rows = json.loads((tmp_path / "measurements.json").read_text())
    assert {row["replicate"] for row in rows} == set(range(replicates))
    return {row["metric"]: row for row in rows if row["replicate"] == 0}


def test_another_shape_colour_number_or_place_differs() -> None:
    truth = seen(RED, BLUE)
    assert not differs(truth, seen(BLUE, RED))
    assert differs(truth, seen(RED))
    assert differs(truth, seen(RED, BLUE, BLUE))
    assert differs(truth, seen(RED, replace(BLUE, klass="circle")))
    assert differs(truth, seen(RED, replace(BLUE, color="cyan")))
    assert differs(truth, seen(replace(RED, color="blue"), replace(BLUE, color="red")))
    assert not differs(seen(), seen())


@pytest.mark.parametrize("turn", [(1, 0, 1, 0), (0, -1, 0, -1), (0.6, 0.8, 0.6, 0.8)])
def test_a_box_may_be_off_by_a_24th_of_the_side(turn: tuple[float, ...]) -> None:
    def moved(by: float) -> Found:
        x0, y0, x1, y1 = np.add(RED.box, np.multiply(by, turn)).tolist()
        return replace(RED, box=(x0, y0, x1, y1))

    assert not differs(seen(RED, BLUE), seen(moved(0.999), BLUE))
    assert differs(seen(RED, BLUE), seen(moved(1.001), BLUE))
    larger = Detected("a", 48, 48, (RED,))
    assert not differs(larger, Detected("a", 48, 48, (moved(1.999),)))
    grown = replace(RED, box=(1.0, 2.0, 9.0, 10.0))  # the middle alone counts
    assert not differs(seen(RED), seen(grown))


def test_like_things_each_need_a_box_of_their_own() -> None:
    other = replace(RED, box=(12.0, 3.0, 18.0, 9.0))
    assert not differs(seen(RED, other), seen(other, RED))
    assert differs(seen(RED, other), seen(RED, RED))


def test_the_detector_makes_no_error_on_clean_scenes(tmp_path: Path) -> None:
    found = measured(tmp_path, DetectionErrors(count=60), replicates=2)
    for kind in ("detection_error", "verdict_error"):
        for task in TASKS:
            assert (found[f"{kind}/{task}"]["value"], found[f"{kind}/{task}"]["n"]) == (0, 60)
        assert (found[kind]["value"], found[kind]["n"]) == (0, 360)
    assert found["largest_detection_error"]["value"] == 0
    assert found["allowed_error"]["value"] == 0.005
    assert len(found) == 16


def test_planted_errors_are_counted_by_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every fourth picture of a batch is said to be empty, every fourth has another colour."""

    def poor(images: np.ndarray, names: list[str]) -> list[Detected]:
        found = detect(images, names)
        return [
            replace(each, objects=())
            if i % 4 == 0
            else replace(
                each, objects=tuple(replace(o, color=turned(o.color)) for o in each.objects)
            )
            if i % 4 == 1
            else each
            for i, each in enumerate(found)
        ]

    def turned(color: str | None) -> str:
        return "red" if color != "red" else "blue"

    monkeypatch.setattr(stage, "detect", poor)
    monkeypatch.setattr(stage, "BATCH", 20)
    found = measured(tmp_path, DetectionErrors(count=40))
    for task in TASKS:
        row = found[f"detection_error/{task}"]
        assert row["value"] == 0.5
        assert row["standard_error"] == pytest.approx((0.25 / 40) ** 0.5)
        asks_colour = task in ("colors", "color_attr")
        assert found[f"verdict_error/{task}"]["value"] == (0.5 if asks_colour else 0.25)
    assert found["detection_error"]["value"] == 0.5
    assert found["detection_error"]["standard_error"] == pytest.approx((0.25 / 240) ** 0.5)
    assert found["verdict_error"]["value"] == pytest.approx((2 * 0.5 + 4 * 0.25) / 6)


def test_the_largest_error_is_that_of_the_worst_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The colours of three of a kind are not seen, which their caption does not ask for."""

    def grey(each: Detected) -> Detected:
        return replace(each, objects=tuple(replace(one, color=None) for one in each.objects))

    def blind_to_many(images: np.ndarray, names: list[str]) -> list[Detected]:
        return [grey(d) if len(d.objects) == 3 else d for d in detect(images, names)]

    monkeypatch.setattr(stage, "detect", blind_to_many)
    found = measured(tmp_path, DetectionErrors(count=40))
    worst = found["detection_error/counting"]["value"]
    assert 0.2 < worst < 0.8  # three of a kind are half of the task
    assert found["largest_detection_error"]["value"] == worst
    assert found["detection_error"]["value"] == pytest.approx(worst / 6)
    assert found["verdict_error"]["value"] == 0


def test_scenes_are_the_same_under_every_damage_and_the_first_of_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "BATCH", 10)
    seen_by: list[list[np.ndarray]] = []

    def spy(images: np.ndarray, names: list[str]) -> list[Detected]:
        seen_by[-1].append(images.copy())
        return detect(images, names)

    monkeypatch.setattr(stage, "detect", spy)
    for asked in (
        DetectionErrors(count=20),
        DetectionErrors(count=15),
        DetectionErrors(count=20, corruption=part("gaussian_noise", sigma=0.2)),
    ):
        seen_by.append([])
        found = measured(tmp_path, asked)
        assert found["detection_error/colors"]["n"] == asked.count
    clean, fewer, noisy = (np.stack(each) for each in seen_by)
    assert np.array_equal(clean, fewer)
    assert not np.array_equal(clean[0], clean[1])
    off = noisy - clean
    middle = np.abs(clean) < 0.2  # where the cut at the ends of the range takes nothing
    assert abs(off[middle].std() - 0.2) < 4 * 0.2 / np.sqrt(2 * middle.sum())
    assert np.abs(noisy).max() == 1
    assert not np.array_equal(off[0], off[1])


@pytest.mark.parametrize("count", [1, 10, 11, 25])
def test_as_many_pictures_are_judged_as_asked(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where all are wrong every share is 1, also where the last batch is cut."""
    monkeypatch.setattr(stage, "BATCH", 10)
    monkeypatch.setattr(
        stage, "detect", lambda images, names: [Detected(name, 24, 24, ()) for name in names]
    )
    found = measured(tmp_path, DetectionErrors(count=count))
    found.pop("allowed_error")
    assert {row["value"] for row in found.values()} == {1}
    assert found["detection_error/counting"]["n"] == count
    assert found["verdict_error"]["n"] == 6 * count


def test_replicates_have_scenes_and_damage_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "BATCH", 10)
    seen_by: list[np.ndarray] = []

    def spy(images: np.ndarray, names: list[str]) -> list[Detected]:
        seen_by.append(images.copy())
        return detect(images, names)

    monkeypatch.setattr(stage, "detect", spy)
    noise = part("gaussian_noise", sigma=0.2)
    for corruption in (None, noise):
        measured(tmp_path, DetectionErrors(count=10, corruption=corruption), replicates=2)
    clean, again, noisy, other = seen_by
    assert not {x.tobytes() for x in clean} & {x.tobytes() for x in again}
    dark = (clean == -1) & (again == -1)  # where the cut leaves the positive half of the noise
    off = np.stack([(noisy - clean)[dark], (other - again)[dark]])
    assert off.std() > 0.05
    assert abs(np.corrcoef(off)[0, 1]) < 4 / np.sqrt(dark.sum())


def test_rows_say_what_is_better_and_which_number_is_a_constant(tmp_path: Path) -> None:
    found = measured(tmp_path, DetectionErrors(count=1))
    bound = found.pop("allowed_error")
    assert (bound["tier"], bound["standard_error"], bound["n"]) == ("exact", None, None)
    assert {row["tier"] for row in found.values()} == {"tolerance"}
    assert {row["higher_is_better"] for row in found.values()} == {False}
    assert {row["status"] for row in found.values()} == {"ok"}


def test_damage_raises_the_error(tmp_path: Path) -> None:
    poor = measured(
        tmp_path, DetectionErrors(corruption=part("gaussian_blur", sigma=1.5), count=20)
    )
    assert poor["detection_error"]["value"] > 0.5
    assert poor["verdict_error"]["value"] <= poor["detection_error"]["value"]


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(Problem, match="0 pictures of a task"):
        DetectionErrors(count=0)
    with pytest.raises(Problem, match="layout 'row'"):
        DetectionErrors(layout="row")
    assert DetectionErrors().entries() == []
    noise = DetectionErrors(corruption=part("gaussian_noise", sigma=0.1))
    assert noise.entries() == ["harness.corrupt.gaussian_noise:GaussianNoise"]
