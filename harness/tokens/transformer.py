"""The network of all token models: a transformer on slots (``harness.tokens.slots``).

What a slot holds enters as a vector: a code as a row of a table, a token of d numbers by an affine
map, and its place is added; nothing held is one learned vector, which is the mask token of a
masked model and the start of a causal one. The place that is asked for is added to either. So a
causal model of any order knows which token it is to predict, and the same weights, parameters and
operations serve raster, random and masked. Blocks are pre-norm (``harness.tokens.block``).

The L words of a condition stand before the slots, as L further ones that ask for nothing. They see
each other and are seen by all. In a causal model slot t sees the words and slots 0 to t.

MAR has an encoder of the visible tokens alone and a decoder of all; here one network sees all, as
in MaskGIT: a step of training costs the same for every order.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from harness.nets.embedding import embedded, looked_up
from harness.nets.stacked import Linear, normal
from harness.problem import Problem
from harness.tokens.block import SPREAD, Block, Pair, through
from harness.tokens.form import Form
from harness.tokens.slots import Slots

WIDTH = 64  # unless another is asked for


class Transformer(nn.Module):
    """A stack of K: slots, condition or None -> h [K, B, S, width], what is learned of each.

    words: how many different words there are with 0, length: L of a condition; both 0 without one.
    A condition is words int64 [K, B, L], or what they embed to, [K, B, L, width].
    """

    def __init__(
        self,
        form: Form,
        generators: Sequence[torch.Generator],
        width: int = WIDTH,
        depth: int = 2,
        heads: int = 4,
        words: int = 0,
        length: int = 0,
    ) -> None:
        super().__init__()
        if width < 1 or depth < 1 or heads < 1 or width % heads:
            fix = "choose a width that the heads divide, and a block or more"
            raise Problem(f"{heads} heads", f"a width of {width}, {depth} blocks", fix)
        self.form, self.width, self.length = form, width, length
        if form.discrete:
            self.code = nn.Parameter(normal((form.size, width), 1.0, generators))  # [K, codes, w]
        else:
            self.inward = Linear(form.size, width, generators)
        self.place = nn.Parameter(normal((form.length, width), 0.5, generators))  # [K, T, w]
        self.aim = nn.Parameter(normal((form.length, width), 0.5, generators))
        self.nothing = nn.Parameter(normal((width,), 1.0, generators))  # [K, w]
        if words:
            self.word = nn.Parameter(normal((words, width), 1.0, generators))  # [K, words, w]
            self.position = nn.Parameter(normal((length, width), 0.5, generators))
        gain = (2 * depth) ** -0.5
        self.blocks = nn.ModuleList([Block(width, heads, generators, gain) for _ in range(depth)])

    def embed(self, words: Tensor) -> Tensor:
        """Words int64 [K, B, L] as vectors [K, B, L, width], whatever their positions."""
        return looked_up(self.word, words)

    def forward(
        self,
        slots: Slots,
        condition: Tensor | None = None,
        causal: bool = False,
        past: list[Pair] | None = None,
    ) -> Tensor:
        """h of the slots; causal: each sees those before it alone.

        past: what earlier calls have left in this list, for slots that follow theirs in a causal
        model, and are to see them; it is empty in the first call, the only one that reads the
        condition, and each call brings it up to date.
        """
        h = self._shown(slots)
        told = 0
        if self.length and not past:
            words = embedded(self, condition) + self.position[:, None]
            h, told = torch.cat([words, h], dim=2), words.shape[2]
        before = past[0][0].shape[1] if past else 0
        mask = self._mask(before, told, h) if causal else None
        for number, block in enumerate(self.blocks):
            h, seen = block(h, mask, past[number] if past and before else None)
            if past is not None:
                past[number : number + 1] = [seen]
        return F.layer_norm(h[:, :, told:], (self.width,))

    def _shown(self, slots: Slots) -> Tensor:
        """The vectors that slots enter as, [K, B, S, w]."""
        if self.form.discrete:
            content = looked_up(self.code, slots.tokens.clamp(min=0))
        else:
            content = through(self.inward, slots.tokens)
        content = content + looked_up(self.place, slots.held)
        nothing = self.nothing[:, None, None]
        return torch.where(slots.known[..., None], content, nothing) + looked_up(
            self.aim, slots.asked
        )

    @staticmethod
    def _mask(before: int, told: int, h: Tensor) -> Tensor | None:
        """Who may see whom, bool [S, before + S]; None for a single slot, which sees all."""
        count = h.shape[2]
        if count == 1:
            return None
        mask = torch.ones(count, before + count, dtype=torch.bool, device=h.device).tril(before)
        mask[:, :told] = True
        return mask

    @staticmethod
    def flops(
        form: Form,
        width: int = WIDTH,
        depth: int = 2,
        heads: int = 4,
        words: int = 0,
        length: int = 0,
        slots: int | None = None,
        before: int = 0,
    ) -> int:
        """Floating-point operations of one forward pass of one image, products only.

        slots: how many it has, None for one a token; before: those (words among them) whose keys
        and values are kept from earlier calls. Products that a causal mask throws away are made.
        """
        own = form.length if slots is None else slots
        count = own + (0 if before else length)
        inward = 0 if form.discrete else own * form.size * width
        block = count * width * (width * (4 + 2 * SPREAD) + 2 * (before + count))
        return 2 * (inward + depth * block)
