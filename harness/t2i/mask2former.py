"""Mask2Former, the detector of GenEval: a Swin-S backbone, instances of COCO, by transformers.

The published detector is mmdetection 2's Mask2Former Swin-S (checkpoint
mask2former_swin-s-p4-w7-224_lsj_8x2_50e_coco_20220504_001756-743b7d99). The default weights here
are ``facebook/mask2former-swin-small-coco-instance``: the same architecture, data and recipe from
another training run. Scores from the two are close and NOT interchangeable; a file of detections
names the weights with their sha256, and so does every score made from it. Weights of the published
run, converted to transformers' names, can be given as a folder.

An image is scaled by one factor until its short side has 800 or its long side 1333 pixels, what
comes first (bilinear), normalised by ImageNet's means and deviations, and filled up with zeros to
multiples of 32, as the published detector does. (The configuration that comes with these weights
says 384 x 384 whatever the shape.) Masks are brought back to the image in two bilinear steps, to
the scaled size and from there to the image's. Objects: ``harness.t2i.instances``; colours:
``harness.t2i.color``.
"""

from collections.abc import Collection, Sequence
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

from harness.geneval.detection import Found
from harness.geneval.vocabulary import COCO, Vocabulary
from harness.problem import Problem
from harness.t2i import color
from harness.t2i.extra import device_of, imported, named, network, placed, versions, weights_hash
from harness.t2i.instances import box, fitted_size, pairs, quality

if TYPE_CHECKING:
    from torch import Tensor

WEIGHTS = "facebook/mask2former-swin-small-coco-instance"
SHORT, LONG, DIVISOR = 800, 1333, 32  # pixels
MEAN = np.array((123.675, 116.28, 103.53), np.float32)  # of levels 0 to 255
DEVIATION = np.array((58.395, 57.12, 57.375), np.float32)
FLOOR = 0.05  # of a score: below it no object is kept; GenEval's thresholds are 0.3 and 0.9
COLORED = 0.3  # colours are read of objects with scores above it, as no rule looks at others
MOST_COLORED = 16  # of a class, as in the rules
ALIASES = {
    "mouse": "computer mouse",
    "remote": "tv remote",
    "keyboard": "computer keyboard",
    "hair dryer": "hair drier",
    "aeroplane": "airplane",
    "motorbike": "motorcycle",
    "sofa": "couch",
    "pottedplant": "potted plant",
    "diningtable": "dining table",
    "tvmonitor": "tv",
    "television": "tv",
}

Picture = NDArray[np.uint8]  # [H, W, 3]
Size = tuple[int, int]  # height, width
Steps = tuple[Size, Size, Size]


def names(labels: Sequence[str], vocabulary: Vocabulary = COCO) -> list[str]:
    """The vocabulary's name of each label of a model, in the order of the labels.

    Raises ``Problem`` for a label that is no class, and where classes are left over.
    """
    made = [ALIASES.get(label.strip().lower(), label.strip().lower()) for label in labels]
    strange = [label for label, name in zip(labels, made) if name not in vocabulary.classes]
    absent = [name for name in vocabulary.classes if name not in made]
    if strange or absent or len(set(made)) != len(made):
        twice = [name for name in vocabulary.classes if made.count(name) > 1]
        parts = [("unknown", strange), ("missing", absent), ("twice", twice)]
        got = "; ".join(f"{what}: {', '.join(each[:5])}" for what, each in parts if each)
        asked = f"a detector of the {len(vocabulary.classes)} classes of {vocabulary.name}"
        raise Problem(asked, got, "use weights of COCO instance segmentation")
    return made


def prepared(picture: Picture) -> NDArray[np.float32]:
    """A picture as the network takes it, ``[3, h, w]``, scaled and normalised, without filling."""
    from PIL import Image

    size = fitted_size(picture.shape[1], picture.shape[0], SHORT, LONG)
    scaled = Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR)
    normal = (np.asarray(scaled, np.float32) - MEAN) / DEVIATION
    return np.ascontiguousarray(normal.transpose(2, 0, 1))


def filled(inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Inputs ``[B, 3, h, w]`` with zeros below and to the right, to multiples of 32."""
    height, width = inputs.shape[2:]
    return np.pad(inputs, ((0, 0), (0, 0), (0, -height % DIVISOR), (0, -width % DIVISOR)))


def enlarged(fields: "Tensor", chosen: NDArray[np.int64], steps: Steps) -> NDArray[np.float32]:
    """Mask logits of the chosen queries on the image, ``[n, H, W]``.

    fields: ``[Q, h', w']``; steps: height and width of the filled input, of the scaled image that
    lies in its upper left corner, and of the image.
    """
    import torch
    from torch.nn.functional import interpolate

    entire, (height, width), last = steps
    some = fields[torch.from_numpy(chosen).to(fields.device)][None]  # [1, n, h', w']
    first = interpolate(some, entire, mode="bilinear")[..., :height, :width]
    return interpolate(first, last, mode="bilinear")[0].cpu().numpy()


@final
class Mask2Former:
    """The detector. model: of transformers; reader: of colours; source, color_source:
    where their weights are from."""

    name = "mask2former"
    vocabulary = COCO

    def __init__(
        self,
        model: Any,
        reader: color.ColorReader,
        device: str,
        floor: float = FLOOR,
        source: str = "",
        color_source: str = "",
    ) -> None:
        labels = model.config.id2label
        self.classes = names([labels[i] for i in sorted(labels)])
        self.model, self.reader, self.device, self.floor = model, reader, device, floor
        self.source, self.color_source = source, color_source

    @cached_property
    def weights(self) -> dict[str, str]:
        """The sha256 over every number of both networks."""
        return {"mask2former": weights_hash(self.model), "clip": weights_hash(self.reader.model)}

    @property
    def settings(self) -> dict[str, Any]:
        """What else decides what is found."""
        return {
            "network": "Mask2Former of transformers, not the published run of mmdetection",
            "source": self.source,
            "revision": getattr(self.model.config, "_commit_hash", None),
            "short_side": SHORT,
            "long_side": LONG,
            "floor": self.floor,
            "color_network": "CLIP of transformers",
            "color_source": self.color_source,
            "templates": list(color.TEMPLATES),
            "versions": versions("torch", "transformers"),
        }

    def check(self, size: tuple[int, int], name: str) -> None:
        """``Problem`` for a picture so narrow that nothing is left of a side where it is scaled."""
        if not min(fitted_size(*size, SHORT, LONG)):
            got = f"{size[0]} x {size[1]} pixels"
            raise Problem(f"the objects of {name}", got, "give a picture that is less narrow")

    def __call__(
        self, pictures: Sequence[Picture], colored: Sequence[Collection[str] | None]
    ) -> list[tuple[Found, ...]]:
        """The objects of each picture, by descending score.

        colored: for each picture the classes whose colours are read; None for all. A crop costs
        about as much as a twentieth of a detection, and a crowded image has dozens of them.
        """
        found: list[tuple[Found, ...]] = []
        for _, group in groupby(zip(pictures, colored), key=lambda pair: pair[0].shape):
            listed = list(group)
            inputs = np.stack([prepared(picture) for picture, _ in listed])  # [B, 3, h, w]
            logits, fields, size = self._forward(filled(inputs))
            steps = (size, inputs.shape[2:], listed[0][0].shape[:2])
            for (picture, classes), row, field in zip(listed, logits, fields):
                found.append(self._objects(picture, classes, row, field, steps))
        return found

    def _forward(self, inputs: NDArray[np.float32]) -> "tuple[NDArray[np.float32], Tensor, Size]":
        """Class logits ``[B, Q, K + 1]``, mask logits on a coarse grid ``[B, Q, h', w']``, and the
        height and width of the inputs."""
        import torch

        with torch.inference_mode():
            outputs = self.model(pixel_values=torch.from_numpy(inputs).to(self.device))
        logits = outputs.class_queries_logits.float().cpu().numpy()
        return logits, outputs.masks_queries_logits.float(), inputs.shape[2:]

    def _objects(
        self,
        picture: Picture,
        colored: Collection[str] | None,
        logits: NDArray[np.float32],
        fields: "Tensor",
        steps: Steps,
    ) -> tuple[Found, ...]:
        """The objects of one picture from class logits ``[Q, K + 1]`` and masks ``[Q, h', w']``."""
        query, klass, probability = pairs(logits, self.floor)
        if not len(query):
            return ()
        distinct, place = np.unique(query, return_inverse=True)
        masks = enlarged(fields, distinct, steps)
        score = np.minimum(probability * quality(masks)[place], 1.0)
        kept = [int(i) for i in np.argsort(-score, kind="stable") if score[i] > self.floor]
        covers = {i: masks[place[i]] > 0 for i in kept}
        boxes = {i: box(covers[i]) for i in kept}
        colors: dict[int, str] = {}
        for number in sorted({int(klass[i]) for i in kept}):
            name = self.classes[number]
            if colored is None or name in colored:
                mine = [i for i in kept if klass[i] == number and score[i] > COLORED]
                mine = mine[:MOST_COLORED]
                crops = [color.cut(picture, covers[i], boxes[i]) for i in mine]
                colors |= dict(zip(mine, self.reader.read(name, crops)))
        return tuple(
            Found(self.classes[klass[i]], float(score[i]), boxes[i], colors.get(i)) for i in kept
        )


def load(
    weights: str | None = None,
    color_weights: str | None = None,
    device: str = "auto",
    floor: float = FLOOR,
) -> Mask2Former:
    """The detector with weights of a name on the hub or of a folder of safetensors.

    Raises ``Problem`` where the extra is not installed and where the weights cannot be had.
    """
    (kind,) = imported("transformers", "Mask2FormerForUniversalSegmentation")
    place = device_of(device)
    weights, color_weights = weights or WEIGHTS, color_weights or color.WEIGHTS
    model = placed(network(kind, weights, use_safetensors=True), place, weights).eval()
    reader = color.load(COCO.colors, color_weights, device)
    return Mask2Former(model, reader, place, floor, named(weights), named(color_weights))
