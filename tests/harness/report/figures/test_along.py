"""Figures of gains along a size: means, Student's intervals, fitted laws, and levels of noise."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy.stats import t

from harness.claims.curve import Curve
from harness.metrics.excess_risk import SIGMAS
from harness.records.record import Record, measured
from harness.report import style
from harness.report.figures.along import finish, gains, per_cent, runs, series
from harness.report.figures.ambient_scaling import switches
from harness.report.figures.fitted import law_of
from harness.report.results import Results

SIZES = (10, 20, 40, 80, 160)
CURVE = Curve("loss", "n", "gated", "clean", "log_ratio")


def rows(arm: str, metric: str, n: int, values, **params) -> list[Record]:
    params = {"arm": arm, "n": n, **params}
    return [
        measured(
            float(value), study="s", cell_id=str(sorted(params.items())), params=params,
            replicate=k, metric=metric, unit="1", tier="tolerance",
        )
        for k, value in enumerate(values)
    ]  # fmt: skip


def made(gain) -> Results:
    """A gain, as a log-ratio, with runs that are .01 apart."""
    found = []
    for n in SIZES:
        found += rows("clean", "loss", n, [1.0, 2.0, 4.0])
        found += rows("gated", "loss", n, [1, 2, 4] * np.exp(np.array([-0.01, 0, 0.01]) - gain(n)))
    return Results("s", "cpu", found)


def test_a_gain_is_what_is_taken_off_the_baseline_with_student_s_interval() -> None:
    sizes, found = gains(made(lambda n: 0.2), CURVE)
    assert sizes.tolist() == list(SIZES)
    half = t.ppf(0.975, 2) * 0.01 / np.sqrt(3)
    expected = [100 * (1 - np.exp(-0.2 + off)) for off in (0, half, -half)]
    assert found == pytest.approx(np.tile(expected, (5, 1)))
    assert (found[:, 1] < found[:, 2]).all()


def test_the_law_through_gains_is_the_power_that_made_them() -> None:
    at = np.array([10.0, 30, 160])
    found = law_of(made(lambda n: 2 / n), CURVE)
    assert found is not None
    assert per_cent(found.whole(at)) == pytest.approx(100 * (1 - np.exp(-2 / at)), rel=1e-4)
    few = [row for row in made(lambda n: 2 / n).records if row.params["n"] < 100]
    assert law_of(Results("s", "cpu", few), CURVE) is None
    assert runs(made(lambda n: 2 / n), CURVE) == "n = 3"
    assert runs(Results("s", "cpu", []), CURVE) == ""


def test_a_panel_has_a_point_a_size_and_a_fitted_line_where_asked() -> None:
    look = style.Look(style.BLUE, "o", "-")
    for fitted, count in ((False, 1), (True, 3)):
        axes = Figure().subplots()
        series(axes, made(lambda n: 2 / n), CURVE, look, "name", 1, fitted)
        assert len(axes.lines) == count
        assert axes.lines[0].get_xdata() == pytest.approx(np.multiply(SIZES, 1.03))
    empty = Figure().subplots()
    series(empty, Results("s", "cpu", []), CURVE, look, "name")
    finish(empty, "a", "title", "size")
    assert [line.get_xdata() for line in empty.lines] == [[0, 1]]  # that of no gain alone


def test_levels_have_the_interval_of_the_jackknife() -> None:
    found = []
    g = np.random.default_rng(0)
    for n in (25, 50, 100, 200, 400):
        for sigma in SIGMAS:
            base = np.full(6, 2 / n)
            effect = ((0.1 * n**0.5) ** 2 / sigma**2 - 1 + 0.02 * g.normal(size=6)) / n
            for arm, values in (("clean", base), ("all", base + effect)):
                params = {"arm": arm, "n1": n, "data": "line", "network": "mlp"}
                found += [
                    measured(
                        float(v), study="s", cell_id=f"{arm}{n}", params=params, replicate=k,
                        metric=f"excess/{sigma:.4g}", unit="1", tier="tolerance",
                    )
                    for k, v in enumerate(values)
                ]  # fmt: skip
    sizes, ends = switches(Results("s", "cpu", found), "mlp")
    middle, low, high = ends.T
    assert middle == pytest.approx(0.1 * sizes**0.5, rel=0.03)
    assert (low < middle).all()
    assert (middle < high).all()
    assert high / low == pytest.approx(1 + 2 * t.ppf(0.975, 5) * 0.01 / 6**0.5, abs=0.02)
    assert switches(Results("s", "cpu", found), "optimum")[0].size == 0
