"""Known damages do what they say, and are paired."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from harness.cell import part
from harness.corrupt import CORRUPTIONS
from harness.data.load import load
from harness.metrics import damage as stage
from harness.metrics.damage import Damage, damage
from harness.metrics.sensitivity import KINDS
from harness.problem import Problem

DIGITS = part("digits")
PHOTOS = part("photos", side=8, channels=1)


def stacked(tmp_path: Path, kind: str, severity: float = 0.0, data=DIGITS, count: int = 300):
    """What two replicates leave."""
    damage(Damage(data, kind, severity, count), 2, {}, tmp_path, "cpu", lambda share: None)
    return load_file(tmp_path / "samples.safetensors")


def made(tmp_path: Path, kind: str, severity: float = 0.0, data=DIGITS, count: int = 300):
    """samples, truth and groups of replicate 0, the first also of replicate 1."""
    found = stacked(tmp_path, kind, severity, data, count)
    assert len(found["samples"]) == 2
    assert not np.array_equal(found["samples"][0], found["samples"][1])
    return found["samples"][0], found["truth"][0], found["truth_groups"][0]


def flat(x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), -1)


def groups_of(samples: np.ndarray) -> np.ndarray:
    """The labels of undamaged digits, looked up by their pixels."""
    train = load("digits").train
    known = {x.tobytes(): g for x, g in zip(train.pixels, train.groups)}
    return np.array([known[x.tobytes()] for x in samples])


OTHERS = [kind for kind in KINDS if kind not in ("dropped", "imbalance", "relabelled")]


@pytest.mark.parametrize("kind", OTHERS)
def test_halves_are_the_same_for_every_damage(kind, tmp_path) -> None:
    clean, truth, groups = made(tmp_path, "none")
    assert len(clean) == len(truth) == len(groups) == 300
    assert not {x.tobytes() for x in clean} & {x.tobytes() for x in truth}
    severity = {"jpeg": 25, "noise": 0.1}.get(kind, 0.5)
    samples, again, _ = made(tmp_path, kind, severity)
    assert np.array_equal(truth, again)
    assert samples.shape == clean.shape
    assert samples.dtype == np.float32
    assert not np.array_equal(samples, clean)


def test_noise_and_colour_have_their_stated_size(tmp_path) -> None:
    clean, _, _ = made(tmp_path, "none")
    noise = made(tmp_path, "noise", 0.2)[0] - clean
    assert abs(noise.std() - 0.2) < 4 * 0.2 / np.sqrt(2 * noise.size)
    shifted = made(tmp_path, "colour", 0.3)[0]
    assert np.allclose(shifted, np.clip(clean + np.float32(0.3), -1, 1))


@pytest.mark.parametrize("severity", [0.5, 0.9])
def test_repeats_and_copies_have_their_stated_share(severity, tmp_path) -> None:
    clean, truth, _ = made(tmp_path, "none")
    repeated = made(tmp_path, "duplicates", severity)[0]
    assert len(np.unique(flat(repeated), axis=0)) == round(300 * (1 - severity))
    copied = made(tmp_path, "copies", severity)[0]
    known = {x.tobytes() for x in truth}
    assert sum(x.tobytes() in known for x in copied) == round(300 * severity)
    assert np.array_equal(copied[round(300 * severity) :], clean[round(300 * severity) :])


def test_dropped_groups_are_gone_nested_and_their_place_is_filled(tmp_path) -> None:
    gone = []
    for drop in (1, 2, 3):
        samples = made(tmp_path, "dropped", drop)[0]
        assert len(samples) == 300
        assert len(np.unique(flat(samples), axis=0)) > 295
        gone.append(set(range(10)) - set(groups_of(samples)))
        assert len(gone[-1]) == drop
    assert gone[0] < gone[1] < gone[2]
    with pytest.raises(Problem, match="a half without 9 of 10 groups"):
        made(tmp_path, "dropped", 9)


def test_photographs_are_dropped_where_there_are_no_classes(tmp_path) -> None:
    train = load("photos", side=8, channels=1).train
    known = {x.tobytes(): s for x, s in zip(train.pixels, train.source)}
    samples = made(tmp_path, "dropped", 2, PHOTOS, 1000)[0]
    assert len({known[x.tobytes()] for x in samples}) == 5


@pytest.mark.parametrize("ratio", [1.5, 4.0])
def test_imbalance_favours_groups_by_up_to_its_ratio(ratio, tmp_path) -> None:
    samples = made(tmp_path, "imbalance", ratio, count=250)[0]
    counts = np.bincount(groups_of(samples), minlength=10)
    assert counts.sum() == 250
    assert counts.min() > 0
    assert len(np.unique(flat(samples), axis=0)) > 245
    # Classes of a half differ by some 15 % of 72 in size; a rounding of one image each.
    assert counts.max() / counts.min() == pytest.approx(ratio, rel=0.35)


def test_the_gaussian_field_has_the_moments_of_the_half(tmp_path) -> None:
    """Of the 2,579 patches of it, of which half as many are drawn: 4 standard errors."""
    clean, _, _ = made(tmp_path, "none", 0.0, PHOTOS, 1100)
    field = made(tmp_path, "gaussian", 1.0, PHOTOS, 1100)[0]
    a, b = flat(clean).astype(float), flat(field).astype(float)
    assert np.abs((a.mean(0) - b.mean(0)) / a.std(0)).max() < 4.5 * np.sqrt(2 / 1100)
    power = np.linalg.eigvalsh(np.cov(a.T)), np.linalg.eigvalsh(np.cov(b.T))
    assert abs(np.log(power[0][-1] / power[1][-1])) < 0.3
    contrast = [x - x.mean(1, keepdims=True) for x in (a, b)]
    kurtosis = [np.median(((x - x.mean(0)) ** 4).mean(0) / x.var(0) ** 2) for x in contrast]
    assert kurtosis[0] > 5
    assert abs(kurtosis[1] - 3) < 0.3


def test_regions_separate_places_of_the_photographs(tmp_path) -> None:
    train = load("photos", side=8, channels=1).train
    region = {x.tobytes(): r for x, r in zip(train.pixels, train.region)}
    samples, truth, _ = made(tmp_path, "regions", 0.0, PHOTOS, 900)
    shared = {region[x.tobytes()] for x in samples} & {region[x.tobytes()] for x in truth}
    assert len(shared) <= 1


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(Problem, match="choose from none, regions, noise"):
        Damage(DIGITS, "rust")
    for kind in KINDS:
        assert Damage(DIGITS, kind, 1.0, told=kind == "relabelled").entries()
    with pytest.raises(Problem, match=r"classes that go round.*told=True"):
        Damage(DIGITS, "relabelled", 0.5)


def test_replicates_have_noise_of_their_own(tmp_path) -> None:
    """No correlation of their noise, and of the strongest mode of their fields: 4.5 errors."""
    clean = stacked(tmp_path, "none")["samples"]
    noise = (stacked(tmp_path, "noise", 0.2)["samples"] - clean).reshape(2, -1)
    assert abs(np.corrcoef(noise)[0, 1]) < 4.5 / np.sqrt(noise.shape[1])
    fields = stacked(tmp_path, "gaussian", 1.0, PHOTOS, 1100)["samples"].reshape(2, 1100, -1)
    strongest = np.linalg.eigh(np.cov(fields[0].T))[1][:, -1]
    assert abs(np.corrcoef(fields @ strongest)[0, 1]) < 4.5 / np.sqrt(1100)


def off(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How far images lie off the affine span of others, ``[N]``."""
    centre = flat(others).astype(float).mean(0)
    _, size, rows = np.linalg.svd(flat(others) - centre, full_matrices=False)
    basis = rows[size > 1e-4 * size[0]]
    x = flat(images) - centre
    return np.linalg.norm(x - x @ basis.T @ basis, axis=1)


def test_the_gaussian_field_knows_of_its_own_half_alone(tmp_path, monkeypatch) -> None:
    """Of fewer images than pixels, a field lies in the affine span of those it is fitted on."""
    images = load("photos", side=8, channels=1)
    few = images.part(np.flatnonzero(~images.test)[:: (~images.test).sum() // 60][:60])
    monkeypatch.setattr(stage, "load", lambda name, **given: few)
    clean, truth, _ = made(tmp_path, "none", 0.0, PHOTOS)
    assert len(clean) == 13
    field = made(tmp_path, "gaussian", 1.0, PHOTOS)[0]
    known = {x.tobytes() for x in truth}
    rest = np.stack([x for x in few.train.pixels if x.tobytes() not in known])
    assert len(rest) == 47 < field[0].size
    assert off(field, rest).max() < 1e-4 < 1e-2 < off(truth, rest).max()
    assert off(field, clean).min() > 1e-2  # of the whole half, not of the samples alone


def test_jpeg_has_a_quality_of_100_less_the_severity(tmp_path) -> None:
    clean = made(tmp_path, "none", 0.0, PHOTOS)[0]
    errors = []
    for severity in (25, 75):
        got = made(tmp_path, "jpeg", severity, PHOTOS)[0]
        codec = CORRUPTIONS["jpeg"](quality=100 - severity)
        assert np.array_equal(got, codec(torch.tensor(clean), torch.Generator()).numpy())
        errors.append(np.square(got - clean).mean())
    assert errors[1] > 1.5 * errors[0]


def told(tmp_path: Path, kind: str, severity: float = 0.0, count: int = 300):
    """What two replicates leave where the samples come with their classes."""
    asked = Damage(DIGITS, kind, severity, count, told=True)
    damage(asked, 2, {}, tmp_path, "cpu", lambda share: None)
    found = load_file(tmp_path / "samples.safetensors")
    assert found["labels"].dtype == np.int64
    return found


@pytest.mark.parametrize(("kind", "severity"), [("none", 0.0), ("dropped", 2.0), ("imbalance", 3.0),
                                                ("duplicates", 0.7), ("copies", 0.4)])  # fmt: skip
def test_told_samples_come_with_the_class_that_they_show(kind, severity, tmp_path) -> None:
    """And with nothing else changed; a copy of the truth has the class of what it copies."""
    silent = stacked(tmp_path, kind, severity)
    assert set(silent) == {"samples", "truth", "truth_groups"}
    found = told(tmp_path, kind, severity)
    assert all(np.array_equal(found[name], silent[name]) for name in silent)
    for k in range(2):
        assert np.array_equal(found["labels"][k], groups_of(found["samples"][k]))


@pytest.mark.parametrize("kind", ["noise", "blur", "jpeg", "colour", "gaussian"])
def test_damaged_samples_keep_the_class_of_before(kind, tmp_path) -> None:
    before = told(tmp_path, "none")["labels"]
    severity = 50 if kind == "jpeg" else 0.5
    assert np.array_equal(told(tmp_path, kind, severity)["labels"], before)


def test_classes_go_round_among_a_share_of_the_samples_and_nothing_else_does(tmp_path) -> None:
    clean = told(tmp_path, "none")
    changed = []
    for severity in (0.1, 0.5, 1.0):
        found, count = told(tmp_path, "relabelled", severity), round(300 * severity)
        for name in ("samples", "truth", "truth_groups"):
            assert np.array_equal(found[name], clean[name])
        for k in range(2):
            old, new = clean["labels"][k], found["labels"][k]
            assert new[: count - 1].tolist() == old[1:count].tolist()
            assert new[count - 1] == old[0]
            assert np.array_equal(new[count:], old[count:])
            assert np.array_equal(np.bincount(new), np.bincount(old))
        changed.append((found["labels"] != clean["labels"]).mean())
    # Of ten equal classes, in random order, nine in ten of those that go round change.
    for share, severity in zip(changed, (0.1, 0.5, 1.0)):
        count = 600 * severity
        assert abs(share / severity - 0.9) < 4 * np.sqrt(0.09 / count) + 0.02
