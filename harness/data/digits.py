"""digits: the 1,797 handwritten digits of 8 x 8 pixels that scikit-learn bundles.

They are real: the test part of the UCI set *Optical Recognition of Handwritten Digits* (Alpaydin
and Kaynak 1998), 32 x 32 bitmaps of 13 writers, of which each 4 x 4 block was counted, which gives
levels v = 0..16. Here x = v / 8 - 1, exact in float32, grey, with the ten labels.

Held out is a fixed fifth of every class: the third, eighth, thirteenth, ... of the class in file
order. Neighbours in the file tend to be by one writer, so that taking every fifth gives each
writer the same share in both parts; no random state takes part.
"""

import gzip
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.data.images import Images
from harness.problem import Problem


def _bundled() -> NDArray[np.int64]:
    """The rows of scikit-learn's file, 64 levels and a label; the package is not imported.

    Importing it takes seconds, which every job that trains on digits would pay.
    """
    found = find_spec("sklearn")
    if found is None or not found.submodule_search_locations:
        raise Problem("the digits", "no scikit-learn", "install scikit-learn")
    path = Path(found.submodule_search_locations[0]) / "datasets" / "data" / "digits.csv.gz"
    try:
        with gzip.open(path, "rt", encoding="ascii") as file:
            rows = np.loadtxt(file, delimiter=",", dtype=np.int64)
    except (OSError, ValueError, EOFError) as error:
        raise Problem(f"the digits in {path}", str(error), "reinstall scikit-learn") from error
    if rows.shape != (1797, 65):
        raise Problem(
            f"the digits in {path}", f"a table of {rows.shape}", "install scikit-learn 1.x"
        )
    return rows


def digits() -> Images:
    """1,797 images ``[1, 8, 8]`` with labels 0..9, a fifth of each class held out."""
    rows = _bundled()  # [N, 65]
    levels, labels = rows[:, :64].reshape(-1, 8, 8), rows[:, 64]  # 0..16 and 0..9
    test = np.zeros(len(labels), np.bool_)
    for label in range(10):
        test[np.flatnonzero(labels == label)[2::5]] = True
    return Images.unrelated(
        name="digits",
        pixels=(levels / 8 - 1).astype(np.float32)[:, None],  # [N, 1, 8, 8]
        test=test,
        labels=labels,
        classes=tuple("0123456789"),
        licence="CC BY 4.0 (UCI Machine Learning Repository)",
        citation="E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI 1998, "
        "doi:10.24432/C50P49; bundled with scikit-learn",
    )
