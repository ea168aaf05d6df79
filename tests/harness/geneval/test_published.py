"""Published scores: an overall score is the mean of its tasks, to the digits that are printed."""

from statistics import mean

import pytest

from harness.geneval.published import PUBLISHED
from harness.geneval.vocabulary import TASKS


@pytest.mark.parametrize("row", [row for row in PUBLISHED if row.tasks], ids=lambda row: row.model)
def test_the_overall_score_is_the_mean_of_the_tasks_within_rounding(row) -> None:
    """Each of six printed means is off by 0.005 at most, so is their mean, so is the score."""
    assert len(row.tasks) == len(TASKS)
    assert abs(mean(row.tasks) - row.overall) <= 0.01
    assert all(round(value, 2) == value for value in (row.overall, *row.tasks))


def test_each_row_has_a_source_and_says_that_it_has_no_interval() -> None:
    assert len({row.model for row in PUBLISHED}) == len(PUBLISHED) == 7
    for row in PUBLISHED:
        assert row.interval == "no interval given"
        assert "20" in row.source
    assert {row.model: row.overall for row in PUBLISHED}["Fluid 10.5B"] == 0.69
