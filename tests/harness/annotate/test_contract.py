"""What every annotator of the table keeps, and which parameters each refuses."""

from dataclasses import replace

import numpy as np
import pytest

from harness.annotate import ANNOTATORS, classifier
from harness.annotate.case import Case
from harness.annotate.file import write_levels
from harness.cell import Part, part
from harness.problem import Problem

SMALL = {"steps": 2, "width": 4}
PARTS = [
    part("fixed", sigma_min=0.3, sigma_max=0.1),
    part("spectral"),
    part("spectral", per_image=True),
    part("bayes", clean=0.01, imperfect=0.02),
    part("oracle"),
    part("classifier", draws=1, **SMALL),
    part("classifier", rule="accuracy", **SMALL),
    part("classifier", data="leaking", per_image=False, **SMALL),
    part("crops", **SMALL),
    part("quality", level=0.2),
    part("shuffled", of=part("quality", level=0.2, score="laplacian")),
    part("file"),
]
# Those whose levels go with the images, whatever the images' order.
BY_IMAGE = ("fixed", "spectral", "bayes", "oracle", "quality")


def white(count: int, seed: int) -> np.ndarray:
    z = np.random.default_rng(seed).standard_normal((count, 3, 4, 4))
    return (0.3 * z).astype(np.float32)


@pytest.fixture
def case(tmp_path, monkeypatch) -> Case:
    monkeypatch.setattr(classifier, "JUDGED", 40)  # draws; of few images there are many each
    clean, imperfect = white(30, 1), white(20, 2)
    levels = np.random.default_rng(3).uniform(0, 1, (20, 2)).astype(np.float32)
    write_levels(tmp_path / "levels.safetensors", levels, imperfect)
    noise = part("gaussian_noise", sigma=0.2)
    return Case(clean, imperfect, np.random.default_rng(4), noise, white(50, 5))


def annotate(named: Part, case: Case, path, seed: int = 4) -> np.ndarray:
    if named.name == "file":
        named = part("file", path=str(path))
    return ANNOTATORS.make(named)(replace(case, generator=np.random.default_rng(seed)))


def test_every_row_of_the_table_is_tried() -> None:
    assert {each.name for each in PARTS} == set(ANNOTATORS)


@pytest.mark.parametrize("named", PARTS, ids=str)
def test_levels_are_a_pair_an_image_and_the_generators_alone(named, case, tmp_path) -> None:
    kept = [each.copy() for each in (case.clean, case.imperfect, case.originals)]
    levels = annotate(named, case, tmp_path)
    assert levels.dtype == np.float32
    assert levels.shape == (20, 2)
    assert (levels >= 0).all()
    assert np.array_equal(annotate(named, case, tmp_path), levels)
    for before, after in zip(kept, (case.clean, case.imperfect, case.originals)):
        assert np.array_equal(before, after)


@pytest.mark.parametrize("named", [each for each in PARTS if each.name in BY_IMAGE], ids=str)
def test_the_order_of_the_images_does_not_matter(named, case, tmp_path) -> None:
    if named.kwargs().get("per_image"):
        named = part("spectral", threshold=0.4)  # single images have draws of their own
    turn = np.random.default_rng(6).permutation(20)
    first = annotate(named, case, tmp_path)
    found = annotate(named, replace(case, imperfect=case.imperfect[turn]), tmp_path)
    assert found == pytest.approx(first[turn], rel=1e-5)


@pytest.mark.parametrize("named", PARTS, ids=str)
def test_more_images_cost_more_or_nothing(named) -> None:
    if named.name == "file":
        named = part("file", path="none")
    each = ANNOTATORS.make(named)
    costs = [each.flops((3, 8, 8), 100 * k, 200 * k) for k in (1, 2)]
    assert all(type(cost) is float for cost in costs)
    if named.name in ("fixed", "bayes", "oracle", "file"):
        assert costs == [0, 0]
    else:
        assert 0 < costs[0] < costs[1]


NUMBERS = {
    ("fixed", "sigma_min"): [-0.1, 80.5, float("nan"), float("inf")],
    ("fixed", "sigma_max"): [-0.1, 80.5, float("nan")],
    ("spectral", "threshold"): [0.0, -0.1, 0.5, 0.6, float("nan")],
    ("bayes", "threshold"): [0.0, 0.5, 0.6, float("nan")],
    ("bayes", "rule"): ["median"],
    ("classifier", "threshold"): [0.0, 0.51, float("nan")],
    ("classifier", "rule"): ["median"],
    ("classifier", "data"): ["all"],
    ("classifier", "draws"): [0, -1, 1.5, True],
    ("classifier", "steps"): [0, 2.0],
    ("classifier", "width"): [0, "8"],
    ("crops", "threshold"): [0.0, 0.51, float("nan")],
    ("crops", "sigma"): [0.0, -1.0, 80.5, float("nan")],
    ("crops", "delta"): [0.0, -1.0, float("nan")],
    ("crops", "sizes"): [(), (0,), (2, 1.5)],
    ("crops", "steps"): [0, 2.0],
    ("crops", "width"): [0],
    ("quality", "level"): [-0.1, 80.5, float("nan")],
    ("quality", "worst"): [0.0, -0.1, 1.1, float("nan")],
    ("quality", "score"): ["clip"],
}
GIVEN = {"bayes": {"clean": 0.01, "imperfect": 0.02}, "quality": {"level": 0.2}}


@pytest.mark.parametrize(
    ("name", "parameter", "wrong"),
    [(*key, wrong) for key, values in NUMBERS.items() for wrong in values],
    ids=str,
)
def test_what_is_out_of_range_is_refused_by_name(name, parameter, wrong) -> None:
    with pytest.raises(Problem) as found:
        ANNOTATORS.make(part(name, **{**GIVEN.get(name, {}), parameter: wrong}))
    assert (
        name in str(found.value) or parameter in str(found.value) or repr(wrong) in str(found.value)
    )


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("fixed", {"sigma_min": 80.0, "sigma_max": 80.0}),
        ("fixed", {"sigma_min": None}),
        ("classifier", {"threshold": 0.5, "draws": 1, "steps": 1, "width": 1}),
        ("crops", {"threshold": 0.5, "sizes": (1,), "sigma": 80.0}),
        ("quality", {"level": 0.0, "worst": 1.0}),
    ],
    ids=str,
)
def test_the_ends_of_the_ranges_are_taken(name, given) -> None:
    ANNOTATORS.make(part(name, **given))


@pytest.mark.parametrize("name", ANNOTATORS)
def test_a_parameter_that_it_does_not_have_is_refused(name) -> None:
    with pytest.raises(Problem, match="its parameters are"):
        ANNOTATORS.make(part(name, colour="red"))
