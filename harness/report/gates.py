"""The shut gates of a study, in words: where no verdict counts, and what then looks better than it
is.

A claim's gate (``harness.claims.gate``) asks of the ceiling that it can be seen to be one. Where it
is shut, a figure still shows every arm; this says beside it that they are not to be believed.
"""

import re
from collections import Counter

from harness.claims.contrast import label
from harness.report.deciding import SHUT
from harness.report.materials import listed
from harness.report.results import Group, Results, mean
from harness.report.words import words

LOSS = "denoising_loss"
CEILING = "oracle"
NAMED = 2  # reasons that are told; of more, these and a count
WHY = re.compile(rf"{SHUT}, (.+?)(?:;|$)")
PLACE = re.compile(r"\w+=.*?(?= at | has a | has no | lost | does not | cannot | on )")
LEVEL = re.compile(r"(\w+)=(.*?)(?= \w+=|$)")
METRIC = re.compile(r"\w+_\w+")
BARE = ("network", "setting", "corruption", "data", "arm")  # whose levels speak for themselves


def shut_gates(results: Results) -> tuple[str, ...]:
    """One sentence a reason for which a gate is shut, and one for the arms that are then above
    their ceiling."""
    reasons = Counter(_reasons(results))
    if not reasons:
        return ()
    told = [f"{_claims(n)}: {_plain(why)}." for why, n in list(reasons.items())[:NAMED]]
    rest = sum(list(reasons.values())[NAMED:])
    told += [f"{_claims(rest)}, for like reasons."] if rest else []
    return (*told, *_above(results))


def shut_for(results: Results, network: str) -> bool:
    """Whether a gate is shut for a network."""
    return any(f"network={network} " in f"{why} " for why in _reasons(results))


def _reasons(results: Results) -> list[str]:
    """Why a gate is shut, of each claim whose gate is."""
    found = (WHY.search(claim["verdict"]["reason"]) for claim in results.claims)
    return [each[1].strip() for each in found if each]


def _claims(n: int) -> str:
    return f"{'1 claim has' if n == 1 else f'{n} claims have'} no verdict, the gate being shut"


def _plain(why: str) -> str:
    """A reason with metrics and levels in words: ``blur=0.4 network=mlp`` is blur 0.4, MLP."""
    text = PLACE.sub(lambda found: _levels(found[0]), why)
    return METRIC.sub(lambda found: words(found[0]), text)


def _levels(condition: str) -> str:
    return ", ".join(
        words(value) if name in BARE else f"{words(name)} {words(value)}"
        for name, value in LEVEL.findall(condition)
    )


def _above(results: Results) -> tuple[str, ...]:
    """The arms whose mean loss is below that of the ceiling, on the networks of shut gates."""
    found = []
    for ceiling in results.groups:
        network = str(ceiling.params.get("network"))
        if ceiling.params.get("arm") == CEILING and shut_for(results, network):
            found += [group for group in results.groups if _beats(group, ceiling)]
    names = list(dict.fromkeys(_named(group) for group in found))
    if not names:
        return ()
    have = "has" if len(names) == 1 else "have"
    loss = f"a lower {words(LOSS)} than the ceiling {CEILING}, which sees every image clean"
    return (f"There {listed(names)} {have} {loss}.",)


def _beats(group: Group, ceiling: Group) -> bool:
    """Whether a cell has the lower mean loss, the factors of the ceiling alike."""
    other = {k: v for k, v in ceiling.params.items() if k != "arm"}
    if any(group.params.get(k) != v for k, v in other.items()):
        return False
    own, best = mean(group, LOSS).value, mean(ceiling, LOSS).value
    return own is not None and best is not None and own < best


def _named(group: Group) -> str:
    """An arm by its network and its other factors: ``“all” (MLP) at blur 0.8``."""
    rest = {k: v for k, v in group.params.items() if k not in ("arm", "network")}
    where = f" at {_levels(label(rest))}" if rest else ""
    return f"“{words(group.params.get('arm'))}” ({words(group.params.get('network'))}){where}"
