"""The citation in the report is that of the repository."""

import yaml

from harness.report.citation import AUTHORS, TITLE, VERSION, YEAR, bibtex, sentence
from harness.run.code import ROOT


def test_it_is_that_of_the_citation_file() -> None:
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert cff["title"] == TITLE
    assert [one["name"] for one in cff["authors"]] == [AUTHORS]
    assert str(cff["version"]) == VERSION
    assert str(cff["date-released"]).startswith(str(YEAR))


def test_it_names_the_scale_and_the_commits_that_made_the_numbers() -> None:
    text = sentence("cpu", {"patina": ["0.2.0"], "commit": ["a1"]})
    assert text.endswith("Version 0.2.0, scale cpu, commit a1.")
    many = {"commit": ["a1", "b2", "c3", "d4", "e5"]}
    assert "commits a1, b2, c3 and 2 more" in bibtex("cpu", many)
    assert "commit" not in sentence("cpu", {})
    assert bibtex("cpu", {}).count("{") == bibtex("cpu", {}).count("}")
