from importlib.resources import files

import numpy as np

from harness.data.digits import digits


def test_the_digits_are_the_1797_of_the_file_with_its_labels() -> None:
    """Against the bundled file itself: 65 columns, 64 levels 0..16 and the label."""
    table = np.loadtxt(files("sklearn") / "datasets" / "data" / "digits.csv.gz", delimiter=",")
    images = digits()
    assert images.pixels.shape == (1797, 1, 8, 8)
    np.testing.assert_array_equal((images.pixels.reshape(1797, 64) + 1) * 8, table[:, :64])
    np.testing.assert_array_equal(images.labels, table[:, 64])
    assert images.classes == tuple("0123456789")
    assert images.sources == ("digits",)


def test_a_fifth_of_every_class_is_held_out() -> None:
    images = digits()
    assert images.labels is not None
    for label in range(10):
        inside = images.test[images.labels == label]
        assert abs(inside.sum() - len(inside) / 5) <= 0.5
        np.testing.assert_array_equal(np.flatnonzero(inside) % 5, 2)
    assert images.describe()["test"] == 359


def test_every_image_is_its_own_region_and_the_content_is_pinned() -> None:
    images = digits()
    np.testing.assert_array_equal(images.region, np.arange(1797))
    assert images.content_hash == "d1ed960016818aa382af16c05c677dca5429b251568286e24c5c58253d4895f3"
