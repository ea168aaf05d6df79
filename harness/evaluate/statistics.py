"""A statistics file: what a Fréchet distance needs of an image set, for those who lack its images.

One ``.npz`` without pickles. It holds the moments of the features (count, sum, sum of outer
products in float64, with what rounding took from them), and what decides whether two files may be
compared: the extractor's name and hash, the line that says how the images were resized and
quantised, how many there are and the digest of the set. A fitted extractor's own numbers come
along, since nobody can fit it again without the images.

Files of one extractor and one preprocessing merge by addition: shards of a set, made on different
machines, give the statistics of the whole (``harness.metrics.moments`` says to which bit). A shard
that both sides hold already is counted once, so that work done twice changes nothing; shards that
overlap in part cannot be told apart any more and are refused.
"""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, final

import numpy as np

from harness import __version__
from harness.evaluate.preprocess import shape_of
from harness.metrics.moments import Moments, Sum
from harness.problem import Problem
from harness.records.atomic import write_bytes

SCHEMA = "patina statistics 1"
LARGEST = 1e290  # of a product
ARRAYS = ("sums", "sums_low", "products", "products_low")


@final
@dataclass(frozen=True, eq=False)
class Statistics:
    """Moments of one set under one extractor.

    parts: the digests of the image sets that were merged, sorted; state: the extractor's numbers.
    """

    extractor: str
    extractor_hash: str
    preprocess: str
    parts: tuple[str, ...]
    moments: Moments
    state: dict[str, np.ndarray]

    @property
    def digest(self) -> str:
        """The digest of the set: that of its one part, or of all of them together."""
        if len(self.parts) == 1:
            return self.parts[0]
        return hashlib.sha256("".join(self.parts).encode()).hexdigest()

    def compatible(self, other: "Statistics", doing: str) -> None:
        """Refuse two sets of statistics that do not speak of one thing. Raises ``Problem``."""
        for what, a, b, fix in (
            ("extractor", self.extractor, other.extractor, "use one extractor"),
            (
                f"hash of {self.extractor}",
                self.extractor_hash[:16],
                other.extractor_hash[:16],
                "use one file of weights; where the extractor is fitted, make each shard with "
                "--like and the first one",
            ),
            (
                "preprocessing",
                self.preprocess,
                other.preprocess,
                "prepare both in one way (--size)",
            ),
        ):
            if a != b:
                raise Problem(f"{doing} of one {what}", f"{a!r} and {b!r}", fix)

    def __add__(self, other: "Statistics") -> "Statistics":
        """The statistics of both sets together; ``Problem`` where they do not fit or overlap."""
        self.compatible(other, "a union of statistics")
        mine, theirs = set(self.parts), set(other.parts)
        if theirs <= mine:
            return self
        if mine <= theirs:
            return other
        if mine & theirs:
            raise Problem(
                "a union of statistics",
                f"{len(mine & theirs)} image sets in both, each merged with others",
                "merge the shards themselves, each once",
            )
        parts = tuple(sorted(mine | theirs))
        moments = self.moments + other.moments
        return Statistics(
            self.extractor, self.extractor_hash, self.preprocess, parts, moments, self.state
        )

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        about = {
            "schema": SCHEMA,
            "tool": __version__,
            "extractor": self.extractor,
            "extractor_hash": self.extractor_hash,
            "preprocess": self.preprocess,
            "parts": list(self.parts),
            "count": self.moments.count,
        }
        arrays = {
            "sums": self.moments.sums.high,
            "sums_low": self.moments.sums.low,
            "products": self.moments.products.high,
            "products_low": self.moments.products.low,
            **{f"state/{name}": array for name, array in self.state.items()},
        }
        file = io.BytesIO()
        np.savez(file, about=np.array(json.dumps(about)), **arrays)  # type: ignore[arg-type]
        write_bytes(path, file.getvalue())


def is_statistics(path: str | Path) -> bool:
    """Whether a path is a file of statistics, by what it holds."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {"about.npy", "products.npy"} <= set(archive.namelist())
    except (OSError, ValueError, zipfile.BadZipFile):
        return False


def read_statistics(path: str | Path) -> Statistics:
    """The statistics in a file. Raises ``Problem`` for a file that is cut, of another kind, of an
    unknown schema, or whose arrays do not belong together."""
    asked = f"the statistics in {path}"
    fix = "make the file again with `patina statistics`"
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
        about = json.loads(str(arrays.pop("about")))
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise Problem(
            asked, f"bytes that do not read ({type(error).__name__}: {error})", fix
        ) from (error)
    if not isinstance(about, dict) or about.get("schema") != SCHEMA:
        got = about.get("schema") if isinstance(about, dict) else about
        raise Problem(asked, f"the schema {got!r}", f"this version reads {SCHEMA!r}")
    return _checked(asked, about, arrays, fix)


def _checked(
    asked: str, about: dict[str, Any], arrays: dict[str, np.ndarray], fix: str
) -> Statistics:
    """The statistics, after a look at every shape and value."""
    lacking = [name for name in ARRAYS if name not in arrays]
    lacking += [
        name
        for name in ("extractor", "extractor_hash", "preprocess", "parts", "count")
        if name not in about
    ]
    if lacking:
        raise Problem(asked, f"no {lacking[0]!r}", fix)
    d = len(arrays["sums"]) if arrays["sums"].ndim == 1 else 0
    shapes = {"sums": (d,), "sums_low": (d,), "products": (d, d), "products_low": (d, d)}
    for name, shape in shapes.items():
        array = arrays[name]
        if not d or array.shape != shape or array.dtype != np.float64:
            raise Problem(asked, f"{name} as {array.dtype} of shape {array.shape}", fix)
        if not np.isfinite(array).all():
            raise Problem(asked, f"NaN or infinite values in {name}", fix)
    count, parts = about["count"], about["parts"]
    if type(count) is not int or not 0 <= count < 1 << 53:
        raise Problem(asked, f"a count of {str(count)[:20]}", fix)
    if not (isinstance(parts, list) and parts and all(isinstance(p, str) for p in parts)):
        raise Problem(asked, f"the parts {str(parts)[:20]}", fix)
    shape_of(str(about["preprocess"]))
    products, sums = arrays["products"], arrays["sums"]
    largest = np.abs(products).max()
    if largest > LARGEST or np.abs(products - products.T).max() > 1e-12 * largest:
        raise Problem(asked, "products that are no sums of outer products", fix)
    if count and (np.diag(products) * count < np.square(sums) * (1 - 1e-9)).any():
        raise Problem(asked, "a negative variance", fix)
    state = {
        name.removeprefix("state/"): array
        for name, array in arrays.items()
        if name.startswith("state/")
    }
    moments = Moments(
        count,
        Sum(arrays["sums"], arrays["sums_low"]),
        Sum(arrays["products"], arrays["products_low"]),
    )
    return Statistics(
        str(about["extractor"]),
        str(about["extractor_hash"]),
        str(about["preprocess"]),
        tuple(map(str, about["parts"])),
        moments,
        state,
    )


def merged(files: Iterable[Path]) -> Statistics:
    """The union of the statistics in some files; ``Problem`` where they do not fit."""
    return reduce(lambda a, b: a + b, [read_statistics(path) for path in files])
