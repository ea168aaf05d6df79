"""The captions of the world: every sentence of a small grammar, with what it asks for.

Three shapes and eight colours, in GenEval's six tasks (Ghosh, Hajishirzi and Schmidt 2023):

    task             caption                              how many
    single_object    a circle                                    3
    two_object       a circle and a square                       6
    counting         two circles, three circles                  6
    colors           a red circle                               24
    position         a circle left of a square                  24
    color_attr       a red circle and a blue square            336

As in GenEval, the shapes of a pair differ, so do the colours of ``color_attr``, and only counting
says what must not be there: one more than the count. What a caption leaves open (colour, place) is
free. GenEval's own sentences begin with "a photo of", which would be seven words in common; here
they begin at once, so that no caption has more than seven words.

Colours: every one has a channel at full strength, and the angle between any two, seen from black,
is at least 21.8 degrees (red to orange).
"""

from functools import cache

from harness.geneval.prompt import Prompt, Wanted
from harness.geneval.vocabulary import POSITIONS, TASKS, Vocabulary
from harness.problem import Problem

RGB: dict[str, tuple[float, float, float]] = {  # 0 is black, 1 is full strength
    "red": (1.0, 0.0, 0.0),
    "orange": (1.0, 0.4, 0.0),
    "yellow": (1.0, 1.0, 0.0),
    "green": (0.0, 1.0, 0.0),
    "cyan": (0.0, 1.0, 1.0),
    "blue": (0.0, 0.0, 1.0),
    "magenta": (1.0, 0.0, 1.0),
    "white": (1.0, 1.0, 1.0),
}
SCENES = Vocabulary("scenes", ("circle", "square", "triangle"), tuple(RGB))
NUMERALS = {2: "two", 3: "three"}
GRAMMAR = (
    "write 'a SHAPE', 'a SHAPE and a SHAPE', 'two|three SHAPEs', 'a COLOUR SHAPE', "
    "'a SHAPE left of|right of|above|below a SHAPE' or 'a COLOUR SHAPE and a COLOUR SHAPE', "
    "shapes of a pair and their colours different, with "
    f"{', '.join(SCENES.classes)} and {', '.join(SCENES.colors)} ('an' before a vowel)"
)


def _named(shape: str, color: str | None = None) -> str:
    """An object with its article: "a circle", "an orange circle"."""
    words = f"{color} {shape}" if color else shape
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _single(shape: str, color: str | None = None) -> Prompt:
    tag = "colors" if color else "single_object"
    return Prompt(tag, (Wanted(shape, color=color),), _named(shape, color))


def _pair(one: str, other: str, hue: str | None = None, other_hue: str | None = None) -> Prompt:
    tag = "color_attr" if hue else "two_object"
    text = f"{_named(one, hue)} and {_named(other, other_hue)}"
    return Prompt(tag, (Wanted(one, color=hue), Wanted(other, color=other_hue)), text)


def _counted(shape: str, count: int) -> Prompt:
    text = f"{NUMERALS[count]} {shape}s"
    return Prompt("counting", (Wanted(shape, count),), text, (Wanted(shape, count + 1),))


def _placed(one: str, relation: str, other: str) -> Prompt:
    """What the sentence names last stands first, and the other refers to it, as in GenEval."""
    text = f"{_named(one)} {relation} {_named(other)}"
    return Prompt("position", (Wanted(other), Wanted(one, position=(relation, 0))), text)


@cache
def _prompts() -> dict[str, Prompt]:
    """Every caption of the world with its prompt, by task, in a fixed order."""
    shapes, hues = SCENES.classes, SCENES.colors
    pairs = [(one, other) for one in shapes for other in shapes if one != other]
    two_hues = [(one, other) for one in hues for other in hues if one != other]
    made = {
        "single_object": [_single(shape) for shape in shapes],
        "two_object": [_pair(*pair) for pair in pairs],
        "counting": [_counted(shape, count) for shape in shapes for count in NUMERALS],
        "colors": [_single(shape, hue) for shape in shapes for hue in hues],
        "position": [_placed(one, place, other) for one, other in pairs for place in POSITIONS],
        "color_attr": [_pair(*pair, *hue) for pair in pairs for hue in two_hues],
    }
    return {prompt.prompt: prompt for task in TASKS for prompt in made[task]}


def captions() -> tuple[str, ...]:
    """All 399 captions of the world, by task in GenEval's order; the order never changes."""
    return tuple(_prompts())


def captions_of(task: str) -> tuple[str, ...]:
    """The captions of one task of ``TASKS``; raises ``Problem`` for another name."""
    if task not in TASKS:
        raise Problem(f"the task {task!r}", "no such one", f"choose from {', '.join(TASKS)}")
    return tuple(caption for caption, prompt in _prompts().items() if prompt.tag == task)


def prompt_of(caption: str) -> Prompt:
    """What a caption asks for; raises ``Problem`` for one that is not of the grammar."""
    try:
        return _prompts()[caption]
    except KeyError:
        raise Problem(f"the caption {caption!r}", "a sentence of no scene", GRAMMAR) from None
