"""One run of the workflow: Snakemake behind a lock that dies with its holder.

Snakemake's own lock survives a killed run and then has to be removed by hand. Here the lock is the
kernel's (``flock`` on ``build/lock``): it is gone when the last process of a run is gone, and a run
that was killed is simply started again. A second run in the same folder is refused while the first
is at work.
"""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from harness.problem import Problem
from harness.run.asked import cells_of, check_parts
from harness.run.code import ROOT
from harness.scale import read_sizes
from harness.studies import STUDIES
from harness.studies.study import chosen

NOISE = (
    "Assuming unrestricted shared filesystem",
    "Building DAG of jobs",
    "Complete log(s):",
    "Elapsed time:",
    "Execute ",
    "Select jobs to execute",
    "Singularity containers: ignored",
    "Using profile",
    "Using shell",
    "host:",
)


def check(scale: str, studies: str) -> None:
    """Stop at an unknown name, at a scale that cannot run and at a part that cannot be built,
    before anything is started."""
    sizes = read_sizes(scale)
    if not sizes.runnable:
        raise Problem(
            f"a run at the scale {scale!r}",
            "the papers' own settings, which no small machine can run",
            f"read its bill with `patina plan --scale {scale}`",
        )
    if studies not in ("default", "all"):
        for name in studies.split(","):
            STUDIES.entry(name.strip())
    for name in chosen(studies):
        check_parts(name, cells_of(name, sizes))


def failed(folder: Path) -> list[Path]:
    """The shards of a scale that hold rows of cells that failed."""
    shards = sorted(folder.glob("*/shards/*-of-*.jsonl"))
    rows = [path for path in shards if not path.name.endswith(".runs.jsonl")]
    return [path for path in rows if b'"status":"failed"' in path.read_bytes()]


def run(
    scale: str,
    studies: str,
    cores: str,
    targets: list[str],
    config: list[str],
    profile: str,
    per_card: int = 1,
) -> int:
    """Run what is out of date; give Snakemake's exit status. Prints what a person should see.

    per_card: jobs that share a graphics card at once.
    """
    check(scale, studies)
    if cores != "all" and not (cores.isdigit() and int(cores) > 0):
        raise Problem(f"--cores {cores}", "no number of cores", "give 1 or more, or all")
    folder = Path("build")
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise Problem(f"a folder {folder.resolve()}", str(error), "make it writable") from error
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Problem(
                f"a run in {Path.cwd()}",
                "another run at work here, or the last jobs of one that was killed",
                "wait until it has ended",
            ) from error
        os.set_inheritable(lock.fileno(), True)
        for shard in failed(folder / scale):
            shard.unlink()  # cells that failed are tried again
        command = [
            sys.executable, "-m", "snakemake", "--nolock",
            "--snakefile", str(ROOT / "Snakefile"),
            "--directory", str(Path.cwd()),
            "--profile", str(ROOT / "profiles" / profile),
            "--cores", cores,
            *(["--resources", f"gpu={per_card}"] if per_card > 1 else []),
            "--config", f"scale={scale}", f"studies={studies}", *config,
            "--", *targets,
        ]  # fmt: skip
        path = os.environ.get("PATH", "")
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{path}"},
            close_fds=False,
        )
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.startswith("Nothing to be done"):
                    print(f"nothing to do: every result of {scale} is up to date", flush=True)
                elif line.strip() and not line.startswith(NOISE):
                    print(line, end="", flush=True)
            status = process.wait()
            lost = failed(folder / scale)
            for shard in lost:
                print(f"failed cells in {shard}: the report names them; run again to retry")
            return status or int(bool(lost))
        except KeyboardInterrupt:
            process.wait()
            return 130
