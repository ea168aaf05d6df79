"""Laws on points: planted ones leave nothing and continue; what is off them is left as it is."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import t

from harness.claims.curve import Curve
from harness.records.record import Record, measured
from harness.report import style
from harness.report.figures import heads
from harness.report.figures.fitted import Law, law_of, left, lines
from harness.report.results import Results

SIZES = np.array([10.0, 20, 40, 80, 160])
RUNS = np.array([-0.02, 0.0, 0.02])  # log deviations of three runs
HALF = t.ppf(0.975, 2) * 0.02 / 3**0.5
METRIC = Curve("loss", "n", "gated")
EFFECT = Curve("loss", "n", "gated", "clean", "log_ratio")
LOOK = style.Look(style.BLUE, "s", "--")


def made(level, baseline: bool = False) -> Results:
    """A metric by size; with a baseline of 1 beside it, its effect is the log of the level."""
    found = []
    for n in SIZES:
        arms = [("gated", level(n) * np.exp(RUNS))]
        arms += [("clean", np.ones(3))] if baseline else []
        for arm, values in arms:
            params = {"arm": arm, "n": float(n)}
            found += [
                measured(
                    float(value), study="s", cell_id=f"{arm}{n}", params=params, replicate=k,
                    metric="loss", unit="1", tier="tolerance",
                )
                for k, value in enumerate(values)
            ]  # fmt: skip
    return Results("s", "cpu", found)


def law(results: Results, curve: Curve, form: str | None = None) -> Law:
    found = law_of(results, curve, form)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_a_planted_power_law_leaves_nothing_and_continues() -> None:
    found = law(made(lambda n: 3 * n**-0.5), METRIC)
    assert found.out.tolist() == [False] * 4 + [True]
    assert found.left == pytest.approx(0, abs=1e-3)
    assert found.continued == pytest.approx(0, abs=1e-2)
    assert found.half == pytest.approx(100 * np.expm1(HALF), rel=1e-3)
    assert found.whole(np.array([40.0, 640.0])) == pytest.approx(
        3 * np.array([40.0, 640]) ** -0.5, rel=1e-4
    )


def test_the_form_is_the_nearer_one_unless_it_is_named() -> None:
    floored = made(lambda n: 1 + 20 / n)
    assert law(floored, METRIC).left == pytest.approx(0, abs=1e-2)
    assert np.abs(law(floored, METRIC, "power").left).max() > 2


def test_a_point_off_the_law_of_the_others_is_left_by_it() -> None:
    """The largest size is a tenth above the law of the others, which does not see it."""
    found = law(made(lambda n: 3 * n**-0.5 * (1.1 if n == 160 else 1)), METRIC, "power")
    assert found.continued == pytest.approx(10, abs=0.01)
    assert 0 < found.left[-1] < 9
    assert found.others is not None
    assert found.others(np.array([160.0])) == pytest.approx(3 * 160**-0.5, rel=1e-4)


def test_what_is_left_of_an_effect_is_in_standard_errors() -> None:
    error = 0.02 / 3**0.5
    shift = {160.0: 3 * error}
    results = made(lambda n: np.exp(-5 / n + shift.get(n, 0)), baseline=True)
    found = law(results, EFFECT)
    assert found.continued == pytest.approx(3, abs=0.01)
    assert found.half == pytest.approx(t.ppf(0.975, 2))
    assert found.others is not None
    assert found.others(SIZES) == pytest.approx(-5 / SIZES, rel=1e-3)
    assert abs(found.left[0]) < 1


def test_there_is_no_law_of_few_sizes() -> None:
    rows: list[Record] = [row for row in made(lambda n: 3 / n).records if row.params["n"] < 100]  # type: ignore[operator]
    assert law_of(Results("s", "cpu", rows), METRIC) is None
    assert law_of(Results("s", "cpu", []), EFFECT) is None


def drawn(axes: Axes) -> list[np.ndarray]:
    return [np.asarray(line.get_xydata()) for line in axes.lines]


def test_the_law_is_drawn_over_its_sizes_and_dotted_to_the_one_held_out() -> None:
    axes = Figure().subplots()
    lines(axes, law(made(lambda n: 3 * n**-0.5), METRIC), LOOK, lambda y: 100 * y, "named")
    whole, dotted = drawn(axes)
    assert whole[[0, -1], 0].tolist() == [10, 160]
    assert dotted[[0, -1], 0].tolist() == [80, 160]
    assert axes.lines[0].get_label() == "named"
    assert axes.lines[1].get_linestyle() == ":"
    for line in (whole, dotted):
        assert line[:, 1] == pytest.approx(300 * line[:, 0] ** -0.5, rel=1e-3)


def test_what_is_left_is_drawn_with_what_the_others_leave_hollow() -> None:
    found = law(made(lambda n: 3 * n**-0.5 * (1.1 if n == 160 else 1)), METRIC, "power")
    axes = Figure().subplots()
    left(axes, [(None, LOOK), (found, LOOK)])
    marks = {
        line.get_fillstyle(): np.asarray(line.get_xydata())
        for line in axes.lines
        if line.get_marker() == "s"
    }
    assert marks["full"][:, 1] == pytest.approx(found.left)
    assert marks["full"][:, 0] == pytest.approx(1.03 * SIZES)  # the second series
    assert marks["none"] == pytest.approx(np.array([[1.03 * 160, found.continued[0]]]))
    assert [text.get_text() for text in axes.texts] == []
    none = Figure().subplots()
    left(none, [(None, LOOK)], in_errors=True)
    assert [text.get_text() for text in none.texts] == ["no law is fitted"]
    assert list(none.get_xticks()) == list(none.get_yticks()) == []
    errors = Figure().subplots()
    left(errors, [(found, LOOK)], in_errors=True)
    assert "errors" in errors.get_ylabel()
    assert "%" in axes.get_ylabel()


def test_heads_stand_where_intervals_are_cut_and_nowhere_else() -> None:
    axes = Figure().subplots()
    for point in (heads.below, heads.left):
        point(axes, np.empty(0), np.empty(0), style.BLUE)
    assert axes.lines[:] == []
    heads.below(axes, np.array([1.0, 2]), np.array([3.0, 4]), style.BLUE)
    heads.left(axes, np.array([5.0]), np.array([6.0]), style.GREEN)
    found = [(line.get_marker(), np.asarray(line.get_xydata()).tolist()) for line in axes.lines]
    assert found == [("v", [[1, 3], [2, 4]]), ("<", [[5, 6]])]
