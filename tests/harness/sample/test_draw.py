"""The stage ``sample``: who is asked for what, in which noise, under which caption.

A stub stands in for the trained stack: its estimate is the number of the caption's words, whatever
the noise, and zero under the null caption. A sampler ends in the last estimate, so a sample shows
the caption that it was drawn under, 1 + w times.
"""

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from torch import Tensor

from harness.cell import Upstream, part
from harness.data.load import load
from harness.data.words import Words
from harness.geneval.vocabulary import TASKS
from harness.problem import Problem
from harness.sample import draw as stage
from harness.sample.sampling import Sampling
from harness.scenes.captions import captions, prompt_of
from harness.scenes.suite import Suite
from harness.train.condition import Condition

WORDS = Words.of(captions())
SCENES = part("scenes", count=600)
SUITE = Suite(4)


class Stub:
    """Images [7, 1, 1] that are their caption; ``told=False`` takes none, and gives zeros."""

    def __init__(self, words: Words | None) -> None:
        self.words, self.shape = words, (7, 1, 1)
        self.seen: list[Tensor] = []

    def __call__(self, x: Tensor, sigma: Tensor, tokens: Tensor | None = None) -> Tensor:
        self.seen.append(x)
        assert (tokens is None) == (self.words is None)
        return torch.zeros_like(x) if tokens is None else tokens[..., None, None].to(x.dtype)


def drawn(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    sampling: Sampling,
    words: Words | None = WORDS,
    replicates: int = 2,
    dataset: Any = SCENES,
    **training: Any,
) -> tuple[np.ndarray, Stub]:
    """The samples [K, N, 7] that the stage leaves, and the stub that it asked."""
    stub = Stub(words)
    monkeypatch.setattr(stage, "restore", lambda path, device: stub)
    asked = SimpleNamespace(dataset=dataset, checkpoints=1, **training)
    shares: list[float] = []
    upstream = {"train": Upstream(asked, folder)}
    stage.draw(sampling, replicates, upstream, folder, "cpu", shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    arrays = load_file(folder / "samples.safetensors")
    samples = arrays["samples"]
    assert set(arrays) == ({"samples"} if words is None else {"samples", "labels"})
    assert samples.dtype == np.float32
    return samples.reshape(*samples.shape[:2], -1), stub


def sampling(count: int, **given: Any) -> Sampling:
    return Sampling(count, part("heun", steps=2), **given)


@pytest.mark.parametrize(("w", "batch"), [(0.0, 5), (1.5, 5), (-1.0, 24), (1.5, 500)])
def test_a_suite_is_drawn_in_its_order_at_its_guidance(
    w: float, batch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = sampling(SUITE.count, suite=SUITE, guidance=w, batch=batch)
    found, stub = drawn(tmp_path, monkeypatch, asked)
    expected = (1 + w) * WORDS.tokens([prompt.prompt for prompt in SUITE.prompts])
    assert found.shape == (2, SUITE.count, 7)
    assert np.allclose(found, expected, atol=1e-4)
    assert max(x.shape[1] for x in stub.seen) == asked.passes * min(batch, SUITE.count)


def test_without_a_suite_captions_follow_the_training_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tasks in equal shares, though one has 336 of the 399 captions; held-out images have none."""
    n = 3000
    found, _ = drawn(tmp_path, monkeypatch, sampling(n))
    text = {tuple(row): caption for row, caption in zip(WORDS.tokens(captions()), captions())}
    images = load("scenes", count=600)
    assert images.labels is not None
    own = {images.classes[label] for label in images.train.labels}  # type: ignore[union-attr]
    assert len(own) < len(captions())
    for rows in np.rint(found).astype(int):
        asked = [text[tuple(row)] for row in rows]
        assert set(asked) <= own
        counts = Counter(prompt_of(caption).tag for caption in asked)
        for task in TASKS:
            assert abs(counts[task] / n - 1 / 6) < 4 * np.sqrt(1 / 6 * 5 / 6 / n)
    assert not np.array_equal(found[0], found[1])


def test_captions_and_noise_are_of_the_replicate_and_the_copy_and_not_of_the_arm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of(**given: Any) -> tuple[np.ndarray, Tensor]:
        copy = given.pop("copy", 0)
        samples, stub = drawn(tmp_path, monkeypatch, sampling(40, copy=copy), **given)
        return samples, stub.seen[0]

    samples, noise = of(pool="clean", condition=Condition())
    other, same = of(pool="oracle", condition=Condition(dropout=0.5), objective="ambient")
    assert np.array_equal(samples, other)
    assert torch.equal(noise, same)
    alone, first = of(replicates=1)
    assert np.array_equal(samples[:1], alone)
    assert torch.equal(noise[:1], first)
    assert not torch.allclose(noise[0], noise[1])
    copied, fresh = of(copy=1)
    assert not np.array_equal(samples, copied)
    assert not torch.allclose(noise, fresh)
    assert torch.equal(of(words=None)[1], noise)  # a denoiser that is told nothing, too
    assert abs(float(noise.std()) / 80 - 1) < 4 / np.sqrt(2 * noise.numel())


@pytest.mark.parametrize(
    "given", [{"guidance": 1.0}, {"suite": SUITE}, {"suite": SUITE, "guidance": 1.0}]
)
def test_a_denoiser_that_is_told_nothing_has_no_captions_and_no_guidance(
    given: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Problem, match="train it with a condition"):
        drawn(tmp_path, monkeypatch, sampling(SUITE.count, **given), words=None)


def test_a_suite_of_other_words_than_the_training_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Problem, match="the known words are"):
        drawn(tmp_path, monkeypatch, sampling(24, suite=SUITE), words=Words.of(["a circle"]))


def test_a_call_with_guidance_passes_twice() -> None:
    assert [sampling(1, guidance=w).passes for w in (0.0, 0.5, -1.0)] == [1, 2, 2]


@pytest.mark.parametrize("count", [SUITE.count - 1, SUITE.count + 1])
def test_a_suite_is_drawn_whole_and_once(count: int) -> None:
    with pytest.raises(Problem, match="as many as the suite has"):
        sampling(count, suite=SUITE)


def labels(folder: Path, shape: tuple[int, int]) -> np.ndarray:
    found = load_file(folder / "samples.safetensors")["labels"]
    assert found.dtype == np.int64
    assert found.shape == shape
    return found


def test_beside_each_sample_stands_the_class_that_it_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stub draws the words of the caption: they are those of the class, in every batch."""
    found, _ = drawn(tmp_path, monkeypatch, sampling(23, batch=5))
    asked = labels(tmp_path, (2, 23))
    assert np.array_equal(np.rint(found), WORDS.tokens(load("scenes", count=600).classes)[asked])
    assert not np.array_equal(asked[0], asked[1])
    drawn(tmp_path, monkeypatch, sampling(23, batch=5, guidance=1.0), dataset=SCENES)
    assert np.array_equal(labels(tmp_path, (2, 23)), asked)
    drawn(tmp_path, monkeypatch, sampling(23, copy=1))
    assert not np.array_equal(labels(tmp_path, (2, 23)), asked)


def test_the_classes_of_a_suite_are_those_that_its_captions_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn(tmp_path, monkeypatch, sampling(SUITE.count, suite=SUITE))
    names = load("scenes", count=600).classes
    for row in labels(tmp_path, (2, SUITE.count)):
        assert [names[k] for k in row] == [prompt.prompt for prompt in SUITE.prompts]


def test_a_caption_that_names_no_class_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "_classes", lambda dataset: tuple(reversed(captions()[:200])))
    drawn(tmp_path, monkeypatch, sampling(SUITE.count, suite=SUITE))
    found = labels(tmp_path, (2, SUITE.count))[0]
    for k, prompt in zip(found, SUITE.prompts):
        place = captions().index(prompt.prompt)
        assert k == (199 - place if place < 200 else -1)
    assert -1 in found


@pytest.mark.parametrize("dataset", [SCENES, part("digits")], ids=str)
def test_the_names_of_classes_are_those_of_the_dataset(dataset: Any) -> None:
    assert stage._classes(dataset) == load(dataset.name, **dataset.kwargs()).classes


@pytest.mark.parametrize("w", [-1.5, float("nan"), float("inf")])
def test_guidance_below_the_unconditional_denoiser_is_refused(w: float) -> None:
    with pytest.raises(Problem, match="no number from -1 on"):
        sampling(4, guidance=w)
