"""The outcome of a scoring: the table on the screen, the summary, and the records.

    r.jsonl           the results, one line an image, in the published form
    r.json            the summary: scores with intervals, where they are from, the other files
    r.records.jsonl   the same numbers as records, which ``patina compare`` reads

A warning is what a reader must not miss. A detector that was built wrongly finds nothing, and then
scores are zero without any error: an image in which nothing at all is found is possible, a fifth of
all images is not.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

from harness import __version__
from harness.cell import digest
from harness.geneval.interval import Interval
from harness.geneval.published import PUBLISHED
from harness.geneval.rules import Rules
from harness.geneval.score import Score
from harness.geneval.vocabulary import COCO, TASKS
from harness.records.files import to_text
from harness.records.record import Record, measured
from harness.t2i.judging import SCHEMA, Judged

EMPTY = 0.2  # share of images without any object from which on the detector is suspect
SUITE = 553  # prompts of the published suite
Z95 = 1.959964
UNKNOWN = "not stated"


@final
@dataclass(frozen=True)
class Outcome:
    """Judged images with their score. seed: of the bootstrap; made_by: what made the images."""

    judged: Judged
    score: Score
    seed: int
    made_by: dict[str, Any] | None = None

    @property
    def detector(self) -> str:
        """The name of the detector, where a file says it."""
        return self.judged.header.detector if self.judged.header else UNKNOWN

    @property
    def variant(self) -> str:
        """Whether the model was given the prompts raw or rewritten, where a file says it."""
        settings = self.judged.header.settings if self.judged.header else {}
        return str(settings.get("prompt_variant", UNKNOWN))

    @property
    def other_rules(self) -> str:
        """The rules that are not the published ones, or none."""
        used, published = self.judged.rules, Rules().config()
        return ", ".join(
            f"{name} {value:g} for {published[name]:g}"
            for name, value in (used.config() if used else published).items()
            if value != published[name]
        )

    @property
    def quotable(self) -> bool:
        """Whether published scores may stand beside: same classes, rules and kind of prompts."""
        same = self.judged.vocabulary == COCO and self.variant != "rewritten"
        return same and not self.other_rules

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must not be missed."""
        made = []
        results = self.judged.results
        looked = [result for result in results if result.tag != "counting"] or list(results)
        empty = sum(not json.loads(result.details) for result in looked) / len(looked)
        if empty > EMPTY:
            made.append(
                f"NO OBJECT AT ALL in {empty:.0%} of the images: look at some; if they show "
                "objects, the detector or its weights are broken"
            )
        if not any(task.correct for task in self.score.tasks):
            made.append(
                "EVERY TASK SCORES 0: a detector of another version or build than its weights "
                "does this, and so do prompts that are not those of the images"
            )
        if self.other_rules:
            made.append(
                f"RULES UNLIKE THE PUBLISHED ONES: {self.other_rules}; no published score is "
                "comparable"
            )
        return tuple(made)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know beside the numbers."""
        made = [*self.judged.notes, *self.score.notes]
        if self.judged.vocabulary == COCO and self.score.prompts != SUITE:
            made.append(f"{self.score.prompts} prompts, not the {SUITE} published ones")
        if self.variant == "rewritten":
            made.append("the prompts were rewritten: not comparable with scores of raw prompts")
        if self.detector == "mask2former":
            made.append(
                "another training run of Mask2Former than the published detector's: not "
                "interchangeable with published scores"
            )
        return tuple(dict.fromkeys(made))


def summary(outcome: Outcome, files: Mapping[str, str]) -> dict[str, Any]:
    """Everything but the results, as plain data. files: the sha256 of the others of the bundle."""
    judged = outcome.judged
    return {
        "schema": SCHEMA,
        "tool": f"patina {__version__}",
        "detector": outcome.detector,
        "weights": dict(judged.header.weights) if judged.header else UNKNOWN,
        "settings": dict(judged.header.settings) if judged.header else UNKNOWN,
        "prompt_variant": outcome.variant,
        "vocabulary": judged.vocabulary.name,
        "rules": judged.rules.config() if judged.rules else UNKNOWN,
        "seed": outcome.seed,
        "sha256": dict(judged.inputs),
        "images_made_by": outcome.made_by if outcome.made_by is not None else UNKNOWN,
        "warnings": list(outcome.warnings),
        "notes": list(outcome.notes),
        "score": outcome.score.config(),
        "files": dict(files),
    }


def summary_text(outcome: Outcome, files: Mapping[str, str]) -> str:
    """The summary as the text of a file."""
    return json.dumps(summary(outcome, files), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def records(outcome: Outcome) -> list[Record]:
    """A record a number. What identifies a row is the prompts and how images were judged, so that
    two models are set side by side; the standard error is that of the bootstrap's interval."""
    judged, score = outcome.judged, outcome.score
    head = judged.header.config() if judged.header else UNKNOWN
    rules = judged.rules.config() if judged.rules else UNKNOWN
    prompts = judged.inputs["prompts"]
    common: dict[str, Any] = {
        "study": "geneval",
        "cell_id": digest([head, rules, prompts]),
        "params": {"detector": outcome.detector, "prompts": prompts[:16]},
        "unit": "1",
        "tier": "tolerance",
        "higher_is_better": True,
    }
    rows = [
        measured(task.mean, _error(task.bootstrap), metric=task.task, n=task.images, **common)
        for task in score.tasks
    ]
    rows.append(
        measured(score.overall, _error(score.bootstrap), metric="overall", n=score.images, **common)
    )
    shares = {"correct_images": score.correct_images, "correct_prompts": score.correct_prompts}
    counts = {"correct_images": score.images, "correct_prompts": score.prompts}
    rows += [
        measured(value, metric=name, n=counts[name], **common) for name, value in shares.items()
    ]
    return rows


def records_text(outcome: Outcome) -> str:
    """The records as the text of a file."""
    return to_text(records(outcome))


def _error(interval: Interval) -> float:
    return (interval.high - interval.low) / (2 * Z95)


def table(outcome: Outcome) -> str:
    """The table on the screen, and what is published beside it."""
    score = outcome.score
    rows = [["task", "images", "prompts", "score", "Wilson 95 %", "over prompts 95 %"]]
    rows += [
        [
            task.task, str(task.images), str(task.prompts), f"{task.mean:.3f}",
            _shown(task.wilson), _shown(task.bootstrap),
        ]
        for task in score.tasks
    ]  # fmt: skip
    rows.append(
        ["overall", str(score.images), str(score.prompts), f"{score.overall:.3f}", "",
         _shown(score.bootstrap)]
    )  # fmt: skip
    text = [
        aligned(rows),
        f"right images {score.correct_images:.1%}; prompts with a right image "
        f"{score.correct_prompts:.1%}",
        f"detector {outcome.detector}, prompts {outcome.variant}; the interval over prompts is the "
        "one to quote: images of one prompt are alike",
    ]
    if outcome.quotable:
        text += ["", "quoted, with the published detector and no interval:", quoted()]
    return "\n".join(text)


def quoted() -> str:
    """The published scores."""
    rows = [["model", "overall", *TASKS]]
    for each in PUBLISHED:
        tasks = [f"{value:.2f}" for value in each.tasks] or ["–"] * len(TASKS)
        rows.append([each.model, f"{each.overall:.2f}", *tasks])
    return aligned(rows)


def _shown(interval: Interval) -> str:
    return f"{interval.low:.3f} to {interval.high:.3f}"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows as lines, the first column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in rows
    )
