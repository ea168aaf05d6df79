"""A figure inside the page: its SVG without what no reader sees, as a data URL.

Metadata, comments and indentation go, and places keep two decimals: of points, a 200th of one.
Numbers of a figure are read in the rows beside it, not from its paths. Text in a URL is a quarter
smaller than base64, and single quotes stay as they are where double ones would be three characters.
"""

import re
from urllib.parse import quote

KEPT = " /:;=,.-+()!*'~@?$[]|"  # what a data URL in double quotes may hold as it is
UNSEEN = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", re.DOTALL)
PLACES = re.compile(r'\b(d|x|y|x1|x2|y1|y2|points)="[^"]*"|translate\([^)]*\)')
LONG = re.compile(r"-?\d*\.\d{3,}")


def url(svg: str) -> str:
    """An SVG as the source of an image; nothing in it needs an escape within double quotes."""
    small = UNSEEN.sub("", svg)
    small = PLACES.sub(lambda found: LONG.sub(_rounded, found.group()), small)
    small = re.sub(r">\s+<", "><", re.sub(r"\s+", " ", small)).strip()
    if "'" not in small:
        small = small.replace('"', "'")
    return "data:image/svg+xml," + quote(small, safe=KEPT)


def _rounded(found: re.Match[str]) -> str:
    text = f"{float(found.group()):.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
