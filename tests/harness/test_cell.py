"""Cells: an identity made of the configuration alone."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cell import Cell, Part, Stage, canonical, factors, from_mapping, part, plain
from harness.problem import Problem


@dataclass(frozen=True)
class Asked:
    size: int
    blur: Part | None = None

    def entries(self) -> list[str]:
        return []


def cell(size: int = 1, replicates: int = 2, **labels: str) -> Cell:
    return Cell(factors(**labels), (Stage("measure", Asked(size)),), replicates)


def test_identity_is_the_configuration_without_labels_and_replicates() -> None:
    assert cell(1, 2, arm="a").cell_id == cell(1, 8, arm="b").cell_id
    assert cell(1).cell_id != cell(2).cell_id


def test_identity_is_fixed_for_ever() -> None:
    """If this changes, every published record loses its cell."""
    assert cell(1).cell_id == "cf1ce9012d96dceb"


def test_parts_become_plain_data_with_their_name() -> None:
    asked = Asked(3, part("gaussian_blur", sigma=0.8))
    assert plain(asked) == {"size": 3, "blur": {"name": "gaussian_blur", "sigma": 0.8}}


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.integers() | st.floats(allow_nan=False, allow_infinity=False),
        max_size=6,
    )
)
def test_canonical_json_does_not_depend_on_order(given: dict[str, float]) -> None:
    assert canonical(given) == canonical(dict(reversed(given.items())))


def test_nan_has_no_canonical_form() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"x": float("nan")})


def test_unknown_and_missing_keys_are_named() -> None:
    with pytest.raises(Problem, match=r"'colour'.*blur, size"):
        from_mapping(Asked, {"size": 1, "colour": 2}, "a test")
    with pytest.raises(Problem, match="'size'"):
        from_mapping(Asked, {}, "a test")
