"""What the command line takes: its commands, their options, and the words of ``--help``."""

import argparse
import os
from pathlib import Path

DESCRIPTION = """\
Patina measures what imperfect data does to generative models.

`make` reproduces every number, table and figure; the commands below are for looking closer."""

EXAMPLES = """\
examples:
  patina plan                        what `make` would run, and what it costs
  patina plan --only arm=gated       the same, with the whole configuration of some cells
  patina claims                      every claim with its verdict and its interval
  patina law                         every law of theory; `patina law NAME` says what it takes
  patina law slight_corruption.entropy_gain --gamma 0.2 --mu 1,0,0 --cov 1,1,1
  patina compare results/v1/cpu/ambient_blur build/cpu/ambient_blur
  patina publish ambient_blur        make the build's records the committed reference
  patina data folder --set path=DIR  read your own images and say what they are"""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="patina",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, text: str, shown: bool = True) -> argparse.ArgumentParser:
        # A command without a help text runs inside the workflow and is not listed.
        if shown:
            return commands.add_parser(name, description=text, help=text)
        return commands.add_parser(name, description=text)

    def scaled(sub: argparse.ArgumentParser) -> argparse.ArgumentParser:
        sub.add_argument("--scale", default="cpu", help="smoke, cpu, gpu or published")
        return sub

    run = scaled(command("run", "Run what is out of date; what `make` does after its set-up."))
    run.add_argument("--studies", default="default", help="default, all, or names with commas")
    run.add_argument("--cores", default="all", help="a number, or all")
    run.add_argument("--profile", default="default", help="a folder of profiles/: default, slurm")
    run.add_argument("--cells-per-job", type=int, help="cut the studies into jobs of so many cells")
    run.add_argument("targets", nargs="*", metavar="FILE", help="make these files alone")

    plan = scaled(command("plan", "List studies, cells, operations and core-minutes of a scale."))
    plan.add_argument("--studies", default="default", help="default, all, or names with commas")
    plan.add_argument(
        "--only", metavar="FACTOR=VALUE", help="print the whole configuration of these cells"
    )

    claims = scaled(command("claims", "Print every claim with its verdict, effect and interval."))
    claims.add_argument("--records", nargs="+", type=Path, help=argparse.SUPPRESS)

    law = command("law", "List the laws of theory, or evaluate one at a point of your own.")
    law.add_argument("name", nargs="?", help="a law; without a name, list them all")
    law.add_argument(
        "parameters", nargs=argparse.REMAINDER, metavar="--NAME VALUE",
        help="its parameters: 0.2, a list 1,0,0, a matrix '1,0;0,1', or @FILE.json",
    )  # fmt: skip

    compare = command("compare", "Compare two sets of records; exit 1 where they disagree.")
    compare.add_argument("reference", type=Path, help="records.jsonl, a study or a scale")
    compare.add_argument("new", type=Path, help="the same")
    compare.add_argument("--exact", action="store_true", help="compare the exact rows alone")

    publish = scaled(
        command("publish", "Make the build's records of a study the committed reference.")
    )
    publish.add_argument("study")

    data = command("data", "Read a dataset and say what it is: count, shape, licence, hash.")
    data.add_argument("name", nargs="?", help="without a name, list the datasets")
    data.add_argument(
        "--set", dest="params", action="append", default=[], metavar="KEY=VALUE",
        help="a parameter of the dataset, such as side=16 or path=DIR",
    )  # fmt: skip

    scaled(command("where", "Say where the results of a scale lie."))

    shard = scaled(command("shard", "Run one shard of a study.", shown=False))
    shard.add_argument("study")
    shard.add_argument("shard", help="<i>-of-<n>")
    shard.add_argument("--cells-per-job", type=int)
    shard.add_argument("--cores", type=int, default=os.cpu_count() or 1)

    collect = scaled(command("collect", "Join the shards of a study.", shown=False))
    collect.add_argument("study")
    collect.add_argument("--rows", nargs="+", type=Path, required=True)
    collect.add_argument("--runs", nargs="+", type=Path, required=True)

    show = scaled(command("show", "Make the tables and figures of a study.", shown=False))
    show.add_argument("study")
    for name, text in (("report", "Make the report."), ("paper", "Make the paper.")):
        page = scaled(command(name, text, shown=False))
        page.add_argument("--studies", default="default")
    return top
