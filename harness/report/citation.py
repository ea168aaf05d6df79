"""How to cite a report: the software, as ``CITATION.cff`` has it, and what made these numbers."""

from collections.abc import Mapping, Sequence

TITLE = "Patina: what imperfect data does to generative models"
AUTHORS = "The Patina authors"
YEAR = 2026
VERSION = "0.1.0"


def sentence(scale: str, origins: Mapping[str, Sequence[str]]) -> str:
    """The citation of a report as a sentence; origins: of ``harness.report.provenance``."""
    version = ", ".join(origins.get("patina", ())) or VERSION
    return f"{AUTHORS} ({YEAR}). {TITLE}. Version {version}, scale {scale}{_commits(origins)}."


def bibtex(scale: str, origins: Mapping[str, Sequence[str]]) -> str:
    """The same as an entry of BibTeX."""
    version = ", ".join(origins.get("patina", ())) or VERSION
    return "\n".join(
        (
            "@software{patina,",
            f"  title   = {{{TITLE}}},",
            f"  author  = {{{{{AUTHORS}}}}},",
            f"  year    = {{{YEAR}}},",
            f"  version = {{{version}}},",
            f"  note    = {{Report at scale {scale}{_commits(origins)}}},",
            "}",
        )
    )


def _commits(origins: Mapping[str, Sequence[str]]) -> str:
    """The commits that made the numbers; of many the first ones and how many more."""
    commits = list(origins.get("commit", ()))
    if not commits:
        return ""
    more = f" and {len(commits) - 3} more" if len(commits) > 3 else ""
    noun = "commit" if len(commits) == 1 else "commits"
    return f", {noun} {', '.join(commits[:3])}{more}"
