"""The material of a replicate: captions stay with their images, whatever pool they end up in."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from harness.cell import part
from harness.data.images import Images
from harness.data.load import load
from harness.problem import Problem
from harness.scale import read_sizes
from harness.studies.arms import trained
from harness.train.condition import Condition
from harness.train.material import Material, collect, gather
from harness.train.pooling import Pooling
from harness.train.training import Training

SCENES = part("scenes", count=300)
OTHER = part("scenes", count=240, seed=1)
FIXED = {"annotator": part("fixed", sigma_min=0.5)}
NOISE = {"corruption": part("gaussian_noise", sigma=0.1)}
POOLS: dict[str, dict[str, Any]] = {
    "oracle": {"pool": "oracle"},
    "clean": {"pool": "clean"},
    "mixed": {"pool": "mixed", **NOISE, **FIXED},
    "few": {"pool": "mixed", **NOISE, **FIXED, "pooling": Pooling(multiplicity=0.5)},
    "mistaken": {"pool": "clean", **NOISE, "pooling": Pooling(imperfect_as_clean=0.25)},
    "imperfect": {"pool": "imperfect", **NOISE, **FIXED},
    "other": {"pool": "mixed", "other": OTHER, **FIXED},
    "few others": {
        "pool": "mixed", "other": OTHER, **NOISE, **FIXED, "pooling": Pooling(multiplicity=0.5)
    },
}  # fmt: skip


def training(**changes: Any) -> Training:
    given: dict[str, Any] = {
        "dataset": SCENES,
        "network": part("dit"),
        "objective": part("denoising"),
        "images": 256,
        "clean_fraction": 0.2,
        "condition": Condition(),
    }
    return Training(**{**given, **changes})


def of(row: Any) -> Images:
    return load(row.name, **row.kwargs()).train


def captions_of(images: Images) -> Callable[[np.ndarray], str]:
    """The caption of a picture of a set, found by the nearest of its pictures."""
    assert images.labels is not None
    flat, labels = images.pixels.reshape(images.count, -1), images.labels

    def caption(x: np.ndarray) -> str:
        return images.classes[labels[np.square(flat - x.ravel()).sum(1).argmin()]]

    return caption


@pytest.mark.parametrize("name", list(POOLS))
def test_every_image_has_the_tokens_of_its_own_caption(name: str) -> None:
    asked, train = training(**POOLS[name]), of(SCENES)
    made = gather(asked, train, 0)
    assert made.tokens is not None
    assert len(made.tokens) == len(made.pixels) == len(made.levels) == len(made.clean)
    words, own = Condition().words(train), captions_of(train)
    other = captions_of(of(OTHER)) if asked.other else own
    step = max(1, len(made.pixels) // 60)  # noise of 0.1 leaves the nearest picture the nearest
    for x, clean, row in list(zip(made.pixels, made.clean, made.tokens))[::step]:
        assert np.array_equal(row, words.tokens([(own if clean else other)(x)])[0])


@pytest.mark.parametrize("name", list(POOLS))
def test_no_held_out_picture_is_seen_and_clean_ones_are_as_they_were(name: str) -> None:
    asked, images = training(**POOLS[name]), load(SCENES.name, **SCENES.kwargs())
    made = gather(asked, images.train, 1)
    seen = {x.tobytes() for x in made.pixels}
    assert not seen & {x.tobytes() for x in images.held_out.pixels}
    whole = {x.tobytes() for x in images.train.pixels}
    imperfect = sum(x.tobytes() not in whole for x in made.pixels[made.clean])
    share = 0.25 if name == "mistaken" else 0.0
    assert imperfect == round(share * made.clean.sum())
    if name == "imperfect":
        assert len(made.pixels) == round(0.2 * images.train.count)
        assert not made.clean.any()
        assert not seen & whole
    for level, clean in zip(made.levels, made.clean):
        assert tuple(level) == ((0, 0) if clean else (0.5, 0))


def test_pools_have_as_many_imperfect_images_as_asked() -> None:
    train = of(SCENES)
    clean = round(0.2 * train.count)
    for name, count in (
        ("mixed", train.count - clean),
        ("few", clean // 2),
        ("other", of(OTHER).count),
        ("few others", clean // 2),
    ):
        made = gather(training(**POOLS[name]), train, 0)
        assert (int(made.clean.sum()), int((~made.clean).sum())) == (clean, count), name


def test_a_replicate_has_a_corruption_and_a_choice_of_its_own() -> None:
    """Of one dataset: another replicate, other noise; another arm, the same, image by image."""
    train = of(SCENES)
    every = training(**{**POOLS["imperfect"], "clean_fraction": 1.0})
    first, second = ({x.tobytes() for x in collect(every, train, k).pixels} for k in (0, 1))
    assert len(first) == train.count
    assert not first & second
    mixed = collect(training(**POOLS["mixed"]), train, 0)
    assert {x.tobytes() for x in mixed.pixels[~mixed.clean]} < first
    few = [collect(training(**POOLS["few others"]), train, k) for k in (0, 1)]
    assert not np.array_equal(few[0].pixels[~few[0].clean], few[1].pixels[~few[1].clean])


def test_a_part_keeps_rows_together() -> None:
    made = gather(training(**POOLS["mixed"]), of(SCENES), 0)
    chosen = np.arange(len(made.pixels)) % 3 == 1
    some = made.part(chosen)
    assert some.tokens is not None
    assert made.tokens is not None
    for one, whole in (
        (some.pixels, made.pixels),
        (some.levels, made.levels),
        (some.clean, made.clean),
        (some.tokens, made.tokens),
    ):
        assert np.array_equal(one, whole[chosen])
    told_nothing = Material(made.pixels, made.levels, made.clean).part(chosen)
    assert told_nothing.tokens is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"other": part("scenes", count=240, size=32)}, "one size and as many channels"),
        ({"other": OTHER, "pooling": Pooling(multiplicity=50)}, "a smaller multiplicity"),
        ({"other": OTHER, "pooling": Pooling(classes=(1,))}, "by its own parameters"),
        ({"other": part("procedural", channels=3, side=24, count=300)}, "the same classes"),
    ],
)
def test_other_images_that_do_not_fit_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Problem, match=message):
        gather(training(pool="mixed", **FIXED, **changes), of(SCENES), 0)


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        (lambda n: np.full((n, 2), np.nan, np.float32), "nan"),
        (lambda n: np.full((n, 2), -1, np.float32), "-1.0"),
        (lambda n: np.full((n, 2), 1000, np.float32), "1000.0"),
        (lambda n: np.zeros((n, 3), np.float32), "shape"),
        (lambda n: np.zeros((n - 1, 2), np.float32), "a pair an image"),
        (lambda n: [[0.0, 0.0]] * n, "list"),
    ],
    ids=["nan", "below zero", "above the grid", "three", "one short", "a list"],
)
def test_levels_that_are_none_are_refused_whoever_gives_them(monkeypatch, levels, said) -> None:
    asked = trained("gated", read_sizes("smoke"), 1, corruption=part("gaussian_blur", sigma=0.8))
    training = asked.stages[0].params
    monkeypatch.setattr(
        "harness.annotate.spectral.Spectral.__call__",
        lambda self, case: levels(len(case.imperfect)),
    )
    train = load(training.dataset.name, **training.dataset.kwargs()).train
    with pytest.raises(Problem, match=r"levels by spectral\(threshold=0.45\)") as found:
        gather(training, train, 0)
    assert said in str(found.value)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda x: x[..., ::2, :], "shape"),
        (lambda x: x.double(), "float64"),
        (lambda x: x / 0, "NaN or infinite"),
    ],
    ids=["smaller", "double", "infinite"],
)
def test_images_that_a_corruption_breaks_are_refused(monkeypatch, made, said) -> None:
    asked = trained("gated", read_sizes("smoke"), 1, corruption=part("gaussian_blur", sigma=0.8))
    training = asked.stages[0].params
    monkeypatch.setattr(
        "harness.corrupt.gaussian_blur.GaussianBlur.__call__", lambda self, x, generator: made(x)
    )
    train = load(training.dataset.name, **training.dataset.kwargs()).train
    with pytest.raises(Problem, match=r"images after gaussian_blur\(sigma=0.8\)") as found:
        collect(training, train, 0)
    assert said in str(found.value)
