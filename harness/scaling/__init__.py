"""Scaling laws: how a loss falls with sizes, fitted with honest intervals.

A form is one row here: a frozen dataclass that follows ``harness.scaling.form.Form``.
"""

from harness.table import Table

FORMS = Table(
    "form",
    {
        "power_with_floor": "harness.scaling.sums:POWER_WITH_FLOOR",
        "power": "harness.scaling.sums:POWER",
        "broken_power": "harness.scaling.broken:BROKEN_POWER",
        "exponential": "harness.scaling.sums:EXPONENTIAL",
        "two_powers_with_floor": "harness.scaling.sums:TWO_POWERS_WITH_FLOOR",
        "two_powers": "harness.scaling.sums:TWO_POWERS",
        "two_exponentials": "harness.scaling.sums:TWO_EXPONENTIALS",
    },
)
