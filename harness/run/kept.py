"""The commands about results that are kept, from ``compare`` to ``rerun``."""

import argparse
from pathlib import Path

from harness.problem import Problem


def compare(options: argparse.Namespace) -> int:
    from harness.records.compare import compare as held
    from harness.records.costs import of_builds
    from harness.records.files import read_jsonl
    from harness.run.alike import check_alike

    reference = options.reference or Path("results", "v1", options.scale)
    new = options.new or Path("build", options.scale)
    files = [_records(path) for path in (reference, new)]
    sides = [[row for file in paths for row in read_jsonl(file)] for paths in files]
    if options.exact:
        sides = [[row for row in rows if row.tier == "exact"] for rows in sides]
    if not any(sides):
        raise Problem(
            f"a comparison of {reference} and {new}",
            "no rows on either side",
            "compare other rows, or leave out --exact",
        )
    check_alike((reference, new), files, sides)
    costs = () if options.exact else of_builds(*files)
    result = held(sides[0], sides[1], costs)
    print(result.markdown() if options.markdown else result)
    return 0 if result.ok else 1


def publish(options: argparse.Namespace) -> int:
    from harness.records.publish import publish as replace
    from harness.run import reference
    from harness.run.code import ROOT, lock_digest
    from harness.run.current import check_current
    from harness.studies import STUDIES

    for study in options.study:
        STUDIES.entry(study)
        check_current(study, options.scale, Path("build", options.scale, study))
    for study in options.study:
        claims = reference.read(Path("build"), options.scale, study).claims
        place = (study, options.scale, Path("build"), ROOT / "results", ROOT)
        manifest = replace(*place, claims=claims, lock=lock_digest())
        print(f"published {manifest.rows} rows of {manifest.study} at {manifest.scale}")
    return 0


def decide(options: argparse.Namespace) -> int:
    from harness.run.code import ROOT
    from harness.run.redecide import redecide

    for anew in redecide(options.study, options.scale, ROOT / "results", ROOT):
        print(anew)
    return 0


def ledger(options: argparse.Namespace) -> int:
    from harness.run import ledger_text as told
    from harness.run.ledger import chosen
    from harness.run.ledger import ledger as read

    found = read(options.results, options.scale)
    if options.into is not None or options.markdown:
        if options.system is not None or options.verdict is not None:
            fix = "leave out --system and --verdict"
            raise Problem("a table of every system", "only some of its claims", fix)
        table = told.markdown(found)
        if options.into is None:
            print(table)
        else:
            changed = told.put(table, options.into)
            print(f"{options.into}: {'written' if changed else 'is up to date'}")
    elif options.system is None and options.verdict is None:
        print(told.overview(found))
    else:
        some = chosen(found, options.system, options.verdict)
        print(told.detail(some, claims_alone=options.system is None))
    return 0


def verify(options: argparse.Namespace) -> int:
    from harness.records.root import root_hash
    from harness.run.verify import promised
    from harness.run.verify import verify as held

    folders = promised(options.results, options.scale, options.studies)
    wrong = moved = verdicts = 0
    for number, folder in enumerate(folders, 1):
        found = held(folder)
        print(f"[{number}/{len(folders)}] {found}", flush=True)
        wrong += bool(found.wrong)
        moved += len(found.moved)
        verdicts += found.verdicts
    print(
        f"{len(folders) - wrong} of {len(folders)} references are what was published; {verdicts} "
        f"verdicts decided again are the published ones; {moved} rules changed, came or went since"
    )
    if options.studies is None:
        for scale in sorted({folder.parts[-2] for folder in folders}):
            root = root_hash(options.results, scale) or "none, for it has no manifest"
            print(f"root hash at {scale}: {root}")
    return int(wrong > 0)


def explain(options: argparse.Namespace) -> int:
    from harness.run import explain as told

    place = told.find(*_asked(options))
    print(told.explain(place, options.results))
    return 0


def rerun(options: argparse.Namespace) -> int:
    from tempfile import TemporaryDirectory

    import torch

    from harness.run.explain import find
    from harness.run.rerun import cells_of, forecast, told
    from harness.run.rerun import rerun as make

    torch.set_num_threads(1)
    place = find(*_asked(options))
    cells = cells_of(place)
    print(forecast(place, cells), flush=True)
    Path("build").mkdir(exist_ok=True)
    with TemporaryDirectory(dir="build", prefix="rerun-") as folder:
        again = make(place, cells, Path(folder))
    print(told(again))
    return int(not again.exact)


def _asked(options: argparse.Namespace) -> tuple[str, str, Path, Path, Path | None]:
    return options.place, options.scale, Path("build"), options.results, options.source


def _records(path: Path) -> list[Path]:
    """The records of a file, of a study's folder, or of all studies in a scale's folder."""
    if not path.is_dir():
        return [path]
    own = path / "records.jsonl"
    return [own] if own.is_file() else sorted(path.glob("*/records.jsonl"))
