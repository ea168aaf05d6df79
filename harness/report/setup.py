"""The setup of a study: on which data, with which damage and how much of it clean, in words.

It is read from the configurations in ``runs.jsonl``, so that it is that of the rows, whatever the
study asks for today. A study without them, or of laws alone, has none.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from harness.records.record import Plain
from harness.report.layouts import layout
from harness.report.materials import damage, damages, dataset, listed
from harness.report.number import span
from harness.report.results import Group, Results

Given = Mapping[str, Any]
MOST = 4  # damages or data sets that are named; more are counted, and the rows name them
FILLED = ("corruption", "blur", "data", "network")  # factors that a configuration can tell


def setup(results: Results) -> str:
    """One sentence without its full stop: ``trained on grey photographs of 8 × 8 px; ...``."""
    stages = [stage for run in results.runs for stage in run["config"]]
    trained = [each for stage in stages for each in _trainings(stage)]
    of = trained or [each for stage in stages for each in _holding(stage, "dataset")]
    sets = _distinct(of, "dataset")
    found = (
        [("trained on " if trained else "on ") + _few(sets, dataset, "data sets")] if sets else []
    )
    corruptions, others = _distinct(trained, "corruption"), _distinct(trained, "other")
    imperfect = [damages(corruptions)] if 0 < len(corruptions) <= MOST else []
    imperfect += [f"{len(corruptions)} corruptions"] if len(corruptions) > MOST else []
    imperfect += [_few(others, dataset, "other data sets")] if others else []
    found += [f"imperfect: {', and '.join(imperfect)}"] if imperfect else []
    found += [f"{_shares(shares)} % of {of}" for of, shares in _clean(trained).items()]
    counts = {float(g.replicates) for g in results.groups if None not in g.asked}
    if counts:
        one = "replicate" if counts == {1.0} else "replicates"
        found.append(f"{span(sorted(counts))} {one} a cell")
    return "; ".join(found)


def told(results: Results) -> str:
    """The setup as a sentence of its own; nothing where there is none."""
    text = setup(results)
    return f"{text[0].upper()}{text[1:]}." if text else ""


@lru_cache(maxsize=8)
def levels(results: Results) -> Mapping[str, Mapping[str, Plain]]:
    """The factors of every cell, by its id, with the damage, the data and the network that its
    configuration has where it has no label for them but other cells, or the study's table, do.

    A level is called as another cell of the same configuration calls it, or else in words.
    """
    groups = results.groups
    labels = {*layout(results.study).rows, *(name for g in groups for name in g.params)}
    configs = {str(run["cell_id"]): run["config"] for run in results.runs}
    own = {group.cell_id: _own(configs.get(group.cell_id, ())) for group in groups}
    called = {
        (factor, str(own[group.cell_id].get(factor))): group.params[factor]
        for group in groups
        for factor in FILLED
        if factor in group.params and factor in own[group.cell_id]
    }
    return {
        group.cell_id: {
            **group.params,
            **{
                factor: level
                for factor in FILLED
                if factor in labels and factor not in group.params
                for level in [_level(factor, own[group.cell_id].get(factor), called)]
                if level is not None
            },
        }
        for group in groups
    }


def levels_of(results: Results, group: Group) -> Mapping[str, Plain]:
    """The factors of one cell, with those that its configuration tells."""
    return levels(results)[group.cell_id]


def _level(factor: str, given: Given | None, called: Mapping[tuple[str, str], Plain]) -> Plain:
    """What a configuration's data, damage or network is called; None where it has none."""
    if given is None:
        return None
    known = called.get((factor, str(given)))
    if known is not None or factor == "data":
        return known
    if factor == "network":
        return str(given["name"])
    if factor == "blur":
        return float(given["sigma"]) if given["name"] == "gaussian_blur" else None
    return damage(given)


def _own(config: Sequence[Given]) -> dict[str, Given]:
    """The data, the damage and the network of one cell, by factor."""
    held = [each for stage in config for each in _holding(stage, "corruption")]
    found: dict[str, Given] = {}
    for each in held:
        found.setdefault("data", each["dataset"])
        if each.get("network"):
            found.setdefault("network", each["network"])
        if each["corruption"]:
            found.setdefault("corruption", each["corruption"])
            found.setdefault("blur", each["corruption"])
    return found


def _trainings(config: Any) -> list[Given]:
    """The trainings in a stage's configuration."""
    return [each for each in _holding(config, "dataset") if "network" in each or "pool" in each]


def _holding(config: Any, key: str) -> Iterator[Given]:
    """The tables in a configuration that have a data set and this key."""
    if isinstance(config, Mapping):
        if isinstance(config.get("dataset"), Mapping) and key in config:
            yield config
        for value in config.values():
            yield from _holding(value, key)
    elif isinstance(config, list | tuple):
        for value in config:
            yield from _holding(value, key)


def _distinct(found: Sequence[Given], key: str) -> list[Given]:
    """The different values of a key, in the order of the file; those that are null left out."""
    kept: list[Given] = []
    for each in found:
        value = each.get(key)
        if value and value not in kept:
            kept.append(value)
    return kept


def _few(found: Sequence[Given], say: Any, noun: str) -> str:
    """Each in words, or how many there are."""
    texts = list(dict.fromkeys(say(each) for each in found))
    return listed(texts) if len(texts) <= MOST else f"{len(texts)} {noun}"


def _clean(trained: Sequence[Given]) -> dict[str, list[float]]:
    """The shares of mixed pools that are clean: of all their images, or, where the imperfect ones
    are all those of another data set, of the former, the other images of which nobody sees."""
    found: dict[str, list[float]] = {}
    for each in trained:
        if each.get("pool") == "mixed":
            beside = (each.get("pooling") or {}).get("multiplicity")
            share = float(each["clean_fraction"]) if beside is None else 1 / (1 + float(beside))
            own = each.get("other") and beside is None
            seen = "the images clean" if beside is None else "the images of a training clean"
            of = "the former clean" if own else seen
            found.setdefault(of, []).append(share)
    return found


def _shares(shares: Sequence[float]) -> str:
    """Shares in per cent: each of a few, from the least to the greatest of more."""
    percent = sorted({float(f"{100 * share:.3g}") for share in shares})
    if len(percent) > 3:
        return span(percent)
    return listed([span([value]) for value in percent])
