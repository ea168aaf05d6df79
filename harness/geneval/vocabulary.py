"""The words of a suite of prompts: which objects and which colours it can ask for.

GenEval (Ghosh, Hajishirzi and Schmidt, "GenEval: An object-focused framework for evaluating
text-to-image alignment", NeurIPS 2023) asks for the 80 classes of COCO in ten colours. Another
world, such as coloured shapes, has words of its own; the rules are the same.
"""

from dataclasses import dataclass
from typing import final

from harness.problem import Problem

TASKS = ("single_object", "two_object", "counting", "colors", "position", "color_attr")
POSITIONS = ("left of", "right of", "above", "below")


@final
@dataclass(frozen=True)
class Vocabulary:
    """classes: the objects, in the detector's order; colors: the colours, in the order shown.

    Errors: a ``Problem`` for none of either, and for a word that comes twice.
    """

    name: str
    classes: tuple[str, ...]
    colors: tuple[str, ...]

    def __post_init__(self) -> None:
        for what, words in (("classes", self.classes), ("colors", self.colors)):
            if not words or len(set(words)) < len(words):
                asked = f"different {what} in the vocabulary {self.name!r}"
                raise Problem(asked, repr(words), "name each once")


_COCO = (
    "person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,"
    "stop sign,parking meter,bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,"
    "backpack,umbrella,handbag,tie,suitcase,frisbee,skis,snowboard,sports ball,kite,"
    "baseball bat,baseball glove,skateboard,surfboard,tennis racket,bottle,wine glass,cup,"
    "fork,knife,spoon,bowl,banana,apple,sandwich,orange,broccoli,carrot,hot dog,pizza,donut,"
    "cake,chair,couch,potted plant,bed,dining table,toilet,tv,laptop,computer mouse,tv remote,"
    "computer keyboard,cell phone,microwave,oven,toaster,sink,refrigerator,book,clock,vase,"
    "scissors,teddy bear,hair drier,toothbrush"
)
COCO = Vocabulary(
    "coco",
    tuple(_COCO.split(",")),
    ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white"),
)
