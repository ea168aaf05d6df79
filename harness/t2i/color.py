r"""Colours: which colour an object of a class has, told by a network that joins images and texts.

The rows of a zero-shot classifier are, for the colours c and the embedding T of a text,

.. math::  w_c = \frac{\bar u_c}{|\bar u_c|}, \qquad
           \bar u_c = \tfrac13 \sum_t \frac{T(t(c))}{|T(t(c))|}

over the three templates t: "a photo of a C CLASS", "a photo of a C-colored CLASS" and "a photo of a
C object". An object has the colour whose row has the largest product with the embedding of its
picture: what the mask covers, on a ground of grey (153, 153, 153), cut to the box. Source: Ghosh,
Hajishirzi and Schmidt, "GenEval", NeurIPS 2023; Radford et al., "Learning transferable visual
models from natural language supervision", ICML 2021.

The network there is CLIP ViT-L/14 with the weights of OpenAI. These are the same weights, in the
form that transformers reads: on equal weights the two implementations agree to rounding (float32),
while the published evaluation runs at half precision where the machine does, so that a colour may
differ where two are nearly tied. The pictures are scaled so that the short side has 224 pixels
(bicubic), cut to the central square and normalised by CLIP's means and deviations.
"""

from collections.abc import Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from harness.t2i.extra import check_words, device_of, imported, loaded, network, placed

TEMPLATES = (
    "a photo of a {c} {klass}",
    "a photo of a {c}-colored {klass}",
    "a photo of a {c} object",
)
GROUND = 153  # of 255: the grey #999
SIDE = 224  # pixels
MEAN = np.array((0.48145466, 0.4578275, 0.40821073), np.float32)
DEVIATION = np.array((0.26862954, 0.26130258, 0.27577711), np.float32)
WEIGHTS = "openai/clip-vit-large-patch14"
BATCH = 16

Picture = NDArray[np.uint8]  # [H, W, 3]


def sentences(klass: str, colors: Sequence[str]) -> list[str]:
    """The texts of a class: colour by colour, and for each the templates in order."""
    return [template.format(c=c, klass=klass) for c in colors for template in TEMPLATES]


def rows(embeddings: NDArray[np.floating]) -> NDArray[np.float64]:
    """The classifier ``[C, d]`` of embeddings of the texts ``[C, T, d]``."""
    unit = _unit(embeddings).mean(1)  # [C, d]
    return _unit(unit)


def nearest(images: NDArray[np.floating], classifier: NDArray[np.floating]) -> NDArray[np.int64]:
    """For each embedding of an image ``[n, d]``, its row of a classifier ``[C, d]``, ``[n]``."""
    return np.argmax(_unit(images) @ classifier.T, 1)


def _unit(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    exact = np.asarray(vectors, np.float64)
    return exact / np.linalg.norm(exact, axis=-1, keepdims=True)


def cut(
    picture: Picture, mask: NDArray[np.bool_], box: tuple[float, float, float, float]
) -> Picture:
    """What a mask ``[H, W]`` covers, on grey, cut to a box in pixels, each edge rounded."""
    x0, y0, x1, y1 = (round(edge) for edge in box)
    covered = np.where(mask[:, :, None], picture, np.uint8(GROUND))
    return covered[y0:y1, x0:x1]


def prepared(picture: Picture) -> NDArray[np.float32]:
    """A picture ``[h, w, 3]`` as the network takes it, ``[3, 224, 224]``."""
    from PIL import Image

    height, width = picture.shape[:2]
    short = min(height, width)
    size = (max(SIDE, int(SIDE * width / short)), max(SIDE, int(SIDE * height / short)))
    scaled = np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC))
    top, left = round((size[1] - SIDE) / 2), round((size[0] - SIDE) / 2)
    square = scaled[top : top + SIDE, left : left + SIDE].astype(np.float32) / 255
    normal = (square - MEAN) / DEVIATION
    return np.ascontiguousarray(normal.transpose(2, 0, 1))


@final
class ColorReader:
    """A CLIP with its tokenizer, as a reader of colours. model, tokenizer: of transformers."""

    def __init__(self, model: Any, tokenizer: Any, colors: Sequence[str], device: str) -> None:
        self.model, self.tokenizer, self.colors, self.device = model, tokenizer, colors, device
        self._classifiers: dict[str, NDArray[np.float64]] = {}

    def read(self, klass: str, crops: Sequence[Picture]) -> list[str]:
        """The colour of each cut object of a class."""
        if not crops:
            return []
        found: list[str] = []
        for start in range(0, len(crops), BATCH):
            batch = np.stack([prepared(crop) for crop in crops[start : start + BATCH]])
            places = nearest(self._images(batch), self.classifier(klass))
            found += [self.colors[place] for place in places]
        return found

    def classifier(self, klass: str) -> NDArray[np.float64]:
        """The classifier of a class, ``[C, d]``; made once."""
        if klass not in self._classifiers:
            flat = self._texts(sentences(klass, self.colors))
            shape = (len(self.colors), len(TEMPLATES), flat.shape[1])
            self._classifiers[klass] = rows(flat.reshape(shape))
        return self._classifiers[klass]

    def _texts(self, texts: list[str]) -> NDArray[np.float32]:
        import torch

        tokens = self.tokenizer(texts, padding=True, return_tensors="pt")
        with torch.inference_mode():
            return _numbers(self.model.get_text_features(**tokens.to(self.device)))

    def _images(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        import torch

        pixels = torch.from_numpy(batch).to(self.device)
        with torch.inference_mode():
            return _numbers(self.model.get_image_features(pixel_values=pixels))


def _numbers(features: Any) -> NDArray[np.float32]:
    """Features as an array; some versions wrap them in an output."""
    tensor = getattr(features, "pooler_output", features)
    return tensor.float().cpu().numpy()


def load(colors: Sequence[str], weights: str = WEIGHTS, device: str = "auto") -> ColorReader:
    """The reader of a name on the hub or a folder of safetensors.

    Raises ``Problem`` where the extra is not installed and where the weights cannot be had.
    """
    kind, words = imported("transformers", "CLIPModel", "CLIPTokenizer")
    place = device_of(device)
    model = placed(network(kind, weights, use_safetensors=True), place, weights).eval()
    tokenizer = loaded(words, weights)
    check_words(tokenizer, weights)
    return ColorReader(model, tokenizer, colors, place)
