"""What ``patina geneval`` takes: its commands, their options, and the words of ``--help``."""

import argparse
from collections.abc import Callable
from pathlib import Path

RAW = argparse.RawDescriptionHelpFormatter
GENEVAL = "Score text-to-image models as GenEval does, on real images or on scenes of shapes."
WAY = """\
the way of a score:
  patina geneval prompts --out prompts.jsonl            what to ask for
  patina geneval generate --prompts prompts.jsonl --model MODEL --out images/
  patina geneval detect images/ --detector mask2former --out detections.jsonl
  patina geneval score images/ --detections detections.jsonl --out results.jsonl

and without any network, in a minute:
  patina geneval scenes --out scenes/
  patina geneval score scenes/ --detector scenes --out scenes.jsonl

The score is one of the model and of the detector: give the detector with every number."""

PROMPTS = "Write the 553 published prompts, or a suite of scenes, one a line."
PROMPTS_EXAMPLES = """\
examples:
  patina geneval prompts --out prompts.jsonl
  patina geneval prompts --scenes 40 --out scenes.jsonl    at most 40 captions a task"""
SCENES = "Draw scenes of coloured shapes into the published folder of images."
SCENES_EXAMPLES = """\
examples:
  patina geneval scenes --out scenes/
  patina geneval scenes --out floor/ --shuffled            each prompt with another's images"""
DETECT = "Find the objects of a folder of images; goes on where it was stopped."
DETECT_EXAMPLES = """\
examples:
  patina geneval detect scenes/ --detector scenes --out detections.jsonl
  patina geneval detect images/ --detector mask2former --batch 4 --out detections.jsonl
  patina geneval detect images/ --detector mask2former --prompt-variant rewritten --out d.jsonl"""
SCORE = "Judge images by their prompts: six task means with intervals, and the overall score."
SCORE_EXAMPLES = """\
examples:
  patina geneval score images/ --detections detections.jsonl --out results.jsonl
  patina geneval score scenes/ --detector scenes --out scenes.jsonl
  patina geneval score --detections detections.jsonl --prompts prompts.jsonl
  patina geneval score results.jsonl                       a published file of results
  patina compare a.records.jsonl b.records.jsonl           two models, number by number"""
GENERATE = "Draw images of prompts with a model of diffusers, in the published setting."
GENERATE_EXAMPLES = """\
examples:
  patina geneval generate --prompts prompts.jsonl --model MODEL --out images/
  patina geneval generate --prompts prompts.jsonl --model ./my-model --steps 30 --out images/

MODEL is a name on the hub or a folder with safetensors. A stopped run goes on, and its images are
those of a run that was not."""

Command = Callable[..., argparse.ArgumentParser]


def place(text: str) -> Path:
    """A path that has a name; "" is what an empty variable of a shell leaves."""
    if not text:
        raise argparse.ArgumentTypeError("an empty name")
    return Path(text)


def add(geneval: argparse.ArgumentParser) -> None:
    """Add the commands of ``patina geneval`` to its parser."""
    commands = geneval.add_subparsers(dest="action", metavar="ACTION", required=True)

    def command(name: str, text: str, more: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name, help=text, description=text, epilog=more, formatter_class=RAW
        )

    _prompts(command("prompts", PROMPTS, PROMPTS_EXAMPLES))
    _scenes(command("scenes", SCENES, SCENES_EXAMPLES))
    _generate(command("generate", GENERATE, GENERATE_EXAMPLES))
    _detect(command("detect", DETECT, DETECT_EXAMPLES))
    _score(command("score", SCORE, SCORE_EXAMPLES))


def _prompts(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--out", type=place, metavar="FILE", help="else they go to standard output")
    sub.add_argument(
        "--scenes", type=int, metavar="N", help="captions of scenes, N a task or all that there are"
    )
    sub.add_argument("--seed", type=int, help="which captions of scenes (0)")


def _scenes(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--out", type=place, required=True, metavar="DIR", help="the folder to make")
    sub.add_argument("--size", type=int, default=32, help="pixels along a side (32)")
    sub.add_argument("--layout", choices=("free", "grid"), default="free", help="of things (free)")
    sub.add_argument(
        "--prompts-per-task", type=int, default=25, metavar="N", help="captions of a task (25)"
    )
    sub.add_argument("--images", type=int, default=4, metavar="N", help="for each caption (4)")
    sub.add_argument(
        "--shuffled", action="store_true", help="the images of another caption: the floor of scores"
    )
    sub.add_argument("--seed", type=int, default=0, help="of captions and places (0)")
    sub.add_argument("--quiet", action="store_true", help="no progress")


def _weights(sub: argparse.ArgumentParser) -> None:
    """The options of every command that runs a detector."""
    sub.add_argument("--weights", metavar="MODEL", help="of mask2former: a name, or a folder")
    sub.add_argument("--color-weights", metavar="MODEL", help="of CLIP: a name, or a folder")
    sub.add_argument("--batch", type=int, metavar="N", help="images at a time (1)")
    sub.add_argument("--device", help="of mask2former: auto, cpu or cuda (auto)")
    sub.add_argument(
        "--colors", choices=("all", "asked"),
        help="of mask2former: read the colours of all objects above 0.3, or only where the prompt "
        "asks for one (all)",
    )  # fmt: skip
    sub.add_argument(
        "--prompt-variant", choices=("raw", "rewritten"),
        help="whether the model was given the prompts as they stand, which is recorded (raw)",
    )  # fmt: skip
    sub.add_argument("--quiet", action="store_true", help="no progress")


def _folder(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--prompts", type=place, metavar="FILE", help="the suite that the images must be of"
    )
    sub.add_argument(
        "--images-per-prompt", type=int, metavar="N", help="refuse prompts with fewer or more"
    )


def _detect(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("images", type=place, metavar="DIR", help="the folder of images")
    sub.add_argument("--detector", required=True, choices=("scenes", "mask2former"))
    sub.add_argument("--out", type=place, required=True, metavar="D.jsonl", help="the detections")
    _folder(sub)
    _weights(sub)


def _score(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "images", type=place, nargs="?", metavar="DIR|R.jsonl",
        help="the folder of images, or a published file of results",
    )  # fmt: skip
    sub.add_argument("--detections", type=place, metavar="D.jsonl", help="what `detect` has made")
    sub.add_argument(
        "--detector", choices=("scenes", "mask2former"),
        help="detect here and now, into R.detections.jsonl",
    )  # fmt: skip
    sub.add_argument(
        "--out", type=place, metavar="R.jsonl",
        help="the results (results.jsonl); beside it R.json, R.records.jsonl, R.scores.{png,pdf,"
        "svg} and R.sheet.png",
    )  # fmt: skip
    sub.add_argument(
        "--rule", action="append", default=[], metavar="NAME=VALUE",
        help="threshold, counting_threshold, max_objects, nms or position_margin, unlike published",
    )  # fmt: skip
    sub.add_argument("--seed", type=int, default=0, help="of the bootstrap (0)")
    sub.add_argument("--no-pictures", action="store_true", help="no figure, no contact sheet")
    _folder(sub)
    _weights(sub)


def _generate(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--prompts", type=place, required=True, metavar="FILE")
    sub.add_argument("--model", required=True, help="a name on the hub, or a folder")
    sub.add_argument("--out", type=place, required=True, metavar="DIR", help="the folder to make")
    sub.add_argument("--images", type=int, default=4, metavar="N", help="for each prompt (4)")
    sub.add_argument("--seed", type=int, default=42, help="set anew for each prompt (42)")
    sub.add_argument("--steps", type=int, default=50, help="of the sampler (50)")
    sub.add_argument("--guidance", type=float, default=9.0, help="scale (9)")
    sub.add_argument("--height", type=int, help="pixels; else the model's own")
    sub.add_argument("--width", type=int, help="pixels; else the model's own")
    sub.add_argument("--negative-prompt", metavar="TEXT")
    sub.add_argument("--dtype", choices=("float16", "bfloat16", "float32"), help="of the weights")
    sub.add_argument("--device", default="auto", help="auto, cpu or cuda")
    sub.add_argument(
        "--batch", type=int, default=1, metavar="N", help="images at a time (1, as published)"
    )
    sub.add_argument("--quiet", action="store_true", help="no progress")
