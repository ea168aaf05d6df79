"""The drawing of a specification curve: every choice is a point, and every word is escaped."""

from xml.etree import ElementTree

import pytest

from harness.claims.specification import Curve, Data, Specification
from harness.report.specification_curve import REACH, drawn

SVG = "{http://www.w3.org/2000/svg}"


def one(effect: float, data: Data = "all", **more: object) -> Specification:
    given: dict[str, object] = {"condition": "", "left": "", "n": 3, "metric": "fd_random_conv"}
    given |= {"unit": "log ratio", "claimed": -1, "margin": 0.1, **more}
    return Specification(data=data, effect=effect, **given)  # type: ignore[arg-type]


def parsed(*found: Specification) -> ElementTree.Element:
    text = drawn(Curve('a <b> & "c"', found))
    return ElementTree.fromstring(text.replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1))


def circles(tree: ElementTree.Element) -> list[ElementTree.Element]:
    return list(tree.iter(f"{SVG}circle"))


def test_a_point_a_choice_and_up_is_the_claimed_direction() -> None:
    tree = parsed(
        one(-0.2, low=-0.3, high=-0.1, planned=True),
        one(0.3, low=0.2, high=0.4, condition="blur=0.8"),
        one(-0.25, "one replicate", left="1"),
        one(-9.0, condition="beyond"),
    )
    points = circles(tree)
    kinds = [point.get("class") for point in points]
    assert sorted(kinds) == ["open", "open", "planned", "run"]
    heights = {
        p.get("class"): float(p.get("cy") or "nan") for p in points if p.get("class") != "open"
    }
    # 0.2 below 0 is two margins in the claimed direction: 2 / REACH of the way up
    zero, top = 12 + 90.0, 12.0
    assert heights["planned"] == pytest.approx(zero - (zero - top) * 2 / REACH, abs=0.06)
    assert heights["run"] == pytest.approx(zero - (zero - top) * 2.5 / REACH, abs=0.06)
    across = [float(p.get("cx") or "nan") for p in points if p.get("class") != "run"]
    up = [float(p.get("cy") or "nan") for p in points if p.get("class") != "run"]
    assert across == sorted(across)
    assert up == sorted(up)  # the most favourable first, at the top
    assert up[0] == pytest.approx(top)  # what lies beyond ends at the edge
    titles = [p.findtext(f"{SVG}title") or "" for p in points]
    assert any("−18.1 [−25.9, −9.5] %" in title and "3 pairs" in title for title in titles)
    assert any("replicate 1 alone" in title for title in titles)
    assert len(list(tree.iter(f"{SVG}path"))) == 3  # two intervals and the line of no effect


def test_the_rows_below_are_the_choices_that_vary_in_the_order_of_their_numbers() -> None:
    shares = ("10 %", "2.5 %", "<half>")
    tree = parsed(
        *(one(0.1, factors=(("network", "mlp"), ("share", share))) for share in shares),
        one(0.2, "without a photograph", left="cat", factors=(("network", "mlp"),)),
    )
    labels = [text.text for text in tree.iter(f"{SVG}text")]
    left = "a photograph left out"  # the network is the same in all of them
    assert labels[3:] == ["FD random conv", "share: 2.5 %", "share: 10 %", "share: <half>", left]
    assert len(list(tree.iter(f"{SVG}rect"))) == 1 + 4 + 3 + 1  # the band, and a mark a choice


def test_it_speaks_to_those_who_do_not_see_it_and_is_empty_without_choices() -> None:
    label = parsed(one(-0.2, low=-0.3, high=-0.1), one(0.2)).get("aria-label") or ""
    assert 'a <b> & "c": 50% of the choices have its direction; 1 intervals for it, 0' in label
    assert drawn(Curve("c", ())) == ""
