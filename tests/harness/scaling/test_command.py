"""``patina fit`` from end to end."""

import json
from pathlib import Path

import numpy as np
import pytest

from harness.cli import main

from .made_up import TRUTH, law


def points(tmp_path: Path, name: str = "power_with_floor") -> Path:
    """A file of 6 sizes with 3 runs each, or of 5 by 5 sizes."""
    rng = np.random.default_rng(1)
    if name == "power_with_floor":
        x = np.repeat(np.geomspace(1e4, 3e6, 6), 3)[:, None]
    else:
        n, d = np.meshgrid(np.geomspace(1e4, 3e6, 5), np.geomspace(1e5, 3e7, 5))
        x = np.stack([n.ravel(), d.ravel()], 1)
    y = law(name, x) * np.exp(0.01 * rng.standard_normal(len(x)))
    path = tmp_path / "points.csv"
    names = "N,D,loss,run"[: 1 if x.shape[1] == 1 else 3] + ",loss,run"
    rows = [
        f"{','.join(f'{v:.8g}' for v in row)},{l:.8g},r{i}" for i, (row, l) in enumerate(zip(x, y))
    ]
    path.write_text("\n".join([names, *rows]) + "\n")
    return path


def test_one_variable_gives_a_table_json_and_figures(tmp_path, capsys) -> None:
    out = tmp_path / "fit"
    given = ["fit", str(points(tmp_path)), "--x", "N", "--y", "loss", "--run", "run"]
    given += ["--at", "6e6", "--at", "1e9", "--bootstrap", "100", "--out", str(out)]
    assert main(given) == 0
    text = capsys.readouterr().out
    assert "* power_with_floor" in text
    assert "333 times beyond the sizes: over 10, do not trust it" in text
    assert "at N = 6e+06" in text
    found = json.loads((out / "fit.json").read_text())
    assert found["chosen"] == found["shown"] == "power_with_floor"
    assert found["aicc_of_a_constant"] > found["forms"]["power_with_floor"]["aicc"] + 20
    assert found["forms"]["power_with_floor"]["at_bound"] == []
    assert (found["points"], found["sizes"], found["runs"]) == (18, 6, 18)
    form = found["forms"]["power_with_floor"]
    for name, truth in TRUTH["power_with_floor"].items():
        parameter = form["parameters"][name]
        for low, high in (parameter["bootstrap_95"], parameter["profile_95"]):
            assert low < parameter["value"] < high
            assert low / 1.3 < truth < high * 1.3
    assert [p["too_far"] for p in found["predictions"]] == [False, True]
    assert len(form["log_residuals"]) == 18
    assert all(f["held_out"]["mean_absolute_error"] is not None for f in found["forms"].values())
    for kind, start in (("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")):
        assert (out / f"fit.{kind}").read_bytes().startswith(start)
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    assert main(given) == 0
    assert before == {p.name: p.read_bytes() for p in out.iterdir()}


def test_two_variables_give_the_three_forms_of_two(tmp_path, capsys) -> None:
    path = points(tmp_path, "two_powers_with_floor")
    given = ["fit", str(path), "--x", "N,D", "--y", "loss", "--at", "1e7,1e8"]
    assert main([*given, "--bootstrap", "100", "--out", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "fit.json").read_text())
    assert list(found["forms"]) == ["two_powers_with_floor", "two_powers", "two_exponentials"]
    assert found["chosen"] == "two_powers_with_floor"
    correlation = np.array(found["forms"]["two_powers_with_floor"]["correlation"])
    assert correlation.shape == (5, 5)
    assert "at N = 1e+07, D = 1e+08" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--x", "M"], "column M in"),
        (["--form", "powr"], "did you mean 'power'"),
        (["--form", "two_powers"], "of 2 variables"),
        (["--form", ","], "--form; got no name"),
        (["--at", "many"], "--at many; got no numbers"),
        (["--at", "1,2"], "2 values at 1,2; give N"),
        (["--at", "-1"], "give finite numbers above 0"),
        (["--bootstrap", "99"], "--bootstrap 99"),
        (["--delta", "0"], "--delta 0"),
        (["--delta", "nan"], "--delta nan"),
        (["--seed", "-1"], "--seed -1"),
        (["--x", "run"], "a number in run; got 'r0'"),
    ],
)
def test_a_request_that_cannot_be_served_says_why_and_writes_nothing(
    tmp_path, capsys, more, said
) -> None:
    out = tmp_path / "fit"
    out.mkdir()
    (out / "fit.json").write_text("old")
    given = ["fit", str(points(tmp_path)), "--x", "N", "--y", "loss", "--out", str(out)]
    assert main([*given, "--bootstrap", "100", *more]) == 2
    assert said in capsys.readouterr().err
    assert [p.name for p in out.iterdir()] == ["fit.json"]
    assert (out / "fit.json").read_text() == "old"


def test_too_few_sizes_are_refused_with_the_file(tmp_path, capsys) -> None:
    path = tmp_path / "few.csv"
    path.write_text("N,loss\n1,5\n10,4\n100,3\n1000,2\n")
    assert main(["fit", str(path), "--x", "N", "--y", "loss", "--out", str(tmp_path / "o")]) == 2
    error = capsys.readouterr().err
    assert "4 distinct sizes" in error
    assert str(path) in error
    assert not (tmp_path / "o").exists()


def test_help_teaches_by_an_example(capsys) -> None:
    with pytest.raises(SystemExit):
        main(["fit", "--help"])
    text = capsys.readouterr().out
    assert "patina fit points.csv --x N,D --y loss --run run" in text
    assert "5 sizes" in " ".join(text.split()).replace("5\nsizes", "5 sizes")
