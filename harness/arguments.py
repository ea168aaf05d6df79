"""What the command line takes: its commands, their options, and the words of ``--help``."""

import argparse
import os
from pathlib import Path

from harness.report import arguments as drawn
from harness.run import arguments as kept
from harness.scaling import arguments as fit
from harness.t2i import arguments as geneval

DESCRIPTION = """\
Patina measures what imperfect data does to generative models.

`make` reproduces every number, table and figure; the commands below are for looking closer."""

EXAMPLES = """\
examples:
  patina plan                        what `make` would run, and what it costs
  patina plan --only arm=gated       the same, with the whole configuration of some cells
  patina claims                      every claim with its verdict and its interval
  patina claims --from results/v1    the same from the published records, without a run
  patina claims --from results/v1 --paper Restart --verdict contradicted
  patina ledger                      the 52 papers, how many claims of each hold, and what is open
  patina ledger --system mar         one of them, with every claim
  patina show annotators --from results/v1      the table and the figure of a study
  patina figures --help              the figure of a study for a paper or for slides of your own
  patina latex --help                its table, figure and numbers for LaTeX
  patina law                         every law of theory; `patina law NAME` says what it takes
  patina law slight_corruption.entropy_gain --gamma 0.2 --mu 1,0,0 --cov 1,1,1
  patina compare results/v1/cpu/ambient_blur build/cpu/ambient_blur
  patina publish ambient_blur        make the build's records the committed reference
  patina decide ambient_blur         its claims anew by the rules at hand, without a run
  patina explain gated-beats-clean   its rows, seeds, runs, commits, and how to make it again
  patina rerun ambient_blur:fd_random_conv:arm=clean,network=mlp      make it again and compare
  patina verify                      whether the published results are still what was published
  patina data folder --set path=DIR  read your own images and say what they are
  patina --plugin FILE plan --studies NAME      your own corruption, metric, study, ...
  patina evaluate SAMPLES --reference IMAGES    FD, KID, precision, ... of your own images
  patina geneval --help              score text-to-image models as GenEval does
  patina fit points.csv --x N,D --y loss        scaling laws of your own points"""

IMAGES = "a folder, a .zip, an .npz or .npy, or dataset:NAME[/held_out][,KEY=VALUE]"
EVALUATE = "Compare generated images with real ones: distances, precision, memorisation."
EVALUATE_EXAMPLES = """\
examples:
  patina evaluate samples/ --reference photos/ --size 32
  patina evaluate dataset:digits/held_out --reference dataset:digits --metrics all
  patina evaluate samples.npz --reference cifar.npz --extractor resnet56 --weights resnet56.npz
  patina evaluate samples/ --reference cifar.statistics.npz --metrics fd --extractor resnet56
  patina evaluate 150k.npz --reference real.npz --ranges 3 --extractor inception --metrics fd

A distance is named after its extractor: fd_random_conv. Only the inception network's is FID."""
STATISTICS = "Leave what a Frechet distance needs of an image set in one file, or merge such files."
STATISTICS_EXAMPLES = """\
examples:
  patina statistics photos/ --size 32 --extractor pixels --out photos.statistics.npz
  patina statistics shard1.npz shard2.npz --out whole.npz"""
RAW = argparse.RawDescriptionHelpFormatter


def _reading(sub: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The options of every command that reads images and extracts features."""
    sub.add_argument(
        "--extractor", default="random-conv", metavar="NAME[,NAME]",
        help="pixels, zca-pixels, random-conv, trained-digits, trained-photos, trained-cifar10, "
        "resnet56; inception, dinov2, clip with the extra patina[inception]",
    )  # fmt: skip
    sub.add_argument("--weights", type=Path, metavar="FILE", help="the extractor's weights")
    sub.add_argument("--size", type=int, metavar="N", help="resize every image to N x N (bicubic)")
    sub.add_argument(
        "--limit", type=int, metavar="N", help="at most N images of a set, drawn at random"
    )
    sub.add_argument(
        "--skip-unreadable", action="store_true", help="list and leave out files that do not read"
    )
    sub.add_argument("--layout", choices=("NHWC", "NCHW"), help="of arrays that could be either")
    sub.add_argument("--low", type=float, help="the value of black in float arrays")
    sub.add_argument("--high", type=float, help="the value of white in float arrays (1)")
    sub.add_argument("--cache", metavar="DIR", help="where features are kept (~/.cache/patina)")
    sub.add_argument("--quiet", action="store_true", help="no progress")
    return sub


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="patina",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=RAW,
    )
    top.add_argument(
        "--plugin", action="append", default=[], metavar="FILE",
        help="a Python file that adds rows of your own to the tables (see harness/plugin.py)",
    )  # fmt: skip
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(
        name: str, text: str, more: str = "", shown: bool = True
    ) -> argparse.ArgumentParser:
        # A command without a help text runs inside the workflow and is not listed.
        options = {"description": text, "epilog": more, "formatter_class": RAW}
        if shown:
            return commands.add_parser(name, help=text, **options)  # type: ignore[arg-type]
        return commands.add_parser(name, **options)  # type: ignore[arg-type]

    def scaled(sub: argparse.ArgumentParser) -> argparse.ArgumentParser:
        sub.add_argument("--scale", default="cpu", help="smoke, cpu, gpu or published")
        return sub

    def readable(sub: argparse.ArgumentParser) -> argparse.ArgumentParser:
        sub.add_argument(
            "--from", dest="source", type=Path, metavar="DIR",
            help="read the records in DIR/SCALE/STUDY, such as the published ones of results/v1, "
            "in the place of the build's; verdicts are decided from them anew",
        )  # fmt: skip
        return scaled(sub)

    run = scaled(command("run", "Run what is out of date; what `make` does after its set-up."))
    run.add_argument("--studies", default="default", help="default, all, or names with commas")
    run.add_argument("--cores", default="all", help="a number, or all")
    run.add_argument("--profile", default="default", help="a folder of profiles/: default, slurm")
    run.add_argument("--cells-per-job", type=int, help="cut the studies into jobs of so many cells")
    run.add_argument(
        "--per-card", type=int, default=1, metavar="N",
        help="jobs of a graphics card's scale that share it at once: 12 filled an H100 with 16 "
        "cores beside it, in 32 GB of its memory; one leaves it idle while the host measures",
    )  # fmt: skip
    run.add_argument("--dry-run", action="store_true", help="print the bill (patina plan) and stop")
    run.add_argument("targets", nargs="*", metavar="FILE", help="make these files alone")

    plan = scaled(command("plan", "List studies, cells, operations and core-minutes of a scale."))
    plan.add_argument("--studies", default="default", help="default, all, or names with commas")
    plan.add_argument(
        "--only", metavar="FACTOR=VALUE", help="print the whole configuration of these cells"
    )

    claims = readable(command("claims", "Print every claim with its verdict, effect and interval."))
    claims.add_argument("--studies", help="of these alone: names with commas")
    claims.add_argument("--paper", metavar="TEXT", help="of sources that have this text in them")
    claims.add_argument("--verdict", metavar="WORD", help="with this verdict: supported, void, ...")
    claims.add_argument("--records", nargs="+", type=Path, help=argparse.SUPPRESS)

    ledger = scaled(
        command("ledger", "The papers whose claims are decided, with the published verdicts.")
    )
    ledger.add_argument("--system", metavar="ID", help="these alone, each claim: ids with commas")
    ledger.add_argument(
        "--verdict", metavar="WORD",
        help="the claims with this verdict: supported, contradicted, 'mechanism seen', "
        "'not published', ...",
    )  # fmt: skip
    ledger.add_argument("--markdown", action="store_true", help="a table of groups and words")
    ledger.add_argument(
        "--into", type=Path, metavar="FILE",
        help="write that table between the two comments of a file: README.md",
    )  # fmt: skip
    ledger.add_argument("--results", type=Path, default=Path("results"), metavar="DIR")

    show = readable(command("show", "Make the table and the figure of a study from its records."))
    show.add_argument("study")
    drawn.add_figures(readable(command("figures", drawn.FIGURES, drawn.FIGURES_WAY)))
    drawn.add_latex(readable(command("latex", drawn.LATEX, drawn.LATEX_WAY)))

    law = command("law", "List the laws of theory, or evaluate one at a point of your own.")
    law.add_argument("name", nargs="?", help="a law; without a name, list them all")
    law.add_argument(
        "parameters", nargs=argparse.REMAINDER, metavar="--NAME VALUE",
        help="its parameters: 0.2, a list 1,0,0, a matrix '1,0;0,1', or @FILE.json",
    )  # fmt: skip

    compare = scaled(command("compare", "Compare two sets of records; exit 1 where they disagree."))
    compare.add_argument(
        "reference", type=Path, nargs="?",
        help="records.jsonl, the folder of a study or a scale; results/v1/SCALE if none is named",
    )  # fmt: skip
    compare.add_argument("new", type=Path, nargs="?", help="the same; build/SCALE if none is named")
    compare.add_argument("--markdown", action="store_true", help="as a summary for a pull request")
    compare.add_argument("--exact", action="store_true", help="compare the exact rows alone")

    kept.add(scaled(command("publish", kept.PUBLISH, kept.PUBLISH_WAY)))
    kept.add(scaled(command("decide", kept.DECIDE, kept.DECIDE_WAY)))

    verify = command(
        "verify", "Hold the published results against their hashes, schema, rules and verdicts."
    )
    verify.add_argument("--scale", help="of one scale alone")
    verify.add_argument("--studies", help="of these alone, names with commas")
    verify.add_argument("--results", type=Path, default=Path("results"), metavar="DIR")

    for name, text in (
        ("explain", "From a number, a claim or a point of a figure to its rows, runs and code."),
        ("rerun", "Make such a number again, from nothing, and compare it."),
    ):
        traced = readable(command(name, text))
        traced.add_argument(
            "place", metavar="PLACE",
            help="a claim (gated-beats-clean), a key of the paper's numbers.json "
            "(claim.gated-beats-clean.low), or STUDY:METRIC[:FACTOR=VALUE,...][:REPLICATE]",
        )  # fmt: skip
        traced.add_argument("--results", type=Path, default=Path("results"), metavar="DIR")

    data = command("data", "Read a dataset and say what it is: count, shape, licence, hash.")
    data.add_argument("name", nargs="?", help="without a name, list the datasets")
    data.add_argument(
        "--set", dest="params", action="append", default=[], metavar="KEY=VALUE",
        help="a parameter of the dataset, such as side=16 or path=DIR",
    )  # fmt: skip

    evaluate = _reading(command("evaluate", EVALUATE, EVALUATE_EXAMPLES))
    evaluate.add_argument("generated", help="the images to judge: " + IMAGES)
    evaluate.add_argument(
        "--reference", required=True, metavar="IMAGES",
        help="what they should be like: images, or a file that `patina statistics` left",
    )  # fmt: skip
    evaluate.add_argument(
        "--metrics", default="fd,kid,prdc",
        help="names with commas: fd, fd_infinity, kid, prdc (precision, recall, density, "
        "coverage), is, spatial_fd, patch_fd, spectrum, sliced_w2, mind, kernel_distance, "
        "memorisation, class_tilt, sample_entropy, relative_mahalanobis; all: every one that is "
        "possible",
    )  # fmt: skip
    evaluate.add_argument(
        "--held-out", metavar="IMAGES", help="fresh images, for nearest_neighbour_ratio"
    )
    evaluate.add_argument(
        "--ranges", type=int, default=1, metavar="R",
        help="cut the samples into R consecutive ranges: mean, standard deviation and least value",
    )  # fmt: skip
    evaluate.add_argument(
        "--bootstrap", type=int, default=0, metavar="B",
        help="intervals from B draws of half the images, in the place of standard errors",
    )  # fmt: skip
    evaluate.add_argument(
        "--floor", action="store_true",
        help="also give each number between two halves of the reference",
    )  # fmt: skip
    evaluate.add_argument("--seed", type=int, default=0, help="of subsets and directions")
    evaluate.add_argument(
        "--no-pictures", action="store_true", help="no contact sheet, no nearest neighbours"
    )
    evaluate.add_argument(
        "--out", default="evaluation.json", metavar="r.json",
        help="the result; records (.jsonl) and pictures (.samples.png, .nearest.png) lie beside it",
    )  # fmt: skip

    statistics = _reading(command("statistics", STATISTICS, STATISTICS_EXAMPLES))
    statistics.add_argument(
        "images", nargs="+", help="images (" + IMAGES + "), or files of statistics to merge"
    )
    statistics.add_argument("--out", required=True, metavar="s.npz", help="the file to write")
    statistics.add_argument(
        "--like", type=Path, metavar="s.npz",
        help="use the extractor of this file, as every shard of one set must",
    )  # fmt: skip

    geneval.add(command("geneval", geneval.GENEVAL, geneval.WAY))
    fit.add(command("fit", fit.FIT, fit.WAY))

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

    for name, text in (("report", "Make the report."), ("paper", "Make the paper.")):
        page = scaled(command(name, text, shown=False))
        page.add_argument("--studies", default="default")
    return top
