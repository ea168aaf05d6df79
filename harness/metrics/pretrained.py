"""Pretrained networks: Inception, DINOv2 and CLIP as torch-fidelity computes them.

    row         network                                    rows   logits
    inception   Inception v3 of 2015, TensorFlow weights   2048   1008, without their bias
    dinov2      DINOv2 ViT-L/14                            1024   none
    clip        CLIP ViT-B/32                               512   none

``inception`` is the network of the FID (Heusel et al., *GANs trained by a two time-scale update
rule*, NeurIPS 2017), ported by torch-fidelity (Obukhov et al., 2020) with TensorFlow 1's resizing
to 299 pixels: a Fréchet distance on it, and on it alone, may be called FID. Its logits lack the
bias of the last layer, as in the inception score (Salimans et al., *Improved techniques for
training GANs*, NeurIPS 2016, whose graph has a product alone).

``dinov2`` is the network of FD-DINOv2 (Stein et al., *Exposing flaws of generative model evaluation
metrics*, NeurIPS 2023). Those authors resize by a bicubic filter, torch-fidelity by TensorFlow 1's
bilinear one: their numbers are not comparable with these. ``clip`` is the image side of CLIP
(Radford et al., ICML 2021), not normalised to length 1.

The networks resize by themselves and take 8-bit colour: x in [-1, 1] becomes rint(127.5 (x + 1)),
clipped to 0..255; grey is repeated in three channels. Images that were resized before are resized
twice, so leave them in their own size. Where torch sees a GPU they run on it.

torch-fidelity is the extra ``[inception]``. It reads the weights of ``inception`` and ``clip`` in a
format that can hold code, so it is handed only the very file whose sha256 stands here: one that is
given, or that lies in the user's cache or in torch's, or that is fetched into the user's cache. The
code and weights of ``dinov2`` are fetched and kept by ``torch.hub``. The hash of an extractor is
over every number of its network; its ``state`` is that hash, not the network itself, so that a file
of statistics stays small.
"""

from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from harness.data.cifar10 import cache_folder
from harness.data.download import download, sha256_of
from harness.metrics.extractor import hash_of
from harness.metrics.features import Features
from harness.metrics.inference import infer, require_images
from harness.problem import Problem

if TYPE_CHECKING:
    from torch import Tensor

BATCH = 32
INSTALL = (
    "run `python -m pip install 'torch-fidelity>=0.4'` (the extra [inception]), "
    "with the torchvision that belongs to this torch"
)


@final
@dataclass(frozen=True)
class Download:
    """A published file of weights: where it is, its sha256, and its name in torch's cache."""

    url: str
    sha256: str
    file: str


@final
@dataclass(frozen=True, eq=False)
class Pretrained:
    """Features of a network of torch-fidelity, of colour or grey images of any size."""

    name: str
    network: Any  # torch module: uint8 [B, 3, H, W] to a tuple of tensors [B, d]
    device: str
    side: ClassVar[int | None] = None
    channels: ClassVar[int | None] = 3

    @cached_property
    def hash(self) -> str:
        """sha256 of its name and every number of the network."""
        numbers = self.network.state_dict()
        return hash_of(self.name, {key: each.cpu().numpy() for key, each in numbers.items()})

    def state(self) -> dict[str, np.ndarray]:
        """Its hash, by which ``restore`` knows the network again."""
        return {"hash": np.frombuffer(bytes.fromhex(self.hash), np.uint8)}

    def __call__(self, images: np.ndarray) -> Features:
        """Features of images ``[N, 3 or 1, H, W]`` of any size: rows and logits, float32.

        Raises ``Problem`` for NaN and for other numbers of channels.
        """
        x = require_images(self.name, images, self.side, (1, 3))
        return infer(x, self._forward, BATCH, colour=True, device=self.device)

    def _forward(self, x: "Tensor") -> "tuple[Tensor, Tensor | None, None]":
        import torch

        levels = ((x.double() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
        found = self.network(levels)
        return found[0], found[1] if len(found) > 1 else None, None


@final
@dataclass(frozen=True)
class Network:
    """A row of the extractors: a network by torch-fidelity's names for it and for its outputs."""

    name: str
    network: str
    heads: tuple[str, ...]  # rows, and logits where it has them
    weights: Download | None  # None: torch.hub keeps them
    side: ClassVar[int | None] = None
    channels: ClassVar[int | None] = 3

    def fit(self, reference: np.ndarray, weights: Path | None = None) -> Pretrained:
        """The network; the reference is looked at for its shape alone.

        Raises ``Problem`` where torch-fidelity is not installed, for a file of weights that is not
        the published one, and where that cannot be fetched.
        """
        require_images(self.name, reference, None, (1, 3), "for a reference of")
        return self._load(weights)

    def restore(self, state: Mapping[str, np.ndarray]) -> Pretrained:
        """The network, if it is the one that left this state; ``Problem`` if it is another."""
        found = self._load(None)
        wanted = np.asarray(state.get("hash", ()), np.uint8).tobytes().hex()
        if found.hash != wanted:
            raise Problem(
                f"{self.name} with the hash {wanted[:16]}",
                f"one with {found.hash[:16]} on this machine",
                "make both sides with one version of its weights",
            )
        return found

    def _load(self, weights: Path | None) -> Pretrained:
        try:
            create = import_module("torch_fidelity.utils").create_feature_extractor
        except (ImportError, RuntimeError, AttributeError) as error:
            got = f"no torch-fidelity ({type(error).__name__}: {error})"
            raise Problem(f"the extractor {self.name}", got, INSTALL) from error
        import sys

        import torch

        path = self._file(weights)
        cuda = torch.cuda.is_available()
        given = {} if path is None else {"feature_extractor_weights_path": str(path)}
        try:
            with redirect_stdout(sys.stderr):
                network = create(self.network, list(self.heads), cuda=cuda, verbose=False, **given)
        except Exception as error:  # of a download, of another version, of a broken cache
            raise Problem(
                f"the network {self.network} of torch-fidelity",
                f"{type(error).__name__}: {error}",
                "connect once so that it is fetched, or copy torch's cache "
                f"({torch.hub.get_dir()}) from a machine that has it",
            ) from error
        return Pretrained(self.name, network, "cuda" if cuda else "cpu")

    def _file(self, given: Path | None) -> Path | None:
        """The published file of weights; None where torch.hub keeps it."""
        import torch

        if self.weights is None:
            if given is not None:
                raise Problem(
                    f"{self.name} with the weights {given}",
                    "a network that torch.hub fetches and keeps",
                    f"leave them out, and copy {torch.hub.get_dir()} to a machine without network",
                )
            return None
        cached = cache_folder() / self.weights.file
        places = [cached, Path(torch.hub.get_dir()) / "checkpoints" / self.weights.file]
        if given is not None:
            places = [Path(given).expanduser()]
            if not places[0].is_file():
                raise Problem(
                    f"the weights {given}", "no such file", f"fetch it: {self.weights.url}"
                )
        for path in places:
            if path.is_file():
                with path.open("rb") as file:
                    found = sha256_of(file)
                if found == self.weights.sha256:
                    return path
                raise Problem(
                    f"the weights {path} with the sha256 {self.weights.sha256}",
                    f"{path.stat().st_size} bytes with {found}",
                    f"it is truncated or another file: fetch {self.weights.url} again",
                )
        return download(self.weights.url, cached, self.weights.sha256)


INCEPTION = Network(
    "inception",
    "inception-v3-compat",
    ("2048", "logits_unbiased"),
    Download(
        url="https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/"
        "weights-inception-2015-12-05-6726825d.pth",
        sha256="6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
        file="weights-inception-2015-12-05-6726825d.pth",
    ),
)
DINOV2 = Network("dinov2", "dinov2-vit-l-14", ("dinov2",), None)
CLIP = Network(
    "clip",
    "clip-vit-b-32",
    ("clip",),
    Download(
        url="https://openaipublic.azureedge.net/clip/models/"
        "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af/ViT-B-32.pt",
        sha256="40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af",
        file="clip-vit-b-32-40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af.pt",
    ),
)
