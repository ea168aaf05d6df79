"""The look of series: each its own."""

from harness.report import style


def test_no_two_series_share_a_colour_while_there_are_others() -> None:
    noisy = ("ambient", "consistent", "averaged", "mixed", "clean", "oracle")
    found = style.looks(noisy)
    assert list(found) == list(noisy)
    assert len({look.colour for look in found.values()}) == len(noisy)
    assert found["clean"] == style.ARMS["clean"]
    assert len(style.looks([f"arm {i}" for i in range(9)])) == 9
