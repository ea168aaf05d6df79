"""Escaping for LaTeX, names of macros, and what is exported: by property, and by compiling it."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cli import main
from harness.records.record import Record
from harness.report.facts import Facts, constants
from harness.report.latex import looked_up, numbers_text, shown, write_latex
from harness.report.results import Results
from harness.report.tex import NAMES, TEX, macro, tex

SPECIAL = set('\\&%$#_{}~^<>|"')
PLAIN = st.characters(codec="ascii", min_codepoint=32, exclude_characters="\x7f" + "".join(SPECIAL))
FACTS = {
    "claim.a-b.effect": {"value": 0.35747, "unit": "log ratio", "study": "s"},
    "claim.a-b.blur=0.8 share=7.5 %.low": {"value": -0.0016, "unit": "", "study": "s"},
    "claim.a-b.word": {"value": "50 % & more_#{^}~\\ <é γ ⁻² 漢>", "unit": "", "study": "s"},
    "s.clean": {"value": 0.1, "unit": "share", "study": "s"},
    "s.blurs": {"value": [0.4, 0.8], "unit": "pixels", "study": "s"},
    "s.images": {"value": 200000, "unit": "", "study": "s"},
    "s.none": {"value": None, "unit": "", "study": "s"},
}


@given(st.text())
def test_escaped_text_is_ascii_on_one_line_with_balanced_braces(text: str) -> None:
    made = tex(text)
    assert made.isascii()
    assert made.isprintable()
    bare = re.sub(r"\\[\\{}&%$#_]", "", made)
    depth = 0
    for mark in bare:
        depth += {"{": 1, "}": -1}.get(mark, 0)
        assert depth >= 0
    assert depth == 0
    assert bare.count("$") % 2 == 0
    assert not re.search(r"[&%#]", bare)
    assert not made.startswith(("[", "*"))


@given(st.text(alphabet="-`'?!,<> a"))
def test_marks_that_fonts_join_are_kept_apart(text: str) -> None:
    assert not re.search(r"--|``|''|[?!]`|,,|<<|>>", tex(text).replace("$", ""))


@given(st.text(alphabet=PLAIN))
def test_plain_text_is_left_as_it_is_but_for_ligatures(text: str) -> None:
    assert re.sub("[{}]", "", tex(text)) == " ".join(text.split())


@given(st.text(), st.text())
def test_two_keys_never_have_one_macro(one: str, other: str) -> None:
    assert (macro(one) == macro(other)) == (one == other)


@given(st.text())
def test_a_macro_has_letters_alone(key: str) -> None:
    assert re.fullmatch(r"\\[A-Za-z]+", macro(key))


def test_no_spelling_begins_another() -> None:
    spelled = [*NAMES.values(), "Code"]
    assert len(set(spelled)) == len(spelled)
    for one in spelled:
        assert re.fullmatch(r"[A-Z][a-z]+", one)
        assert [other for other in spelled if other.startswith(one)] == [one]


def test_a_code_ends_before_the_letter_behind_it() -> None:
    assert macro("éa") == r"\PatinaCodeojqa"
    assert macro("\u0e90") == r"\PatinaCodeojaq"


def test_every_command_of_the_table_is_closed() -> None:
    for made in TEX.values():
        assert made.isascii()
        assert not re.search(r"\\[a-z]+$", made)  # it would swallow the blank behind it


def test_a_number_is_text_as_the_paper_prints_it() -> None:
    found = {key: shown(fact["value"], str(fact["unit"])) for key, fact in FACTS.items()}
    assert found["claim.a-b.effect"] == "43 %"
    assert found["claim.a-b.blur=0.8 share=7.5 %.low"] == "−0.0016"
    assert found["s.clean"] == "10 %"
    assert found["s.blurs"] == "0.4, 0.8"
    assert found["s.images"] == "200000"
    assert found["s.none"] == "–"


def test_every_number_has_a_line_with_its_key_and_its_macro() -> None:
    text = numbers_text("cpu", FACTS)
    lines = [line for line in text.splitlines() if line.startswith(r"\PatinaSet")]
    assert len(lines) == len(FACTS)
    assert r"\PatinaSet{s.clean}{\PatinasDotclean}{10 \%}" in lines
    keys = [re.match(r"\\PatinaSet\{(.*?)\}", line) for line in lines]
    assert {key[1] for key in keys if key} == {looked_up(key) for key in FACTS}


def test_all_keys_of_the_method_are_looked_up_by_different_names() -> None:
    known = Facts()
    constants(known)
    assert len({looked_up(key) for key in known.entries}) == len(known.entries)


@pytest.fixture(scope="module")
def exported(
    tmp_path_factory: pytest.TempPathFactory,
    studies: dict[str, list[Record]],
    results: Callable[..., Results],
) -> Path:
    known = Facts()
    constants(known)
    folder = tmp_path_factory.mktemp("latex")
    every = [results(studies[name]) for name in ("ambient_blur", "calibration", "loops_laws")]
    write_latex(folder, "smoke", {**known.entries, **FACTS}, every)
    return folder


def test_what_is_exported_is_named_by_study(exported: Path) -> None:
    there = {str(path.relative_to(exported)) for path in exported.rglob("*.*")}
    names = ("ambient_blur", "calibration", "loops_laws")
    assert there == {
        "numbers.tex",
        "example.tex",
        *(f"tables/{name}.tex" for name in names),
        *(f"figures/{name}.pdf" for name in names),
    }
    for name in names:
        assert r"\toprule" in (exported / "tables" / f"{name}.tex").read_text()
        assert (exported / "figures" / f"{name}.pdf").read_bytes().startswith(b"%PDF-")


def test_the_command_exports_published_studies(tmp_path: Path) -> None:
    into = tmp_path / "latex"
    asked = ["latex", "--from", "results/v1", "--scale", "smoke", "--into", str(into)]
    assert main([*asked, "--studies", "loops_laws"]) == 0
    text = (into / "numbers.tex").read_text()
    assert r"\PatinaSet{claim.loop-stable-for-every-lambda.word}" in text
    assert "ambient_blur." not in text
    assert main([*asked, "--studies", "no_such_study"]) == 2


def run(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    """Compile a document where it lies; tectonic takes no options of TeX's."""
    program = os.environ["PATINA_LATEX"]
    options = [] if "tectonic" in program else ["-interaction=nonstopmode", "-halt-on-error"]
    return subprocess.run(
        [program, *options, name], cwd=folder, capture_output=True, text=True, check=False,
        errors="replace",
    )  # fmt: skip


@pytest.mark.latex
def test_it_compiles(exported: Path) -> None:
    done = run(exported, "example.tex")
    assert done.returncode == 0, done.stdout[-2000:]
    assert (exported / "example.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.latex
def test_every_character_and_every_number_compile(exported: Path) -> None:
    marks = [chr(code) for code in range(32, 127)] + list(TEX) + list("漢…é\u2028")
    body = "\n\n".join(tex(f"{mark} {mark}{mark} a{mark}b") for mark in marks)
    body += "".join(f"\n\n{macro(key)} \\PatinaNumber{{{looked_up(key)}}}" for key in FACTS)
    text = (exported / "example.tex").read_text()
    start, end = text.index(r"\begin{document}"), text.index(r"\end{document}")
    whole = text[:start] + "\\begin{document}\n" + body + "\n" + text[end:]
    (exported / "all.tex").write_text(whole)
    done = run(exported, "all.tex")
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Missing character" not in (exported / "all.log").read_text(errors="replace")


@pytest.mark.latex
def test_a_key_that_is_not_there_stops_the_document_and_is_named(exported: Path) -> None:
    text = (exported / "example.tex").read_text()
    wrong = text.replace("\\begin{document}", "\\begin{document}\\PatinaNumber{no.such-key_}")
    (exported / "wrong.tex").write_text(wrong)
    done = run(exported, "wrong.tex")
    assert done.returncode != 0
    assert "no number with the key no.such-key_" in done.stdout.replace("\n", "")
