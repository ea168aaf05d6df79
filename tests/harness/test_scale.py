"""Scales: files of sizes, read strictly."""

from dataclasses import asdict
from pathlib import Path

import pytest

from harness import scale
from harness.problem import Problem
from harness.scale import read_sizes, scales


@pytest.mark.parametrize("name", scales())
def test_every_scale_is_readable(name: str) -> None:
    assert read_sizes(name).scale == name


def test_the_four_scales_are_there() -> None:
    assert set(scales()) >= {"smoke", "cpu", "gpu", "published"}


def test_one_card_on_recompressed_images_differs_in_its_images_alone() -> None:
    card, other = (asdict(read_sizes(name)) for name in ("gpu", "gpu_jpeg75"))
    assert {key for key in card if card[key] != other[key]} == {"scale", "dataset"}
    assert other["dataset"] == {**card["dataset"], "name": "cifar10_jpeg75"}


def test_unknown_scale_names_the_known_ones() -> None:
    with pytest.raises(Problem, match="cpu, gpu"):
        read_sizes("huge")


def test_unknown_key_stops_and_names_the_known_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (scale.CONFIG / "smoke.yaml").read_text() + "colour: red\n"
    (tmp_path / "odd.yaml").write_text(text)
    monkeypatch.setattr(scale, "CONFIG", tmp_path)
    with pytest.raises(Problem, match=r"'colour' in config/odd\.yaml.*known keys are .*replicates"):
        read_sizes("odd")


def test_a_size_below_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (scale.CONFIG / "smoke.yaml").read_text().replace("samples: 400", "samples: 0")
    (tmp_path / "odd.yaml").write_text(text)
    monkeypatch.setattr(scale, "CONFIG", tmp_path)
    with pytest.raises(Problem, match="samples=0"):
        read_sizes("odd")
