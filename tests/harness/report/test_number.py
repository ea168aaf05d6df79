"""Numbers as text: what is printed is the number, to the digits that its error supports."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.report import number


def parsed(text: str) -> float:
    mantissa, mark, power = text.replace("−", "-").partition("×10")
    digits = power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return float(mantissa) * (10.0 ** int(digits) if mark else 1.0)


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (1.23456, 0.0123, "1.235 ± 0.012"),
        (-1.23456, 0.5, "−1.23 ± 0.50"),
        (123.456, 12.3, "123 ± 12"),
        (1234.5, 400.0, "1234 ± 400"),
        (2.0, None, "2"),
        (2.0, 0.0, "2"),
        (None, None, "–"),
    ],
)
def test_mean_and_error_to_the_second_digit_of_the_error(
    value: float | None, error: float | None, text: str
) -> None:
    assert number.with_error(value, error) == text


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.floats(-1e5, 1e5), st.floats(1e-4, 1e3))
def test_a_printed_mean_is_off_by_a_twentieth_of_its_error_at_most(
    value: float, error: float
) -> None:
    shown, shown_error = (parsed(text) for text in number.with_error(value, error).split(" ± "))
    assert abs(shown - value) <= 0.5 * 10 ** math.floor(math.log10(error) - 1) + 1e-9 * abs(value) \
        or abs(shown - value) <= 0.5  # fmt: skip
    assert abs(shown_error - error) <= max(0.05 * error, 0.5)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.floats(-1e12, 1e12).filter(lambda x: abs(x) > 1e-12))
def test_a_plain_number_has_three_digits(value: float) -> None:
    assert parsed(number.plain(value)) == pytest.approx(value, rel=5.01e-3)


def test_a_log_ratio_is_a_change_in_per_cent() -> None:
    change = number.change(math.log(0.95))
    assert change == pytest.approx(-5)
    assert number.with_interval(change, number.change(-0.08), number.change(-0.02)) == (
        "−5.0 [−7.7, −2.0]"
    )
    assert number.change(None) is None
    assert math.isfinite(number.change(1e4) or 0.0)


def test_what_rounds_to_nothing_has_no_sign() -> None:
    assert number.signed(-0.004, 2) == "0.00"
    assert number.signed(0.006, 2) == "+0.01"


def test_an_effect_that_nothing_could_have_resolved_is_no_astronomical_number() -> None:
    assert number.smallest(1e26, "%") == "> 1000"
    assert number.smallest(12.34, "%") == "12"
    assert number.smallest(1234.0, "nats") == "1234"


def test_three_digits_keep_their_zeros() -> None:
    assert [number.three(x) for x in (8.0, 39.0, 217.6, 1.234, 1234.0, None)] == [
        "8.00", "39.0", "218", "1.23", "1234", "–",
    ]  # fmt: skip


def test_spans_and_shares() -> None:
    assert number.span([3.0, 1.0, 2.0]) == "1 to 3"
    assert number.span([1.0, 1.0]) == "1"
    assert number.span([]) == "–"
    assert number.share(1, 3) == "33 %"
    assert number.share(0, 0) == "–"
