"""A contract over the table of bases: orthonormal, scales measured, modes that a network sees."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from harness.data.load import load
from harness.nets import BASES
from harness.nets.dct import LEAST
from harness.nets.patch_pca import PatchPCA
from harness.problem import Problem

SHAPE = (3, 8, 16)
KWARGS = {"dct": {}, "patch_pca": {"patch": 4, "keep": 10}}


def images(count: int = 300) -> np.ndarray:
    """Smooth random images [count, *SHAPE]: neighbours resemble each other."""
    white = np.random.default_rng(0).standard_normal((count, *SHAPE))
    return (np.cumsum(white, axis=-1) / 4 + 0.5).astype(np.float32)


def measured(name: str, per_mode: bool = True) -> tuple[torch.nn.Module, np.ndarray]:
    basis = BASES[name](SHAPE, 2, **KWARGS[name])
    scales = [basis.measure(k, images()[k::2], per_mode) for k in (0, 1)]
    return basis, np.stack(scales)


@pytest.mark.parametrize("name", list(BASES))
def test_modes_are_orthonormal_and_lead_back(name: str) -> None:
    basis, _ = measured(name)
    x = torch.tensor(images(6)).unflatten(0, (2, 3))
    modes = basis.modes(x)
    assert modes.shape[2:] == basis.mode_shape
    assert torch.allclose(modes.square().sum((2, 3, 4)), x.square().sum((2, 3, 4)), rtol=1e-4)
    assert torch.allclose(basis.pixels(modes), x, atol=1e-4)


@pytest.mark.parametrize("name", list(BASES))
def test_a_scale_is_the_root_mean_square_of_its_mode(name: str) -> None:
    basis, scales = measured(name)
    for k in (0, 1):
        x = torch.tensor(images()[k::2])[None].expand(2, -1, -1, -1, -1)
        modes = basis.modes(x - basis.centre)[k].double().numpy()
        axes = (0,) if name == "dct" else (0, 2, 3)  # the places of a patch share a scale
        found = np.sqrt((modes**2).mean(axes, keepdims=True))[0]
        assert np.allclose(np.broadcast_to(found, scales[k].shape), scales[k], rtol=1e-3)


@pytest.mark.parametrize("name", list(BASES))
def test_one_scale_for_all_modes_is_their_root_mean_square(name: str) -> None:
    (_, each), (_, one) = measured(name), measured(name, per_mode=False)
    assert np.ptp(one[0]) == 0
    assert one[0].flat[0] == pytest.approx(np.sqrt((each[0] ** 2).mean()), rel=1e-6)


@pytest.mark.parametrize("name", list(BASES))
def test_what_is_seen_comes_back_and_what_is_not_seen_is_zero(name: str) -> None:
    basis, _ = measured(name)
    modes = basis.modes(torch.tensor(images(6)).unflatten(0, (2, 3)))
    seen = basis.seen(modes)
    assert seen.shape[2:] == basis.seen_shape == basis.seen_as(SHAPE, **KWARGS[name])
    back = basis.unseen(seen)
    kept = basis.seen_shape[0] if name == "patch_pca" else basis.mode_shape[0]
    assert torch.allclose(back[:, :, :kept], modes[:, :, :kept], atol=1e-4)
    assert (back[:, :, kept:] == 0).all()


def test_components_are_those_of_an_independent_implementation() -> None:
    basis, scales = measured("patch_pca")
    x = images()[0::2] - images()[0::2].mean(0)
    patches = x.reshape(-1, 3, 2, 4, 4, 4).transpose(0, 2, 4, 1, 3, 5).reshape(-1, 48)
    other = PCA(48, svd_solver="full").fit(patches)
    variance = other.explained_variance_ * (len(patches) - 1) / len(patches)
    assert np.allclose(scales[0][:, 0, 0] ** 2, variance, rtol=1e-3, atol=1e-6)
    overlap = np.abs(other.components_[:5] @ basis.matrix[0].numpy()[:, :5])
    assert np.allclose(overlap, np.eye(5), atol=1e-2)


def test_scales_of_few_images_are_those_of_a_singular_value_decomposition() -> None:
    """Four images have 32 patches, which leave at least 16 of 48 modes without any variance."""
    few = images(4)
    basis = PatchPCA(SHAPE, 1, patch=4, keep=10)
    scales = basis.measure(0, few, True)[:, 0, 0]
    x = few.astype(float) - few.mean(0, dtype=float)
    patches = [
        each[:, i : i + 4, j : j + 4].ravel() for each in x for i in (0, 4) for j in (0, 4, 8, 12)
    ]
    expected = np.linalg.svd(np.array(patches), compute_uv=False) / np.sqrt(len(patches))
    overall = np.sqrt((expected**2).sum() / 48)
    assert np.allclose(scales[:24], expected[:24], rtol=1e-6)
    assert np.allclose(scales[32:], LEAST * overall, rtol=1e-6)


@pytest.mark.parametrize("name", list(BASES))
def test_a_mode_that_the_data_does_not_use_has_a_thousandth_of_the_overall_scale(name: str) -> None:
    basis = BASES[name](SHAPE, 1, **KWARGS[name])
    flat = np.ones((10, *SHAPE), np.float32) * np.linspace(-1, 1, 10, dtype=np.float32)[
        :, None, None, None
    ]  # fmt: skip
    scales = basis.measure(0, flat, True)
    overall = np.sqrt((flat.astype(float) ** 2).mean())
    assert scales.min() == pytest.approx(1e-3 * overall)
    assert np.sqrt((scales**2).mean()) == pytest.approx(overall, rel=1e-4)


def test_the_largest_entry_of_a_component_is_positive() -> None:
    """So that a component of one machine is not minus that of another, under the same weights."""
    basis, _ = measured("patch_pca")
    matrix = basis.matrix[0].numpy()
    assert (matrix[np.abs(matrix).argmax(0), np.arange(48)] > 0).all()


def test_all_modes_of_a_patch_may_be_kept() -> None:
    basis = PatchPCA(SHAPE, 1, patch=4, keep=48)
    basis.measure(0, images(), True)
    modes = basis.modes(torch.tensor(images(6))[None])
    assert torch.equal(basis.unseen(basis.seen(modes)), modes)


def test_thirty_two_modes_hold_as_much_of_scenes_as_the_module_says() -> None:
    scenes = load("scenes", count=600).train
    variance = PatchPCA(scenes.shape, 1).measure(0, scenes.pixels, True)[:, 0, 0] ** 2
    assert len(variance) == 192
    assert round(variance[:32].sum() / variance.sum(), 3) == 0.998


def test_copies_keep_to_their_own_images() -> None:
    basis, _ = measured("patch_pca")
    assert not torch.allclose(basis.matrix[0], basis.matrix[1], atol=1e-3)
    assert not torch.allclose(basis.centre[0], basis.centre[1], atol=1e-3)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"patch": 3}, "divides both"),
        ({"patch": 0}, "divides both"),
        ({"patch": 16}, "divides both"),  # of 8 x 16 pixels it divides the width alone
        ({"patch": 4, "keep": 49}, "keep fewer"),
        ({"keep": 0}, "one"),
    ],
)
def test_patches_that_do_not_fit_are_refused(params: dict[str, int], message: str) -> None:
    with pytest.raises(Problem, match=message):
        PatchPCA(SHAPE, 1, **params)
