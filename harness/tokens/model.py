"""A token model: an order, a network and a head that fit each other, as one stack.

``state_dict`` has the weights of network and head by name; the order has none. The parts and the
form of the tokens are all that it takes to build it again.
"""

from typing import final

from torch import Tensor, nn

from harness.cell import Part
from harness.data.words import Words
from harness.problem import Problem
from harness.tokens import HEADS, NETWORKS, ORDERS
from harness.tokens.chance import Generators
from harness.tokens.draw import PLAIN, draw, passes
from harness.tokens.form import Form
from harness.tokens.head import Cost, Head
from harness.tokens.loss import loss
from harness.tokens.manner import Manner
from harness.tokens.order import Order
from harness.tokens.transformer import WIDTH, Transformer


@final
class Model(nn.Module):
    """A stack of K token models; words: what a condition is made of, None without one."""

    def __init__(
        self, order: Order, network: Transformer, head: Head, words: Words | None = None
    ) -> None:
        super().__init__()
        self.order, self.network, self.head, self.words = order, network, head, words

    def forward(self, tokens: Tensor, condition: Tensor | None, generators: Generators) -> Tensor:
        """The loss of each image, [K, B], as ``harness.tokens.loss`` has it."""
        return loss(self.network, self.order, self.head, tokens, condition, generators)

    def draw(
        self,
        condition: Tensor | None,
        count: int,
        generators: Generators,
        manner: Manner = PLAIN,
        cached: bool = True,
    ) -> Tensor:
        """Tokens of so many new images, as ``harness.tokens.draw`` has them."""
        parts = self.network, self.order, self.head
        return draw(*parts, condition, count, generators, manner, cached)


def build(
    form: Form,
    order: Part,
    network: Part,
    head: Part,
    generators: Generators,
    words: Words | None = None,
) -> Model:
    """A fresh stack for tokens of a form, copy k's weights drawn from generator k.

    Raises ``Problem`` for a head of the other kind of tokens, and for a parameter that is unknown.
    """
    row = HEADS[head.name]
    if row.discrete != form.discrete:
        kind = "codes" if form.discrete else "vectors"
        fitting = [name for name in HEADS if HEADS[name].discrete == form.discrete]
        raise Problem(f"the head {head}", f"tokens that are {kind}", f"take {' or '.join(fitting)}")
    told = {} if words is None else {"words": words.count, "length": words.length}
    try:
        made = NETWORKS[network.name](form, generators, **network.kwargs(), **told)
        own = row(made.width, form.size, generators, **head.kwargs())
    except TypeError as error:
        fix = "give each its own parameters"
        raise Problem(f"the network {network} with the head {head}", f"{error}", fix) from error
    return Model(ORDERS.make(order), made, own, words).to(generators[0].device)


def cost(
    form: Form,
    order: Part,
    network: Part,
    head: Part,
    words: Words | None = None,
    manner: Manner = PLAIN,
    cached: bool = True,
) -> Cost:
    """Operations of one image, products only: of its loss (forward), and of drawing it.

    Guidance asks network and head for everything twice.
    """
    told = {} if words is None else {"words": words.count, "length": words.length}
    given = {**network.kwargs(), **told}
    width = given.get("width", WIDTH)
    solver = {"solver": manner.solver, "steps": manner.steps} if head.name == "diffusion" else {}
    own = HEADS[head.name].flops(width, form.size, **head.kwargs(), **solver)
    drawing = passes(ORDERS.make(order), form, cached=cached, **given) + form.length * own.sample
    once = Transformer.flops(form, **given) + form.length * own.loss
    return Cost(once, drawing * (2 if manner.guidance else 1))
