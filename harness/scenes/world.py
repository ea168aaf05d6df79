r"""The world: where the things of a scene lie, drawn at random among what its caption allows.

A thing is a shape that fills a square of half-width ``radius`` about (x, y): a disc of that radius,
the square itself, or a triangle that stands on its lower side with its tip in the middle of the
upper one. So the box of every thing is known without its shape. Lengths are in pixels of a picture
of side S; x runs to the right, y downwards; pixel (i, j) covers [j, j+1] x [i, i+1].

    layout    centre                                             radius            gap at least
    grid      the middle of one of 3 x 3 cells of S/3, moved     2.7 to 3.1 px     1.2 px
              by up to 0.3 px along each axis                    at S = 24         at S = 24
    free      anywhere at least 1 px from the border             3.6 to 5.0 px     2 px
              at S = 32                                          at S = 32         at S = 32

All draws are uniform and all lengths grow with S; the gap is that between two boxes, along x or
along y. No scene holds anything that its caption does not ask for.

Place is drawn again until the boxes keep the gap and, for a caption with a relation, until that
holds: with d the offset of the centres and w the sum of the sizes along one axis, GenEval calls A
left of B where :math:`\max(|d_x| - w_x / 10, 0) / |d| > 1/2` and A's centre lies to the left. Here
at least 0.55 is asked, so that a box that is measured a little wrong does not turn the verdict.
In every layout a draw is accepted with a probability of at least one in fifty; ``TRIES`` fail
together with a probability below 1e-8, and are then reported.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from harness.geneval.detection import Detected, Found
from harness.geneval.prompt import Prompt
from harness.problem import Problem
from harness.scenes.captions import SCENES

LAYOUTS = ("grid", "free")
LEAST = 24  # pixels: below it a disc and a square cannot be told apart
TRIES = 1000
SHRINK = 0.1  # of the sizes of two boxes that does not count as an offset
COMPONENT = 0.55  # of an offset along a relation; GenEval asks for more than 0.5
TOWARDS = {"left of": (0, -1), "right of": (0, 1), "above": (1, -1), "below": (1, 1)}


@final
@dataclass(frozen=True)
class World:
    """size: pixels along a side, a multiple of 8 from 24 on; layout: one of ``LAYOUTS``."""

    size: int = 24
    layout: str = "grid"

    def __post_init__(self) -> None:
        if type(self.size) is not int or self.size < LEAST or self.size % 8:
            fix = f"give a multiple of 8, at least {LEAST}"
            raise Problem(f"scenes of size {self.size!r}", "no size of this world", fix)
        if self.layout not in LAYOUTS:
            fix = f"choose from {', '.join(LAYOUTS)}"
            raise Problem(f"the layout {self.layout!r} of scenes", "no such one", fix)

    @property
    def radii(self) -> tuple[float, float]:
        """The least and the largest radius, in pixels."""
        low, high = (2.7 / 24, 3.1 / 24) if self.layout == "grid" else (3.6 / 32, 5.0 / 32)
        return low * self.size, high * self.size

    @property
    def gap(self) -> float:
        """The least distance of two boxes along x or along y, in pixels."""
        return (1.2 / 24 if self.layout == "grid" else 2 / 32) * self.size


@final
@dataclass(frozen=True)
class Thing:
    """A shape of ``SCENES.classes`` in a colour of ``SCENES.colors``; x, y, radius in pixels."""

    shape: str
    color: str
    x: float
    y: float
    radius: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """(x0, y0, x1, y1), the box that the thing touches on every side."""
        return (
            self.x - self.radius,
            self.y - self.radius,
            self.x + self.radius,
            self.y + self.radius,
        )


@final
@dataclass(frozen=True)
class Scene:
    """What a picture shows, in the order of its caption's prompt; no two things touch."""

    things: tuple[Thing, ...]

    def truth(self, image: str, world: World) -> Detected:
        """The things as a detector without error would report them."""
        objects = tuple(Found(each.shape, 1.0, each.box, each.color) for each in self.things)
        return Detected(image, world.size, world.size, objects)


def arrange(prompts: Sequence[Prompt], world: World, generator: np.random.Generator) -> list[Scene]:
    """One scene for each prompt; several draws for a prompt that stands there several times.

    The prompts are those of ``harness.scenes.captions``. Raises ``Problem`` where no place is found
    in ``TRIES`` draws.
    """
    counts = np.array([sum(want.count for want in prompt.include) for prompt in prompts], int)
    relations = np.array([_relation(prompt) for prompt in prompts], object)
    places: list[NDArray[np.float64]] = [np.empty((0, 3))] * len(prompts)
    for count in np.unique(counts):
        chosen = np.flatnonzero(counts == count)
        for i, place in zip(chosen, _places(relations[chosen], int(count), world, generator)):
            places[i] = place
    hues = generator.integers(len(SCENES.colors), size=(len(prompts), max(counts, default=0)))
    return [_scene(*each) for each in zip(prompts, places, hues)]


def _relation(prompt: Prompt) -> str:
    """The relation of the second thing to the first, "" where any place will do."""
    found = [want.position[0] for want in prompt.include if want.position]
    return found[0] if found else ""


def _scene(prompt: Prompt, places: NDArray[np.float64], hues: NDArray[np.int64]) -> Scene:
    """A scene from places ``[n, 3]`` (x, y, radius) and from the colours of what has none."""
    wanted = [want for want in prompt.include for _ in range(want.count)]
    return Scene(
        tuple(
            Thing(want.klass, want.color or SCENES.colors[hue], *map(float, place))
            for want, place, hue in zip(wanted, places, hues)
        )
    )


def _places(
    relations: NDArray[np.object_], count: int, world: World, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Places of ``count`` things for each relation, float64 ``[N, count, 3]``: x, y, radius."""
    made = np.empty((len(relations), count, 3))
    open_ = np.arange(len(relations))
    for _ in range(TRIES):
        drawn = _drawn(len(open_), count, world, generator)
        good = _apart(drawn, world.gap)
        for relation in TOWARDS:
            where = relations[open_] == relation
            if where.any():
                good[where] &= component(drawn[where], relation) >= COMPONENT
        made[open_[good]] = drawn[good]
        open_ = open_[~good]
        if not open_.size:
            return made
    raise Problem(
        f"a scene of {count} things in {world}",
        f"no place for them in {TRIES} draws",
        "ask for fewer things",
    )


def _drawn(
    scenes: int, count: int, world: World, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Places ``[scenes, count, 3]`` before any condition; on a grid each in a cell of its own."""
    size, shape = world.size, (scenes, count)
    radius = generator.uniform(*world.radii, size=shape)
    if world.layout == "grid":
        cell = np.argsort(generator.random((scenes, 9)), axis=1)[:, :count]
        middle = (np.stack([cell % 3, cell // 3], -1) + 0.5) * (size / 3)  # [scenes, count, 2]
        centre = middle + generator.uniform(-0.3, 0.3, (*shape, 2)) * (size / 24)
    else:
        border = (radius + size / 32)[..., None]
        centre = border + generator.random((*shape, 2)) * (size - 2 * border)
    return np.concatenate([centre, radius[..., None]], -1)


def _apart(places: NDArray[np.float64], gap: float) -> NDArray[np.bool_]:
    """Whether all boxes of ``[N, n, 3]`` keep a distance of ``gap`` along x or along y, ``[N]``."""
    good = np.ones(len(places), bool)
    for a in range(places.shape[1]):
        for b in range(a):
            one, other = places[:, a], places[:, b]
            between = np.abs(one[:, :2] - other[:, :2]) - (one[:, 2:] + other[:, 2:])
            good &= between.max(1) >= gap
    return good


def component(places: NDArray[np.float64], relation: str) -> NDArray[np.float64]:
    """How far the second of two things ``[N, 2, 3]`` lies in a relation to the first, ``[N]``.

    GenEval's measure: the offset along the axis of the relation, less a tenth of the sizes of both
    boxes, over the length of the offset; negative on the wrong side. It holds above 0.5.
    """
    axis, sign = TOWARDS[relation]
    offset = places[:, 1, :2] - places[:, 0, :2]
    sizes = 2 * (places[:, 0, 2] + places[:, 1, 2])
    along = np.maximum(np.abs(offset[:, axis]) - SHRINK * sizes, 0) * np.sign(offset[:, axis])
    return sign * along / np.maximum(np.hypot(*offset.T), 1e-12)
