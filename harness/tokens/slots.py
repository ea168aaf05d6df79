"""Slots: what a token model is shown, and what it is asked for.

A slot holds a known token and the place that it is from, or nothing, and asks for the token of one
place. So one network serves all orders:

    in turn     slot t holds the token drawn before the t-th, the first none, and asks for the t-th
    in place    slot i holds the token of place i unless that is hidden, and asks for place i
"""

from typing import NamedTuple

import torch
from torch import Tensor


class Slots(NamedTuple):
    """Of S slots an image. Of one that is not known, token and held place count for nothing."""

    tokens: Tensor  # [K, B, S] or [K, B, S, d]
    known: Tensor  # bool [K, B, S]
    held: Tensor  # int64 [K, B, S]
    asked: Tensor  # int64 [K, B, S]

    def part(self, start: int, stop: int) -> "Slots":
        """The slots from one to before another."""
        return Slots(*(each[:, :, start:stop] for each in self))

    def twice(self) -> "Slots":
        """The batch and the batch again: [K, 2B, S]."""
        return Slots(*(torch.cat([each, each], 1) for each in self))


def take(tokens: Tensor, places: Tensor) -> Tensor:
    """The entries of [K, B, T, ...] at places int64 [K, B, n]: [K, B, n, ...]."""
    index = places.view(*places.shape, *(1,) * (tokens.ndim - 3))
    return tokens.gather(2, index.expand(*places.shape, *tokens.shape[3:]))


def put(tokens: Tensor, places: Tensor, drawn: Tensor) -> None:
    """Write what was drawn [K, B, n, ...] at places int64 [K, B, n] of [K, B, T, ...]."""
    index = places.view(*places.shape, *(1,) * (tokens.ndim - 3))
    tokens.scatter_(2, index.expand_as(drawn), drawn)


def in_turn(tokens: Tensor, permutations: Tensor) -> Slots:
    """Causal slots of tokens [K, B, T, ...] in the order of permutations [K, B, T]."""
    held = permutations.roll(1, -1)
    known = torch.ones_like(held, dtype=torch.bool)
    known[:, :, 0] = False
    return Slots(take(tokens, held), known, held, permutations)


def in_place(tokens: Tensor, hidden: Tensor) -> Slots:
    """Slots of tokens [K, B, T, ...] of which some are hidden, bool [K, B, T]."""
    places = torch.arange(hidden.shape[-1], device=hidden.device).expand_as(hidden)
    return Slots(tokens, ~hidden, places, places)
