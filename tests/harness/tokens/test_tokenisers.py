"""Tokenisers: what they keep of an image, and what they refuse."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.vq import kmeans2

from harness.cell import part
from harness.problem import Problem
from harness.tokens import TOKENISERS
from harness.tokens.codebook import Codebook
from harness.tokens.cut import cut, paste
from harness.tokens.kmeans import lloyd, nearest, start
from harness.tokens.patches import Patches

EXAMPLES = [
    part("patches", patch=2),
    part("patches", patch=4, whiten=True),
    part("codebook", patch=2, codes=20),
    part("codebook", patch=4, codes=7, limit=50),
]


def images(count: int = 60, channels: int = 3, side: int = 8, seed: int = 0) -> np.ndarray:
    """Smooth ramps with noise: neighbouring pixels are alike, as in pictures."""
    rng = np.random.default_rng(seed)
    line = np.linspace(-0.5, 0.5, side)
    slopes = rng.normal(size=(count, channels, 2, 1, 1)) * 0.3
    made = slopes[:, :, 0] * line[:, None] + slopes[:, :, 1] * line
    made += 0.02 * rng.normal(size=made.shape) + 0.1
    return made.clip(-1, 1).astype(np.float32)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def fitted(row, shown: np.ndarray):
    tokeniser = TOKENISERS.make(row)
    tokeniser.fit(shown, rng())
    return tokeniser


@pytest.mark.parametrize("whiten", [False, True])
@pytest.mark.parametrize("patch", [1, 2, 8])
def test_patches_give_an_image_back_to_rounding(patch: int, whiten: bool) -> None:
    """Images that were not seen in fitting, too; floats of 1 have the rounding 6e-8."""
    tokeniser = fitted(part("patches", patch=patch, whiten=whiten), images())
    for shown in (images(), images(9, seed=5)):
        tokens = tokeniser.encode(shown)
        assert tokens.dtype == np.float32
        assert tokens.shape == (len(shown), (8 // patch) ** 2, 3 * patch**2)
        np.testing.assert_allclose(tokeniser.decode(tokens), shown, atol=2e-6)
        assert tokeniser.error(shown) < 1e-12


def test_tokens_stand_in_raster_order_and_pixels_in_that_of_the_image() -> None:
    counted = np.arange(2 * 4 * 6).reshape(1, 2, 4, 6)
    tokens = cut(counted, 2)
    assert tokens.shape == (1, 6, 8)
    assert tokens[0, 1].tolist() == [2, 3, 8, 9, 26, 27, 32, 33]  # to the right of the first
    assert tokens[0, 3].tolist() == [12, 13, 18, 19, 36, 37, 42, 43]  # below it
    assert np.array_equal(paste(tokens, (2, 4, 6), 2), counted)


def test_training_tokens_are_standardised_and_whitened() -> None:
    """Mean 0 and variance 1 of each number; whitened, uncorrelated as well."""
    shown = images(400)
    flat = fitted(part("patches", patch=2), shown).encode(shown).reshape(-1, 12)
    assert np.abs(flat.mean(0)).max() < 1e-5
    np.testing.assert_allclose(flat.var(0), 1, atol=1e-5)
    assert np.abs(np.corrcoef(flat.T) - np.eye(12)).max() > 0.5
    white = fitted(part("patches", patch=2, whiten=True), shown).encode(shown).reshape(-1, 12)
    np.testing.assert_allclose(white.T @ white / len(white), np.eye(12), atol=1e-4)


def test_a_direction_without_variance_is_divided_by_the_floor() -> None:
    """Grey images in three channels: 8 of 12 directions are void, and rounding is not data."""
    shown = np.repeat(images(300, channels=1), 3, axis=1)
    for floor in (0.01, 0.1):
        tokeniser = fitted(part("patches", patch=2, whiten=True, floor=floor), shown)
        scale = tokeniser.state()["scale"]
        overall = cut(shown, 2).reshape(-1, 12).std(0).astype(np.float64)
        least = floor * np.sqrt(np.square(overall).mean())
        np.testing.assert_allclose(scale[4:], least, rtol=1e-3)
        assert scale[0] > 2 * least
        assert np.abs(tokeniser.encode(shown)[..., 4:]).max() < 1e-3
        np.testing.assert_allclose(tokeniser.decode(tokeniser.encode(shown)), shown, atol=2e-6)


def test_a_codebook_gives_each_patch_the_nearest_code() -> None:
    """By brute force, in chunks and at once."""
    points, centres = rng().normal(size=(90, 3)), rng(2).normal(size=(11, 3))
    squares = np.square(points[:, None] - centres).sum(2)
    import harness.tokens.kmeans as module

    for chunk in (module.CHUNK, 25):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "CHUNK", chunk)
            labels, found = nearest(points, centres)
        assert np.array_equal(labels, squares.argmin(1))
        np.testing.assert_allclose(found, squares.min(1))


def test_k_means_goes_the_way_of_an_independent_implementation() -> None:
    points = rng().normal(size=(300, 2))
    begun = start(points, 6, rng(3))
    for steps in (1, 3, 10):
        theirs, _ = kmeans2(points, begun.copy(), iter=steps, minit="matrix", missing="raise")
        np.testing.assert_allclose(lloyd(points, begun, steps), theirs, atol=1e-12)


def test_k_means_finds_the_optimum_of_a_small_set() -> None:
    """The best of 12 starts against all partitions of 8 points into 3 parts."""
    points = rng(4).normal(size=(8, 2))
    best = np.inf
    for labels in itertools.product(range(3), repeat=8):
        own = np.array(labels)
        parts = [points[own == k] for k in range(3) if (own == k).any()]
        best = min(best, sum(np.square(p - p.mean(0)).sum() for p in parts))
    found = [
        nearest(points, lloyd(points, start(points, 3, rng(seed)), 50))[1].sum()
        for seed in range(12)
    ]
    assert min(found) == pytest.approx(best, rel=1e-12)


@given(st.integers(0, 10_000), st.integers(2, 8))
def test_the_error_never_grows_with_steps_or_with_a_further_code(seed: int, codes: int) -> None:
    """Nested starts: the centres that were found and one point more, and one that none is near."""
    points = np.random.default_rng(seed).normal(size=(40, 2))
    centres = start(points, codes, rng(seed))
    errors = [nearest(points, lloyd(points, centres, n))[1].sum() for n in range(6)]
    found = lloyd(points, centres, 20)
    _, squares = nearest(points, found)
    errors.append(squares.sum())
    for further in (points[squares.argmax()], np.array([50.0, 50.0])):
        more = lloyd(points, np.vstack([found, further]), 20)
        after = nearest(points, more)
        assert after[1].sum() <= errors[-1] + 1e-9
        assert len(np.unique(after[0])) == codes + 1  # a code that none is near has moved
    assert (np.diff(errors) <= 1e-9).all()


def test_k_means_plus_plus_draws_in_proportion_to_the_squared_distance() -> None:
    """From 0 the second of {0, 1, 3} is 3 with the chance 9/10; 4 standard errors of 600 draws."""
    points = np.array([[0.0], [1.0], [3.0]])
    drawn = [start(points, 2, rng(seed))[:, 0] for seed in range(1800)]
    seconds = [second for first, second in drawn if first == 0]
    share, n = np.mean(np.array(seconds) == 3), len(seconds)
    assert n > 500
    assert abs(share - 0.9) < 4 * np.sqrt(0.09 / n)
    assert set(seconds) == {1.0, 3.0}


def test_more_codes_are_nearer_to_images_and_decoded_images_are_their_own_codes() -> None:
    shown, errors = images(100), []
    for codes in (4, 16, 64):
        tokeniser = fitted(part("codebook", patch=2, codes=codes), shown)
        tokens = tokeniser.encode(shown)
        assert tokens.dtype == np.int64
        assert tokens.shape == (100, 16)
        again = tokeniser.decode(tokens)
        assert np.array_equal(tokeniser.encode(again), tokens)
        assert tokeniser.error(shown) == pytest.approx(np.square(again - shown).mean(), rel=1e-5)
        errors.append(tokeniser.error(shown))
    assert errors[0] > errors[1] > errors[2] > 0


@pytest.mark.parametrize("row", EXAMPLES, ids=str)
def test_a_state_makes_the_same_tokeniser(row) -> None:
    shown = images()
    tokeniser, other = fitted(row, shown), TOKENISERS.make(row)
    other.restore(tokeniser.state())
    assert other.form == tokeniser.form
    assert other.form.tail == tokeniser.encode(shown).shape[1:]
    assert np.array_equal(other.encode(shown), tokeniser.encode(shown))
    assert np.array_equal(
        other.decode(tokeniser.encode(shown)), tokeniser.decode(other.encode(shown))
    )


@pytest.mark.parametrize("row", EXAMPLES, ids=str)
def test_what_is_fitted_depends_on_training_images_and_the_generator_alone(row) -> None:
    shown = images()
    state, same = fitted(row, shown).state(), fitted(row, shown.copy()).state()
    assert all(np.array_equal(state[name], same[name]) for name in state)


def test_decoded_images_are_clipped() -> None:
    tokeniser = fitted(part("patches", patch=2), images())
    wild = np.full((1, 16, 12), 1e4, np.float32)
    assert (tokeniser.decode(wild) == 1).all()
    assert (tokeniser.decode(-wild) == -1).all()


def test_what_a_diverged_model_drew_is_no_image() -> None:
    shown = images()
    codes, vectors = fitted(EXAMPLES[2], shown), fitted(EXAMPLES[0], shown)
    for tokeniser, lost in ((codes, -1), (vectors, np.nan)):
        tokens = tokeniser.encode(shown[:2])
        tokens[1, 4] = lost  # the patch that is the first of the second row
        void = np.isnan(tokeniser.decode(tokens))
        assert void[1, :, 2:4, :2].all()
        assert void.sum() == 12


def test_what_cannot_be_is_named() -> None:
    shown, broken = images(), images()
    broken[3, 0, 1, 1] = np.nan
    with pytest.raises(Problem, match="patches of 3 pixels; got images of 8 x 8"):
        fitted(part("patches", patch=3), shown)
    with pytest.raises(Problem, match="1 with NaN or infinite pixels, the first at 3"):
        fitted(part("patches"), broken)
    with pytest.raises(Problem, match="241 codes; got 240 patches"):
        fitted(part("codebook", patch=4, codes=241), shown)
    two = np.ones((9, 1, 4, 4), np.float32) * np.array([1, -1, 1] * 3).reshape(9, 1, 1, 1)
    with pytest.raises(Problem, match="3 codes; got 2 different patches"):
        fitted(part("codebook", codes=3), two)
    with pytest.raises(Problem, match="all alike"):
        fitted(part("patches"), np.zeros((4, 1, 4, 4)))
    with pytest.raises(Problem, match="seen no images"):
        Patches().encode(shown)
    for row in ({"floor": 0.0}, {"floor": 1.0}):
        with pytest.raises(Problem, match="floor="):
            Patches(**row)
    for row in ({"codes": 1}, {"steps": 0}, {"limit": 255}):
        with pytest.raises(Problem, match="a codebook"):
            Codebook(**row)


def test_tokens_of_another_form_are_named() -> None:
    shown = images()
    codes, vectors = fitted(EXAMPLES[2], shown), fitted(EXAMPLES[0], shown)
    with pytest.raises(Problem, match="codes from 0 to 19; got the token 20"):
        codes.decode(np.full((1, 16), 20))
    with pytest.raises(Problem, match="got the token -2"):
        codes.decode(np.full((1, 16), -2))
    with pytest.raises(Problem, match=r"\[..., 16\] \(codes\)"):
        codes.decode(np.zeros((1, 15), np.int64))
    with pytest.raises(Problem, match=r"\[..., 16, 12\] \(vectors\)"):
        vectors.decode(np.zeros((1, 16, 12), np.int64))
    with pytest.raises(Problem, match=r"images \[N, 3, 8, 8\]"):
        vectors.encode(images(side=4))
    with pytest.raises(Problem, match="parameters that it was fitted with"):
        TOKENISERS.make(part("codebook", codes=21)).restore(codes.state())
    with pytest.raises(Problem, match="parameters that it was fitted with"):
        TOKENISERS.make(part("codebook", codes=20)).restore(vectors.state())
