"""Captions: what a figure shows, on what, and where it is not to be believed."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.report import style
from harness.report.admitted import drawn, sigma_min
from harness.report.caption import LEVEL, caption
from harness.report.figures.ambient_blur import draw
from harness.report.gates import shut_gates
from harness.report.layouts import LAYOUTS
from harness.report.results import Results
from harness.report.show import heading, sheet_of
from harness.run import reference
from harness.run.code import ROOT
from harness.scale import read_sizes
from harness.studies import STUDIES

from .made_up import records_of

PUBLISHED = ROOT / "results" / "v1"


def read(study: str, scale: str = "cpu") -> Results:
    return Results(study, scale, *reference.read(PUBLISHED, scale, study), cache=Path("none"))


def shut(reason: str) -> dict[str, Any]:
    text = f"photos, mlp at cpu scale: the gate is shut, {reason}; gated against clean: much"
    return {"verdict": {"reason": text}}


@pytest.fixture(scope="module")
def poor() -> Results:
    """The blur study on a card, where the MLP learns too little."""
    return read("ambient_blur", "gpu_jpeg75")


@pytest.mark.parametrize("study", list(LAYOUTS))
def test_a_caption_opens_with_the_title_and_has_what_is_drawn(study: str) -> None:
    cells = STUDIES[study].cells(read_sizes("smoke"))[:3]
    runs = [{"cell_id": c.cell_id, "config": c.config(), "stages": {}} for c in cells]
    found = caption(Results(study, "smoke", records_of(study, cells), runs, cache=Path("none")))
    assert found.startswith(f"{STUDIES[study].title}. ")
    assert len(found) > len(STUDIES[study].title) + 100
    assert "\n" not in found
    assert "``" not in found
    assert "  " not in found


def test_a_caption_names_data_damage_share_and_replicates() -> None:
    found = caption(read("ambient_jpeg"))
    for said in ("grey photographs of 8 × 8 px (astronaut, chelsea, ", "JPEG of quality 15 and 75",
                 "10 % of the images clean", "3 to 8 replicates a cell"):  # fmt: skip
        assert said in found


def test_the_level_is_told_where_it_is_drawn_and_nowhere_else(tmp_path: Path) -> None:
    without = read("ambient_blur")
    assert not drawn(without)
    assert LEVEL not in caption(without)
    gated = next(g for g in without.groups if g.params.get("arm") == "gated")
    run = next(run for run in without.runs if run["cell_id"] == gated.cell_id)
    path = tmp_path / "train" / run["stages"]["train"]["key"] / "training.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"sigma_min": [0.2, 0.4, None]}))
    held = replace(without, cache=tmp_path)
    assert sigma_min(held, gated) == pytest.approx(0.3)
    assert LEVEL in caption(held)
    other = Results("ambient_jpeg", "cpu", without.records, without.runs, (), tmp_path)
    assert drawn(other)
    assert LEVEL not in caption(other)  # its figure draws none


def test_a_training_that_admits_everything_has_no_level(tmp_path: Path) -> None:
    without = read("ambient_blur")
    for run in without.runs:
        path = tmp_path / "train" / run["stages"]["train"]["key"] / "training.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"sigma_min": [0.0, None]}))
    assert not drawn(replace(without, cache=tmp_path))


def test_where_the_gate_is_shut_the_caption_says_so_and_what_beats_the_ceiling(
    poor: Results,
) -> None:
    found = caption(poor)
    assert found.endswith(
        "4 claims have no verdict, the gate being shut: the ceiling oracle at blur 0.4, MLP has a "
        "high-frequency ratio of 1.46, and the gate asks for 0.9 to 1.1. There “all” (MLP) at blur "
        "0.8 has a lower held-out loss than the ceiling oracle, which sees every image clean."
    )


def test_the_panels_of_the_network_whose_gate_is_shut_say_so(poor: Results) -> None:
    with style.applied("ambient_blur"):
        figure = draw(poor)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    marked = [title for title in titles if "gate shut" in title]
    assert marked == ["(a) MLP, blur 0.4, gate shut", "(b) MLP, blur 0.8, gate shut"]
    assert "(c) U-Net, blur 0.8" in titles


def test_an_open_gate_is_not_spoken_of() -> None:
    assert shut_gates(read("ambient_blur")) == ()


def test_an_arm_below_its_ceiling_is_none_of_a_shut_gate(poor: Results) -> None:
    """Of two networks the one whose gate is open is not spoken of, and a ceiling is no arm."""
    unet = replace(poor, claims=[shut("the ceiling oracle at network=unet has a b of 1")])
    assert len(shut_gates(unet)) == 1  # with the U-Net no arm is below it
    both = replace(poor, claims=[shut("the ceiling oracle at blur=0.8 network=mlp has no b")])
    assert "“oracle”" not in " ".join(shut_gates(both))


def test_reasons_are_told_once_and_of_many_the_first() -> None:
    def of(*reasons: str) -> tuple[str, ...]:
        return shut_gates(Results("some_study", "cpu", [], (), [shut(each) for each in reasons]))

    one = "the ceiling oracle at setting=4 times longer has a high_frequency_ratio of 0.8"
    assert of(one, one) == (
        "2 claims have no verdict, the gate being shut: the ceiling oracle at 4 times longer has a "
        "high-frequency ratio of 0.8.",
    )
    first, second, rest = of(one, one + "1", one + "2", one + "3")
    assert first.startswith("1 claim has no verdict")
    assert second.endswith(" of 0.81.")
    assert rest == "2 claims have no verdict, the gate being shut, for like reasons."


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (
            "the ceiling oracle at blur=0.4 network=mlp lost 1 of 3 replicates",
            "the ceiling oracle at blur 0.4, MLP lost 1 of 3 replicates",
        ),
        (
            "the ceiling oracle at network=unet does not beat clean on denoising_loss: log ratio "
            "-0.1 (95 %: -0.3 to +0.1)",
            "the ceiling oracle at U-Net does not beat clean on held-out loss: log ratio "
            "-0.1 (95 %: -0.3 to +0.1)",
        ),
        (
            "the ceiling arm=clean guidance=1 at data=few network=mlp has a class_accuracy of 0.2",
            "the ceiling clean, guidance 1 at few images, MLP has a class accuracy of 0.2",
        ),
    ],
)
def test_a_reason_is_in_words(reason: str, said: str) -> None:
    (found,) = shut_gates(Results("some_study", "cpu", [], (), [shut(reason)]))
    assert found == f"1 claim has no verdict, the gate being shut: {said}."


def test_a_line_of_another_study_is_told_in_the_caption() -> None:
    found = caption(read("ambient_blur_more"))
    assert "Headline: gated is in ambient_blur." in found
    assert "Blurred by 0.8 px, but for “blur 0.6”." in found


def test_show_prints_title_and_question_on_top(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    study = "ambient_blur"
    assert main(["show", study, "--scale", "smoke", "--from", str(PUBLISHED)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [STUDIES[study].title, STUDIES[study].question]
    assert heading(study).splitlines() == lines[:2]
    assert all(Path(line).is_file() for line in lines[2:])
    assert f"{study}.txt" in lines[-1]
    table = Path("build/published/smoke/tables", f"{study}.md").read_text()
    assert table.split("\n\n")[:2] == [f"# {STUDIES[study].title}", STUDIES[study].question]


def test_the_bridge_has_its_unit_named_in_figure_and_table() -> None:
    """Per noise level squared units, over all of them nats: both stand at both places."""
    results = read("gmm_bridge")
    units = results.units()
    assert (units["excess"], units["excess/2"]) == ("nats", "squared units")
    table = next(part for part in sheet_of(results).parts if part.name == "means")
    for text in (caption(results), " ".join(table.notes)):
        assert "squared units of the images" in text
        assert "in nats" in text
    assert "excess risk (nats)" in " ".join(table.header)
