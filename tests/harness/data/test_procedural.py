"""The row of drawn images: what parameters decide, and what is refused."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.data.load import load
from harness.data.procedural import KINDS
from harness.problem import Problem


@given(
    st.sampled_from(sorted(KINDS)),
    st.integers(4, 20),
    st.sampled_from([1, 3]),
    st.integers(10, 40),
    st.integers(0, 9),
)
@settings(max_examples=60, deadline=None)
def test_every_kind_draws_what_is_asked(
    kind: str, side: int, channels: int, count: int, seed: int
) -> None:
    asked: dict[str, Any] = {"side": side, "channels": channels, "count": count, "seed": seed}
    images = load("procedural", kind=kind, **asked)
    assert images.pixels.shape == (count, channels, side, side)
    np.testing.assert_array_equal(np.flatnonzero(images.test), np.arange(9, count, 10))
    np.testing.assert_array_equal(images.region, np.arange(count))
    assert images.labels is None
    assert len({x.tobytes() for x in images.pixels}) == count
    assert images.content_hash == load("procedural", kind=kind, **asked).content_hash


@pytest.mark.parametrize("kind", KINDS)
def test_another_seed_side_or_count_gives_images_that_share_nothing(kind: str) -> None:
    first = load("procedural", kind=kind, count=500)
    for changes in ({"seed": 1}, {"count": 501}, {"channels": 3}):
        other = load("procedural", **{"kind": kind, "count": 500, **changes})
        x, y = (each.pixels[:500, 0, 3, 3].astype(float) for each in (first, other))
        product = (x - x.mean()) * (y - y.mean())
        assert not set(x) & set(y)
        assert abs(product.mean()) < 4 * product.std() / np.sqrt(500), changes


def test_the_exponent_is_that_of_the_noise() -> None:
    given = {"kind": "power_law", "count": 200}
    default = load("procedural", **given).content_hash
    assert load("procedural", exponent=2, **given).content_hash == default
    assert load("procedural", exponent=2.0, **given).content_hash == default
    rough, smooth = (load("procedural", exponent=each, **given) for each in (0, 4))
    steps = [np.abs(np.diff(each.pixels, axis=3)).mean() for each in (rough, smooth)]
    assert steps[0] == pytest.approx(2 / 3, abs=0.02)  # E|x - y| of two independent uniforms
    assert steps[1] < 0.2


PINNED = {
    "dead_leaves": [
        [0.2144163, -0.4569829, 0.9584581],
        [-0.5160233, 0.2480801, 0.2489193],
        [-0.3233311, -0.3233311, -0.7632955],
    ],
    "power_law": [
        [-0.2671632, -0.7689019, -0.6692517],
        [0.9392032, -0.6527702, 0.6708359],
        [0.8914967, 0.2393292, 0.4493563],
    ],
    "waves": [
        [0.5121533, 0.7495811, -0.7780696],
        [-0.8561931, 0.0326957, -0.8739555],
        [-0.7153469, 0.450296, -0.740781],
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_images_are_pinned(kind: str) -> None:
    """To a millionth: another processor may round the last bit otherwise."""
    pixels = load("procedural", kind=kind, count=20).pixels[[0, 7, 19], 0]
    np.testing.assert_allclose(pixels[:, [0, 3, 7], [0, 5, 7]], PINNED[kind], atol=1e-6)


@pytest.mark.parametrize(
    ("params", "answer"),
    [
        ({"kind": "leaves"}, "choose from dead_leaves, power_law, waves"),
        ({"side": 3}, "give 4 to 64"),
        ({"side": 65}, "give 4 to 64"),
        ({"side": 8.0}, "give 4 to 64"),
        ({"channels": 2}, "give 1 .grey. or 3"),
        ({"channels": True}, "give 1 .grey. or 3"),
        ({"count": 9}, "ask for 10 or more"),
        ({"count": 1e3}, "ask for 10 or more"),
        ({"exponent": 2}, "leave it out, or use power_law"),
        ({"kind": "power_law", "exponent": 5}, "give a number from 0 to 4"),
        ({"kind": "power_law", "exponent": True}, "give a number from 0 to 4"),
    ],
    ids=repr,
)
def test_what_cannot_be_drawn_is_refused(params: dict[str, Any], answer: str) -> None:
    with pytest.raises(Problem, match=answer):
        load("procedural", **params)
