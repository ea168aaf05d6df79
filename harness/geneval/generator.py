"""The generator: GenEval's 553 prompts, made again from their seed.

One stream of random numbers makes them all: the 80 classes of COCO in a random order, one each, for
``single_object``; then 100 draws for each of the other tasks, in the order of ``TASKS``; then what
came before is left out. A draw takes from the stream, in this order,

    two_object   two different classes: "a photo of A and B"
    counting     a class, a number from 2 to 4: "a photo of two As"; one more is excluded
    colors       a class other than person, a colour: "a photo of a red A"
    position     two different classes A and B, a relation: "a photo of A left of B"
    color_attr   two different classes other than person, two different colours, in their order

99, 80, 94, 100 and 100 of them are left. The stream is NumPy's ``default_rng(43)``, and each draw
is a ``choice`` or ``integers`` of it. NumPy does not promise that these give the same numbers in
every release (NEP 19); the bytes of the published file are therefore known by their sha256, and
:func:`published_prompts` refuses to give others.

Source: Ghosh, Hajishirzi and Schmidt, GenEval, NeurIPS 2023, section 3.1, and its published code,
whose stream and file this reproduces byte for byte.
"""

import hashlib

import numpy as np

from harness.geneval.prompt import Prompt, Wanted
from harness.geneval.vocabulary import COCO, POSITIONS
from harness.problem import Problem

SEED = 43
DRAWS = 100
SHA256 = "5c48e0813e812e3c373fa5c8ed07a8f0a483be30272b4427b0559c8048e67c13"
NUMBERS = {2: "two", 3: "three", 4: "four"}
COLORLESS = "person"  # is never asked for in a colour


def published_prompts() -> tuple[Prompt, ...]:
    """The 553 published prompts, in their order.

    Errors: a ``Problem`` where this release of NumPy draws other numbers from the seed.
    """
    prompts = generate(np.random.default_rng(SEED))
    digest = hashlib.sha256("".join(f"{p.json}\n" for p in prompts).encode()).hexdigest()
    if digest != SHA256:
        raise Problem(
            f"the published prompts from seed {SEED} (sha256 {SHA256})",
            f"others (sha256 {digest}) from NumPy {np.__version__}, which draws other numbers",
            "give the published evaluation_metadata.jsonl, or use another release of NumPy",
        )
    return prompts


def generate(generator: np.random.Generator, draws: int = DRAWS) -> tuple[Prompt, ...]:
    """Prompts over COCO's classes: all 80 alone, and at most ``draws`` for each other task."""
    order = generator.choice(len(COCO.classes), size=len(COCO.classes), replace=False)
    made = [_single(COCO.classes[i]) for i in order]
    for draw in (_two_object, _counting, _colors, _position, _color_attr):
        made += [draw(generator) for _ in range(draws)]
    return tuple(dict.fromkeys(made))


def _single(klass: str) -> Prompt:
    return Prompt("single_object", (Wanted(klass),), f"a photo of {_article(klass)}")


def _two_object(generator: np.random.Generator) -> Prompt:
    a, b = _pair(generator, COCO.classes)
    text = f"a photo of {_article(a)} and {_article(b)}"
    return Prompt("two_object", (Wanted(a), Wanted(b)), text)


def _counting(generator: np.random.Generator) -> Prompt:
    klass = _one(generator, COCO.classes)
    count = int(generator.integers(min(NUMBERS), max(NUMBERS), endpoint=True))
    text = f"a photo of {NUMBERS[count]} {_plural(klass)}"
    return Prompt("counting", (Wanted(klass, count),), text, (Wanted(klass, count + 1),))


def _colors(generator: np.random.Generator) -> Prompt:
    klass = _one(generator, COLORED)
    color = _one(generator, COCO.colors)
    text = f"a photo of {_article(color)} {klass}"
    return Prompt("colors", (Wanted(klass, color=color),), text)


def _position(generator: np.random.Generator) -> Prompt:
    a, b = _pair(generator, COCO.classes)
    relation = _one(generator, POSITIONS)
    text = f"a photo of {_article(a)} {relation} {_article(b)}"
    return Prompt("position", (Wanted(b), Wanted(a, position=(relation, 0))), text)


def _color_attr(generator: np.random.Generator) -> Prompt:
    classes = _pair(generator, COLORED)
    colors = _pair(generator, COCO.colors)
    include = tuple(Wanted(klass, color=color) for klass, color in zip(classes, colors))
    first, second = (f"{_article(color)} {klass}" for klass, color in zip(classes, colors))
    return Prompt("color_attr", include, f"a photo of {first} and {second}")


def _one(generator: np.random.Generator, words: tuple[str, ...]) -> str:
    return words[generator.choice(len(words))]


def _pair(generator: np.random.Generator, words: tuple[str, ...]) -> tuple[str, str]:
    first, second = generator.choice(len(words), size=2, replace=False)
    return words[first], words[second]


def _article(words: str) -> str:
    """With "an" before the letters a, e, i, o and u, with "a" before others."""
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _plural(word: str) -> str:
    """As published: "es" after an s, else "s", even where English has another form."""
    return f"{word}es" if word.endswith("s") else f"{word}s"


# In the published order, which starts after the one left out and goes round.
_START = COCO.classes.index(COLORLESS) + 1
COLORED = COCO.classes[_START:] + COCO.classes[: _START - 1]
