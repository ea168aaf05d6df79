"""The detector finds what was rendered, whatever stands beside it, and refuses other arrays."""

from collections import Counter

import numpy as np
import pytest

from harness.geneval.detection import Detected
from harness.geneval.rules import Rules, judge
from harness.geneval.vocabulary import TASKS
from harness.problem import Problem
from harness.scenes.captions import RGB, SCENES, captions, captions_of, prompt_of
from harness.scenes.detector import detect
from harness.scenes.render import render
from harness.scenes.world import Scene, Thing, World, arrange


def kinds(found: Detected | Scene) -> Counter[tuple[str, str | None]]:
    if isinstance(found, Scene):
        return Counter((thing.shape, thing.color) for thing in found.things)
    return Counter((each.klass, each.color) for each in found.objects)


def names(count: int) -> list[str]:
    return [f"{i:05d}.png" for i in range(count)]


def one(picture: np.ndarray) -> Detected:
    return detect(picture[None].astype(np.float32), ["a"])[0]


def shown(*things: Thing, size: int = 32) -> np.ndarray:
    return render([Scene(things)], World(size))[0]


@pytest.mark.parametrize(
    ("size", "layout"), [(24, "grid"), (24, "free"), (32, "grid"), (32, "free"), (64, "free")]
)
def test_above_995_in_1000_pictures_of_every_task_are_right(size: int, layout: str) -> None:
    """None of 400 a task is wrong; were one in 200, that would happen six times in a million."""
    world = World(size, layout)
    generator = np.random.default_rng([2024, size, layout == "free"])
    prompts = [
        prompt_of(captions_of(task)[i])
        for task in TASKS
        for i in generator.integers(len(captions_of(task)), size=400)
    ]
    scenes = arrange(prompts, world, generator)
    found = detect(render(scenes, world), names(len(scenes)))
    wrong: Counter[str] = Counter()
    for prompt, scene, seen in zip(prompts, scenes, found, strict=True):
        right = kinds(scene) == kinds(seen)
        if right:
            for truth in scene.truth("", world).objects:
                off = [np.abs(np.subtract(truth.box, each.box)).max() for each in seen.objects]
                assert min(off) < 0.06
        wrong[prompt.tag] += not (right and judge(prompt, seen, Rules(), SCENES).correct)
        assert (seen.width, seen.height) == (size, size)
        assert all(each.score == 1 for each in seen.objects)
    assert [seen.image for seen in found] == names(len(scenes))
    assert sum(wrong.values()) == 0, wrong


def test_pictures_do_not_see_each_other() -> None:
    """One by one, in any order, next to a picture full of light: the same objects to the bit."""
    world = World(24, "free")
    scenes = arrange([prompt_of(c) for c in captions()[::4]], world, np.random.default_rng(5))
    pictures = render(scenes, world)
    full = np.ones((1, 3, 24, 24), np.float32)
    whole = detect(np.concatenate([pictures, full]), names(len(pictures) + 1))[:-1]
    for i, picture in enumerate(pictures):
        assert detect(picture[None], [whole[i].image]) == [whole[i]]
    back = detect(np.concatenate([full, pictures[::-1]]), names(len(pictures) + 1))[1:]
    assert [each.objects for each in back[::-1]] == [each.objects for each in whole]


def test_what_is_no_thing_is_seen_alike_beside_things_of_any_size() -> None:
    """Blots, and squares too bright for their size: of what is compared, nothing lies outside an
    object's own frame."""
    generator = np.random.default_rng(6)
    blots = np.full((60, 3, 24, 24), -1, np.float32)
    for blot in blots:
        for _ in range(3):  # rectangles through a common point
            x, y = generator.integers(2, 10, 2)
            width, height = 12 - x + generator.integers(1, 9), 12 - y + generator.integers(1, 9)
            blot[0, y : y + height, x : x + width] = 1
    square = render([Scene((Thing("square", "white", 12.3, 12.1, 2.7),))], World(24)) + 1
    bright = np.linspace(1.5, 2.2, 36)[:, None, None, None] * square - 1
    blots = np.concatenate([blots, bright.astype(np.float32)])
    full = np.ones((1, 3, 24, 24), np.float32)
    beside = detect(np.concatenate([blots, full]), names(len(blots) + 1))[:-1]
    alone = [detect(blot[None], [each.image])[0] for blot, each in zip(blots, beside)]
    assert beside == alone
    assert {len(each.objects) for each in alone} == {1}
    assert len({each.objects[0].klass for each in alone}) > 1


def test_things_that_meet_at_the_border_of_two_pictures_stay_apart() -> None:
    """The lowest pixels of a picture and the highest of the next are no neighbours."""
    low = shown(Thing("square", "white", 16, 28, 4))
    high = shown(Thing("square", "white", 16, 4, 4))
    found = detect(np.stack([low, high, low]), names(3))
    assert [len(each.objects) for each in found] == [1, 1, 1]
    assert found[0].objects[0].box == pytest.approx((12, 24, 20, 32), abs=0.01)
    assert found[1].objects[0].box == pytest.approx((12, 0, 20, 8), abs=0.01)


@pytest.mark.parametrize("shape", SCENES.classes)
@pytest.mark.parametrize("color", SCENES.colors)
def test_a_dimmer_thing_keeps_its_colour_and_shape(shape: str, color: str) -> None:
    picture = shown(Thing(shape, color, 15.3, 16.8, 4.4))
    for strength in (0.85, 1.0, 1.1):
        found = one((picture + 1) * strength - 1)
        assert kinds(found) == {(shape, color): 1}
    assert one((picture + 1) * 0.49 - 1).objects == ()


@pytest.mark.parametrize("color", SCENES.colors)
def test_a_tinted_thing_takes_the_nearest_direction(color: str) -> None:
    """A seventh of a colour's strength in another channel turns it by less than half the least
    angle, 10.9 degrees, whatever the colour."""
    picture = shown(Thing("square", color, 16, 16, 4.0))
    lit = (picture.max(0) > 0)[None]
    for channel in range(3):
        tinted = picture.copy()
        change = -0.25 if RGB[color][channel] == 1 else 0.25
        tinted[channel] += change * lit[0]
        assert kinds(one(tinted)) == {("square", color): 1}


def test_like_things_are_one_only_where_they_touch_along_a_side() -> None:
    left, right = Thing("square", "red", 10, 10, 4), Thing("square", "red", 18, 10, 4)
    assert len(one(shown(left) + shown(right) + 1).objects) == 1
    corner = Thing("square", "red", 18, 18, 4)  # touches the left one at a corner alone
    assert kinds(one(shown(left) + shown(corner) + 1)) == {("square", "red"): 2}


def test_a_blank_picture_and_specks_hold_nothing() -> None:
    assert detect(np.full((3, 3, 24, 24), -1, np.float32), names(3))[1].objects == ()
    speck = np.full((3, 24, 24), -1.0)
    speck[:, 4:6, 4:7] = 1  # 6 of the 7.29 pixels that an object has at the least
    assert one(speck).objects == ()
    speck[:, 6, 4:6] = 1  # 8 pixels
    assert len(one(speck).objects) == 1
    grey = np.zeros((3, 24, 24))  # half the strength is not more than half
    assert one(grey).objects == ()
    assert len(one(grey + 0.01).objects) == 1
    assert detect(np.empty((0, 3, 24, 24), np.float32), []) == []


def test_noise_and_a_slight_blur_do_no_harm() -> None:
    import torch

    from harness.corrupt.gaussian_blur import GaussianBlur

    world = World(32, "free")
    prompts = [prompt_of(caption) for caption in captions()]
    scenes = arrange(prompts, world, np.random.default_rng(8))
    pictures = render(scenes, world)
    noise = np.random.default_rng(9).normal(0, 0.1, pictures.shape).astype(np.float32)
    blurred = GaussianBlur(0.5)(torch.from_numpy(pictures), torch.Generator()).numpy()
    for damaged in (pictures + noise, blurred):
        found = detect(damaged, names(len(scenes)))
        wrong = sum(kinds(scene) != kinds(seen) for scene, seen in zip(scenes, found))
        assert wrong == 0


def test_what_is_no_picture_is_refused() -> None:
    pictures = render([Scene(())] * 2, World(24))
    for bad in (np.nan, np.inf, -np.inf):
        spoilt = pictures.copy()
        spoilt[1, 2, 3, 4] = bad
        with pytest.raises(Problem, match="NaN or infinity in 'second'"):
            detect(spoilt, ["first", "second"])
    for shape in ((2, 1, 24, 24), (2, 3, 24, 32), (3, 24, 24)):
        with pytest.raises(Problem, match=r"the shape .*\[N, 3, S, S\]"):
            detect(np.zeros(shape, np.float32), ["a", "b"])
    with pytest.raises(Problem, match="names of 2 pictures; got 1 names"):
        detect(pictures, ["first"])
