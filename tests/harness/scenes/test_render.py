"""Pictures: covered parts against closed forms and against brute force."""

from math import pi

import numpy as np
import pytest

from harness.problem import Problem
from harness.scenes.captions import RGB, SCENES, captions, prompt_of
from harness.scenes.render import coverage, render
from harness.scenes.world import Scene, Thing, World, arrange

AREA = {"circle": pi, "square": 4.0, "triangle": 2.0}
GRID = 100  # points of brute force along a pixel's side


def places(count: int, low: float = 2.7, high: float = 10) -> np.ndarray:
    generator = np.random.default_rng(0)
    return np.column_stack(
        [generator.uniform(12, 13, (count, 2)), generator.uniform(low, high, count)]
    )


def inside(shape: str, x: np.ndarray, y: np.ndarray, radius: float) -> np.ndarray:
    """Whether points about the middle lie in a shape, from its definition."""
    if shape == "circle":
        return x**2 + y**2 <= radius**2
    if shape == "square":
        return np.maximum(np.abs(x), np.abs(y)) <= radius
    return (y <= radius) & (2 * np.abs(x) <= radius + y)  # tip up, y runs downwards


@pytest.mark.parametrize("shape", SCENES.classes)
def test_a_thing_covers_its_area_and_has_its_centroid(shape: str) -> None:
    place = places(400)
    seen = coverage(np.full(400, SCENES.classes.index(shape)), place, 25)
    area = AREA[shape] * place[:, 2] ** 2
    limit = 5e-4 if shape == "circle" else 1e-12
    assert np.abs(seen.sum((1, 2)) / area - 1).max() < limit
    assert seen.min() >= 0
    assert seen.max() <= 1 + 1e-12
    middle = np.arange(25) + 0.5
    x = (seen.sum(1) @ middle) / area
    y = (seen.sum(2) @ middle) / area
    lower = place[:, 2] / 3 if shape == "triangle" else 0
    # The light of a pixel that is covered in part counts at its middle: an edge that is 2 r long
    # moves the centroid by at most 1/8 of a pixel times 2 r over the area.
    limits = 2 * place[:, 2] / area / 8 + 1e-4
    assert (np.abs(x - place[:, 0]) < limits).all()
    assert (np.abs(y - place[:, 1] - lower) < limits).all()


@pytest.mark.parametrize(("shape", "limit"), [("circle", 0.03), ("square", 0), ("triangle", 0.01)])
def test_the_covered_part_of_each_pixel_is_that_of_brute_force(shape: str, limit: float) -> None:
    place = np.array([(8.3, 7.9, 2.7), (7.5, 8.5, 3.0), (8.0, 8.11, 4.9), (7.77, 8.0, 5.2)])
    seen = coverage(np.full(4, SCENES.classes.index(shape)), place, 16)
    points = (np.arange(16 * GRID) + 0.5) / GRID
    for (x, y, radius), found in zip(place, seen):
        there = inside(shape, points[None] - x, points[:, None] - y, radius)
        exact = there.reshape(16, GRID, 16, GRID).mean((1, 3))
        assert np.abs(found - exact).max() < limit + 2 / GRID


def test_values_are_the_colours_on_black() -> None:
    things = tuple(
        Thing("square", color, 12 + 16 * (i % 4), 12 + 16 * (i // 4), 4.0)
        for i, color in enumerate(RGB)
    )
    picture = render([Scene(things)], World(72))[0]
    assert picture.dtype == np.float32
    assert picture.shape == (3, 72, 72)
    for i, rgb in enumerate(RGB.values()):
        own = picture[
            :, 8 + 16 * (i // 4) : 16 + 16 * (i // 4), 8 + 16 * (i % 4) : 16 + 16 * (i % 4)
        ]
        assert np.allclose(own, 2 * np.array(rgb)[:, None, None] - 1, atol=1e-6)
    assert (picture + 1).sum() == pytest.approx(2 * 64 * np.sum(list(RGB.values())), rel=1e-5)


def test_x_runs_to_the_right_and_y_downwards() -> None:
    picture = render([Scene((Thing("square", "red", 5, 20, 3),))], World(24))[0]
    rows, columns = np.nonzero(picture[0] > 0)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (17, 22, 2, 7)
    half = render([Scene((Thing("square", "red", 5.25, 20, 3),))], World(24))[0, 0]
    assert half[20, 2] == pytest.approx(2 * 0.75 - 1)
    assert half[20, 8] == pytest.approx(2 * 0.25 - 1)


def test_a_triangle_stands_on_its_lower_side() -> None:
    picture = render([Scene((Thing("triangle", "white", 12, 12, 6),))], World(24))[0, 0] / 2 + 0.5
    widths = picture.sum(1)[6:18]  # rows 0 to 12 below the tip: their middles are as wide
    assert widths == pytest.approx(np.arange(12) + 0.5, abs=1e-6)


@pytest.mark.parametrize(("size", "layout"), [(24, "grid"), (32, "free"), (64, "free")])
def test_a_picture_holds_the_light_of_its_things(size: int, layout: str) -> None:
    world = World(size, layout)
    prompts = [prompt_of(caption) for caption in captions()]
    scenes = arrange(prompts, world, np.random.default_rng(0))
    light = (render(scenes, world).astype(np.float64) + 1).sum((2, 3)) / 2  # [N, 3]
    for scene, found in zip(scenes, light):
        exact = sum(AREA[t.shape] * t.radius**2 * np.array(RGB[t.color]) for t in scene.things)
        assert found == pytest.approx(exact, rel=6e-4, abs=1e-4)


def test_pictures_depend_on_their_scene_alone() -> None:
    world = World(32, "free")
    prompts = [prompt_of(caption) for caption in captions()]
    scenes = arrange(prompts, world, np.random.default_rng(0))
    whole = render(scenes, world)
    assert np.array_equal(whole, render(scenes, world))
    assert np.array_equal(whole[::-1], render(scenes[::-1], world))
    assert np.array_equal(whole[7:9], render(scenes[7:9], world))
    assert (whole.min(), whole.max()) == (-1, 1)
    empty = render([Scene(())], world)
    assert (empty == -1).all()
    assert render([], world).shape == (0, 3, 32, 32)


@pytest.mark.parametrize("place", [(2.9, 12), (12, 2.9), (21.1, 12), (12, 21.1), (12, np.nan)])
def test_a_thing_that_leaves_the_picture_is_refused(place: tuple[float, float]) -> None:
    with pytest.raises(Problem, match="a thing that leaves it; keep every box within 0 and 24"):
        render([Scene((Thing("circle", "red", *place, 3.0),))], World(24))
    assert render([Scene((Thing("circle", "red", 3, 21, 3.0),))], World(24)).max() == 1
