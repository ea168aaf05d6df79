"""Many fits at once are the fits one by one, and each ends where nothing is to be gained."""

import numpy as np

from harness.scaling import FORMS
from harness.scaling.descent import minimise
from harness.scaling.form import Frame
from harness.scaling.huber import influence, loss

from .made_up import law, sizes

NAME, DELTA = "power_with_floor", 1e-3


def problem(count: int, noise: float = 0.02):
    """A form, its features, and noisy ln losses ``[count, 24]``."""
    x = np.repeat(sizes(NAME), 2, axis=0)
    y = law(NAME, x)
    frame = Frame.of(x, y)
    z = np.random.default_rng(1).standard_normal((count, len(x)))
    form = FORMS[NAME]
    return form, form.features(x, frame), np.log(y) - frame.level + noise * z


def test_a_batch_is_its_members() -> None:
    form, features, wanted = problem(7)
    start = np.tile([-0.5, -1.0, 0.4], (7, 1))
    together = minimise(form, features, wanted, start, DELTA)
    assert together.done.all()
    for i in range(7):
        alone = minimise(form, features, wanted[i : i + 1], start[:1], DELTA)
        np.testing.assert_allclose(alone.theta[0], together.theta[i], rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(alone.total[0], together.total[i], rtol=1e-10)
    np.testing.assert_array_equal(start, np.tile([-0.5, -1.0, 0.4], (7, 1)))


def test_a_batch_in_parts_is_the_batch(monkeypatch) -> None:
    """With losses of each and with shared ones, and with parameters that are held."""
    form, features, wanted = problem(7)
    start = np.tile([-0.5, -1.0, 0.4], (7, 1))
    free = np.arange(3) != np.arange(7)[:, None] % 3
    whole = [minimise(form, features, y, start, DELTA, free) for y in (wanted, wanted[:1])]
    monkeypatch.setattr("harness.scaling.descent.ROOM", 24 * 3)
    parts = [minimise(form, features, y, start, DELTA, free) for y in (wanted, wanted[:1])]
    for one, other in zip(whole, parts):
        np.testing.assert_allclose(other.theta, one.theta, rtol=1e-9)
        np.testing.assert_array_equal(other.done, one.done)
        held = other.theta[np.arange(7), np.arange(7) % 3]
        np.testing.assert_array_equal(held, start[0][np.arange(7) % 3])


def test_the_gradient_is_zero_at_the_end() -> None:
    """Against that of the start, and the sum is what stands at the returned theta."""
    form, features, wanted = problem(5)
    start = np.tile([-0.5, -1.0, 0.4], (5, 1))
    found = minimise(form, features, wanted, start, DELTA)

    def gradient(theta: np.ndarray) -> np.ndarray:
        value = form.at(theta, features)
        return (value.slope * influence(value.f - wanted, DELTA)[:, None]).sum(2)

    assert np.abs(gradient(found.theta)).max() < 1e-7 * np.abs(gradient(start)).max()
    total = loss(form.level(found.theta, features) - wanted, DELTA).sum(1)
    np.testing.assert_allclose(found.total, total, rtol=1e-12)


def test_a_held_parameter_stays_and_the_others_go_to_their_optimum() -> None:
    """Holding alpha: no change of the others lowers the sum."""
    form, features, wanted = problem(4)
    start = np.array([[-0.5, -1.0, alpha] for alpha in (0.2, 0.3, 0.4, 0.5)])
    found = minimise(form, features, wanted, start, DELTA, np.array([[True, True, False]]))
    assert found.done.all()
    np.testing.assert_array_equal(found.theta[:, 2], start[:, 2])
    free = minimise(form, features, wanted, start, DELTA)
    assert (found.total > free.total).all()
    for j in (0, 1):
        for h in (-1e-5, 1e-5):
            moved = found.theta + h * np.eye(3)[j]
            total = loss(form.level(moved, features) - wanted, DELTA).sum(1)
            assert (total >= found.total * (1 - 1e-12)).all()


def test_points_without_a_trend_end_without_a_warning() -> None:
    """The amplitude goes to zero, where theta has no end; the floor is their median."""
    form, features, _ = problem(1)
    z = np.random.default_rng(3).standard_normal((3, 24)) * 0.02
    found = minimise(form, features, z, np.tile([-0.5, -1.0, 0.4], (3, 1)), DELTA)
    assert np.isfinite(found.theta).all()
    best = np.array([min(loss(zi - m, DELTA).sum() for m in zi) for zi in z])
    assert (found.total <= best * (1 + 1e-9)).all()
