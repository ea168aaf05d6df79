r"""Edits: a caption of a scene loses one attribute to another.

An attribute of a caption is the shape, the colour or the count of one of its things, or the
relation of its two. An edit gives one of them another value, so that

- the result is again a caption of the world, of the same task (``harness.scenes.captions``);
- it is wrong of every picture that the caption before is right of. So a relation becomes its
  opposite alone: on a grid, what lies left of a thing lies above or below it too in 46 % of cases.

    task             kinds of edit        edits of a caption
    single_object    shape                2
    two_object       shape                2
    counting         shape, count         2, 1
    colors           shape, colour        2, 7
    position         shape, relation      2, 1
    color_attr       shape, colour        2, 12

(The shapes of a pair stay different, and so do their colours.) The kind is drawn uniformly among
those that the caption has, then the edit uniformly among those of that kind:

.. math::  M_{ab} = \frac{1}{K_a n_{a,k(b)}},

with :math:`K_a` kinds of edit of caption a, :math:`n_{a,k}` of them of kind k. The shares of the
captions in the data play no part, and an edited caption need not be that of any image.

Source: ours, in the place of the rewriting by a language model, with a level of corruption at
random, of Chen et al., Slight Corruption in Pre-training Data Makes Better Diffusion Models,
NeurIPS 2024, appendix B.1.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from harness.geneval.prompt import Prompt
from harness.problem import Problem
from harness.scenes.captions import prompt_of
from harness.scenes.world import TOWARDS

KINDS = ("shape", "colour", "count", "relation")
THINGS = 2  # of a caption, at most


@final
@dataclass(frozen=True)
class Edits:
    """Every caption of the world can be edited; there are no parameters."""

    def law(self, classes: tuple[str, ...], prior: NDArray[np.float64]) -> NDArray[np.float64]:
        """M, ``[C, C]``, over captions of the world; of the prior only who has images counts.

        Raises ``Problem`` for a class that is no caption of the world, and for one with images of
        which no edit is among the classes.
        """
        prompts = [_prompt(name) for name in classes]
        form = np.array([_form(each) for each in prompts])  # [C]
        values = np.array([_values(each) for each in prompts]).T  # [THINGS * len(KINDS), C]
        differs = values[:, :, None] != values[:, None]  # [THINGS * len(KINDS), C, C]
        edit = (differs.sum(0) == 1) & (form[:, None] == form)
        law = np.zeros(edit.shape)
        for kind in range(len(KINDS)):
            own = edit & differs[kind :: len(KINDS)].any(0)
            law += own / np.maximum(own.sum(1, keepdims=True), 1)
        kinds = law.sum(1, keepdims=True)
        without = np.flatnonzero((kinds[:, 0] == 0) & (prior > 0))
        if len(without):
            got = "none among the classes"
            fix = "let the classes be all captions of the world"
            raise Problem(f"an edit of the caption {classes[without[0]]!r}", got, fix)
        return law / np.maximum(kinds, 1)


def _prompt(name: str) -> Prompt:
    try:
        return prompt_of(name)
    except Problem as problem:
        fix = f"take scenes, or another relabelling: {problem.fix}"
        raise Problem(f"an edit of the class {name!r}", problem.got, fix) from None


def _form(prompt: Prompt) -> str:
    """The task and, of a relation, its axis: what an edit keeps."""
    axes = [TOWARDS[want.position[0]][0] for want in prompt.include if want.position]
    return f"{prompt.tag} {axes}"


def _values(prompt: Prompt) -> list[str]:
    """The attributes of a caption, thing by thing in the order of ``KINDS``; "" for none."""
    found = [
        str(value)
        for want in prompt.include
        for value in (
            want.klass,
            want.color or "",
            want.count,
            want.position[0] if want.position else "",
        )
    ]
    return found + [""] * (THINGS * len(KINDS) - len(found))
