"""cifar10_jpeg75: CIFAR-10 that someone recompressed as JPEG of quality 75, 4:2:0.

Two files of encoded pictures in the layout of ``harness.data.npz``, known by their sha256: 50,000
training and 10,000 held-out images of 32 x 32 pixels in class order. They are development data:
they do not come with the project and cannot be fetched by it. They are looked for in the folder
``cifar10-jpeg75`` of the folder that the environment variable ``PATINA_DATA`` names.

The images carry artefacts of their codec, so nothing that is measured on them can be compared with
published numbers of CIFAR-10, and they must not stand in for clean images where JPEG is studied.
"""

import os
from pathlib import Path

import numpy as np

from harness.data.download import sha256_of
from harness.data.images import Images
from harness.data.npz import check_limit, encoded, read_arrays
from harness.data.selection import Names, names_among, numbers
from harness.problem import Problem

VARIABLE = "PATINA_DATA"
FILES = {
    "train.npz": "febeecfafd255dcb34e261e7d999530a2967dde4fa2180740d3860613f1fc03a",
    "test.npz": "d799d401040cc830eb8c61bac6eff5c029f513cd413321e88ae43d111a593905",
}


def cifar10_jpeg75(*, limit: int | None = None, classes: Names = None) -> Images:
    """Images ``[3, 32, 32]`` with labels 0..9; at most ``limit`` of each part, evenly over it.

    classes: the names of the only ones that are decoded; the limit counts these alone. Raises
    Problem where the files are not there, or are other ones, and for a class that is unknown.
    """
    base = os.environ.get(VARIABLE, "")
    folder = Path(base, "cifar10-jpeg75")
    check_limit(limit)
    parts, said = [], "cifar10_jpeg75"
    for name, sha256 in FILES.items():
        path = folder / name
        if not base or not path.is_file():
            got = f"no file {path}" if base else f"no {VARIABLE} in the environment"
            fix = f"set {VARIABLE} to the folder that holds cifar10-jpeg75, or use cifar10"
            raise Problem("cifar10_jpeg75", got, fix)
        with path.open("rb") as file:
            found = sha256_of(file)
        if found != sha256:
            raise Problem(f"{path} with the sha256 {sha256}", found, "copy the file again")
        arrays = read_arrays(path)
        known = tuple(map(str, arrays["classes"]))
        wanted = None
        if classes is not None:
            names = names_among(classes, known, "classes", "cifar10_jpeg75")
            wanted, said = numbers(names, known), f"cifar10_jpeg75 ({', '.join(names)})"
        parts.append(encoded(path, arrays, limit, wanted))
    return Images.unrelated(
        name=said,
        pixels=np.concatenate([part.pixels for part in parts]),
        test=np.repeat([False, True], [len(part.pixels) for part in parts]),
        labels=np.concatenate([part.labels for part in parts]),
        classes=known,
        licence="none stated",
        citation="A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009; "
        "recompressed as JPEG of quality 75",
    )
