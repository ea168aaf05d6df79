"""The contract of a law, over the table of laws."""

import json
import math
import subprocess
import sys
from functools import cache
from importlib import import_module

import numpy as np
import pytest

from theory import LAWS
from theory.law import Law, Value
from theory.parameter import REQUIRED, Parameter

NAMES = list(LAWS)
every_law = pytest.mark.parametrize("name", NAMES)


@cache
def law_of(name: str) -> Law:
    module, attribute = LAWS[name].split(":")
    law: Law = getattr(import_module(module), attribute)()
    return law


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@cache
def example(name: str) -> tuple[Value, Value | None, bool, dict[str, Value]]:
    """Everything that a law says of its own example."""
    law = law_of(name)
    point = law.example
    return law.exact(point, rng()), law.printed(point), law.void(point), law.sharper(point, rng())


@every_law
def test_a_law_says_what_it_is(name: str) -> None:
    law = law_of(name)
    assert law.name == name
    assert LAWS[name].startswith(f"theory.{name.split('.')[0]}.")
    assert law.tier in ("exact", "tolerance")
    assert all(isinstance(text, str) and text for text in (law.statement, law.source, law.unit))
    assert json.loads(json.dumps(law.example)) == law.example
    assert not vars(law)
    assert all(isinstance(parameter, Parameter) for parameter in law.parameters.values())
    module = import_module(LAWS[name].split(":")[0])
    assert len(module.__doc__ or "") > 400, "a module's docstring is a page of theory"


@every_law
def test_an_exact_value_is_reproducible_and_has_an_error_where_it_is_measured(name: str) -> None:
    law = law_of(name)
    value = example(name)[0]
    assert math.isfinite(value.value)
    assert value == law.exact(law.example, rng())
    if law.tier == "exact":
        assert value.standard_error is None
        assert value == law.exact(law.example)
    else:
        assert value.standard_error is not None
        assert value.standard_error > 0
        with pytest.raises(ValueError, match="generator"):
            law.exact(law.example)


@every_law
def test_the_example_is_not_void_and_all_that_it_says_is_a_number(name: str) -> None:
    law = law_of(name)
    value, printed, void, beside = example(name)
    assert void is False
    if printed is not None:
        assert math.isfinite(printed.value)
        assert law.trivial is None or printed.value < law.trivial
    for each in (value, *beside.values()):
        assert math.isfinite(each.value)
        assert each.standard_error is None or each.standard_error >= 0
    assert not {"exact", "printed", "void", "printed/exact"} & set(beside)


@every_law
def test_parameters_are_checked_by_name(name: str) -> None:
    law = law_of(name)
    known = ", ".join(law.parameters)
    for method in (law.exact, law.printed, law.void, law.sharper):
        with pytest.raises(ValueError, match=f"'sgima'.*the known ones are {known}"):
            method({**law.example, "sgima": 1.0})
    for missing, parameter in law.parameters.items():
        short = {key: value for key, value in law.example.items() if key != missing}
        if parameter.default is REQUIRED:
            with pytest.raises(ValueError, match=f"no parameter '{missing}'; the known ones"):
                law.void(short)


@every_law
@pytest.mark.parametrize("bad", [math.nan, math.inf, "?", None, True, {"a": 1}, []], ids=repr)
def test_no_parameter_takes_nonsense(name: str, bad: object) -> None:
    law = law_of(name)
    for key in law.parameters:
        with pytest.raises(ValueError, match=rf"{key}=.*(give|write) "):
            law.exact({**law.example, key: bad}, rng())


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("ambient.contraction")])
def test_the_example_obeys_every_bound_of_its_law(name: str) -> None:
    value, printed, _, beside = example(name)
    assert printed is not None
    assert value.value <= printed.value + 1e-12
    for bound, sharper in beside.items():
        if bound == "at_least":
            assert sharper.value <= value.value + 1e-12
        elif bound != "large_noise":  # an approximation, not a bound
            assert value.value <= sharper.value + 1e-12


def test_the_tables_cost_nothing_and_theory_stands_alone() -> None:
    code = (
        "import sys, theory; before = set(sys.modules); "
        "assert not {'numpy', 'scipy'} & before, 'the table imports numpy'; "
        "from importlib import import_module; "
        "[import_module(row.split(':')[0]) for row in theory.LAWS.values()]; "
        "assert not {'torch', 'harness', 'pandas', 'ot'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
