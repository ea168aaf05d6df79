"""The key of a stage: where its result lies in the cache, and when it must be made again.

key = sha256 of the stage's parameters, the number of replicates in its stack, the keys of the
stages before it, the code that it depends on, the rows of the tables that it names, the locked
versions, and the kind of device where it draws random numbers.

Where images or annotations are read from a user's own files, their bytes enter the key too.
"""

from harness.cell import Cell, digest
from harness.data.fingerprint import fingerprint
from harness.run import STAGES
from harness.run.code import code_digest, lock_digest


def stage_keys(cell: Cell, device: str) -> dict[str, str]:
    """The keys of a cell's stages, in order, by the names that they have in the cell."""
    keys: dict[str, str] = {}
    data = fingerprint([stage.params for stage in cell.stages])
    for name, stage in zip(cell.names, cell.stages):
        rows = [STAGES.entry(stage.name), *stage.params.entries()]
        keys[name] = digest(
            {
                "config": stage.config(),
                "replicates": cell.replicates,
                "upstream": list(keys.values()),
                "rows": rows,
                "code": code_digest(*(row.split(":")[0] for row in rows)),
                "lock": lock_digest(),
                "device": device,
                **({"data": data} if data else {}),
            }
        )
    return keys
