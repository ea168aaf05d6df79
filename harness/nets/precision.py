"""Precision: on a card the network alone works in bfloat16, and everything around it in float32.

Under autocast the products of the network (matrix products, convolutions) take operands that are
rounded to bfloat16, of unit roundoff u = 2^-8, and add up in float32. Parameters, their gradients
and averages, the optimiser's state, noise, preconditioning and loss are float32 wherever they are,
and so are the input and the output of the network. On a CPU nothing is rounded.

What that costs. D = c_skip x + c_out F, and the loss weighs the square of D by 1/c_out^2, so that a
relative error e of the network's output F, which has a variance of about one, adds e^2 to a loss of
about one a number. Rounding the operands of L products in a row makes e^2 about L u^2, 3e-4 for the
twenty of the U-Net: a seventieth of the 2 % that count as equal, and the same in every arm. It
would be no such trifle outside: x less its noise, at sigma = 0.002 beside values of one, is lost in
a single rounding of x. This estimate is ours; the rest is usual (Karras et al. 2022, appendix F.5,
with half precision in the place of bfloat16).
"""

from collections.abc import Callable

import torch
from torch import Tensor

OF_DEVICE = {"cuda": torch.bfloat16}


def called(
    network: Callable[..., Tensor], given: tuple[Tensor, ...], dtype: torch.dtype | None = None
) -> Tensor:
    """What a network gives for ``given``, of the dtype of the first of these.

    dtype: what its products are rounded to; None is the custom of the device that ``given`` is on:
    bfloat16 on a card, no rounding elsewhere.
    """
    device = given[0].device.type
    dtype = dtype or OF_DEVICE.get(device)
    if dtype is None:
        return network(*given)
    with torch.autocast(device, dtype):
        return network(*given).to(given[0].dtype)
