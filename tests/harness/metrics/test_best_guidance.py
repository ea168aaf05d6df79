"""The best guidance: chosen for each replicate, on samples that nothing reports."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file
from torch import Tensor

from harness.cell import Upstream, part
from harness.metrics import best_checkpoint as checkpoints
from harness.metrics import best_guidance as stage
from harness.metrics.best_guidance import GuidanceChoice, best_guidance
from harness.problem import Problem
from harness.sample import draw as drawing
from harness.sample.chosen_guidance import ChosenGuidance
from harness.sample.draw import draw
from harness.sample.sampling import Sampling

from .linear_guidance import GRID, SAMPLER, TAU, S, Stub, V, gaussian, quiet, reported, run


def fd(samples: np.ndarray, truth: np.ndarray) -> float:
    """FD of pixels on the line, [0, 1] a pixel; by hand."""
    a, b = samples.astype(np.float64) / 2, truth.astype(np.float64) / 2
    return (a.mean() - b.mean()) ** 2 + (a.std(ddof=1) - b.std(ddof=1)) ** 2


def test_the_choice_is_the_weight_whose_law_is_right_in_closed_form(
    upstream: dict[str, Upstream], tmp_path: Path
) -> None:
    """At each w the reading is that of the stated law, to 4 errors of moments of n samples."""
    count, replicates = 3000, 2
    choice = GuidanceChoice(count, GRID, "fd_pixels", sampler=SAMPLER)
    chosen, rows = run(choice, replicates, upstream, tmp_path / "guide")
    assert chosen.tolist() == [1.0, 1.0]
    for k in range(replicates):
        assert rows["chosen_guidance", k]["value"] == 1.0
        for w in GRID:
            row = rows[f"guidance_choice/{w:g}", k]
            deviation = TAU * (TAU / V) ** w
            error = (
                4 * deviation / np.sqrt(2 * count) + 4 * S / np.sqrt(2 * 1200) + 0.03 * deviation
            )
            assert abs(np.sqrt(row["value"]) - abs(deviation - S) / 2) < error
            assert (row["n"], row["higher_is_better"]) == (count, False)
    samples = reported(tmp_path / "s", choice, tmp_path / "guide", 0, count, replicates, upstream)
    assert np.abs(samples.std(1) / S - 1).max() < 4 / np.sqrt(2 * count) + 0.03


def test_what_is_reported_is_free_of_the_bias_of_a_minimum(
    upstream: dict[str, Upstream], tmp_path: Path
) -> None:
    """The least of the readings behind the choice lies below that of fresh samples at the same w;
    the reading of the reported samples does not: it equals that of a third set, in the mean."""
    count, replicates = 8, 180
    choice = GuidanceChoice(count, GRID, "fd_pixels", sampler=SAMPLER)
    chosen, rows = run(choice, replicates, upstream, tmp_path / "guide")
    assert len(set(chosen)) > 1  # noisy readings, and so different choices
    truth = gaussian().train.pixels.ravel()
    tried = np.array([[rows[f"guidance_choice/{w:g}", k]["value"] for w in GRID]
                      for k in range(replicates)])  # fmt: skip
    least = tried.min(1)
    assert np.array_equal(np.array(GRID)[tried.argmin(1)], chosen)
    own, third = (
        np.array([fd(x, truth) for x in reported(
            tmp_path / f"copy {copy}", choice, tmp_path / "guide", copy, count, replicates, upstream
        )])
        for copy in (0, 7)
    )  # fmt: skip

    def errors(a: np.ndarray, b: np.ndarray) -> float:
        off = np.sqrt(a) - np.sqrt(b)  # FD itself has a few large values
        return float(off.mean() / off.std(ddof=1) * np.sqrt(replicates))

    assert errors(least, third) < -4.5
    assert abs(errors(own, third)) < 4


def test_streams_of_the_choice_are_its_own(upstream: dict[str, Upstream], tmp_path: Path) -> None:
    assert len({stage.COPY, checkpoints.COPY, Sampling(2).copy}) == 3
    choice = GuidanceChoice(8, (1.0,), "fd_pixels", sampler=SAMPLER)
    run(choice, 2, upstream, tmp_path / "guide")
    assert ChosenGuidance.read(tmp_path / "guide", 2).copy == stage.COPY
    with pytest.raises(Problem, match=r"streams that the guidance was chosen by.*another copy"):
        reported(tmp_path / "s", choice, tmp_path / "guide", stage.COPY, 8, 2, upstream)


def test_each_replicate_is_drawn_at_its_own_choice_and_nothing_else_changes(
    upstream: dict[str, Upstream], tmp_path: Path
) -> None:
    choice = GuidanceChoice(8, GRID, "fd_pixels", sampler=SAMPLER)
    ChosenGuidance((1.5, 0.0, 0.5), stage.COPY).write(tmp_path)
    found = reported(tmp_path / "own", choice, tmp_path, 0, 40, 3, upstream)
    for k, w in enumerate((1.5, 0.0, 0.5)):
        out = tmp_path / f"{w}"
        out.mkdir()
        draw(Sampling(40, SAMPLER, guidance=w), 3, upstream, out, "cpu", quiet)
        alone = load_file(out / "samples.safetensors")["samples"].reshape(3, 40)
        assert found[k] == pytest.approx(alone[k], rel=1e-5)
        assert all(np.abs(found[k] / alone[j] - 1).min() > 1e-3 for j in range(3) if j != k)


rows_of = st.lists(st.floats(0, 1), min_size=4, max_size=4)


@given(st.lists(rows_of, min_size=1, max_size=6), st.one_of(st.none(), st.floats(0, 1)))
def test_the_nearest_is_chosen_for_each_replicate_alone(
    scores: list[list[float]], accuracy: float | None
) -> None:
    table = np.array(scores)
    off = table if accuracy is None else np.abs(table - accuracy)
    for k, at in enumerate(best_guidance(table, accuracy)):
        assert off[at, k] == off[:, k].min()
        assert (off[:at, k] > off[at, k]).all()


def test_what_has_no_reading_is_never_chosen_unless_there_is_nothing_else() -> None:
    nan = float("nan")
    table = np.array([[nan, 0.9, nan], [0.3, nan, nan], [0.8, 0.5, nan]])
    assert best_guidance(table, None).tolist() == [1, 2, 0]
    assert best_guidance(table, 0.85).tolist() == [2, 0, 0]


def test_a_replicate_that_is_not_finite_has_diverged_and_the_other_has_a_choice(
    upstream: dict[str, Upstream], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Half(Stub):
        def __call__(self, x: Tensor, sigma: Tensor, tokens: Tensor) -> Tensor:
            found = super().__call__(x, sigma, tokens)
            found[0] = float("nan")
            return found

    monkeypatch.setattr(drawing, "restore", lambda path, device: Half())
    choice = GuidanceChoice(500, GRID, "fd_pixels", sampler=SAMPLER)
    chosen, rows = run(choice, 2, upstream, tmp_path / "guide")
    assert chosen.tolist() == [0.0, 1.0]
    lost = rows["chosen_guidance", 0]
    assert (lost["status"], lost["value"]) == ("diverged", None)
    assert lost["reason"] == "no samples with a reading"
    assert rows["guidance_choice/1", 0]["reason"] == "the samples are not finite"
    assert rows["chosen_guidance", 1]["status"] == "ok"


def test_the_samples_after_a_choice_leave_all_to_it(
    upstream: dict[str, Upstream], tmp_path: Path
) -> None:
    choice = GuidanceChoice(8, GRID, "fd_pixels", sampler=SAMPLER)
    ChosenGuidance((1.0,), stage.COPY).write(tmp_path)
    after = {**upstream, "guide": Upstream(choice, tmp_path)}
    own = Sampling(8, SAMPLER)
    for asked, message in (
        (replace(own, guidance=1.0), "leave it to the choice"),
        (replace(own, checkpoint=1), "leave it to the choice"),
        (replace(own, sampler=part("heun", steps=24)), "give both stages one sampler"),
    ):
        with pytest.raises(Problem, match=message):
            draw(asked, 1, after, tmp_path, "cpu", quiet)
    late = {**after, "choose": Upstream(None, tmp_path)}
    with pytest.raises(Problem, match="put 'choose' before 'guide'"):
        draw(own, 1, late, tmp_path, "cpu", quiet)
    early = {"train": upstream["train"], "choose": late["choose"], "guide": after["guide"]}
    draw(own, 1, early, tmp_path, "cpu", quiet)
