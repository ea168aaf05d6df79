"""The figure of classifiers by number: marks where the records are, exponents of planted laws."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.records.record import Plain, Record, measured
from harness.report import style
from harness.report.figures.synthetic_scaling import BY_GUIDANCE, SOURCES, draw, missed, points
from harness.report.results import Results

Rows = Callable[..., list[Record]]
STUDY = "synthetic_scaling"
COUNTS = np.array([20, 40, 80, 160, 320, 640])
EXPONENTS = {"0": 0.5, "1": 0.4, "3": 0.25}
SPREAD = np.array([0.9, 1.0, 1.1])


def rows(metric: str, values: object, **params: Plain) -> list[Record]:
    cell = "-".join(str(params[name]) for name in sorted(params))
    return [
        measured(
            float(value), study=STUDY, cell_id=cell, params=params, replicate=k, metric=metric,
            unit="1", n=10**6, tier="tolerance",
        )
        for k, value in enumerate(np.asarray(values))
    ]  # fmt: skip


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """Errors (n / 10)^-alpha, .6 for real images; out of distribution .1 more."""
    found: list[Record] = []
    for count in map(int, COUNTS):
        arms: list[tuple[dict[str, Plain], float]] = [
            ({"arm": name}, 0.6) for name in ("real", "seen", "both, seen")
        ]
        for guidance, alpha in EXPONENTS.items():
            arms.append(({"arm": "synthetic", "guidance": guidance}, alpha))
            arms.append(({"arm": "both", "guidance": guidance}, 0.2))
            arms.append(({"arm": "more", "guidance": guidance}, 0.3))
        for who, alpha in arms:
            beyond = 32 if who["arm"] == "more" else 1
            where = {**who, "count": count * beyond}
            error = (count * beyond / 10) ** -alpha * SPREAD
            found += rows("error", error, **where) + rows("error_out", error + 0.1, **where)
            for c in range(6):
                rate = 0.1 * (c + 1) if who["arm"] == "synthetic" else 0.3
                found += rows(f"error/{c}", 0.5 * count**-rate * SPREAD, **where)
                if "guidance" in who:
                    found += rows(f"recognisability/{c}", 0.5 + 0.05 * c + 0 * SPREAD, **where)
    return found


def drawn(records: list[Record]) -> Figure:
    with style.applied(STUDY):
        made = draw(Results(STUDY, "smoke", records))
        made.set_layout_engine("none")
        made.draw_without_rendering()
    return made


@pytest.fixture(scope="module")
def picture(records: list[Record]) -> Figure:
    return drawn(records)


def marks(axes: Axes) -> dict[tuple[str, str], np.ndarray]:
    """Points [m, 2] by colour and face of the mark."""
    found = {}
    for line in axes.lines:
        if line.get_marker() not in ("None", "", None, "_", "|"):  # no ends of intervals
            key = str(line.get_color()), str(line.get_markerfacecolor())
            found[key] = np.array(line.get_xydata())
    return found


def test_points_are_means_with_the_interval_of_student(records: list[Record]) -> None:
    results = Results(STUDY, "smoke", records)
    sizes, middle, half = points(results, {"arm": "real"}, "error")
    assert sizes.tolist() == COUNTS.tolist()
    assert middle == pytest.approx((COUNTS / 10) ** -0.6)
    assert half == pytest.approx(4.302653 * 0.1 / 3**0.5 * middle)  # t of 2
    assert all(len(each) == 0 for each in points(results, {"arm": "nobody"}, "error"))


def test_each_source_stands_at_its_means_in_and_out_of_distribution(picture: Figure) -> None:
    panels = picture.get_axes()
    assert [each.get_title(loc="left")[1] for each in panels] == list("abcdef")
    for axes, shift in ((panels[0], 0), (panels[2], 0.1)):
        found = marks(axes)
        assert set(found) == {(look.colour, look.colour) for look in SOURCES.values()} | {
            (style.BLUE, "white")
        }
        real = found[style.BLACK, style.BLACK]
        assert real[:, 0] == pytest.approx(COUNTS)
        assert real[:, 1] == pytest.approx((COUNTS / 10) ** -0.6 + shift)
        samples = found[style.BLUE, style.BLUE]
        assert samples[:, 1] == pytest.approx((COUNTS / 10) ** -EXPONENTS["1"] + shift)
        more = found[style.BLUE, "white"]
        assert more[:, 1] == pytest.approx((COUNTS * 3.2) ** -0.3 + shift)
        assert more[0, 0] == pytest.approx(640, rel=0.1)


def test_exponents_are_those_of_the_laws(picture: Figure) -> None:
    legend = picture.get_axes()[1].get_legend()
    assert legend is not None
    texts = [text.get_text() for text in legend.get_texts()]
    planted = [f"samples, w = {w}: {EXPONENTS[w]:.2f}" for w in BY_GUIDANCE]
    assert texts == ["real: 0.60", *planted]


def test_classes_stand_at_their_score_and_rate(picture: Figure) -> None:
    found = marks(picture.get_axes()[3])
    for colour, rate in ((style.BLUE, 0.1 * np.arange(1, 7)), (style.BLACK, np.full(6, 0.3))):
        points_ = found[colour, colour]
        assert points_[:, 0] == pytest.approx(0.5 - 0.05 * np.arange(6))
        assert points_[:, 1] == pytest.approx(rate, abs=1e-3)


def test_it_is_drawn_without_rows(failed: Rows) -> None:
    lost = failed("no luck", 2, study=STUDY, arm="real", count=20)
    assert len(drawn(lost).get_axes()) == 6


def test_a_class_of_which_none_is_missed_stands_at_the_left_end_and_errors_to_0_are_cut() -> None:
    x, wide, never, cut = missed(np.array([0.0, 0.04, 0.08]), np.array([0.0, 0.035, 0.01]))
    assert x == pytest.approx([0.01, 0.04, 0.08])  # a quarter of the least share
    assert wide == pytest.approx(np.array([[0, 0.03, 0.01], [0, 0.035, 0.01]]))
    assert never.tolist() == [True, False, False]
    assert cut.tolist() == [False, True, False]
    every = missed(np.zeros(2), np.full(2, 0.1))
    assert (every[0] > 0).all()
    assert every[2].all()
    assert every[3].all()


def test_what_laws_leave_is_theirs(picture: Figure) -> None:
    """Of planted laws nothing, at any size, held out or not."""
    e, f = picture.get_axes()[4:]
    assert set(marks(e)) == {
        (look.colour, face)
        for look in (SOURCES["real"], *BY_GUIDANCE.values())
        for face in (look.colour, "none")
    }
    for left in marks(e).values():
        assert left[:, 1] == pytest.approx(0, abs=0.4)  # the median of runs for their mean
    assert {colour for colour, _ in marks(f)} == {style.BLACK, style.BLUE}
