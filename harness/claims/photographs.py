"""The held-out loss without the images of one photograph.

An interval over replicates is conditional on the photographs. With the mean loss L_q of the n_q
held-out images of photograph q (rows ``denoising_loss/<photograph>``), the loss without p is

    L_(-p) = sum_(q != p) n_q L_q / sum_(q != p) n_q.

With nothing left out, L is the held-out loss itself, the mean over all its images.
"""

from collections.abc import Iterable, Mapping

from harness.records.record import Record

LOSS = "denoising_loss"
Sums = dict[str, tuple[float, int]]  # photograph: mean loss in nats, images


def by_photograph(rows: Iterable[Record]) -> dict[int | None, Sums]:
    """Mean loss and image count of each photograph by replicate, from the rows of one cell."""
    sums: dict[int | None, Sums] = {}
    for row in rows:
        loss, _, photograph = row.metric.partition("/")
        if loss == LOSS and photograph and row.value is not None and row.n:
            sums.setdefault(row.replicate, {})[photograph] = (row.value, row.n)
    return sums


def shared(arm: Mapping[int | None, Sums], baseline: Mapping[int | None, Sums]) -> list[int | None]:
    """The replicates in which two cells have the loss of every photograph that any of them has."""
    names = photographs(arm, baseline)
    both = sorted({*arm} & {*baseline}, key=str)
    return [r for r in both if set(arm[r]) == set(baseline[r]) == names]


def photographs(*cells: Mapping[int | None, Sums]) -> set[str]:
    """The photographs that any replicate of the cells has a loss of."""
    return {name for cell in cells for sums in cell.values() for name in sums}


def without(sums: Sums, absent: str | None) -> float:
    """The mean loss over the images of all photographs but one, in nats."""
    kept = [pair for photograph, pair in sums.items() if photograph != absent]
    return sum(loss * n for loss, n in kept) / sum(n for _, n in kept)
