"""The look of series: each its own."""

import pytest

from harness.report import style


def test_no_two_series_share_a_colour_while_there_are_others() -> None:
    noisy = ("ambient", "consistent", "averaged", "mixed", "clean", "oracle")
    found = style.looks(noisy)
    assert list(found) == list(noisy)
    assert len({look.colour for look in found.values()}) == len(noisy)
    assert found["clean"] == style.ARMS["clean"]
    assert len(style.looks([f"arm {i}" for i in range(9)])) == 9


@pytest.mark.parametrize(
    "ends", [(5.8e4, 9.3e4), (1.1e-4, 1.9e-4), (1.2, 1.9), (0.2, 0.39), (3, 9)]
)
def test_ticks_of_a_narrow_logarithmic_axis_are_several_and_say_where_they_are(
    ends: tuple[float, float],
) -> None:
    axes = style.figure(2.0).subplots()
    axes.set(xscale="log", xlim=ends)
    style.log_ticks(axes)
    shown = [at for at in axes.get_xticks() if ends[0] <= at <= ends[1]]
    assert 2 <= len(shown) <= 6
    said = [axes.xaxis.get_major_formatter()(at, 0) for at in shown]
    assert [number(text) for text in said] == pytest.approx(shown)


def number(text: str) -> float:
    """A label of a tick as a number."""
    digits = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    mantissa, _, power = text.rpartition("10") if "10" in text and "×" in text else (text, "", "0")
    return float(mantissa.rstrip("×")) * 10.0 ** int((power or "0").translate(digits))
