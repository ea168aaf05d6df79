import numpy as np
import pytest

from harness.corrupt.confusions import Confusions
from harness.problem import Problem

NAMES = ("cat", "dog", "fox", "ship", "car")
PRIOR = np.array([0.1, 0.2, 0.3, 0.3, 0.1])


def test_a_label_stays_in_its_group_by_the_prior_there() -> None:
    law = Confusions(groups=((0, 2, 1), (4, 3))).law(NAMES, PRIOR)
    expected = [
        [0, 0.4, 0.6, 0, 0],
        [0.25, 0, 0.75, 0, 0],
        [1 / 3, 2 / 3, 0, 0, 0],
        [0, 0, 0, 0, 1],
        [0, 0, 0, 1, 0],
    ]
    assert law == pytest.approx(np.array(expected), abs=1e-15)


def test_classes_outside_of_all_groups_neither_lose_a_label_nor_gain_one() -> None:
    law = Confusions(groups=((1, 3),)).law(NAMES, PRIOR)
    outside = [0, 2, 4]
    assert not law[outside].any()
    assert not law[:, outside].any()
    assert law.sum() == 2


def test_a_class_goes_by_its_name_or_its_number_and_lists_do_as_well() -> None:
    by_number = Confusions(groups=((0, 2), (3, 4)))
    for groups in ((("cat", "fox"), ("ship", "car")), [["cat", 2], [3, "car"]]):
        given = Confusions(groups=groups)  # type: ignore[arg-type]
        assert np.array_equal(given.law(NAMES, PRIOR), by_number.law(NAMES, PRIOR))
        assert hash(given) is not None


def test_a_number_is_a_place_and_a_string_a_name() -> None:
    names = ("2", "0", "1")
    law = Confusions(groups=((0, "0"),)).law(names, np.full(3, 1 / 3))
    assert law[0, 1] == law[1, 0] == 1


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ((), "no groups"),
        (("cat", "dog"), "the group 'cat'"),
        ((("cat",),), r"the group \('cat',\)"),
        (((0, 1), ()), r"the group \(\)"),
        (((0, 1.0),), "1.0, no name and no number"),
        (((True, 2),), "True, no name"),
        (5, "no groups"),
    ],
)
def test_what_is_no_group_is_refused(groups: object, message: str) -> None:
    with pytest.raises(Problem, match=message):
        Confusions(groups=groups)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (((0, 1), (2, 5)), "the class 5.*choose from 0 to 4, or from cat"),
        (((0, -1),), "the class -1"),
        ((("cat", "cow"),), "the class 'cow'"),
        (((0, 1), (2, 1)), "the class 'dog' twice"),
        (((0, 1), (2, "dog")), "the class 'dog' twice"),
        (((0, 2, 0),), "the class 'cat' twice"),
    ],
)
def test_classes_that_do_not_fit_are_refused(groups: object, message: str) -> None:
    with pytest.raises(Problem, match=message):
        Confusions(groups=groups).law(NAMES, PRIOR)  # type: ignore[arg-type]


def test_a_group_of_which_one_class_alone_has_images_is_refused() -> None:
    groups = Confusions(groups=((0, 1), ("fox", "ship")))
    with pytest.raises(Problem, match=r"confusions of \('fox', 'ship'\).*'ship' alone"):
        groups.law(NAMES, np.array([0.5, 0.25, 0, 0.25, 0]))
