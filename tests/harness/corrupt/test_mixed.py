import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.fft import dctn

from harness.cell import Cell, Stage, canonical, part, plain
from harness.corrupt import CORRUPTIONS
from harness.corrupt.mixed import Mixed
from harness.problem import Problem
from harness.streams import torch_generator
from harness.train.training import Training

BLUR = part("gaussian_blur", sigma=0.8)
JPEG = part("jpeg", quality=15)
NOISE = part("gaussian_noise", sigma=0.2)
PIXELS = part("pixelate", factor=2)
DARK, BRIGHT = (part("colour_shift", red=a, green=a, blue=a) for a in (-0.25, 0.25))


def stream(name: str = "mixed") -> torch.Generator:
    return torch_generator("test", 0, name)


def images(n: int, channels: int = 1) -> torch.Tensor:
    return torch.rand(n, channels, 8, 8, generator=stream("images")) - 0.5


@pytest.mark.parametrize("channels", [1, 3])
def test_an_image_is_exactly_what_one_of_the_corruptions_makes_of_it(channels) -> None:
    x = images(300, channels)
    of = (BLUR, JPEG, PIXELS)
    y = Mixed(of)(x, stream())
    made = [CORRUPTIONS[each.name](**each.kwargs()) for each in of]
    exact = torch.stack(
        [(corruption(x, stream()) - y).abs().amax((1, 2, 3)) for corruption in made]
    )
    assert float(exact.amin(0).max()) <= 2**-24  # sums of another batch, rounded once
    assert bool((exact <= 2**-24).sum(0).eq(1).all())  # and of one alone


def test_the_images_of_one_that_draws_are_drawn_after_those_before_it() -> None:
    x = images(200)
    y = Mixed((NOISE, PIXELS, part("random_mask", share=0.5)))(x, stream())
    generator = stream()
    choice = torch.randint(3, (200,), generator=generator)
    noisy = CORRUPTIONS["gaussian_noise"](sigma=0.2)(x[choice == 0], generator)
    pixels = CORRUPTIONS["pixelate"](factor=2)(x[choice == 1], generator)
    masked = CORRUPTIONS["random_mask"](share=0.5)(x[choice == 2], generator)
    for k, expected in enumerate((noisy, pixels, masked)):
        assert torch.equal(y[choice == k], expected)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(extra=st.integers(0, 4))
def test_each_is_drawn_as_often_as_it_is_named(extra) -> None:
    """m of them, one named 1 + extra times: its share is (1 + extra) / m within 4 errors."""
    n = 5000
    of = (DARK, part("contrast", factor=0.5), *[BRIGHT] * (1 + extra))
    y = Mixed(of)(torch.zeros(n, 1, 1, 1), stream())[:, 0, 0, 0]
    share = (1 + extra) / len(of)
    assert abs(float((y == 0.25).double().mean()) - share) < 4 * np.sqrt(share * (1 - share) / n)
    share = 1 / len(of)
    for value in (-0.25, 0):
        found = float((y == value).double().mean())
        assert abs(found - share) < 4 * np.sqrt(share * (1 - share) / n)


def test_the_choice_is_independent_over_images() -> None:
    n = 20_000
    y = Mixed((DARK, BRIGHT))(torch.zeros(n, 1, 1, 1), stream())[:, 0, 0, 0].numpy()
    assert abs(np.corrcoef(y[1:], y[:-1])[0, 1]) < 4 / np.sqrt(n)


def test_spectrum_is_the_mean_of_the_parts_and_what_is_measured() -> None:
    flat = part("contrast", factor=0.5)
    mixture = Mixed((BLUR, NOISE, flat))
    stated = mixture.spectrum(8, 8)
    assert stated is not None
    blur = CORRUPTIONS["gaussian_blur"](sigma=0.8).spectrum(8, 8)[0]
    halved = np.where(np.arange(64).reshape(8, 8) == 0, 1, 0.25)
    assert np.abs(stated[0] - (blur + 1 + halved) / 3).max() < 1e-15
    assert np.abs(stated[1] - 0.04 / 3).max() < 1e-15
    n, x = 6000, images(1)
    y = mixture(x.repeat(n, 1, 1, 1), stream())[:, 0].double().numpy()
    power = dctn(y, norm="ortho", axes=(1, 2)) ** 2
    before = dctn(x[0, 0].double().numpy(), norm="ortho") ** 2
    error = np.abs(power.mean(0) - stated[0] * before - stated[1])
    assert np.all(error < 4 * power.std(0, ddof=1) / np.sqrt(n) + 1e-9)


def test_there_is_no_spectrum_where_one_part_has_none() -> None:
    assert Mixed((BLUR, JPEG)).spectrum(8, 8) is None
    assert Mixed((JPEG, BLUR)).spectrum(8, 8) is None


def test_a_few_images_leave_some_parts_without_any() -> None:
    of = (JPEG, BLUR, PIXELS, NOISE)
    for n in (0, 1, 2):
        assert Mixed(of)(images(n), stream()).shape == (n, 1, 8, 8)


def test_a_cell_of_a_mixture_has_a_lasting_identity_prints_and_lists_its_rows() -> None:
    training = Training(
        dataset=part("photos"),
        pool="mixed",
        network=part("mlp"),
        objective=part("denoising"),
        images=1000,
        corruption=part("mixed", of=(BLUR, JPEG)),
        annotator=part("spectral"),
    )
    stage = Stage("train", training)
    cell = Cell((("arm", "gated"),), (stage,), 2)
    again = Cell((), (Stage("train", training),), 1)
    assert cell.cell_id == again.cell_id
    assert hash(stage) == hash(Stage("train", training))
    config = json.loads(canonical(cell.config()))[0]["corruption"]
    assert config == {
        "name": "mixed",
        "of": [{"name": "gaussian_blur", "sigma": 0.8}, {"name": "jpeg", "quality": 15}],
    }
    assert "jpeg" in str(training.corruption)
    rows = training.entries()
    assert {CORRUPTIONS.entry(name) for name in ("mixed", "gaussian_blur", "jpeg")} <= set(rows)


def test_it_is_made_again_from_the_plain_data_of_a_record() -> None:
    made = Mixed((BLUR, part("down_up", factor=2, kernel="bicubic")))
    read = json.loads(json.dumps(plain(made)))
    assert Mixed(**read) == made
    assert hash(Mixed(**read)) == hash(made)


def test_a_mixture_in_a_mixture_is_refused() -> None:
    with pytest.raises(Problem, match="name its parts in one mixture"):
        Mixed((BLUR, part("mixed", of=(BLUR, JPEG))))


@pytest.mark.parametrize("of", [(), (BLUR,), BLUR, "blur"])
def test_fewer_than_two_are_refused(of) -> None:
    with pytest.raises(Problem, match="name two or more"):
        Mixed(of)


def test_what_no_row_takes_is_refused_at_once() -> None:
    with pytest.raises(Problem, match="did you mean 'jpeg'"):
        Mixed((BLUR, part("jpg", quality=15)))
    with pytest.raises(Problem, match="quality of jpeg"):
        Mixed((BLUR, part("jpeg", quality=200)))
    with pytest.raises(Problem, match="mend its parameters"):
        Mixed((BLUR, part("jpeg", level=15)))
    with pytest.raises(Problem, match=r'part\("jpeg", quality=15\)'):
        Mixed((BLUR, 3))  # type: ignore[arg-type]
