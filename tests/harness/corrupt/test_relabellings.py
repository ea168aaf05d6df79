"""What every relabelling promises, over the table, on digits and on the captions of scenes."""

import numpy as np
import pytest

from harness.corrupt import RELABELLED, RELABELLINGS
from harness.corrupt.transition import checked
from harness.problem import Problem
from harness.scenes.captions import captions
from harness.streams import numpy_generator

WORLDS = {"digits": tuple("0123456789"), "scenes": captions()}
REFUSED = {("edits", "digits")}
ROWS = [
    pytest.param(name, example, world, id=f"{name}-{k}-{world}")
    for name in RELABELLINGS
    for k, example in enumerate(RELABELLED[name])
    for world in WORLDS
    if (name, world) not in REFUSED
]
every_example = pytest.mark.parametrize(("name", "example", "world"), ROWS)


def prior(count: int, seed: int = 0) -> np.ndarray:
    """Unequal shares, one of them zero."""
    made = numpy_generator("test", seed, "prior").dirichlet(np.full(count, 2.0))
    made[count // 2 + 2] = 0  # 7 of ten digits: of no group
    return made / made.sum()


def test_every_row_has_examples_and_no_example_lacks_a_row() -> None:
    assert set(RELABELLED) == set(RELABELLINGS)
    assert all(RELABELLED.values())


@every_example
def test_a_row_states_a_law_over_other_classes(name, example, world) -> None:
    classes = WORLDS[world]
    shares = prior(len(classes))
    before = shares.copy()
    law = RELABELLINGS[name](**example).law(classes, shares)
    assert checked(name, law, len(classes)) is law
    assert law.any()
    assert np.array_equal(shares, before)
    assert np.array_equal(law, RELABELLINGS[name](**example).law(classes, shares))


@every_example
def test_a_class_without_images_is_told_by_edits_alone(name, example, world) -> None:
    classes = WORLDS[world]
    shares = prior(len(classes))
    law = RELABELLINGS[name](**example).law(classes, shares)
    assert law[:, shares == 0].any() == (name == "edits")


@pytest.mark.parametrize("name", [name for name in RELABELLINGS if name != "edits"])
def test_images_of_one_class_are_refused(name: str) -> None:
    with pytest.raises(Problem, match=rf"{name}.*'3' alone.*two classes"):
        RELABELLINGS[name](**RELABELLED[name][0]).law(WORLDS["digits"], np.eye(10)[3])


@pytest.mark.parametrize("name", [name for name in RELABELLINGS if name != "confusions"])
def test_every_label_can_become_another(name: str) -> None:
    law = RELABELLINGS[name]().law(captions(), np.full(399, 1 / 399))
    assert law.sum(1) == pytest.approx(1, abs=1e-12)
