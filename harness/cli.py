"""The command line. It imports lazily: ``--help`` and a plan load neither torch nor pandas."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.arguments import parser
from harness.plugin import inherit, load
from harness.problem import Problem


def _run(options: argparse.Namespace) -> int:
    from harness.run.flow import run

    if options.cells_per_job is not None and options.cells_per_job < 1:
        raise Problem(f"--cells-per-job {options.cells_per_job}", "no job", "give 1 or more")
    if options.dry_run:
        from harness.run.invoice import invoice

        print(invoice(options.scale, options.studies, None))
        return 0
    if options.per_card < 1:
        raise Problem(f"--per-card {options.per_card}", "no job", "give 1 or more")
    config = [f"cells_per_job={options.cells_per_job}"] if options.cells_per_job else []
    status = run(
        options.scale, options.studies, options.cores, options.targets, config, options.profile,
        options.per_card,
    )  # fmt: skip
    if status == 0 and not options.targets:
        _where(options)
    return status


def _shard(options: argparse.Namespace) -> int:
    import torch

    from harness.run.collect import run_shard

    torch.set_num_threads(1)
    run_shard(options.study, options.shard, options.scale, options.cells_per_job, options.cores)
    return 0


def _collect(options: argparse.Namespace) -> int:
    from harness.run.collect import collect
    from harness.run.plan import build_folder

    collect(build_folder(options.scale) / options.study, options.rows, options.runs)
    return 0


def _plan(options: argparse.Namespace) -> int:
    from harness.run.invoice import invoice

    print(invoice(options.scale, options.studies, options.only))
    return 0


def _claims(options: argparse.Namespace) -> int:
    from harness.run import reference
    from harness.run.plan import build_folder
    from harness.run.verdicts import check_filters, chosen, decide, listing, read
    from harness.studies import STUDIES

    asked = [name.strip() for name in (options.studies or "").split(",") if name.strip()]
    for name in asked:
        STUDIES.entry(name)
    paper, verdict = options.paper, options.verdict
    shown = 0
    if options.source is not None:
        studies = asked or reference.studies(options.source, options.scale)
        claims = {name: [claim.config() for claim in STUDIES[name].claims] for name in studies}
        check_filters([one["source"] for name in claims for one in claims[name]], paper, verdict)
        for name in studies:
            if paper is None or chosen(claims[name], paper):  # else there is nothing to decide
                lines = reference.read(options.source, options.scale, name).claims
                if found := chosen(lines, paper, verdict):
                    print(listing(found))
                    shown += len(found)
    else:
        path = build_folder(options.scale) / "claims.jsonl"
        if options.records:
            decide(options.scale, options.records, path)
        lines = [line for line in read(path) if not asked or line["study"] in asked]
        check_filters([line["source"] for line in lines], paper, verdict)
        shown = len(chosen(lines, paper, verdict))
        if shown:
            print(listing(chosen(lines, paper, verdict)))
    if not shown:
        print("there is no such claim")
    return 0


def _law(options: argparse.Namespace) -> int:
    import json

    from harness.lawbook import answer, description, is_paper, listing

    if options.name is None or (is_paper(options.name) and not options.parameters):
        print(listing(options.name or ""))
    elif not options.parameters or {"-h", "--help"} & set(options.parameters):
        print(description(options.name))
    else:
        print(json.dumps(answer(options.name, options.parameters), indent=2, ensure_ascii=False))
    return 0


def _kept(name: str) -> Callable[[argparse.Namespace], int]:
    """A command about kept results, imported when it is called."""

    def call(options: argparse.Namespace) -> int:
        from harness.run import kept

        found: Callable[[argparse.Namespace], int] = getattr(kept, name)
        return found(options)

    return call


def _value(text: str) -> object:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Problem(f"the value {text!r}", "no YAML scalar", "quote it") from error


def _data(options: argparse.Namespace) -> int:
    from harness.data import DATASETS
    from harness.data.load import load

    if options.name is None:
        print("\n".join(DATASETS))
        return 0
    params = {}
    for item in options.params:
        key, mark, text = item.partition("=")
        if not mark:
            raise Problem(f"the parameter {item!r}", "no value", "write KEY=VALUE")
        params[key] = _value(text)
    for key, value in load(options.name, **params).describe().items():
        print(f"{key:14} {value}")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from harness.evaluate.command import evaluate

    return evaluate(options)


def _statistics(options: argparse.Namespace) -> int:
    from harness.evaluate.command import statistics

    return statistics(options)


def _geneval(options: argparse.Namespace) -> int:
    from harness.t2i.command import geneval

    return geneval(options)


def _fit(options: argparse.Namespace) -> int:
    from harness.report.figures.scaling_fit import files
    from harness.scaling.command import fit

    return fit(options, files)


def _where(options: argparse.Namespace) -> int:
    from harness.scale import read_sizes

    read_sizes(options.scale)
    folder = Path("build", options.scale).resolve()
    for what, path in (
        ("report", folder / "report.html"),
        ("paper", folder / "paper.pdf"),
        ("supplement", folder / "supplement.pdf"),
        ("for LaTeX", folder / "latex"),
        ("tables", folder / "tables"),
        ("figures", folder / "figures"),
        ("claims", folder / "claims.jsonl"),
    ):
        print(f"{what:10} {path}")
    print(f"records    {folder}/<study>/records.jsonl")
    return 0


def _show(options: argparse.Namespace) -> int:
    from harness.report.results import Results
    from harness.report.show import heading, write
    from harness.run import reference
    from harness.run.plan import build_folder
    from harness.studies import STUDIES

    STUDIES.entry(options.study)
    folder = build_folder(options.scale)
    if options.source is None:
        results = Results.read(options.study, folder)
    else:
        found = reference.read(options.source, options.scale, options.study)
        results = Results(options.study, options.scale, *found)
        folder = build_folder("published") / options.scale
    print(heading(options.study))
    for path in write(results, folder):
        print(path)
    return 0


def _figures(options: argparse.Namespace) -> int:
    from harness.report.command import figures

    return figures(options)


def _latex(options: argparse.Namespace) -> int:
    from harness.report.command import latex

    return latex(options)


def _made(scale: str) -> list[str]:
    """The studies that a scale has records and tables of, from this run or an earlier one."""
    from harness.studies import STUDIES

    folder = Path("build", scale)
    return [
        name
        for name in STUDIES
        if (folder / name / "records.jsonl").is_file()
        and (folder / "tables" / f"{name}.csv").is_file()
    ]


def _report(options: argparse.Namespace) -> int:
    from harness.report.page import write_report
    from harness.run.plan import build_folder

    write_report(build_folder(options.scale), _made(options.scale))
    return 0


def _paper(options: argparse.Namespace) -> int:
    from harness.report.command import paper

    paper(options.scale, _made(options.scale))
    return 0


COMMANDS = {
    "run": _run,
    "shard": _shard,
    "collect": _collect,
    "plan": _plan,
    "claims": _claims,
    "law": _law,
    "compare": _kept("compare"),
    "publish": _kept("publish"),
    "decide": _kept("decide"),
    "ledger": _kept("ledger"),
    "verify": _kept("verify"),
    "explain": _kept("explain"),
    "rerun": _kept("rerun"),
    "data": _data,
    "evaluate": _evaluate,
    "statistics": _statistics,
    "geneval": _geneval,
    "fit": _fit,
    "where": _where,
    "show": _show,
    "figures": _figures,
    "latex": _latex,
    "report": _report,
    "paper": _paper,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a Problem is printed in one line, with exit status 2."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    options = parser().parse_args(arguments)
    try:
        inherit()
        load(options.plugin)
        return COMMANDS[options.command](options)
    except Problem as problem:
        print(f"patina: {problem}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    except MemoryError as error:
        fix = "ask for fewer or smaller images (--limit, --size)"
        print(f"patina: asked for more memory than there is; got {error}; {fix}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("patina: interrupted", file=sys.stderr)
        return 130
