"""Layouts: no two rows of a table of means read alike, in any study, at any scale."""

from collections import Counter

import pytest

from harness.report.layouts import LAYOUTS, layout
from harness.report.words import words
from harness.scale import read_sizes, scales
from harness.studies import STUDIES

TABLED = [name for name, shown in LAYOUTS.items() if "means" in shown.parts and shown.rows]


@pytest.mark.parametrize("study", TABLED)
def test_no_two_cells_of_a_grid_have_the_same_row_label(study: str) -> None:
    rows = layout(study).rows
    for scale in scales():
        cells = STUDIES[study].cells(read_sizes(scale))
        assert cells
        read = Counter(tuple(words(cell.labels().get(name)) for name in rows) for cell in cells)
        assert [label for label, count in read.items() if count > 1] == [], scale


def test_every_study_with_means_is_held() -> None:
    assert {"class_tilt", "ambient_blur", "annotators", "gmm_bridge", "fluid_grid"} <= set(TABLED)


@pytest.mark.parametrize("study", [name for name, shown in LAYOUTS.items() if shown.elsewhere])
def test_a_line_that_is_elsewhere_is_one_of_the_study(study: str) -> None:
    cells = STUDIES[study].cells(read_sizes("cpu"))
    levels = {str(value) for cell in cells for value in cell.labels().values()}
    for line, where in layout(study).elsewhere:
        assert line in levels
        arm, _, there = where.partition(" is in ")
        asked = {"setting": line, "arm": arm}.items()
        assert not any(asked <= cell.labels().items() for cell in cells)
        assert any(cell.labels()["arm"] == arm for cell in STUDIES[there].cells(read_sizes("cpu")))
