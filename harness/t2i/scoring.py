"""Scoring: what ``patina geneval score`` does, from its options to its files."""

import argparse
import math
import os
import sys
from collections.abc import Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

from harness.evaluate.ticker import Ticker
from harness.geneval.detections import read_detections
from harness.geneval.prompt import Prompt
from harness.geneval.rules import Rules
from harness.geneval.score import score as scored
from harness.geneval.vocabulary import Vocabulary
from harness.problem import Problem
from harness.report.contact import Shown, sheet
from harness.streams import numpy_generator
from harness.t2i import bundle
from harness.t2i.detecting import chosen, detect
from harness.t2i.folder import Folder, levels, read_folder
from harness.t2i.judging import Judged, of_folder, of_prompts, of_results
from harness.t2i.made_by import read_settings
from harness.t2i.outcome import Outcome, records_text, summary_text, table
from harness.t2i.screen import say

DETECTING = ("weights", "color_weights", "batch", "device", "colors", "prompt_variant")
HOW = "give a folder with --detections or --detector, detections with --prompts, or results"


def score(options: argparse.Namespace) -> int:
    """Judge, print the table, and write all files or none; of given results, only where asked."""
    if options.images is not None and not os.path.exists(options.images):
        raise Problem(f"the images or results {options.images}", "no such file or folder", HOW)
    again = options.images is not None and options.images.is_file()
    out = options.out or Path("results.jsonl")
    if out.suffix != ".jsonl" or out.is_dir():
        raise Problem(f"--out {out}", "no .jsonl file", "name it results.jsonl, say")
    judged = _judged(options, out, again)
    generator = numpy_generator("geneval", options.seed, "bootstrap")
    made_by = read_settings(judged.root) if judged.root is not None else None
    outcome = Outcome(judged, scored(judged.results, generator), options.seed, made_by)
    say(table(outcome))
    for note in outcome.notes:
        say(f"note: {note}")
    for warning in outcome.warnings:
        print(f"WARNING: {warning}", file=sys.stderr)
    if again and options.out is None:
        say("nothing written: --out NEW.jsonl leaves the summary, the records and the figure")
        return 0
    made = files(outcome, not options.no_pictures)
    for given in filter(None, (options.images, options.detections, options.prompts)):
        for path in map(out.with_suffix, bundle.ALL):
            if path.exists() and path.samefile(given):
                raise Problem(f"--out {out}", f"{path} among what was given", "choose another name")
    written, removed = bundle.write(out, made)
    for path in removed:
        say(f"removed {path}: of an earlier score")
    say("\n".join(f"wrote {path}" for path in written))
    return 0


def files(outcome: Outcome, pictures: bool = True) -> dict[str, bytes]:
    """The results and all that stands beside them, as bytes, by the suffix of the file."""
    judged = outcome.judged
    made = {
        bundle.RESULTS: "".join(f"{result.json}\n" for result in judged.results).encode(),
        bundle.RECORDS: records_text(outcome).encode(),
    }
    if pictures:
        from harness.t2i.figure import files as figure

        made |= {f".scores.{kind}": data for kind, data in figure(outcome).items()}
        if judged.root is not None:
            made[".sheet.png"] = _sheet(judged, judged.root)
    return made | {bundle.SUMMARY: summary_text(outcome, bundle.hashes(made)).encode()}


def _sheet(judged: Judged, root: Path) -> bytes:
    return sheet(
        [
            Shown(each.tag, each.prompt, each.correct, partial(levels, root, each.filename))
            for each in judged.results
        ]
    )


def _judged(options: argparse.Namespace, out: Path, again: bool) -> Judged:
    """The results that the options ask for; those that nothing reads are refused."""
    path, ticker = options.detections, Ticker(options.quiet)
    if again:
        asked = f"the score of the results {options.images}"
        judging = ("detections", "detector", "prompts", "images_per_prompt", "rule")
        _refuse(options, asked, (*judging, *DETECTING))
        return of_results(options.images)
    rules = read_rules(options.rule)
    if options.detector and path:
        raise Problem("a score", "a detector and detections", "give one of the two")
    if not options.detector:
        _refuse(options, "a score without a detector to run", DETECTING)
    if options.images is None:
        if path is None or options.prompts is None:
            raise Problem("a score", "no images and no results", HOW)
        found = read_detections(path)
        suite = _suite(options, found.header.vocabulary)
        return of_prompts(suite, found, path, rules, options.images_per_prompt)
    if options.detector:
        detector, head = chosen(options)
        folder = _folder(options, detector.vocabulary)
        path = out.with_suffix(".detections.jsonl")
        detect(folder, detector, path, head, options.batch or 1, ticker)
        return of_folder(folder, read_detections(path), path, rules, ticker)
    if path is None:
        raise Problem(f"the score of {options.images}", "no detections", HOW)
    found = read_detections(path)
    folder = _folder(options, found.header.vocabulary)
    return of_folder(folder, found, path, rules, ticker)


def _refuse(options: argparse.Namespace, asked: str, names: Sequence[str]) -> None:
    """Refuse options that were given and that nothing reads."""
    for name in names:
        if getattr(options, name) not in (None, []):
            fix = "leave it out: nothing reads it there"
            if name in DETECTING:
                fix += ", it is of the detection, and recorded in its file"
            raise Problem(asked, f"--{name.replace('_', '-')}", fix)


def _suite(options: argparse.Namespace, words: Vocabulary) -> tuple[Prompt, ...]:
    from harness.t2i.command import prompts_of

    return prompts_of(options.prompts, words)


def _folder(options: argparse.Namespace, words: Vocabulary) -> Folder:
    suite = _suite(options, words) if options.prompts else None
    return read_folder(options.images, words, suite, options.images_per_prompt)


def read_rules(given: list[str]) -> Rules:
    """The rules of NAME=VALUE; ``Problem`` for an unknown name and for what is no number."""
    known = {each.name: each.type for each in fields(Rules)}
    values: dict[str, Any] = {}
    for text in given:
        name, mark, value = text.partition("=")
        if name not in known or not mark:
            raise Problem(f"the rule {text!r}", "no such one", f"NAME=VALUE of {', '.join(known)}")
        try:
            values[name] = int(value) if name == "max_objects" else float(value)
        except ValueError as error:
            raise Problem(f"the rule {name}", repr(value), "give a number") from error
        if not math.isfinite(values[name]):
            raise Problem(f"the rule {name}", repr(value), "give a number")
    return Rules(**values)
