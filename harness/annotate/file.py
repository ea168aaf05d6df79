"""Levels from a file: an annotation that was made elsewhere, or by the stage ``annotate``.

A file holds ``levels``, [n, 2] of (sigma_min, sigma_max), inf where a level is never reached, and
the content hash of the n imperfect images that they were made for:

    .safetensors   the array ``levels``; in the header, under ``annotation``, {"images": hash}
    .npz           the arrays ``levels`` and ``images``, the hash as a text

The hash is the sha256 of the shape and of the bytes of the images, float32 in C order, little
endian (:func:`content_hash`). Levels of other images are refused, with both hashes: levels go by
position, and an annotation that slips by one image is noise. Replicates have different imperfect
images, so a path may also name a folder with a file for each, of which the one with the right hash
is taken: what the stage ``annotate`` leaves is such a folder. Nothing in a file is executed.
"""

import hashlib
import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from harness.annotate.case import Case
from harness.annotate.parameter import require_levels
from harness.cell import canonical
from harness.problem import Problem
from harness.records.atomic import write_bytes

ENDINGS = (".safetensors", ".npz")
DAMAGED = (EOFError, zipfile.BadZipFile, zlib.error)  # what an .npz that is cut short may raise


def content_hash(images: np.ndarray) -> str:
    """64 hexadecimal digits for images [n, C, H, W]."""
    little = np.ascontiguousarray(images, dtype="<f4")
    found = hashlib.sha256(f"images {little.shape}\n".encode())
    found.update(little.reshape(-1).view(np.uint8).data)
    return found.hexdigest()


def write_levels(path: Path, levels: np.ndarray, images: np.ndarray) -> None:
    """Write levels [n, 2] of the imperfect images [n, C, H, W] as .safetensors.

    Whole or not at all. Raises ``Problem`` for levels that are none, and where the disk refuses.
    """
    require_levels(f"levels for {path}", levels, len(images))
    # One entry: the file format keeps several in no fixed order, and equal levels are equal bytes.
    header = {"annotation": canonical({"images": content_hash(images)})}
    write_bytes(path, save({"levels": np.ascontiguousarray(levels, np.float32)}, metadata=header))


def read_levels(path: Path) -> tuple[np.ndarray, str]:
    """Levels, float32 [n, 2], and the hash of their images; a ``Problem`` for a file without."""
    try:
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                levels, made_for = arrays["levels"], str(arrays["images"])
        else:
            with safe_open(path, framework="numpy") as file:
                header = json.loads((file.metadata() or {})["annotation"])
                levels, made_for = file.get_tensor("levels"), str(header["images"])
    except KeyError as error:
        fix = "keep levels [n, 2] and the hash of their images, as `write_levels` does"
        raise Problem(f"levels in {path}", f"no entry {error}", fix) from error
    except (OSError, ValueError, TypeError, SafetensorError, *DAMAGED) as error:
        fix = "give a .safetensors or an .npz file of levels, without pickled objects"
        raise Problem(f"levels in {path}", f"{error}", fix) from error
    require_levels(f"levels in {path}", levels, None)
    return levels.astype(np.float32), made_for


@final
@dataclass(frozen=True)
class File:
    """The levels in a file, or in that file of a folder that was made for these images."""

    path: str

    def __call__(self, case: Case) -> np.ndarray:
        """Levels float32 [n, 2]. Raises ``Problem`` for levels of other images."""
        asked = content_hash(case.imperfect)
        found = {path: read_levels(path) for path in self._files()}
        for path, (levels, made_for) in found.items():
            if made_for == asked:
                require_levels(f"levels in {path}", levels, len(case.imperfect))
                return levels
        seen = ", ".join(f"{path.name} for {made_for}" for path, (_, made_for) in found.items())
        fix = "annotate these images, by the stage annotate, or train on those of the file"
        raise Problem(f"levels in {self.path} for images {asked}", seen, fix)

    def flops(self, shape: tuple[int, int, int], clean: int, imperfect: int) -> float:
        """None here: what it took to make the file is not known."""
        return 0.0

    def _files(self) -> list[Path]:
        path = Path(self.path).expanduser()
        if path.is_file():
            return [path]
        found = sorted(each for each in path.glob("levels*") if each.suffix in ENDINGS)
        if not found:
            fix = "give a .safetensors or an .npz file, or a folder of files levels-*"
            raise Problem(f"levels in {path}", "no such file", fix)
        return found
