"""What an attack may ask, and what it says that it leaves and takes."""

from dataclasses import replace
from typing import Any

import pytest

from harness.cell import part
from harness.metrics.attack import EXTRACTED, KINDS, SCORES, Attack
from harness.metrics.reconstruction import READINGS
from harness.problem import Problem


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"targets": "some"}, "choose from all, clean, imperfect"),
        ({"control": "none"}, "choose from unseen, held_out"),
        ({"levels": ()}, "levels above 0"),
        ({"levels": (1.0, 0.0)}, "levels above 0"),
        ({"box": 1.0}, "between 0 and 1"),
        ({"box": 0.0}, "between 0 and 1"),
        ({"count": 1}, "at least 2"),
    ],
)
def test_what_makes_no_attack_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(Problem, match=said):
        Attack(**wrong)


def test_an_attack_states_its_rows_its_places_and_its_calls() -> None:
    heun, repaint = "harness.sample.heun:Heun", "harness.sample.repaint:RePaint"
    asked = Attack(sampler=part("heun", steps=5), inpainter=part("repaint", steps=4, resamplings=3))
    assert asked.entries() == [heun, repaint]
    assert asked.places == (0.5, 1.0, 2.0, "box")
    assert asked.calls == 2 * (3 * 9 + 3 * 3 + 1)
    less = replace(asked, inpainter=None, calibrated=False)
    assert (less.entries(), less.places, less.calls) == ([heun], (0.5, 1.0, 2.0), 27)
    assert set(KINDS) == set(READINGS)
    assert len(SCORES) == len(set(SCORES)) == 4 * len(KINDS) + len(EXTRACTED)
    assert "attack_over_.95_excess/0.5" in SCORES
