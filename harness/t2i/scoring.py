"""Scoring: what ``patina geneval score`` does, from its options to its files."""

import argparse
import math
import sys
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.evaluate.ticker import Ticker
from harness.geneval.detections import read_detections
from harness.geneval.prompt import Prompt
from harness.geneval.rules import Rules
from harness.geneval.score import score as scored
from harness.geneval.vocabulary import Vocabulary
from harness.problem import Problem
from harness.records.atomic import write_together
from harness.streams import numpy_generator
from harness.t2i.detecting import detect, header
from harness.t2i.detectors import load
from harness.t2i.folder import Folder, image_bytes, picture, read_folder
from harness.t2i.judging import Judged, of_folder, of_prompts, of_results
from harness.t2i.made_by import read_settings
from harness.t2i.outcome import Outcome, records_text, summary_text, table
from harness.report.contact import Shown, sheet

HOW = "give a folder with --detections or --detector, detections with --prompts, or results"


def score(options: argparse.Namespace) -> int:
    """Judge, print the table, and write all files or none; of given results, only where asked."""
    again = options.images is not None and options.images.is_file()
    out = options.out or Path("results.jsonl")
    if out.suffix != ".jsonl" or out.is_dir():
        raise Problem(f"--out {out}", "no .jsonl file", "name it results.jsonl, say")
    judged = _judged(options, out, again)
    generator = numpy_generator("geneval", options.seed, "bootstrap")
    made_by = read_settings(judged.root) if judged.root is not None else None
    outcome = Outcome(judged, scored(judged.results, generator), options.seed, made_by)
    print(table(outcome))
    for note in outcome.notes:
        print(f"note: {note}")
    sys.stdout.flush()
    for warning in outcome.warnings:
        print(f"WARNING: {warning}", file=sys.stderr)
    if again and options.out is None:
        print("nothing written: --out NEW.jsonl leaves the summary, the records and the figure")
        return 0
    made = files(outcome, out, not options.no_pictures)
    for given in filter(None, (options.images, options.detections, options.prompts)):
        for path in made:
            if path.exists() and path.samefile(given):
                raise Problem(f"--out {out}", f"{path} among what was given", "choose another name")
    write_together(made)
    print("\n".join(f"wrote {path}" for path in made))
    return 0


def files(outcome: Outcome, out: Path, pictures: bool = True) -> dict[Path, bytes]:
    """The results and all that stands beside them, as bytes."""
    judged = outcome.judged
    made = {
        out: "".join(f"{result.json}\n" for result in judged.results).encode(),
        out.with_suffix(".json"): summary_text(outcome).encode(),
        out.with_suffix(".records.jsonl"): records_text(outcome).encode(),
    }
    if not pictures:
        return made
    from harness.t2i.figure import files as figure

    made |= {out.with_suffix(f".scores.{kind}"): data for kind, data in figure(outcome).items()}
    if judged.root is not None:
        made[out.with_suffix(".sheet.png")] = _sheet(judged, judged.root)
    return made


def _sheet(judged: Judged, root: Path) -> bytes:
    return sheet(
        [
            Shown(
                each.tag,
                each.prompt,
                each.correct,
                partial(_levels, root, each.filename),
            )
            for each in judged.results
        ]
    )


def _levels(root: Path, name: str) -> NDArray[np.uint8]:
    return picture(image_bytes(root, name), name)


def _judged(options: argparse.Namespace, out: Path, again: bool) -> Judged:
    """The results that the options ask for."""
    path, rules = options.detections, read_rules(options.rule)
    if options.detector and path:
        raise Problem("a score", "a detector and detections", "give one of the two")
    if again:
        if path or options.detector or options.prompts or options.rule:
            got = "detections, prompts or rules beside it"
            raise Problem(f"the score of the results {options.images}", got, "give it alone")
        return of_results(options.images)
    ticker = Ticker(options.quiet)
    if options.images is None:
        if path is None or options.prompts is None:
            raise Problem("a score", "no images and no results", HOW)
        found = read_detections(path)
        return of_prompts(_suite(options, found.header.vocabulary), found, path, rules)
    if options.detector:
        detector = load(options.detector, options.weights, options.color_weights, options.device)
        folder = _folder(options, detector.vocabulary)
        path = out.with_suffix(".detections.jsonl")
        head = header(detector, options.prompt_variant, options.colors)
        detect(folder, detector, path, head, options.batch, ticker)
        return of_folder(folder, read_detections(path), path, rules, ticker)
    if path is None:
        raise Problem(f"the score of {options.images}", "no detections", HOW)
    found = read_detections(path)
    folder = _folder(options, found.header.vocabulary)
    return of_folder(folder, found, path, rules, ticker)


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
