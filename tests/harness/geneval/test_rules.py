"""The rules: a case for each, and for each bound from both sides."""

import math

import pytest

from harness.geneval.detection import Detected, Found
from harness.geneval.prompt import Prompt, Wanted
from harness.geneval.rules import Rules, judge, kept_objects
from harness.geneval.vocabulary import COCO, Vocabulary
from harness.problem import Problem

RULES = Rules()
UP, DOWN = math.inf, -math.inf


def box_at(x: float, y: float, half: float = 10) -> tuple[float, float, float, float]:
    """A square box with its centre at x, y."""
    return (x - half, y - half, x + half, y + half)


def found(klass: str, score: float = 0.95, color: str | None = None, at=(50, 50)) -> Found:
    return Found(klass, score, box_at(*at), color)


def image(*objects: Found) -> Detected:
    return Detected("00000/samples/0000.png", 200, 200, objects)


def ask(*include: Wanted, tag: str = "two_object", exclude: tuple[Wanted, ...] = ()) -> Prompt:
    return Prompt(tag, include, "a photo", exclude)


def reason(prompt: Prompt, *objects: Found, rules: Rules = RULES) -> str:
    """Why the image is wrong; that it is right exactly where there is no reason is checked."""
    judged = judge(prompt, image(*objects), rules)
    assert judged.correct == (judged.reason == "")
    return judged.reason


def test_the_defaults_are_the_published_numbers() -> None:
    numbers = {"threshold": 0.3, "counting_threshold": 0.9, "max_objects": 16, "nms": 1.0}
    assert Rules().config() == {**numbers, "position_margin": 0.1}


@pytest.mark.parametrize("name", list(Rules().config()))
@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf, True, "1", None])
def test_rules_that_mean_nothing_are_refused(name, value) -> None:
    with pytest.raises(Problem, match=name):
        Rules(**{name: value})


def test_the_bounds_of_the_rules_themselves() -> None:
    Rules(0, 1, 1, 1e-9, 0)
    Rules(1, 0, 1, 1, 3)
    for wrong in ({"nms": 0}, {"nms": 1.01}, {"max_objects": 0}, {"max_objects": 2.0}):
        with pytest.raises(Problem):
            Rules(**wrong)
    with pytest.raises(Problem, match="threshold from 0 to 1"):
        Rules(threshold=1.1)


@pytest.mark.parametrize(
    ("tag", "threshold"),
    [("counting", 0.9)]
    + [(t, 0.3) for t in ("single_object", "two_object", "colors", "position", "color_attr")],
)
def test_a_score_counts_above_the_threshold_of_its_task_and_not_at_it(tag, threshold) -> None:
    prompt = ask(Wanted("cow"), tag=tag)
    assert reason(prompt, found("cow", math.nextafter(threshold, UP))) == ""
    assert reason(prompt, found("cow", threshold)) == "expected cow>=1, found 0"


def test_both_thresholds_can_be_others() -> None:
    rules = Rules(threshold=0.5, counting_threshold=0.2)
    assert reason(ask(Wanted("cow")), found("cow", 0.5), rules=rules) == "expected cow>=1, found 0"
    assert reason(ask(Wanted("cow"), tag="counting"), found("cow", 0.21), rules=rules) == ""


def test_fewer_than_asked_is_wrong_and_more_is_not_unless_excluded() -> None:
    two = ask(Wanted("cow", 2), tag="counting")
    exactly = ask(Wanted("cow", 2), tag="counting", exclude=(Wanted("cow", 3),))
    cows = [found("cow")] * 4
    assert reason(two, *cows[:1]) == "expected cow>=2, found 1"
    assert reason(two, *cows[:2]) == reason(two, *cows) == ""
    assert reason(exactly, *cows[:2]) == ""
    assert reason(exactly, *cows[:3]) == "expected cow<3, found 3"
    assert reason(exactly, *cows) == "expected cow<3, found 4"
    assert reason(exactly, *cows[:2], found("cow", 0.9)) == ""  # at the threshold: not there


def test_every_failure_has_a_line_in_the_order_of_the_entries() -> None:
    prompt = ask(Wanted("cow"), Wanted("dog"), Wanted("cat", 2), exclude=(Wanted("person", 1),))
    assert reason(prompt, found("person"), found("cat"), found("dog")) == (
        "expected cow>=1, found 0\nexpected cat>=2, found 1\nexpected person<1, found 1"
    )


def test_objects_come_by_descending_score_and_of_equal_scores_the_first_comes_first() -> None:
    scores = [0.5, 0.9, 0.7, 0.9, 0.31]
    objects = [found("cow", score, at=(20 + 10 * i, 50)) for i, score in enumerate(scores)]
    order = [int((o.box[0] - 10) / 10) for o in kept_objects("colors", image(*objects))["cow"]]
    assert order == [1, 3, 2, 0, 4]


def test_at_most_sixteen_of_a_class_count_and_they_are_the_best() -> None:
    scores = [0.4 + 0.01 * i for i in range(17)]
    objects = [found("cow", s) for s in scores] + [found("dog", s) for s in scores[:16]]
    kept = kept_objects("colors", image(*objects))
    assert [o.score for o in kept["cow"]] == sorted(scores, reverse=True)[:16]
    assert len(kept["dog"]) == 16
    assert len(kept_objects("colors", image(*objects), Rules(max_objects=3))["cow"]) == 3
    assert reason(ask(Wanted("cow", 17)), *objects) == "expected cow>=17, found 16"


def test_a_box_is_dropped_from_the_overlap_on_and_only_under_a_kept_one() -> None:
    """Overlap of neighbours: exactly 1/3. The second is dropped, so the third may stay."""
    boxes = [(0, 0, 9, 9), (0, 5, 9, 14), (0, 10, 9, 19)]
    cows = [Found("cow", 0.9 - 0.1 * i, box) for i, box in enumerate(boxes)]

    def left(nms: float, *more: Found) -> list[float]:
        kept = kept_objects("colors", image(*cows, *more), Rules(nms=nms))
        return [o.box[1] for o in kept["cow"]]

    assert left(1 / 3) == [0, 10]
    assert left(math.nextafter(1 / 3, UP)) == [0, 5, 10]
    twin = Found("cow", 0.4, boxes[0])
    assert left(1.0, twin) == [0, 5, 10, 0]  # at 1 even a twin stays, as published
    assert left(0.999, twin) == [0, 5, 10]
    dog = Found("dog", 0.4, boxes[0])
    assert "dog" in kept_objects("colors", image(*cows, dog), Rules(nms=0.1))  # another class


def test_dropping_comes_after_the_limit() -> None:
    boxes = [(0, 0, 9, 9), (0, 0, 9, 9), (50, 50, 59, 59)]
    cows = [Found("cow", 0.9 - 0.1 * i, box) for i, box in enumerate(boxes)]
    rules = Rules(nms=0.5, max_objects=2)
    assert [o.score for o in kept_objects("colors", image(*cows), rules)["cow"]] == [0.9]


RED_COW = ask(Wanted("cow", color="red"), tag="colors")


def test_the_colour_is_that_of_the_best_objects_alone() -> None:
    red, blue = found("cow", 0.8, "red"), found("cow", 0.9, "blue")
    assert reason(RED_COW, red) == ""
    assert reason(RED_COW, blue, red) == "expected red cow>=1, found 0 red; and 1 blue"
    assert reason(RED_COW, found("cow", 0.7, "blue"), red) == ""
    assert reason(RED_COW, found("dog", 0.9, "red")) == "expected cow>=1, found 0"


def test_the_colours_seen_are_counted_in_the_order_of_the_vocabulary() -> None:
    four = ask(Wanted("cow", 4, "red"), tag="colors")
    cows = [found("cow", 0.9, color) for color in ("white", "red", "blue", "red")]
    assert reason(four, *cows) == "expected red cow>=4, found 2 red; and 2 red, 1 blue, 1 white"
    assert reason(four, *[found("cow", 0.9, "red")] * 4, found("cow", 0.8, "blue")) == ""


def test_an_object_without_a_colour_is_a_problem_only_where_one_is_asked() -> None:
    bare = found("cow", 0.9)
    assert reason(ask(Wanted("cow")), bare) == ""
    with pytest.raises(Problem, match=r"cow at \[40.* in 00000/samples/0000.png.*without colours"):
        judge(RED_COW, image(bare))
    assert reason(RED_COW, found("cow", 0.95, "red"), bare) == ""  # not among those looked at
    assert reason(ask(Wanted("cow", 2, "red")), bare) == "expected cow>=2, found 1"


RIGHT = ask(Wanted("cow"), Wanted("dog", position=("right of", 0)), tag="position")


def test_a_is_right_of_b_as_seen_from_b() -> None:
    cow, dog = found("cow", at=(50, 50)), found("dog", at=(100, 50))
    assert reason(RIGHT, cow, dog) == ""
    wrong = found("dog", at=(10, 50))
    assert reason(RIGHT, cow, wrong) == "expected dog right of target, found left of target"
    assert reason(RIGHT, cow, found("dog", at=(50, 51))) == (
        "expected dog right of target, found  target"
    )


def test_without_its_target_a_position_fails_and_says_so() -> None:
    assert reason(RIGHT, found("dog")) == (
        "expected cow>=1, found 0\nno target for dog to be right of"
    )
    assert reason(RIGHT, found("cow")) == "expected dog>=1, found 0"
    colored = ask(Wanted("cow", color="red"), Wanted("dog", position=("above", 0)))
    assert reason(colored, found("cow", color="blue", at=(50, 90)), found("dog", at=(50, 20))) == (
        "expected red cow>=1, found 0 red; and 1 blue\nno target for dog to be above"
    )


def test_a_position_is_not_looked_at_where_the_colour_is_wrong() -> None:
    prompt = ask(Wanted("cow"), Wanted("dog", color="red", position=("above", 0)))
    dog = found("dog", color="blue", at=(50, 150))
    assert reason(prompt, found("cow"), dog) == "expected red dog>=1, found 0 red; and 1 blue"


def test_a_failed_position_is_no_target_for_the_next() -> None:
    prompt = ask(
        Wanted("cow"), Wanted("dog", position=("above", 0)), Wanted("cat", position=("below", 1))
    )
    cow, cat = found("cow", at=(50, 100)), found("cat", at=(50, 190))
    assert reason(prompt, cow, found("dog", at=(50, 50)), cat) == ""
    assert reason(prompt, cow, found("dog", at=(50, 150)), cat) == (
        "expected dog above target, found below target\nno target for cat to be below"
    )


def test_a_position_refers_to_the_entry_that_it_names() -> None:
    cow, dog, cat = (
        found("cow", at=(20, 50)),
        found("dog", at=(180, 50)),
        found("cat", at=(100, 50)),
    )
    entries = (Wanted("cow"), Wanted("dog"))
    assert reason(ask(*entries, Wanted("cat", position=("right of", 0))), cow, dog, cat) == ""
    assert reason(ask(*entries, Wanted("cat", position=("left of", 1))), cow, dog, cat) == ""
    assert reason(ask(*entries, Wanted("cat", position=("right of", 1))), cow, dog, cat) != ""


@pytest.mark.parametrize("wrong", ["object", "target"])
def test_every_object_must_be_so_to_every_target_and_one_failure_is_told(wrong) -> None:
    prompt = ask(Wanted("cow", 2), Wanted("dog", 2, position=("above", 0)))
    cows = [found("cow", 0.9, at=(30, 120)), found("cow", 0.8, at=(60, 120))]
    dogs = [found("dog", 0.9, at=(40, 20)), found("dog", 0.8, at=(50, 20))]
    assert reason(prompt, *cows, *dogs) == ""
    if wrong == "object":
        dogs[1] = found("dog", 0.8, at=(50, 190))
        told = "below"
    else:
        cows[1] = found("cow", 0.8, at=(180, 20))
        told = "left of"
    assert reason(prompt, *cows, *dogs) == f"expected dog above target, found {told} target"
    spare = found("dog", 0.7, at=(50, 190))  # more than asked: not looked at
    assert reason(prompt, *cows, *dogs, spare).count("\n") == 0


def test_the_margin_of_a_position_can_be_another() -> None:
    cow = Found("cow", 0.9, (100, 100, 120, 140))
    dog = Found("dog", 0.9, (130, 118, 170, 122))  # 40 pixels away, 60 wide together
    assert reason(RIGHT, cow, dog) == ""
    assert reason(RIGHT, cow, dog, rules=Rules(position_margin=20 / 60)) != ""
    assert reason(RIGHT, cow, dog, rules=Rules(position_margin=19.9 / 60)) == ""


def test_the_details_are_the_objects_that_counted_by_class_in_order() -> None:
    seen = image(found("dog", 0.5), found("cow", 0.2), found("person", 0.4), found("dog", 0.6))
    judged = judge(ask(Wanted("dog")), seen)
    assert list(judged.details) == ["person", "dog"]
    assert judged.details["dog"] == [[40, 40, 60, 60, 0.6], [40, 40, 60, 60, 0.5]]
    assert judge(ask(Wanted("dog")), image()).details == {}


def test_another_world_is_judged_by_the_same_rules() -> None:
    shapes = Vocabulary("shapes", ("square", "disc"), ("teal", "red"))
    disc = Found("disc", 0.9, box_at(50, 50), "red")
    square = Found("square", 0.9, box_at(50, 50), "teal")
    judged = judge(ask(Wanted("disc", 1, "teal")), image(disc, square), RULES, shapes)
    assert judged.reason == "expected teal disc>=1, found 0 teal; and 1 red"
    assert list(judged.details) == ["square", "disc"]
    with pytest.raises(Problem, match=r"'coco' in 00000/samples/0000.png"):
        judge(ask(Wanted("disc")), image(disc), RULES, COCO)
