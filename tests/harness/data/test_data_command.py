"""``patina data``: what a set is, with its parameters as the command line writes them."""

import pytest

from harness.cli import main
from harness.data.load import load


@pytest.mark.parametrize(
    ("arguments", "params", "shown"),
    [
        (["digits", "classes=0,1,2"], {"classes": ("0", "1", "2")}, "digits (0, 1, 2)"),
        (["digits", "classes=7"], {"classes": ("7",)}, "digits (7)"),
        (["digits", "classes=[8, '9']"], {"classes": ("8", "9")}, "digits (8, 9)"),
        (
            ["photos", "sources=coffee,astronaut", "side=16"],
            {"sources": ("astronaut", "coffee"), "side": 16},
            "photos (astronaut, coffee)",
        ),
        (["textures", "sources=brick"], {"sources": ("brick",)}, "textures (brick)"),
        (
            ["procedural", "kind=waves", "channels=3", "count=20"],
            {"kind": "waves", "channels": 3, "count": 20},
            "procedural",
        ),
        (
            ["procedural", "kind=power_law", "exponent=1.5", "count=20"],
            {"kind": "power_law", "exponent": 1.5, "count": 20},
            "power_law, drawn by this project",
        ),
        (
            ["gaussian_mixture", "weights=[.25, .75]", "means=[[-.5, 0], [.5, .1]]", "count=50"],
            {"weights": (0.25, 0.75), "means": ((-0.5, 0), (0.5, 0.1)), "count": 50},
            "weights [0.25, 0.75], means [[-0.5, 0.0], [0.5, 0.1]], deviations [0.08, 0.08]",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_parameters_are_those_of_the_cells(
    arguments: list[str], params: dict[str, object], shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name, *given = arguments
    assert main(["data", name, *(word for item in given for word in ("--set", item))]) == 0
    printed = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert printed["content_hash"] == load(name, **params).content_hash
    assert printed["count"] == str(load(name, **params).count)
    assert shown in printed["name"] + printed["citation"]


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["digits", "classes=0,x"], "choose from 0, 1, 2"),
        (["photos", "classes=0"], "leave out classes="),
        (["textures", "sources=sand"], "choose from brick, grass, gravel"),
        (["procedural", "kind=leaves"], "choose from dead_leaves"),
        (["gaussian_mixture", "deviation=.2"], "six deviations to either edge"),
        (["gaussian_mixture", "weights=.5"], "give weights with the sum 1"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_parameter_is_answered_in_one_line(
    arguments: list[str], answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name, *given = arguments
    assert main(["data", name, *(word for item in given for word in ("--set", item))]) == 2
    error = capsys.readouterr().err
    assert answer in error
    assert error.count("\n") == 1
