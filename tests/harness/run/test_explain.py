"""A number leads to its rows, runs and code, and the command that it names makes it again."""

import json
import shlex
import shutil
from pathlib import Path

import pytest

from harness.arguments import parser
from harness.claims.place import used
from harness.problem import Problem
from harness.records.files import read_jsonl
from harness.report import facts
from harness.run import reference
from harness.run.address import claims, read
from harness.run.explain import explain, find, numbers
from harness.studies import STUDIES

ROOT = Path(__file__).resolve().parents[3]
RESULTS = ROOT / "results"
CELL = "ambient_blur:fd_random_conv:arm=clean,network=mlp"


def _find(asked: str, scale: str = "cpu"):  # type: ignore[no-untyped-def]
    return find(asked, scale, Path("no build"), RESULTS)


def test_a_claim_leads_to_the_rows_that_its_rule_reads() -> None:
    place = _find("gated-beats-clean")
    assert place.claim is not None
    assert {row.params["arm"] for row in place.rows} == {"clean", "gated"}
    assert {row.params["network"] for row in place.rows} == {"mlp"}
    named = {reading.metric for reading in place.claim.rule.metrics}  # type: ignore[union-attr]
    assert {row.metric for row in place.rows} == named
    text = explain(place, RESULTS)
    manifest = json.loads((RESULTS / "v1/cpu/ambient_blur/MANIFEST.json").read_text())
    for told in (
        place.claim.statement, f"verdict: {manifest['claims']['gated-beats-clean']['word']}",
        manifest["lock"], manifest["commit"], "train: key", "photos(channels=1,side=8)",
        f"patina rerun --scale cpu --results {RESULTS} 'gated-beats-clean'",
    ):  # fmt: skip
        assert told in text


def test_a_row_is_named_by_file_and_line() -> None:
    place = _find(f"{CELL}:3")
    (row,), (line,) = place.rows, place.lines
    assert (row.replicate, row.metric, row.params["arm"]) == (3, "fd_random_conv", "clean")
    assert json.loads(place.file.read_text().splitlines()[line - 1]) == json.loads(row.json())
    assert f":{line} fd_random_conv" in explain(place, RESULTS)


@pytest.mark.parametrize(
    ("asked", "study", "metric"),
    [
        ("claim.gated-beats-clean.low", "ambient_blur", None),
        (
            "claim.gated-beats-clean.denoising_loss.blur=0.4 network=mlp.effect",
            "ambient_blur",
            None,
        ),
        ("ambient_blur.mlp.images", "ambient_blur", None),
        ("ambient_rules:centre_error", "ambient_rules", "centre_error"),
        (CELL, "ambient_blur", "fd_random_conv"),
    ],
)
def test_numbers_of_the_paper_and_points_of_a_figure_are_places(
    asked: str, study: str, metric: str | None
) -> None:
    place = _find(asked)
    assert place.study == study
    assert metric is None or {row.metric for row in place.rows} == {metric}
    assert set(place.cells) <= set(place.runs)


@pytest.mark.parametrize(
    ("text", "factors"),
    [
        ("law=tv,p=normal(0,1),q=normal(1,1),sigma=8.434",
         {"law": "tv", "p": "normal(0,1)", "q": "normal(1,1)", "sigma": "8.434"}),
        ("annotator=spectral, 0.4,network=mlp", {"annotator": "spectral, 0.4", "network": "mlp"}),
        ("network=mlp, arm=clean", {"network": "mlp", "arm": "clean"}),
        ("p=f(a=1,b=2),q=[1,c=3]", {"p": "f(a=1,b=2)", "q": "[1,c=3]"}),
        ("setting=Stable Diffusion, w = 3", {"setting": "Stable Diffusion, w = 3"}),
        ("odd=1),q=2", {"odd": "1)", "q": "2"}),
    ],
)  # fmt: skip
def test_a_comma_may_be_part_of_a_value(text: str, factors: dict[str, str]) -> None:
    address = read(f"ambient_laws:exact:{text}:2")
    assert (address.factors, address.replicate) == (factors, 2)


@pytest.mark.parametrize("name", ["ambient_laws", "annotators", "restart_laws"])
def test_every_published_row_is_named_by_its_own_factors(name: str) -> None:
    for row in read_jsonl(RESULTS / "v1" / "cpu" / name / "records.jsonl"):
        factors = ",".join(f"{key}={value}" for key, value in row.params.items())
        address = read(f"{name}:{row.metric}:{factors}")
        assert address.factors == {key: str(value) for key, value in row.params.items()}


def test_every_number_of_a_claim_leads_to_the_claim_and_is_told() -> None:
    asked = "claim.loss-is-a-power-law-of-clean-images.gated: exponent_high"
    study = read(asked).study
    lines = reference.read(RESULTS / "v1", "cpu", study).claims
    quoted = facts.Facts()
    facts.claims(quoted, lines)
    assert any(":" in key for key in quoted.entries)
    for key in quoted.entries:
        address = read(key)
        assert address.claim is not None
        assert key == f"claim.{address.claim.id}.{address.number}"
    named = {
        f"claim.{line['id']}.{key}": {"study": study, **value}
        for line in lines
        for key, value in numbers(line).items()
    }
    assert named == quoted.entries
    place = _find(asked)
    assert f"number: {quoted.entries[asked]['value']}" in explain(place, RESULTS)


def test_the_command_to_make_it_again_reads_the_same_rows(tmp_path: Path) -> None:
    shutil.copytree(RESULTS / "v1" / "cpu" / "ambient_rules", tmp_path / "cpu" / "ambient_rules")
    asked = "ambient_rules:centre_error"
    for results, source, more in (
        (RESULTS, tmp_path, f"--from {tmp_path} "),
        (RESULTS, None, f"--results {RESULTS} "),
    ):
        place = find(asked, "cpu", Path("no build"), results, source)
        command = explain(place, results).splitlines()[-1].partition(": ")[2]
        assert command == f"patina rerun --scale cpu {more}'{asked}'"
        options = parser().parse_args(shlex.split(command)[1:])
        again = find(
            options.place, options.scale, Path("no build"), options.results, options.source
        )
        assert (again.file, again.rows) == (place.file, place.rows)


def test_the_setting_of_a_network_is_that_of_its_cells() -> None:
    for asked, networks in (
        ("ambient_blur.unet.images", {"unet"}),
        ("gate.ambient_blur.mlp.ratio", {"mlp"}),
        ("ambient_blur.data.side", {"mlp", "unet"}),
    ):
        assert {row.params["network"] for row in _find(asked).rows} == networks


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("gated-beats-cleam", "no such place.*near: gated-beats-clean"),
        ("ambient_blur:fd", "no metric fd; there are"),
        (
            "ambient_blur:fd_random_conv:arm=red",
            "no cell with these factors; there are .*arm=clean",
        ),
        (f"{CELL}:99", "no replicate 99"),
        ("ambient_blur:fd_random_conv:arm", "which is no factor=value"),
        ("blur:fd", "known"),
        ("", "asked for an empty place"),
        ("claim.gated-beats-clean.nope", "no such number 'nope'.*known ones are word, effect, low"),
        ("gated-beats-clean.denoising_loss.nope", "no such number.*are denoising_loss.*effect"),
        ("claim.ambient_blur:fd", "no such place"),
        ("method.level", "a constant of the method"),
    ],
)
def test_what_is_no_place_is_answered_with_what_there_is(asked: str, named: str) -> None:
    with pytest.raises(Problem, match=named):
        _find(asked)


def test_a_build_comes_before_what_was_published(tmp_path: Path) -> None:
    shutil.copytree(RESULTS / "v1" / "cpu" / "ambient_rules", tmp_path / "cpu" / "ambient_rules")
    place = find("ambient_rules:centre_error", "cpu", tmp_path, RESULTS)
    assert place.file == tmp_path / "cpu" / "ambient_rules" / "records.jsonl"
    assert "published at" not in explain(place, RESULTS)


def test_every_claim_has_an_id_of_its_own_and_reads_rows_where_it_was_published() -> None:
    ids = [claim.id for claim in claims().values()]
    assert len(ids) == len(set(ids))
    for name in ("captions", "ambient_rules", "metric_sensitivity"):
        rows = read_jsonl(RESULTS / "v1" / "cpu" / name / "records.jsonl")
        for claim in STUDIES[name].claims:
            assert used(claim.rule, rows)
