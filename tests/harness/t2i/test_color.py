"""Colours: the texts, the classifier, the crops, and a reader with transparent networks."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from harness.streams import numpy_generator
from harness.t2i import color

RGB = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}


def test_the_texts_stand_colour_by_colour() -> None:
    assert color.sentences("wine glass", ("red", "blue")) == [
        "a photo of a red wine glass",
        "a photo of a red-colored wine glass",
        "a photo of a red object",
        "a photo of a blue wine glass",
        "a photo of a blue-colored wine glass",
        "a photo of a blue object",
    ]


def test_every_text_counts_alike_however_long_its_embedding() -> None:
    given = numpy_generator("test", 0, "embeddings").normal(size=(4, 3, 6))
    made = color.rows(given)
    for row, texts in zip(made, given):
        mean = sum(text / np.sqrt((text**2).sum()) for text in texts) / 3
        assert row == pytest.approx(mean / np.sqrt((mean**2).sum()), rel=1e-12)
    assert color.rows(given * np.array([1, 7, 0.2])[None, :, None]) == pytest.approx(made)


def test_the_nearest_row_is_that_of_the_largest_cosine() -> None:
    stream = numpy_generator("test", 1, "embeddings")
    images, classifier = stream.normal(size=(20, 6)), color.rows(stream.normal(size=(4, 3, 6)))
    cosines = [[float(i @ c / np.linalg.norm(i)) for c in classifier] for i in images]
    assert color.nearest(images, classifier).tolist() == [int(np.argmax(c)) for c in cosines]


def test_a_crop_is_grey_outside_the_mask_and_cut_at_the_rounded_box(noise) -> None:
    picture = noise(9, 12)
    mask = numpy_generator("test", 0, "mask").random((9, 12)) > 0.5
    box = (1.6, 2.4, 7.5, 6.51)
    ground = Image.new("RGB", (12, 9), "#999")  # as published: composite, then crop
    whole = Image.composite(Image.fromarray(picture), ground, Image.fromarray(mask))
    assert (color.cut(picture, mask, box) == np.asarray(whole.crop(box))).all()
    assert color.cut(picture, mask, box).shape == (5, 6, 3)


@pytest.mark.parametrize("shape", [(224, 224), (300, 500), (97, 40), (7, 13)], ids=str)
def test_the_short_side_becomes_224_and_the_middle_is_kept(shape: tuple[int, int]) -> None:
    height, width = shape
    ramp = np.broadcast_to(np.linspace(0, 255, width)[None, :, None], (height, width, 3))
    made = color.prepared(np.rint(ramp).astype(np.uint8))
    assert made.shape == (3, 224, 224)
    levels = made * color.DEVIATION[:, None, None] + color.MEAN[:, None, None]
    share = min(1.0, height / width)  # of the width that is kept
    middle = np.linspace(0.5 - share / 2, 0.5 + share / 2, 224)
    inner = slice(12, -12)  # the filter's reach at the borders
    assert np.abs(levels[0, 100, inner] - middle[inner]).max() < 0.03
    assert np.abs(levels.std(1)).max() < 0.01  # nothing varies from row to row


class Seen:
    """Embeds a picture as its mean colour, and a text as the colour that it names."""

    def __init__(self) -> None:
        self.asked = 0

    def get_image_features(self, pixel_values: torch.Tensor) -> torch.Tensor:
        mean, deviation = torch.tensor(color.MEAN), torch.tensor(color.DEVIATION)
        return pixel_values.mean((2, 3)) * deviation + mean + 1e-3

    def get_text_features(self, texts: list[str]) -> Any:
        self.asked += 1
        values = [next(rgb for name, rgb in RGB.items() if name in text) for text in texts]
        return SimpleNamespace(pooler_output=torch.tensor(values, dtype=torch.float32))


class Tokens(dict):
    def to(self, device: str) -> "Tokens":
        return self


def tokenizer(texts: list[str], padding: bool, return_tensors: str) -> Tokens:
    assert padding
    assert return_tensors == "pt"
    return Tokens(texts=texts)


def test_the_reader_tells_the_colours_of_many_crops_and_makes_a_classifier_once() -> None:
    model = Seen()
    reader = color.ColorReader(model, tokenizer, tuple(RGB), "cpu")
    names = [list(RGB)[i % 3] for i in range(2 * color.BATCH + 1)]
    crops = [np.full((5 + i, 9, 3), RGB[name], np.uint8) for i, name in enumerate(names)]
    assert reader.read("cup", crops) == names
    assert reader.read("cup", crops[:1]) == names[:1]
    assert model.asked == 1
    assert reader.read("bus", []) == []
    assert model.asked == 1
