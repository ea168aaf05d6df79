r"""The exact detector: what a picture shows, found by segmentation and by rendering again.

With p a pixel's channels scaled to [0, 1] and S the side of the picture:

1. Foreground is where the largest channel is above 1/2: more than half of the pixel is covered.
2. An object is a 4-connected part of it of at least :math:`(2.7 S / 24)^2` pixels, half the area of
   the smallest thing of the world, a triangle. What is smaller is nothing.
3. Its colour is the one of ``SCENES.colors`` whose direction from black is nearest to that of the
   sum of its pixels. How bright the object is plays no part.
4. Its light is :math:`w = p \cdot c / |c|^2`, with c that colour, on the object and on a rim
   around it that is half the smallest gap of the world wide, rounded up to whole pixels: there lies
   every pixel that is covered in part. The light's sum is the area, its mean place the centroid.
5. Area and centroid fix one disc, one square and one triangle. Each is rendered, and the object is
   the one whose picture is nearest to w in squared distance over the object's frame: the smallest
   upright rectangle that holds it and its rim. Its box is the box of that shape.

There is no constant to tune: 1/2, 2.7/24 and the gap are the world's geometry, and step 5 has
none: among three pictures it is the choice of the likelihood under white noise. A rule on moments
of w was tried beside it (the third along y for triangles, the cumulant :math:`\kappa_{22}` for
squares, where it is 0); it is as good on clean pictures, better where a blur is as wide as a sixth
of a thing, and worse under noise, which the far ends of a moment weigh most.

Boxes of rendered scenes are right to 0.06 pixels at every S (a test holds it); the box of the
foreground pixels alone would be off by up to a pixel at the tip of a triangle. A box is cut where
it would leave the picture. What it cannot see: objects dimmer than half strength are none, and
those below four fifths of it look smaller than they are and may be taken for another shape; things
of one colour that touch are one object. The method is ours.
"""

from collections.abc import Sequence
from math import ceil, pi

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from harness.geneval.detection import Detected, Found
from harness.problem import Problem
from harness.scenes.captions import RGB, SCENES
from harness.scenes.render import coverage

FOREGROUND = 0.5  # of a channel's range
SMALLEST = 2.7 / 24  # radius of the smallest thing, over the side of the picture
GAP = 1.2 / 24  # the smallest gap, over the side of the picture
AREA = {"circle": pi, "square": 4.0, "triangle": 2.0}  # of a thing of radius 1
LOWER = {"circle": 0.0, "square": 0.0, "triangle": 1 / 3}  # of its centroid below its middle
BLOCK = 1 << 17  # pixels at a time, which stay in the processor's cache
Array = NDArray[np.float64]
Frame = tuple[slice, slice, slice]


def detect(images: NDArray[np.float32], names: Sequence[str]) -> list[Detected]:
    """What pictures ``[N, 3, S, S]`` in [-1, 1] show, in order, each object with the score 1.

    names: the N names that the pictures go by. Values beyond [-1, 1] are taken as they are. Raises
    ``Problem`` for another shape, for values that are not finite, and for a wrong number of names.
    """
    asked = "pictures of scenes"
    if images.ndim != 4 or images.shape[1] != 3 or images.shape[2] != images.shape[3]:
        raise Problem(asked, f"the shape {images.shape}", "pass square ones, [N, 3, S, S]")
    if len(names) != len(images):
        fix = "name every picture once"
        raise Problem(f"names of {len(images)} pictures", f"{len(names)} names", fix)
    finite = np.isfinite(images).all((1, 2, 3))
    if not finite.all():
        first = names[int(np.flatnonzero(~finite)[0])]
        raise Problem(asked, f"NaN or infinity in {first!r}", "mend or leave out that picture")
    side = images.shape[-1]
    step = max(1, BLOCK // max(side * side, 1))
    objects = [
        each
        for start in range(0, len(images), step)
        for each in _objects((images[start : start + step].astype(np.float64) + 1) / 2)
    ]
    return [Detected(name, side, side, found) for name, found in zip(names, objects, strict=True)]


def _objects(light: Array) -> list[tuple[Found, ...]]:
    """The objects of each picture ``[N, 3, S, S]``, its channels in [0, 1]."""
    count, _, side, _ = light.shape
    label = _parts(light.max(1), (SMALLEST * side) ** 2)
    found: list[list[Found]] = [[] for _ in range(count)]
    if label.any():
        color = _colors(light, label)
        rim = 2 * ceil(GAP / 2 * side) + 1
        grown = np.where(label > 0, label, ndimage.maximum_filter(label, size=(1, rim, rim)))
        frames = ndimage.find_objects(grown)  # of each part: slices of pictures, rows and columns
        for frame, hue, kind, box in zip(frames, color, *_shapes(light, grown, frames, color)):
            x0, y0, x1, y1 = map(float, box)
            each = Found(SCENES.classes[kind], 1.0, (x0, y0, x1, y1), SCENES.colors[hue])
            found[frame[0].start].append(each)
    return [tuple(each) for each in found]


def _parts(brightness: Array, least: float) -> NDArray[np.int64]:
    """The number of each pixel's part of the foreground, from 1, or 0, ``[N, S, S]``.

    Parts are connected within a picture and have ``least`` pixels or more.
    """
    cross = np.zeros((3, 3, 3), bool)  # neighbours within a picture, none in the next
    cross[1] = ndimage.generate_binary_structure(2, 1)
    label, count = ndimage.label(brightness > FOREGROUND, structure=cross)
    large = np.bincount(label.ravel(), minlength=count + 1) >= least
    large[0] = False
    return np.where(large, np.cumsum(large), 0)[label]


def _pixels(light: Array, label: NDArray[np.int64]) -> tuple[NDArray[np.int64], Array, Array]:
    """Of the P pixels of all parts: the part, from 0; channels ``[P, 3]``; x and y ``[2, P]``."""
    image, y, x = np.nonzero(label)
    place = np.stack([x, y]).astype(np.float64) + 0.5
    return label[image, y, x] - 1, light[image, :, y, x], place


def _colors(light: Array, label: NDArray[np.int64]) -> NDArray[np.int64]:
    """The colour of each part, index into ``SCENES.colors``, ``[K]``."""
    part, channels, _ = _pixels(light, label)
    total = np.stack([np.bincount(part, channel) for channel in channels.T], 1)  # [K, 3]
    hues = np.array(list(RGB.values()))
    directions = hues / np.linalg.norm(hues, axis=1, keepdims=True)
    return (total @ directions.T).argmax(1)


def _shapes(
    light: Array, grown: NDArray[np.int64], frames: Sequence[Frame], color: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Array]:
    """Of each of the K parts with their rims: the index into ``SCENES.classes``; the box."""
    part, channels, place = _pixels(light, grown)
    hue = np.array(list(RGB.values()))[color]  # [K, 3]
    weight = np.einsum("pc,pc->p", channels, (hue / (hue**2).sum(1, keepdims=True))[part])
    area = np.maximum(np.bincount(part, weight), (SMALLEST * light.shape[-1]) ** 2)
    centre = np.stack([np.bincount(part, weight * along) for along in place], 1) / area[:, None]
    corner = np.array([(x.start, y.start) for _, y, x in frames])
    extent = np.array([(x.stop, y.stop) for _, y, x in frames]) - corner  # [K, 2]
    patch = int(extent.max())
    column, row = np.floor(place).astype(np.int64) - corner[part].T
    seen = np.zeros((len(area), patch, patch))
    seen[part, row, column] = weight
    along = np.arange(patch) < extent[..., None]  # [K, 2, patch]
    framed = along[:, 1, :, None] & along[:, 0, None, :]
    far, boxes = [], []
    for number, shape in enumerate(SCENES.classes):
        radius = np.sqrt(area / AREA[shape])
        middle = centre - np.stack([0 * radius, LOWER[shape] * radius], 1)
        kind = np.full(len(area), number)
        off = seen - coverage(kind, np.column_stack([middle - corner, radius]), patch)
        far.append(np.einsum("kij,kij,kij->k", off, off, framed))
        boxes.append(np.hstack([middle - radius[:, None], middle + radius[:, None]]))
    best = np.argmin(far, 0)
    box = np.stack(boxes)[best, np.arange(len(best))]
    return best, np.clip(box, 0, light.shape[-1])
