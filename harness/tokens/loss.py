"""The loss of a batch of images' tokens under an order, a network and a head.

Causal orders: the mean of the head's loss over all tokens of an image, each given those before it
(teacher forcing); with codes that is the exact negative log-likelihood of the image in nats a
token, under the order that it was given. Masked: the mean over the tokens that are hidden, given
the others. Losses of different orders are means of different things and do not compare.
"""

from torch import Tensor

from harness.problem import Problem
from harness.tokens.chance import Generators
from harness.tokens.head import Head
from harness.tokens.order import Order
from harness.tokens.slots import in_place, in_turn, take
from harness.tokens.transformer import Transformer


def agree(network: Transformer, head: Head, condition: Tensor | None) -> None:
    """A network, its head and a condition that fit each other, or a :class:`Problem`."""
    kind, other = ("codes" if each.discrete else "vectors" for each in (network.form, head))
    if kind != other:
        fix = "take cross_entropy for a codebook, diffusion or squared for patches"
        raise Problem(f"a model of {kind}", f"a head for {other}", fix)
    if (condition is None) == bool(network.length):
        got = "none" if condition is None else "one"
        fix = "give one to a network that was built with words, and to no other"
        raise Problem("a token model's condition", got, fix)


def loss(
    network: Transformer,
    order: Order,
    head: Head,
    tokens: Tensor,
    condition: Tensor | None,
    generators: Generators,
) -> Tensor:
    """[K, B], of tokens [K, B, T] or [K, B, T, d]; condition: words int64 [K, B, L] or None.

    Generator k draws, in this sequence, the orders of copy k, what is hidden, and the head's noise:
    with generators that start alike it is a loss with fixed noise and masks. Raises ``Problem`` for
    parts that do not fit each other, and (on CPU) for tokens of another form.
    """
    agree(network, head, condition)
    if tokens.device.type == "cpu":
        network.form.check(tokens.numpy())
    permutations = order.permutations(tokens.shape[1], network.form.length, generators)
    if order.causal:
        h = network(in_turn(tokens, permutations), condition, causal=True)
        return head.loss(h, take(tokens, permutations), generators).mean(2)
    hidden = order.hidden(permutations, generators)
    h = network(in_place(tokens, hidden), condition)
    return (head.loss(h, tokens, generators) * hidden).sum(2) / hidden.sum(2)
