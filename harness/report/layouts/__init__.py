"""What the table of each study shows, and its figure: one row a study, a file a family of studies.

A study without a row gets ``DEFAULT``: the mean of every metric in every cell, as a table and as
dots. To show a new study otherwise, add its row to the family that it belongs to.
"""

from harness.report.layout import Layout
from harness.report.layouts.conditions import CONDITIONS
from harness.report.layouts.growth import GROWTH
from harness.report.layouts.images import IMAGES
from harness.report.layouts.instruments import INSTRUMENTS
from harness.report.layouts.laws import LAWS

DEFAULT = Layout()
LAYOUTS: dict[str, Layout] = {**LAWS, **INSTRUMENTS, **IMAGES, **CONDITIONS, **GROWTH}


def layout(study: str) -> Layout:
    """The layout of a study, or the default one."""
    return LAYOUTS.get(study, DEFAULT)
