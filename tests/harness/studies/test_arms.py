"""An arm's training takes the parameters of a training, and says which those are."""

from dataclasses import fields

import pytest

from harness.problem import Problem
from harness.scale import read_sizes
from harness.studies.arms import trained
from harness.train.training import Training

SMOKE = read_sizes("smoke")


def test_an_unknown_parameter_is_named_with_a_close_one_and_all_that_are_known() -> None:
    with pytest.raises(Problem) as caught:
        trained("clean", SMOKE, 2, clean_fracton=0.1)
    assert caught.value.asked == "a training with clean_fracton=0.1"
    assert caught.value.fix.startswith("did you mean 'clean_fraction'? ")
    assert caught.value.fix.endswith(", ".join(each.name for each in fields(Training)))


def test_one_that_is_near_no_other_has_no_guess() -> None:
    with pytest.raises(Problem, match=r"xyzzy='a'.*no parameter of it; the known ones are dataset"):
        trained("clean", SMOKE, 2, xyzzy="a")


def test_every_parameter_of_a_training_may_be_given() -> None:
    found = trained("clean", SMOKE, 2, clean_fraction=0.25, pool="oracle")
    asked = found.stages[0].params
    assert (asked.clean_fraction, asked.pool) == (0.25, "oracle")
    again = {each.name: getattr(asked, each.name) for each in fields(Training)}
    assert trained("clean", SMOKE, 2, **(again | {"corruption": None})).stages[0].params == asked
