"""What may change in the claims of a published reference: each case, and all of them at random."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.problem import Problem
from harness.records.publish import verdict_line
from harness.run.anew import Anew

SEEN, NOT = "mechanism seen", "not resolved here"


def line(
    rule: str = "r", confirmatory: bool = True, word: str = SEEN, effect: float = 1.0
) -> dict[str, Any]:
    """A decided claim."""
    verdict = {"word": word, "effect": effect, "low": 0.5, "high": 2.0, "unit": "nats"}
    return {"rule": rule, "regime": "here", "confirmatory": confirmatory, "verdict": verdict}


def anew(before: dict[str, Any], now: dict[str, Any], known: bool = True) -> Anew:
    """known: whether git tells which of the published claims were confirmatory."""
    published = {name: verdict_line(one) for name, one in before.items()}
    standing = {name: bool(one["confirmatory"]) for name, one in before.items()} if known else {}
    return Anew("cpu/blur", published, now, standing)


def check(found: Anew, **alone: Any) -> None:
    """alone: unchanged claims that are decided otherwise without the new ones."""
    found.check({**{name: found.now[name] for name in found.unchanged}, **alone})


OPEN = line("o", confirmatory=False)
REFUSED = {
    "new": ({}, {"a": line()}, "a is a confirmatory claim that is new"),
    "another rule": ({"a": line()}, {"a": line("s")}, "a is confirmatory and its rule is not"),
    "raised": ({"a": OPEN}, {"a": line("o")}, "a was published as exploratory and is confirmatory"),
    "raised with another rule": ({"a": OPEN}, {"a": line("s")}, "a is confirmatory and its rule"),
    "gone": ({"a": line()}, {}, "a was published as confirmatory and is gone"),
    "a word where the family shrank": (
        {"a": line(), "b": line(word=NOT)},
        {"a": line(confirmatory=False), "b": line()},
        r"b moves, NOT RESOLVED HERE → MECHANISM SEEN, where a is not confirmatory any more",
    ),
    "a word where a changed rule left the family": (
        {"a": line(), "b": line(word=NOT)},
        {"a": line("s", confirmatory=False), "b": line()},
        "b moves",
    ),
    "an effect by the same rules": ({"a": line()}, {"a": line(effect=1.1)}, "a is another verdict"),
    "a word by the same rules": ({"a": line()}, {"a": line(word=NOT)}, "the code which decides"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_promise_made_after_the_run_is_refused(case: str) -> None:
    before, now, told = REFUSED[case]
    with pytest.raises(Problem, match=told) as raised:
        check(anew({**before, "other": line()}, {**now, "other": line()}))
    assert raised.value.fix.endswith("run the study again and publish it")
    assert raised.value.asked.startswith("the claims of cpu/blur")


ACCEPTED = {
    "an exploratory claim comes": ({}, {"a": OPEN}, "1 new, 0 changed, 0 gone; no word moved"),
    "it changes": ({"a": OPEN}, {"a": line("p", False)}, "0 new, 1 changed, 0 gone; no word moved"),
    "it goes": ({"a": OPEN}, {}, "0 new, 0 changed, 1 gone; no word moved"),
    "its word moves": (
        {"a": OPEN},
        {"a": line("p", False, NOT)},
        "0 new, 1 changed, 0 gone; words that moved: a MECHANISM SEEN → NOT RESOLVED HERE",
    ),
    "a confirmatory one becomes exploratory": (
        {"a": line(), "b": line()},
        {"a": line(confirmatory=False), "b": line()},
        "0 new, 1 changed, 0 gone; demoted to exploratory: a; no word moved",
    ),
    "and moves the word of one that is exploratory": (
        {"a": line(), "o": OPEN},
        {"a": line(confirmatory=False), "o": line("o", False, NOT)},
        "0 new, 1 changed, 0 gone; demoted to exploratory: a; words that moved: "
        "o MECHANISM SEEN → NOT RESOLVED HERE",
    ),
    "with another rule, and another word of its own": (
        {"a": line()},
        {"a": line("s", False, NOT)},
        "0 new, 1 changed, 0 gone; demoted to exploratory: a; words that moved: "
        "a MECHANISM SEEN → NOT RESOLVED HERE",
    ),
    "an unchanged one moves with the variances": (
        {"a": line(), "o": OPEN},
        {"a": line(word=NOT), "o": line("p", False)},
        "0 new, 1 changed, 0 gone; words that moved: a MECHANISM SEEN → NOT RESOLVED HERE",
    ),
    "or its interval alone": (
        {"a": line(), "o": OPEN},
        {"a": line(effect=1.01), "o": line("p", False)},
        "0 new, 1 changed, 0 gone; intervals alone that moved: a; no word moved",
    ),
    "code decides an exploratory one otherwise": (
        {"a": OPEN},
        {"a": line("o", False, effect=1.1)},
        "0 new, 0 changed, 0 gone; intervals alone that moved: a; no word moved",
    ),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_is_no_promise_may_change_and_is_told(case: str) -> None:
    before, now, told = ACCEPTED[case]
    found = anew(before, now)
    check(found)
    assert found.effect == told
    assert str(found).splitlines()[0] == f"cpu/blur: {told}"


def test_what_is_new_is_left_aside_where_the_code_that_decides_is_asked() -> None:
    before, now = {"a": line()}, {"a": line(word=NOT), "b": OPEN}
    check(anew(before, now), a=line())
    with pytest.raises(Problem, match="a is another verdict by its published rule"):
        check(anew(before, now), a=line(word=NOT))


def test_a_claim_of_which_git_knows_nothing_counts_as_confirmatory() -> None:
    with pytest.raises(Problem, match="for all that git can tell, as confirmatory and is gone"):
        check(anew({"a": OPEN}, {}, known=False))
    assert anew({"a": OPEN}, {"a": line("p", False)}, known=False).lowered == ["a"]


def test_a_line_stays_to_the_last_digit_where_it_is_the_published_one_to_1e_9() -> None:
    near, far = 1 + 1e-12, 1 + 1e-8
    before = {"a": line(effect=near), "b": line(effect=far)}
    found = anew(before, {"a": line(), "b": line()})
    assert found.claims["a"] == verdict_line(before["a"])
    assert found.claims["b"] == verdict_line(line())


def test_many_refusals_are_counted_and_each_fix_is_named_once() -> None:
    with pytest.raises(Problem) as raised:
        check(anew({"z": line()}, {f"a{k}": line() for k in range(7)}))
    assert raised.value.got.endswith("and 3 more")
    assert raised.value.fix == (
        "make it exploratory, bring it back, or run the study again and publish it"
    )


CLAIM = st.builds(line, st.sampled_from("rs"), st.booleans(), st.sampled_from((SEEN, NOT)))
CLAIMS = st.dictionaries(st.sampled_from("abc"), CLAIM)


@given(CLAIMS, CLAIMS)
def test_every_published_promise_stands_or_was_openly_lowered(
    before: dict[str, Any], now: dict[str, Any]
) -> None:
    found = anew(before, now)
    try:
        check(found)
    except Problem:
        return
    promised = {name for name, one in before.items() if one["confirmatory"]}
    kept = {name for name, one in now.items() if one["confirmatory"]}
    assert kept <= promised
    assert promised <= set(now)
    assert found.lowered == sorted(promised - kept)
    assert all(now[name]["rule"] == before[name]["rule"] for name in kept)
    if promised - kept:
        assert not kept & set(found.words)
    assert set(found.claims) == set(now)
    assert all(found.claims[name]["word"] == one["verdict"]["word"] for name, one in now.items())
