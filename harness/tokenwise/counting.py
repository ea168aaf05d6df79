"""What a token model costs: parameters, and floating-point operations of training and drawing."""

import math

import torch

from harness.cell import Part
from harness.data.words import Words
from harness.problem import Problem
from harness.tokens import HEADS, TOKENISERS
from harness.tokens.form import Form
from harness.tokens.head import Cost
from harness.tokens.manner import Manner
from harness.tokens.model import PLAIN, Model, build, cost
from harness.tokenwise.training import TokenTraining

TRAINING = 3  # passes of a step: one forward, two backward


def form_of(training: TokenTraining, shape: tuple[int, int, int]) -> Form:
    """The form of the tokens of images [C, H, W], nothing fitted. Raises ``Problem``."""
    tokeniser = TOKENISERS.make(training.tokeniser)
    patch, (_, height, width) = tokeniser.patch, shape
    if height % patch or width % patch:
        got = f"images of {height} x {width} pixels"
        raise Problem(f"patches of {patch} pixels", got, "choose a patch that divides both")
    tokeniser.shape = shape
    form: Form = tokeniser.form
    return form


def costs(
    training: TokenTraining,
    shape: tuple[int, int, int],
    classes: tuple[str, ...],
    manner: Manner = PLAIN,
) -> Cost:
    """Operations of one image: of its loss (forward), and of drawing it. Raises ``Problem`` for
    parts that do not fit each other."""
    form = form_of(training, shape)
    if HEADS[training.head.name].discrete != form.discrete:
        got = f"tokens of {training.tokeniser}"
        fix = "take cross_entropy for a codebook, diffusion or squared for patches"
        raise Problem(f"the head {training.head}", got, fix)
    try:
        return cost(
            form, training.order, training.network, training.head, words_of(training, classes),
            manner,
        )  # fmt: skip
    except TypeError as error:
        asked = f"the network {training.network} with the head {training.head}"
        raise Problem(asked, f"{error}", "give each its own parameters") from error


def words_of(training: TokenTraining, classes: tuple[str, ...]) -> Words | None:
    """The words that a model is told, None without a condition."""
    return None if training.condition is None else training.condition.words_of(classes)


def parameters(model: Model) -> int:
    """Weights of one copy of a stack."""
    return sum(math.prod(p.shape[1:]) for p in model.parameters())


def parameters_of(
    form: Form, order: Part, network: Part, head: Part, words: Words | None = None
) -> int:
    """The same of a model that is not built yet."""
    return parameters(build(form, order, network, head, [torch.Generator()], words))
