"""Where things lie: what was asked holds by GenEval's own rules, and all draws are uniform."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from harness.geneval.prompt import Prompt, Wanted
from harness.geneval.rules import Rules, judge, relations
from harness.geneval.vocabulary import POSITIONS, TASKS
from harness.problem import Problem
from harness.scenes.captions import SCENES, captions, captions_of, prompt_of
from harness.scenes.world import LAYOUTS, TRIES, Scene, Thing, World, arrange, component

WORLDS = [World(24, "grid"), World(24, "free"), World(32, "free"), World(64, "grid")]
IDS = [f"{world.size}-{world.layout}" for world in WORLDS]


def drawn(world: World, prompts: list[Prompt], seed: int = 0) -> list[Scene]:
    return arrange(prompts, world, np.random.default_rng(seed))


def every(times: int) -> list[Prompt]:
    return [prompt_of(caption) for caption in captions()] * times


@pytest.mark.parametrize("world", WORLDS, ids=IDS)
def test_a_scene_shows_what_its_caption_asks_for_and_nothing_else(world: World) -> None:
    prompts = every(2)
    for prompt, scene in zip(prompts, drawn(world, prompts), strict=True):
        assert judge(prompt, scene.truth("a", world), Rules(), SCENES).correct
        asked = Counter({wanted.klass: wanted.count for wanted in prompt.include})
        assert Counter(thing.shape for thing in scene.things) == asked
        for wanted, thing in zip(prompt.include, scene.things):
            assert wanted.color in (None, thing.color)


@pytest.mark.parametrize("world", WORLDS, ids=IDS)
def test_things_lie_in_the_picture_with_their_gap_and_radius(world: World) -> None:
    low, high = world.radii
    for scene in drawn(world, every(2), 1):
        for i, one in enumerate(scene.things):
            assert low <= one.radius <= high
            x0, y0, x1, y1 = one.box
            assert min(x0, y0) >= 0
            assert max(x1, y1) <= world.size
            assert (x1 - x0, y1 - y0) == pytest.approx((2 * one.radius, 2 * one.radius))
            for other in scene.things[:i]:
                apart = [abs(one.x - other.x), abs(one.y - other.y)]
                assert max(apart) - one.radius - other.radius >= world.gap - 1e-9


def test_lengths_are_those_of_the_table_and_grow_with_the_size() -> None:
    assert World(24, "grid").radii == pytest.approx((2.7, 3.1))
    assert World(24, "grid").gap == pytest.approx(1.2)
    assert World(32, "free").radii == pytest.approx((3.6, 5.0))
    assert World(32, "free").gap == pytest.approx(2.0)
    assert World(64, "free").radii == pytest.approx((7.2, 10.0))
    assert World(72, "grid").gap == pytest.approx(3.6)


@pytest.mark.parametrize("relation", POSITIONS)
@pytest.mark.parametrize("world", WORLDS[:3], ids=IDS[:3])
def test_a_relation_holds_as_drawn_and_when_boxes_are_a_little_off(
    world: World, relation: str
) -> None:
    prompt = prompt_of(f"a circle {relation} a square")
    shake = np.random.default_rng(3)
    for scene in drawn(world, [prompt] * 200):
        square, circle = scene.things
        assert (square.shape, circle.shape) == ("square", "circle")
        axis = 0 if relation in ("left of", "right of") else 1
        offset = (circle.x, circle.y)[axis] - (square.x, square.y)[axis]
        assert (offset < 0) == (relation in ("left of", "above"))
        assert relation in relations(circle.box, square.box)
        off = shake.uniform(-0.1, 0.1, (2, 4)) * world.size / 24
        assert relation in relations(*(np.array([circle.box, square.box]) + off).tolist())


def test_the_measure_of_a_relation_is_that_of_the_rules() -> None:
    """Against the scorer's own function, on boxes anywhere."""
    generator = np.random.default_rng(0)
    places = generator.uniform((0, 0, 1), (20, 20, 21), (2000, 2, 3))
    for relation in POSITIONS:
        measured = component(places, relation)
        clear = np.abs(measured - 0.5) > 1e-6
        boxes = np.concatenate(
            [places[..., :2] - places[..., 2:], places[..., :2] + places[..., 2:]], -1
        )
        holds = [relation in relations(*pair[::-1].tolist()) for pair in boxes]
        assert np.array_equal((measured > 0.5)[clear], np.array(holds)[clear])
        assert 0.05 < np.mean(holds) < 0.6


def test_both_relations_of_a_diagonal_are_drawn() -> None:
    prompt = prompt_of("a circle left of a square")
    kinds = Counter(
        relations(scene.things[1].box, scene.things[0].box)
        for scene in drawn(World(), [prompt] * 500)
    )
    assert set(kinds) == {("left of",), ("left of", "above"), ("left of", "below")}


def test_open_colours_and_cells_are_uniform() -> None:
    things = [s.things[0] for s in drawn(World(), [prompt_of("a circle")] * 4000)]
    for counts, kinds in (
        (Counter(thing.color for thing in things), 8),
        (Counter((int(thing.x // 8), int(thing.y // 8)) for thing in things), 9),
    ):
        assert len(counts) == kinds
        error = np.sqrt(4000 * (1 / kinds) * (1 - 1 / kinds))
        assert max(abs(count - 4000 / kinds) for count in counts.values()) < 4 * error
    radius = np.array([thing.radius for thing in things])
    assert abs(radius.mean() - 2.9) < 4 * 0.4 / np.sqrt(12 * 4000)
    aside = np.array([thing.x % 8 - 4 for thing in things])
    assert abs(aside.mean()) < 4 * 0.6 / np.sqrt(12 * 4000)
    assert np.abs(aside).max() == pytest.approx(0.3, abs=0.001)


def test_free_places_reach_every_corner() -> None:
    things = [s.things[0] for s in drawn(World(32, "free"), [prompt_of("a circle")] * 4000)]
    gaps = np.array([(*t.box[:2], 32 - t.box[2], 32 - t.box[3]) for t in things])
    assert gaps.min() == pytest.approx(1, abs=0.02)
    assert (gaps.min(0) < 1.05).all()
    x = np.array([(t.box[0] - 1) / (30 - 2 * t.radius) for t in things])  # uniform on [0, 1]
    assert abs(x.mean() - 0.5) < 4 / np.sqrt(12 * 4000)
    assert abs((x < 0.25).mean() - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 4000)


def test_the_same_generator_gives_the_same_scenes_and_repeats_differ() -> None:
    prompts = every(1)
    assert drawn(World(), prompts) == drawn(World(), prompts)
    assert drawn(World(), prompts) != drawn(World(), prompts, 1)
    one, other = drawn(World(), [prompts[0]] * 2)
    assert one != other
    assert drawn(World(), []) == []


def test_a_scene_without_room_is_refused_after_a_number_of_draws() -> None:
    crowd = Prompt("counting", (Wanted("circle", 8),), "eight circles")
    with pytest.raises(Problem, match=r"8 things in World.*no place for them in 1000 draws"):
        drawn(World(24, "free"), [crowd])
    assert len(drawn(World(24, "grid"), [crowd])[0].things) == 8


class Counting:
    """A generator that counts how many scenes were drawn."""

    def __init__(self, seed: int) -> None:
        self.generator, self.scenes = np.random.default_rng(seed), 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.generator, name)

    def uniform(self, low: float, high: float, size: Any) -> Any:
        self.scenes += size[0] if low > 0 else 0  # the draw of the radii
        return self.generator.uniform(low, high, size)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_draw_is_accepted_often_enough(task: str, layout: str) -> None:
    """At least one in fifty, so that ``TRIES`` draws fail with the probability stated."""
    assert (1 - 1 / 50) ** TRIES < 1e-8
    counting = Counting(0)
    prompt = prompt_of(captions_of(task)[-1])
    arrange([prompt] * 400, World(24, layout), counting)  # type: ignore[arg-type]
    assert 400 / counting.scenes > 1 / 25


def test_a_world_of_another_size_or_layout_is_refused() -> None:
    for size in (16, 28, 24.0, "24", True):
        with pytest.raises(Problem, match=r"scenes of size.*multiple of 8, at least 24"):
            World(size)  # type: ignore[arg-type]
    with pytest.raises(Problem, match=r"layout 'ring'.*choose from grid, free"):
        World(24, "ring")


def test_the_truth_has_the_boxes_of_the_things_in_order() -> None:
    scene = Scene((Thing("circle", "red", 5, 6, 3), Thing("square", "blue", 15, 16, 2)))
    found = scene.truth("00000.png", World(24))
    assert (found.image, found.width, found.height) == ("00000.png", 24, 24)
    assert [(o.klass, o.color, o.score, o.box) for o in found.objects] == [
        ("circle", "red", 1.0, (2, 3, 8, 9)),
        ("square", "blue", 1.0, (13, 14, 17, 18)),
    ]
