"""What a classifier of clean and imperfect images is shown: windows, as modes of known power.

A window of h x w pixels is turned to the principal axes of the clean images' colours and to the
orthonormal DCT-II, less the mean of the clean windows. White noise stays white in these modes, with
one sigma in all; ``scale`` is the standard deviation of each in clean windows, at least a
thousandth of the overall one.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from harness.annotate.spectral import colour_axes
from harness.nets.dct import LEAST, dct_matrix, to_modes


@dataclass(frozen=True, eq=False)
class Basis:
    """The modes of windows; measured on clean images alone."""

    axes: Tensor  # [C, C], colours
    rows: Tensor  # [h, h]
    columns: Tensor  # [w, w]
    mean: Tensor  # [d], d = C h w
    scale: Tensor  # [d]

    @staticmethod
    def of(clean: np.ndarray, window: tuple[int, int], device: str) -> "Basis":
        """The basis of windows (h, w) of clean images [n, C, H, W]."""
        given = (colour_axes(clean), dct_matrix(window[0]), dct_matrix(window[1]))
        axes, rows, columns = (torch.as_tensor(m.copy(), dtype=torch.float64) for m in given)
        sums, squares = torch.zeros(2, clean[0, :, : window[0], : window[1]].size).double()
        count = 0
        for top, left in np.ndindex(*(n - k + 1 for n, k in zip(clean.shape[2:], window))):
            cut = torch.as_tensor(clean[:, :, top : top + window[0], left : left + window[1]])
            turned = torch.einsum("dc,nchw->ndhw", axes, cut.double())
            modes = to_modes(turned, rows, columns).flatten(1)
            sums, squares = sums + modes.sum(0), squares + (modes**2).sum(0)
            count += len(modes)
        mean = sums / count
        variance = (squares / count - mean**2).clamp(min=0)
        scale = torch.maximum(variance.sqrt(), LEAST * variance.mean().sqrt())
        return Basis(*(m.float().to(device) for m in (axes, rows, columns, mean, scale)))

    def modes(self, windows: Tensor) -> Tensor:
        """Modes [n, d] of windows [n, C, h, w]."""
        turned = torch.einsum("dc,nchw->ndhw", self.axes, windows)
        return to_modes(turned, self.rows, self.columns).flatten(1) - self.mean


class View:
    """The windows of some images, as modes: drawn at random, or all on a grid."""

    def __init__(self, images: np.ndarray, basis: Basis) -> None:
        device = basis.scale.device
        self.images, self.basis = torch.tensor(images, device=device), basis
        self.window = (len(basis.rows), len(basis.columns))
        self.places = [n - k + 1 for n, k in zip(images.shape[2:], self.window)]
        self.whole = basis.modes(self.images) if self.places == [1, 1] else None

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Modes [count, d] of windows at random places of random images."""
        device = self.images.device

        def below(limit: int) -> Tensor:
            return torch.randint(limit, (count,), generator=generator, device=device)

        index = below(len(self.images))
        if self.whole is not None:
            return self.whole[index]
        top, left = below(self.places[0]), below(self.places[1])
        return self.basis.modes(self._cut(index, top, left))

    def grid(self) -> Tensor:
        """Modes [n, places, d] of the windows half a window apart, from the first to the last."""
        if self.whole is not None:
            return self.whole[:, None]
        starts = [places(count, k) for count, k in zip(self.places, self.window)]
        index = torch.arange(len(self.images), device=self.images.device)
        cuts = [
            self.basis.modes(self._cut(index, index * 0 + top, index * 0 + left))
            for top in starts[0]
            for left in starts[1]
        ]
        return torch.stack(cuts, dim=1)

    def _cut(self, index: Tensor, top: Tensor, left: Tensor) -> Tensor:
        """Windows [B, C, h, w] of images ``index`` [B], their first pixels at (top, left) [B]."""
        down, across = (torch.arange(k, device=index.device) for k in self.window)
        rows = (top[:, None] + down)[:, None, :, None]
        columns = (left[:, None] + across)[:, None, None, :]
        channels = torch.arange(self.images.shape[1], device=index.device)[:, None, None]
        return self.images[index[:, None, None, None], channels, rows, columns]


def places(count: int, window: int) -> list[int]:
    """Starts among ``count`` of windows half a window apart; the last one is always there."""
    return sorted({*range(0, count, max(1, window // 2)), count - 1})
