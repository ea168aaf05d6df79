"""The figure of the bridge: means and intervals of the rows, and what it does without them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from harness.metrics.excess_risk import NAMES, SIGMAS
from harness.records.record import Record
from harness.report import style
from harness.report.figures.gmm_bridge import _runs, better, curve, draw
from harness.report.results import Results
from harness.studies.gmm_bridge import level

Rows = Callable[..., list[Record]]
STUDY = "gmm_bridge"


@pytest.fixture(scope="module")
def bridge(rows: Rows) -> list[Record]:
    """Arms of the pair, trained and optimum: the risk of equals crosses that of clean at 1."""
    found: list[Record] = []
    for network, size in (("mlp", 2.0), ("optimum", 1.0)):
        for n1 in (25, 100, 400):
            for arm in ("clean", "all"):
                where: dict[str, Any] = {"arm": arm, "network": network, "n1": n1}
                where |= {"pair": "matched"} if arm == "all" else {}
                for name, sigma in zip(NAMES, SIGMAS):
                    mean = size / n1 / (sigma / level(n1) if arm == "all" else 1.0)
                    for part, share in (("excess", 1.0), ("bias", -0.1), ("variance", 0.6)):
                        values = share * mean * np.array([0.8, 1.0, 1.2])
                        found += rows(f"{part}/{name}", values, study=STUDY, **where)
    return found


def drawn(records: list[Record]) -> Figure:
    with style.applied(STUDY):
        made = draw(Results(STUDY, "smoke", records))
        made.set_layout_engine("none")
        made.draw_without_rendering()
    return made


def test_a_curve_is_the_mean_with_the_interval_of_student(bridge: list[Record]) -> None:
    groups = Results(STUDY, "smoke", bridge).groups
    sigma, middle, half = curve(groups[0], "excess")
    assert groups[0].params == {"arm": "clean", "network": "mlp", "n1": 25}
    assert sigma.tolist() == list(SIGMAS)
    assert middle == pytest.approx(np.full(13, 2 / 25))
    assert half == pytest.approx(4.302653 * 0.2 * 2 / 25 / 3**0.5)  # t of 2
    assert [len(each) for each in curve(groups[0], "departure")] == [0, 0, 0]
    assert [len(each) for each in curve(None, "excess")] == [0, 0, 0]


@pytest.fixture(scope="module")
def picture(bridge: list[Record]) -> Figure:
    return drawn(bridge)


def test_panels_show_the_risks_their_split_and_the_levels(picture: Figure) -> None:
    axes = picture.get_axes()
    assert [each.get_title(loc="left")[:3] for each in axes] == ["(a)", "(b)", "(c)", "(d)", "(e)"]
    shown = {line.get_label(): line for line in axes[0].get_lines()}
    assert {"clean", "all", "optimum", "infinite samples", "law at large noise"} <= set(shown)
    expected = 2 / 100 * level(100) / np.array(SIGMAS)
    assert shown["all"].get_ydata() == pytest.approx(expected)
    ratios = [line for line in axes[4].get_lines() if len(line.get_xdata()) == 13]  # type: ignore[arg-type]
    assert len(ratios) == 6  # three numbers of samples, network and optimum, on one curve
    for line in ratios:
        x, y = (np.asarray(each, float) for each in line.get_data())
        assert x * y == pytest.approx(1, rel=0.01)


def test_an_estimate_below_nothing_has_no_place_on_a_logarithm(picture: Figure) -> None:
    shown = {line.get_label(): line for line in picture.get_axes()[2].get_lines()}
    assert np.isnan(np.asarray(shown["bias"].get_ydata(), float)).all()
    assert np.isfinite(np.asarray(shown["variance"].get_ydata(), float)).all()


def test_where_the_network_is_better_the_ground_is_grey(
    picture: Figure, bridge: list[Record]
) -> None:
    assert not picture.get_axes()[2].patches  # twice the optimum's risk, everywhere
    swapped = {"mlp": "optimum", "optimum": "mlp"}
    turned = [
        Record(**{**vars(row), "params": {**row.params, "network": swapped[row.params["network"]]}})  # type: ignore[index,arg-type]
        for row in bridge
    ]
    assert len(drawn(turned).get_axes()[2].patches) == 1


def test_better_asks_for_an_interval_of_pairs_below_nothing(rows: Rows) -> None:
    """Differences of -2, -1 and 0 are -1 +- 2.5; those of -1.2, -1 and -0.8 are -1 +- 0.5."""
    found: list[Record] = []
    for network, first, second in (
        ("mlp", [11.0, 2.0, 3.0], [10.8, 2.0, 2.2]),
        ("optimum", [13.0, 3.0, 3.0], [12.0, 3.0, 3.0]),
    ):
        for name, values in ((NAMES[0], first), (NAMES[1], second)):
            found += rows(f"excess/{name}", values, study=STUDY, network=network)
    own, other = Results(STUDY, "smoke", found).groups
    assert better(own, other).tolist() == [False, True] + [False] * 11
    assert not better(other, own).any()
    assert not better(None, own).any()


def test_runs_reach_half_a_step_beyond_their_levels() -> None:
    sigma = np.array([1.0, 4.0, 16.0, 64.0, 256.0])
    found = _runs(sigma, np.array([True, True, False, False, True]))
    assert found == [(0.5, 8.0), (128.0, 512.0)]
    assert _runs(sigma, np.zeros(5, bool)) == []


def test_it_is_drawn_without_rows(failed: Rows) -> None:
    lost = failed("no luck", 2, study=STUDY, arm="clean", network="mlp", n1=100)
    assert len(drawn(lost).get_axes()) == 5
