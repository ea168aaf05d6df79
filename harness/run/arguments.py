"""What ``patina publish`` and ``patina decide`` take, and the words of their ``--help``."""

import argparse

PUBLISH = "Make the build's records of studies the committed reference."
PUBLISH_WAY = """\
The records of build/SCALE/STUDY take the place of those in results/v1/SCALE/STUDY, with the verdict
of each claim, in one step and from a clean commit; results/CHANGELOG.md gets a line."""

DECIDE = "Decide the claims of published studies anew, by the rules at hand."
DECIDE_WAY = """\
examples:
  patina decide condition_flips               its claims in results/v1/cpu/condition_flips
  patina decide captions cep --scale gpu      of two studies; both are checked before one is written

For claims that were added, dropped, or given another rule after the study had been published:
nothing runs, and records.jsonl and runs.jsonl stay to the byte. MANIFEST.json gets the new verdicts
and results/CHANGELOG.md a line with what changed; commit both. The tree must be clean before, so
that git holds the rules. Rules that are the published ones change nothing.

A confirmatory claim is a promise made before the run. A new rule for one, and one that is gone, are
refused: make the claim exploratory (confirmatory=False), or run the study again and publish it. Its
word can move all the same where another claim of the study has new contrasts, since their variances
are pooled; the line says so."""


def add(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("study", nargs="+", help="a study, or several")
