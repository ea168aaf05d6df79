"""A figure in the page is the figure: what is cut from its SVG is what no reader sees."""

import xml.etree.ElementTree as Xml
from urllib.parse import unquote

import pytest

from harness.report.drawing import url

SVG = """<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "x" "y">
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 468 20">
 <metadata><a b="1"/></metadata>
 <!-- a title -->
 <g id="a">
  <path d="M 0.123456 -0.000001
L 1000.98765 .999" style="fill: #ffffff" transform="scale(0.015625)"/>
  <use x="1.005999" y="3" transform="translate(1.23456 2)"/>
 </g>
</svg>
"""


def drawn(source: str) -> Xml.Element:
    head, _, text = source.partition(",")
    assert head == "data:image/svg+xml"
    return Xml.fromstring(unquote(text))


def test_every_element_stays_and_places_keep_two_decimals() -> None:
    root = drawn(url(SVG))
    assert [one.tag.partition("}")[2] for one in root.iter()] == ["svg", "g", "path", "use"]
    path, use = root[0]
    numbers = [float(part) for part in path.attrib["d"].split() if part not in "ML"]
    assert numbers == [0.12, 0.0, 1000.99, 1.0]
    assert path.attrib["transform"] == "scale(0.015625)"  # no place: it stays as it is
    assert path.attrib["style"] == "fill: #ffffff"
    assert use.attrib["x"] == "1.01"
    assert use.attrib["transform"] == "translate(1.23 2)"
    assert "metadata" not in url(SVG)


def test_it_can_stand_in_an_attribute_as_it_is() -> None:
    text = url(SVG)
    assert not set(text) & set('<>"&#\n')


@pytest.mark.parametrize("text", ["it's", '"', "&amp; 100 % <"])
def test_hostile_text_stays_text(text: str) -> None:
    escaped = text if "&" in text else text.replace("<", "&lt;")
    escaped = escaped.replace("<", "&lt;")
    root = drawn(url(f'<svg xmlns="http://www.w3.org/2000/svg"><text a="1">{escaped}</text></svg>'))
    assert root[0].attrib == {"a": "1"}
    assert (root[0].text or "").replace('"', "'") == text.replace("&amp;", "&").replace('"', "'")


def test_an_apostrophe_in_an_attribute_breaks_nothing() -> None:
    style = "font-family: 'DejaVu Sans'"
    root = drawn(url(f'<svg xmlns="http://www.w3.org/2000/svg"><text style="{style}"/></svg>'))
    assert root[0].attrib == {"style": style}
