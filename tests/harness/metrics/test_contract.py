"""What every metric promises, over the table."""

import dataclasses

import numpy as np
import pytest

from harness.metrics import EXTRACTORS, METRICS
from harness.metrics.estimate import Estimate
from harness.metrics.features import Features
from harness.metrics.reading import Reading, reading
from harness.metrics.sensitivity import KINDS
from harness.problem import Problem
from harness.streams import numpy_generator

NEEDS = {"features", "logits", "spatial", "classes", "labels", "images", "train_images", "curve"}
OF_FEATURES = NEEDS - {"images", "train_images", "curve"}
CLASSES = 3
D, SIDE = 7, 8
OF_SETS = [name for name in METRICS if METRICS[name].needs not in ("curve", "train_images")]


def stream(name: str = "metric") -> np.random.Generator:
    return numpy_generator("test", 0, name)


def draw(shape: tuple[int, ...], seed: int) -> np.ndarray:
    return numpy_generator("test", seed, "contract").normal(0, 0.4, shape)


def inputs(name: str, n: int, seed: int, scale: float = 1.0) -> Features | np.ndarray:
    """A set of what the metric is called with: features with every head, or images."""
    if METRICS[name].needs in ("images", "train_images"):
        return scale * draw((n, 1, SIDE, SIDE), seed)
    return Features(
        scale * draw((n, D), seed),
        logits=3 * draw((n, CLASSES), seed + 10),
        spatial=scale * draw((n, 5), seed + 20),
        labels=np.arange(n) % CLASSES,
    )


def pick(given: Features | np.ndarray, index: np.ndarray) -> Features | np.ndarray:
    return given.take(index) if isinstance(given, Features) else given[index]


def call(name: str, n: int = 300, order: np.ndarray | None = None) -> Estimate:
    """A metric on unlike inputs of its kind, the samples in an order."""
    metric = METRICS[name]
    order = np.arange(n) if order is None else order
    if metric.needs == "curve":
        return metric(draw((metric.points, n), 1)[:, order] ** 2)
    samples = pick(inputs(name, n, 1), order)
    reference = inputs(name, n, 2, 1.3)
    if metric.needs == "train_images":
        return metric(samples, reference, inputs(name, n, 3), stream())
    return metric(samples, reference, stream())


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_states_what_it_is(name) -> None:
    metric = METRICS[name]
    assert dataclasses.is_dataclass(metric)
    assert type(metric).__dataclass_params__.frozen
    assert type(metric).__final__
    assert metric.needs in NEEDS
    assert metric.higher_is_better in {True, False, None}
    assert metric.right is None or isinstance(metric.right, float)
    assert metric.unit
    assert set(metric.sees) | set(metric.blind) <= set(KINDS)
    assert not set(metric.sees) & set(metric.blind)
    for word in ("Range", "Bias: ", "Cost: ", "Least n: ", "Cannot see: "):
        assert word in " ".join(type(metric).__doc__.split())


@pytest.mark.parametrize("name", METRICS)
def test_the_least_number_is_enough_and_one_less_is_refused(name) -> None:
    least = METRICS[name].least(D)
    whole = least * CLASSES if name.startswith("per_class") else least
    assert np.isfinite(call(name, whole).value)
    with pytest.raises(Problem, match=f"at least {least}"):
        call(name, whole - 1)


@pytest.mark.parametrize("name", METRICS)
def test_the_order_of_the_samples_does_not_matter(name) -> None:
    a, b = call(name), call(name, order=stream("order").permutation(300))
    assert a.value == pytest.approx(b.value, rel=1e-9)
    assert a.standard_error == pytest.approx(b.standard_error, rel=1e-6, abs=1e-12)
    assert a.standard_error is not None
    assert a.standard_error > 0
    assert a.n == 300


@pytest.mark.parametrize("name", OF_SETS)
def test_asked_twice_of_the_same_sets_it_says_the_same(name) -> None:
    """Also after other metrics have left what they worked out in the sets."""
    a, b = inputs(name, 120, 1), inputs(name, 140, 2, 1.3)
    first = METRICS[name](a, b, stream())
    for other in OF_SETS:
        if METRICS[other].needs == METRICS[name].needs:
            METRICS[other](a, b, stream())
    assert METRICS[name](a, b, stream()) == first
    if isinstance(a, Features):
        assert METRICS[name](a.take(np.arange(120)), b.take(np.arange(140)), stream()) == first


@pytest.mark.parametrize("name", OF_SETS)
@pytest.mark.parametrize("case", ["same", "duplicates", "constant", "constant reference", "NaN"])
def test_odd_sets_have_a_number_or_a_reason_and_never_nan(name, case) -> None:
    samples, reference = inputs(name, 60, 1), inputs(name, 80, 2)
    match case:
        case "same":
            samples = reference
        case "duplicates":
            samples = pick(samples, np.arange(60) % 3)
        case "constant":
            samples = pick(samples, np.zeros(60, int))
        case "constant reference":
            reference = pick(reference, np.zeros(80, int))
        case "NaN":
            rows = samples.rows if isinstance(samples, Features) else samples
            rows[3] = np.nan
            if isinstance(samples, Features):
                for head in (samples.logits, samples.spatial):
                    head[3] = np.nan
    try:
        found = METRICS[name](samples, reference, stream())
    except Problem:
        return
    assert case != "NaN"
    assert np.isfinite(found.value)
    assert found.standard_error is None or np.isfinite(found.standard_error)
    if case == "same" and METRICS[name].right is not None and name != "coverage":
        assert abs(found.value - METRICS[name].right) < 0.1


@pytest.mark.parametrize("name", OF_SETS)
def test_float32_and_memory_maps_serve_as_well(name, tmp_path) -> None:
    """To the digits of float32; a metric that writes into its input would raise here."""
    a, b = inputs(name, 150, 1), inputs(name, 160, 2, 1.3)
    expected = METRICS[name](a, b, stream())
    if not isinstance(a, Features):
        a.setflags(write=False)
        assert METRICS[name](a.astype(np.float32), b, stream()).value == pytest.approx(
            expected.value, rel=1e-3
        )
        return
    mapped = []
    for side, given in (("a", a), ("b", b)):
        heads = {}
        for head in ("rows", "logits", "spatial"):
            np.save(tmp_path / f"{side}-{head}.npy", getattr(given, head).astype(np.float32))
            heads[head] = np.load(tmp_path / f"{side}-{head}.npy", mmap_mode="r")
        mapped.append(Features(**heads, labels=given.labels))
    got = METRICS[name](*mapped, stream())
    # A subset or a projection follows the bytes of the rows, which float32 changes.
    drawn = ("fd_infinity", "per_class_w2")
    slack = 3 * expected.standard_error if name in drawn else 0
    assert got.value == pytest.approx(expected.value, rel=1e-3, abs=1e-5 + slack)


def test_the_name_of_a_reading_is_the_metric_and_the_extractor() -> None:
    assert reading("fd_random_conv") == Reading("fd", "random_conv")
    assert reading("spatial_fd_trained_digits") == Reading("spatial_fd", "trained_digits")
    assert reading("spectrum_distance") == Reading("spectrum_distance")
    assert Reading("kid", "pixels").name == "kid_pixels"
    with pytest.raises(Problem, match="known extractors are"):
        reading("fd_nothing")
    with pytest.raises(Problem, match="did you mean 'kid'"):
        reading("kidd")
    for metric in METRICS:
        for extractor in EXTRACTORS:
            if METRICS[metric].needs in OF_FEATURES:
                assert reading(f"{metric}_{extractor}") == Reading(metric, extractor)
