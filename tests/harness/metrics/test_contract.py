"""What every metric and every extractor promises, over the tables."""

import dataclasses

import numpy as np
import pytest

from harness.metrics import EXTRACTORS, METRICS
from harness.metrics.estimate import Estimate
from harness.streams import numpy_generator

NONE = numpy_generator("test", 0, "none")


def draw(shape: tuple[int, ...], seed: int) -> np.ndarray:
    return numpy_generator("test", seed, "contract").normal(0, 0.4, shape)


def call(name: str, n: int = 300, permuted: bool = False) -> Estimate:
    """A metric on unlike inputs of its kind; ``permuted`` gives the samples in another order."""
    metric = METRICS[name]
    order = numpy_generator("test", 0, "order").permutation(n) if permuted else np.arange(n)
    if metric.needs == "curve":
        return metric(draw((metric.points, n), 1)[:, order] ** 2)
    shape = (n, 7) if metric.needs == "features" else (n, 1, 4, 4)
    samples, reference = draw(shape, 1)[order], 1.3 * draw(shape, 2)
    if metric.needs == "train_images":
        return metric(samples, reference, draw(shape, 3), NONE)
    return metric(samples, reference, NONE)


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_states_what_it_is(name) -> None:
    metric = METRICS[name]
    assert dataclasses.is_dataclass(metric)
    assert type(metric).__dataclass_params__.frozen
    assert type(metric).__final__
    assert metric.needs in {"features", "images", "train_images", "curve"}
    assert (True
    assert metric.higher_is_better in {True, False, None}
    assert metric.unit
    for word in ("Range ", "Bias: ", "Cost: ", "Least n: ", "Cannot see: "):
        assert word in type(metric).__doc__


@pytest.mark.parametrize("name", METRICS)
def test_the_least_number_is_enough_and_one_less_is_refused(name) -> None:
    least = METRICS[name].least(7)
    assert np.isfinite(call(name, least).value)
    with pytest.raises(Exception, match=f"at least {least}"):
        call(name, least - 1)


@pytest.mark.parametrize("name", METRICS)
def test_the_order_of_the_samples_does_not_matter(name) -> None:
    a, b = call(name), call(name, permuted=True)
    assert a.value == pytest.approx(b.value, rel=1e-9)
    assert a.standard_error == pytest.approx(b.standard_error, rel=1e-9)
    assert a.standard_error is not None
    assert 0 < a.standard_error < a.value
    assert a.n == 300


@pytest.mark.parametrize("name", EXTRACTORS)
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 5, 6)], ids=str)
def test_an_extractor_is_one_function_of_one_image(name, shape) -> None:
    """The same numbers from a second fit, from one image alone, and in float64."""
    reference = draw((50, *shape), 1).astype(np.float32)
    images = draw((9, *shape), 2).astype(np.float32)
    extractor, again = EXTRACTORS[name].fit(reference), EXTRACTORS[name].fit(reference)
    features = extractor(images)
    assert features.dtype == np.float64
    assert features.shape[0] == 9
    assert np.array_equal(features, again(images))
    assert extractor.hash == again.hash
    assert extractor.name == name
    assert np.abs(features[3:4] - extractor(images[3:4])).max() < 1e-5
    assert np.linalg.matrix_rank(features - features.mean(0)) == 8  # nine images, all different
