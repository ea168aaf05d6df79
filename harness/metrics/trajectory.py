"""The stages ``generation`` and ``trajectory``: a self-consuming loop, one stage a generation.

A cell of a loop is the chain generation 0, 1, ..., T, trajectory. A generation trains on its
material (``harness.train.generation``), draws samples, and measures these and the denoiser; the
next one takes its samples from the folder that it leaves. As every stage it has a key of its own:
loops share the generations that they have in common, generation 0 above all, and one that was
killed goes on with the generation in which it was, to the same bytes. Rows, for the generation 3:

    <reading>/3    a reading of its samples, or the held-out denoising loss: ``fd_random_conv/3``

The stage ``trajectory`` says where the loop ends: the readings of the last generation under their
own names. A loop is one replicate, from its real images to there: generations follow from each
other and are never counted as several. To hold a late generation against an early one, a cell that
ends early stands beside the other, and replicates are paired; it costs nothing, as its generations
are those of the longer one.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.cell import Part, Stage, Upstream
from harness.data.load import load
from harness.metrics.measurement import Measurement
from harness.problem import Problem
from harness.sample import SAMPLERS
from harness.sample.sampling import Sampling
from harness.table import Table
from harness.train import CORRECTORS
from harness.train.self_consuming import Loop
from harness.train.training import Training

TRAINED = 0.7  # the share of a generation's time that its training takes, for the progress


@dataclass(frozen=True)
class Generation:
    """Parameters of the stage ``generation``.

    number: from 0. training: of all that its part of the dataset holds, under a condition; its
    ``copy`` and that of the sampling become the number. parts: of the division of the dataset.
    loop: None for generation 0, which sees real images alone.
    """

    number: int
    training: Training
    sampling: Sampling
    measurement: Measurement
    parts: int
    loop: Loop | None = None

    def __post_init__(self) -> None:
        for name, least in (("number", 0), ("parts", 1)):
            value = getattr(self, name)
            if type(value) is not int or value < least:
                got = f"{name}={value!r}"
                raise Problem("a generation", got, f"give a whole number from {least}")
        if (self.loop is None) != (self.number == 0):
            got = "no loop" if self.loop is None else "a loop"
            fix = "give every generation but number 0 its loop"
            raise Problem(f"generation {self.number}", got, fix)
        t = self.training
        if t.pool != "oracle" or t.condition is None or t.relabelling is not None:
            got = f"pool={t.pool!r}, condition={t.condition}, relabelling={t.relabelling}"
            fix = "use the pool 'oracle', with a condition and its true labels"
            raise Problem("the training of a generation", got, fix)
        if (t.copy, self.sampling.copy) != (0, 0):
            got = f"copy={t.copy} and copy={self.sampling.copy}"
            raise Problem("the streams of a generation", got, "leave both 0: it is their number")

    def named_parts(self) -> list[tuple[Table, Part]]:
        """Every part that it calls for, with the table that it is a row of."""
        corrector = self.loop and self.loop.corrector
        corrected = [(CORRECTORS, corrector)] if corrector else []
        return [*self.training.named_parts(), (SAMPLERS, self.sampling.sampler), *corrected]

    def entries(self) -> list[str]:
        """The table rows that it calls for."""
        asked = (self.training, self.sampling, self.measurement, self.loop)
        rows = [row for each in asked if each is not None for row in each.entries()]
        return list(dict.fromkeys(rows))


@dataclass(frozen=True)
class Trajectory:
    """Parameters of the stage ``trajectory``: none."""

    def entries(self) -> list[str]:
        return []


def chain(
    generations: int,
    training: Training,
    sampling: Sampling,
    measurement: Measurement,
    parts: int,
    loop: Loop | None,
) -> tuple[Stage, ...]:
    """The stages of a loop of so many generations after the first; of that alone without a loop.

    Raises ``Problem`` for a loop of no generations, or generations of no loop.
    """
    least = 0 if loop is None else 1
    if type(generations) is not int or generations < least or (loop is None and generations):
        fix = "give a loop 1 or more, and real images alone 0"
        raise Problem(f"generations={generations!r} after the first", f"the loop {loop}", fix)
    if loop is not None and loop.real == "fresh" and generations >= parts:
        fix = "ask for fewer generations than parts"
        raise Problem(f"{generations} generations on fresh images", f"{parts} parts", fix)
    made = [
        Generation(number, training, sampling, measurement, parts, loop if number else None)
        for number in range(generations + 1)
    ]
    return (*(Stage("generation", each) for each in made), Stage("trajectory", Trajectory()))


def generate(
    asked: Generation,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Train, sample and measure a generation; leave weights, samples and rows in ``out``."""
    from safetensors.numpy import load_file

    from harness.metrics.measure import measure
    from harness.sample.draw import draw
    from harness.train import processes
    from harness.train.generation import material
    from harness.train.loop import fit

    if processes.count() > 1:
        fix = "run this study without torchrun"
        raise Problem("a loop", f"{processes.count()} processes", fix)
    dataset = asked.training.dataset
    images = load(dataset.name, **dataset.kwargs()).train
    made: list[dict[str, Any]] = [{}] * replicates
    if asked.loop is not None:
        before = _before(asked, upstream)
        arrays = load_file(before.folder / "samples.safetensors")
        pairs = zip(arrays["samples"], arrays["labels"])
        made = [{"samples": samples, "labels": labels} for samples, labels in pairs]
    training = replace(asked.training, copy=asked.number)
    sampling = replace(asked.sampling, copy=asked.number)
    materials = [
        material(training, images, k, asked.parts, asked.number, asked.loop, **made[k])
        for k in range(replicates)
    ]
    fit(training, images, materials, out, device, lambda share: progress(TRAINED * share))
    own = {**upstream, "train": Upstream(training, out)}
    draw(sampling, replicates, own, out, device, lambda share: None)
    own["sample"] = Upstream(sampling, out)
    measure(asked.measurement, replicates, own, out, device, lambda share: None)
    path = out / "measurements.json"
    asked_for = {asked.measurement.called(each) for each in asked.measurement.readings}
    rows = [
        {**row, "metric": f"{row['metric']}/{asked.number}"}
        for row in json.loads(path.read_text("utf-8"))
        if row["metric"] in asked_for
    ]
    path.write_text(json.dumps(rows, indent=1, allow_nan=False), "utf-8")
    progress(1.0)


def _before(asked: Generation, upstream: dict[str, Upstream]) -> Upstream:
    """The generation before. Raises ``Problem`` where it is missing, or of another loop."""
    found = upstream.get("generation")
    got = "none before it" if found is None else f"generation {found.params.number} before it"
    if found is None or found.params.number != asked.number - 1:
        fix = "put the generations in order, from 0"
        raise Problem(f"generation {asked.number}", got, fix)
    return found


def end(
    asked: Trajectory,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave the readings of the last generation, under their own names, in the folder ``out``."""
    if "generation" not in upstream:
        fix = "put the generations before it"
        raise Problem("the end of a loop", "no generation", fix)
    last = upstream["generation"]
    rows = json.loads((last.folder / "measurements.json").read_text("utf-8"))
    mark = f"/{last.params.number}"
    own = [{**row, "metric": row["metric"].removesuffix(mark)} for row in rows]
    (out / "measurements.json").write_text(json.dumps(own, indent=1, allow_nan=False), "utf-8")
