"""Relabelling: as many images as stated are told wrongly, and nothing else moves."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from harness.cell import Part, part, plain
from harness.corrupt import RELABELLINGS
from harness.data.images import Images
from harness.data.load import load
from harness.problem import Problem
from harness.streams import numpy_generator
from harness.train.condition import Condition
from harness.train.material import Material, collect, relabelled
from harness.train.pooling import Pooling
from harness.train.relabelling import Relabelling
from harness.train.training import Training

DIGITS, SCENES = part("digits"), part("scenes", count=600)
FLIPS, SWAPS, EDITS = part("flips"), part("swaps"), part("edits")
GROUPS = part("confusions", groups=((3, 8, 5), (4, 9)))
CASES = [(DIGITS, FLIPS), (DIGITS, GROUPS), (DIGITS, SWAPS), (SCENES, EDITS), (SCENES, SWAPS)]
every_case = pytest.mark.parametrize(
    ("dataset", "by"), CASES, ids=[f"{by.name}-{dataset.name}" for dataset, by in CASES]
)
NOISE = {
    "corruption": part("gaussian_noise", sigma=0.1),
    "annotator": part("fixed", sigma_min=0.5),
}
POOLS: dict[str, dict[str, Any]] = {
    "oracle": {"pool": "oracle"},
    "clean": {"pool": "clean"},
    "mixed": {"pool": "mixed", **NOISE},
    "few": {"pool": "mixed", **NOISE, "pooling": Pooling(multiplicity=0.5)},
    "mistaken": {"pool": "clean", **NOISE, "pooling": Pooling(imperfect_as_clean=0.25)},
    "imperfect": {"pool": "imperfect", **NOISE},
    "other": {
        "pool": "mixed",
        "other": part("digits", classes=(3, 5)),
        "annotator": NOISE["annotator"],
    },
}


@cache
def images(dataset: Part) -> Images:
    return load(dataset.name, **dataset.kwargs()).train


def training(dataset: Part, by: Part | None, share: float = 0.0, **changes: Any) -> Training:
    redrawn = changes.pop("redrawn", False)
    given: dict[str, Any] = {
        "dataset": dataset,
        "pool": "oracle",
        "network": part("mlp"),
        "objective": part("denoising"),
        "images": 256,
        "clean_fraction": 0.2,
        "condition": Condition(),
        "relabelling": None if by is None else Relabelling(by, share, redrawn),
    }
    return Training(**{**given, **changes})


def made(dataset: Part, by: Part | None, share: float = 0.0, k: int = 0, **more: Any) -> Material:
    return collect(training(dataset, by, share, **more), images(dataset), k)


def labels(material: Material) -> tuple[np.ndarray, np.ndarray]:
    """The true labels and those that are told."""
    assert material.labels is not None
    assert material.told is not None
    return material.labels, material.told


def wrong(material: Material) -> np.ndarray:
    true, told = labels(material)
    return np.flatnonzero(true != told)


@every_case
@pytest.mark.parametrize("share", [0.025, 0.075, 0.2, 0.31])
def test_exactly_as_many_images_are_told_wrongly_as_stated(dataset, by, share) -> None:
    for k in range(2):
        for pool in ("oracle", "mixed"):
            found = made(dataset, by, share, k, **POOLS[pool])
            n = len(found.pixels)
            assert n == images(dataset).count
            even = 2 * round(share * n / 2)
            assert len(wrong(found)) == (even if by is SWAPS else round(share * n))


@pytest.mark.parametrize("pool", list(POOLS))
def test_the_share_is_one_of_the_images_in_the_pool(pool: str) -> None:
    plainly, found = (made(DIGITS, by, 0.25, **POOLS[pool]) for by in (None, FLIPS))
    true, told = labels(found)
    assert np.array_equal(true, labels(plainly)[0])
    assert np.array_equal(labels(plainly)[1], true)
    assert (true != told).sum() == round(0.25 * len(found.pixels))
    assert set(told) <= set(true)  # by the prior of the pool


@every_case
def test_a_larger_share_holds_the_wrong_labels_of_a_smaller_one(dataset, by) -> None:
    before: dict[int, int] = {}
    for share in (0.0, 0.025, 0.1, 0.15, 0.3, 0.45):
        found = made(dataset, by, share)
        now = {int(i): int(labels(found)[1][i]) for i in wrong(found)}
        assert before.items() <= now.items()
        assert len(now) > len(before) or share == 0
        before = now
    other = made(dataset, by, 0.45, k=1)
    assert set(wrong(other).tolist()) != set(before)


@every_case
def test_what_is_told_is_what_the_row_can_say_and_nothing_else_moves(dataset, by) -> None:
    plainly, found = made(dataset, None, **POOLS["mixed"]), made(dataset, by, 0.3, **POOLS["mixed"])
    for name in ("pixels", "levels", "clean", "labels"):
        assert np.array_equal(getattr(found, name), getattr(plainly, name)), name
    true, told = labels(found)
    classes = images(dataset).classes
    prior = np.bincount(true, minlength=len(classes)) / len(true)
    law = RELABELLINGS[by.name](**by.kwargs()).law(classes, prior)
    i = wrong(found)
    assert (law[true[i], told[i]] > 0).all()
    words = Condition().words(images(dataset)).tokens([classes[each] for each in told])
    assert np.array_equal(found.tokens, words)  # type: ignore[arg-type]
    assert np.array_equal(made(dataset, by, **POOLS["mixed"]).tokens, plainly.tokens)  # type: ignore[arg-type]


def test_swapped_captions_are_told_as_often_as_before() -> None:
    for dataset in (DIGITS, SCENES):
        true, told = labels(made(dataset, SWAPS, 0.4))
        assert np.array_equal(np.bincount(true), np.bincount(told))
    true, told = labels(made(DIGITS, FLIPS, 0.4))
    assert not np.array_equal(np.bincount(true), np.bincount(told))


def test_arms_that_differ_in_the_row_or_the_copy_corrupt_the_same_images() -> None:
    flips, edits = (wrong(made(SCENES, by, 0.2)) for by in (FLIPS, EDITS))
    assert np.array_equal(flips, edits)
    assert np.array_equal(wrong(made(SCENES, FLIPS, 0.2, copy=1)), flips)


def test_over_replicates_images_are_corrupted_alike_and_by_the_law() -> None:
    """Of 30 images of three classes, 600 times 9 flips: each image in 3 of 10 draws."""
    true, classes = np.repeat([0, 1, 2], [15, 9, 6]), ("a", "b", "c")
    asked, repeats = Relabelling(FLIPS, 0.3), 600
    generator = numpy_generator("test", 0, "relabel")
    told = np.stack([asked.told(true, classes, generator) for _ in range(repeats)])
    rate = (told != true).mean(0)
    assert (np.abs(rate - 0.3) < 4 * np.sqrt(0.3 * 0.7 / repeats)).all()
    law = np.array([[0, 9 / 15, 6 / 15], [15 / 21, 0, 6 / 21], [15 / 24, 9 / 24, 0]])
    for a in range(3):
        to = told[:, true == a][told[:, true == a] != a]
        found = np.bincount(to, minlength=3) / len(to)
        assert (np.abs(found - law[a]) <= 4 * np.sqrt(law[a] * (1 - law[a]) / len(to))).all()


def test_a_summary_counts_the_images_that_are_told_wrongly() -> None:
    def said(by: Part | None, **more: Any) -> dict[str, Any]:
        asked = training(DIGITS, by, 0.1, **more)
        return relabelled(asked, [collect(asked, images(DIGITS), k) for k in range(2)])

    assert said(None) == {}
    assert said(None, condition=None) == {}
    n = images(DIGITS).count
    assert said(FLIPS) == {"relabelled_images": [round(0.1 * n)] * 2}
    assert said(SWAPS, **POOLS["clean"]) == {"relabelled_images": [2 * round(0.1 * 288 / 2)] * 2}
    assert said(FLIPS, redrawn=True) == {"relabelled_visits": [0.1, 0.1]}


def test_a_training_without_a_relabelling_is_what_it_was() -> None:
    asked = training(DIGITS, None)
    assert "relabelling" not in plain(asked)
    with_it = replace(asked, relabelling=Relabelling(FLIPS, 0.1))
    assert plain(with_it)["relabelling"] == {
        "by": {"name": "flips"},
        "share": 0.1,
        "redrawn": False,
    }
    assert set(with_it.entries()) - set(asked.entries()) == {"harness.corrupt.flips:Flips"}


@pytest.mark.parametrize("share", [-0.1, 1.0, 1.5, float("nan")])
def test_a_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(Problem, match=r"outside \[0, 1\)"):
        Relabelling(FLIPS, share)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((FLIPS, "7.5 %"), r"by flips\(\); got share='7\.5 %', no number; give 0 <= share < 1"),
        ((FLIPS, None), "share=None, no number"),
        ((FLIPS, True), "share=True, no number"),
        (("flips", 0.1), r"a relabelling by 'flips'; got no part.*give part\(\"flips\", \.\.\.\)"),
        ((None, 0.1), "a relabelling by None; got no part"),
        ((FLIPS, 0.1, 3), r"by flips\(\); got redrawn=3; give True or False"),
        ((FLIPS, 0.1, "no"), "redrawn='no'; give True or False"),
    ],
)
def test_what_is_of_another_type_is_refused(given: tuple[Any, ...], message: str) -> None:
    with pytest.raises(Problem, match=message):
        Relabelling(*given)


@pytest.mark.parametrize(
    ("by", "message"),
    [
        (part("flip"), r"the relabelling 'flip'.*did you mean 'flips'.*edits"),
        (part("flips", rate=0.1), r"by flips\(rate=0\.1\).*unexpected keyword.*mend"),
        (part("confusions"), "by confusions.*missing.*groups"),
        (part("confusions", groups=((3,),)), "two classes or more"),
    ],
)
def test_an_unknown_row_and_wrong_parameters_are_refused(by: Part, message: str) -> None:
    with pytest.raises(Problem, match=message):
        Relabelling(by, 0.1)


def test_a_relabelling_without_a_condition_is_refused() -> None:
    with pytest.raises(Problem, match=r"by flips.*condition=None.*nothing is told"):
        training(DIGITS, FLIPS, 0.1, condition=None)


@pytest.mark.parametrize("redrawn", [False, True], ids=["fixed", "redrawn"])
@pytest.mark.parametrize(
    ("dataset", "by", "share", "message"),
    [
        (DIGITS, EDITS, 0.1, "the class '0'.*a sentence of no scene.*take scenes"),
        (DIGITS, GROUPS, 0.6, r"863 of 1438 images by confusions.*got 720 .*at most 0\.5$"),
        (DIGITS, part("confusions", groups=((3, 12),)), 0.1, "the class 12.*0 to 9"),
        (part("digits", classes=(4,)), FLIPS, 0.1, "images of '4' alone"),
        (part("digits", classes=(4,)), SWAPS, 0.1, "images of '4' alone"),
        (part("digits", classes=(4, 5)), GROUPS, 0.1, r"\(3, 8, 5\).*'5' alone"),
        (part("photos", side=8, channels=1), FLIPS, 0.1, "no labels"),
    ],
)
def test_what_the_images_do_not_allow_is_refused(dataset, by, share, message, redrawn) -> None:
    with pytest.raises(Problem, match=message):
        made(dataset, by, share, redrawn=redrawn)


def test_what_a_row_of_another_hand_states_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    class Worse:
        def law(self, classes: tuple[str, ...], prior: np.ndarray) -> np.ndarray:
            return np.full((len(classes),) * 2, 1 / len(classes))

    monkeypatch.setattr(Relabelling, "row", lambda self: Worse())
    with pytest.raises(Problem, match=r"10 classes by the relabelling flips\(\).*for itself"):
        made(DIGITS, FLIPS, 0.1)


def test_edited_captions_are_words_that_the_network_knows() -> None:
    """A vocabulary of all captions holds every edit; one of a few refuses it by its word."""
    found = made(SCENES, EDITS, 0.9)
    classes, told = images(SCENES).classes, labels(found)[1]
    whole = Condition().words(images(SCENES))
    assert whole.tokens([classes[k] for k in told]).shape == (len(told), 7)
    few = Condition().words_of(("a red circle", "two circles"))
    with pytest.raises(Problem, match=r"the word 'square'.*known words are a, circle"):
        few.tokens(["a red square"])
