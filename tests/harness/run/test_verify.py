"""Published results held against what was published: each way to differ is found and named."""

import hashlib
import json
import re
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness.cli import main
from harness.problem import Problem
from harness.records.files import read_jsonl
from harness.records.record import Record, from_mapping
from harness.records.root import root_hash
from harness.run import verify as module
from harness.run.verify import promised, references, schema_fault, verify

RESULTS = Path(__file__).resolve().parents[3] / "results"
STUDY = "scenes_t2i"


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A copy of one reference and its changelog."""
    shutil.copytree(RESULTS / "v1" / "smoke" / STUDY, tmp_path / "v1" / "smoke" / STUDY)
    lines = (RESULTS / "CHANGELOG.md").read_text().splitlines(keepends=True)
    kept = [line for line in lines if f" smoke/{STUDY} at " in line]
    (tmp_path / "CHANGELOG.md").write_text("".join([*lines[:2], *kept]))
    return tmp_path


def _folder(results: Path) -> Path:
    return results / "v1" / "smoke" / STUDY


def _manifest(results: Path, **changed: Any) -> None:
    path = _folder(results) / "MANIFEST.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}) + "\n")


def test_a_reference_is_what_was_published(results: Path) -> None:
    found = verify(_folder(results))
    assert (found.place, found.wrong, found.moved) == (f"smoke/{STUDY}", (), ())
    assert found.rows == len(read_jsonl(_folder(results) / "records.jsonl"))
    assert found.verdicts == 4


@pytest.mark.parametrize("name", ["records.jsonl", "runs.jsonl"])
def test_a_single_changed_byte_is_named_by_its_file(results: Path, name: str) -> None:
    path = _folder(results) / name
    data = bytearray(path.read_bytes())
    place = data.index(b"0.", len(data) // 2) + 2  # a digit of a number
    data[place] = ord("1") if data[place] != ord("1") else ord("2")
    path.write_bytes(bytes(data))
    (wrong, *_) = verify(_folder(results)).wrong
    assert str(path) in wrong
    assert "git checkout" in wrong


def _rehash(results: Path) -> None:
    """As one would who edits a file and its hash together, changelog and all."""
    hashes = {
        name: hashlib.sha256((_folder(results) / name).read_bytes()).hexdigest()
        for name in ("records.jsonl", "runs.jsonl")
    }
    _manifest(results, sha256=hashes)
    with (results / "CHANGELOG.md").open("a") as changelog:
        changelog.write(f"`{hashes['records.jsonl'][:16]}`\n")


def test_an_edited_record_with_its_hash_is_betrayed_by_its_verdict(results: Path) -> None:
    path = _folder(results) / "records.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        if row["metric"] == "geneval" and row["value"] is not None:
            row["value"] = row["value"] / 2 + 0.25 * (row["replicate"] or 0)
    text = [Record(**row).json() for row in rows]
    path.write_text("\n".join(text) + "\n")
    _rehash(results)
    found = verify(_folder(results))
    assert any("was published as" in wrong for wrong in found.wrong)
    assert found.verdicts < 4


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("{}", r"records.jsonl:3; got the missing key"),
        ('{"a": NaN}', r"records.jsonl:3.*NaN"),
        ("{", r"records.jsonl:3"),
    ],
)
def test_a_bad_line_is_named_by_file_and_line(results: Path, line: str, named: str) -> None:
    path = _folder(results) / "records.jsonl"
    lines = path.read_text().splitlines()
    lines[2] = line
    path.write_text("\n".join(lines) + "\n")
    _rehash(results)
    wrong = verify(_folder(results)).wrong
    assert re.search(named, " ".join(wrong))


def test_a_future_schema_is_refused_and_the_readable_ones_are_named(results: Path) -> None:
    path = _folder(results) / "records.jsonl"
    path.write_text(path.read_text().replace('"1.0.0"', '"2.0.0"'))
    _rehash(results)
    assert any("readable versions are 1.0.0" in wrong for wrong in verify(_folder(results)).wrong)


def test_runs_and_records_belong_to_each_other(results: Path) -> None:
    path = _folder(results) / "runs.jsonl"
    lines = path.read_text().splitlines()
    lost = json.loads(lines[0])["cell_id"]
    path.write_text("\n".join(lines[1:]) + "\n")
    _rehash(results)
    assert f"rows without a run: cell {lost}" in verify(_folder(results)).wrong
    broken = json.loads(lines[0])
    broken["replicates"] = 0
    path.write_text("\n".join([json.dumps(broken), *lines[1:]]) + "\n")
    _rehash(results)
    assert any(
        f"{path}:1: replicates: 0 is less than the minimum" in wrong
        for wrong in verify(_folder(results)).wrong
    )


def test_what_the_manifest_says_is_held_against_the_rest(results: Path) -> None:
    _manifest(results, rows=1)
    assert any("where the manifest has 1" in wrong for wrong in verify(_folder(results)).wrong)
    _manifest(results, scale="cpu")
    assert any(f"that of cpu/{STUDY}" in wrong for wrong in verify(_folder(results)).wrong)
    (_folder(results) / "notes.txt").write_text("x")
    assert any("notes.txt is no part" in wrong for wrong in verify(_folder(results)).wrong)
    (results / "CHANGELOG.md").write_text("# Changelog\n")
    assert any(
        "CHANGELOG.md has no line with its hash on top" in wrong
        for wrong in verify(_folder(results)).wrong
    )


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"commit": "0" * 40}, "has the commit 000000000000, and the changelog: - 20"),
        ({"machines": []}, r"has the machines \[\], its runs \['"),
        ({"machines": ["another"]}, "has the machines \\['another'\\], its runs"),
        ({"core_minutes": 1e6}, "has 1000000.0 core-minutes, its runs"),
    ],
)
def test_where_it_was_made_and_what_it_took_is_what_changelog_and_runs_say(
    results: Path, changed: dict[str, Any], named: str
) -> None:
    _manifest(results, **changed)
    assert any(re.search(named, wrong) for wrong in verify(_folder(results)).wrong)


def test_an_older_line_of_the_commit_does_not_do(results: Path) -> None:
    path = results / "CHANGELOG.md"
    title, empty, line, *rest = path.read_text().splitlines(keepends=True)
    assert f"smoke/{STUDY} at " in line
    newer = re.sub(r" at [0-9a-f]+:", " at 0123456789ab:", line)
    other = re.sub("→ `[0-9a-f]+`", "→ `0123456789abcdef`", line)
    for put, named in ((newer, "0123456789ab"), (other, "no line with its hash on top")):
        path.write_text("".join([title, empty, put, line, *rest]))
        (wrong,) = verify(_folder(results)).wrong
        assert named in wrong


def test_a_claim_with_another_unit_is_wrong(results: Path) -> None:
    claims = json.loads((_folder(results) / "MANIFEST.json").read_text())["claims"]
    name = sorted(claims)[0]
    claims[name]["unit"] = "furlongs"
    _manifest(results, claims=claims)
    (wrong,) = verify(_folder(results)).wrong
    assert name in wrong
    assert "furlongs" in wrong


@pytest.mark.parametrize("what", ["folder", "MANIFEST.json"])
def test_what_was_published_and_is_gone_is_wrong(
    results: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if what == "folder":
        shutil.rmtree(results / "v1")
    else:
        (_folder(results) / what).unlink()
    asked = ["verify", "--results", str(results)]
    for more in ([], ["--studies", STUDY], ["--scale", "smoke"]):
        assert main([*asked, *more]) == 1
        told = capsys.readouterr().out
        assert f"smoke/{STUDY}: 0 rows" in told
        assert f"{what} is gone; git checkout" in told
        assert "0 of 1 references" in told
    other = "- 2026-01-01 cpu/another at 0123456789ab: nothing → `0`, 1 rows added\n"
    with (results / "CHANGELOG.md").open("a") as changelog:
        changelog.write(other)
    assert len(promised(results)) == 2
    assert [path.name for path in promised(results, "cpu")] == ["another"]
    assert [path.name for path in promised(results, None, STUDY)] == [STUDY]


def test_files_without_manifest_and_changelog_are_no_reference(results: Path) -> None:
    shutil.copytree(_folder(results), results / "v1" / "cpu" / "stray")
    (results / "v1" / "cpu" / "stray" / "MANIFEST.json").unlink()
    stray, _ = promised(results)
    assert "publish the study first" in verify(stray).wrong[0]


def test_every_line_of_the_changelog_is_of_a_reference_that_is_there() -> None:
    assert promised(RESULTS) == references(RESULTS)


def test_a_rule_that_changed_is_named_and_is_not_wrong(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = module.STUDIES[STUDY]
    first, *rest = study.claims
    other = replace(first, confirmatory=not first.confirmatory)
    changed = {STUDY: replace(study, claims=(other, *rest[:-1]))}
    monkeypatch.setattr(module, "STUDIES", changed)
    found = verify(_folder(results))
    assert found.wrong == ()
    assert set(found.moved) == {
        f"the rule of {first.id} has changed since it was published",
        f"{rest[-1].id} is a claim no more",
    }
    monkeypatch.setattr(module, "STUDIES", {STUDY: replace(study, claims=(*study.claims[1:],))})
    _manifest(results, claims=_without(results, rest[0].id))
    assert f"{rest[0].id} is a claim that was added since" in verify(_folder(results)).moved


def test_a_claim_that_is_new_is_left_aside_and_the_others_are_held_to_the_digit(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = module.STUDIES[STUDY]
    first = study.claims[0]
    claims = json.loads((_folder(results) / "MANIFEST.json").read_text())["claims"]
    noisy = ({"arm": "shuffled", "guidance": 4.0}, {"arm": "shuffled", "guidance": 2.0})
    rule = replace(first.rule, arm=noisy[0], baseline=noisy[1], conditions=({},))
    new = replace(first, id="beside", rule=rule, confirmatory=False)
    monkeypatch.setattr(module, "STUDIES", {STUDY: replace(study, claims=(*study.claims, new))})
    found = verify(_folder(results))
    assert (found.wrong, found.verdicts) == ((), 4)
    claims[first.id]["low"] += 1e-6
    _manifest(results, claims=claims)
    (wrong,) = verify(_folder(results)).wrong
    assert wrong.startswith(f"{first.id} was published as")


def test_where_a_rule_has_changed_an_effect_is_held_and_an_interval_is_not(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = module.STUDIES[STUDY]
    first, *rest = study.claims
    lowered = replace(rest[-1], confirmatory=not rest[-1].confirmatory)
    changed = replace(study, claims=(first, *rest[:-1], lowered))
    monkeypatch.setattr(module, "STUDIES", {STUDY: changed})
    for key, count in (("low", 0), ("effect", 1)):
        claims = json.loads((_folder(results) / "MANIFEST.json").read_text())["claims"]
        claims[first.id][key] += 1e-6
        _manifest(results, claims=claims)
        found = verify(_folder(results))
        assert (len(found.wrong), found.verdicts) == (count, 2)


def _without(results: Path, name: str) -> dict[str, Any]:
    claims = json.loads((_folder(results) / "MANIFEST.json").read_text())["claims"]
    return {key: value for key, value in claims.items() if key != name}


def test_a_published_word_that_the_rule_does_not_give_is_wrong(results: Path) -> None:
    claims = json.loads((_folder(results) / "MANIFEST.json").read_text())["claims"]
    name = sorted(claims)[0]
    claims[name]["word"] = "supported"
    _manifest(results, claims=claims)
    assert any(f"{name} was published as supported" in w for w in verify(_folder(results)).wrong)


def test_a_reference_that_is_not_there_is_answered_with_what_is(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no scale"):
        references(tmp_path)
    with pytest.raises(Problem, match="cpu, gpu"):
        references(RESULTS, "published")
    with pytest.raises(Problem, match="of captionz; got none"):
        references(RESULTS, None, "captionz")
    assert [path.name for path in references(RESULTS, "smoke", "ambient_rules, ambient_laws")] == [
        "ambient_laws",
        "ambient_rules",
    ]


def test_the_command_says_how_many_and_exits_by_the_worst(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--results", str(results)]) == 0
    told = capsys.readouterr().out
    assert "1 of 1 references are what was published; 4 verdicts" in told
    scale = next((results / "v1").iterdir()).name
    assert f"root hash at {scale}: {root_hash(results, scale)}" in told
    _manifest(results, rows=1)
    assert main(["verify", "--results", str(results)]) == 1
    assert "WRONG" in capsys.readouterr().out


@pytest.mark.parametrize("scale", ["smoke", "cpu", "gpu"])
def test_published_manifests_hold_the_hashes_of_their_files(scale: str) -> None:
    """Every reference of the repository, without its verdicts: patina verify decides those."""
    for folder in references(RESULTS, scale):
        manifest = module.read_manifest(folder)
        assert [*module._bytes(folder, manifest), *module._changelog(folder, manifest)] == []
        assert schema_fault("manifest", asdict(manifest)) is None


GOOD = json.loads((RESULTS / "v1" / "smoke" / STUDY / "records.jsonl").read_text().split("\n")[0])
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 2), st.floats(0.1, 0.9), st.floats(-0.9, -0.1),
    st.sampled_from(["", "x", "ok", "failed", "exact", "1.0.0", "9.9.9"]), st.just({}), st.just([]),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(name=st.sampled_from(sorted(GOOD)), value=VALUES, status=st.sampled_from(["ok", "failed"]))
def test_the_schema_of_a_record_refuses_what_the_reader_refuses(
    name: str, value: Any, status: str
) -> None:
    """One field of a whole record is another value: JSON Schema and reader agree about it.

    But for a direction of 0 or 1, which the reader takes for false or true.
    """
    assume(name != "higher_is_better" or type(value) is not int)
    failed = {"value": None, "standard_error": None, "reason": "r", "status": "failed"}
    changed = {**GOOD, **(failed if status == "failed" else {}), name: value}
    try:
        from_mapping(changed, "here")
        read = True
    except Problem:
        read = False
    assert (schema_fault("record", changed) is None) == read


def test_a_record_needs_each_of_its_fields_and_no_other() -> None:
    for name in GOOD:
        assert schema_fault("record", {k: v for k, v in GOOD.items() if k != name}) is not None
    assert "colour" in str(schema_fault("record", {**GOOD, "colour": "red"}))
    assert schema_fault("record", GOOD) is None
