"""What deciding anew changes in the claims of a published reference, and what of it is refused.

The rule of a confirmatory claim is written before the run, so records that are there take none:

    exploratory    a claim may come, change and go
    confirmatory   none comes, changes, goes, or was published as exploratory. One may become
                   exploratory, whatever its rule then is, where no word of those that stay moves:
                   the family that they are adjusted in has shrunk
    unchanged      keep rule and line, or are named. Variances are pooled over all contrasts of a
                   study (``harness.claims.family``), so one more of them can move an interval and a
                   word. Where no published rule has changed or gone, the confirmatory claims are
                   also decided without what is new, and must be as they were published: else it is
                   the code that decides which has changed
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

from harness.problem import Problem
from harness.records.publish import rule_digest, verdict_line
from harness.run.verdicts import interval
from harness.run.verify import same_line

Lines = Mapping[str, Mapping[str, Any]]  # by claim
AGAIN = "run the study again and publish it"


@final
@dataclass(frozen=True)
class Anew:
    """The claims of a reference before and after.

    place: ``<scale>/<study>``. before: as its manifest has them. now: as the rules at hand decide
    them, each a line of ``harness.claims.claim.lines_of``. confirmatory: what is known of the
    published ones whose rule is no more; one that is absent counts as confirmatory.
    """

    place: str
    before: Lines
    now: Lines
    confirmatory: Mapping[str, bool]

    @property
    def claims(self) -> dict[str, dict[str, Any]]:
        """What the manifest is to hold: a line that is the published one, to 1e-9, stays it."""
        found = {name: verdict_line(line) for name, line in self.now.items()}
        kept = {name: self.before[name] for name in self.unchanged}
        return {
            name: dict(kept[name]) if name in kept and same_line(kept[name], line) else line
            for name, line in found.items()
        }

    @property
    def new(self) -> list[str]:
        return sorted(set(self.now) - set(self.before))

    @property
    def gone(self) -> list[str]:
        return sorted(set(self.before) - set(self.now))

    @property
    def changed(self) -> list[str]:
        return [name for name in self._both if not self._same_rule(name)]

    @cached_property
    def unchanged(self) -> list[str]:
        return [name for name in self._both if self._same_rule(name)]

    @property
    def lowered(self) -> list[str]:
        """Exploratory now, and published as confirmatory as far as is known."""
        return [
            name
            for name in self.changed
            if not self.now[name]["confirmatory"] and self.confirmatory.get(name, True)
        ]

    @property
    def _both(self) -> list[str]:
        return sorted(set(self.before) & set(self.now))

    def _same_rule(self, name: str) -> bool:
        return bool(self.before[name]["rule"] == rule_digest(self.now[name]))

    @property
    def words(self) -> dict[str, str]:
        """The words that moved, of claims that were there and are."""
        pairs = [(n, self.before[n]["word"], self.now[n]["verdict"]["word"]) for n in self._both]
        return {name: f"{a.upper()} → {b.upper()}" for name, a, b in pairs if a != b}

    @property
    def effect(self) -> str:
        """What has changed, as the changelog has it."""
        parts = [f"{len(self.new)} new, {len(self.changed)} changed, {len(self.gone)} gone"]
        if self.lowered:
            parts.append(f"demoted to exploratory: {', '.join(self.lowered)}")
        if moved := self._intervals:
            parts.append(f"intervals alone that moved: {', '.join(moved)}")
        words = ", ".join(f"{name} {text}" for name, text in self.words.items())
        return "; ".join([*parts, f"words that moved: {words}" if words else "no word moved"])

    @property
    def _intervals(self) -> list[str]:
        return [
            name
            for name in self.unchanged
            if name not in self.words
            and not same_line(self.before[name], verdict_line(self.now[name]))
        ]

    def __str__(self) -> str:
        if self.claims == self.before:
            return f"{self.place}: {len(self.before)} claims are as they were published"
        lines = [f"{self.place}: {self.effect}"]
        for what, names in (("new", self.new), ("changed", self.changed)):
            for name in names:
                verdict = self.now[name]["verdict"]
                lines.append(f"  {what} {name}: {verdict['word']} {interval(verdict)}".rstrip())
        return "\n".join([*lines, *(f"  gone {name}" for name in self.gone)])

    def check(self, alone: Lines) -> None:
        """Refuse what a published record cannot answer for.

        alone: the unchanged claims, decided without the new ones. Errors: a :class:`Problem` that
        names the claims.
        """
        found = [*self._rules(), *self._words(), *self._code(alone)]
        if found:
            told = [text for text, _ in found]
            more = f" and {len(told) - 5} more" if len(told) > 5 else ""
            fixes = dict.fromkeys(fix for _, fix in found if fix)
            raise Problem(
                f"the claims of {self.place} decided anew on its published records",
                "; ".join(told[:5]) + more,
                ", ".join(fixes) + f", or {AGAIN}" if fixes else AGAIN,
            )

    def _rules(self) -> Iterator[tuple[str, str]]:
        """Each rule that was to be written before the run, and how that is mended."""
        for name, line in self.now.items():
            if not line["confirmatory"] or name in self.unchanged:
                continue
            other = rule_digest({**line, "confirmatory": False})
            if name not in self.before:
                text = "is a confirmatory claim that is new"
            elif self.before[name]["rule"] == other:
                text = "was published as exploratory and is confirmatory now"
            else:
                text = "is confirmatory and its rule is not the published one"
            yield f"{name} {text}", "make it exploratory"
        for name in self.gone:
            if self.confirmatory.get(name, True):
                known = "" if name in self.confirmatory else ", for all that git can tell,"
                yield f"{name} was published{known} as confirmatory and is gone", "bring it back"

    def _words(self) -> Iterator[tuple[str, str]]:
        """Each word that could have moved since other claims left the family."""
        for name in self.unchanged if self.lowered else ():
            if self.now[name]["confirmatory"] and name in self.words:
                yield (
                    f"{name} moves, {self.words[name]}, where {', '.join(self.lowered)} is not "
                    "confirmatory any more",
                    "leave that confirmatory, by its published rule",
                )

    def _code(self, alone: Lines) -> Iterator[tuple[str, str]]:
        """Each verdict that differs where all its rules and contrasts are the published ones."""
        for name in self.unchanged if not (self.changed or self.gone) else ():
            line = alone[name]
            if line["confirmatory"] and not same_line(self.before[name], verdict_line(line)):
                yield (
                    f"{name} is another verdict by its published rule, so that the code which "
                    "decides has changed",
                    "",
                )
