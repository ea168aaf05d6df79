"""Laws from the shell: at one's own numbers, and with errors that say what to do."""

import json
import math

import pytest

from harness.cli import main
from harness.lawbook import answer, description, listing
from harness.problem import Problem
from harness.theorem import LAW_TABLE

TV = "ambient.contraction_tv"
POINT = ("--p", "beta(2,5)", "--q", "beta(5,2)")


def typed(name: str) -> list[str]:
    """The arguments of the example that a law's description ends with, as a shell splits them."""
    import shlex

    return shlex.split(description(name).splitlines()[-1])[3:]


@pytest.mark.parametrize("name", list(LAW_TABLE))
def test_every_law_answers_at_the_example_of_its_description(name: str) -> None:
    found = answer(name, typed(name))
    law = LAW_TABLE[name]()
    assert list(found["parameters"]) == list(law.example)
    assert found["exact"] is not None
    assert found["void"] is False
    assert ("stderr" in found) == (law.tier == "tolerance")
    if found["printed"] is not None and found["exact"]:
        assert found["tightness"] == pytest.approx(found["printed"] / found["exact"], rel=1e-12)
    assert found["source"] == law.source
    json.dumps(found, allow_nan=False)


def test_the_list_holds_every_law_with_its_statement() -> None:
    text = listing()
    for name in LAW_TABLE:
        assert f"{name}\n    {LAW_TABLE[name].statement}\n" in text


def test_one_object_on_screen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", TV, *POINT, "--sigma=0.5"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["exact"] == pytest.approx(0.3186, abs=5e-5)
    assert found["printed"] == pytest.approx(0.7812, abs=5e-5)
    assert found["beside"]["dobrushin"]["value"] == pytest.approx(0.5334, abs=5e-5)


def test_a_monte_carlo_answer_depends_on_its_seed_alone() -> None:
    name = "ambient.kernel_estimate"
    arguments = [*typed(name), "--seed"]
    first, again, other = (answer(name, [*arguments, seed]) for seed in ("1", "1", "2"))
    assert first == again
    assert first["seed"] == 1
    assert first["exact"] != other["exact"]
    gap = abs(first["exact"] - other["exact"])
    assert gap < 4 * math.hypot(first["stderr"], other["stderr"])


def test_values_from_a_file_and_from_text_are_the_same(tmp_path) -> None:
    name = "slight_corruption.entropy_gain"
    file = tmp_path / "cov.json"
    file.write_text("[[1.0, 0.5, 0], [0.5, 2, 0], [0, 0, 1]]")
    common = ["--gamma", "0.2", "--mu", "1,0,0", "--cov"]
    found = [answer(name, [*common, text])["exact"] for text in (f"@{file}", str(file))]
    found.append(answer(name, [*common, "1,0.5,0;0.5,2,0;0,0,1"])["exact"])
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["law", "ambient.contraction"], "it has ambient.contraction_tv, "),
        (["law", "contraction_tv"], "did you mean 'ambient.contraction_tv'? the known ones are"),
        (["law", TV, *POINT, "--sigmo", "1"], "the known ones are p, q, sigma"),
        (["law", TV, *POINT, "--sigma", "0"], "sigma=0; got 0; give a number above 0"),
        (["law", TV, *POINT, "--sigma", "wide"], "got str; give a number above 0"),
        (["law", TV, *POINT], "no parameter 'sigma'"),
        (["law", TV, *POINT, "--sigma"], "write --sigma VALUE"),
        (["law", TV, *POINT, "--sigma", "1", "--sigma", "2"], "give it once"),
        (["law", TV, *POINT, "0.5"], "write --NAME VALUE"),
        (["law", TV, *POINT, "--sigma", "@nowhere.json"], "no JSON"),
        (["law", TV, *POINT, "--sigma", "1", "--seed", "-1"], "give a whole number"),
        (
            ["law", "slight_corruption.entropy_gain", "--gamma", "-1", "--mu", "1", "--cov", "1"],
            "give a number of 0 or more",
        ),
        (
            ["law", "slight_corruption.entropy_gain", "--gamma", "1", "--mu", "1", "--cov=-1"],
            "smallest eigenvalue of -1",
        ),
        (
            ["law", "slight_corruption.entropy_gain", "--gamma", "1", "--mu", "1,0", "--cov",
             "1,0.5;0,1"],
            "not symmetric",
        ),
    ],
)  # fmt: skip
def test_an_error_is_one_line_that_says_what_to_do(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err


def test_help_for_one_law(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", TV, "--help"]) == 0
    text = capsys.readouterr().out
    assert "--sigma  noise sigma (a number above 0)" in text


def test_a_problem_of_an_unknown_law_is_a_problem() -> None:
    with pytest.raises(Problem, match="no row of that name"):
        answer("nothing.at_all", [])


def test_the_laws_of_one_paper(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", "ctrl"]) == 0
    names = [line for line in capsys.readouterr().out.splitlines() if line.startswith("ctrl.")]
    assert names == [name for name in LAW_TABLE if name.startswith("ctrl.")]


def test_what_is_void_says_why() -> None:
    found = answer(TV, [*POINT, "--sigma", "0.01"])
    assert found["void"] is True
    assert "no stronger than a trivial one" in found["why"]
    assert "why" not in answer(TV, [*POINT, "--sigma", "0.5"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["slight_corruption.entropy_order", "--along", "gamma", "--gamma", "1e-300"],
        ["ambient.buffer_cap", "--cap", "1e300"],
        ["cycle.code_size", "--eta", "1e-300"],
    ],
)
def test_numbers_out_of_range_are_a_problem_or_a_number(
    arguments: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    law = LAW_TABLE[arguments[0]]
    point = {**law.example}
    for key, value in zip(arguments[1::2], arguments[2::2]):
        point[key.removeprefix("--")] = value
    given = [f"--{key}={_typed(value)}" for key, value in point.items()]
    status = main(["law", arguments[0], *given])
    said = capfd.readouterr()
    assert status in (0, 2)
    assert "Traceback" not in said.err
    assert "Warning" not in said.err


def _typed(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
