"""Numbers as text: as many digits as their error supports, and no more.

A mean is shown with its standard error, the error with two digits. Without an error a number has
three significant digits. The minus sign is the true one.
"""

import math

ABSENT = "–"
ROUNDING = 1e-12  # an error of so little of the value is that of the arithmetic
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def plain(value: float | None, digits: int = 3) -> str:
    """A number to some significant digits; a dash for None."""
    if value is None:
        return ABSENT
    value = value or 0.0  # a zero has no sign
    if value and not 1e-4 <= abs(value) < 1e6:
        return scientific(value, digits)
    text = f"{value:.{digits}g}"
    if "e" in text:
        text = f"{value:.0f}"
    return text.replace("-", "−")


def three(value: float | None) -> str:
    """A number to three significant digits, zeros at its end kept; a dash for None."""
    if value is None or not 1e-3 <= abs(value) < 1e3:
        return plain(value)
    return f"{value:#.3g}".removesuffix(".").replace("-", "−")


def scientific(value: float, digits: int) -> str:
    """A number of any size as 1.23×10⁴."""
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    power = "10" + str(int(exponent)).translate(SUPERSCRIPT)
    return f"{mantissa}×{power}".replace("-", "−")


def with_error(value: float | None, error: float | None) -> str:
    """``1.234 ± 0.056``: both to the second digit of the error."""
    if value is None or error is None or not math.isfinite(error):
        return plain(value)
    if error <= ROUNDING * abs(value):
        return plain(value)
    if abs(value) >= 1e6 or error < 1e-5:
        return f"{plain(value)} ± {plain(error, 2)}"
    places = max(0, 1 - math.floor(math.log10(error)))
    return f"{value:.{places}f} ± {error:.{places}f}".replace("-", "−")


def change(log_ratio: float | None) -> float | None:
    """A log-ratio as a change in per cent, 100 (e^x - 1); None stays None."""
    return None if log_ratio is None else 100 * math.expm1(min(log_ratio, 700.0))


def smallest(value: float | None, unit: str) -> str:
    """An effect that could have been resolved; one above 1000 per cent is no more than that."""
    if unit == "%" and value is not None and value > 1000:
        return "> 1000"
    return plain(value, 2)


def signed(value: float | None, places: int) -> str:
    """A number with its sign and so many decimal places; what rounds to 0 has no sign."""
    if value is None:
        return ABSENT
    if abs(value) >= 1e6:
        return ("+" if value > 0 else "") + scientific(value, 2)
    text = f"{value:+.{places}f}"
    return text.replace("-", "−") if float(text) else text[1:]


def with_interval(value: float | None, low: float | None, high: float | None) -> str:
    """``+1.23 [+0.98, +1.48]``: to the second digit of the interval's half width."""
    if value is None:
        return ABSENT
    if low is None or high is None:
        return signed(value, _places(value))
    places = _places((high - low) / 2) if high > low else _places(value)
    return f"{signed(value, places)} [{signed(low, places)}, {signed(high, places)}]"


def _places(size: float) -> int:
    """Decimal places that show the second digit of a size."""
    return min(6, max(0, 1 - math.floor(math.log10(abs(size))))) if size else 0


def span(values: list[float]) -> str:
    """``low – high`` of some numbers, or the one number."""
    if not values:
        return ABSENT
    low, high = plain(min(values)), plain(max(values))
    return low if low == high else f"{low} to {high}"


def share(part: float, whole: float) -> str:
    """A share in per cent, without decimals; a dash of nothing."""
    return f"{100 * part / whole:.0f} %" if whole else ABSENT
