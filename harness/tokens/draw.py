"""Tokens of new images, each drawn exactly once, in the steps of an order.

A causal model reads one new slot a step: the keys and values of those before it are kept
(``cached``), or else computed again in every step, with the same result to rounding. A masked model
reads all slots in every step.

The guidance of a step is the manner's times the share of tokens that are drawn when it is done
(``harness.tokens.manner``). With it every pass is made with the condition and without.
"""

import torch
from torch import Tensor

from harness.problem import Problem
from harness.tokens.block import Pair
from harness.tokens.chance import Generators
from harness.tokens.form import Form
from harness.tokens.head import Head
from harness.tokens.loss import agree
from harness.tokens.manner import Manner
from harness.tokens.order import Order
from harness.tokens.slots import in_place, in_turn, put, take
from harness.tokens.transformer import Transformer

PLAIN = Manner()


@torch.no_grad()
def draw(
    network: Transformer,
    order: Order,
    head: Head,
    condition: Tensor | None,
    count: int,
    generators: Generators,
    manner: Manner = PLAIN,
    cached: bool = True,
) -> Tensor:
    """Tokens [K, count, T, d], or int64 [K, count, T]; condition: words int64 [K, count, L].

    Generator k draws the orders of copy k first, then what the head draws, step by step. Raises
    ``Problem`` for parts that do not fit each other, and for guidance without a condition.
    """
    agree(network, head, condition)
    form, guided = network.form, manner.guidance != 0
    if condition is None and guided:
        got = "a model without a condition"
        raise Problem(f"guidance={manner.guidance}", got, "train it with a condition")
    if condition is not None and condition.shape[1] != count:
        got = f"conditions for {condition.shape[1]}"
        raise Problem(f"tokens of {count} images", got, "give a condition an image")
    permutations = order.permutations(count, form.length, generators)
    kind = torch.int64 if form.discrete else torch.float32
    tokens = torch.zeros(len(generators), count, *form.tail, dtype=kind, device=permutations.device)
    hidden = torch.ones_like(permutations, dtype=torch.bool)
    if condition is not None and guided:
        condition = torch.cat([condition, torch.zeros_like(condition)], 1)
    past: list[Pair] | None = [] if order.causal and cached else None
    drawn = 0
    for places in permutations.split(order.counts(form.length), dim=-1):  # [K, N, n]
        if order.causal:
            slots = in_turn(tokens, permutations).part(drawn if cached else 0, drawn + 1)
        else:
            slots = in_place(tokens, hidden)
        h = network(slots.twice() if guided else slots, condition, order.causal, past)
        asked = places.repeat(1, 2, 1) if guided else places
        h = h[:, :, -1:] if order.causal else take(h, asked)
        drawn += places.shape[-1]
        told, free = h.chunk(2, 1) if guided else (h, None)
        pull = manner.guidance * drawn / form.length
        put(tokens, places, head.sample(told, free, pull, manner, generators))
        hidden.scatter_(-1, places, False)
    return tokens


def passes(
    order: Order, form: Form, words: int = 0, length: int = 0, cached: bool = True, **network: int
) -> int:
    """Operations of the network in drawing one image without guidance, which doubles them.

    words, length, network: as ``Transformer.flops`` takes them. The head's are its own, a token.
    """
    condition = {"words": words, "length": length}
    if not order.causal:
        return len(order.counts(form.length)) * Transformer.flops(form, **network, **condition)
    if not cached:
        shares = [{"slots": t + 1} for t in range(form.length)]
    else:
        shares = [{"slots": 1, "before": length + t if t else 0} for t in range(form.length)]
    return sum(Transformer.flops(form, **network, **condition, **share) for share in shares)
