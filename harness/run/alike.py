"""Whether two sets of records are of the same studies and scale, so that rows can be matched.

Records name their study and not their scale: that is the folder above the study's, where the path
has one of the known scales there. Laws have the same cells at two scales and may be compared;
where cells differ, every row would be told as missing or new.
"""

from collections.abc import Sequence
from pathlib import Path

from harness.problem import Problem
from harness.records.record import Record
from harness.scale import CONFIG


def check_alike(
    asked: tuple[Path, Path], files: Sequence[Sequence[Path]], sides: Sequence[Sequence[Record]]
) -> None:
    """Raise a ``Problem`` for sides without a common study, and for those of two scales whose
    cells differ. asked: as they were named. files, sides: the records of each."""
    title = f"a comparison of {asked[0]} and {asked[1]}"
    if not all(sides):
        return
    old, new = ({row.study for row in side} for side in sides)
    if not old & new:
        got = f"other studies: {_listed(old)}, and {_listed(new)}"
        raise Problem(title, got, "name the same study on both sides")
    scales = [{_scale(path) for path in paths} for paths in files]
    known = [next(iter(one)) if len(one) == 1 else "" for one in scales]
    cells = [{row.cell_id for row in side if row.study in old & new} for side in sides]
    if all(known) and known[0] != known[1] and cells[0] != cells[1]:
        got = f"other scales: {known[0]} and {known[1]}, whose cells differ"
        raise Problem(title, got, "name the same scale on both sides")


def _scale(records: Path) -> str:
    folder = records.resolve().parent.parent.name
    return folder if (CONFIG / f"{folder}.yaml").is_file() else ""


def _listed(names: set[str]) -> str:
    some = sorted(names)
    return ", ".join(some[:3]) + (f" and {len(some) - 3} more" if len(some) > 3 else "")
