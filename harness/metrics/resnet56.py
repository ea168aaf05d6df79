r"""ResNet-56: the residual network of CIFAR-10 as an extractor; its numbers are FD-R56, never FID.

56 layers of He, Zhang, Ren and Sun, *Deep residual learning for image recognition*, CVPR 2016,
section 4.2: a convolution of 3×3 to 16 channels, three stages of nine blocks at 32, 16 and 8 pixels
with 16, 32 and 64 channels, the mean over positions, one linear layer. A block is

.. math::  h \mapsto \mathrm{relu}\big(\mathrm{bn}(K_2 * \mathrm{relu}(\mathrm{bn}(K_1 * h)))
           + s(h)\big)

with s the identity, or where the stage changes their option A, which has no parameters: every
second row and column, and as many zero channels before and behind as are lacking. The input is RGB
in [0, 1], less (.485, .456, .406), divided by (.229, .224, .225).

``rows`` are the 64 pooled features, ``logits`` the ten classes of CIFAR-10, ``spatial`` the first
seven channels of the last maps, 7·8·8 = 448, as sFID takes the first seven of one of Inception's
(Nash et al., *Generating images with sparse representations*, ICML 2021). A batch normalisation b
with running moments :math:`\mu, v` is a convolution's scale :math:`g / \sqrt{v + 10^{-5}}` and
shift :math:`b - \mu g / \sqrt{v + 10^{-5}}`, folded in float64 once; the features move by 1e-6 of
their size, and an image costs half as much: 300 images/s on one core of 2.5 GHz, 150 unfolded.

Sees what tells ten kinds of objects apart at 32 pixels, and so mode loss, blur and noise. It was
trained on clean CIFAR-10 with its crops and flips: it is nearly blind to a shift or a mirror, and
its features of other images than these are features all the same, with nothing to vouch for them.

The weights are not part of the package. They are read from an .npz file of float32 arrays under the
names of Idelbayev's implementation (2018), ``conv1.weight``, ``bn1.running_mean``, ...,
``layer3.8.conv2.weight``, ..., ``linear.bias``: the file given, else ``$PATINA_RESNET56``, else
``resnet56.npz`` in the user's cache, else ``cifar10-resnet56/weights.npz`` in ``$PATINA_DATA``.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, final

import numpy as np

from harness.data.cifar10 import cache_folder
from harness.metrics.extractor import hash_of
from harness.metrics.features import Features
from harness.metrics.inference import infer, require_images
from harness.metrics.weights import Shapes, read_npz, require_arrays
from harness.problem import Problem

if TYPE_CHECKING:
    from torch import Tensor

STAGES = ((1, 16), (2, 32), (3, 64))  # number, channels
BLOCKS = 9  # a stage
CLASSES = 10
MAPS = 7  # of the spatial features
BATCH = 128
SLACK = 1e-5  # of a batch normalisation's variance
VARIABLE = "PATINA_RESNET56"
FIX = (
    f"give --weights FILE, or set {VARIABLE}: an .npz of the CIFAR-10 ResNet-56 with option A "
    "(conv1, bn1, layer1.0 to layer3.8, linear, as in akamaster/pytorch_resnet_cifar10)"
)


def _convolutions() -> Iterator[tuple[str, str, int, int]]:
    """(convolution, its normalisation, channels in, channels out) from the input on."""
    yield "conv1", "bn1", 3, 16
    before = 16
    for stage, channels in STAGES:
        for block in range(BLOCKS):
            here = f"layer{stage}.{block}"
            yield f"{here}.conv1", f"{here}.bn1", before, channels
            yield f"{here}.conv2", f"{here}.bn2", channels, channels
            before = channels


def shapes() -> dict[str, tuple[int, ...]]:
    """What a file of weights holds: the shape of every array by its name."""
    found: dict[str, tuple[int, ...]] = {}
    for conv, norm, before, channels in _convolutions():
        found[f"{conv}.weight"] = (channels, before, 3, 3)
        for part in ("weight", "bias", "running_mean", "running_var"):
            found[f"{norm}.{part}"] = (channels,)
    return found | {"linear.weight": (CLASSES, 64), "linear.bias": (CLASSES,)}


def folded_shapes() -> Shapes:
    """What an extractor holds: the same without the normalisations, with a bias each."""
    found: dict[str, tuple[int, ...]] = {}
    for conv, _, before, channels in _convolutions():
        found[f"{conv}.weight"], found[f"{conv}.bias"] = (channels, before, 3, 3), (channels,)
    return found | {"linear.weight": (CLASSES, 64), "linear.bias": (CLASSES,)}


def folded(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The weights with each normalisation in the convolution before it, in float32."""
    found = {"linear.weight": arrays["linear.weight"], "linear.bias": arrays["linear.bias"]}
    for conv, norm, _, _ in _convolutions():
        variance = arrays[f"{norm}.running_var"].astype(np.float64)
        scale = arrays[f"{norm}.weight"] / np.sqrt(variance + SLACK)
        weight = arrays[f"{conv}.weight"] * scale[:, None, None, None]
        bias = arrays[f"{norm}.bias"] - arrays[f"{norm}.running_mean"] * scale
        found[f"{conv}.weight"] = weight.astype(np.float32)
        found[f"{conv}.bias"] = bias.astype(np.float32)
    return found


@final
@dataclass(frozen=True, eq=False)
class ResNet56:
    """Pooled features of the CIFAR ResNet-56; d = 64. 250 million operations an image."""

    arrays: dict[str, np.ndarray]  # as in ``folded_shapes``
    name: ClassVar[str] = "resnet56"
    side: ClassVar[int | None] = 32
    channels: ClassVar[int | None] = 3

    @staticmethod
    def weights_file(given: Path | None) -> Path:
        """The file given, that of the environment, or that of the user's cache."""
        if given is not None:
            return Path(given).expanduser()
        if os.environ.get(VARIABLE):
            return Path(os.environ[VARIABLE]).expanduser()
        places = [cache_folder() / "resnet56.npz"]
        if os.environ.get("PATINA_DATA"):
            places.append(Path(os.environ["PATINA_DATA"], "cifar10-resnet56", "weights.npz"))
        for place in places:
            if place.is_file():
                return place
        raise Problem("resnet56", f"no weights: {VARIABLE} is not set, and no {places[0]}", FIX)

    @classmethod
    def fit(cls, reference: np.ndarray, weights: Path | None = None) -> "ResNet56":
        """With the weights in a file; the reference is looked at for its shape alone.

        Raises ``Problem`` where there is no such file, where it is broken or of another network,
        and where the reference is not ``[N, 3 or 1, 32, 32]``.
        """
        require_images(cls.name, reference, cls.side, (1, 3), "for a reference of")
        path = cls.weights_file(weights)
        arrays = {
            name.removeprefix("module."): array
            for name, array in read_npz(path, FIX).items()
            if not name.endswith(".num_batches_tracked")  # counters of its training
        }
        arrays = require_arrays(f"the weights {path}", arrays, shapes(), FIX)
        for name, array in arrays.items():
            if name.endswith(".running_var") and array.min() < 0:
                raise Problem(f"the weights {path}", f"a negative variance in {name!r}", FIX)
        return cls(folded(arrays))

    @classmethod
    def restore(cls, state: Mapping[str, np.ndarray]) -> "ResNet56":
        """The extractor that left this state; ``Problem`` where that is not one of its own."""
        return cls(require_arrays("the state of resnet56", state, folded_shapes(), FIX))

    def state(self) -> dict[str, np.ndarray]:
        """Its numbers: the folded weights."""
        return dict(self.arrays)

    @cached_property
    def hash(self) -> str:
        """sha256 of its name and the folded weights."""
        return hash_of(self.name, self.state())

    def __call__(self, images: np.ndarray) -> Features:
        """Features of images ``[N, 3 or 1, 32, 32]``: rows [N, 64], logits [N, 10], spatial
        [N, 448], float32. Grey is repeated in three channels.

        Raises ``Problem`` for NaN and for another shape.
        """
        x = require_images(self.name, images, self.side, (1, 3))
        return infer(x, self._forward, BATCH, colour=True)

    @cached_property
    def _tensors(self) -> "dict[str, Tensor]":
        """The weights as torch has them fastest: channels last."""
        import torch

        return {
            name: torch.tensor(array).contiguous(
                memory_format=torch.channels_last if array.ndim == 4 else torch.contiguous_format
            )
            for name, array in self.arrays.items()
        }

    def _forward(self, x: "Tensor") -> "tuple[Tensor, Tensor, Tensor]":
        """[B, 3, 32, 32] in [-1, 1] to rows [B, 64], logits [B, 10], spatial [B, 448]."""
        import torch
        from torch.nn.functional import conv2d, linear, pad

        weights = self._tensors

        def conv(h: "Tensor", name: str, stride: int = 1) -> "Tensor":
            return conv2d(h, weights[f"{name}.weight"], weights[f"{name}.bias"], stride, padding=1)

        mean = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
        std = torch.tensor([0.229, 0.224, 0.225])[:, None, None]
        h = ((x + 1) / 2 - mean) / std
        h = conv(h.contiguous(memory_format=torch.channels_last), "conv1").relu_()
        for stage, channels in STAGES:
            for block in range(BLOCKS):
                here, lacking = f"layer{stage}.{block}", channels - h.shape[1]
                stride = 2 if lacking else 1
                inner = conv(h, f"{here}.conv1", stride).relu_()
                inner = conv(inner, f"{here}.conv2")
                if lacking:
                    h = pad(h[:, :, ::2, ::2], (0, 0, 0, 0, lacking // 2, lacking // 2))
                h = inner.add_(h).relu_()  # [B, channels, H, W]
        rows = h.mean((2, 3))
        logits = linear(rows, weights["linear.weight"], weights["linear.bias"])
        return rows, logits, h[:, :MAPS].flatten(1)
