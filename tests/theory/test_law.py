"""The contract of a law, over the table of laws."""

import json
import math
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields
from importlib import import_module

import numpy as np
import pytest

from theory import LAWS
from theory.law import Law

NAMES = list(LAWS)


def law_of(name) -> Law:
    module, attribute = LAWS[name].split(":")
    return getattr(import_module(module), attribute)()


def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("name", NAMES)
def test_a_law_says_what_it_is(name):
    law = law_of(name)
    assert law.name == name
    assert law.tier in ("exact", "tolerance")
    assert all(isinstance(text, str) and text for text in (law.statement, law.source, law.unit))
    assert fields(law) == ()
    with pytest.raises(FrozenInstanceError):
        law.anything = 1
    assert json.loads(json.dumps(law.example)) == law.example


@pytest.mark.parametrize("name", NAMES)
def test_an_exact_value_is_reproducible_and_has_an_error_where_it_is_measured(name):
    law = law_of(name)
    value = law.exact(law.example, rng())
    assert math.isfinite(value.value)
    assert value == law.exact(law.example, rng())
    if law.tier == "exact":
        assert value.standard_error is None
        assert value == law.exact(law.example)
    else:
        assert 0 < value.standard_error < 0.2 * value.value
        with pytest.raises(ValueError, match="generator"):
            law.exact(law.example)


@pytest.mark.parametrize("name", NAMES)
def test_void_means_no_stronger_than_trivial(name):
    law = law_of(name)
    printed = law.printed(law.example)
    assert printed is not None
    assert math.isfinite(printed.value)
    assert law.void(law.example) is False
    if law.trivial is not None:
        assert printed.value < law.trivial
        assert law.void({**law.example, "sigma": 1e-2}) is True


@pytest.mark.parametrize("name", [name for name in NAMES if name != "switching_point"])
def test_the_example_obeys_every_bound_of_its_law(name):
    law = law_of(name)
    value, error = law.exact(law.example, rng())
    highest = value - 4 * (error or 0)
    assert highest <= law.printed(law.example).value + 1e-12
    for bound, sharper in law.sharper(law.example).items():
        assert math.isfinite(sharper.value)
        if bound == "at_least":
            assert sharper.value <= value + 1e-12
        elif bound != "large_noise":  # an approximation, not a bound
            assert highest <= sharper.value + 1e-12


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_checked_by_name(name):
    law = law_of(name)
    known = ", ".join(law.example)
    with pytest.raises(ValueError, match=f"'sgima'.*the known ones are {known}"):
        law.printed({**law.example, "sgima": 1.0})
    short = {key: value for key, value in law.example.items() if key != "sigma"}
    with pytest.raises(ValueError, match=f"no parameter 'sigma'; the known ones are {known}"):
        law.void(short)
    for value in (0.0, -1.0, math.nan, math.inf, "x", None, True):
        with pytest.raises(ValueError, match="sigma="):
            law.sharper({**law.example, "sigma": value})
    for value in (3, "gamma(1,2)"):
        with pytest.raises(ValueError, match="p="):
            law.exact({**law.example, "p": value}, rng())


@pytest.mark.parametrize("value", [0, -3, 1.5, "9", True])
@pytest.mark.parametrize("name", ["kernel_estimate", "switching_point"])
def test_counts_are_positive_integers(name, value):
    law = law_of(name)
    with pytest.raises(ValueError, match="datasets="):
        law.exact({**law.example, "datasets": value}, rng())


def test_the_table_costs_nothing_and_theory_stands_alone():
    code = (
        "import sys, theory; before = set(sys.modules); "
        "assert not {'numpy', 'scipy'} & before, 'the table imports numpy'; "
        "from importlib import import_module; "
        "[import_module(row.split(':')[0]) for row in theory.LAWS.values()]; "
        "import_module('theory.spectral_annotator'); "
        "assert not {'torch', 'harness', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
