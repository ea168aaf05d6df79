"""The plan: which studies run at a scale, in which shards, and what each shard depends on.

Reading a plan imports neither torch nor pandas: Snakemake reads it at every start. On a card the
jobs are cut by their bill (``harness.run.card``), for which torch is imported.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.cell import Cell, digest
from harness.problem import Problem
from harness.run.key import stage_keys
from harness.scale import Sizes, read_sizes
from harness.studies import STUDIES
from harness.studies.study import chosen


@dataclass(frozen=True)
class Plan:
    """The studies of one run, in the table's order."""

    sizes: Sizes
    studies: tuple[str, ...]
    cells_per_job: int | None = None

    @classmethod
    def read(
        cls, scale: str, studies: str = "default", cells_per_job: int | str | None = None
    ) -> "Plan":
        """A plan from the names that a user gives."""
        per_job = None if cells_per_job in (None, "") else int(cells_per_job)
        return cls(read_sizes(scale), tuple(chosen(studies)), per_job)

    @property
    def scale(self) -> str:
        return self.sizes.scale

    @property
    def per_job_option(self) -> str:
        """The option that makes a job cut the same shards."""
        return f"--cells-per-job {self.cells_per_job}" if self.cells_per_job else ""

    def shards(self, study: str) -> list[list[Cell]]:
        return _shards(self, study)

    def cells(self, study: str) -> list[Cell]:
        return [cell for shard in self.shards(study) for cell in shard]

    def shard(self, study: str, name: str) -> list[Cell]:
        """The cells of the shard ``<i>-of-<n>``."""
        shards = self.shards(study)
        index, _, count = name.partition("-of-")
        if not (index.isdigit() and count == str(len(shards)) and int(index) < len(shards)):
            raise Problem(
                f"the shard {name!r} of {study}",
                f"{len(shards)} shards",
                f"choose 0-of-{len(shards)} to {len(shards) - 1}-of-{len(shards)}",
            )
        return shards[int(index)]

    def shard_files(self, study: str, suffix: str) -> list[str]:
        count = len(self.shards(study))
        folder = f"build/{self.scale}/{study}/shards"
        return [f"{folder}/{index}-of-{count}{suffix}" for index in range(count)]

    def shard_digest(self, study: str, name: str) -> str:
        """Changes with the keys and the factors of the shard's cells, and with nothing else."""
        return _shard_digest(study, self.scale, self.cells_per_job, name)


@cache
def _shard_digest(study: str, scale: str, per_job: int | None, name: str) -> str:
    plan = Plan.read(scale, study, per_job)
    return digest(
        [
            [cell.labels(), list(stage_keys(cell, plan.sizes.device).values())]
            for cell in plan.shard(study, name)
        ]
    )


@cache
def _cells(study: str, scale: str, per_job: int | None) -> list[list[Cell]]:
    sizes = read_sizes(scale)
    shards = STUDIES[study].shards(sizes, per_job)
    if sizes.device == "cpu" or per_job:
        return shards
    from harness.run.card import jobs  # its bill needs the networks, and so torch

    return jobs([cell for shard in shards for cell in shard])


def _shards(plan: Plan, study: str) -> list[list[Cell]]:
    return _cells(study, plan.scale, plan.cells_per_job)


def build_folder(scale: str) -> Path:
    """Where a scale's results are made, below the current folder."""
    return Path("build") / scale
