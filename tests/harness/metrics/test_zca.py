import numpy as np
import pytest

from harness.metrics.zca import EPSILON, ZcaPixels
from harness.problem import Problem
from harness.streams import numpy_generator


def images(n: int, seed: int = 0) -> np.ndarray:
    draw = numpy_generator("test", seed, "images")
    mixing = numpy_generator("test", 0, "mixing").normal(size=(18, 18))
    return (draw.normal(size=(n, 18)) @ mixing + 0.5).reshape(n, 2, 3, 3).astype(np.float32)


def test_whitened_covariance_is_that_of_its_formula() -> None:
    """Mean 0, and the eigenvalues are lambda / (lambda + eps mean lambda), exactly."""
    x = images(100)
    features = ZcaPixels.fit(x)(x).rows
    eigenvalues = np.linalg.eigvalsh(np.cov(x.reshape(100, -1).astype(float).T))
    expected = eigenvalues / (eigenvalues + EPSILON * eigenvalues.mean())
    assert np.abs(features.mean(0)).max() < 1e-12
    assert np.abs(np.linalg.eigvalsh(np.cov(features.T)) - expected).max() < 1e-10


def test_fewer_images_than_pixels_are_whitened_too() -> None:
    x = images(5)
    features = ZcaPixels.fit(x)(images(40, 1)).rows
    assert np.isfinite(features).all()
    assert np.linalg.matrix_rank(np.cov(ZcaPixels.fit(x)(x).rows.T)) == 4


def test_it_commutes_with_a_rotation_of_the_pixels() -> None:
    """ZCA is the whitening that does: no eigenvector's sign or order enters."""
    x = images(60)
    turned = np.ascontiguousarray(np.rot90(x, axes=(2, 3)))
    a = ZcaPixels.fit(x)(x).rows.reshape(x.shape)
    b = ZcaPixels.fit(turned)(turned).rows.reshape(x.shape)
    assert np.abs(np.rot90(a, axes=(2, 3)) - b).max() < 1e-9


def test_hash_is_that_of_the_numbers() -> None:
    x = images(30)
    assert ZcaPixels.fit(x).hash == ZcaPixels.fit(x.copy()).hash
    assert ZcaPixels.fit(x).hash != ZcaPixels.fit(images(30, 1)).hash


def test_bad_images_are_refused() -> None:
    x = images(10)
    with pytest.raises(Problem, match="NaN"):
        ZcaPixels.fit(np.full_like(x, np.nan))
    with pytest.raises(Problem, match="at least 2"):
        ZcaPixels.fit(x[:1])
    with pytest.raises(Problem, match="contrast"):
        ZcaPixels.fit(np.full_like(x, 0.3))
    with pytest.raises(Problem, match="fitted on"):
        ZcaPixels.fit(x)(x[:, :1])
