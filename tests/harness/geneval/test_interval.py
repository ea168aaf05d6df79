"""Intervals: against closed forms and other implementations, and how often they hold the truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm, t

from harness.geneval import interval
from harness.geneval.interval import EXTRA, Clusters, Interval, bootstrap, wilson
from harness.problem import Problem
from harness.streams import numpy_generator

LEVEL = 0.95


def stream(replicate: int = 0, name: str = "interval") -> np.random.Generator:
    return numpy_generator("test", replicate, name)


def clusters(right, total=None) -> Clusters:
    """Counts by prompt, four images each where not said otherwise."""
    right = np.asarray(right)
    return Clusters(right, np.full(len(right), 4) if total is None else np.asarray(total))


def draw(generator: np.random.Generator, p: float, alike: float, prompts: int) -> Clusters:
    """Four images each; two of one prompt are both right with the correlation ``alike``."""
    if alike == 0:
        rates = np.full(prompts, p)
    elif alike == 1:
        rates = (generator.random(prompts) < p).astype(float)
    else:
        size = (1 - alike) / alike
        rates = generator.beta(p * size, (1 - p) * size, prompts)
    return clusters(generator.binomial(4, rates))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(total=st.integers(1, 500), share=st.floats(0, 1), level=st.sampled_from([0.9, 0.95, 0.99]))
def test_wilson_is_that_of_scipy(total, share, level) -> None:
    right = round(share * total)
    expected = binomtest(right, total).proportion_ci(level, method="wilson")
    got = wilson(right, total, level)
    assert got == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert 0 <= got.low <= right / total <= got.high <= 1


def test_wilson_of_all_and_of_none() -> None:
    z2 = norm.ppf(0.975) ** 2
    assert wilson(10, 10) == pytest.approx((10 / (10 + z2), 1.0))
    assert wilson(0, 10) == pytest.approx((0.0, z2 / (10 + z2)))
    assert wilson(10, 10).high == 1.0
    assert wilson(0, 10).low == 0.0
    for right, total in ((0, 0), (-1, 3), (4, 3)):
        with pytest.raises(Problem, match="count again"):
            wilson(right, total)


def test_counts_that_mean_nothing_are_refused() -> None:
    for right, total in (([1, 5], [4, 4]), ([-1], [4]), ([0], [0]), ([], []), ([1], [4, 4])):
        with pytest.raises(Problem):
            Clusters(np.array(right, int), np.array(total, int))


def test_the_design_effect_in_closed_form() -> None:
    """All images of a prompt alike: 4 m / (m - 1). Each prompt with two of four: 0."""
    assert clusters([4, 0] * 5).design_effect() == pytest.approx(4 * 10 / 9)
    assert clusters([2] * 10).design_effect() == 0
    assert clusters([1, 0, 1, 1, 0], [1] * 5).design_effect() == pytest.approx(5 / 4)
    for edge in ([4] * 9, [0] * 9, [2]):
        assert clusters(edge).design_effect() is None


def test_the_design_effect_is_one_and_three_times_the_correlation_more() -> None:
    for alike in (0.0, 0.3, 0.8):
        got = [draw(stream(i), 0.4, alike, 80).design_effect() for i in range(400)]
        error = np.std(got) / np.sqrt(len(got))
        assert abs(np.mean(got) - (1 + 3 * alike)) < 4 * error + 3 / 80  # m / (m - 1)


def test_the_design_effect_of_unequal_prompts_is_that_of_the_ratio() -> None:
    """The variance of a ratio by leaving each prompt out, which agrees to the order of 1 / m."""
    generator = stream(3)
    total = generator.integers(2, 7, 400)
    right = generator.binomial(total, generator.beta(1, 1, 400))
    own = clusters(right, total)
    left_out = (right.sum() - right) / (total.sum() - total)
    variance = 399 / 400 * ((left_out - left_out.mean()) ** 2).sum()
    independent = own.mean * (1 - own.mean) / total.sum()
    assert own.design_effect() == pytest.approx(variance / independent, rel=0.01)


def test_half_a_prompt_more_of_each_kind() -> None:
    """Every prompt twice, and a whole one more of each kind, has the same sums but for m / (m - 1).

    Seven prompts and twice a half are 8; fourteen and two are 16.
    """
    right = [4, 3, 1, 4, 0, 4, 4]
    doubled = clusters([*right, *right, 4, 0]).design_effect()
    assert EXTRA == 0.5
    assert doubled is not None
    expected = doubled * (15 / 16) * (8 / 7)
    assert clusters(right).design_effect(EXTRA) == pytest.approx(expected)


def test_resampled_means_have_the_moments_of_the_bootstrap() -> None:
    """Mean p, variance Σ (k - 4 p)² / (16 m²) for prompts of equal size; 40,000 draws."""
    right = np.array([4, 3, 1, 4, 0, 4, 2, 0, 1])
    own = clusters(right)
    draws = own.resampled(stream(), 40_000)
    variance = ((right / 4 - own.mean) ** 2).sum() / len(right) ** 2
    assert abs(draws.mean() - own.mean) < 4 * np.sqrt(variance / 40_000)
    assert abs(draws.var() / variance - 1) < 4 * np.sqrt(2 / 40_000)
    assert set(np.round(draws * 36)) <= set(range(37))


def test_the_blocks_do_not_show(monkeypatch) -> None:
    own = clusters([4, 3, 1, 4, 0, 4, 2, 0, 1])
    whole = own.resampled(stream(), 500)
    monkeypatch.setattr(interval, "BLOCK", 9 * 7)
    assert np.array_equal(own.resampled(stream(), 500), whole)
    monkeypatch.setattr(interval, "BLOCK", 1)
    assert own.resampled(stream(), 11).shape == (11,)


def test_resampling_takes_a_prompt_with_all_its_images() -> None:
    """Of a prompt with 1 of 1 and one with 0 of 3, a mean is 0, 1 or 1 / 4; each as often."""
    draws = clusters([1, 0], [1, 3]).resampled(stream(), 40_000)
    values, counts = np.unique(draws, return_counts=True)
    assert values.tolist() == [0, 0.25, 1]
    assert np.abs(counts / 40_000 - [0.25, 0.5, 0.25]).max() < 4 * 0.5 / 200


def test_one_task_between_percentiles_and_wilson_of_the_effective_size() -> None:
    own = draw(stream(1), 0.5, 0.4, 90)
    (each,), whole = bootstrap([own], stream())
    low, high = np.quantile(own.resampled(stream(), 2000), [0.025, 0.975])
    effect = own.design_effect(EXTRA) or 0
    size = own.total.sum() / effect * (norm.ppf(0.975) / t.ppf(0.975, 89)) ** 2
    half = norm.ppf(0.975) * np.sqrt(own.mean * (1 - own.mean) / size)
    other = own.wilson_of_prompts()
    assert each == (min(low, other.low), max(high, other.high))
    assert whole == pytest.approx(each, abs=1e-12)
    assert other.high - other.low == pytest.approx(2 * half, rel=0.03)


def test_few_prompts_widen_it_by_the_law_of_student() -> None:
    """Four prompts, two right and two wrong: p = 1/2, D' = 4 × 5/4, t with 3 degrees: 3.182."""
    z2, size = norm.ppf(0.975) ** 2, 16 / 5 * (norm.ppf(0.975) / 3.18244630528) ** 2
    half = np.sqrt(z2 / (4 * (size + z2)))  # Wilson's at p = 1/2
    got = clusters([4, 4, 0, 0]).wilson_of_prompts()
    assert got == pytest.approx((0.5 - half, 0.5 + half), abs=1e-9)


def test_the_effective_size_is_never_more_than_the_images() -> None:
    """Each prompt half right: a design effect of 0, as by chance, must not narrow the interval."""
    even = clusters([2] * 80)
    got, images = even.wilson_of_prompts(), wilson(160, 320)
    assert got.low < images.low
    assert images.high < got.high


def test_all_right_is_known_only_as_well_as_by_its_prompts() -> None:
    (each,), whole = bootstrap([clusters([4] * 80)], stream())
    assert each.high == whole.high == 1
    assert each.low == pytest.approx(wilson(80, 80).low, abs=0.003)
    assert each.low < wilson(320, 320).low - 0.02
    (none,), _ = bootstrap([clusters([0] * 80)], stream())
    assert none == pytest.approx((0, 1 - each.low))


def test_one_prompt_tells_nothing_of_others() -> None:
    (each,), _ = bootstrap([clusters([3])], stream())
    assert each == Interval(0, 1)


def test_other_levels_nest() -> None:
    own = draw(stream(2), 0.3, 0.5, 80)
    narrow, usual, wide = (bootstrap([own], stream(), level=x)[1] for x in (0.5, 0.95, 0.999))
    assert wide.low < usual.low < narrow.low < own.mean < narrow.high < usual.high < wide.high


def test_the_overall_interval_weighs_tasks_alike_and_draws_each_by_itself() -> None:
    """Half-widths of independent tasks add as squares; were they drawn alike they would add."""
    tasks = [draw(stream(i), 0.5, 0.3, prompts) for i, prompts in enumerate((80, 100, 320))]
    each, whole = bootstrap(tasks, stream(), 20_000)
    half = np.array([(one.high - one.low) / 2 for one in each])
    assert (whole.high - whole.low) / 2 == pytest.approx(np.sqrt((half**2).sum()) / 3, rel=0.03)
    assert sum(whole) / 2 == pytest.approx(np.mean([task.mean for task in tasks]), abs=0.003)
    twice, _ = bootstrap([tasks[0], tasks[0]], stream())
    assert twice[0] != twice[1]


def test_the_generator_alone_decides() -> None:
    tasks = [draw(stream(i), 0.5, 0.3, 80) for i in range(2)]
    assert bootstrap(tasks, stream(5)) == bootstrap(tasks, stream(5))
    assert bootstrap(tasks, stream(5)) != bootstrap(tasks, stream(6))


def test_without_tasks_or_with_few_resamples_it_is_refused() -> None:
    with pytest.raises(Problem, match="no task"):
        bootstrap([], stream())
    with pytest.raises(Problem, match="at least 100 resamples"):
        bootstrap([clusters([1, 2])], stream(), 99)
    bootstrap([clusters([1, 2])], stream(), 100)


def covered(p: float, alike: float, prompts: int = 80, repeats: int = 400) -> tuple[float, float]:
    """How often the bootstrap over prompts and Wilson over images hold the truth."""
    generator, hits = stream(round(100 * alike), f"covered {p}"), np.zeros(2)
    for _ in range(repeats):
        own = draw(generator, p, alike, prompts)
        (each,), _ = bootstrap([own], generator, 300)
        images = wilson(int(own.right.sum()), 4 * prompts)
        hits += [low <= p <= high for low, high in (each, images)]
    return tuple(hits / repeats)


ERROR = 4 * np.sqrt(LEVEL * (1 - LEVEL) / 400)  # of a rate of 0.95 in 400 repeats, four times


@pytest.mark.parametrize("alike", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("p", [0.1, 0.5])
def test_the_bootstrap_over_prompts_holds_the_truth_at_its_rate(p, alike) -> None:
    """And Wilson over images does so only where they are independent."""
    by_prompts, by_images = covered(p, alike)
    assert abs(by_prompts - LEVEL) < ERROR
    if alike == 0:
        assert abs(by_images - LEVEL) < ERROR
    else:
        assert by_images < {0.5: 0.88, 1.0: 0.78}[alike]


@pytest.mark.parametrize("alike", [0.2, 0.8])
def test_near_the_edge_it_holds_the_truth_at_least_so_often(alike) -> None:
    by_prompts, _ = covered(0.98, alike)
    assert by_prompts > LEVEL - ERROR


@pytest.mark.parametrize("rates", [(0.97, 0.38, 0.35, 0.76, 0.04, 0.06), (0.98,) * 6], ids=str)
def test_the_overall_interval_holds_the_truth_at_its_rate(rates) -> None:
    generator, hits = stream(7), []
    for _ in range(200):
        tasks = [draw(generator, p, 0.5, 90) for p in rates]
        _, (low, high) = bootstrap(tasks, generator, 200)
        hits.append(low <= np.mean(rates) <= high)
    allowed = 4 * np.sqrt(LEVEL * (1 - LEVEL) / len(hits))
    assert np.mean(hits) > LEVEL - allowed
    assert np.mean(hits) < 1 or rates[0] == rates[1]
