"""Networks of torch-fidelity: how they are asked, with which files, and what is said without."""

import dataclasses
import hashlib
import sys
import types
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch

from harness.data import download as fetching
from harness.data.images import from_levels
from harness.metrics import pretrained
from harness.problem import Problem
from harness.streams import numpy_generator

ROWS = ("INCEPTION", "DINOV2", "CLIP")
X = numpy_generator("test", 0, "pretrained").uniform(-1, 1, (3, 3, 8, 8)).astype(np.float32)


@pytest.mark.parametrize(
    ("attribute", "asked"),
    [
        ("INCEPTION", ("inception-v3-compat", ("2048", "logits_unbiased"))),
        ("DINOV2", ("dinov2-vit-l-14", ("dinov2",))),
        ("CLIP", ("clip-vit-b-32", ("clip",))),
    ],
)
def test_what_is_asked_of_torch_fidelity(
    attribute: str, asked: tuple, torch_fidelity: types.ModuleType, tmp_path: Path, capsys
) -> None:
    row = getattr(pretrained, attribute)
    found = row.fit(X)(X)
    ((name, features, given),) = torch_fidelity.calls
    assert (name, features) == asked
    path = str(tmp_path / "cache" / "patina" / row.weights.file) if row.weights else None
    assert given.get("feature_extractor_weights_path") == path
    assert (found.logits is not None) == (attribute == "INCEPTION")
    assert found.spatial is None
    assert capsys.readouterr().out == ""  # the library's own words go to stderr


def test_the_published_files_are_those_of_the_real_networks() -> None:
    for row in (pretrained.INCEPTION, pretrained.CLIP):
        assert len(bytes.fromhex(row.weights.sha256)) == 32
        assert row.weights.sha256[:8] in row.weights.file  # the hash is part of the name
        assert row.weights.sha256[:8] in row.weights.url


def test_a_network_sees_the_levels_of_a_file(torch_fidelity: types.ModuleType) -> None:
    """All 256 levels come back; between two the nearer one, outside the last; grey in all three."""
    levels = np.arange(256, dtype=np.uint8).reshape(1, 1, 16, 16)
    extractor = pretrained.CLIP.fit(from_levels(levels))
    extractor(from_levels(levels))
    assert torch.equal(extractor.network.seen[-1], torch.tensor(levels).expand(1, 3, 16, 16))
    x = np.array([-1.5, -1, 0.49 / 127.5 - 1, 0.51 / 127.5 - 1, 1.0, 1.2], np.float32)
    extractor(np.broadcast_to(x[:, None, None, None], (6, 3, 2, 2)))
    assert extractor.network.seen[-1][:, 0, 0, 0].tolist() == [0, 0, 0, 1, 255, 255]


def test_rows_and_logits_are_the_first_and_the_second_output(
    torch_fidelity: types.ModuleType,
) -> None:
    extractor = pretrained.INCEPTION.fit(X)
    with torch.no_grad():
        rows, logits = extractor.network(torch.zeros(1, 3, 8, 8, dtype=torch.uint8))
    found = extractor(np.full((1, 3, 8, 8), -1, np.float32))
    assert np.allclose(found.rows, rows, atol=1e-6)
    assert np.allclose(found.logits, logits, atol=1e-6)


@pytest.mark.parametrize("attribute", ROWS)
def test_without_the_extra_the_command_is_said(
    attribute: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    with pytest.raises(Problem, match=r"python -m pip install 'torch-fidelity>=0\.4'"):
        getattr(pretrained, attribute).fit(X)


def test_another_file_of_weights_is_never_opened(
    torch_fidelity: types.ModuleType, tmp_path: Path
) -> None:
    """Given, or in a cache: the library would run what stands in it."""
    other = tmp_path / "other.pth"
    with pytest.raises(Problem, match=r"other\.pth; got no such file; fetch it: https://"):
        pretrained.INCEPTION.fit(X, other)
    other.write_bytes(b"the weights of another")
    sha = hashlib.sha256(b"the weights of another").hexdigest()
    with pytest.raises(Problem, match=f"22 bytes with {sha}.*fetch https://.* again"):
        pretrained.INCEPTION.fit(X, other)
    cached = tmp_path / "cache" / "patina" / pretrained.CLIP.weights.file
    cached.write_bytes(cached.read_bytes()[:-1])
    with pytest.raises(Problem, match="truncated or another file"):
        pretrained.CLIP.fit(X)
    assert torch_fidelity.calls == []


def test_the_file_of_torchs_own_cache_is_taken(
    torch_fidelity: types.ModuleType, tmp_path: Path
) -> None:
    file = pretrained.INCEPTION.weights.file
    place = tmp_path / "torch" / "hub" / "checkpoints" / file
    place.parent.mkdir(parents=True)
    (tmp_path / "cache" / "patina" / file).rename(place)
    pretrained.INCEPTION.fit(X)
    assert torch_fidelity.calls[0][2]["feature_extractor_weights_path"] == str(place)


def test_what_is_fetched_is_checked_and_kept(
    torch_fidelity: types.ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = pretrained.INCEPTION.weights
    place = tmp_path / "cache" / "patina" / weights.file
    served = tmp_path / "served"
    place.rename(served)
    monkeypatch.setattr(fetching, "urlopen", lambda url, timeout: served.open("rb"))
    pretrained.INCEPTION.fit(X)
    assert place.read_bytes() == served.read_bytes()

    def offline(url: str, timeout: float) -> None:
        raise URLError("no route")

    place.unlink()
    monkeypatch.setattr(fetching, "urlopen", offline)
    with pytest.raises(Problem, match=r"no route.*fetch the file by hand") as caught:
        pretrained.INCEPTION.fit(X)
    assert weights.url in str(caught.value)
    assert str(place) in str(caught.value)


def test_what_torch_hub_cannot_fetch_is_said(
    torch_fidelity: types.ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def offline(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no internet connection")

    monkeypatch.setattr(torch_fidelity, "create_feature_extractor", offline)
    with pytest.raises(Problem, match=r"dinov2-vit-l-14.*no internet connection.*connect once"):
        pretrained.DINOV2.fit(X)
    with pytest.raises(Problem, match="leave them out"):
        pretrained.DINOV2.fit(X, tmp_path / "weights.pth")


def test_a_state_knows_its_network_again(torch_fidelity: types.ModuleType) -> None:
    extractor = pretrained.DINOV2.fit(X)
    state = extractor.state()
    assert sum(array.nbytes for array in state.values()) == 32
    assert pretrained.DINOV2.restore(state).hash == extractor.hash
    with torch.no_grad():
        extractor.network.layers[0][0, 0] += 1
    changed = dataclasses.replace(extractor)
    assert changed.hash != extractor.hash
    for other in (changed.state(), {}, {"hash": np.zeros(3, np.uint8)}):
        with pytest.raises(Problem, match="one version of its weights"):
            pretrained.DINOV2.restore(other)
    assert pretrained.CLIP.fit(X).hash != extractor.hash
