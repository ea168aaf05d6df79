"""Claims about laws in a size: which word each kind of data gets, and what the sentence says."""

import numpy as np
import pytest

from harness.claims.claim import Claim
from harness.claims.crossing import crossing, sign_change
from harness.claims.curve import Curve
from harness.claims.decide import decide_all
from harness.claims.fitted import Crossing, Exponent, PowerLaw, Slope, Steeper
from harness.claims.place import used
from harness.claims.power_law import Forms
from harness.claims.verdict import Verdict
from harness.problem import Problem

SIZES = (10, 20, 40, 80, 160, 320)
LOSS = {arm: Curve("loss", "images", arm) for arm in ("clean", "gated", "other")}
EFFECT = Curve("loss", "images", "gated", "clean")


def grid(rows, arm: str, law, noise: float = 0.01, runs: int = 5, seed: int = 1, add: float = 0.0):
    g = np.random.default_rng(seed)
    return [
        row
        for n in SIZES
        for row in rows(
            arm, law(n) * (1 + noise * g.normal(size=runs)) + add * g.normal(size=runs), images=n
        )
    ]


def verdict(table: list, rule) -> Verdict:
    return decide_all([Claim("c", "x", "y", "s", rule, "here")], table)[0]


def test_an_exponent_within_its_bounds_is_seen_and_outside_reversed(rows) -> None:
    made = grid(rows, "clean", lambda n: 3 * n**-0.5)
    found = verdict(made, Exponent(LOSS["clean"], 0.4, 0.6))
    assert found.word == "mechanism seen"
    assert found.numbers["exponent"] == pytest.approx(0.5, abs=0.02)
    low, high = found.numbers["exponent_low"], found.numbers["exponent_high"]
    assert low < found.numbers["exponent"] < high
    assert found.effect == pytest.approx(found.numbers["exponent"] - 0.5, abs=1e-3)
    for words in (f"exponent {found.numbers['exponent']:.3g}", "6 sizes from 10 to 320", "5 runs",
                  "held-out error", "bootstrap of runs", "claimed in [0.4, 0.6]"):  # fmt: skip
        assert words in found.reason
    assert verdict(made, Exponent(LOSS["clean"], 0.8, 1.2)).outcome == "reversed"
    assert verdict(made, Exponent(LOSS["clean"], 0.499, 0.52)).outcome == "unresolved"


def test_one_sided_bounds(rows) -> None:
    made = grid(rows, "clean", lambda n: 3 * n**-0.5)
    words = {"low": ((0.3, "seen"), (0.7, "reversed")), "high": ((0.7, "seen"), (0.3, "reversed"))}
    for side, cases in words.items():
        for bound, outcome in cases:
            assert verdict(made, Exponent(LOSS["clean"], **{side: bound})).outcome == outcome
    assert verdict(made, Exponent(LOSS["clean"], low=0.5)).outcome == "unresolved"


def test_an_effect_that_falls_as_one_over_n_is_seen_to(rows) -> None:
    made = grid(rows, "clean", lambda n: 1.0, 0) + grid(
        rows, "gated", lambda n: 1 - 2 / n, 0, add=0.002
    )
    found = verdict(made, Exponent(EFFECT, 0.75, 1.25))
    assert found.outcome == "seen"
    assert "of the effect at the smallest size" in found.reason
    assert found.numbers["held_out_error_there"] > found.numbers["held_out_error"]  # type: ignore[operator]
    half = grid(rows, "clean", lambda n: 1.0, 0) + grid(
        rows, "gated", lambda n: 1 - n**-0.5, 0, add=0.002
    )
    assert verdict(half, Exponent(EFFECT, 0.75, 1.25)).outcome == "reversed"


def test_no_effect_has_no_exponent(rows) -> None:
    made = grid(rows, "clean", lambda n: 1.0, 0) + grid(
        rows, "gated", lambda n: 1.0, 0, add=0.01, seed=3
    )
    found = verdict(made, Exponent(EFFECT, 0.75, 1.25))
    assert found.outcome == "unresolved"
    assert "is not told from 0" in found.reason or "follows no power law" in found.reason


def test_a_refused_fit_is_not_resolved_and_says_why(rows) -> None:
    made = [row for row in grid(rows, "clean", lambda n: 3 / n) if row.params["images"] < 160]
    for rule in (Exponent(LOSS["clean"], 0.5, 1.5), PowerLaw((LOSS["clean"],))):
        found = verdict(made, rule)
        assert found.outcome == "unresolved"
        assert "4 distinct sizes" in found.reason


def test_the_steeper_of_two_exponents(rows) -> None:
    made = grid(rows, "clean", lambda n: n**-0.5) + grid(rows, "gated", lambda n: n**-0.3, seed=2)
    found = verdict(made, Steeper(LOSS["clean"], LOSS["gated"]))
    assert found.outcome == "seen"
    assert found.effect == pytest.approx(0.2, abs=0.02)
    assert found.numbers["other_exponent"] == pytest.approx(0.3, abs=0.02)
    assert verdict(made, Steeper(LOSS["gated"], LOSS["clean"])).outcome == "reversed"
    same = grid(rows, "clean", lambda n: n**-0.5) + grid(rows, "gated", lambda n: n**-0.5, seed=2)
    assert verdict(same, Steeper(LOSS["clean"], LOSS["gated"])).outcome == "unresolved"
    assert verdict(same, Steeper(LOSS["clean"], LOSS["gated"], 0.05)).outcome == "equivalent"


def test_exponents_are_paired_by_run(rows) -> None:
    """Runs whose exponents differ widely, and alike in both arms: their difference is resolved."""
    made = [
        row
        for arm, alpha in (("clean", 0.5), ("gated", 0.45))
        for n in SIZES
        for row in rows(arm, [n ** -(alpha + r / 10) for r in range(5)], images=n)
    ]
    assert verdict(made, Steeper(LOSS["clean"], LOSS["gated"])).outcome == "seen"
    assert verdict(made, Exponent(LOSS["clean"], low=0.69)).outcome == "unresolved"


def test_an_effect_that_shrinks_has_a_slope(rows) -> None:
    made = grid(rows, "clean", lambda n: 1.0, 0) + grid(
        rows, "gated", lambda n: 0.5 + 0.1 * np.log10(n), 0, add=0.005
    )
    found = verdict(made, Slope(EFFECT, "higher"))
    assert found.outcome == "seen"
    assert found.effect == pytest.approx(0.1, abs=0.01)
    assert found.unit == "nats a decade"
    assert verdict(made, Slope(EFFECT, "lower")).outcome == "reversed"
    assert verdict(
        [r for r in made if r.params["images"] < 40], Slope(EFFECT, "higher")
    ).outcome == ("unresolved")


def test_a_change_of_sign_between_two_sizes(rows) -> None:
    made = grid(rows, "clean", lambda n: 1.0, 0) + grid(
        rows, "gated", lambda n: 1 + 0.2 * np.log(n / 60), 0, add=0.01
    )
    found = verdict(made, Crossing(EFFECT, 20, 160, "lower"))
    assert found.outcome == "seen"
    low, at, high = (found.numbers[f"crossing{end}"] for end in ("_low", "", "_high"))
    assert 50 < low < at < high < 70
    assert at == pytest.approx(60, rel=0.05)
    assert verdict(made, Crossing(EFFECT, 20, 160, "higher")).outcome == "reversed"
    assert verdict(made, Crossing(EFFECT, 10, 20, "lower")).outcome == "reversed"
    assert verdict(made, Crossing(EFFECT, 80, 320, "lower")).outcome == "reversed"


def test_a_change_of_sign_hangs_on_the_size_that_refutes_it(rows) -> None:
    """At 10 the effect is -.25 as claimed, and less surely so than it is -.5 at 20, against it."""
    made = grid(rows, "clean", lambda n: 1.0, 0) + grid(
        rows, "gated", lambda n: 1 - n / 40, 0, add=0.01
    )
    found = verdict(made, Crossing(EFFECT, 10, 20, "lower"))
    assert found.outcome == "reversed"
    assert found.effect == pytest.approx(-0.5, abs=0.03)


def test_the_interval_of_a_change_of_sign_is_that_of_a_mean_over_runs(rows) -> None:
    """Linearised: Student's interval of the effect at the place, over the slope there; 2,000 draws
    tell an end to 4 %."""
    made = grid(rows, "clean", lambda n: 1.0, 0, runs=40) + grid(
        rows, "gated", lambda n: 1 + 0.2 * np.log(n / 60), 0, runs=40, add=0.05
    )
    values = EFFECT.values(made)
    place = crossing(EFFECT, values, -1)
    before, after = values.y[:, 2], values.y[:, 3]  # at 40 and 80
    share = np.log2(place.at / 40)
    own = (1 - share) * before + share * after
    slope = (after.mean() - before.mean()) / np.log(2)
    half = 2.023 * own.std(ddof=1) / np.sqrt(40) / slope  # the 0.975 quantile of t with df 39
    assert np.log(place.high / place.low) / 2 == pytest.approx(half, rel=0.1)


def test_without_a_change_of_sign_its_place_lies_beyond_the_sizes(rows) -> None:
    made = grid(rows, "clean", lambda n: 1.0, 0) + grid(rows, "gated", lambda n: 0.5, 0, add=0.01)
    found = verdict(made, Crossing(EFFECT, 20, 160, "lower"))
    assert found.outcome == "reversed"
    assert found.numbers["crossing"] is None
    assert "change of sign beyond the sizes" in found.reason
    place = crossing(EFFECT, EFFECT.values(made), 1)
    assert place.at == place.low == place.high == -np.inf
    assert place.share == 0


def test_sign_changes_by_hand() -> None:
    sizes = np.array([1.0, 10, 100])
    means = np.array([[-1, 1, -1], [-3, -1, 1], [1, 2, 3], [-1, -2, -3.0]])
    found = sign_change(means, sizes, -1)
    assert found[:2] == pytest.approx([10**0.5, 10**1.5])
    assert found[2:].tolist() == [-np.inf, np.inf]
    assert sign_change(-means, sizes, 1) == pytest.approx(found)


def test_a_power_law_is_seen_and_an_exponential_reversed(rows) -> None:
    made = (
        grid(rows, "clean", lambda n: 3 * n**-0.5)
        + grid(rows, "gated", lambda n: 1 + 9 * n**-0.7, seed=2)
        + grid(rows, "other", lambda n: 1 + np.exp(-n / 60), seed=3)
    )
    found = verdict(made, PowerLaw((LOSS["clean"], LOSS["gated"])))
    assert found.outcome == "seen"
    assert found.numbers["clean: nearest"] == "power"
    assert found.numbers["gated: nearest"] == "power_with_floor"
    assert found.numbers["gated: nearest_exponent"] == pytest.approx(0.7, abs=0.06)
    assert "AICc" in found.reason
    whole = verdict(made, PowerLaw(tuple(LOSS.values())))
    assert whole.outcome == "reversed"
    assert whole.conditions[2].metric == "exponent of loss in images"
    assert [test.condition for test in whole.conditions] == ["arm=clean", "arm=gated", "arm=other"]


def test_curves_of_one_arm_at_two_places_keep_their_names_apart(rows) -> None:
    """A fact has one number: tests and numbers of several curves may not share a name."""
    made = grid(rows, "clean", lambda n: 3 * n**-0.5)
    for row in made:
        row.params["net"] = "a"  # type: ignore[index]
    curves = tuple(Curve("loss", "images", "clean", where=at) for at in ({}, {"net": "a"}))
    found = verdict(made, PowerLaw(curves))
    assert len({test.condition for test in found.conditions}) == 2
    assert {"arm=clean: exponent", "arm=clean net=a: exponent"} <= set(found.numbers)


def test_a_law_that_rises_is_reversed_and_a_flat_one_not_resolved(rows) -> None:
    rises = grid(rows, "clean", lambda n: n**0.3)
    assert verdict(rises, PowerLaw((LOSS["clean"],))).outcome == "reversed"
    flat = grid(rows, "clean", lambda n: 1.0)
    assert verdict(flat, PowerLaw((LOSS["clean"],))).outcome == "unresolved"


def test_the_word_of_an_arm_follows_scores_errors_and_direction(rows) -> None:
    forms = Forms.of(LOSS["clean"].values(grid(rows, "clean", lambda n: 3 * n**-0.5)))
    names = ("power", "power_with_floor", "exponential", "broken_power")

    class Made(Forms):  # type: ignore[misc]
        scores: dict
        errors: dict

        def score(self, name):
            return self.scores[name]

        def error(self, name):
            return self.errors[name]

    def word(scores, errors, direction=1) -> str:
        made = Made(forms.fits, forms.out)
        object.__setattr__(made, "scores", dict(zip(names, scores)))
        object.__setattr__(made, "errors", dict(zip(names, errors)))
        return made.outcome(0.02, direction)[0]

    good = (0.01,) * 4
    assert word((0, 3, 10, -2), good) == "seen"
    assert word((3, 0, 10, -2), good) == "seen"
    assert word((0, 3, 9.9, -2), good) == "unresolved"
    assert word((0, 3, 10, -2.1), good) == "unresolved"
    assert word((0, 3, 10, -2), (0.035, 0.01, 0.02, 0.02)) == "unresolved"
    assert word((0, 3, 10, -2), good, 0) == "unresolved"
    assert word((0, 3, 10, -2), good, -1) == "reversed"
    assert word((0, 3, -10, 5), (0.02, 0.01, 0.019, 0.1)) == "reversed"
    assert word((0, 3, -9.9, 5), (0.02, 0.01, 0.019, 0.1)) == "unresolved"
    assert word((0, 3, -10, 5), (0.02, 0.01, 0.021, 0.001)) == "unresolved"


def test_tests_of_fits_join_the_family_of_their_study(rows) -> None:
    made = grid(rows, "clean", lambda n: 3 * n**-0.5) + grid(rows, "gated", lambda n: 2 * n**-0.5)
    rules = (Exponent(LOSS["clean"], 0.4, 0.6), Steeper(LOSS["clean"], LOSS["gated"]),
             Slope(EFFECT, "lower"), Crossing(EFFECT, 20, 160, "lower"))  # fmt: skip
    claims = [Claim(f"c{i}", "x", "y", "s", rule, "here") for i, rule in enumerate(rules)]
    assert {v.numbers["tests_in_family"] for v in decide_all(claims, made)} == {5}


def test_the_place_is_that_of_the_rows_of_its_curves(rows) -> None:
    made = grid(rows, "clean", lambda n: 1 / n) + grid(rows, "gated", lambda n: 1 / n)
    made += grid(rows, "other", lambda n: 1 / n)
    assert {r.params["arm"] for r in used(Slope(EFFECT, "lower"), made)} == {"gated", "clean"}
    assert {r.params["arm"] for r in used(PowerLaw((LOSS["other"],)), made)} == {"other"}


def test_rules_are_plain_data_and_name_what_they_speak_of() -> None:
    rule = Exponent(EFFECT, 0.75, 1.25)
    plain = Claim("c", "x", "y", "s", rule, "here").config()["rule"]
    assert plain["kind"] == "Exponent"
    assert plain["curve"]["baseline"] == "clean"
    assert rule.named() == ({"loss"}, {"images", "arm"})


def test_rules_that_cannot_be_decided_are_refused() -> None:
    for make, words in (
        (lambda: Exponent(EFFECT), "low, high, or low < high"),
        (lambda: Exponent(EFFECT, 1.0, 0.5), "low < high"),
        (lambda: Exponent(EFFECT, 0.5, 1, "exponential"), "power or power_with_floor"),  # type: ignore[arg-type]
        (lambda: Crossing(LOSS["clean"], 1, 2, "lower"), "baseline"),
        (lambda: Crossing(EFFECT, 2, 1, "lower"), "low < high"),
        (lambda: Slope(EFFECT, "up"), "lower or higher"),  # type: ignore[arg-type]
        (lambda: PowerLaw(()), "without a baseline"),
        (lambda: PowerLaw((EFFECT,)), "without a baseline"),
        (lambda: PowerLaw((LOSS["clean"], LOSS["clean"])), "one curve twice"),
    ):
        with pytest.raises(Problem, match=words):
            make()
