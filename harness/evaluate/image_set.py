"""An image set: the images of one path, of which only a batch is ever in memory.

Opening it reads every file once, and decodes it where a look does not tell
(``harness.evaluate.look``): then it is known how many there are, of which sizes and kinds, which
cannot be read, and what their digest is, before any number is worked out. Without
``skip_unreadable`` one unreadable image is enough to stop, with a list of all of them. With it
every image is decoded once at opening, the unreadable ones are left out, and the set is the same
as if they had not been there.

The digest of an image is the sha256 of its file's bytes, or, of a row of an array, of
"levels C H W" and its levels. The digest of a set is the sha256 of those of its images in order.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from harness.data.picture import channels_of, check_channels, decode, levels
from harness.evaluate.collection import Collection, Item
from harness.evaluate.look import Look, look
from harness.evaluate.preprocess import identity, resized, with_channels
from harness.problem import Problem

Progress = Callable[[float], None]  # called with the share of a pass that is done
SHOWN = 5  # unreadable images that an error lists


@final
@dataclass(frozen=True, eq=False)
class ImageSet:
    """N readable images. title: the path as given; looks, digests: one an image.

    names: what reports call them; labels: int64 ``[N]`` into ``classes``, or None; unreadable: name
    and reason of what was left out; notes: how the images were chosen, in words.
    """

    title: str
    names: tuple[str, ...]
    labels: NDArray[np.int64] | None
    classes: tuple[str, ...]
    looks: tuple[Look, ...]
    digests: tuple[bytes, ...]
    unreadable: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    collection: Collection = field(repr=False)
    index: NDArray[np.int64] = field(repr=False)  # [N], where each stands in the collection

    @property
    def count(self) -> int:
        """N, the number of images."""
        return len(self.names)

    @cached_property
    def digest(self) -> str:
        """sha256 of the digests of the images in order, as 64 hexadecimal digits."""
        return hashlib.sha256(b"".join(self.digests)).hexdigest()

    @cached_property
    def sizes(self) -> dict[tuple[int, int], int]:
        """How many images have H x W pixels, the most frequent first."""
        return dict(Counter((each.height, each.width) for each in self.looks).most_common())

    @cached_property
    def kinds(self) -> dict[str, int]:
        """How many images a lossy and a lossless codec stored, and of how many nothing says so."""
        words = {True: "lossy", False: "lossless", None: "unknown"}
        found = Counter(words[each.lossy] for each in self.looks)
        return {word: found[word] for word in words.values()}

    @cached_property
    def colours(self) -> dict[str, int]:
        """How many images are stored as grey, and how many as colour."""
        grey = sum(each.channels == 1 for each in self.looks)
        return {"grey": grey, "colour": self.count - grey}

    def resized(self, size: int | None) -> int:
        """How many images are resized to become size x size."""
        return 0 if size is None else self.count - self.sizes.get((size, size), 0)

    def squashed(self, size: int | None) -> int:
        """How many images are not square, and so change their proportions at ``size``."""
        return 0 if size is None else sum(n for (h, w), n in self.sizes.items() if h != w)

    def shape(self, size: int | None = None, channels: int | None = None) -> tuple[int, int, int]:
        """(C, H, W) of every image that ``pieces`` gives with these arguments.

        Raises Problem where no size is given and there are two, or no number of channels and the
        set holds both grey and colour.
        """
        check_channels(channels)
        if size is not None and (isinstance(size, bool) or not isinstance(size, int) or size < 1):
            raise Problem("a size of images", f"{size!r}", "give a whole number of pixels")
        if size is None and len(self.sizes) > 1:
            shown = [f"{self._first(s)} with {s[1]} x {s[0]} pixels" for s in list(self.sizes)[:2]]
            raise Problem(
                f"images of one size in {self.title}",
                f"{len(self.sizes)} sizes, such as {' and '.join(shown)}",
                "say --size N to resize each to N x N",
            )
        if channels is None and all(self.colours.values()):
            grey, colour = (
                next(name for name, each in zip(self.names, self.looks) if each.channels == c)
                for c in (1, 3)
            )
            raise Problem(
                f"grey or colour images in {self.title}",
                f"both ({grey} and {colour})",
                "ask for 3 channels, or for 1",
            )
        height, width = next(iter(self.sizes)) if size is None else (size, size)
        return channels or self.looks[0].channels, height, width

    def preprocess(self, size: int | None = None, channels: int | None = None) -> str:
        """What ``pieces`` with these arguments does to the images, in one line."""
        return identity(*self.shape(size, channels))

    def pieces(
        self,
        batch: int = 64,
        size: int | None = None,
        channels: int | None = None,
        progress: Progress | None = None,
    ) -> Iterator[tuple[slice, NDArray[np.uint8]]]:
        """All images in order, ``batch`` at a time: their places, and levels ``[B, C, H, W]``.

        size: None (all have one), or pixels of the side that each is resized to; channels: 1, 3 or
        None (all have one number of them). Raises Problem for what ``shape`` refuses, and where a
        file has changed since the set was opened.
        """
        if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
            raise Problem("a batch of images", f"{batch!r}", "give a whole number from 1")
        return self._pieces(batch, self.shape(size, channels), size, progress)

    def _pieces(
        self, batch: int, shape: tuple[int, int, int], size: int | None, progress: Progress | None
    ) -> Iterator[tuple[slice, NDArray[np.uint8]]]:
        items = self.collection.items(self.index)
        for start in range(0, self.count, batch):
            stop = min(start + batch, self.count)
            piece = np.empty((stop - start, *shape), np.uint8)
            for row in range(start, stop):
                piece[row - start] = self._levels(next(items), row, shape, size)
            yield slice(start, stop), piece
            if progress is not None:
                progress(stop / self.count)

    def take(
        self, index: NDArray[np.int64], size: int | None = None, channels: int | None = None
    ) -> NDArray[np.uint8]:
        """The images at these places, in their order, as levels ``[n, C, H, W]``."""
        shape = self.shape(size, channels)
        rows, back = np.unique(index, return_inverse=True)
        out = np.empty((len(rows), *shape), np.uint8)
        for i, item in enumerate(self.collection.items(self.index[rows])):
            out[i] = self._levels(item, int(rows[i]), shape, size)
        return out[back]

    def _levels(
        self, item: Item, row: int, shape: tuple[int, int, int], size: int | None
    ) -> NDArray[np.uint8]:
        """The levels of an item, ``shape``; a Problem that lists all images that do not decode."""
        channels = shape[0]
        try:
            if isinstance(item, Problem):
                raise item
            if isinstance(item, bytes):
                picture = decode(item, self.names[row])
                x = levels(picture, min(channels, channels_of(picture)))
            else:
                x = item
        except Problem as error:
            survey(self.title, self.collection, thorough=True)  # lists all of them, where it still
            raise self._changed(row) from error  # finds them
        seen = self.looks[row]
        if x.shape[1:] != (seen.height, seen.width):
            raise self._changed(row)
        x = with_channels(x, 1) if channels == 1 else x
        return with_channels(x if size is None else resized(x, size), channels)

    def _changed(self, row: int) -> Problem:
        return Problem(
            f"the image {self.names[row]} of {self.title}",
            "another file than when the set was opened",
            "see who writes to it, and run again",
        )

    def _first(self, size: tuple[int, int]) -> str:
        pairs = zip(self.names, self.looks)
        return next(name for name, each in pairs if (each.height, each.width) == size)

    def describe(self) -> dict[str, Any]:
        """What a record says of the set, as plain data."""
        return {
            "images": self.title,
            "count": self.count,
            "digest": self.digest,
            "sizes": {f"{width}x{height}": n for (height, width), n in self.sizes.items()},
            "kinds": self.kinds,
            "colours": self.colours,
            "classes": list(self.classes),
            "unreadable": [list(each) for each in self.unreadable],
            "notes": list(self.notes),
        }


def survey(
    title: str,
    collection: Collection,
    *,
    skip_unreadable: bool = False,
    thorough: bool = False,
    progress: Progress | None = None,
) -> ImageSet:
    """The images of a collection, each looked at once.

    Raises Problem where some cannot be read (without ``skip_unreadable``), or all.
    """
    thorough = thorough or skip_unreadable
    names = collection.names
    places, looks, digests, bad = [], [], [], []
    for place, item in enumerate(collection.items(np.arange(len(names)))):
        try:
            if isinstance(item, Problem):
                raise item
            looks.append(look(item, names[place], thorough))
        except Problem as error:
            bad.append((names[place], error.got))
        else:
            places.append(place)
            digests.append(_digest(item))
        if progress is not None and (place % 64 == 63 or place == len(names) - 1):
            progress((place + 1) / len(names))
    if bad and not thorough:  # there may be more than the quick look finds
        survey(title, collection, thorough=True)
    if bad and (not skip_unreadable or not places):
        listed = "; ".join(f"{name}: {reason}" for name, reason in bad[:SHOWN])
        more = f"; and {len(bad) - SHOWN} more" if len(bad) > SHOWN else ""
        fix = "mend or remove them, or say --skip-unreadable to leave them out"
        raise Problem(
            f"the images of {title}",
            f"{len(bad)} of {len(names)} that cannot be read ({listed}{more})",
            fix if places else "none is left: give a path that holds images",
        )
    index = np.array(places, np.int64)
    labels, classes = collection.labels(index)
    return ImageSet(
        title=title,
        names=tuple(names[place] for place in places),
        labels=labels,
        classes=classes,
        looks=tuple(looks),
        digests=tuple(digests),
        unreadable=tuple(bad),
        notes=collection.notes,
        collection=collection,
        index=index,
    )


def _digest(item: bytes | NDArray[np.uint8]) -> bytes:
    if isinstance(item, bytes):
        return hashlib.sha256(item).digest()
    channels, height, width = item.shape
    head = f"levels {channels} {height} {width}\n".encode()
    return hashlib.sha256(head + item.tobytes()).digest()
